//! Appointments for people: every one booked exactly once, in the caller's time zone, and always the truth about it.
//!
//! [`Service`] stands above the facade and knows the business rules; how a request travels is left to the client, and the
//! shapes to the facade. It is made for somebody who books for others, from a phone agent that must answer within
//! seconds ([`Service::book`] within a budget) to an import of thousands ([`Service::book_all`]).
//!
//! # Exactly once
//!
//! The service of Cal.com has no idempotency key. It keeps what stands in a booking's metadata, though, and lists
//! bookings by attendee, event type and time. So every booking is sent with a key ([`MARKER`]) in its metadata, and when
//! the outcome is not known it is looked for.
//!
//! What is known of an appointment is one of these, and one step follows from each:
//!
//! | state | how one gets there | what is done |
//! |---|---|---|
//! | *new* | the key was made for this call | send |
//! | *asked before* | the caller's own key | look once; found: booked; else send |
//! | *orphaned* | its process died ([`Appointment::resumed`]) | as *lost* |
//! | *answered* | success, with our key | booked |
//! | *another's* | success, with another key: a pending booking of the same person was there | not booked: `AlreadyBooked` |
//! | *refused* | 4xx, and no earlier attempt is open | a refusal that the second of two identical requests also gets (409, "not available"): look once, then not booked; a seat that two wanted at once is sent for again; any other: not booked |
//! | *not sent* | no connection, no permit, 429 | not booked, unless an earlier attempt is open: then as *lost* |
//! | *lost* | time-out, broken connection, 5xx, an answer that cannot be read | look, again and again |
//! | *found* | a look shows the key | whole: booked; more than asked for: the surplus is cancelled, then look again |
//! | *torn* | a look shows part of a series, and it stops growing | the part is cancelled, then look again |
//! | *called off* | a look shows it cancelled or declined, by somebody else | moved: booked, where it is now; else not booked: `CalledOff` |
//! | *settled* | nothing was to be seen for [`Settings::settle`] | send again |
//! | *refused again* | 4xx, and an earlier attempt is open | look for [`Settings::settle`]; still nothing: not booked |
//! | *time is up* | the budget ends | what is certain by then; else **unknown** |
//!
//! The rules that make this true, each with its evidence:
//!
//! 1. **An empty look proves nothing.** A booking becomes visible up to seconds after its connection broke (360 of 360
//!    were carried out, and the first look found none of them). So "not booked" is never concluded from a look alone, but
//!    from an answer of the service to the last request that was sent, or from the settling time.
//! 2. **The settling time runs only while the service answers.** A look that fails, or takes more than 1.5 s, or comes
//!    more than 3 s after the one before, starts it anew: a server that stands still commits when it goes on.
//! 3. **Sending again is what settles it.** A plain time cannot be booked twice (60 of 60 pairs), so that a plain booking is
//!    sent again as soon as a second of looking showed nothing. All others can double, but only while the first is being
//!    worked on (0 of 24 with 100 ms between them): they are sent again after the settling time. If the first request does
//!    arrive after the second, it finds the booking there and is refused, or answered with that booking.
//! 4. **After sending again it is looked at again.** One row for each start is kept, by age and id, so that everybody who
//!    tidies up keeps the same one; what else bears the key is cancelled. A watch in the background looks four times more
//!    ([`Settings::watch`]), for doubles and for parts of a series that a late first request leaves.
//! 5. **A series is made row by row** and is judged only when it has stopped growing. Part of one is cancelled as a whole.
//! 6. **The same bytes every time.** The service takes another spelling of an e-mail address for another person; input is
//!    normalized once, before it is checked.
//! 7. **Who is neither host nor attendee cannot look.** His lists are empty whatever happened. For such a caller a refusal
//!    after a lost attempt stays unknown.
//! 8. **At the deadline nothing is rounded.** What is not certain is [`Outcome::Unknown`], with a [`Ticket`] to settle it
//!    with later ([`Service::reconcile`]).
//!
//! What is not proven: that a request cannot reach the service after the settling time *and* overlap the second one within
//! the tenth of a second in which the service doubles. The watch and `reconcile` are there for that.

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
mod once;
mod outcome;
mod problem;
mod quiet;
mod reschedule;
mod settings;
#[cfg(feature = "webhook")]
mod signature;
mod slots;
mod turn;
mod withdraw;

use std::{fmt, sync::Arc, time::Duration};

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
    turns: turn::Turns,
    background: background::Background,
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
            settings,
            event_types: event_type::EventTypes::default(),
            caller: OnceCell::new(),
            turns: turn::Turns::default(),
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
