//! CancelReason the service itself cancels bookings: what it writes into them, and how it recognizes that later.

use crate::model::{Booking, BookingUid};

/// CancelReason rows are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CancelReason {
    /// They are there beyond the appointment.
    Duplicate,
    /// They are part of a series that was not finished.
    PartialSeries,
}

const DUPLICATE_TEXT: &str = "This booking was made twice by mistake.";
const PARTIAL_SERIES_TEXT: &str = "This series could not be booked as a whole, so this part of it is withdrawn.";
const KEPT_BOOKING_TEXT: (&str, &str) = (" The other one stands (", ").");

impl CancelReason {
    /// What the attendee reads, and how a later look knows that it was not a person who called the row off. Of a double it
    /// names the booking that stands.
    pub(crate) fn text(self, kept: Option<&BookingUid>) -> String {
        match (self, kept) {
            (Self::Duplicate, Some(kept)) => {
                format!("{DUPLICATE_TEXT}{}{kept}{}", KEPT_BOOKING_TEXT.0, KEPT_BOOKING_TEXT.1)
            }
            (Self::Duplicate, None) => format!("{DUPLICATE_TEXT} The other one stands."),
            (Self::PartialSeries, _) => PARTIAL_SERIES_TEXT.to_owned(),
        }
    }

    pub(crate) fn of_booking(booking: &Booking) -> Option<Self> {
        let reason = booking.cancellation_reason.as_deref()?;
        if reason.starts_with(DUPLICATE_TEXT) {
            Some(Self::Duplicate)
        } else {
            (reason == PARTIAL_SERIES_TEXT).then_some(Self::PartialSeries)
        }
    }

    pub(crate) fn is_ours(booking: &Booking) -> bool {
        Self::of_booking(booking).is_some()
    }

    /// The booking that stands in the place of this one, which was cancelled as a double.
    pub(crate) fn kept_uid(booking: &Booking) -> Option<BookingUid> {
        let named =
            booking.cancellation_reason.as_deref()?.strip_prefix(DUPLICATE_TEXT)?.strip_prefix(KEPT_BOOKING_TEXT.0)?;
        Some(BookingUid::from(named.strip_suffix(KEPT_BOOKING_TEXT.1)?))
    }
}
