//! Appointments for attendees: each is booked exactly once, in the caller's time zone, with an outcome that says what is known.
//!
//! A [`Service`] books ([`Service::book`], within a budget of seconds; [`Service::book_all`] for thousands), moves, cancels,
//! confirms, reserves and lists free times, for one tenant. It is built on a [`Client`].
//!
//! # The guarantee
//!
//! - One booking comes to stand under an [`IdempotencyKey`], however often it is asked for, and by whichever call, task or
//!   process. What an earlier call booked is found. If two calls at the same time book twice, the younger booking is cancelled,
//!   with a reason, within [`Settings::watch`].
//! - [`Outcome::Done`] is said only if the booking stands, [`Outcome::NotDone`] only if it is proven that nothing stands.
//!   Everything else is [`Outcome::Unknown`].
//! - Every call ends within its budget ([`Settings::budget`]).
//!
//! The key and a digest of the content are written into the metadata of the booking ([`MARKER`]). If an answer is lost, the
//! service lists bookings by attendee, event type and time, and looks for the key.
//!
//! # Who has it
//!
//! | caller | one booking for each key | a refusal under the caller's own key |
//! |---|---|---|
//! | may list the bookings: it is the only host of the event type, or the attendee | yes | not done |
//! | may not list them, and shares a store that answers ([`Store`](crate::state::Store), feature `redis`) | yes, for a day after the last call, if no process died | unknown |
//! | may not list them, and shares no store; the event type is plain or a series | yes: the service refuses the second one | unknown |
//! | the same; the event type needs confirmation or has seats | one for each process at the most | unknown |
//!
//! A caller who may not list learns only what an earlier call left in the store when it ended; after a crash the outcome is
//! `Unknown`. [`Unknown::refusal`] says why the call itself booked nothing. Under a key made for the call
//! ([`Appointment::new`] without [`key`](Appointment::key)) a refusal is not done for every caller.
//!
//! # What to do with an outcome
//!
//! | outcome | what the caller does |
//! |---|---|
//! | [`Done`](Outcome::Done) | uses [`Booked::booking`]; [`found`](Booked::found) says that an earlier call booked it, [`moved`](Booked::moved) that it stands at another time now |
//! | [`NotDone`](Outcome::NotDone) | acts on [`NotDone::problem`]; the table at [`Problem`] says how |
//! | [`Unknown`](Outcome::Unknown), [`refusal`](Unknown::refusal) names a problem | reads the problem; nothing of this call is under way |
//! | [`Unknown`](Outcome::Unknown), no refusal | keeps the [`ticket`](Unknown::ticket); later [`Service::reconcile`], or the same call again |
//!
//! Before a process ends it awaits [`Service::idle`].
//!
//! # After a crash
//!
//! Store the ticket before booking. It says where to look if the process is killed between the request and its answer.
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
//! /// It is still wanted: what stands is found; if nothing stands, it is booked.
//! async fn resume(service: &Service, booking: CreateBooking) -> bool {
//!     service.book(Appointment::new(booking).key("order-4711").resumed()).await.is_done()
//! }
//!
//! /// It is only asked for: nothing is booked. A double, or a part of a series, is cancelled.
//! async fn settle(service: &Service) -> Result<bool, Failure> {
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
//! - A caller who is neither host nor attendee cannot list the booking. A refusal under its own key is unknown to it: an
//!   earlier call may have booked, and no store is known to have kept everything. What was booked is found by the word
//!   that the last call left in this process or in the shared store, for a day. If such callers share no store that answers, two
//!   of them can book a pending booking or a seat twice, one each. A process that was killed counts as one of them if the next
//!   one is not told of it ([`Appointment::resumed`]).
//! - If lists hide the older of two doubles for longer than a call takes, and the callers share no store, one caller is told
//!   the uid of the younger; the watch cancels that later.
//! - A key that was used for another person or time is found among the 50 bookings of the host that changed last, in the
//!   attendee's own bookings at that place, by this process, and through a shared store. One that was used elsewhere long ago
//!   is not found. Callers with different credentials who share nothing but the key can book two event types under it.
//! - A seat that was given back leaves no trace at the service. If a word of it is left, its key is unknown from then on; if
//!   none is, its key books again.
//! - No request can be kept from reaching the service after the settling time ([`Settings::settle`]). If it then overlaps the
//!   second one within the tenth of a second in which the service doubles, the watch and [`Service::reconcile`] cancel one.
//!
//! The event `calcom::service` at level debug names each decision ([`calcom::observe`](crate::observe#events)). How it is proven that nothing stands is written down in
//! ARCHITECTURE.md.

mod answer;
mod appointment;
mod batch;
mod book;
mod cancel;
mod change;
mod check;
mod deadline;
mod decide;
mod event_type;
mod explain;
mod find;
mod hold;
mod inherited;
mod key;
mod lineage;
mod lookup;
mod normal;
mod note;
mod once;
mod outcome;
mod page;
mod problem;
mod quiet;
mod reason;
mod report;
mod reschedule;
mod run;
mod settings;
#[cfg(feature = "webhook")]
mod signature;
mod slots;
mod watch;
mod withdraw;

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
pub use batch::{BookAll, Listed, Progress};
pub use cancel::Cancelled;
pub use decide::Decided;
pub use find::Sought;
pub use hold::Hold;
pub use key::{IdempotencyKey, MARKER};
pub use lineage::Lineage;
pub use outcome::{Booked, Later, NotDone, Outcome, Unknown};
pub use problem::Problem;
pub use reschedule::Moved;
pub use settings::Settings;
pub use slots::{Day, Days, FreeSlot, SlotsOf, Wishes};

use crate::{Client, Result, model::CreateBooking, sync::Background};

/// The booking service of one tenant.
///
/// Cheap to clone. For many tenants, make one from `client.with_credentials(..)` for each: they share the connections
/// and nothing else.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    budget: Option<Duration>,
}

struct Shared {
    client: Client,
    settings: Settings,
    event_types: event_type::EventTypes,
    /// The id and the e-mail address behind the credential.
    caller: OnceCell<(i64, String)>,
    /// Whether the caller has more bookings than the first look for a key goes through.
    many: AtomicBool,
    background: Background,
}

impl Shared {
    fn many(&self) -> bool {
        self.many.load(Ordering::Relaxed)
    }

    fn set_many(&self, many: bool) {
        self.many.store(many, Ordering::Relaxed);
    }
}

impl Service {
    /// The service for the tenant that `client` acts as.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::with(client, Settings::default())
    }

    /// As [`new`](Self::new), with other settings.
    #[must_use]
    pub fn with(client: Client, settings: Settings) -> Self {
        let shared = Shared {
            client,
            settings: settings.bounded(),
            event_types: event_type::EventTypes::default(),
            caller: OnceCell::new(),
            many: AtomicBool::new(false),
            background: Background::default(),
        };
        Self { shared: Arc::new(shared), budget: None }
    }

    /// The client that everything is sent with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The same service with another time for each call, in the place of [`Settings::budget`].
    #[must_use]
    pub fn within(mut self, budget: Duration) -> Self {
        self.budget = Some(budget);
        self
    }

    /// The client for one look within `deadline`.
    fn lookup_client(&self, deadline: &deadline::Deadline) -> Client {
        deadline.client(self.client(), self.settings().lookup)
    }

    /// The client for requests that may each take all of `deadline`.
    fn budget_client(&self, deadline: &deadline::Deadline) -> Client {
        deadline.client(self.client(), self.budget())
    }

    fn budget(&self) -> Duration {
        self.budget.unwrap_or(self.shared.settings.budget)
    }

    /// Waits until nothing goes on in the background. Await it before the process ends.
    ///
    /// What goes on after a call: the watch for doubles ([`Settings::watch`]), work that a caller asked to be carried on
    /// ([`Appointment::carry_on`]), the release of reservations, and the release of leases in the shared store. A lease that
    /// is not released lasts 3 s, and the word of what was booked is lost with it. A store that does not answer is tried for
    /// 60 s.
    pub async fn idle(&self) {
        self.shared.background.idle().await;
    }

    /// A booking to try things out with (the documented `generateTestBookingData`): the patient of its examples, the day
    /// after tomorrow at ten UTC.
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

    /// Whether `signature` (the value of `X-Cal-Signature-256`) is the service's for `payload`, the body as it was received,
    /// under the tenant's webhook secret (the documented `validateWebhookSignature`).
    ///
    /// Without [`Settings::webhook_secret`] nothing is genuine. Without a service at hand use
    /// [`validate_webhook_signature_with`](Self::validate_webhook_signature_with). For more than one secret, and to know what is wrong, use
    /// [`webhook::Verifier`](crate::webhook::Verifier).
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
        self.shared.caller.get_or_try_init(read).await.cloned()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("client", &self.shared.client)
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
