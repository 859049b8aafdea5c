//! Books appointments for attendees exactly once, and says what is known of each outcome.
//!
//! A [`Service`] acts for one tenant. It books ([`Service::book`], within a deadline of seconds; [`Service::book_all`]
//! for thousands), reschedules, cancels, confirms and declines, reserves times, and lists free times by the days of any
//! zone. It is built on a [`Client`].
//!
//! # The guarantee
//!
//! - At most one booking remains under an [`IdempotencyKey`], for any number of calls, tasks and processes, if the caller may
//!   list the bookings or shares a store ([Callers](#callers)). What an earlier call booked is found. If two concurrent calls
//!   book twice, the younger booking is cancelled, with a reason, within [`Settings::watch_duration`].
//! - [`Outcome::Done`] means that the booking is active, [`Outcome::NotDone`] that it is proven that nothing is booked.
//!   Everything else is [`Outcome::Unknown`].
//! - Every call ends within its deadline ([`Settings::deadline`]).
//!
//! The key and a digest of the content are written to the metadata of the booking ([`IDEMPOTENCY_KEY_FIELD`]). If a
//! response is lost, the service lists bookings by attendee, event type and time, and looks for the key.
//!
//! # Callers
//!
//! | caller | one booking for each key | a refusal under the caller's own key |
//! |---|---|---|
//! | may list the bookings: it is the only host of the event type, or the attendee | yes | not done |
//! | administers the team that owns the event type, with [`Settings::scope`] | yes | not done |
//! | may not list them, and shares a store that answers ([`Store`](crate::state::Store), feature `redis`) | yes, for a day after the last call, if no process crashed | unknown |
//! | may not list them, and shares no store; the event type is plain or a series | yes: the service refuses the second one | unknown |
//! | the same; the event type needs confirmation or has seats | at most one for each process | unknown |
//! | the same; the event type is a round robin, or cannot be read | at most one for each process; a lost response stays unknown, and nothing is sent again | unknown |
//!
//! An event type of a team has several hosts: collective ones all attend, of round-robin ones the service picks one. Its
//! bookings are listed through the team ([`BookingScope`]); [`Service::reassign`] gives one to another host.
//!
//! A caller who may not list learns only what an earlier call stored when it ended; after a crash the outcome is `Unknown`.
//! [`Unknown::refusal`] says why the call itself booked nothing. Under a key made for the call ([`Appointment::new`] without
//! [`key`](Appointment::key)) a refusal is not done for every caller.
//!
//! # How to handle an outcome
//!
//! | outcome | what the caller does |
//! |---|---|
//! | [`Done`](Outcome::Done) | uses [`BookedAppointment::booking`]; [`found`](BookedAppointment::found) says that an earlier call booked it, [`moved`](BookedAppointment::moved) that it is at another time now |
//! | [`NotDone`](Outcome::NotDone) | handles [`NotDone::problem`] by the table at [`Problem`] |
//! | [`Unknown`](Outcome::Unknown), [`refusal`](Unknown::refusal) names a problem | reads the problem; no request of this call is in flight |
//! | [`Unknown`](Outcome::Unknown), no refusal | keeps the [`ticket`](Unknown::ticket); later [`Service::reconcile`], or the same call again |
//!
//! Before a process ends it awaits [`Service::idle`].
//!
//! # After a crash
//!
//! Store the ticket before booking. It says where to look if the process is killed between the request and its
//! response.
//!
//! ```no_run
//! use std::fs;
//!
//! use calcom::{
//!     model::CreateBooking,
//!     service::{Appointment, Outcome, Service, Ticket},
//! };
//!
//! type Failure = Box<dyn std::error::Error>;
//!
//! async fn book(service: &Service, booking: CreateBooking) -> Result<(), Failure> {
//!     let appointment = Appointment::new(booking).key("order-4711");
//!     fs::write("order-4711.json", serde_json::to_string(&appointment.ticket())?)?;
//!     if !service.book(appointment).await.is_unknown() {
//!         fs::remove_file("order-4711.json")?;
//!     }
//!     Ok(())
//! }
//!
//! /// The appointment is still wanted: an earlier booking is found; if there is none, it is booked.
//! async fn resume(service: &Service, booking: CreateBooking) -> bool {
//!     service.book(Appointment::new(booking).key("order-4711").after_crash()).await.is_done()
//! }
//!
//! /// Only the outcome is wanted: nothing is booked. A duplicate, or a part of a series, is cancelled.
//! async fn reconcile(service: &Service) -> Result<bool, Failure> {
//!     let ticket: Ticket = serde_json::from_str(&fs::read_to_string("order-4711.json")?)?;
//!     match service.reconcile(&ticket).await {
//!         Outcome::Done(_) => Ok(true),
//!         Outcome::NotDone(_) => Ok(false),
//!         Outcome::Unknown(_) => Err("not known yet: ask again later".into()),
//!     }
//! }
//! ```
//!
//! # Limits
//!
//! - A caller who is neither host nor attendee cannot list the booking. The outcome of a refusal under its own key is unknown:
//!   an earlier call may have booked, and no store is known to have kept every entry. What was booked is found by the note that
//!   the last call stored in this process or in the shared store, for a day. If such callers share no store that answers, two
//!   of them can book a pending booking or a seat twice, one each. A killed process counts as one of them if the next caller
//!   does not state the crash ([`Appointment::after_crash`]).
//! - If lists hide the older of two duplicates for longer than a call takes, and the callers share no store, one caller
//!   gets the uid of the younger; the watch cancels that later.
//! - A key that was used for another attendee or time is found among the 50 bookings of the host that changed last, and in the
//!   attendee's own bookings at that time. This process and a shared store find it too. A key that was used for anything else
//!   long ago is not found. Callers with different credentials who share only the key can book two event types under it.
//! - The service keeps no record of a cancelled seat. If a note of it remains, the outcome of its key is unknown from then on;
//!   if none does, its key books again.
//! - A request may reach the service after the settling time ([`Settings::settling_time`]). If it then overlaps the
//!   second one within the tenth of a second in which the service creates duplicates, the watch and
//!   [`Service::reconcile`] cancel one.
//!
//! The event `calcom::service` at level debug shows each decision ([`calcom::observe`](crate::observe#events)).
//! ARCHITECTURE.md describes how it is proven that nothing is booked.

mod appointment;
mod batch;
mod book;
mod cancel;
mod cancel_reason;
mod cancel_surplus;
mod change;
mod check;
mod confirm;
mod deadline;
mod event_type;
mod explain;
mod find;
mod join;
mod key;
mod lookup;
mod machine;
mod normalize;
mod note;
mod outcome;
mod page;
mod prior_calls;
mod problem;
mod reassign;
mod report;
mod reschedule;
mod reschedule_history;
mod reservation_guard;
mod scope;
mod send_outcome;
mod settings;
#[cfg(feature = "webhook")]
mod signature;
mod slots;
mod stability;
mod task;
mod watch;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

#[cfg(feature = "webhook")]
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

pub use appointment::{Appointment, Ticket};
pub use batch::{BatchProgress, BookingBatch};
pub use cancel::CancelResult;
pub use confirm::HostDecisionResult;
pub use find::AppointmentRef;
pub use key::{IDEMPOTENCY_KEY_FIELD, IdempotencyKey};
pub use outcome::{BookedAppointment, NotDone, Outcome, OutcomeError, PendingOutcome, Unknown};
pub use problem::Problem;
pub use reassign::ReassignResult;
pub use reschedule::RescheduleResult;
pub use reschedule_history::RescheduleHistory;
pub use reservation_guard::ReservationGuard;
pub use scope::BookingScope;
use scope::LookupClient;
pub use settings::Settings;
pub use slots::{DaySlots, FreeSlot, SlotPreferences, SlotRange, SlotTarget};

use crate::{Client, Result, model::CreateBooking, sync::TaskTracker};

/// The booking service of one tenant.
///
/// It is cheap to clone. For many tenants, make one from `client.with_credentials(..)` for each: they share
/// connections, and nothing else.
///
/// ```no_run
/// use std::time::Duration;
///
/// use calcom::{Client, service::{Service, Settings}};
///
/// # fn main() -> calcom::Result<()> {
/// let settings = Settings::default().deadline(Duration::from_secs(8));
/// let service = Service::with_settings(Client::from_env()?, settings);
/// # let _ = service;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Service {
    inner: Arc<ServiceInner>,
    deadline: Option<Duration>,
}

struct ServiceInner {
    client: Client,
    settings: Settings,
    event_types: event_type::EventTypeRulesCache,
    /// The id and the e-mail address behind the credential.
    caller: OnceCell<(i64, String)>,
    /// Whether the caller has more bookings than the first lookup for a key reads.
    has_many_bookings: AtomicBool,
    background: TaskTracker,
}

impl ServiceInner {
    fn has_many_bookings(&self) -> bool {
        self.has_many_bookings.load(Ordering::Relaxed)
    }

    fn set_has_many_bookings(&self, has_many: bool) {
        self.has_many_bookings.store(has_many, Ordering::Relaxed);
    }
}

impl Service {
    /// Makes a service for the tenant of `client`, with the default settings.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::with_settings(client, Settings::default())
    }

    /// Makes a service with these settings.
    #[must_use]
    pub fn with_settings(client: Client, settings: Settings) -> Self {
        let inner = ServiceInner {
            client,
            settings: settings.bounded(),
            event_types: event_type::EventTypeRulesCache::default(),
            caller: OnceCell::new(),
            has_many_bookings: AtomicBool::new(false),
            background: TaskTracker::default(),
        };
        Self { inner: Arc::new(inner), deadline: None }
    }

    /// The client that sends all requests.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The same service with this deadline for each call, instead of [`Settings::deadline`].
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The client for one lookup within `deadline`.
    fn lookup_client(&self, deadline: &deadline::Deadline) -> LookupClient {
        self.scoped(deadline.client(self.client(), self.settings().lookup_timeout))
    }

    /// The client for requests that may each take all of `deadline`.
    fn deadline_client(&self, deadline: &deadline::Deadline) -> LookupClient {
        self.scoped(deadline.client(self.client(), self.call_duration()))
    }

    /// The client `client` for lookups.
    fn scoped(&self, client: Client) -> LookupClient {
        LookupClient { client, scope: self.settings().scope }
    }

    pub(crate) fn call_duration(&self) -> Duration {
        self.deadline.unwrap_or(self.inner.settings.deadline)
    }

    /// Waits until no background work is left. Await it before the process ends.
    ///
    /// Background work is the watch for duplicates ([`Settings::watch_duration`]), a call that continues after its
    /// deadline ([`Appointment::continue_in_background`]), the release of reservations, and the release of leases in the
    /// shared store. A lease that is not released lasts 3 s, and the note of what was booked is lost with it. A store
    /// that does not answer is tried for 60 s.
    pub async fn idle(&self) {
        self.inner.background.wait_idle().await;
    }

    /// Makes a booking for tests (the documented `generateTestBookingData`): the patient of its examples, the day after
    /// tomorrow at ten UTC.
    #[must_use]
    pub fn test_booking_data() -> CreateBooking {
        let day = jiff::Timestamp::now()
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .date()
            .saturating_add(jiff::Span::new().days(2));
        let start = day
            .at(10, 0, 0, 0)
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .map_or(jiff::Timestamp::MAX, |at| at.timestamp());
        CreateBooking::new(2_026_361, start, "John Doe", "john@example.com")
            .phone("+49 30 123456")
            .notes("First time patient")
            .metadata("source", "test")
            .time_zone("Europe/Berlin")
            .language("de")
    }

    /// Whether `signature` (the value of `X-Cal-Signature-256`) is valid for `payload`, the body as it was received,
    /// under the tenant's webhook secret (the documented `validateWebhookSignature`).
    ///
    /// Without [`Settings::webhook_secret`] no signature is valid.
    /// [`validate_webhook_signature_with`](Self::validate_webhook_signature_with) needs no service. For several
    /// secrets, and to learn what is wrong, use [`webhook::Verifier`](crate::webhook::Verifier).
    #[cfg(feature = "webhook")]
    #[must_use]
    pub fn validate_webhook_signature(&self, payload: impl AsRef<[u8]>, signature: impl AsRef<[u8]>) -> bool {
        let secret = self.settings().webhook_secret.as_ref();
        secret.is_some_and(|secret| {
            crate::webhook::validate_webhook_signature(payload, signature, secret.expose_secret())
        })
    }

    /// The user behind the credential, read once.
    async fn caller(&self, client: &Client) -> Result<(i64, String)> {
        let read = async || {
            let me = client.me().get().await?;
            Ok::<_, crate::Error>((me.id.0, me.email))
        };
        self.inner.caller.get_or_try_init(read).await.cloned()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("client", &self.inner.client)
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}
