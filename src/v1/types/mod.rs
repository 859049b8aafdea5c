//! The requests and responses of V1: its names, its envelopes, its forms of values.
//!
//! Responses read and write V1's JSON with serde. A field that V1 always had and V2 does not have is `null` or an empty
//! list, and a [`Loss`](super::Loss) reports it. Requests are created with their constructors or as struct literals.
//! [`V1Client`](super::V1Client) validates them as V1 did before it sends anything.

mod availability;
mod booking;
mod booking_requests;
mod create_booking;
mod envelope;
mod event_type;
mod me;
mod membership;
mod schedule;
mod slots;
mod team;
mod time;
mod webhook;

pub use availability::{Availability, AvailabilityQuery, BusyTime, DateRange, MemberAvailability, WorkingHours};
pub use booking::{Attendee, Booking, BookingEventType, BookingUser, CreatedBooking};
pub use booking_requests::{BookingsQuery, CancelBooking, CreateBooking, PatchBooking, UserNames};
pub(crate) use create_booking::international_phone_number;
pub use envelope::{
    BookingBody, BookingsBody, CancellationBody, CreationBody, DeletionBody, EventTypeBody, EventTypesBody,
    MembershipBody, MembershipsBody, ScheduleBody, SchedulesBody, TeamBody, TeamsBody, UserBody, WebhookBody,
    WebhooksBody,
};
pub use event_type::{
    CreateEventType, EventLocation, EventType, EventTypesQuery, Host, PatchEventType, RecurringEvent,
};
pub use me::User;
pub use membership::{CreateMembership, Membership, MembershipsQuery, PatchMembership};
pub use schedule::{AvailabilityRow, CreateSchedule, PatchSchedule, Schedule};
pub use slots::{Slot, SlotsBody, SlotsQuery};
pub use team::{CreateTeam, CreatedTeam, PatchTeam, Team};
pub use time::{Time, TimeOfDay};
pub use webhook::{CreateWebhook, PatchWebhook, Webhook, WebhooksQuery};

pub use crate::patch::Patch;
