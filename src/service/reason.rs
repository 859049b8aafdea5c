//! Why the service itself cancels bookings: what it writes into them, and how it recognizes that later.

use crate::model::{Booking, BookingUid};

/// Why rows are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// They are there beyond the appointment.
    Twice,
    /// They are part of a series that was not finished.
    Torn,
}

const TWICE: &str = "This booking was made twice by mistake.";
const TORN: &str = "This series could not be booked as a whole, so this part of it is withdrawn.";
const OTHER: (&str, &str) = (" The other one stands (", ").");

impl Why {
    /// What the attendee reads, and how a later look knows that it was not a person who called the row off. Of a double it
    /// names the booking that stands.
    pub(crate) fn reason(self, kept: Option<&BookingUid>) -> String {
        match (self, kept) {
            (Self::Twice, Some(kept)) => format!("{TWICE}{}{kept}{}", OTHER.0, OTHER.1),
            (Self::Twice, None) => format!("{TWICE} The other one stands."),
            (Self::Torn, _) => TORN.to_owned(),
        }
    }

    pub(crate) fn of(booking: &Booking) -> Option<Self> {
        let reason = booking.cancellation_reason.as_deref()?;
        if reason.starts_with(TWICE) { Some(Self::Twice) } else { (reason == TORN).then_some(Self::Torn) }
    }

    pub(crate) fn is_ours(booking: &Booking) -> bool {
        Self::of(booking).is_some()
    }

    /// The booking that stands in the place of this one, which was cancelled as a double.
    pub(crate) fn other_of(booking: &Booking) -> Option<BookingUid> {
        let named = booking.cancellation_reason.as_deref()?.strip_prefix(TWICE)?.strip_prefix(OTHER.0)?;
        Some(BookingUid::from(named.strip_suffix(OTHER.1)?))
    }
}
