//! The record of the last request, made while `debug.enabled` is set. Its texts contain no secrets and no personal data.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use http::{HeaderMap, header::AUTHORIZATION};
use serde::Serialize;
use tokio::time::Instant;

use super::redaction;
use crate::{
    operation::CredentialPolicy,
    pipeline::{endpoint::Endpoint, request::ApiRequest, response::DecodeTimer},
    sync::lock,
};

/// The record of the last call; from [`Client::last_request_debug`](crate::Client::last_request_debug).
///
/// It contains no credential and no personal data: of values in paths, queries and bodies only those on the
/// [allow list](crate::observe) are shown, the others are `***` (in paths the name of the parameter).
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// if let Some(last) = client.last_request_debug() {
///     println!("{} {}: {:?} after {:?}", last.method, last.target, last.status, last.timings.total);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestDebug {
    /// The id of the operation: `get_booking`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its parameters in braces: `/v2/event-types/{eventTypeId}`.
    pub path: &'static str,
    /// Path and query as they were sent, masked: `/v2/event-types/7`.
    pub target: String,
    /// The `cal-api-version` that was sent.
    pub version: Option<String>,
    /// `success`, `cached`, or the kind of the error, as in the [metrics](crate::observe).
    pub outcome: &'static str,
    /// The status of the last response.
    pub status: Option<u16>,
    /// The service's `X-Request-Id`, which its support asks for.
    pub request_id: Option<String>,
    /// The number of attempts; 0 if the response came from the cache, or nothing was sent.
    pub attempts: u32,
    /// `hit` or `miss`, if the response can be cached.
    pub cache: Option<&'static str>,
    /// The last response, if [`debug.log_responses`](crate::config::DebugConfig::log_responses) is set
    /// (`CALCOM_V2_LOG_RESPONSES`) and there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseDebug>,
    /// The time that each component took.
    pub timings: Timings,
    /// The request as a `curl` command. Credentials and masked values have to be filled in.
    pub curl: String,
}

/// A response, masked as the [allow list](crate::observe) says.
///
/// ```no_run
/// # fn example(client: &calcom::Client) {
/// if let Some(response) = client.last_request_debug().and_then(|last| last.response) {
///     println!("HTTP {}: {}", response.status, response.body.unwrap_or_default());
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResponseDebug {
    /// The HTTP status.
    pub status: u16,
    /// The headers, sorted by name. Known ones are shown by name, with a value that is a number, a date or a content type;
    /// everything else is `***`.
    pub headers: Vec<(String, String)>,
    /// The body, as JSON, masked as the [allow list](crate::observe) says. Cut off after 4 KiB. `None` if it is empty.
    pub body: Option<String>,
}

impl ResponseDebug {
    pub(super) fn new(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = (!body.is_empty()).then(|| redaction::body(body));
        Self { status, headers: redaction::headers(headers), body }
    }
}

/// The time that each component took. In JSON these are seconds and nanoseconds.
///
/// ```no_run
/// # fn example(client: &calcom::Client) {
/// if let Some(last) = client.last_request_debug() {
///     println!("{:?} in all, of that {:?} for the limiter", last.timings.total, last.timings.limiter);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Timings {
    /// The whole call, without decoding.
    pub total: Duration,
    /// Looking the cache up, and waiting for another call that fetched the same response.
    pub cache: Duration,
    /// Asking the circuit breaker, in all attempts together.
    pub breaker: Duration,
    /// Waiting for the limiter, in all attempts together.
    pub limiter: Duration,
    /// Each attempt, from its start to the last byte of its response.
    pub attempts: Vec<Duration>,
    /// Decoding the response; `None` if the decoded value was cached, or if decoding failed.
    pub decode: Option<Duration>,
}

/// The part of the record that is collected during the call.
#[derive(Default)]
pub(super) struct CallRecord {
    pub(super) cache: Option<&'static str>,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    pub(super) response: Option<ResponseDebug>,
    pub(super) timings: Timings,
}

/// The call that is recorded.
#[derive(Clone, Copy)]
pub(super) struct RecordedCall<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) request: &'a ApiRequest,
    pub(super) version: Option<&'a str>,
    pub(super) started_at: Instant,
}

impl CallRecord {
    pub(super) fn into_debug(
        mut self,
        call: RecordedCall<'_>,
        attempts: u32,
        outcome: &'static str,
        status: Option<u16>,
    ) -> RequestDebug {
        let RecordedCall { endpoint, request, version, started_at } = call;
        self.timings.total = started_at.elapsed();
        let target = redaction::target(request);
        RequestDebug {
            operation: request.operation.id,
            method: request.operation.method.as_str(),
            path: request.operation.path,
            version: version.map(str::to_owned),
            outcome,
            status: status.or(self.status),
            request_id: self.request_id,
            attempts,
            cache: self.cache,
            response: self.response,
            timings: self.timings,
            curl: curl(endpoint, request, version, &target),
            target,
        }
    }
}

/// The request as a command. Shown values contain no quotes, and URLs are encoded, so that nothing can end a quoted argument.
fn curl(endpoint: &Endpoint, request: &ApiRequest, version: Option<&str>, target: &str) -> String {
    let url = format!("{}{target}", endpoint.base()).replace('\'', "%27");
    let mut lines = vec![format!("curl -X {} '{url}'", request.operation.method.as_str())];
    if request.operation.credentials != CredentialPolicy::Refused {
        let header = |name: &http::HeaderName| {
            let value = if *name == AUTHORIZATION { "Bearer ***" } else { "***" };
            format!("-H '{name}: {value}'")
        };
        lines.extend(endpoint.credential_headers().iter().map(|(name, _)| header(name)));
    }
    lines.extend(version.map(|version| format!("-H 'cal-api-version: {version}'")));
    let own = request.headers.iter().flat_map(|headers| headers.keys());
    lines.extend(own.map(|name| format!("-H '{}: ***'", name.as_str().replace('\'', ""))));
    if let Some(body) = &request.body {
        lines.push("-H 'content-type: application/json'".to_owned());
        lines.push(format!("--data '{}'", redaction::body(body)));
    }
    lines.join(" ")
}

/// The record of a client's last call, shared by its clones.
#[derive(Debug, Default)]
pub(crate) struct LastCall(Mutex<Option<Arc<Inner>>>);

#[derive(Debug)]
struct Inner {
    debug: RequestDebug,
    decode: Arc<OnceLock<Duration>>,
}

impl LastCall {
    /// Stores the record of a call. The returned timer adds the time of decoding.
    pub(super) fn put(&self, debug: RequestDebug) -> DecodeTimer {
        let decode = Arc::<OnceLock<Duration>>::default();
        *lock(&self.0) = Some(Arc::new(Inner { debug, decode: Arc::clone(&decode) }));
        DecodeTimer::recording(decode)
    }

    pub(crate) fn get(&self) -> Option<RequestDebug> {
        let last = Arc::clone(lock(&self.0).as_ref()?);
        let mut debug = last.debug.clone();
        debug.timings.decode = last.decode.get().copied();
        Some(debug)
    }
}
