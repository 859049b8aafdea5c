//! Sends a request until it is answered or another attempt would be wrong.
//!
//! What follows from a failed attempt is decided by [`retry_policy`](crate::retry_policy). One deadline covers all attempts and
//! the delays between them.

mod classify;
mod deleted;

use std::{
    future::{Future, poll_fn},
    ops::ControlFlow,
    pin::pin,
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    attempt::{AttemptOutcome, BodyError, send_attempt},
    breaker::{Breaker, Health, Leave, Unsettled},
    context::RequestContext,
    deadline::deadline_after,
    error_response::{rate_limits, retry_after_header},
    limiter::{Caller, Patience, Permit},
    local_errors,
    observe::CallObserver,
    response::ApiResponse,
};
use crate::{
    Error,
    config::Retry,
    error::SendReport,
    operation::{Credentials, Operation},
    retry_policy::{AttemptVerdict, Execution, FailureClass, RetryBudget, RetryDecision, decide},
};
use classify::{AttemptFailure, classify};
use deleted::already_deleted;

/// No wait between attempts is longer than this, unless the service asks for it.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// Sends a request, and sends it again as long as that is safe and there is time.
pub(super) async fn send_with_retries(
    context: &RequestContext<'_>,
    observer: &mut CallObserver<'_>,
) -> Result<ApiResponse, Error> {
    let RequestContext { call, deadline, .. } = *context;
    let config = &call.pipeline.config;
    let mut state = RetryState::default();
    loop {
        let mut now = Instant::now();
        let permits = match try_acquire_permits(context, observer, now) {
            Some(permits) => Ok(permits),
            None => Box::pin(acquire_permits(context, observer, &mut now)).await,
        };
        let (leave, mut permit) = permits.map_err(|rejected| state.on_rejected(context, rejected))?;
        state.attempts += 1;
        state.told = None;
        let longest = call.options.attempt.unwrap_or(config.timeout.request).min(config.timeout.request);
        permit.sent();
        observer.attempt_started();
        let outcome = send_attempt(context, deadline.min(deadline_after(longest, now))).await;
        observer.attempt_finished(outcome.summary(), now);
        let health = record_outcome(&outcome, permit);
        match classify(context, outcome) {
            Ok(mut response) => {
                leave.settle(health, Instant::now());
                response.attempts = state.attempts;
                return Ok(response);
            }
            Err(failure) => match state.after_failure(context, failure, leave, health) {
                ControlFlow::Continue(Duration::ZERO) => {}
                ControlFlow::Continue(delay) => Box::pin(sleep(delay)).await,
                ControlFlow::Break(result) => return result,
            },
        }
    }
}

/// The attempts of a call, and how they ended.
#[derive(Default)]
struct RetryState<'a> {
    attempts: u32,
    /// What is known of the execution, of all attempts together.
    execution: Execution,
    last_failure: Option<AttemptFailure>,
    /// What the last attempt told the breaker, if it stays the last.
    told: Option<Unsettled<'a>>,
}

impl<'a> RetryState<'a> {
    /// Gives the leave of a failed attempt back. Continues after a delay, or ends the call.
    #[cold]
    fn after_failure(
        &mut self,
        context: &RequestContext<'_>,
        failure: AttemptFailure,
        leave: Leave<'a>,
        health: Health,
    ) -> ControlFlow<Result<ApiResponse, Error>, Duration> {
        if self.execution != Execution::Never
            && let Some(response) = already_deleted(context, &failure.error)
        {
            leave.settle(health, Instant::now());
            return ControlFlow::Break(Ok(ApiResponse { attempts: self.attempts, ..response }));
        }
        let resend = context.call.resend(context.request);
        let AttemptVerdict { execution, retry } = decide(failure.class, resend, &self.budget(context, &failure.error));
        self.execution = self.execution.max(execution);
        match retry {
            RetryDecision::RetryAfter(delay) => {
                self.last_failure = Some(failure);
                self.told = Some(leave.give_back(health));
                ControlFlow::Continue(delay)
            }
            RetryDecision::Stop => {
                leave.settle(health, Instant::now());
                ControlFlow::Break(Err(self.finish_with(context, failure)))
            }
        }
    }

    fn budget(&self, context: &RequestContext<'_>, error: &Error) -> RetryBudget {
        let retry = &context.pipeline().config.retry;
        RetryBudget {
            attempts_left: retry.times.saturating_sub(self.attempts),
            time_left: context.deadline.saturating_duration_since(Instant::now()),
            backoff: backoff(retry, self.attempts),
            retry_after: error.retry_after(),
        }
    }

    /// The error of a call whose next attempt was rejected here: the service's last error tells more than the rejection.
    #[cold]
    fn on_rejected(&mut self, context: &RequestContext<'_>, rejected: Error) -> Error {
        if let Some(told) = self.told.take() {
            told.settle(Instant::now());
        }
        let rejected = AttemptFailure { error: rejected, class: FailureClass::NotSent };
        let failure = self.last_failure.take().unwrap_or(rejected);
        self.finish_with(context, failure)
    }

    fn finish_with(&self, context: &RequestContext<'_>, failure: AttemptFailure) -> Error {
        let AttemptFailure { mut error, class } = failure;
        let (attempts, execution) = (self.attempts, self.execution);
        let (operation, resend) = (context.request.operation.id, context.call.resend(context.request));
        error.failure_mut().set_send_report(SendReport { operation, attempts, class, execution, resend });
        error
    }
}

/// The permits of breaker and limiter at `now`, if both are given without waiting and without asking a shared store.
fn try_acquire_permits<'a>(
    context: &RequestContext<'a>,
    observer: &mut CallObserver<'_>,
    now: Instant,
) -> Option<(Leave<'a>, Permit<'a>)> {
    let pipeline = context.pipeline();
    let stopwatch = observer.stopwatch();
    let leave = pipeline.tenant.breaker.at_once(now, context.request.operation.id)?;
    observer.breaker_asked(stopwatch);
    let stopwatch = observer.stopwatch();
    let permit = pipeline.components.limiter.at_once(caller(context), context.request.operation.id)?;
    observer.limiter_asked(stopwatch, None);
    Some((leave, permit))
}

fn caller<'a>(context: &RequestContext<'a>) -> &'a Caller {
    let tenant = &context.pipeline().tenant;
    if context.request.operation.credentials == Credentials::Refused { &tenant.anonymous } else { &tenant.caller }
}

/// The permits of breaker and limiter at `now`. A call that waited for the limiter asks the breaker again: the circuit may
/// have opened meanwhile, and a probe must not hold its place while it waits.
async fn acquire_permits<'a>(
    context: &RequestContext<'a>,
    observer: &mut CallObserver<'_>,
    now: &mut Instant,
) -> Result<(Leave<'a>, Permit<'a>), Error> {
    let (call, pipeline) = (context.call, context.pipeline());
    let (operation, deadline) = (context.request.operation, context.deadline);
    let breaker = &pipeline.tenant.breaker;
    let leave = acquire_from_breaker(breaker, operation, observer, *now).await?;
    let stopwatch = observer.stopwatch();
    let wait = call.options.wait.unwrap_or(pipeline.config.rate_limit.wait);
    let patience = if wait { Patience::Until(deadline) } else { Patience::TellMe(deadline) };
    let mut permit = pin!(pipeline.components.limiter.acquire(caller(context), operation.id, patience));
    match poll_fn(|task| Poll::Ready(permit.as_mut().poll(task))).await {
        Poll::Ready(permit) => {
            observer.limiter_asked(stopwatch, None);
            Ok((leave, permit.map_err(local_errors::quota_exceeded)?))
        }
        Poll::Pending => {
            drop(leave);
            let permit = permit.await;
            let began = std::mem::replace(now, Instant::now());
            observer.limiter_asked(stopwatch, Some(now.duration_since(began)));
            let permit = permit.map_err(local_errors::quota_exceeded)?;
            Ok((acquire_from_breaker(breaker, operation, observer, *now).await?, permit))
        }
    }
}

async fn acquire_from_breaker<'a>(
    breaker: &'a Breaker,
    operation: &'static Operation,
    observer: &mut CallObserver<'_>,
    now: Instant,
) -> Result<Leave<'a>, Error> {
    let stopwatch = observer.stopwatch();
    let admitted = breaker.admit(now, operation.id).await;
    observer.breaker_asked(stopwatch);
    admitted.map_err(local_errors::circuit_open)
}

/// Reports the outcome of an attempt to the limiter. Gives what it tells the breaker, if it is the last of its call.
fn record_outcome(outcome: &AttemptOutcome, mut permit: Permit<'_>) -> Health {
    match outcome {
        AttemptOutcome::Response { status, headers, .. } | AttemptOutcome::BodyFailed { status, headers, .. } => {
            let retry_after = if *status < 300 { None } else { retry_after_header(headers) };
            permit.settle(*status, rate_limits(headers), retry_after);
            let is_broken = match outcome {
                AttemptOutcome::BodyFailed { reason, .. } => !matches!(reason, BodyError::TooLarge),
                _ => false,
            };
            match status {
                500.. => Health::Failing,
                200..300 if is_broken => Health::Unreachable,
                _ => Health::Up,
            }
        }
        AttemptOutcome::NeverSent(error) => {
            permit.not_sent();
            // A pooled connection that the service has closed meanwhile says nothing about its health.
            if error.is_connect() { Health::Unreachable } else { Health::Unknown }
        }
        AttemptOutcome::ConnectionLost(_) | AttemptOutcome::TimedOut => Health::Unreachable,
    }
}

/// Full jitter: any part of a delay that doubles from attempt to attempt.
fn backoff(retry: &Retry, attempts: u32) -> Duration {
    let longest = retry.delay.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(MAX_BACKOFF);
    longest.mul_f64(fastrand::f64())
}
