//! The reasons for which the crate itself cancels bookings: their texts, and how a later lookup recognizes them.

use crate::model::{Booking, BookingUid};

/// Why rows are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CancelReason {
    /// They duplicate the appointment.
    Duplicate,
    /// They are part of a series that was not completed.
    PartialSeries,
}

const DUPLICATE_TEXT: &str = "This booking was made twice by mistake.";
const PARTIAL_SERIES_TEXT: &str = "This series could not be booked as a whole, so this part of it is withdrawn.";
const KEPT_BOOKING_TEXT: (&str, &str) = (" The other one stands (", ").");

impl CancelReason {
    /// The text that the attendee reads. A later lookup recognizes by it that no person cancelled the row. For a
    /// duplicate it names the booking that is kept.
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

    /// The booking that is kept in place of this one, which was cancelled as a duplicate.
    pub(crate) fn kept_uid(booking: &Booking) -> Option<BookingUid> {
        let named =
            booking.cancellation_reason.as_deref()?.strip_prefix(DUPLICATE_TEXT)?.strip_prefix(KEPT_BOOKING_TEXT.0)?;
        Some(BookingUid::from(named.strip_suffix(KEPT_BOOKING_TEXT.1)?))
    }
}
