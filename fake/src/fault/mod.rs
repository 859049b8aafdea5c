//! Faults: which fault is injected into which requests, and how often. The fake and a [`FaultProxy`](super::FaultProxy)
//! in front of it take the same faults.

mod canned_response;
mod fault_plan;
mod injection;
mod path_pattern;
mod request_matcher;
mod reset_point;

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

pub use canned_response::CannedResponse;
pub(crate) use fault_plan::FaultPlan;
pub use injection::{FaultAction, FaultInjection};
use request_matcher::RequestMatcher;
pub use reset_point::ResetPoint;

/// A failure that the fake injects: its effect, the requests that it matches, and how often.
///
/// By default it is injected into the next request, once. If several faults match a request, the one that was added first
/// is injected.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{Fault, FakeCalcom, ResetPoint};
///
/// let fake = FakeCalcom::start().await;
/// // The next two requests get 503, and nothing is booked.
/// fake.fault(Fault::status(503).on("POST /v2/bookings").times(2));
/// // The booking is made, and its response is lost.
/// fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
/// // A tenth of the lists gets the page of a gateway, the same ones in every run.
/// fake.fault(Fault::html(502).on("list_bookings").chance(0.1, 42));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    injection: FaultInjection,
    target: RequestMatcher,
    /// The number of matching requests that pass first.
    skip: u32,
    /// The largest number of requests that it is injected into.
    max: Option<u32>,
    chance: Option<(f64, fastrand::Rng)>,
}

impl Fault {
    /// An error of the service with this status, without an effect.
    pub fn status(status: u16) -> Self {
        Self::of(FaultAction::Respond(CannedResponse::error(status)))
    }

    /// An HTML page of a gateway with this status.
    pub fn html(status: u16) -> Self {
        Self::of(FaultAction::Respond(CannedResponse::page(status)))
    }

    /// A response with this status and no body.
    pub fn empty(status: u16) -> Self {
        Self::of(FaultAction::Respond(CannedResponse::empty(status)))
    }

    /// A response with this status, content type and body.
    pub fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::of(FaultAction::Respond(CannedResponse::new(status, Some(content_type), body.into())))
    }

    /// A delay before the request is processed, by the fake's clock.
    pub fn delay(time: Duration) -> Self {
        Self::of(FaultAction::Delay(time))
    }

    /// The service's response with a truncated body: only the first `bytes` bytes are sent, although the head announces the
    /// full length. Then the connection is closed.
    pub fn truncated(bytes: usize) -> Self {
        Self::of(FaultAction::Truncate(bytes))
    }

    /// The service's response with another content type, such as `text/plain`.
    pub fn content_type(content_type: &str) -> Self {
        let value = HeaderValue::from_str(content_type);
        Self::of(FaultAction::ContentType(value.unwrap_or_else(|_| HeaderValue::from_static("text/plain"))))
    }

    /// A reset of the connection at this point of the exchange.
    ///
    /// The fake itself closes the connection; a [`FaultProxy`](super::FaultProxy) resets it.
    pub fn reset(point: ResetPoint) -> Self {
        Self::of(FaultAction::Reset(point))
    }

    /// No effect and no response; the connection stays open.
    pub fn no_response() -> Self {
        Self::of(FaultAction::NoResponse)
    }

    fn of(action: FaultAction) -> Self {
        let injection = FaultInjection { action, after_effect: false };
        Self { injection, target: RequestMatcher::Any, skip: 0, max: Some(1), chance: None }
    }

    /// Injects the fault after the request has its effect: the response is delayed, replaced or missing. It changes nothing
    /// for faults that alter a response, which are always after the effect, and for resets, which have a [`ResetPoint`].
    pub fn after_effect(mut self) -> Self {
        self.injection.after_effect = true;
        self
    }

    /// Adds a header, such as `retry-after`, to a response that replaces the service's. It does nothing for other faults.
    ///
    /// # Panics
    /// If name or value is not valid in a header, or if the header says how many bytes follow: the server writes those.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) if !is_framing(name.as_str()) => {
                if let FaultAction::Respond(canned) = &mut self.injection.action {
                    canned.headers.push((name, value));
                }
                self
            }
            #[expect(clippy::panic, reason = "a test that says it wrong is told so")]
            _ => panic!("`{name}: {value}` cannot be a header"),
        }
    }

    /// Limits the fault to these requests: an operation (`create_booking`), a path (`/v2/bookings`), or a method and a path
    /// (`POST /v2/bookings/{uid}/cancel`). A segment in braces matches any segment; `*` matches any text, slashes included:
    /// `/v2/event-types*`. A path may begin with the host of the service: `api.cal.com/v2/event-types*`.
    ///
    /// # Panics
    /// If it is neither a path nor an operation of the fake, or if it cannot match any request. It cannot match if no route of
    /// the fake is similar, or if it has another host, a query, or an unknown HTTP method. The message names the nearest routes.
    #[track_caller]
    pub fn on(self, requests: &str) -> Self {
        match self.try_on(requests) {
            Ok(fault) => fault,
            #[expect(clippy::panic, reason = "a fault that can never match has no effect on the test")]
            Err(message) => panic!("{message}"),
        }
    }

    /// As [`Self::on`], with the message as an error.
    pub(crate) fn try_on(mut self, requests: &str) -> Result<Self, String> {
        self.target = RequestMatcher::parse(requests)?;
        Ok(self)
    }

    /// Injects the fault into `times` requests. Default: 1.
    pub fn times(mut self, times: u32) -> Self {
        self.max = Some(times);
        self
    }

    /// Injects the fault into every matching request.
    pub fn always(mut self) -> Self {
        self.max = None;
        self
    }

    /// Starts with the `n`-th matching request, counted from 1.
    pub fn nth(mut self, n: u32) -> Self {
        self.skip = n.saturating_sub(1);
        self
    }

    /// Injects the fault into a random `share` (0.0 to 1.0) of the matching requests, without a limit unless [`Self::times`]
    /// is called after this. The same seed chooses the same requests.
    pub fn chance(mut self, share: f64, seed: u64) -> Self {
        self.chance = Some((share, fastrand::Rng::with_seed(seed)));
        self.max = None;
        self
    }
}

/// Whether a header says how many bytes follow. The server writes it; with another value no response could be sent.
pub(crate) fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing))
}

/// Writes the fault and the requests that it matches.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.injection, self.target)?;
        if self.skip > 0 {
            write!(f, ", from number {} on", self.skip + 1)?;
        }
        if let Some((share, _)) = &self.chance {
            write!(f, ", {} % of them", share * 100.0)?;
        }
        match self.max {
            Some(1) => Ok(()),
            Some(most) => write!(f, ", {most} times"),
            None => write!(f, ", always"),
        }
    }
}
