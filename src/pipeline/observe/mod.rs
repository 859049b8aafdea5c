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
//! # Events
//!
//! Every event of this crate. None has a credential, an idempotency key, a query, a body or anything of a person.
//!
//! | target | level | one for each | fields |
//! |---|---|---|---|
//! | `calcom` | DEBUG | attempt, in the span of its call | `http.response.status_code`, `error.type`, `http.request.resend_count`, `calcom.request_id`, `calcom.duration_ms` |
//! | `calcom` | WARN | answer that tells to wait longer than [`rate_limit.max_wait`](crate::config::RateLimits::max_wait) | `operation`, `seconds` (told), `believed` (waited in their place) |
//! | `calcom` | WARN | item of a list that could not be read and is left out | `operation`, `path`, `cause` |
//! | `calcom::requests` | INFO | request that is sent, if [`log_requests`](crate::config::Debugging::log_requests) is set | `http.request.method`, `calcom.target`, `calcom.api_version`, `http.request.resend_count`, `calcom.body`, the last three masked |
//! | `calcom::responses` | INFO | answer, if [`log_responses`](crate::config::Debugging::log_responses) is set | `http.request.method`, `url.template`, `http.response.status_code`, `http.response.body.size`, `error.type`, `calcom.request_id`, `calcom.body` (masked) |
//! | `calcom::limiter` | DEBUG | wait of a request for the limiter, when it ends | `operation`, `reason`, `wait_ms` |
//! | `calcom::breaker` | INFO | change of a circuit, as this process comes to know of it | `tenant` (a short hash), `operation` (none for the tenant's circuit), `from`, `to` (`CLOSED`, `OPEN`, `HALF_OPEN`) |
//! | `calcom::service` | DEBUG | decision of the booking service (`calcom::service`) | `key`, `state`, `action`, `outcome`, `sends` |
//! | `calcom::state` | WARN, INFO | step that a shared store refuses, store that does not answer, store that answers again | `error` |
//! | `calcom::v1` | WARN | booking that could not be written into the table of numbers | `kind` |
//!
//! A wait of the limiter has one of these reasons: `queue` (others that came before it wait), `quota` (the quota is used up until
//! its window or a block ends), `in_flight` (what is left depends on requests that are not answered yet).
//!
//! A decision of the booking service is about one idempotency key, or, of a change, about the uid that it was asked for. `key` is a
//! hash of it with the tenant's credential: the same in every process of the tenant, and not to be guessed from the key.
//! `state` is what is known:
//!
//! | state of a booking | what is known |
//! |---|---|
//! | `new` | the key was made for this call, nothing was sent |
//! | `asked_before` | the caller's own key: another call may have booked under it |
//! | `orphaned` | a process died that may have sent it |
//! | `answered` | the service answered with success |
//! | `another` | the service answered with a booking that bears another key |
//! | `refused`, `refused_again` | the service refused it; of the second, an earlier attempt is open |
//! | `not_sent` | nothing left this machine |
//! | `lost` | the outcome of an attempt is not known |
//! | `found`, `part` | what bears the key stands, whole; or a part of a series |
//! | `called_off` | a person called it off, or moved it |
//! | `used` | the key stands on other content |
//! | `blocked` | a check keeps it from being sent |
//!
//! | state of a change | what is known |
//! |---|---|
//! | `unchanged` | the booking stands as it did |
//! | `changed` | the booking stands as it was asked for |
//! | `impossible` | the change cannot be made of what stands |
//! | `refused`, `not_sent`, `lost` | as of a booking |
//! | `unread` | the booking could not be read |
//!
//! `action` is what follows: `send`, `look` (list the bookings), `read` (one booking), `withdraw` (cancel a double, or a part of a
//! series; after the call too), `tidy` (undo a change that was made twice), `watch` (look again after the call), `carry_on` (after the
//! call, in the background), `finish`. A call
//! whose time is up decides once more: to `finish`. Then `outcome` says how: `done`, `not_done`, `unknown`.
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
