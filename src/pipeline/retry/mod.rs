//! Sends a request until a response arrives or the retry policy ends the call.
//!
//! [`retry_policy`](crate::retry_policy) decides what follows from a failed attempt. One deadline covers all attempts and
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
    breaker::{Breaker, BreakerPermit, DeferredReport, Health},
    context::RequestContext,
    deadline::deadline_after,
    error_response::{rate_limits, retry_after_header},
    limiter::{LimiterPermit, TenantQuotas, WaitPolicy},
    local_errors,
    observe::CallObserver,
    response::ApiResponse,
    token,
};
use crate::{
    Error,
    auth::{ProvidedToken, TokenProvider},
    config::RetryConfig,
    error::CallReport,
    operation::{CredentialPolicy, Operation},
    retry_policy::{AttemptVerdict, Execution, FailureClass, RetryBudget, RetryDecision, decide},
};
use classify::{AttemptFailure, classify};
use deleted::already_deleted;

/// The longest delay between attempts, unless the service asks for a longer one.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// The smallest part of the configured timeout, as its divisor, whose end is a signal of the service's health: 1 s of 30 s.
const TELLING_TIMEOUT_DIVISOR: u32 = 30;

/// Sends a request, and retries it while that is safe and there is time.
pub(super) async fn send_with_retries(
    context: &RequestContext<'_>,
    observer: &mut CallObserver<'_>,
) -> Result<Box<ApiResponse>, Error> {
    let RequestContext { call, deadline, .. } = *context;
    let config = &call.pipeline.config;
    let mut state = RetryState::default();
    let provider = token::provider(context);
    let mut replacement: Option<ProvidedToken> = None;
    loop {
        let mut token = match (provider, replacement.take()) {
            (None, _) => None,
            (Some(_), Some(replacement)) => Some(replacement),
            (Some(provider), None) => match provider.current() {
                Some(token) => Some(token),
                None => match Box::pin(token::fetch(provider, deadline)).await {
                    Ok(token) => Some(token),
                    Err(error) => return Err(state.on_rejected(context, error)),
                },
            },
        };
        let mut now = Instant::now();
        let (breaker_permit, mut permit) = match try_acquire_permits(context, observer, now) {
            Some(permits) => permits,
            None => match Box::pin(acquire_permits(context, observer, &mut now)).await {
                Ok(permits) => permits,
                Err(rejected) => return Err(state.on_rejected(context, rejected)),
            },
        };
        if let (Some(provider), Some(waited)) = (provider, &token)
            && token::expired_meanwhile(waited)
        {
            let fetched = Box::pin(token::fetch(provider, deadline)).await;
            token = Some(fetched.map_err(|error| state.on_rejected(context, error))?);
            now = Instant::now();
        }
        state.attempts += 1;
        state.deferred = None;
        let longest = call.options.attempt.unwrap_or(config.timeout.request).min(config.timeout.request);
        permit.mark_sent();
        observer.attempt_started();
        let until = deadline.min(deadline_after(longest, now));
        let (outcome, ended) = send_attempt(context, token.as_ref(), state.attempts, now..until).await;
        observer.attempt_finished(outcome.summary(), now);
        let interceptors = &call.pipeline.components.interceptors;
        if !interceptors.is_empty() {
            let summary = outcome.summary();
            let result = summary.to_result(context.request.operation, state.attempts, now);
            interceptors.after_attempt(&result, outcome.called_before());
        }
        let is_too_short = || is_too_short(until.saturating_duration_since(now), config.timeout.request);
        let health = match record_outcome(&outcome, &mut permit, ended) {
            Health::Unreachable if outcome.is_timeout() && is_too_short() => Health::Unknown,
            health => health,
        };
        drop(permit);
        match classify(context, token.as_ref(), outcome) {
            Ok(mut response) => {
                breaker_permit.complete(health, ended);
                response.attempts = state.attempts;
                return Ok(response);
            }
            Err(failure) if !state.is_replaced && failure.error.rejects_token() && token.is_some() => {
                breaker_permit.complete(health, ended);
                replacement = Some(Box::pin(state.replace_token(context, provider, token, failure)).await?);
            }
            Err(failure) => match state.after_failure(context, failure, breaker_permit, health) {
                ControlFlow::Continue(Duration::ZERO) => {}
                ControlFlow::Continue(delay) => Box::pin(sleep(delay)).await,
                ControlFlow::Break(result) => return result,
            },
        }
    }
}

/// The attempts of a call and their outcome.
#[derive(Default)]
struct RetryState<'a> {
    attempts: u32,
    /// Whether an attempt was rejected for its token, and another token was asked for.
    is_replaced: bool,
    /// What is known of the execution, of all attempts together.
    execution: Execution,
    last_failure: Option<AttemptFailure>,
    /// The health that the last attempt observed, which counts if no other attempt follows.
    deferred: Option<DeferredReport<'a>>,
}

impl<'a> RetryState<'a> {
    /// Releases the breaker's permit of a failed attempt. Continues after a delay, or ends the call.
    #[cold]
    fn after_failure(
        &mut self,
        context: &RequestContext<'_>,
        failure: AttemptFailure,
        breaker_permit: BreakerPermit<'a>,
        health: Health,
    ) -> ControlFlow<Result<Box<ApiResponse>, Error>, Duration> {
        if self.execution != Execution::Never
            && let Some(response) = already_deleted(context, &failure.error)
        {
            breaker_permit.complete(health, Instant::now());
            return ControlFlow::Break(Ok(Box::new(ApiResponse { attempts: self.attempts, ..response })));
        }
        let resend = context.call.resend(context.request);
        let AttemptVerdict { execution, retry } = decide(failure.class, resend, &self.budget(context, &failure.error));
        self.execution = self.execution.max(execution);
        match retry {
            RetryDecision::RetryAfter(delay) => {
                self.last_failure = Some(failure);
                self.deferred = Some(breaker_permit.defer(health));
                ControlFlow::Continue(delay)
            }
            RetryDecision::Stop => {
                breaker_permit.complete(health, Instant::now());
                ControlFlow::Break(Err(self.finish_with(context, failure)))
            }
        }
    }

    /// Asks for another token in place of the one that the service rejected. Continues with it, or ends the call.
    #[cold]
    async fn replace_token(
        &mut self,
        context: &RequestContext<'_>,
        provider: Option<&dyn TokenProvider>,
        rejected: Option<ProvidedToken>,
        failure: AttemptFailure,
    ) -> Result<ProvidedToken, Error> {
        self.is_replaced = true;
        let fresh = match (provider, rejected) {
            (Some(provider), Some(rejected)) => token::replace(provider, &rejected, context.deadline).await,
            _ => Ok(None),
        };
        let fresh = match fresh {
            Ok(Some(fresh)) => fresh,
            Ok(None) => return Err(self.finish_with(context, failure)),
            Err(error) => {
                let class = unsent_class(&error);
                return Err(self.finish_with(context, AttemptFailure { error, class }));
            }
        };
        let failure = AttemptFailure { class: FailureClass::StaleToken, ..failure };
        let resend = context.call.resend(context.request);
        let AttemptVerdict { execution, retry } = decide(failure.class, resend, &self.budget(context, &failure.error));
        self.execution = self.execution.max(execution);
        match retry {
            RetryDecision::RetryAfter(_) => {
                self.last_failure = Some(failure);
                Ok(fresh)
            }
            RetryDecision::Stop => Err(self.finish_with(context, failure)),
        }
    }

    /// The attempt with another token is one more than the settings allow.
    fn budget(&self, context: &RequestContext<'_>, error: &Error) -> RetryBudget {
        let retry = &context.pipeline().config.retry;
        // Without the limiter nothing waits until the quota resets.
        let ends_here = error.status() == Some(429) && !context.pipeline().components.limiter.enabled;
        RetryBudget {
            attempts_left: if ends_here {
                0
            } else {
                retry.times.saturating_sub(self.attempts - u32::from(self.is_replaced))
            },
            time_left: context.deadline.saturating_duration_since(Instant::now()),
            backoff: backoff(retry, self.attempts),
            retry_after: error.retry_after(),
        }
    }

    /// The error of a call whose next attempt was rejected in this process: the service's last error, if there is one.
    #[cold]
    fn on_rejected(&mut self, context: &RequestContext<'_>, rejected: Error) -> Error {
        if let Some(deferred) = self.deferred.take() {
            deferred.report(Instant::now());
        }
        let class = unsent_class(&rejected);
        let rejected = AttemptFailure { error: rejected, class };
        let failure = self.last_failure.take().unwrap_or(rejected);
        self.finish_with(context, failure)
    }

    fn finish_with(&self, context: &RequestContext<'_>, failure: AttemptFailure) -> Error {
        let AttemptFailure { mut error, class } = failure;
        let (attempts, execution) = (self.attempts, self.execution);
        let (operation, resend) = (context.request.operation.id, context.call.resend(context.request));
        error.details_mut().set_call_report(CallReport { operation, attempts, class, execution, resend });
        error
    }
}

/// The class of a request that was not sent. Without a consent a later call is not sent either.
fn unsent_class(error: &Error) -> FailureClass {
    if matches!(error, Error::Authentication(_)) { FailureClass::Invalid } else { FailureClass::NotSent }
}

/// The permits of breaker and limiter, if both are available without waiting and without asking a shared store.
fn try_acquire_permits<'a>(
    context: &RequestContext<'a>,
    observer: &mut CallObserver<'_>,
    now: Instant,
) -> Option<(BreakerPermit<'a>, LimiterPermit<'a>)> {
    let pipeline = context.pipeline();
    let stopwatch = observer.stopwatch();
    let breaker_permit = pipeline.tenant.breaker.try_acquire(now, context.request.operation.id)?;
    observer.breaker_asked(stopwatch);
    let stopwatch = observer.stopwatch();
    let permit = pipeline.components.limiter.try_acquire(now, tenant_quota(context), context.request.operation.id)?;
    observer.limiter_asked(stopwatch, None);
    Some((breaker_permit, permit))
}

fn tenant_quota<'a>(context: &RequestContext<'a>) -> &'a TenantQuotas {
    let tenant = &context.pipeline().tenant;
    if context.request.operation.credentials == CredentialPolicy::Refused {
        &tenant.anonymous_quota
    } else {
        &tenant.quota
    }
}

/// The permits of breaker and limiter. A call that waited for the limiter asks the breaker again: the circuit may have opened
/// meanwhile, and a waiting call must not hold a probe. If breakers of a shared store were closed when they were read last, they
/// are read while the limiter is asked, so that a call waits for one round trip and not for two.
async fn acquire_permits<'a>(
    context: &RequestContext<'a>,
    observer: &mut CallObserver<'_>,
    now: &mut Instant,
) -> Result<(BreakerPermit<'a>, LimiterPermit<'a>), Error> {
    let (call, pipeline) = (context.call, context.pipeline());
    let (operation, deadline) = (context.request.operation, context.deadline);
    let breaker = &pipeline.tenant.breaker;
    let breaker_permit = match breaker.begin_refresh() {
        true => None,
        false => Some(acquire_from_breaker(breaker, operation, observer, *now).await?),
    };
    let stopwatch = observer.stopwatch();
    let wait = call.options.wait.unwrap_or(pipeline.config.rate_limit.wait);
    let wait_policy = if wait { WaitPolicy::Wait(deadline) } else { WaitPolicy::FailFast(deadline) };
    let mut permit = pin!(pipeline.components.limiter.acquire(tenant_quota(context), operation.id, wait_policy));
    let acquired = match poll_fn(|task| Poll::Ready(permit.as_mut().poll(task))).await {
        Poll::Ready(permit) => {
            observer.limiter_asked(stopwatch, None);
            let permit = permit.map_err(local_errors::quota_exceeded)?;
            match breaker_permit {
                Some(breaker_permit) => (breaker_permit, permit),
                None => (acquire_from_breaker(breaker, operation, observer, *now).await?, permit),
            }
        }
        Poll::Pending => {
            drop(breaker_permit);
            let permit = permit.await;
            let began = std::mem::replace(now, Instant::now());
            observer.limiter_asked(stopwatch, Some(now.duration_since(began)));
            let permit = permit.map_err(local_errors::quota_exceeded)?;
            (acquire_from_breaker(breaker, operation, observer, *now).await?, permit)
        }
    };
    // A shared store takes time, which does not count against the attempt, and in which idle connections get older.
    *now = Instant::now();
    Ok(acquired)
}

async fn acquire_from_breaker<'a>(
    breaker: &'a Breaker,
    operation: &'static Operation,
    observer: &mut CallObserver<'_>,
    now: Instant,
) -> Result<BreakerPermit<'a>, Error> {
    let stopwatch = observer.stopwatch();
    let acquired = breaker.acquire(now, operation.id).await;
    observer.breaker_asked(stopwatch);
    acquired.map_err(local_errors::circuit_open)
}

/// Reports the outcome of an attempt to the limiter. Returns the health that the breaker records, if it is the call's last
/// attempt.
fn record_outcome(outcome: &AttemptOutcome, permit: &mut LimiterPermit<'_>, ended: Instant) -> Health {
    match outcome {
        AttemptOutcome::Response { status, headers, .. } | AttemptOutcome::BodyFailed { status, headers, .. } => {
            let retry_after = if *status < 300 { None } else { retry_after_header(headers) };
            permit.complete(*status, rate_limits(headers), retry_after, ended);
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
        AttemptOutcome::Refused(_) => {
            permit.mark_unsent();
            Health::Unknown
        }
        AttemptOutcome::NeverSent(error) => {
            permit.mark_unsent();
            // A pooled connection that the service has closed is no signal of its health.
            if error.is_connect() { Health::Unreachable } else { Health::Unknown }
        }
        AttemptOutcome::ConnectionLost(_) | AttemptOutcome::TimedOut => Health::Unreachable,
    }
}

/// Whether a timeout after this time is no signal of the service's health: the caller gave the attempt a small part of what the
/// settings allow. The circuit is that of all callers.
fn is_too_short(given: Duration, configured: Duration) -> bool {
    given < configured / TELLING_TIMEOUT_DIVISOR
}

/// A random part (full jitter) of a delay that doubles with each attempt.
fn backoff(retry: &RetryConfig, attempts: u32) -> Duration {
    let longest = retry.delay.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(MAX_BACKOFF);
    longest.mul_f64(fastrand::f64())
}
