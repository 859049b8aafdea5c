//! What can go wrong between a client and the service, by the point of the exchange where it does.

use std::{fmt, time::Duration};

use calcom_fake::{
    __conformance::{Befallen, Canned, Strike},
    Moment,
};
use http::{HeaderValue, header};

/// Later than anybody waits.
const LATE: Duration = Duration::from_secs(45);
/// So many bytes of a body that is cut short.
const SOME: usize = 64;

/// One misfortune that befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// None.
    None,
    /// Nobody listens.
    Refused,
    /// Nobody listens, for a moment.
    RefusedFirst,
    /// The connection is reset before the request is read.
    ResetBefore,
    /// Half of the request arrives, then the connection is reset.
    MidRequest,
    /// The request arrives, then the connection is reset.
    InFlight,
    /// The service answers, and the connection is reset in the place of the answer.
    AfterCommit,
    /// Half of the answer comes, then the connection is reset.
    MidAnswer,
    /// The answer comes after everybody's patience.
    LateAnswer,
    /// The request is swallowed, and nothing ever comes.
    Silence,
    /// The whole service stands still for so long, and works on everything when it goes on.
    Stalled(Duration),
    /// 429, and nothing is done.
    TooMany,
    /// 500, and nothing is done.
    ErrorUndone,
    /// 500, and it is done.
    ErrorDone,
    /// A gateway's page with 502, and nothing is done.
    GatewayUndone,
    /// A gateway's page with 502, and it is done.
    GatewayDone,
    /// 503, and nothing is done.
    UnavailableUndone,
    /// 503, and it is done.
    UnavailableDone,
    /// A page with 200, and nothing is done.
    PageUndone,
    /// A page with 200, and it is done.
    PageDone,
    /// Less of the answer than was announced, and it is done.
    Truncated,
}

impl Fault {
    /// Those of one request, while the service is alive.
    pub const ALIVE: [Self; 20] = [
        Self::None,
        Self::Refused,
        Self::RefusedFirst,
        Self::ResetBefore,
        Self::MidRequest,
        Self::InFlight,
        Self::AfterCommit,
        Self::MidAnswer,
        Self::LateAnswer,
        Self::Silence,
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

    /// Those that befall lookups and cancellations too.
    pub(super) const PASSING: [Self; 6] =
        [Self::ResetBefore, Self::InFlight, Self::AfterCommit, Self::GatewayUndone, Self::ErrorUndone, Self::MidAnswer];

    /// What that is for a request on its way; nothing for what befalls the way itself, or everybody.
    pub(super) fn befallen(self) -> Option<Befallen> {
        let reset = |moment| (Strike::Reset(moment), false);
        let (strike, after_effect) = match self {
            Self::None | Self::Refused | Self::RefusedFirst | Self::Stalled(_) => return None,
            Self::ResetBefore => reset(Moment::BeforeRequest),
            Self::MidRequest => reset(Moment::MidRequest),
            Self::InFlight => reset(Moment::InFlight),
            Self::AfterCommit => reset(Moment::AfterEffect),
            Self::MidAnswer => reset(Moment::MidAnswer),
            Self::LateAnswer => (Strike::Delay(LATE), true),
            Self::Silence => (Strike::Silence, false),
            Self::TooMany => {
                let mut canned = Canned::empty(429);
                canned.headers.push((header::RETRY_AFTER, HeaderValue::from_static("1")));
                (Strike::Answer(canned), false)
            }
            Self::ErrorUndone => (Strike::Answer(Canned::error(500)), false),
            Self::ErrorDone => (Strike::Answer(Canned::error(500)), true),
            Self::GatewayUndone => (Strike::Answer(Canned::page(502)), false),
            Self::GatewayDone => (Strike::Answer(Canned::page(502)), true),
            Self::UnavailableUndone => (Strike::Answer(Canned::error(503)), false),
            Self::UnavailableDone => (Strike::Answer(Canned::error(503)), true),
            Self::PageUndone => (Strike::Answer(Canned::page(200)), false),
            Self::PageDone => (Strike::Answer(Canned::page(200)), true),
            Self::Truncated => (Strike::Truncate(SOME), true),
        };
        Some(Befallen { strike, after_effect })
    }

    /// Whether it is the whole service that is struck.
    pub fn strikes_all(self) -> bool {
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
            Self::MidAnswer => "reset in mid-answer",
            Self::LateAnswer => "answer too late",
            Self::Silence => "swallowed",
            Self::Stalled(_) => "server stands still",
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
