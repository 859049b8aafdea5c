//! One attempt: sends the request once, reads the answer up to its limit, and says how it ended.

use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

use crate::{client::Core, observe::Fault};

/// How an attempt ended.
pub(super) enum Attempt {
    /// With an answer, whatever its status.
    Answered { status: u16, headers: HeaderMap, body: Bytes },
    /// With an answer of which only the head could be read.
    Unread { status: u16, headers: HeaderMap, why: Unread },
    /// The request surely never reached the service.
    NeverSent(reqwest::Error),
    /// The connection broke: the service may have got the request.
    Broken(reqwest::Error),
    /// No answer in time: the service may have got the request.
    TimedOut,
}

/// Why the body of an answer was not read to its end.
pub(super) enum Unread {
    TooLarge,
    Broken(reqwest::Error),
    TimedOut,
}

impl Attempt {
    /// What those are told who watch.
    pub(super) fn seen(&self) -> Fault<'_> {
        let no_body: &[u8] = &[];
        match self {
            Self::Answered { status, headers, body } => Fault { answer: Some((*status, headers, body)), kind: None },
            Self::Unread { status, headers, why } => {
                let kind = match why {
                    Unread::TooLarge => "too_large",
                    Unread::Broken(_) => "connection",
                    Unread::TimedOut => "timeout",
                };
                Fault { answer: Some((*status, headers, no_body)), kind: Some(kind) }
            }
            Self::NeverSent(error) if error.is_timeout() => Fault { answer: None, kind: Some("timeout") },
            Self::NeverSent(_) | Self::Broken(_) => Fault { answer: None, kind: Some("connection") },
            Self::TimedOut => Fault { answer: None, kind: Some("timeout") },
        }
    }
}

/// Sends `request` once. `until` ends the attempt, and with it the connection.
pub(super) async fn attempt(core: &Core, request: reqwest::Request, until: Instant) -> Attempt {
    let mut response = match timeout_at(until, core.http.execute(request)).await {
        Err(_) => return Attempt::TimedOut,
        Ok(Err(error)) if was_never_sent(&error) => return Attempt::NeverSent(error.without_url()),
        Ok(Err(error)) => return Attempt::Broken(error.without_url()),
        Ok(Ok(response)) => response,
    };
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let why = match timeout_at(until, read(&mut response, core.config.max_answer_bytes)).await {
        Ok(Ok(Some(body))) => return Attempt::Answered { status, headers, body },
        Ok(Ok(None)) => Unread::TooLarge,
        Ok(Err(error)) => Unread::Broken(error.without_url()),
        Err(_) => Unread::TimedOut,
    };
    Attempt::Unread { status, headers, why }
}

/// The body, or nothing where it is larger than `limit`.
async fn read(response: &mut reqwest::Response, limit: usize) -> reqwest::Result<Option<Bytes>> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Ok(None);
    }
    let Some(first) = response.chunk().await? else { return Ok(Some(Bytes::new())) };
    if first.len() > limit {
        return Ok(None);
    }
    let Some(second) = response.chunk().await? else { return Ok(Some(first)) };
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await?;
    }
    Ok(Some(body.freeze()))
}

/// Whether no byte of the request can have reached the service: the connection was not made, or a pooled one was found
/// closed before the request went onto it.
fn was_never_sent(error: &reqwest::Error) -> bool {
    if error.is_connect() || error.is_builder() {
        return true;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled) {
            return true;
        }
        cause = error.source();
    }
    false
}
