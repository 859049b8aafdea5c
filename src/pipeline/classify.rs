//! What an attempt that ended means: an answer, or an error, and whether the request may be sent again after it.

use super::{
    Call, Exchange, Outgoing,
    attempt::{Attempt, Unread},
    outgoing::Sending,
};
use crate::{
    Error,
    error::{Cause, ErrorCode, FailureBuilder, Scrubber, read},
    operation::Resend,
};

/// What a failed attempt means.
pub(super) struct Fate {
    pub(super) error: Error,
    /// Sending again cannot do anything twice, whatever the operation.
    pub(super) again: bool,
    /// The service may have carried the request out.
    pub(super) uncertain: bool,
}

/// The answer of an attempt, or what its failure means.
pub(super) fn classify(sending: &Sending<'_>, ended: Attempt) -> Result<Exchange, Fate> {
    let is_good = |status, body: &[u8]| {
        ((200..300).contains(&status) && !read::says_error(body)) || (status == 304 && sending.if_none_match.is_some())
    };
    match ended {
        Attempt::Answered { status, headers, body } if is_good(status, &body) => {
            let operation = Some(sending.request.operation);
            Ok(Exchange { operation, status, headers, body, ..Exchange::default() })
        }
        ended => Err(fate(sending, ended)),
    }
}

#[cold]
fn fate(sending: &Sending<'_>, ended: Attempt) -> Fate {
    let (call, operation) = (sending.call, sending.request.operation);
    let known = || FailureBuilder::new().code(ErrorCode::ServiceUnavailable);
    let (error, again, uncertain) = match ended {
        Attempt::Answered { status, headers, body } => {
            let error = read::answer(operation, status, &headers, &body, &scrubber(call, sending.request));
            let uncertain = is_unclear(&error);
            (error, status == 429, uncertain)
        }
        // Refused or failed, and its status says which; the body would have said why.
        Attempt::Unread { status, headers, why } if !(200..300).contains(&status) => {
            let error = read::by_status(status, read::known(status, &headers).text(why.text(call)).build());
            let uncertain = is_unclear(&error);
            (error, status == 429, uncertain)
        }
        Attempt::Unread { status, headers, why } => {
            let (known, text) = (read::known(status, &headers), why.text(call));
            match why {
                // It was answered, so it was carried out; asking again gives the same answer.
                Unread::TooLarge => {
                    let cause = Cause::new("the answer was not read to its end");
                    let mut error = Error::Decode(known.text(text).build(), cause);
                    let changes = operation.resend != Resend::Safe;
                    error.failure_mut().sent(operation.id, 0, changes, !changes);
                    (error, false, false)
                }
                Unread::Broken(cause) => {
                    let failure = known.code(ErrorCode::ServiceUnavailable).text(text).build();
                    (Error::Transport(failure, Cause::new(cause)), false, true)
                }
                Unread::TimedOut => (timed_out(known.code(ErrorCode::ServiceUnavailable), &text), false, true),
            }
        }
        Attempt::NeverSent(error) if error.is_builder() => {
            (Error::configuration(format!("the request could not be built: {error}")), false, false)
        }
        Attempt::NeverSent(error) if error.is_timeout() => {
            (timed_out(known(), "no connection was made in time"), true, false)
        }
        Attempt::NeverSent(error) => {
            let text = if error.is_connect() {
                "the connection could not be made"
            } else {
                "the connection was gone before the request went onto it"
            };
            (Error::Transport(known().text(text).build(), Cause::new(error)), true, false)
        }
        Attempt::Broken(error) => {
            let failure = known().text("the connection broke before there was an answer").build();
            (Error::Transport(failure, Cause::new(error)), false, true)
        }
        Attempt::TimedOut => (timed_out(known(), "no answer in time"), false, true),
    };
    Fate { error, again, uncertain }
}

/// Whether the service says no more than that something went wrong on its side.
fn is_unclear(error: &Error) -> bool {
    matches!(error, Error::Server(_) | Error::Unavailable(_) | Error::Timeout(_))
}

impl Unread {
    fn text(&self, call: &Call) -> String {
        match self {
            Self::TooLarge => {
                format!("the answer is larger than {} bytes (max_answer_bytes)", call.core.config.max_answer_bytes)
            }
            Self::Broken(_) => "the connection broke before the answer was whole".to_owned(),
            Self::TimedOut => "the answer did not end in time".to_owned(),
        }
    }
}

pub(super) fn timed_out(known: FailureBuilder, text: &str) -> Error {
    Error::Timeout(known.text(text).build())
}

/// Knows everything that the request carried, so that none of it comes back in a text.
fn scrubber(call: &Call, request: &Outgoing) -> Scrubber {
    let mut scrubber = Scrubber::default();
    for secret in call.core.credentials.secrets() {
        scrubber.value(secret);
    }
    scrubber.query(&request.query);
    for (_, value) in request.operation.values(&request.path) {
        scrubber.value(&percent_encoding::percent_decode_str(value).decode_utf8_lossy());
    }
    if let Some(body) = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()) {
        scrubber.json(&body);
    }
    scrubber
}
