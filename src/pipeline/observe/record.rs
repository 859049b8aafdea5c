//! What the last request was: kept while `debug.enabled` is set, in words that may be pasted anywhere.

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

/// What the last call was and how it went; from
/// [`Client::last_request_debug`](crate::Client::last_request_debug).
///
/// It names no credential and nobody: of values in paths, queries and bodies only those on the
/// [allow list](crate::observe) are shown, the others are `***` (in paths the name of the parameter).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestDebug {
    /// The id of the operation: `get_booking`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its parameters in braces: `/v2/event-types/{eventTypeId}`.
    pub path: &'static str,
    /// Path and query as they were sent, less what nobody must see: `/v2/event-types/7`.
    pub target: String,
    /// The `cal-api-version` that was sent.
    pub version: Option<String>,
    /// `success`, `cached`, or the kind of the error, as in the [metrics](crate::observe).
    pub outcome: &'static str,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// The service's `X-Request-Id`: what to quote when asking its support.
    pub request_id: Option<String>,
    /// How often the request was sent; 0 where the answer came from the cache, or nothing was sent.
    pub attempts: u32,
    /// `hit` or `miss`, where the answer may be kept.
    pub cache: Option<&'static str>,
    /// The last answer, if [`debug.log_responses`](crate::config::DebugConfig::log_responses) is set
    /// (`CALCOM_V2_LOG_RESPONSES`) and there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseDebug>,
    /// How long what took.
    pub timings: Timings,
    /// The request as a command; the credential and whatever is somebody's have to be put in.
    pub curl: String,
}

/// An answer, in words that may be pasted anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResponseDebug {
    /// The HTTP status.
    pub status: u16,
    /// The headers, sorted by name. Of the known ones the name is shown, and a number, a date or a content type as the value;
    /// everything else is `***`.
    pub headers: Vec<(String, String)>,
    /// The body, as JSON: of values only those on the [allow list](crate::observe) are shown. Cut off after 4 KiB. `None`
    /// if it is empty.
    pub body: Option<String>,
}

impl ResponseDebug {
    pub(super) fn new(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = (!body.is_empty()).then(|| redaction::body(body));
        Self { status, headers: redaction::headers(headers), body }
    }
}

/// How long each station took; in JSON seconds and nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Timings {
    /// The whole call, without decoding.
    pub total: Duration,
    /// Asking the cache, and waiting for another call that fetched the same.
    pub cache: Duration,
    /// Asking the breaker, in all attempts together.
    pub breaker: Duration,
    /// Waiting for the limiter, in all attempts together.
    pub limiter: Duration,
    /// Each attempt, from its start to the last byte of its answer.
    pub attempts: Vec<Duration>,
    /// Decoding the answer; nothing where that was kept too, or could not be done.
    pub decode: Option<Duration>,
}

/// What a call has learnt of itself so far.
#[derive(Default)]
pub(super) struct Record {
    pub(super) cache: Option<&'static str>,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    pub(super) response: Option<ResponseDebug>,
    pub(super) timings: Timings,
}

/// The call that a record belongs to.
#[derive(Clone, Copy)]
pub(super) struct RecordedCall<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) request: &'a ApiRequest,
    pub(super) version: Option<&'a str>,
    pub(super) started_at: Instant,
}

impl Record {
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

/// The request as a command. Nothing in it can end a quote: what is shown is plain, and URLs are encoded.
fn curl(endpoint: &Endpoint, request: &ApiRequest, version: Option<&str>, target: &str) -> String {
    let url = format!("{}{target}", endpoint.base()).replace('\'', "%27");
    let mut lines = vec![format!("curl -X {} '{url}'", request.operation.method.as_str())];
    if request.operation.credentials != CredentialPolicy::Refused {
        let header = |name: &http::HeaderName| {
            let value = if *name == AUTHORIZATION { "Bearer ***" } else { "***" };
            format!("-H '{name}: {value}'")
        };
        lines.extend(endpoint.credential_headers().keys().map(header));
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

/// The last call of a client, shared by its clones.
#[derive(Debug, Default)]
pub(crate) struct LastCall(Mutex<Option<Arc<Inner>>>);

#[derive(Debug)]
struct Inner {
    debug: RequestDebug,
    decode: Arc<OnceLock<Duration>>,
}

impl LastCall {
    /// Stores the record of a call; the returned timer adds to it how long decoding takes.
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
