//! What can really happen in the service: the changes of its state, as others can see them.

use std::fmt;

use jiff::Timestamp;

/// A change of the state, with the request that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Happened {
    /// By the fake's clock: the moment from which others could see it.
    pub at: Timestamp,
    /// The number of the request in the log.
    pub request: Option<u64>,
    /// What changed.
    pub change: Change,
}

/// What can change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A booking was made: one row, which for a series means one occurrence.
    Booked {
        /// Its uid.
        uid: String,
        /// The series it belongs to.
        recurring_uid: Option<String>,
        /// The seat taken, of a seated booking.
        seat_uid: Option<String>,
    },
    /// A booking was replaced by another at a new time.
    Rescheduled {
        /// The uid before.
        from: String,
        /// The uid now.
        to: String,
    },
    /// A booking was cancelled.
    Cancelled {
        /// Its uid.
        uid: String,
    },
    /// One seat of a booking was given back.
    SeatCancelled {
        /// The booking's uid.
        uid: String,
        /// The seat.
        seat_uid: String,
    },
    /// A pending booking was confirmed.
    Confirmed {
        /// Its uid.
        uid: String,
    },
    /// A pending booking was declined.
    Declined {
        /// Its uid.
        uid: String,
    },
    /// Something else about a booking changed: guests, location, absence.
    Changed {
        /// Its uid.
        uid: String,
    },
    /// Something that is no booking was made.
    Made {
        /// What.
        what: Thing,
        /// Its id.
        id: String,
    },
    /// Something that is no booking was changed.
    Altered {
        /// What.
        what: Thing,
        /// Its id.
        id: String,
    },
    /// Something that is no booking was removed.
    Removed {
        /// What.
        what: Thing,
        /// Its id.
        id: String,
    },
}

impl Change {
    pub(crate) fn made(what: Thing, id: impl ToString) -> Self {
        Self::Made { what, id: id.to_string() }
    }

    pub(crate) fn altered(what: Thing, id: impl ToString) -> Self {
        Self::Altered { what, id: id.to_string() }
    }

    pub(crate) fn removed(what: Thing, id: impl ToString) -> Self {
        Self::Removed { what, id: id.to_string() }
    }

    /// Whether it is about a booking.
    pub fn is_of_booking(&self) -> bool {
        !matches!(self, Self::Made { .. } | Self::Altered { .. } | Self::Removed { .. })
    }
}

/// What the service keeps beside bookings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Thing {
    /// A key, known by its user.
    ApiKey,
    /// An event type.
    EventType,
    /// A private link of an event type.
    PrivateLink,
    /// A slot held for somebody.
    Reservation,
    /// A schedule.
    Schedule,
    /// A user.
    User,
    /// A webhook.
    Webhook,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey => "API key of user",
            Self::EventType => "event type",
            Self::PrivateLink => "private link",
            Self::Reservation => "reservation",
            Self::Schedule => "schedule",
            Self::User => "user",
            Self::Webhook => "webhook",
        })
    }
}

/// Such as `booked 5ZxNZPWGMWnpLFTBPh1wXm`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Booked { uid, seat_uid: Some(seat), .. } => write!(f, "booked seat {seat} in {uid}"),
            Self::Booked { uid, recurring_uid: Some(series), .. } => write!(f, "booked {uid} of series {series}"),
            Self::Booked { uid, .. } => write!(f, "booked {uid}"),
            Self::Rescheduled { from, to } => write!(f, "moved {from} to {to}"),
            Self::Cancelled { uid } => write!(f, "cancelled {uid}"),
            Self::SeatCancelled { uid, seat_uid } => write!(f, "cancelled seat {seat_uid} in {uid}"),
            Self::Confirmed { uid } => write!(f, "confirmed {uid}"),
            Self::Declined { uid } => write!(f, "declined {uid}"),
            Self::Changed { uid } => write!(f, "changed {uid}"),
            Self::Made { what, id } => write!(f, "made {what} {id}"),
            Self::Altered { what, id } => write!(f, "changed {what} {id}"),
            Self::Removed { what, id } => write!(f, "removed {what} {id}"),
        }
    }
}
