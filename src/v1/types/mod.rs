//! What V1 takes and answers: its names, its envelopes, its forms of values.
//!
//! Answers read and write V1's JSON through serde. Of what V1 always told and V2 does not, the field is `null` (or an empty
//! list) and a [`Loss`](super::Loss) says so. Requests are checked as V1 checked them when they come as JSON
//! ([`serve`](super::serve)); as structs they are built with their constructors.

mod availability;
mod booking;
mod booking_requests;
mod envelope;
mod event_type;
mod me;
mod schedule;
mod slots;
mod time;
mod webhook;

pub use availability::{Availability, AvailabilityQuery, Busy, Range, WorkingHours};
pub use booking::{Attendee, Booking, BookingEventType, BookingUser, CreatedBooking};
pub use booking_requests::{BookingsQuery, CancelBooking, CreateBooking, PatchBooking, Users};
pub use envelope::{
    BookingBody, BookingsBody, Cancelled, Created, Deleted, EventTypeBody, EventTypesBody, ScheduleBody, SchedulesBody,
    UserBody, WebhookBody, WebhooksBody,
};
pub use event_type::{
    CreateEventType, EventLocation, EventType, EventTypesQuery, Host, PatchEventType, RecurringEvent,
};
pub use me::User;
pub use schedule::{AvailabilityRow, CreateSchedule, PatchSchedule, Schedule};
pub use slots::{Slot, SlotsBody, SlotsQuery};
pub use time::{Time, TimeOfDay};
pub use webhook::{CreateWebhook, PatchWebhook, Webhook, WebhooksQuery};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that a request can leave out, take away with `null`, or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Left out: stays as it is.
    #[default]
    Keep,
    /// `null`.
    Clear,
    /// A value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether it is left out.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}
