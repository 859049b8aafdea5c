//! One attempt: sends the request once, and reads the response up to `max_response_bytes`.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use tokio::time::{Instant, timeout_at};

use super::{
    context::RequestContext,
    intercept::AttemptRefusal,
    observe::AttemptSummary,
    transport::{Exchange, was_never_sent},
};
use crate::{auth::ProvidedToken, sync::lock};

/// The outcome of an attempt.
pub(super) enum AttemptOutcome {
    /// A response of any status.
    Response { status: u16, headers: HeaderMap, body: Bytes },
    /// A response of which only the head could be read.
    BodyFailed { status: u16, headers: HeaderMap, reason: BodyError },
    /// An interceptor refused the attempt.
    Refused(AttemptRefusal),
    /// The request certainly did not reach the service.
    NeverSent(reqwest::Error),
    /// The connection broke: the service may have received the request.
    ConnectionLost(reqwest::Error),
    /// No response in time: the service may have received the request.
    TimedOut,
}

/// Why a body was not read to its end.
pub(super) enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
    /// It is shorter than its head has announced, and the connection did not break.
    Incomplete,
    TimedOut,
}

impl AttemptOutcome {
    /// Whether the time of the attempt was over.
    pub(super) fn is_timeout(&self) -> bool {
        match self {
            Self::TimedOut | Self::BodyFailed { reason: BodyError::TimedOut, .. } => true,
            Self::NeverSent(error) => error.is_timeout(),
            _ => false,
        }
    }

    /// The number of interceptors that were called before the attempt, if one of them has refused it.
    pub(super) fn called_before(&self) -> Option<usize> {
        match self {
            Self::Refused(refusal) => Some(refusal.called),
            _ => None,
        }
    }

    /// The summary that the observer reports.
    pub(super) fn summary(&self) -> AttemptSummary<'_> {
        let no_body: &[u8] = &[];
        match self {
            Self::Response { status, headers, body } => {
                AttemptSummary { response: Some((*status, headers, body)), kind: None }
            }
            Self::BodyFailed { status, headers, reason } => {
                let kind = match reason {
                    BodyError::TooLarge => "too_large",
                    BodyError::Broken(_) | BodyError::Incomplete => "connection",
                    BodyError::TimedOut => "timeout",
                };
                AttemptSummary { response: Some((*status, headers, no_body)), kind: Some(kind) }
            }
            Self::Refused(_) => AttemptSummary { response: None, kind: Some("refused") },
            Self::NeverSent(error) if error.is_timeout() => AttemptSummary { response: None, kind: Some("timeout") },
            Self::NeverSent(_) | Self::ConnectionLost(_) => AttemptSummary { response: None, kind: Some("connection") },
            Self::TimedOut => AttemptSummary { response: None, kind: Some("timeout") },
        }
    }
}

/// Sends a request once, as the attempt of this number. At the end of `time` the attempt ends, and its connection with it.
/// Returns when it ended, too.
pub(super) async fn send_attempt(
    context: &RequestContext<'_>,
    token: Option<&ProvidedToken>,
    number: u32,
    time: Range<Instant>,
) -> (AttemptOutcome, Instant) {
    let interceptors = &context.pipeline().components.interceptors;
    let intercepted = if interceptors.is_empty() {
        None
    } else {
        let mut http = Box::new(context.to_http(token));
        match interceptors.before_attempt(context.request.operation, number, &mut http) {
            Ok(added) => lock(&context.intercepted).extend(added),
            Err(refusal) => return (AttemptOutcome::Refused(refusal), Instant::now()),
        }
        Some(http)
    };
    let mut head = None;
    // An interceptor may take time, in which idle connections get older.
    let begins = if intercepted.is_some() { Instant::now() } else { time.start };
    let mut exchange = context.pipeline().transport.begin(context.call.resend(context.request), begins);
    // Made where it is sent: each move of a request copies 300 bytes.
    let http = || intercepted.map_or_else(|| context.to_http(token), |http| *http);
    let read = timeout_at(time.end, read_response(context, http, &mut exchange, &mut head)).await;
    let ended = Instant::now();
    match &read {
        // Announced as too large, and not read.
        Ok(Ok(BodyEnd::TooLarge)) => {}
        Ok(Ok(BodyEnd::Complete(_) | BodyEnd::Incomplete)) => exchange.complete(ended),
        Ok(Err(error)) if was_never_sent(error) => {}
        Ok(Err(_)) | Err(_) => exchange.lose(ended),
    }
    let outcome = match (head, read) {
        (Some((status, headers)), Ok(Ok(BodyEnd::Complete(body)))) => {
            AttemptOutcome::Response { status, headers, body }
        }
        (Some((status, headers)), read) => {
            let reason = match read {
                Ok(Ok(BodyEnd::TooLarge)) => BodyError::TooLarge,
                Ok(Ok(_)) => BodyError::Incomplete,
                Ok(Err(error)) => BodyError::Broken(error),
                Err(_) => BodyError::TimedOut,
            };
            AttemptOutcome::BodyFailed { status, headers, reason }
        }
        (None, Ok(Err(error))) if was_never_sent(&error) => AttemptOutcome::NeverSent(error),
        (None, Ok(Err(error))) => AttemptOutcome::ConnectionLost(error),
        (None, Ok(Ok(_)) | Err(_)) => AttemptOutcome::TimedOut,
    };
    (outcome, ended)
}

/// The largest number of bytes that are reserved for a body before they have arrived.
const MAX_RESERVED_BYTES: usize = 1 << 20;

/// How the reading of a body has ended.
enum BodyEnd {
    Complete(Bytes),
    /// An HTTP/2 server can end a stream at any byte without an error of the HTTP library.
    Incomplete,
    TooLarge,
}

/// Reads the body of the response. `head` is set when the head has arrived.
async fn read_response(
    context: &RequestContext<'_>,
    http: impl FnOnce() -> reqwest::Request,
    exchange: &mut Exchange<'_>,
    head: &mut Option<(u16, HeaderMap)>,
) -> reqwest::Result<BodyEnd> {
    let limit = context.pipeline().config.max_response_bytes;
    let mut response = exchange.client().execute(http()).await?;
    exchange.record_head(&response);
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let has_body = response.status().is_success() && response.status() != StatusCode::NO_CONTENT;
    *head = Some((response.status().as_u16(), std::mem::take(response.headers_mut())));
    if announced > limit {
        return Ok(BodyEnd::TooLarge);
    }
    // A 304 can have the length of the response that it confirms.
    let expected = if has_body { announced } else { 0 };
    let ended = |body: Bytes| if body.len() < expected { BodyEnd::Incomplete } else { BodyEnd::Complete(body) };
    // A body that arrives in one chunk is not copied.
    let Some(first) = response.chunk().await? else { return Ok(ended(Bytes::new())) };
    if first.len() > limit {
        return Ok(BodyEnd::TooLarge);
    }
    // An HTTP/2 stream can still end with an error.
    if expected > 0 && first.len() == expected && response.version() < Version::HTTP_2 {
        return Ok(BodyEnd::Complete(first));
    }
    let Some(mut next) = response.chunk().await? else { return Ok(ended(first)) };
    let mut body = Vec::with_capacity(announced.min(MAX_RESERVED_BYTES).max(first.len() + next.len()));
    body.extend_from_slice(&first);
    loop {
        if next.len() > limit - body.len() {
            return Ok(BodyEnd::TooLarge);
        }
        body.extend_from_slice(&next);
        match response.chunk().await? {
            Some(chunk) => next = chunk,
            None => return Ok(ended(body.into())),
        }
    }
}
