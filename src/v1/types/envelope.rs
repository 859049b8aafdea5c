//! V1's envelopes: the name of the resource around it, and sentences.

use serde::{Deserialize, Serialize};

use super::{Booking, EventType, Schedule, User, Webhook};

/// Declares an envelope of one field.
macro_rules! envelopes {
    ($($(#[$doc:meta])* $name:ident { $field:ident: $type:ty })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub struct $name {
            pub $field: $type,
        }

        impl From<$type> for $name {
            fn from($field: $type) -> Self {
                Self { $field }
            }
        }
    )+};
}

envelopes! {
    /// `{"user": {..}}`.
    UserBody { user: User }
    /// `{"event_types": [..]}`.
    EventTypesBody { event_types: Vec<EventType> }
    /// `{"event_type": {..}}`.
    EventTypeBody { event_type: EventType }
    /// `{"schedules": [..]}`.
    SchedulesBody { schedules: Vec<Schedule> }
    /// `{"schedule": {..}}`.
    ScheduleBody { schedule: Schedule }
    /// `{"bookings": [..]}`.
    BookingsBody { bookings: Vec<Booking> }
    /// `{"booking": {..}}`.
    BookingBody { booking: Booking }
    /// `{"webhooks": [..]}`.
    WebhooksBody { webhooks: Vec<Webhook> }
    /// `{"webhook": {..}}`.
    WebhookBody { webhook: Webhook }
}

/// The answer to making something: its envelope, and a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created<T> {
    /// The envelope.
    #[serde(flatten)]
    pub body: T,
    /// `Event type created successfully`.
    pub message: String,
}

impl<T> Created<T> {
    pub(crate) fn new(what: &str, body: impl Into<T>) -> Self {
        Self { body: body.into(), message: format!("{what} created successfully") }
    }
}

/// The answer to deleting something: a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// `Event Type with id: 1 deleted successfully`.
    pub message: String,
}

impl Deleted {
    pub(crate) fn new(what: &str, id: &str) -> Self {
        Self { message: format!("{what} with id: {id} deleted successfully") }
    }
}

/// The answer to cancelling a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cancelled {
    /// Always true: failures are errors.
    pub success: bool,
    /// A sentence.
    pub message: String,
    /// Whether only one attendee of a seated booking was taken off.
    pub only_removed_attendee: bool,
    /// The number of the booking.
    pub booking_id: i64,
    /// Its uid.
    pub booking_uid: String,
}
