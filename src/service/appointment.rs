//! What a caller asks to be booked, and the ticket to ask for it again with.

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

/// An appointment to be booked exactly once: what, under which key, and with how much care.
///
/// A value to build, keep and hand in again.
///
/// ```
/// use std::time::Duration;
/// use calcom::{model::CreateBooking, service::Appointment};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(2026361, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// let appointment = Appointment::new(booking).key("order-4711").budget(Duration::from_secs(8)).suggest(3);
/// # let _ = appointment;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Appointment {
    pub(crate) booking: CreateBooking,
    pub(crate) key: IdempotencyKey,
    pub(crate) prior: PriorAttempt,
    /// Whether this value, or a clone of it, was handed in before.
    submitted: Arc<AtomicBool>,
    /// Since when the process that sent it before is known to be dead.
    pub(crate) interrupted_at: Option<Instant>,
    pub(crate) hold: bool,
    pub(crate) budget: Option<Duration>,
    pub(crate) continue_in_background: bool,
    pub(crate) suggest: usize,
    pub(crate) check: bool,
}

/// Whether the same key may have been sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PriorAttempt {
    /// The key was made for this call.
    None,
    /// The key is the caller's own: another call may have sent it, here or elsewhere, or be about to.
    Possible,
    /// A process died that may have sent it: what it sent may still be on its way.
    Interrupted,
}

debug_shows!(Appointment { key, booking, prior, hold, budget, continue_in_background, suggest, check });

impl Appointment {
    /// This booking, under a key made for it.
    pub fn new(booking: CreateBooking) -> Self {
        Self {
            booking,
            key: IdempotencyKey::random(),
            prior: PriorAttempt::None,
            submitted: Arc::default(),
            interrupted_at: None,
            hold: false,
            budget: None,
            continue_in_background: false,
            suggest: 0,
            check: true,
        }
    }

    /// Under the caller's own key. Keep it, or the [`ticket`](Self::ticket), before booking, to survive a crash.
    ///
    /// It is looked up before anything is checked or sent: a key that has booked is found, not booked again, and a key that
    /// was used for other content is refused ([`Problem::KeyUsed`]). Another call may work on the same key at the same time,
    /// in this process or in another: both come to the same booking.
    ///
    /// A refusal under an own key takes longer than one under a new key, because an earlier call may have booked: it is told
    /// if looks show nothing. With the default settings, and a service that answers at once:
    ///
    /// | refusal | is told after |
    /// |---|---|
    /// | the content cannot be sent (a form is wrong, the key is no key) | at once |
    /// | an answer is missing or invalid, another booking has the time of a plain event type | one look |
    /// | the time is not available, a limit is reached, a check of the time fails | [`settle`](super::Settings::settle): 3 s |
    /// | the key was used for other content, as the shared store knows, or longer than an hour ago | one look at the most |
    /// | the key was used for other content less than an hour ago, and the store does not know | twice `settle`: 6 s |
    /// | any of them, to a caller who may not list the bookings | never: it is [`Unknown`](super::Outcome::Unknown), with [`Unknown::refusal`](super::Unknown::refusal) |
    ///
    /// A budget below these times ends in [`Unknown`](super::Outcome::Unknown).
    #[must_use]
    pub fn key(mut self, key: impl Into<IdempotencyKey>) -> Self {
        self.key = key.into();
        if self.prior == PriorAttempt::None {
            self.prior = PriorAttempt::Possible;
        }
        self
    }

    /// Says that a process that died may have sent it under this key, so that the request may still be on its way.
    ///
    /// It is looked for before it is sent: for [`Settings::resend_plain`](super::Settings::resend_plain) (1 s) if the event type
    /// is plain, for [`Settings::settle`](super::Settings::settle) (3 s) if it needs confirmation, has seats or recurs, or
    /// cannot be read.
    #[must_use]
    pub fn after_crash(mut self) -> Self {
        self.prior = PriorAttempt::Interrupted;
        self
    }

    pub(crate) fn after_crash_at(mut self, since: Instant) -> Self {
        self.interrupted_at = Some(since);
        self.after_crash()
    }

    /// Reserves the time before booking and releases it afterwards, so that others are not offered it in between.
    ///
    /// A reservation does not stop other bookings: the service takes them all the same.
    #[must_use]
    pub fn hold(mut self) -> Self {
        self.hold = true;
        self
    }

    /// The time for the whole call, in the place of [`Settings::budget`](super::Settings::budget).
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = Some(budget);
        self
    }

    /// If the time runs out and the outcome is unknown: goes on finding out in the background, for
    /// [`Settings::carry_on`](super::Settings::carry_on).
    #[must_use]
    pub fn continue_in_background(mut self) -> Self {
        self.continue_in_background = true;
        self
    }

    /// With a refusal for the time: names up to so many free times after it.
    #[must_use]
    pub fn suggest(mut self, times: usize) -> Self {
        self.suggest = times;
        self
    }

    /// Sends without checking against the event type first.
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

    /// What to ask for this appointment with, later and in another process.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            key: self.key.clone(),
            event_type_id: self.booking.event_type_id,
            start: self.booking.start,
            email: normalize::effective_email(&self.booking),
            occurrences: self.booking.recurrence_count,
        }
    }

    /// The booking as it is sent, the same bytes every time: normalized, with the key and the content's digest written on
    /// it.
    pub(crate) fn to_request(&self) -> CreateBooking {
        let mut booking = normalize::normalize_booking(&self.booking);
        booking.metadata.remove(IDEMPOTENCY_KEY_FIELD);
        let digest = super::key::content_digest(&booking);
        booking.metadata.insert(IDEMPOTENCY_KEY_FIELD.to_owned(), self.key.as_str().into());
        booking.metadata.insert(DIGEST_FIELD.to_owned(), digest.into());
        booking
    }

    /// What is wrong with metadata that stands where the key belongs.
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

    /// Whether it may be handed in once more.
    pub(crate) fn has_clones(&self) -> bool {
        Arc::strong_count(&self.submitted) > 1
    }

    /// Whether the same key may have been sent before; a value that was handed in before has been.
    pub(crate) fn mark_submitted(&self) -> PriorAttempt {
        let was_submitted = self.submitted.swap(true, Ordering::AcqRel);
        if was_submitted && self.prior == PriorAttempt::None { PriorAttempt::Possible } else { self.prior }
    }
}

impl From<CreateBooking> for Appointment {
    fn from(booking: CreateBooking) -> Self {
        Self::new(booking)
    }
}

/// What finds an appointment again after a crash: its key, and where to look for it.
///
/// Serializes to JSON for keeping. It holds the attendee's e-mail address.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ticket {
    /// The key it was booked under.
    pub key: IdempotencyKey,
    /// The event type.
    pub event_type_id: EventTypeId,
    /// When it was to start.
    pub start: Timestamp,
    /// The attendee's address as it is sent; for an attendee with a phone only, the one that the service makes up.
    pub email: String,
    /// How many occurrences were asked for, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrences: Option<u32>,
}

debug_shows!(Ticket { key, event_type_id, start, occurrences });
