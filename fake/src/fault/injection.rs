//! What befalls one request, as the fake and the proxy understand it.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use super::canned::Canned;
use super::moment::Moment;

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Strike {
    Delay(Duration),
    /// This comes instead of the service's answer.
    Answer(Canned),
    /// So many bytes of the answer's body come.
    Truncate(usize),
    ContentType(HeaderValue),
    Reset(Moment),
    Silence,
}

/// What goes wrong, and whether the service has done its work by then.
#[derive(Clone, Debug)]
pub struct Befallen {
    pub strike: Strike,
    /// For those that do not say so themselves.
    pub after_effect: bool,
}

impl Befallen {
    /// Whether the service gets to see the request at all.
    pub fn has_effect(&self) -> bool {
        match &self.strike {
            Strike::Delay(_) | Strike::Truncate(_) | Strike::ContentType(_) => true,
            Strike::Reset(moment) => !matches!(moment, Moment::BeforeRequest | Moment::MidRequest),
            Strike::Answer(_) | Strike::Silence => self.after_effect,
        }
    }
}

impl fmt::Display for Befallen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.strike {
            Strike::Delay(time) => write!(f, "{time:?} late")?,
            Strike::Answer(canned) => write!(f, "{canned}")?,
            Strike::Truncate(bytes) => return write!(f, "answer cut off after {bytes} bytes"),
            Strike::ContentType(value) => return write!(f, "answer as {}", value.to_str().unwrap_or("something else")),
            Strike::Reset(moment) => {
                return f.write_str(match moment {
                    Moment::BeforeRequest => "reset before the request",
                    Moment::MidRequest => "reset in mid-request",
                    Moment::InFlight => "reset in flight",
                    Moment::AfterEffect => "reset after the effect",
                    Moment::MidAnswer => "reset in mid-answer",
                });
            }
            Strike::Silence => f.write_str("silence")?,
        }
        if self.after_effect { f.write_str(" after the effect") } else { Ok(()) }
    }
}
