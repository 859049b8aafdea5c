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
    Breaker, Exchange,
    attempt::{Attempt, attempt},
    breaker::Leave,
    classify::{Fate, classify},
    limiter::{Caller, Patience, Permit},
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
    let config = &call.core.config;
    let mut tried = Tried::default();
    loop {
        let mut now = Instant::now();
        let leave = match leave_at_once(sending, watch, now) {
            Some(leave) => Ok(leave),
            None => Box::pin(leave_to_send(sending, watch, &mut now)).await,
        };
        let (leave, mut permit) = leave.map_err(|refusal| tried.without_leave(sending, refusal))?;
        tried.attempts += 1;
        let longest = call.options.attempt.unwrap_or(config.timeout.request).min(config.timeout.request);
        permit.sent();
        watch.sends();
        let ended = attempt(sending, deadline.min(after(longest, now))).await;
        watch.ended(ended.seen(), now);
        learn(&ended, leave, permit);
        match classify(sending, ended) {
            Ok(mut exchange) => {
                exchange.attempts = tried.attempts;
                return Ok(exchange);
            }
            Err(fate) => {
                if let Some(wait) = tried.again_after(sending, fate)? {
                    Box::pin(sleep(wait)).await;
                }
            }
        }
    }
}

/// What a call has tried, and how that ended.
#[derive(Default)]
struct Tried {
    attempts: u32,
    /// Whether the service may have carried out one of the attempts.
    uncertain: bool,
    last: Option<Error>,
}

impl Tried {
    /// How long to wait before sending again, if at all; or the error that the call ends with.
    #[cold]
    fn again_after(&mut self, sending: &Sending<'_>, fate: Fate) -> Result<Option<Duration>, Error> {
        let retry = &sending.call.core.config.retry;
        self.uncertain |= fate.uncertain;
        let again = fate.again || (fate.uncertain && sending.request.operation.resend != Resend::Unsafe);
        if !again || self.attempts >= retry.times {
            return Err(self.give_up(sending, fate.error));
        }
        // After a 429 the limiter knows how long to wait, and lets go one after the other.
        let wait = if fate.error.status() == Some(429) {
            None
        } else {
            let wait = backoff(retry, self.attempts).max(fate.error.retry_after().unwrap_or_default());
            if after(wait, Instant::now()) >= sending.deadline {
                return Err(self.give_up(sending, fate.error));
            }
            Some(wait)
        };
        self.last = Some(fate.error);
        Ok(wait)
    }

    /// What the service said last tells more than that it is not asked again.
    #[cold]
    fn without_leave(&mut self, sending: &Sending<'_>, refusal: Error) -> Error {
        let error = self.last.take().unwrap_or(refusal);
        self.give_up(sending, error)
    }

    fn give_up(&self, sending: &Sending<'_>, mut error: Error) -> Error {
        let operation = sending.request.operation;
        let changes = operation.resend != Resend::Safe;
        let repeatable = operation.resend != Resend::Unsafe;
        error.failure_mut().sent(operation.id, self.attempts, self.uncertain && changes, repeatable);
        error
    }
}

/// The breaker's leave and the limiter's at `now`, where both give it without waiting and without asking a shared store.
fn leave_at_once<'a>(sending: &Sending<'a>, watch: &mut Watch<'_>, now: Instant) -> Option<(Leave<'a>, Permit<'a>)> {
    let clock = watch.clock();
    let leave = sending.call.core.tenant.breaker.at_once(now)?;
    watch.asked_breaker(clock);
    let clock = watch.clock();
    let permit = sending.call.core.stations.limiter.at_once(caller(sending), sending.request.operation.id)?;
    watch.asked_limiter(clock, None);
    Some((leave, permit))
}

fn caller<'a>(sending: &Sending<'a>) -> &'a Caller {
    let tenant = &sending.call.core.tenant;
    if sending.request.operation.credentials == Credentials::Refused { &tenant.anonymous } else { &tenant.caller }
}

/// The breaker's leave and the limiter's, at `now`. Whoever has to wait for the limiter asks the breaker again after it:
/// meanwhile the circuit may have opened, and a probe must not hold its place while it waits.
async fn leave_to_send<'a>(
    sending: &Sending<'a>,
    watch: &mut Watch<'_>,
    now: &mut Instant,
) -> Result<(Leave<'a>, Permit<'a>), Error> {
    let (call, operation, deadline) = (sending.call, sending.request.operation, sending.deadline);
    let breaker = &call.core.tenant.breaker;
    let leave = ask_breaker(breaker, watch, *now).await?;
    let clock = watch.clock();
    let wait = call.options.wait.unwrap_or(call.core.config.rate_limit.wait);
    let patience = if wait { Patience::Until(deadline) } else { Patience::TellMe(deadline) };
    let mut permit = pin!(call.core.stations.limiter.acquire(caller(sending), operation.id, patience));
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
            Ok((ask_breaker(breaker, watch, *now).await?, permit))
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
            let retry_after = if *status < 300 { None } else { read::said_retry_after(headers) };
            permit.settle(*status, read::rate_limits(headers), retry_after);
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
