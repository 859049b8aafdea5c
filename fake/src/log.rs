//! What came in and what became of it: every request with the operation that it matched and what its client got to
//! know. What really happened is in the state's history, and the ledger holds the two against each other.

use std::collections::HashSet;
use std::fmt;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

/// What a client got to know about its request, as far as sending an answer says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answered {
    /// Nothing so far: it is still worked on.
    NotYet,
    /// The service's own answer, with this status.
    Whole(u16),
    /// A part of the service's answer, or all of it under a wrong label; the status is the service's.
    Damaged(u16),
    /// An answer with this status, which is not the service's.
    Instead(u16),
    /// Nothing, and nothing will come: the connection is gone, or silent.
    Lost,
}

impl Answered {
    /// Whether the client got the service's own answer, whole.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet => f.write_str("not answered yet"),
            Self::Whole(status) => write!(f, "answered {status}"),
            Self::Damaged(status) => write!(f, "a damaged answer {status}"),
            Self::Instead(status) => write!(f, "answered {status} instead"),
            Self::Lost => f.write_str("no answer"),
        }
    }
}

/// A request that the fake received.
///
/// `Debug` shows method, path, operation and status only: no credentials, no query, no body.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Counts from 1 in the order of arrival.
    pub number: u64,
    /// When it arrived, by the fake's clock.
    pub at: Timestamp,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers as they were sent, credentials included.
    pub headers: HeaderMap,
    /// The body, `Null` when there was none; text that is not JSON is a string.
    pub body: Value,
    /// The operation it matched, such as `create_booking`; nothing when no route takes it.
    pub operation: Option<&'static str>,
    /// The status that the service gave it; nothing while it is worked on, or when a fault kept the service from it.
    pub status: Option<u16>,
    /// What its client got to know.
    pub answered: Answered,
    /// The fault that struck it.
    pub fault: Option<String>,
    /// Why it matched no operation, and what would have been known.
    pub hint: Option<String>,
    /// The `X-Request-Id` of its answer.
    pub(crate) id: String,
}

impl LoggedRequest {
    /// The value of a header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The first value of a query parameter.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {} ", self.number, self.method, self.path)?;
        write!(f, "cal-api-version={} ", self.header("cal-api-version").unwrap_or("none"))?;
        write!(f, "-> {} ", self.operation.unwrap_or("no operation"))?;
        match (self.status, self.answered) {
            (Some(status), Answered::Whole(told)) if status == told => write!(f, "{status}")?,
            (Some(status), answered) => write!(f, "{status}, {answered}")?,
            (None, answered) => write!(f, "{answered}")?,
        }
        match &self.fault {
            Some(fault) => write!(f, " (fault: {fault})"),
            None => Ok(()),
        }
    }
}

/// All requests so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) requests: Vec<LoggedRequest>,
    /// The operations that assertions have accounted for.
    pub(crate) accounted: HashSet<&'static str>,
}

impl Log {
    pub(crate) fn arrived(&mut self, mut request: LoggedRequest) -> u64 {
        request.number = self.requests.len() as u64 + 1;
        let number = request.number;
        self.requests.push(request);
        number
    }

    /// Writes down what the client of a request got to know.
    pub(crate) fn answered(&mut self, number: u64, answered: Answered) {
        if let Some(entry) = self.entry(number) {
            entry.answered = answered;
            if let Answered::Whole(status) = answered {
                entry.status = Some(status);
            }
        }
    }

    /// Writes it down for the request whose answer carries this id, and the fault that did it.
    pub(crate) fn befell(&mut self, id: &str, answered: Answered, fault: Option<String>) {
        // The latest are the likeliest.
        if let Some(entry) = self.requests.iter_mut().rev().find(|entry| entry.id == id) {
            entry.answered = answered;
            entry.fault = fault.or_else(|| entry.fault.take());
        }
    }

    pub(crate) fn entry(&mut self, number: u64) -> Option<&mut LoggedRequest> {
        usize::try_from(number).ok().and_then(|n| self.requests.get_mut(n.checked_sub(1)?))
    }

    /// The requests, one a line.
    pub(crate) fn listing(&self) -> String {
        if self.requests.is_empty() {
            return "  (no requests)\n".to_owned();
        }
        self.requests.iter().fold(String::new(), |mut text, request| {
            text.push_str(&format!("  {request:?}\n"));
            if let Some(hint) = &request.hint {
                text.push_str(&format!("      {hint}\n"));
            }
            text
        })
    }
}
