//! What a call tells those who watch it: a span and events, metrics, and what the last request was.
//!
//! What is shown is decided by an allow list, made from the document when the crate is built: names of fields that the
//! document knows, numbers, flags and instants, and the texts of a few fields that say nothing about a person (`status`,
//! `timeZone`, `slug` ...). Everything else is `***`, wherever it stands.
//!
//! # tracing
//!
//! Every call is one span, `calcom.call` (target `calcom`, level INFO), whose fields have OpenTelemetry's names for HTTP
//! clients:
//!
//! | field | what it is |
//! |---|---|
//! | `otel.name`, `otel.kind` | `GET /v2/me`, `client` |
//! | `http.request.method`, `url.template` | `GET`, `/v2/bookings/{bookingUid}` |
//! | `server.address`, `server.port` | where the service is |
//! | `http.response.status_code` | of the last attempt |
//! | `http.request.resend_count` | how often the request was sent again, where it was |
//! | `error.type` | the status, or a word: `timeout`, `connection`, `circuit_open`, `rate_limited`, ... |
//! | `calcom.operation`, `calcom.api_version` | `get_booking`, `2024-08-13` |
//! | `calcom.request_id` | the service's `X-Request-Id` |
//! | `calcom.cache` | `hit` or `miss`, where the answer may be kept |
//!
//! Every attempt is one event in it (level DEBUG) with its own `http.response.status_code`, `error.type`,
//! `http.request.resend_count`, `calcom.request_id`, and `calcom.duration_ms`.
//!
//! # Debugging
//!
//! [`Config::debug`](crate::Config::debug), or the reference's variables in the environment:
//!
//! | variable | what it does |
//! |---|---|
//! | `CALCOM_V2_DEBUG` | keeps what [`Client::last_request_debug`](crate::Client::last_request_debug) tells |
//! | `CALCOM_V2_LOG_REQUESTS` | an event for every request that is sent (target `calcom::requests`, level INFO) |
//! | `CALCOM_V2_LOG_RESPONSES` | an event for every answer (target `calcom::responses`, level INFO) |
//!
//! # Metrics
//!
//! With the feature `metrics`, through the crate of that name:
//!
//! | metric | kind | labels | what it counts |
//! |---|---|---|---|
//! | `calcom_request_duration_seconds` | histogram | `operation`, `outcome` | calls, with everything between call and answer |
//! | `calcom_request_retries_total` | counter | `operation` | attempts after the first |
//! | `calcom_cache_lookups_total` | counter | `operation`, `result` | `hit` or `miss`, for answers that may be kept |
//! | `calcom_permit_wait_seconds` | histogram | `operation` | waits for the limiter, where there was one |
//! | `calcom_circuit_state` | gauge | `tenant` | 0 closed, 1 half-open, 2 open; the tenant is a short hash |
//!
//! The outcome is `success`, `cached`, `cancelled` (the caller gave the call up), or the kind of the error:
//! `authentication`, `permission`, `not_found`, `validation`, `conflict`, `rate_limited`, `server`, `unavailable`,
//! `circuit_open`, `timeout`, `connection`, `decode`, `configuration`.

pub(crate) mod measure;
mod record;
mod shown;
mod span;

use std::time::Duration;

pub(crate) use record::{LastRequest, Seen};
pub use record::{RequestDebug, Timings};
pub(crate) use span::Fault;
use tokio::time::Instant;
use tracing::Span;

use crate::{
    Error,
    client::Core,
    operation::Operation,
    pipeline::{Exchange, Outgoing},
};
use record::Record;

/// A call that is watched.
pub(crate) struct Watch<'a> {
    core: &'a Core,
    request: &'a Outgoing,
    version: Option<&'a str>,
    span: Span,
    record: Option<Box<Record>>,
    began: Instant,
    attempts: u32,
    is_over: bool,
}

impl<'a> Watch<'a> {
    pub(crate) fn begin(core: &'a Core, request: &'a Outgoing, version: Option<&'a str>) -> Self {
        let version = version.filter(|version| shown::is_plain(version));
        Self {
            core,
            request,
            version,
            span: span::call(core, request.operation, version),
            record: core.config.debug.enabled.then(Box::default),
            began: Instant::now(),
            attempts: 0,
            is_over: false,
        }
    }

    /// When the call began.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// The call's span.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The time, for those who will say how long something took.
    pub(crate) fn clock(&self) -> Clock {
        Clock(self.record.is_some().then(Instant::now))
    }

    /// The cache has been asked.
    pub(crate) fn cached(&mut self, hit: bool, since: Clock) {
        let result = if hit { "hit" } else { "miss" };
        measure::looked_up(self.operation(), hit);
        if !self.span.is_disabled() {
            self.span.record("calcom.cache", result);
        }
        if let Some(record) = &mut self.record {
            record.cache = Some(result);
            record.timings.cache += since.took();
        }
    }

    /// The breaker has given leave, or not.
    pub(crate) fn asked_breaker(&mut self, since: Clock) {
        if let Some(record) = &mut self.record {
            record.timings.breaker += since.took();
        }
    }

    /// The limiter has given leave, or not; `waited` where there was no room at once.
    pub(crate) fn asked_limiter(&mut self, since: Clock, waited: Option<Duration>) {
        if let Some(waited) = waited {
            measure::waited(self.operation(), waited);
        }
        if let Some(record) = &mut self.record {
            record.timings.limiter += since.took();
        }
    }

    /// An attempt begins.
    pub(crate) fn sends(&mut self) {
        self.attempts += 1;
        if self.attempts > 1 {
            measure::sent_again(self.operation());
        }
        if self.core.config.debug.log_requests {
            span::sent(self.request, self.version, self.attempts);
        }
    }

    /// The attempt has ended.
    pub(crate) fn ended(&mut self, fault: Fault<'_>, since: Instant) {
        span::attempt(&fault, self.attempts, since);
        if self.core.config.debug.log_responses {
            span::answered(self.operation(), &fault);
        }
        if let Some(record) = &mut self.record {
            record.timings.attempts.push(since.elapsed());
            record.status = fault.status().or(record.status);
            record.request_id = fault.request_id().map(str::to_owned).or(record.request_id.take());
        }
    }

    /// The call is over.
    pub(crate) fn over(mut self, mut result: Result<Exchange, Error>) -> Result<Exchange, Error> {
        self.is_over = true;
        let outcome = match &result {
            Ok(_) if self.attempts == 0 => "cached",
            Ok(_) => measure::SUCCESS,
            Err(error) => span::kind(error),
        };
        measure::took(self.operation(), outcome, self.began);
        span::over(&self.span, &result, self.attempts);
        if let Some(record) = self.record.take() {
            let status = result.as_ref().map_or_else(Error::status, |exchange| Some(exchange.status));
            let debug = record.tell(&self, outcome, status);
            let seen = self.core.last.put(debug);
            if let Ok(exchange) = &mut result {
                exchange.seen = seen;
            }
        }
        result
    }

    fn operation(&self) -> &'static Operation {
        self.request.operation
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            measure::took(self.operation(), "cancelled", self.began);
        }
    }
}

/// When something began, if anybody wants to know.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Option<Instant>);

impl Clock {
    fn took(self) -> Duration {
        self.0.map_or(Duration::ZERO, |began| began.elapsed())
    }
}
