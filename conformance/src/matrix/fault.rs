//! The faults of the matrix, by the point of the exchange.

use std::{fmt, time::Duration};

use calcom_fake::{
    __conformance::{CannedResponse, FaultAction, FaultInjection},
    ResetPoint,
};
use http::{HeaderValue, header};

/// A delay that is longer than every time limit.
const LATE_RESPONSE_DELAY: Duration = Duration::from_secs(45);
/// The length of a truncated body, in bytes.
const TRUNCATED_BYTES: usize = 64;

/// The fault of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No fault.
    None,
    /// Connections are refused.
    Refused,
    /// Connections are refused for a short time.
    RefusedFirst,
    /// The connection is reset before the request is read.
    ResetBefore,
    /// The connection is reset after half of the request.
    MidRequest,
    /// The connection is reset after the complete request.
    InFlight,
    /// The connection is reset in place of the response.
    AfterCommit,
    /// The connection is reset after half of the response.
    MidResponse,
    /// The response comes after every time limit.
    LateAnswer,
    /// No effect and no response; the connection stays open.
    NoResponse,
    /// The whole service stalls for this time, and then processes all requests.
    Stalled(Duration),
    /// 429 without effect.
    TooMany,
    /// 500 without effect.
    ErrorUndone,
    /// 500 after the effect.
    ErrorDone,
    /// A gateway's page with 502, without effect.
    GatewayUndone,
    /// A gateway's page with 502, after the effect.
    GatewayDone,
    /// 503 without effect.
    UnavailableUndone,
    /// 503 after the effect.
    UnavailableDone,
    /// A page with 200, without effect.
    PageUndone,
    /// A page with 200, after the effect.
    PageDone,
    /// A truncated response, after the effect.
    Truncated,
}

impl Fault {
    /// Faults of one request; the service itself is available.
    pub const ALIVE: [Self; 20] = [
        Self::None,
        Self::Refused,
        Self::RefusedFirst,
        Self::ResetBefore,
        Self::MidRequest,
        Self::InFlight,
        Self::AfterCommit,
        Self::MidResponse,
        Self::LateAnswer,
        Self::NoResponse,
        Self::TooMany,
        Self::ErrorUndone,
        Self::ErrorDone,
        Self::GatewayUndone,
        Self::GatewayDone,
        Self::UnavailableUndone,
        Self::UnavailableDone,
        Self::PageUndone,
        Self::PageDone,
        Self::Truncated,
    ];

    /// Faults of lookups and cancellations.
    pub(super) const TRANSIENT: [Self; 6] = [
        Self::ResetBefore,
        Self::InFlight,
        Self::AfterCommit,
        Self::GatewayUndone,
        Self::ErrorUndone,
        Self::MidResponse,
    ];

    /// The injection for a request. `None` for faults of the connection or of the whole service.
    pub(super) fn injection(self) -> Option<FaultInjection> {
        let reset = |point| (FaultAction::Reset(point), false);
        let (action, after_effect) = match self {
            Self::None | Self::Refused | Self::RefusedFirst | Self::Stalled(_) => return None,
            Self::ResetBefore => reset(ResetPoint::BeforeRequest),
            Self::MidRequest => reset(ResetPoint::MidRequest),
            Self::InFlight => reset(ResetPoint::InFlight),
            Self::AfterCommit => reset(ResetPoint::AfterEffect),
            Self::MidResponse => reset(ResetPoint::MidResponse),
            Self::LateAnswer => (FaultAction::Delay(LATE_RESPONSE_DELAY), true),
            Self::NoResponse => (FaultAction::NoResponse, false),
            Self::TooMany => {
                let mut canned = CannedResponse::empty(429);
                canned.headers.push((header::RETRY_AFTER, HeaderValue::from_static("1")));
                (FaultAction::Respond(canned), false)
            }
            Self::ErrorUndone => (FaultAction::Respond(CannedResponse::error(500)), false),
            Self::ErrorDone => (FaultAction::Respond(CannedResponse::error(500)), true),
            Self::GatewayUndone => (FaultAction::Respond(CannedResponse::page(502)), false),
            Self::GatewayDone => (FaultAction::Respond(CannedResponse::page(502)), true),
            Self::UnavailableUndone => (FaultAction::Respond(CannedResponse::error(503)), false),
            Self::UnavailableDone => (FaultAction::Respond(CannedResponse::error(503)), true),
            Self::PageUndone => (FaultAction::Respond(CannedResponse::page(200)), false),
            Self::PageDone => (FaultAction::Respond(CannedResponse::page(200)), true),
            Self::Truncated => (FaultAction::Truncate(TRUNCATED_BYTES), true),
        };
        Some(FaultInjection { action, after_effect })
    }

    /// Whether the fault affects the whole service.
    pub fn affects_service(self) -> bool {
        matches!(self, Self::Stalled(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no fault",
            Self::Refused => "refused",
            Self::RefusedFirst => "refused at first",
            Self::ResetBefore => "reset before",
            Self::MidRequest => "reset in mid-request",
            Self::InFlight => "reset in flight",
            Self::AfterCommit => "reset after the commit",
            Self::MidResponse => "reset in mid-response",
            Self::LateAnswer => "answer too late",
            Self::NoResponse => "no response",
            Self::Stalled(_) => "server stalls",
            Self::TooMany => "429",
            Self::ErrorUndone => "500, not done",
            Self::ErrorDone => "500, done",
            Self::GatewayUndone => "502 page, not done",
            Self::GatewayDone => "502 page, done",
            Self::UnavailableUndone => "503, not done",
            Self::UnavailableDone => "503, done",
            Self::PageUndone => "200 page, not done",
            Self::PageDone => "200 page, done",
            Self::Truncated => "answer cut short, done",
        })
    }
}
