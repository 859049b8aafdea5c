//! One attempt: sends the request once, reads the answer up to its limit, and says how it ended.

use std::error::Error as StdError;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

use super::outgoing::Sending;
use crate::observe::Fault;

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

/// Sends a request once. `until` ends the attempt, and with it the connection.
pub(super) async fn attempt(sending: &Sending<'_>, until: Instant) -> Attempt {
    let mut head = None;
    let ended = timeout_at(until, exchange(sending, &mut head)).await;
    let Some((status, headers)) = head else {
        return match ended {
            Ok(Err(error)) if was_never_sent(&error) => Attempt::NeverSent(error.without_url()),
            Ok(Err(error)) => Attempt::Broken(error.without_url()),
            Ok(Ok(_)) | Err(_) => Attempt::TimedOut,
        };
    };
    let why = match ended {
        Ok(Ok(Some(body))) => return Attempt::Answered { status, headers, body },
        Ok(Ok(None)) => Unread::TooLarge,
        Ok(Err(error)) => Unread::Broken(error.without_url()),
        Err(_) => Unread::TimedOut,
    };
    Attempt::Unread { status, headers, why }
}

/// The body of the answer, or nothing where it is larger than it may be; `head` is there as soon as it has come.
async fn exchange(sending: &Sending<'_>, head: &mut Option<(u16, HeaderMap)>) -> reqwest::Result<Option<Bytes>> {
    let core = &*sending.call.core;
    let limit = core.config.max_answer_bytes;
    let mut response = core.http.execute(sending.to_http()).await?;
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    *head = Some((response.status().as_u16(), std::mem::take(response.headers_mut())));
    if announced > limit {
        return Ok(None);
    }
    // Most answers come whole: then they stay where they are.
    let Some(first) = response.chunk().await? else { return Ok(Some(Bytes::new())) };
    if first.len() > limit {
        return Ok(None);
    }
    let Some(mut next) = response.chunk().await? else { return Ok(Some(first)) };
    let mut body = Vec::with_capacity(announced.max(first.len() + next.len()));
    body.extend_from_slice(&first);
    loop {
        if next.len() > limit - body.len() {
            return Ok(None);
        }
        body.extend_from_slice(&next);
        match response.chunk().await? {
            Some(chunk) => next = chunk,
            None => return Ok(Some(body.into())),
        }
    }
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
