//! Everything the fake knows: users and their credentials, schedules, event types, bookings, reservations, webhooks,
//! private links, and what happened so far. Plain values behind one lock; the rules that change them are the
//! handlers' business.

pub(crate) mod apps;
pub(crate) mod booking;
pub(crate) mod credential;
mod delivery;
pub(crate) mod event_type;
pub(crate) mod ids;
mod listing;
mod outbox;
pub(crate) mod schedule;
pub(crate) mod user;
pub(crate) mod webhook;

use jiff::Timestamp;

pub(crate) use apps::Apps;
pub use booking::{Attendee, Booking, Seat, Status};
pub(crate) use credential::Credential;
pub use delivery::WebhookDelivery;
pub use event_type::{EventType, PrivateLink, Seats};
pub(crate) use ids::Ids;
pub use ids::Kind;
pub(crate) use listing::Listed;
pub use listing::Listing;
pub(crate) use outbox::{Meeting, Outbox};
pub use schedule::{Availability, Override, Schedule};
pub(crate) use user::User;
pub use webhook::{Webhook, WebhookOwner};

use super::change::Happened;
use super::clock::Clock;
use super::limit::RateLimits;
use super::pace::Pace;

/// A time slot held for somebody who is about to book it.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub uid: String,
    pub event_type: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub until: Timestamp,
}

/// The whole of it.
#[derive(Clone, Debug)]
pub struct State {
    pub clock: Clock,
    pub ids: Ids,
    pub users: Vec<User>,
    pub credentials: Vec<Credential>,
    pub schedules: Vec<Schedule>,
    pub event_types: Vec<EventType>,
    pub bookings: Vec<Booking>,
    pub reservations: Vec<Reservation>,
    pub webhooks: Vec<Webhook>,
    pub apps: Apps,
    pub limits: RateLimits,
    pub pace: Pace,
    pub(crate) listed: Listed,
    /// Whether refusals are those of a server in production.
    pub production: bool,
    pub history: Vec<Happened>,
    /// What webhooks are to be told.
    pub outbox: Outbox,
    /// The request that is being worked on, for the history.
    pub current_request: Option<u64>,
    /// What stands before the booking pages' paths in answers.
    pub booker_url: String,
}

impl State {
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self {
            clock,
            ids: Ids::seeded(seed),
            users: Vec::new(),
            credentials: Vec::new(),
            schedules: Vec::new(),
            event_types: Vec::new(),
            bookings: Vec::new(),
            reservations: Vec::new(),
            webhooks: Vec::new(),
            apps: Apps::default(),
            limits: RateLimits::default(),
            pace: Pace::default(),
            listed: Listed::default(),
            production: false,
            history: Vec::new(),
            outbox: Outbox::default(),
            current_request: None,
            booker_url: "http://localhost:3000".to_owned(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_mut(&mut self, id: i64) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    pub fn user_named(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    pub fn event_type(&self, id: i64) -> Option<&EventType> {
        self.event_types.iter().find(|event| event.id == id)
    }

    pub fn event_type_mut(&mut self, id: i64) -> Option<&mut EventType> {
        self.event_types.iter_mut().find(|event| event.id == id)
    }

    pub fn event_type_named(&self, owner: i64, slug: &str) -> Option<&EventType> {
        self.event_types.iter().find(|event| event.owner == owner && event.slug == slug)
    }

    pub fn schedule(&self, id: i64) -> Option<&Schedule> {
        self.schedules.iter().find(|schedule| schedule.id == id)
    }

    pub fn schedule_mut(&mut self, id: i64) -> Option<&mut Schedule> {
        self.schedules.iter_mut().find(|schedule| schedule.id == id)
    }

    pub fn booking(&self, uid: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.uid == uid)
    }

    pub fn booking_mut(&mut self, uid: &str) -> Option<&mut Booking> {
        self.bookings.iter_mut().find(|booking| booking.uid == uid)
    }

    /// The occurrences of a series, in order of time.
    pub fn series(&self, recurring_uid: &str) -> Vec<&Booking> {
        let mut rows: Vec<&Booking> =
            self.bookings.iter().filter(|booking| booking.recurring.as_deref() == Some(recurring_uid)).collect();
        rows.sort_by_key(|booking| (booking.start, booking.id));
        rows
    }

    pub fn booking_of_seat(&self, seat_uid: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.attendee_of_seat(seat_uid).is_some())
    }

    /// The schedule that rules an event type: its own, or its owner's default.
    pub fn schedule_of(&self, event: &EventType) -> Option<&Schedule> {
        event
            .schedule
            .or_else(|| self.user(event.owner).and_then(|user| user.default_schedule))
            .and_then(|id| self.schedule(id))
    }
}
