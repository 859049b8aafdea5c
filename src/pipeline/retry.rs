//! Sends a request until it is answered or until sending again would be wrong.
//!
//! Sent again: for every operation what never reached the service, and a 429 (which the service counts and drops);
//! for operations that leave the same when done twice also broken connections, timeouts and 5xx. Never sent again: an
//! unsafe operation whose outcome is not known. One deadline stands over all attempts and the waiting between them.

use std::{
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    Breaker, Exchange,
    attempt::{Attempt, attempt},
    breaker::Leave,
    classify::classify,
    limiter::{Patience, Permit},
    outgoing::Sending,
    refuse,
};
use crate::{
    Error,
    config::Retry,
    error::read,
    observe::Watch,
    operation::{Credentials, Resend},
    state::circuit::Verdict,
};

/// No wait between attempts is longer than this, unless the service asks for it.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) async fn until_answered(sending: &Sending<'_>, watch: &mut Watch<'_>) -> Result<Exchange, Error> {
    let Sending { call, deadline, .. } = *sending;
    let (config, operation) = (&call.core.config, sending.request.operation);
    let mut attempts = 0;
    let mut uncertain = false;
    let mut last = None;
    loop {
        let give_up = |mut error: Error, attempts, uncertain| {
            let changes = operation.resend != Resend::Safe;
            error.failure_mut().sent(operation.id, attempts, uncertain && changes, operation.resend != Resend::Unsafe);
            Err(error)
        };
        let mut now = Instant::now();
        let (leave, mut permit) = match leave_to_send(sending, watch, &mut now).await {
            Ok(both) => both,
            // What the service said last tells more than that it is not asked again.
            Err(refusal) => return give_up(last.unwrap_or(refusal), attempts, uncertain),
        };
        attempts += 1;
        let longest = call.options.attempt.unwrap_or(config.timeout.request).min(config.timeout.request);
        permit.sent();
        watch.sends();
        let ended = attempt(sending, deadline.min(after(longest, now))).await;
        watch.ended(ended.seen(), now);
        learn(&ended, leave, permit);
        let fate = match classify(sending, ended) {
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
            let wait = backoff(&config.retry, attempts).max(fate.error.retry_after().unwrap_or_default());
            if after(wait, Instant::now()) >= deadline {
                return give_up(fate.error, attempts, uncertain);
            }
            sleep(wait).await;
        }
        last = Some(fate.error);
    }
}

/// The breaker's leave and the limiter's, at `now`. Whoever has to wait for the limiter asks the breaker again after it:
/// meanwhile the circuit may have opened, and a probe must not hold its place while it waits.
async fn leave_to_send<'a>(
    sending: &Sending<'a>,
    watch: &mut Watch<'_>,
    now: &mut Instant,
) -> Result<(Leave<'a>, Permit<'a>), Error> {
    let (call, operation, deadline) = (sending.call, sending.request.operation, sending.deadline);
    let tenant = &call.core.tenant;
    let limiter = &call.core.stations.limiter;
    let caller = if operation.credentials == Credentials::Refused { &tenant.anonymous } else { &tenant.caller };
    let leave = ask_breaker(&tenant.breaker, watch, *now).await?;
    let clock = watch.clock();
    if let Some(permit) = limiter.at_once(caller, operation.id) {
        watch.asked_limiter(clock, None);
        return Ok((leave, permit));
    }
    let wait = call.options.wait.unwrap_or(call.core.config.rate_limit.wait);
    let patience = if wait { Patience::Until(deadline) } else { Patience::TellMe(deadline) };
    let mut permit = Box::pin(limiter.acquire(caller, operation.id, patience));
    match poll_fn(|context| Poll::Ready(permit.as_mut().poll(context))).await {
        Poll::Ready(permit) => {
            watch.asked_limiter(clock, None);
            Ok((leave, permit.map_err(refuse::no_room)?))
        }
        Poll::Pending => {
            drop(leave);
            let permit = permit.await;
            let began = std::mem::replace(now, Instant::now());
            watch.asked_limiter(clock, Some(now.duration_since(began)));
            let permit = permit.map_err(refuse::no_room)?;
            Ok((ask_breaker(&tenant.breaker, watch, *now).await?, permit))
        }
    }
}

async fn ask_breaker<'a>(breaker: &'a Breaker, watch: &mut Watch<'_>, now: Instant) -> Result<Leave<'a>, Error> {
    let clock = watch.clock();
    let admitted = breaker.admit(now).await;
    watch.asked_breaker(clock);
    admitted.map_err(refuse::circuit_open)
}

/// Tells breaker and limiter how an attempt ended.
fn learn(ended: &Attempt, leave: Leave<'_>, mut permit: Permit<'_>) {
    let verdict = match ended {
        Attempt::Answered { status, headers, .. } | Attempt::Unread { status, headers, .. } => {
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
    leave.settle(verdict, Instant::now());
}

/// That time after `now`, or as good as never.
pub(super) fn after(time: Duration, now: Instant) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + time.min(YEAR)
}

/// Full jitter: any part of a wait that doubles from attempt to attempt.
fn backoff(retry: &Retry, attempts: u32) -> Duration {
    let longest = retry.delay.saturating_mul(1 << (attempts - 1).min(16)).min(LONGEST);
    longest.mul_f64(fastrand::f64())
}
