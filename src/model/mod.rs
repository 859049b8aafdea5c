//! The documented types, and the vocabulary that every part of the crate shares.
//!
//! The types have exactly the documented fields, in JSON too; what an answer holds beyond them is read with their
//! `extra`, and typed with their `wire`. They are read from the JSON of the service as well as from the documented form.
//! [`to_wire_json`](ToWireJson::to_wire_json) and [`wire_json`] keep everything that the service sent, and two values are
//! equal only if all of it is. Ids are types of their own, statuses are open enums, times are jiff's. Nothing here depends on an HTTP
//! client; how the types come out of what the service speaks today stands beside each, for the client only.
//!
//! # The documented interface
//!
//! The names, defaults, requests and answers of the API as its documentation has them: `getBookings`, `startTime`,
//! `ACCEPTED`. The JSON of its answers is the documented form; the service speaks newer ones today. Where the crate differs
//! from the documented interface, and why, stands in a
//! [table](../v1/guide/index.html#the-documented-api-and-where-the-crate-differs) of `MIGRATION.md` (in the crate's
//! documentation with the feature `v1-compat`).

mod booking;
mod booking_field;
mod booking_records;
mod cancellation;
mod compare;
#[cfg(feature = "bookings")]
mod create_booking;
#[cfg(feature = "event-types")]
mod create_event_type;
mod documented;
mod epoch;
mod event_type;
mod event_type_groups;
mod extra;
mod from_documented;
mod ids;
mod lenient;
mod location;
mod metadata;
#[cfg(feature = "bookings")]
mod new_attendee;
#[cfg(feature = "client")]
mod phone;
mod private_link;
mod recurring_event;
mod schedule;
mod shared;
mod slot;
#[cfg(feature = "event-types")]
mod sort_order;
mod status;
mod trigger;
mod user;
mod webhook;
mod weekday;
#[cfg(feature = "client")]
mod wire;
pub mod wire_json;
#[cfg(feature = "client")]
mod zone;

pub use booking::{Attendee, Booking, Host};
pub use booking_field::BookingField;
pub use booking_records::{BookingReference, CalendarLink, Reassignment, Recording, SessionParticipant, VideoSession};
pub use cancellation::{CancelBooking, Cancellation};
#[cfg(feature = "bookings")]
pub use create_booking::{CreateBooking, RescheduleBooking, Responses};
#[cfg(feature = "event-types")]
pub use create_event_type::{CreateEventType, UpdateEventType};
pub use documented::ToWireJson;
pub use event_type::{DeletedEventType, EventType};
pub use event_type_groups::{EventTypeGroup, EventTypeGroups, Profile};
pub(crate) use extra::Extra;
#[cfg(feature = "client")]
pub(crate) use extra::Key;
#[cfg(feature = "client")]
pub(crate) use from_documented::FromDocumented;
pub use ids::{
    AttendeeId, BookingId, BookingUid, EventTypeId, OrganizationId, PrivateLinkId, ReservationUid, ScheduleId, SeatUid,
    TeamId, UserId, WebhookId,
};
pub use location::Location;
#[cfg(feature = "client")]
pub(crate) use location::apps;
pub use metadata::Metadata;
#[cfg(feature = "bookings")]
pub use new_attendee::NewAttendee;
#[cfg(feature = "client")]
pub(crate) use phone::phone_number;
pub use private_link::{PrivateLink, PrivateLinkLimit};
pub use recurring_event::{Frequency, RecurringEvent};
pub use schedule::{Availability, DateOverride, Schedule};
#[cfg(feature = "schedules")]
pub use schedule::{CreateSchedule, UpdateSchedule};
pub use shared::Shared;
#[cfg(feature = "slots")]
pub use slot::{Reservation, ReserveSlot, SlotFormat, SlotQuery};
pub use slot::{Seats, Slot, Slots};
#[cfg(feature = "event-types")]
pub use sort_order::SortOrder;
pub use status::BookingStatus;
pub use trigger::Trigger;
pub use user::User;
#[cfg(feature = "me")]
pub use user::{ClockFormat, UserUpdate};
#[cfg(feature = "webhook-subscriptions")]
pub use webhook::{CreateWebhook, UpdateWebhook};
pub use webhook::{Webhook, WebhookSecret};
#[cfg(feature = "client")]
pub(crate) use wire::{FromWire, InvalidValue};
