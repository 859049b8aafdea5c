//! The appointment that a caller asks for, and the ticket that finds it again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{IDEMPOTENCY_KEY_FIELD, IdempotencyKey, Problem, key::DIGEST_FIELD, normalize};
use crate::{
    model::{CreateBooking, EventTypeId},
    redact::debug_shows,
};

/// An appointment that is to be booked exactly once: the booking, its key, and the options of the call.
///
/// The value can be kept, cloned and passed to [`Service::book`](super::Service::book) again.
///
/// ```
/// use std::time::Duration;
/// use calcom::{model::CreateBooking, service::Appointment};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(2026361, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// let appointment = Appointment::new(booking).key("order-4711").deadline(Duration::from_secs(8)).suggest(3);
/// assert_eq!(appointment.idempotency_key().as_str(), "order-4711");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Appointment {
    pub(crate) booking: CreateBooking,
    pub(crate) key: IdempotencyKey,
    pub(crate) prior: PriorUse,
    /// Whether this value, or a clone of it, was submitted before.
    submitted: Arc<AtomicBool>,
    /// The time since which the process that sent it before is known to have crashed.
    pub(crate) interrupted_at: Option<Instant>,
    pub(crate) reserve: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) continue_in_background: bool,
    pub(crate) suggest: usize,
    pub(crate) check: bool,
}

/// Whether the same key may have been sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PriorUse {
    /// No: the key was made for this call.
    None,
    /// Possibly: it is the caller's own key, which another call may have sent or be about to send.
    Possible,
    /// Yes: a process that may have sent it crashed. Its request may still be in flight.
    Interrupted,
}

debug_shows!(Appointment { key, booking, prior, reserve, deadline, continue_in_background, suggest, check });

impl Appointment {
    /// Makes an appointment of this booking, under a key made for it.
    pub fn new(booking: CreateBooking) -> Self {
        Self {
            booking,
            key: IdempotencyKey::random(),
            prior: PriorUse::None,
            submitted: Arc::default(),
            interrupted_at: None,
            reserve: false,
            deadline: None,
            continue_in_background: false,
            suggest: 0,
            check: true,
        }
    }

    /// Sets the caller's own key. To survive a crash, keep the key or the [`ticket`](Self::ticket) before booking.
    ///
    /// The key is looked up before the booking is checked or sent. If it has booked, that booking is found, and nothing
    /// is booked again. If it was used for other content, it is refused ([`Problem::KeyUsed`]). Another call may use
    /// the same key at the same time, in this process or in another: both get the same booking.
    ///
    /// A refusal under a caller's own key takes longer than one under a new key, because an earlier call may have
    /// booked: it is returned after lookups that show nothing. With the default settings, and a service that answers at
    /// once:
    ///
    /// | refusal | is returned after |
    /// |---|---|
    /// | the content cannot be sent (a form is wrong, the key is not valid) | at once |
    /// | an answer is missing or invalid, another booking has the time of a plain event type | one lookup |
    /// | the time is not available, a limit is reached, a check of the time fails | [`settling_time`](super::Settings::settling_time): 3 s |
    /// | the key was used for other content, as the shared store has it, or longer than an hour ago | one lookup at most |
    /// | the key was used for other content less than an hour ago, and the store does not have it | twice `settling_time`: 6 s |
    /// | any of them, to a caller who may not list the bookings | never: it is [`Unknown`](super::Outcome::Unknown), with [`Unknown::refusal`](super::Unknown::refusal) |
    ///
    /// A shorter deadline ends in [`Unknown`](super::Outcome::Unknown).
    #[must_use]
    pub fn key(mut self, key: impl Into<IdempotencyKey>) -> Self {
        self.key = key.into();
        if self.prior == PriorUse::None {
            self.prior = PriorUse::Possible;
        }
        self
    }

    /// States that a process that may have sent it under this key has crashed, so that its request may still be in
    /// flight.
    ///
    /// It is looked up before it is sent: for [`Settings::plain_resend_delay`](super::Settings::plain_resend_delay) (1
    /// s) if the event type is plain; for [`Settings::settling_time`](super::Settings::settling_time) (3 s) if it needs
    /// confirmation, has seats or recurs, or cannot be read.
    #[must_use]
    pub fn after_crash(mut self) -> Self {
        self.prior = PriorUse::Interrupted;
        self
    }

    pub(crate) fn after_crash_at(mut self, since: Instant) -> Self {
        self.interrupted_at = Some(since);
        self.after_crash()
    }

    /// Reserves the time before booking and releases it afterwards, so that it is not offered to others in between.
    ///
    /// A reservation does not prevent other bookings: the service accepts them.
    #[must_use]
    pub fn reserve(mut self) -> Self {
        self.reserve = true;
        self
    }

    /// Sets the time for the whole call, instead of [`Settings::deadline`](super::Settings::deadline).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Continues in the background, for [`Settings::background_deadline`](super::Settings::background_deadline), if the
    /// deadline passes and the outcome is unknown.
    #[must_use]
    pub fn continue_in_background(mut self) -> Self {
        self.continue_in_background = true;
        self
    }

    /// Adds up to this number of later free times to a refusal of the time, of the booking's length
    /// ([`NotDone::next_free`](super::NotDone::next_free)).
    #[must_use]
    pub fn suggest(mut self, times: usize) -> Self {
        self.suggest = times;
        self
    }

    /// Sends without a check against the event type.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.check = false;
        self
    }

    /// The key that it is booked under.
    #[must_use]
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// The ticket that finds this appointment later, in another process too.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            key: self.key.clone(),
            event_type_id: self.booking.event_type_id,
            start: self.booking.start,
            email: normalize::effective_email(&self.booking),
            occurrences: self.booking.recurrence_count,
        }
    }

    /// The booking as it is sent, the same bytes every time: normalized, with the key and the digest of the content in
    /// its metadata.
    pub(crate) fn to_request(&self) -> CreateBooking {
        let mut booking = normalize::normalize_booking(&self.booking);
        booking.metadata.remove(IDEMPOTENCY_KEY_FIELD);
        let digest = super::key::content_digest(&booking);
        booking.metadata.insert(IDEMPOTENCY_KEY_FIELD.to_owned(), self.key.as_str().into());
        booking.metadata.insert(DIGEST_FIELD.to_owned(), digest.into());
        booking
    }

    /// The problem with metadata that the caller put in the place of the key or the digest.
    pub(crate) fn key_metadata_problem(&self) -> Option<Problem> {
        let metadata = &self.booking.metadata;
        let other = metadata.get(IDEMPOTENCY_KEY_FIELD).filter(|given| given.as_str() != Some(self.key.as_str()));
        if other.is_some() {
            let message = "is another key than the appointment's: give it with `Appointment::key`";
            return Some(Problem::invalid(format!("metadata.{IDEMPOTENCY_KEY_FIELD}"), message));
        }
        let message = "is written by this crate, beside the key";
        metadata.contains_key(DIGEST_FIELD).then(|| Problem::invalid(format!("metadata.{DIGEST_FIELD}"), message))
    }

    /// Whether the same value may be submitted once more.
    pub(crate) fn has_clones(&self) -> bool {
        Arc::strong_count(&self.submitted) > 1
    }

    /// Records that it is submitted, and returns whether the same key may have been sent before.
    pub(crate) fn mark_submitted(&self) -> PriorUse {
        let was_submitted = self.submitted.swap(true, Ordering::AcqRel);
        if was_submitted && self.prior == PriorUse::None { PriorUse::Possible } else { self.prior }
    }
}

impl From<CreateBooking> for Appointment {
    fn from(booking: CreateBooking) -> Self {
        Self::new(booking)
    }
}

/// The ticket of an appointment: its key, and where to look it up.
///
/// It serializes to JSON. It contains the attendee's e-mail address.
///
/// ```
/// use calcom::{model::CreateBooking, service::{Appointment, Ticket}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(2026361, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// let json = serde_json::to_string(&Appointment::new(booking).key("order-4711").ticket())?;
/// let ticket: Ticket = serde_json::from_str(&json)?;
/// assert_eq!(ticket.key.as_str(), "order-4711");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ticket {
    /// The key that it was booked under.
    pub key: IdempotencyKey,
    /// The event type.
    pub event_type_id: EventTypeId,
    /// The start that was asked for.
    pub start: Timestamp,
    /// The attendee's e-mail address. For an attendee with only a phone number it is the address that the service derives
    /// from the number.
    pub email: String,
    /// The number of occurrences that was asked for, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrences: Option<u32>,
}

debug_shows!(Ticket { key, event_type_id, start, occurrences });
