//! Appointments for people: every one booked exactly once, in the caller's time zone, and always the truth about it.
//!
//! [`Service`] stands above the facade and knows the business rules; how a request travels is left to the client, and the
//! shapes to the facade. It is made for somebody who books for others, from a phone agent that must answer within
//! seconds ([`Service::book`] within a budget) to an import of thousands ([`Service::book_all`]).
//!
//! # Exactly once
//!
//! The service of Cal.com has no idempotency key. It keeps what stands in a booking's metadata, though, and lists
//! bookings by attendee, event type and time. So every booking is sent with a key ([`MARKER`]) and a digest of its content
//! in its metadata, and when the outcome is not known it is looked for.
//!
//! *Evidence* is collected: when each attempt was sent, when and how it ended; when each look was asked, and what it
//! showed; what was withdrawn. One function concludes from it (`once::conclude`), without clock, network or memory. Evidence
//! only grows, and more of it never turns "booked" into "not booked". These are its states (`once::State`, named in the
//! event `calcom::service` at level debug), and one step follows from each:
//!
//! | state | how one gets there | what is done |
//! |---|---|---|
//! | *new* | the key was made for this call | send |
//! | *asked before* | the caller's own key: another call may have sent it, or be about to | look once; found: booked; else check, then send |
//! | *orphaned* | its process died ([`Appointment::resumed`]), or a call was dropped or ended unknown | as *lost* |
//! | *answered* | success, with our key | booked; an own key, or after a lost attempt, of a kind that can double: look until that row shows, then booked |
//! | *another* | success, with another key: a pending booking of the same person was there | not booked: `AlreadyBooked` |
//! | *refused* | 4xx, and no earlier attempt is open | new key: one look if it may be our own doing, then not booked; of a series that lost a race, if that is *proven*. Own key: not booked if that is *proven*. A seat that two wanted at once is sent for again |
//! | *refused again* | 4xx, and an earlier attempt is open | not booked if that is proven |
//! | *not sent* | no connection, no permit, 429 | new key: not booked. Own key: sent again while there is time |
//! | *lost* | time-out, broken connection, 5xx, an answer that cannot be read | look, again and again; nothing for [`Settings::settle`]: send again |
//! | *found* | what bears the key stands | whole: booked; more than asked for: the younger is cancelled, then booked |
//! | *part* | a part of a series stands | look until it has not grown for the settling time, then cancel it |
//! | *called off* | what bears the key was cancelled or declined by a person | moved: booked, where it is now; else not booked: `CalledOff` |
//! | *used* | the key stands on other content | not booked: [`Problem::KeyUsed`], at once if the shared store says so or the other booking is older than an hour, else if that is proven and two settling times have gone by |
//! | *blocked* | a check keeps it from being sent | new key: not booked. Own key: not booked if that is proven |
//!
//! "Not booked" is *proven* by a look that was asked at least the settling time after the last attempt was settled, while the
//! service answered for half of that time; or by a rival who has the very time of a booking that stands at once, takes it from
//! the same host, and still stands when it is read by its uid. A refusal for the content itself (a missing answer, say) needs
//! one look that was answered; any other may be a gateway's, or not have held for an earlier call. The lost race of a series
//! may leave its first rows, so that it counts as an attempt that is open, under a new key too. At the deadline nothing is rounded: what is
//! not certain is [`Outcome::Unknown`], with a [`Ticket`] to settle it with later ([`Service::reconcile`]).
//!
//! The rules behind the table, each with its evidence:
//!
//! 1. **An empty look proves nothing.** A booking becomes visible up to seconds after its connection broke (360 of 360
//!    were carried out, and the first look found none of them).
//! 2. **The settling time runs only while the service answers.** A look that fails, or takes more than 1.5 s, or comes
//!    more than 3 s after the one before, starts it anew: a server that stands still commits when it goes on.
//! 3. **Sending again is what settles it.** A plain time cannot be booked twice (60 of 60 pairs), so that a plain booking is
//!    sent again as soon as a second of looking showed nothing. All others can double, but only while the first is being
//!    worked on (0 of 24 with 100 ms between them): they are sent again after the settling time.
//! 4. **A refusal may be our own doing.** The loser of a race is told 409, or in production `400 An error occurred while
//!    querying the database`; the second of two identical requests "not available", or that a limit is reached.
//! 5. **A caller's own key is perhaps in flight elsewhere.** A call in the same process, or one carried on in the background,
//!    is waited for; so is one in another process, by a lease in the store that both share
//!    ([`Store`](crate::state::Store)). It lasts 3 s if its process dies. What the last call came to stands beside the lease.
//!    The key is leased for the caller (its credential) and for the event type, so that one key books one event type, and
//!    tenants who share a store do not share keys. A call that the store did not answer goes on without it and enters itself
//!    later. That nothing stands is not concluded from a lease: the
//!    store may have been emptied, or have been away. Without a store every success of a kind that can double is looked at before it is told. A look counts if it shows the
//!    row that was answered: then it shows all older ones too.
//! 6. **The oldest row of each start is kept**, so that all callers who tidy up keep the same one. Before anything is
//!    cancelled the rows that decide are read by their uid, because lists lag. The reason of the cancellation names the
//!    booking that stands: people get mail about it, and [`Service::lineage`] follows it.
//! 7. **A series is made row by row** and is judged when it has not changed for the settling time: another caller may be
//!    making it. Part of one is cancelled as a whole.
//! 8. **A watch in the background** looks four times more ([`Settings::watch`]) where something may come late: a double, or a
//!    part of a series.
//! 9. **The same bytes every time.** The service takes another spelling of an e-mail address for another person; input is
//!    normalized once, before it is checked.
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
//! - A seat that was given back leaves no trace at the service. Where a word of it is left, its key is unknown from then on; where
//!   none is, its key books again.
//! - No request can be kept from reaching the service after the settling time. If it then overlaps the second one within the
//!   tenth of a second in which the service doubles, the watch and `reconcile` are there for that.

mod answer;
mod appointment;
mod background;
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
mod reschedule;
mod run;
mod settings;
#[cfg(feature = "webhook")]
mod signature;
mod slots;
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

use crate::{Client, Result, model::CreateBooking};

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
    background: background::Background,
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
    /// The service for whoever `client` acts as.
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
            background: background::Background::default(),
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

    fn budget(&self) -> Duration {
        self.budget.unwrap_or(self.shared.settings.budget)
    }

    /// Waits until nothing goes on in the background: no watch for doubles, no work that was to be carried on, no
    /// reservation to be released. For a program that is about to end.
    pub async fn idle(&self) {
        self.shared.background.idle().await;
    }

    /// A booking to try things out with (the reference's `generateTestBookingData`): the patient of its examples, the day
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
    /// under the tenant's webhook secret (the reference's `validateWebhookSignature`).
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

    /// Who is calling, read once.
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
