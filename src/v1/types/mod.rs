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

pub use crate::patch::Patch;
