//! The fault of one request, as the fake and the proxy apply it.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use super::canned_response::CannedResponse;
use super::reset_point::ResetPoint;

/// The action of a fault.
#[derive(Clone, Debug)]
pub enum FaultAction {
    Delay(Duration),
    /// Send this in place of the service's response.
    Respond(CannedResponse),
    /// Send only so many bytes of the response body.
    Truncate(usize),
    ContentType(HeaderValue),
    Reset(ResetPoint),
    NoResponse,
}

/// The fault to inject, and whether the service processes the request before the fault.
#[derive(Clone, Debug)]
pub struct FaultInjection {
    pub action: FaultAction,
    /// Whether the service processes the request before the fault. Read only if the action does not determine it.
    pub after_effect: bool,
}

impl FaultInjection {
    /// Whether the service processes the request.
    pub fn has_effect(&self) -> bool {
        match &self.action {
            FaultAction::Delay(_) | FaultAction::Truncate(_) | FaultAction::ContentType(_) => true,
            FaultAction::Reset(point) => !matches!(point, ResetPoint::BeforeRequest | ResetPoint::MidRequest),
            FaultAction::Respond(_) | FaultAction::NoResponse => self.after_effect,
        }
    }
}

impl fmt::Display for FaultInjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            FaultAction::Delay(time) => write!(f, "{time:?} late")?,
            FaultAction::Respond(canned) => write!(f, "{canned}")?,
            FaultAction::Truncate(bytes) => return write!(f, "answer cut off after {bytes} bytes"),
            FaultAction::ContentType(value) => {
                return write!(f, "answer as {}", value.to_str().unwrap_or("something else"));
            }
            FaultAction::Reset(point) => {
                return f.write_str(match point {
                    ResetPoint::BeforeRequest => "reset before the request",
                    ResetPoint::MidRequest => "reset in mid-request",
                    ResetPoint::InFlight => "reset in flight",
                    ResetPoint::AfterEffect => "reset after the effect",
                    ResetPoint::MidResponse => "reset in mid-answer",
                });
            }
            FaultAction::NoResponse => f.write_str("no response")?,
        }
        if self.after_effect { f.write_str(" after the effect") } else { Ok(()) }
    }
}
