//! The changes of the fake's state, each from the time when other requests can see it.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// A change of the state, with the request that caused it.
///
/// [`Ledger`](crate::Ledger) has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeRecord {
    /// The time by the fake's clock from which the change was visible to other requests.
    pub at: Timestamp,
    /// The number of the request in the log.
    pub request: Option<u64>,
    /// The change.
    pub change: Change,
}

/// A change of a booking or of another resource.
///
/// [`Ledger`](crate::Ledger) has an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Change {
    /// A booking was made. For a series, each occurrence is a change of its own.
    Booked {
        /// The uid of the booking.
        uid: String,
        /// The uid of its series.
        recurring_uid: Option<String>,
        /// The uid of the seat, if the event type has seats.
        seat_uid: Option<String>,
    },
    /// A booking was replaced by another at a new time.
    Rescheduled {
        /// The uid of the replaced booking.
        from: String,
        /// The uid of the new booking.
        to: String,
    },
    /// A booking was cancelled.
    Cancelled {
        /// The uid of the booking.
        uid: String,
    },
    /// One seat of a booking was cancelled.
    SeatCancelled {
        /// The uid of the booking.
        uid: String,
        /// The uid of the seat.
        seat_uid: String,
    },
    /// A pending booking was confirmed.
    Confirmed {
        /// The uid of the booking.
        uid: String,
    },
    /// A pending booking was declined.
    Declined {
        /// The uid of the booking.
        uid: String,
    },
    /// Another property of a booking was updated: guests, location, absence.
    BookingUpdated {
        /// The uid of the booking.
        uid: String,
    },
    /// A resource other than a booking was created.
    Created {
        /// The kind of resource.
        resource: ResourceKind,
        /// The id of the resource.
        id: String,
    },
    /// A resource other than a booking was updated.
    Updated {
        /// The kind of resource.
        resource: ResourceKind,
        /// The id of the resource.
        id: String,
    },
    /// A resource other than a booking was deleted.
    Deleted {
        /// The kind of resource.
        resource: ResourceKind,
        /// The id of the resource.
        id: String,
    },
}

impl Change {
    pub(crate) fn created(resource: ResourceKind, id: impl ToString) -> Self {
        Self::Created { resource, id: id.to_string() }
    }

    pub(crate) fn updated(resource: ResourceKind, id: impl ToString) -> Self {
        Self::Updated { resource, id: id.to_string() }
    }

    pub(crate) fn deleted(resource: ResourceKind, id: impl ToString) -> Self {
        Self::Deleted { resource, id: id.to_string() }
    }

    /// Whether the change is about a booking.
    pub fn is_booking_change(&self) -> bool {
        !matches!(self, Self::Created { .. } | Self::Updated { .. } | Self::Deleted { .. })
    }
}

/// A kind of resource other than bookings.
///
/// [`Ledger`](crate::Ledger) has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ResourceKind {
    /// An API key; its id is that of its user.
    ApiKey,
    /// An event type.
    EventType,
    /// A private link of an event type.
    PrivateLink,
    /// A reservation of a slot.
    Reservation,
    /// A schedule.
    Schedule,
    /// A user.
    User,
    /// A webhook.
    Webhook,
}

impl fmt::Display for ResourceKind {
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

/// Writes the change, such as `booked 5ZxNZPWGMWnpLFTBPh1wXm`.
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
            Self::BookingUpdated { uid } => write!(f, "changed {uid}"),
            Self::Created { resource, id } => write!(f, "made {resource} {id}"),
            Self::Updated { resource, id } => write!(f, "changed {resource} {id}"),
            Self::Deleted { resource, id } => write!(f, "removed {resource} {id}"),
        }
    }
}
