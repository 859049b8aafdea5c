//! Faults: what is to go wrong with which request, and how often. Said in one way for the fake itself, which does it
//! while it answers, and for a [`FaultProxy`](super::FaultProxy) in front of it, which does it to the connection.

mod canned;
mod moment;
mod pattern;
mod plan;
mod strike;
mod target;

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

pub use canned::Canned;
pub use moment::Moment;
pub(crate) use plan::Faults;
pub use strike::{Befallen, Strike};
use target::Target;

/// Something that goes wrong with a request: what, with which ones, and how often.
///
/// Without anything else said it strikes the next request, whatever that is, and then is used up. Of several faults
/// that could strike a request, the one that was given first does.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{Fault, FakeCalcom, Moment};
///
/// let fake = FakeCalcom::start().await;
/// // Two times out of two, nothing is booked.
/// fake.fault(Fault::status(503).on("POST /v2/bookings").times(2));
/// // It is booked, but nobody gets to know.
/// fake.fault(Fault::reset(Moment::AfterEffect).on("create_booking"));
/// // A tenth of the lookups meets a gateway's page; which ones is the same in every run.
/// fake.fault(Fault::html(502).on("list_bookings").chance(0.1, 42));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    befallen: Befallen,
    target: Target,
    /// How many requests it lets pass first.
    skip: u32,
    /// How many it strikes at most.
    most: Option<u32>,
    chance: Option<(f64, fastrand::Rng)>,
}

impl Fault {
    /// The service answers with this status, in its own form of an error, and does nothing else.
    pub fn status(status: u16) -> Self {
        Self::of(Strike::Answer(Canned::error(status)))
    }

    /// A gateway answers with this status and an HTML page of its own.
    pub fn html(status: u16) -> Self {
        Self::of(Strike::Answer(Canned::page(status)))
    }

    /// An answer with this status and no body.
    pub fn empty(status: u16) -> Self {
        Self::of(Strike::Answer(Canned::empty(status)))
    }

    /// An answer with this status, content type and body.
    pub fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(Strike::Answer(Canned::new(status, Some(content_type), body.into())))
    }

    /// The request waits so long before it is looked at, by the fake's clock.
    pub fn delay(time: Duration) -> Self {
        Self::of(Strike::Delay(time))
    }

    /// The service's own answer, of whose body only so many bytes arrive before the connection ends. It has announced
    /// the whole length.
    pub fn truncated(bytes: usize) -> Self {
        Self::of(Strike::Truncate(bytes))
    }

    /// The service's own answer under another content type, such as `text/plain`.
    pub fn content_type(content_type: &str) -> Self {
        let value = HeaderValue::from_str(content_type);
        Self::of(Strike::ContentType(value.unwrap_or_else(|_| HeaderValue::from_static("text/plain"))))
    }

    /// The connection is reset.
    ///
    /// The fake itself only closes it; a [`FaultProxy`](super::FaultProxy) resets it.
    pub fn reset(moment: Moment) -> Self {
        Self::of(Strike::Reset(moment))
    }

    /// The request is swallowed, and nothing ever comes.
    pub fn silence() -> Self {
        Self::of(Strike::Silence)
    }

    fn of(strike: Strike) -> Self {
        let befallen = Befallen { strike, after_effect: false };
        Self { befallen, target: Target::Any, skip: 0, most: Some(1), chance: None }
    }

    /// The service does what it was asked, and only then this happens: its answer waits, or another one, or none, comes
    /// in its place. What cuts or relabels an answer comes after the effect anyway, and a reset says itself when it comes.
    pub fn after_effect(mut self) -> Self {
        self.befallen.after_effect = true;
        self
    }

    /// Adds a header to an answer that comes in the place of the service's, such as `retry-after`; without effect on
    /// other faults.
    ///
    /// # Panics
    /// When name or value cannot be sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                if let Strike::Answer(canned) = &mut self.befallen.strike {
                    canned.headers.push((name, value));
                }
                self
            }
            #[expect(clippy::panic, reason = "a test that says it wrong is told so")]
            _ => panic!("`{name}: {value}` cannot be a header"),
        }
    }

    /// Strikes only these requests: an operation (`create_booking`), a path (`/v2/bookings`), or both a method and a path
    /// (`POST /v2/bookings/{uid}/cancel`), in which a part in braces stands for any one part, and `*` for anything, slashes
    /// too: `/v2/event-types*`. A path may have the service's host before it: `api.cal.com/v2/event-types*`.
    ///
    /// # Panics
    /// If it is neither a path nor an operation of the fake, or can never strike: no route of the fake is like it, or it
    /// has another host, a query, or a word that is no HTTP method. The message names the nearest routes.
    pub fn on(mut self, requests: &str) -> Self {
        match Target::parse(requests) {
            Ok(target) => {
                self.target = target;
                self
            }
            #[expect(clippy::panic, reason = "a fault that can never strike would make a test believe in vain")]
            Err(message) => panic!("{message}"),
        }
    }

    /// Strikes so many requests instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.most = Some(times);
        self
    }

    /// Strikes every request.
    pub fn always(mut self) -> Self {
        self.most = None;
        self
    }

    /// Strikes the `n`-th request of those it is meant for, counted from 1, and those after it if it strikes several.
    pub fn nth(mut self, n: u32) -> Self {
        self.skip = n.saturating_sub(1);
        self
    }

    /// Strikes requests by chance, `share` of them (0.0 to 1.0), for as long as it lasts: for ever, where
    /// [`Self::times`] is not said after this. The same seed strikes the same ones.
    pub fn chance(mut self, share: f64, seed: u64) -> Self {
        self.chance = Some((share, fastrand::Rng::with_seed(seed)));
        self.most = None;
        self
    }
}

/// What goes wrong, and with what.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.befallen, self.target)?;
        if self.skip > 0 {
            write!(f, ", from number {} on", self.skip + 1)?;
        }
        if let Some((share, _)) = &self.chance {
            write!(f, ", {} % of them", share * 100.0)?;
        }
        match self.most {
            Some(1) => Ok(()),
            Some(most) => write!(f, ", {most} times"),
            None => write!(f, ", always"),
        }
    }
}
