//! Observes calls: spans and events, metrics, and the record of the last request.
//!
//! An event subscriber receives the spans and events, a recorder of the crate `metrics` the metrics, and
//! [`Client::last_request_debug`](crate::Client::last_request_debug) returns the record.
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! let client = calcom::Client::builder().credentials(calcom::ApiKey::new("cal_live_xxxxxxxxxxxxxx")).debug(true).build()?;
//! client.raw().get_me().await?;
//! if let Some(last) = client.last_request_debug() {
//!     println!("{} took {:?} in {} attempts: {}", last.operation, last.timings.total, last.attempts, last.curl);
//! }
//! # Ok(()) }
//! ```
//!
//! An allow list decides what is shown. It is made from the document when the crate is built. It has the names of the
//! document's fields, numbers, flags and instants, and the texts of a few fields that contain no personal data (`status`,
//! `timeZone`, `slug` ...). Everything else is `***`.
//!
//! `Debug` of this crate's types hides personal data in the same way. [`reveal`] shows it, and [`reveal_everywhere`] for a whole
//! test run.
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
//! | `server.address`, `server.port` | the address of the service |
//! | `http.response.status_code` | of the last attempt |
//! | `http.request.resend_count` | the number of retries, if there were any |
//! | `error.type` | the status, or a word: `timeout`, `connection`, `circuit_open`, `rate_limited`, ... |
//! | `calcom.operation`, `calcom.api_version` | `get_booking`, `2024-08-13` |
//! | `calcom.request_id` | the service's `X-Request-Id` |
//! | `calcom.cache` | `hit` or `miss`, if the response can be cached |
//!
//! # Events
//!
//! The events of this crate. None contains a credential, an idempotency key, a query, a body or personal data.
//!
//! | target | level | one for each | fields |
//! |---|---|---|---|
//! | `calcom` | DEBUG | attempt, in the span of its call | `http.response.status_code`, `error.type`, `http.request.resend_count`, `calcom.request_id`, `calcom.duration_ms` |
//! | `calcom` | WARN | call that failed, in its span | `calcom.operation`, `http.response.status_code`, `error.type`, `calcom.request_id`, `calcom.attempts`, `calcom.may_have_been_applied` |
//! | `calcom` | WARN | response that asks for a longer wait than [`rate_limit.max_wait`](crate::config::RateLimitConfig::max_wait) | `operation`, `seconds` (asked for), `believed` (used instead) |
//! | `calcom` | WARN | item of a list that could not be decoded and is left out | `operation`, `path`, `cause` |
//! | `calcom::requests` | INFO | request that is sent, if [`log_requests`](crate::config::DebugConfig::log_requests) is set | `http.request.method`, `calcom.target`, `calcom.api_version`, `http.request.resend_count`, `calcom.body`, the last three masked |
//! | `calcom::responses` | INFO | response, if [`log_responses`](crate::config::DebugConfig::log_responses) is set | `http.request.method`, `url.template`, `http.response.status_code`, `http.response.body.size`, `error.type`, `calcom.request_id`, `calcom.body` (masked) |
//! | `calcom::limiter` | DEBUG | wait of a request for the limiter, when it ends | `operation`, `reason`, `wait_ms` |
//! | `calcom::breaker` | INFO | transition of a circuit that this process observes | `tenant` (a short hash), `operation` (none for the tenant's circuit), `from`, `to` (`CLOSED`, `OPEN`, `HALF_OPEN`) |
//! | `calcom::service` | DEBUG | decision of the booking service (`calcom::service`) | `key`, `state`, `action`, `outcome`, `sends` |
//! | `calcom::state` | WARN, INFO | step that a shared store rejects, store that stops or resumes answering | `error` |
//! | `calcom::v1` | WARN | booking that could not be written into the table of numbers | `kind` |
//!
//! A wait for the limiter has one of three reasons. `queue`: other requests came before it. `quota`: the quota is exhausted
//! until its window or a block ends. `in_flight`: the rest of the quota depends on requests in flight.
//!
//! A decision of the booking service is about one idempotency key or, for a change, about the uid that the caller named. `key`
//! is a hash of it with the tenant's credential. The hash is the same in every process of the tenant. Without the credential,
//! the hash of a key cannot be computed; a client without credentials has none to protect it. `state` is what is known:
//!
//! | state of a booking | what is known |
//! |---|---|
//! | `new` | the key was made for this call, nothing was sent |
//! | `caller_key` | the caller's own key: another call may have booked under it |
//! | `interrupted` | an earlier process may have sent it and did not end: it crashed, or the call only reconciles |
//! | `created` | the service answered with success |
//! | `other_key` | the service answered with a booking that has another key |
//! | `refused`, `refused_again` | the service refused it; for the second, an earlier attempt is unresolved |
//! | `not_sent` | the request was not sent |
//! | `unresolved` | the outcome of an attempt is unknown |
//! | `found`, `partial` | all rows with the key are active, or it is known to be booked and is not listed; for the second, a part of a series is active |
//! | `cancelled` | a person cancelled or rescheduled it |
//! | `other_content` | the key was used for other content |
//! | `blocked` | a check keeps it from being sent |
//!
//! | state of a change | what is known |
//! |---|---|
//! | `unread` | the booking was not read yet |
//! | `unchanged` | the booking is as it was |
//! | `changed` | the booking is as it was asked for |
//! | `impossible` | the booking does not allow the change |
//! | `refused`, `not_sent`, `unresolved` | as of a booking |
//! | `unreadable` | the booking could not be read |
//!
//! `action` is what follows. `send` sends the request. `lookup` lists the bookings. `read` reads one booking; for a change, the
//! booking before and after it. `cancel` cancels a duplicate, or a part of a series, after the call too. `clean_up` undoes a
//! change that was made twice. `watch` looks up again after the call; its lookups have no events of their own. `continue`
//! continues in the background after the call. `finish` ends the call. At its deadline a call decides once more: to `finish`,
//! or to `continue`. At `finish`, `outcome` is the result: `done`, `not_done`, `unknown`.
//!
//! # Debugging
//!
//! [`Config::debug`](crate::Config::debug) sets what is recorded and logged, or the documented environment variables:
//!
//! | variable | what it does |
//! |---|---|
//! | `CALCOM_V2_DEBUG` | records the last call for [`Client::last_request_debug`](crate::Client::last_request_debug) |
//! | `CALCOM_V2_LOG_REQUESTS` | an event for every request that is sent (target `calcom::requests`, level INFO) |
//! | `CALCOM_V2_LOG_RESPONSES` | an event for every response (target `calcom::responses`, level INFO); with `CALCOM_V2_DEBUG` the last response is recorded too |
//!
//! # Metrics
//!
//! With the feature `metrics`, through the crate of that name:
//!
//! | metric | kind | labels | what it counts |
//! |---|---|---|---|
//! | `calcom_request_duration_seconds` | histogram | `operation`, `outcome` | calls, from the call to its result |
//! | `calcom_request_retries_total` | counter | `operation` | attempts after the first |
//! | `calcom_cache_lookups_total` | counter | `operation`, `result` | `hit` or `miss`, for responses that can be cached |
//! | `calcom_permit_wait_seconds` | histogram | `operation` | waits for the limiter, if a call waited |
//! | `calcom_circuit_state` | gauge | `tenant`; `operation` for an operation's own | 0 closed, 1 half-open, 2 open; the tenant is a short hash |
//!
//! A client describes them to the recorder when it is built. If the recorder is installed later, call
//! [`describe_metrics`].
//!
//! The outcome is `success`, `cached`, `cancelled` (the caller dropped the call), or the kind of the error:
//! `authentication`, `permission`, `not_found`, `validation`, `conflict`, `rate_limited`, `server`, `unavailable`,
//! `circuit_open`, `timeout`, `connection`, `decode`, `configuration`, `unsupported`.

/// Describes the metrics to the recorder of the crate `metrics`: their units, and what they count.
///
/// Clients call it when they are built; it is for a recorder that is installed later.
///
/// ```
/// // metrics_exporter_prometheus::PrometheusBuilder::new().install()?;
/// calcom::observe::describe_metrics();
/// ```
#[cfg(feature = "metrics")]
pub fn describe_metrics() {
    metrics::describe();
}

pub(crate) mod events;
pub(crate) mod metrics;
mod observer;
mod record;
mod redaction;
mod span;

pub(super) use observer::CallObserver;
pub(crate) use record::LastCall;
pub use record::{RequestDebug, ResponseDebug, Timings};
pub(super) use span::AttemptSummary;
pub(crate) use span::failure_event;

pub use super::response_log::{ResponseInfo, ResponseLog};
pub use crate::reveal::{Revealed, reveal, reveal_everywhere};
