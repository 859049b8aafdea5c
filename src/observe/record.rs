//! What the last request was: kept while `debug.enabled` is set, in words that may be pasted anywhere.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use http::header::AUTHORIZATION;
use serde::Serialize;
use tokio::time::Instant;

use super::{Watch, shown};
use crate::{client::Core, operation::Credentials, pipeline::Outgoing, state::memory::lock};

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
    /// How long what took.
    pub timings: Timings,
    /// The request as a command; the credential and whatever is somebody's have to be put in.
    pub curl: String,
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
    pub(super) timings: Timings,
}

impl Record {
    pub(super) fn tell(mut self, watch: &Watch<'_>, outcome: &'static str, status: Option<u16>) -> RequestDebug {
        let (request, version) = (watch.request, watch.version);
        self.timings.total = watch.began.elapsed();
        let target = shown::target(request);
        RequestDebug {
            operation: request.operation.id,
            method: request.operation.method.as_str(),
            path: request.operation.path,
            version: version.map(str::to_owned),
            outcome,
            status: status.or(self.status),
            request_id: self.request_id,
            attempts: watch.attempts,
            cache: self.cache,
            timings: self.timings,
            curl: curl(watch.core, request, version, &target),
            target,
        }
    }
}

/// The request as a command. Nothing in it can end a quote: what is shown is plain, and URLs are encoded.
fn curl(core: &Core, request: &Outgoing, version: Option<&str>, target: &str) -> String {
    let url = format!("{}{target}", core.base()).replace('\'', "%27");
    let mut lines = vec![format!("curl -X {} '{url}'", request.operation.method.as_str())];
    if request.operation.credentials != Credentials::Refused {
        let header = |name: &http::HeaderName| {
            let value = if *name == AUTHORIZATION { "Bearer ***" } else { "***" };
            format!("-H '{name}: {value}'")
        };
        lines.extend(core.credential_headers.keys().map(header));
    }
    lines.extend(version.map(|version| format!("-H 'cal-api-version: {version}'")));
    if let Some(body) = &request.body {
        lines.push("-H 'content-type: application/json'".to_owned());
        lines.push(format!("--data '{}'", shown::body(body)));
    }
    lines.join(" ")
}

/// The last request of a client, shared by its clones.
#[derive(Debug, Default)]
pub(crate) struct LastRequest(Mutex<Option<Arc<Kept>>>);

#[derive(Debug)]
struct Kept {
    debug: RequestDebug,
    decode: OnceLock<Duration>,
}

impl LastRequest {
    pub(super) fn put(&self, debug: RequestDebug) -> Seen {
        let kept = Arc::new(Kept { debug, decode: OnceLock::new() });
        *lock(&self.0) = Some(Arc::clone(&kept));
        Seen(Some(kept))
    }

    pub(crate) fn get(&self) -> Option<RequestDebug> {
        let kept = Arc::clone(lock(&self.0).as_ref()?);
        let mut debug = kept.debug.clone();
        debug.timings.decode = kept.decode.get().copied();
        Some(debug)
    }
}

/// The record of an answer's request, if one is kept.
#[derive(Debug, Default)]
pub(crate) struct Seen(Option<Arc<Kept>>);

impl Seen {
    /// Decodes, and tells the record how long it took.
    #[inline]
    pub(crate) fn decoding<T, E>(&self, decode: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(kept) = &self.0 else { return decode() };
        let began = Instant::now();
        let decoded = decode();
        if decoded.is_ok() {
            let _ = kept.decode.set(began.elapsed());
        }
        decoded
    }
}
