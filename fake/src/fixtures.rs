//! What stands in a fake before a test begins, beside users and event types: bookings in every state of their life, held
//! slots and webhooks. How a booking is put there is left to the handlers of bookings.

use jiff::{SignedDuration, Timestamp};

use super::api::bookings::Furnished;
use super::state::{Kind, Reservation, State, Status, Webhook, WebhookOwner};

/// A booking that is there before anybody asks.
///
/// It stands in no log and no ledger, and is not held against hours or other bookings.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeBooking {
    owner: String,
    slug: String,
    booking: Furnished,
}

impl FakeBooking {
    /// An accepted booking of an event type, made by Ada Test (`ada@example.org`); over, if `start` is long past.
    pub fn new(username: &str, slug: &str, start: Timestamp) -> Self {
        let booking = Furnished {
            start,
            attendees: Vec::new(),
            status: Status::Accepted,
            moved_from: None,
            absent_host: false,
            absent: false,
            uid: None,
        };
        Self { owner: username.to_owned(), slug: slug.to_owned(), booking }
    }

    /// Its uid; a random one where this is not called. Of a series, that of the first occurrence.
    pub fn uid(mut self, uid: &str) -> Self {
        self.booking.uid = Some(uid.to_owned());
        self
    }

    /// Who comes instead of Ada; further ones are guests, or have a seat each where there are seats.
    pub fn attendee(mut self, name: &str, email: &str) -> Self {
        self.booking.attendees.push((name.to_owned(), email.to_owned()));
        self
    }

    /// It waits for its host.
    pub fn pending(self) -> Self {
        self.status(Status::Pending)
    }

    /// Its host has said no.
    pub fn rejected(self) -> Self {
        self.status(Status::Rejected)
    }

    /// It was called off.
    pub fn cancelled(self) -> Self {
        self.status(Status::Cancelled)
    }

    fn status(mut self, status: Status) -> Self {
        self.booking.status = status;
        self
    }

    /// It has taken the place of one at this time, which is there too, and knows it.
    pub fn moved_from(mut self, start: Timestamp) -> Self {
        self.booking.moved_from = Some(start);
        self
    }

    /// Its attendees did not come.
    pub fn absent(mut self) -> Self {
        self.booking.absent = true;
        self
    }

    /// Its host did not come.
    pub fn absent_host(mut self) -> Self {
        self.booking.absent_host = true;
        self
    }

    pub(super) fn settle(self, state: &mut State) {
        let event = event_type(state, &self.owner, &self.slug);
        super::api::bookings::furnish(state, event, self.booking);
    }
}

/// A webhook that is there before anybody asks.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeWebhook {
    owner: String,
    event_type: Option<String>,
    url: String,
    triggers: Vec<String>,
    secret: Option<String>,
}

impl FakeWebhook {
    /// A user's webhook for these triggers, such as `BOOKING_CREATED`.
    pub fn new(username: &str, url: &str, triggers: &[&str]) -> Self {
        let triggers = triggers.iter().map(|trigger| (*trigger).to_owned()).collect();
        Self { owner: username.to_owned(), event_type: None, url: url.to_owned(), triggers, secret: None }
    }

    /// Only for one event type.
    pub fn of_event_type(mut self, slug: &str) -> Self {
        self.event_type = Some(slug.to_owned());
        self
    }

    /// What deliveries are signed with; they are unsigned without.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    pub(super) fn settle(self, state: &mut State) {
        let owner = match &self.event_type {
            Some(slug) => WebhookOwner::EventType(event_type(state, &self.owner, slug)),
            None => WebhookOwner::User(state.user_named(&self.owner).map(|user| user.id).unwrap_or_default()),
        };
        let webhook = Webhook {
            id: state.ids.uuid(Kind::Webhook),
            owner,
            url: self.url,
            triggers: self.triggers,
            active: true,
            template: None,
            secret: self.secret,
            version: super::api::webhooks::VERSION.to_owned(),
            created: state.now(),
            time: None,
            time_unit: None,
        };
        state.webhooks.push(webhook);
    }
}

/// A slot that somebody holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) owner: String,
    pub(super) slug: String,
    pub(super) start: Timestamp,
    pub(super) minutes: i64,
}

impl Held {
    pub(super) fn settle(self, state: &mut State) {
        let event = event_type(state, &self.owner, &self.slug);
        let length = state.event_type(event).map_or(0, |event| event.length);
        let after =
            |at: Timestamp, minutes| at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
        let uid = state.ids.uuid(Kind::Reservation);
        let (end, until) = (after(self.start, length), after(state.now(), self.minutes));
        state.reservations.push(Reservation { uid, event_type: event, start: self.start, end, until });
    }
}

fn event_type(state: &State, username: &str, slug: &str) -> i64 {
    let owner = state.user_named(username).map(|user| user.id).unwrap_or_default();
    state.event_type_named(owner, slug).map(|event| event.id).unwrap_or_default()
}
