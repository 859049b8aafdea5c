//! Sends a request until it is answered or until sending again would be wrong.
//!
//! Sent again: for every operation what never reached the service, and a 429 (which the service counts and drops);
//! for operations that leave the same when done twice also broken connections, timeouts and 5xx. Never sent again: an
//! unsafe operation whose outcome is not known. One deadline stands over all attempts and the waiting between them.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    Call, Exchange,
    attempt::{Attempt, Unread, attempt},
};
use crate::{
    Error,
    config::Retry,
    error::{Cause, ErrorCode, FailureBuilder, read},
    operation::{Operation, Resend},
};

/// No wait between attempts is longer than this, unless the service asks for it.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) async fn until_answered(
    call: &Call,
    request: &reqwest::Request,
    operation: &'static Operation,
) -> Result<Exchange, Error> {
    let config = &call.core.config;
    let total = call.options.deadline.unwrap_or(config.timeout.total);
    if total.is_zero() {
        let mut error = timed_out(FailureBuilder::new().code(ErrorCode::ServiceUnavailable), "no time was given");
        error.failure_mut().sent(operation.id, 0, false, true);
        return Err(error);
    }
    let deadline = from_now(total);
    let mut attempts = 0;
    let mut uncertain = false;
    loop {
        let Some(copy) = request.try_clone() else {
            return Err(Error::configuration("a request with a streamed body cannot be sent"));
        };
        attempts += 1;
        let until = deadline.min(from_now(config.timeout.request));
        let ended = attempt(&call.core, copy, until).await;
        let fate = match judge(call, request, operation, ended) {
            Ok(mut exchange) => {
                exchange.attempts = attempts;
                return Ok(exchange);
            }
            Err(fate) => fate,
        };
        uncertain |= fate.uncertain;
        let give_up = |mut error: Error| {
            let changes = operation.resend != Resend::Safe;
            error.failure_mut().sent(operation.id, attempts, uncertain && changes, operation.resend != Resend::Unsafe);
            Err(error)
        };
        let again = fate.again || (fate.uncertain && operation.resend != Resend::Unsafe);
        if !again || attempts >= config.retry.times {
            return give_up(fate.error);
        }
        // The service counts in whole seconds, so its "now" may be a little early.
        let wait = backoff(&config.retry, attempts).max(fate.error.retry_after().unwrap_or_default());
        if from_now(wait) >= deadline {
            return give_up(fate.error);
        }
        sleep(wait).await;
    }
}

/// That time from now, or as good as never.
fn from_now(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    Instant::now() + time.min(YEAR)
}

/// What a failed attempt means.
struct Fate {
    error: Error,
    /// Sending again cannot do anything twice, whatever the operation.
    again: bool,
    /// The service may have carried the request out.
    uncertain: bool,
}

fn judge(
    call: &Call,
    request: &reqwest::Request,
    operation: &'static Operation,
    ended: Attempt,
) -> Result<Exchange, Fate> {
    let known = || FailureBuilder::new().code(ErrorCode::ServiceUnavailable);
    let (error, again, uncertain) = match ended {
        Attempt::Answered { status, headers, body } => {
            if (200..300).contains(&status) && !read::says_error(&body) {
                return Ok(Exchange { operation: Some(operation), attempts: 0, status, headers, body });
            }
            let error = read::answer(operation, status, &headers, &body, &scrubber(call, request, operation));
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
                Unread::Broken(cause) => (Error::Transport(known.text(text).build(), Cause::new(cause)), false, true),
                Unread::TimedOut => (timed_out(known, &text), false, true),
            }
        }
        Attempt::NeverSent(error) if error.is_builder() => {
            (Error::configuration(format!("the request could not be built: {error}")), false, false)
        }
        Attempt::NeverSent(error) if error.is_timeout() => {
            (timed_out(known(), "no connection was made in time"), true, false)
        }
        Attempt::NeverSent(error) => {
            let failure = known().text("the connection could not be made").build();
            (Error::Transport(failure, Cause::new(error)), true, false)
        }
        Attempt::Broken(error) => {
            let failure = known().text("the connection broke before there was an answer").build();
            (Error::Transport(failure, Cause::new(error)), false, true)
        }
        Attempt::TimedOut => (timed_out(known(), "no answer in time"), false, true),
    };
    Err(Fate { error, again, uncertain })
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

fn timed_out(known: FailureBuilder, text: &str) -> Error {
    Error::Timeout(known.text(text).build())
}

/// Full jitter: any part of a wait that doubles from attempt to attempt.
fn backoff(retry: &Retry, attempts: u32) -> Duration {
    let longest = retry.delay.saturating_mul(1 << (attempts - 1).min(16)).min(LONGEST);
    longest.mul_f64(fastrand::f64())
}

/// Knows everything that the request carried, so that none of it comes back in a text.
fn scrubber(call: &Call, request: &reqwest::Request, operation: &'static Operation) -> crate::error::Scrubber {
    let mut scrubber = crate::error::Scrubber::default();
    for secret in call.core.credentials.secrets() {
        scrubber.value(secret);
    }
    scrubber.query(request.url().query().unwrap_or_default());
    let path = request.url().path();
    for (_, value) in operation.values(path.strip_prefix(call.core.base_path.as_str()).unwrap_or(path)) {
        scrubber.value(&percent_encoding::percent_decode_str(value).decode_utf8_lossy());
    }
    let body = request.body().and_then(reqwest::Body::as_bytes);
    if let Some(body) = body.and_then(|body| serde_json::from_slice(body).ok()) {
        scrubber.json(&body);
    }
    scrubber
}
