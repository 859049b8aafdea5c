//! The state of the fake: users, credentials, schedules, event types, bookings, reservations, webhooks, private links, and
//! the history of changes. Handlers change it under one lock.

pub(crate) mod apps;
pub(crate) mod booking;
pub(crate) mod credential;
mod delivery;
pub(crate) mod event_type;
pub(crate) mod ids;
mod list_lag;
mod outbox;
pub(crate) mod schedule;
pub(crate) mod user;
pub(crate) mod webhook;

use calcom::Contract;
use jiff::Timestamp;

pub(crate) use apps::Apps;
pub use booking::{Attendee, Booking, BookingStatus, Seat};
pub(crate) use credential::Credential;
pub use delivery::WebhookDelivery;
pub use event_type::{EventType, PrivateLink, Seats};
pub use ids::IdKind;
pub(crate) use ids::Ids;
pub(crate) use list_lag::ListHistory;
pub use list_lag::ListLag;
pub(crate) use outbox::{Meeting, Outbox};
pub use schedule::{Availability, DateOverride, Schedule};
pub(crate) use user::User;
pub use webhook::{Webhook, WebhookOwner};

use super::change::ChangeRecord;
use super::clock::Clock;
use super::documented::ScriptedAnswers;
use super::latency::Latency;
use super::limit::RateLimits;

/// A reservation of a slot.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub uid: String,
    pub event_type: i64,
    pub start: Timestamp,
    pub end: Timestamp,
    pub until: Timestamp,
}

/// The state of a fake.
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
    pub latency: Latency,
    pub(crate) list_history: ListHistory,
    /// The answers that the test gives.
    pub(crate) answers: ScriptedAnswers,
    /// The service that is played.
    pub contract: Contract,
    /// Whether errors are those of a server in production.
    pub production: bool,
    pub history: Vec<ChangeRecord>,
    /// The deliveries that are to be sent.
    pub outbox: Outbox,
    /// The request in progress, for the history.
    pub current_request: Option<u64>,
    /// The base URL of booking pages in responses.
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
            latency: Latency::default(),
            list_history: ListHistory::default(),
            answers: ScriptedAnswers::default(),
            contract: Contract::SelfHosted,
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

    /// The schedule of an event type: its own, or the default one of its owner.
    pub fn schedule_of(&self, event: &EventType) -> Option<&Schedule> {
        event
            .schedule
            .or_else(|| self.user(event.owner).and_then(|user| user.default_schedule))
            .and_then(|id| self.schedule(id))
    }
}
