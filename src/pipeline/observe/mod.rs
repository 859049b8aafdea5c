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
//! [`Config::debug`](crate::Config::debug), or the documented variables in the environment:
//!
//! | variable | what it does |
//! |---|---|
//! | `CALCOM_V2_DEBUG` | keeps what [`Client::last_request_debug`](crate::Client::last_request_debug) tells |
//! | `CALCOM_V2_LOG_REQUESTS` | an event for every request that is sent (target `calcom::requests`, level INFO) |
//! | `CALCOM_V2_LOG_RESPONSES` | an event for every answer (target `calcom::responses`, level INFO); with `CALCOM_V2_DEBUG` also the last answer in what is kept |
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
//! | `calcom_circuit_state` | gauge | `tenant`; `operation` for an operation's own | 0 closed, 1 half-open, 2 open; the tenant is a short hash |
//!
//! The outcome is `success`, `cached`, `cancelled` (the caller gave the call up), or the kind of the error:
//! `authentication`, `permission`, `not_found`, `validation`, `conflict`, `rate_limited`, `server`, `unavailable`,
//! `circuit_open`, `timeout`, `connection`, `decode`, `configuration`.

pub(crate) mod metrics;
mod observer;
mod record;
mod redaction;
mod span;

pub(super) use observer::CallObserver;
pub(crate) use record::LastCall;
pub use record::{RequestDebug, ResponseDebug, Timings};
pub(super) use span::AttemptSummary;
