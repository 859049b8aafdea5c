//! Sends a request until it is answered or until sending again would be wrong.
//!
//! Sent again: for every operation what never reached the service, and a 429 (which the service counts and drops);
//! for operations that leave the same when done twice also broken connections, timeouts and 5xx. Never sent again: an
//! unsafe operation whose outcome is not known. One deadline stands over all attempts and the waiting between them.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    Call, Exchange,
    attempt::{Attempt, attempt},
    breaker::Leave,
    limiter::{Patience, Permit},
    refuse,
};
use crate::{
    Error,
    config::Retry,
    error::{Cause, ErrorCode, FailureBuilder, read},
    operation::{Credentials, Operation, Resend},
    state::circuit::Verdict,
};

/// No wait between attempts is longer than this, unless the service asks for it.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) async fn until_answered(
    call: &Call,
    request: &reqwest::Request,
    operation: &'static Operation,
    deadline: Instant,
) -> Result<Exchange, Error> {
    let config = &call.core.config;
    let mut attempts = 0;
    let mut uncertain = false;
    let mut last = None;
    loop {
        let Some(copy) = request.try_clone() else {
            return Err(Error::configuration("a request with a streamed body cannot be sent"));
        };
        let give_up = |mut error: Error, attempts, uncertain| {
            let changes = operation.resend != Resend::Safe;
            error.failure_mut().sent(operation.id, attempts, uncertain && changes, operation.resend != Resend::Unsafe);
            Err(error)
        };
        let (leave, mut permit) = match leave_to_send(call, operation, deadline).await {
            Ok(both) => both,
            // What the service said last tells more than that it is not asked again.
            Err(refusal) => return give_up(last.unwrap_or(refusal), attempts, uncertain),
        };
        attempts += 1;
        let until = deadline.min(Instant::now() + config.timeout.request);
        permit.sent();
        let ended = attempt(&call.core, copy, until).await;
        learn(&ended, leave, permit);
        let fate = match judge(call, request, operation, ended) {
            Ok(mut exchange) => {
                exchange.attempts = attempts;
                return Ok(exchange);
            }
            Err(fate) => fate,
        };
        uncertain |= fate.uncertain;
        let again = fate.again || (fate.uncertain && operation.resend != Resend::Unsafe);
        if !again || attempts >= config.retry.times {
            return give_up(fate.error, attempts, uncertain);
        }
        // After a 429 the limiter knows how long to wait, and lets go one after the other.
        if fate.error.status() != Some(429) {
            let wait = fate.error.retry_after().unwrap_or_else(|| backoff(&config.retry, attempts));
            if Instant::now() + wait >= deadline {
                return give_up(fate.error, attempts, uncertain);
            }
            sleep(wait).await;
        }
        last = Some(fate.error);
    }
}

/// The breaker's leave and the limiter's. Whoever has to wait for the limiter asks the breaker again after it: meanwhile
/// the circuit may have opened, and a probe must not hold its place while it waits.
async fn leave_to_send(
    call: &Call,
    operation: &'static Operation,
    deadline: Instant,
) -> Result<(Leave, Permit), Error> {
    let stations = &call.core.stations;
    let tenant = &call.core.tenant;
    let caller = if operation.credentials == Credentials::Refused { &tenant.anonymous } else { &tenant.caller };
    let wait = call.options.wait.unwrap_or(call.core.config.rate_limit.wait);
    let patience = if wait { Patience::Until(deadline) } else { Patience::TellMe(deadline) };
    let leave = stations.breaker.admit().await.map_err(refuse::circuit_open)?;
    let mut permit = pin!(stations.limiter.acquire(caller, operation.id, patience));
    match poll_fn(|context| Poll::Ready(permit.as_mut().poll(context))).await {
        Poll::Ready(permit) => Ok((leave, permit.map_err(refuse::no_room)?)),
        Poll::Pending => {
            drop(leave);
            let permit = permit.await.map_err(refuse::no_room)?;
            Ok((stations.breaker.admit().await.map_err(refuse::circuit_open)?, permit))
        }
    }
}

/// Tells breaker and limiter how an attempt ended.
fn learn(ended: &Attempt, leave: Leave, mut permit: Permit) {
    let verdict = match ended {
        Attempt::Answered { status, headers, .. } | Attempt::TooLarge { status, headers } => {
            permit.settle(*status, read::rate_limits(headers), read::said_retry_after(headers));
            match status {
                500.. => Verdict::Failure,
                400..=499 => Verdict::Neither,
                _ => Verdict::Success,
            }
        }
        Attempt::NeverSent(error) => {
            permit.not_sent();
            // A pooled connection that the service has closed meanwhile tells nothing about its health.
            if error.is_connect() { Verdict::Failure } else { Verdict::Neither }
        }
        Attempt::Broken(_) | Attempt::TimedOut => Verdict::Failure,
    };
    leave.settle(verdict);
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
    let (error, again, uncertain) = match ended {
        Attempt::Answered { status, headers, body } => {
            let is_good = (200..300).contains(&status) && !read::says_error(&body);
            if is_good || (status == 304 && request.headers().contains_key(http::header::IF_NONE_MATCH)) {
                return Ok(Exchange { operation: Some(operation), status, headers, body, ..Exchange::default() });
            }
            let error = read::answer(operation, status, &headers, &body, &scrubber(call, request, operation));
            (error, status == 429, status >= 500 || status == 408)
        }
        Attempt::TooLarge { status, headers } => {
            let limit = call.core.config.max_answer_bytes;
            let failure = read::known(status, &headers)
                .text(format!("the answer is larger than {limit} bytes (max_answer_bytes)"))
                .build();
            let error = Error::Decode(failure, Cause::new("the answer was not read to its end"));
            // It was answered, so it was carried out or refused; which of them is not known without the body.
            return Err(Fate { error, again: false, uncertain: false }.applied(operation));
        }
        Attempt::NeverSent(error) if error.is_builder() => {
            (Error::configuration(format!("the request could not be built: {error}")), false, false)
        }
        Attempt::NeverSent(error) if error.is_timeout() => (timed_out("no connection was made in time"), true, false),
        Attempt::NeverSent(error) => (broken("the connection could not be made", error), true, false),
        Attempt::Broken(error) => (broken("the connection broke before the answer was whole", error), false, true),
        Attempt::TimedOut => (timed_out("no answer in time"), false, true),
    };
    Err(Fate { error, again, uncertain })
}

impl Fate {
    fn applied(mut self, operation: &'static Operation) -> Self {
        let changes = operation.resend != Resend::Safe;
        self.error.failure_mut().sent(operation.id, 0, changes, !changes);
        self
    }
}

fn timed_out(text: &str) -> Error {
    Error::Timeout(FailureBuilder::new().code(ErrorCode::ServiceUnavailable).text(text).build())
}

fn broken(text: &str, error: reqwest::Error) -> Error {
    let failure = FailureBuilder::new().code(ErrorCode::ServiceUnavailable).text(text).build();
    Error::Transport(failure, Cause::new(error))
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
    for (_, value) in request.url().query_pairs() {
        scrubber.value(&value);
    }
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
