//! Reports a call while it runs: its span and events, its metrics, and the record of the last request.

use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use super::{
    metrics,
    record::{CallRecord, LastCall, RecordedCall, ResponseDebug},
    redaction,
    span::{self, AttemptSummary},
};
use crate::{
    Error,
    config::DebugConfig,
    operation::Operation,
    pipeline::{endpoint::Endpoint, request::ApiRequest, response::ApiResponse},
};

/// The observer of one call.
pub(in crate::pipeline) struct CallObserver<'a> {
    call: RecordedCall<'a>,
    settings: &'a DebugConfig,
    span: Span,
    record: Option<Box<CallRecord>>,
    attempts: u32,
    is_finished: bool,
}

impl<'a> CallObserver<'a> {
    pub(in crate::pipeline) fn start(
        endpoint: &'a Endpoint,
        settings: &'a DebugConfig,
        request: &'a ApiRequest,
        version: Option<&'a str>,
    ) -> Self {
        let version = version.filter(|version| redaction::is_plain(version));
        Self {
            call: RecordedCall { endpoint, request, version, started_at: Instant::now() },
            settings,
            span: span::call_span(endpoint, request.operation, version),
            record: settings.enabled.then(Box::default),
            attempts: 0,
            is_finished: false,
        }
    }

    pub(in crate::pipeline) fn started_at(&self) -> Instant {
        self.call.started_at
    }

    /// The call's span.
    pub(in crate::pipeline) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Starts a measurement, if the call is recorded.
    pub(in crate::pipeline) fn stopwatch(&self) -> Stopwatch {
        Stopwatch(self.record.is_some().then(Instant::now))
    }

    pub(in crate::pipeline) fn cache_checked(&mut self, hit: bool, since: Stopwatch) {
        let result = if hit { "hit" } else { "miss" };
        metrics::record_lookup(self.operation(), hit);
        if !self.span.is_disabled() {
            self.span.record("calcom.cache", result);
        }
        if let Some(record) = &mut self.record {
            record.cache = Some(result);
            record.timings.cache += since.elapsed();
        }
    }

    pub(in crate::pipeline) fn breaker_asked(&mut self, since: Stopwatch) {
        if let Some(record) = &mut self.record {
            record.timings.breaker += since.elapsed();
        }
    }

    /// `waited` is `None` if the limiter decided without waiting.
    pub(in crate::pipeline) fn limiter_asked(&mut self, since: Stopwatch, waited: Option<Duration>) {
        if let Some(waited) = waited {
            metrics::record_permit_wait(self.operation(), waited);
        }
        if let Some(record) = &mut self.record {
            record.timings.limiter += since.elapsed();
        }
    }

    pub(in crate::pipeline) fn attempt_started(&mut self) {
        self.attempts += 1;
        if self.attempts > 1 {
            metrics::record_retry(self.operation());
        }
        if self.settings.log_requests {
            span::request_event(self.call.request, self.call.version, self.attempts);
        }
    }

    pub(in crate::pipeline) fn attempt_finished(&mut self, summary: AttemptSummary<'_>, since: Instant) {
        span::attempt_event(&summary, self.attempts, since);
        if self.settings.log_responses {
            span::response_event(self.operation(), &summary);
        }
        if let Some(record) = &mut self.record {
            record.timings.attempts.push(since.elapsed());
            record.status = summary.status().or(record.status);
            record.request_id = summary.request_id().map(str::to_owned).or(record.request_id.take());
            if let Some((status, headers, body)) = summary.response.filter(|_| self.settings.log_responses) {
                record.response = Some(ResponseDebug::new(status, headers, body));
            }
        }
    }

    /// Reports the result of the call. The record goes to `last`.
    pub(in crate::pipeline) fn finish(mut self, result: &mut Result<Box<ApiResponse>, Error>, last: &LastCall) {
        self.is_finished = true;
        let outcome = match &*result {
            Ok(_) if self.attempts == 0 => "cached",
            Ok(_) => metrics::SUCCESS,
            Err(error) => span::error_kind(error),
        };
        metrics::record_duration(self.operation(), outcome, self.call.started_at);
        span::finish(&self.span, result, self.attempts);
        if let Err(error) = result {
            self.span.in_scope(|| span::failure_event(error));
        }
        if let Some(mut record) = self.record.take() {
            // The response can be an earlier one: a cached one, or one that a 304 confirms.
            if let Ok(response) = result
                && response.cached.is_some()
                && self.settings.log_responses
            {
                record.response = Some(ResponseDebug::new(response.status, response.headers(), &response.body));
            }
            let status = result.as_ref().map_or_else(Error::status, |response| Some(response.status));
            let decode_timer = last.put(record.into_debug(self.call, self.attempts, outcome, status));
            if let Ok(response) = result {
                response.decode_timer = decode_timer;
            }
        }
    }

    fn operation(&self) -> &'static Operation {
        self.call.request.operation
    }
}

impl Drop for CallObserver<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            metrics::record_duration(self.operation(), "cancelled", self.call.started_at);
        }
    }
}

/// The start of a measurement, if the call is recorded.
#[derive(Clone, Copy)]
pub(in crate::pipeline) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    fn elapsed(self) -> Duration {
        self.0.map_or(Duration::ZERO, |began| began.elapsed())
    }
}
