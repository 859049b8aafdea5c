//! V1's envelopes: objects with the name of the resource as key, and messages.

use serde::{Deserialize, Serialize};

use super::{Booking, EventType, Membership, Schedule, Team, User, Webhook};
use crate::redact::debug_shows;

/// Declares envelopes with one field.
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
    /// `{"memberships": [..]}`.
    MembershipsBody { memberships: Vec<Membership> }
    /// `{"membership": {..}}`.
    MembershipBody { membership: Membership }
    /// `{"teams": [..]}`.
    TeamsBody { teams: Vec<Team> }
    /// `{"team": {..}}`.
    TeamBody { team: Team }
    /// `{"bookings": [..]}`.
    BookingsBody { bookings: Vec<Booking> }
    /// `{"booking": {..}}`.
    BookingBody { booking: Booking }
    /// `{"webhooks": [..]}`.
    WebhooksBody { webhooks: Vec<Webhook> }
    /// `{"webhook": {..}}`.
    WebhookBody { webhook: Webhook }
}

/// The response to the creation of a resource: its envelope and a message.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreationBody<T> {
    /// The envelope of the resource.
    #[serde(flatten)]
    pub body: T,
    /// `Event type created successfully`.
    pub message: String,
}

impl<T> CreationBody<T> {
    pub(crate) fn new(resource: &str, body: impl Into<T>) -> Self {
        Self { body: body.into(), message: format!("{resource} created successfully") }
    }
}

/// The response to the deletion of a resource: a message.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionBody {
    /// `Event Type with id: 1 deleted successfully`.
    pub message: String,
}

impl DeletionBody {
    pub(crate) fn new(resource: &str, id: &str) -> Self {
        Self { message: format!("{resource} with id: {id} deleted successfully") }
    }
}

/// The response to the cancellation of a booking.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CancellationBody {
    /// Always `true`: failures are errors.
    pub success: bool,
    /// The message.
    pub message: String,
    /// Whether only one seat of the booking was cancelled.
    pub only_removed_attendee: bool,
    /// The id of the booking.
    pub booking_id: i64,
    /// The uid of the booking.
    pub booking_uid: String,
}

debug_shows!(CancellationBody { success, message, only_removed_attendee, booking_id });
