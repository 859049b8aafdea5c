//! Fixtures of a fake: bookings in any state, reservations and webhooks that exist before the first request.

use jiff::{SignedDuration, Timestamp};

use super::api::bookings::BookingFixture;
use super::state::{BookingStatus, IdKind, Reservation, State, Webhook, WebhookOwner};

/// A booking that exists before the first request.
///
/// It is not in the log or the ledger, and is not checked against the hours of the host or other bookings.
///
/// ```
/// use calcom_fake::FakeBooking;
///
/// let booking = FakeBooking::new("johndoe", "30min", "2026-11-23T09:00:00Z".parse().unwrap())
///     .attendee("Grace Test", "grace@example.org")
///     .pending();
/// # let _ = booking;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeBooking {
    owner: String,
    slug: String,
    booking: BookingFixture,
}

impl FakeBooking {
    /// Creates an accepted booking of an event type. The booker is Ada Test (`ada@example.org`).
    pub fn new(username: &str, slug: &str, start: Timestamp) -> Self {
        let booking = BookingFixture {
            start,
            attendees: Vec::new(),
            status: BookingStatus::Accepted,
            rescheduled_from: None,
            host_no_show: false,
            no_show: false,
            uid: None,
        };
        Self { owner: username.to_owned(), slug: slug.to_owned(), booking }
    }

    /// Sets the uid; for a series, that of the first occurrence. Default: a random one.
    pub fn uid(mut self, uid: &str) -> Self {
        self.booking.uid = Some(uid.to_owned());
        self
    }

    /// Adds an attendee. The first one replaces Ada Test. Further ones are guests, or get a seat each if the event type has
    /// seats.
    pub fn attendee(mut self, name: &str, email: &str) -> Self {
        self.booking.attendees.push((name.to_owned(), email.to_owned()));
        self
    }

    /// Makes the booking wait for the confirmation of its host.
    pub fn pending(self) -> Self {
        self.status(BookingStatus::Pending)
    }

    /// Makes the booking rejected by its host.
    pub fn rejected(self) -> Self {
        self.status(BookingStatus::Rejected)
    }

    /// Makes the booking cancelled.
    pub fn cancelled(self) -> Self {
        self.status(BookingStatus::Cancelled)
    }

    fn status(mut self, status: BookingStatus) -> Self {
        self.booking.status = status;
        self
    }

    /// Makes the booking the successor of one at `start`, which exists too and is marked as rescheduled.
    pub fn rescheduled_from(mut self, start: Timestamp) -> Self {
        self.booking.rescheduled_from = Some(start);
        self
    }

    /// Marks the attendees as absent.
    pub fn no_show(mut self) -> Self {
        self.booking.no_show = true;
        self
    }

    /// Marks the host as absent.
    pub fn host_no_show(mut self) -> Self {
        self.booking.host_no_show = true;
        self
    }

    pub(super) fn insert_into(self, state: &mut State) {
        let event = state.expect_event_type(&self.owner, &self.slug);
        super::api::bookings::insert_fixture(state, event, self.booking);
    }
}

/// A webhook that exists before the first request.
///
/// ```
/// use calcom_fake::FakeWebhook;
///
/// let webhook = FakeWebhook::new("johndoe", "http://127.0.0.1:8080/hook", &["BOOKING_CREATED"]).secret("whsec_test");
/// # let _ = webhook;
/// ```
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
    /// Creates a webhook of a user for these triggers, such as `BOOKING_CREATED`.
    pub fn new(username: &str, url: &str, triggers: &[&str]) -> Self {
        let triggers = triggers.iter().map(|trigger| (*trigger).to_owned()).collect();
        Self { owner: username.to_owned(), event_type: None, url: url.to_owned(), triggers, secret: None }
    }

    /// Makes it a webhook of one event type.
    pub fn of_event_type(mut self, slug: &str) -> Self {
        self.event_type = Some(slug.to_owned());
        self
    }

    /// Sets the secret that signs the deliveries. Without it they are unsigned.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    pub(super) fn insert_into(self, state: &mut State) {
        let owner = match &self.event_type {
            Some(slug) => WebhookOwner::EventType(state.expect_event_type(&self.owner, slug)),
            None => WebhookOwner::User(state.expect_user(&self.owner).id),
        };
        let webhook = Webhook {
            id: state.ids.uuid(IdKind::Webhook),
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

/// A reservation that exists before the first request.
#[derive(Clone, Debug)]
pub(super) struct FakeReservation {
    pub(super) owner: String,
    pub(super) slug: String,
    pub(super) start: Timestamp,
    pub(super) minutes: i64,
}

impl FakeReservation {
    pub(super) fn insert_into(self, state: &mut State) {
        let event = state.expect_event_type(&self.owner, &self.slug);
        let length = state.event_type(event).map_or(0, |event| event.length);
        let after =
            |at: Timestamp, minutes| at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
        let uid = state.ids.uuid(IdKind::Reservation);
        let (end, until) = (after(self.start, length), after(state.now(), self.minutes));
        state.reservations.push(Reservation { uid, event_type: event, start: self.start, end, until });
    }
}
