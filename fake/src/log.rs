//! The request log: every request with its operation and the response that its client received.

use std::collections::HashSet;
use std::fmt;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

/// The response that a client received, as far as the fake or the proxy can tell.
///
/// [`Ledger`](crate::Ledger) has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseOutcome {
    /// None yet: the request is in progress.
    Pending,
    /// The complete response of the service, with this status.
    Complete(u16),
    /// A truncated response of the service, or one with a wrong content type. The status is that of the service.
    Damaged(u16),
    /// A response of a fault in place of the service's, with this status.
    Replaced(u16),
    /// None: the connection is closed, or no response is ever sent.
    Lost,
}

impl ResponseOutcome {
    /// Whether the client received the complete response of the service.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Complete(_))
    }
}

impl fmt::Display for ResponseOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending => f.write_str("not answered yet"),
            Self::Complete(status) => write!(f, "answered {status}"),
            Self::Damaged(status) => write!(f, "a damaged answer {status}"),
            Self::Replaced(status) => write!(f, "answered {status} instead"),
            Self::Lost => f.write_str("no answer"),
        }
    }
}

/// A request that the fake received.
///
/// `Debug` shows method, path, operation and status only: no credentials, no query, no body.
///
/// ```
/// use calcom_fake::FakeCalcom;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// let fake = FakeCalcom::start().await;
/// fake.client().me().get().await?;
/// let sent = &fake.requests()[0];
/// assert_eq!((sent.method.to_string(), sent.path.as_str()), ("GET".to_owned(), "/v2/me"));
/// assert!(sent.header("authorization").is_some());
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The number of the request, counted from 1 in the order of arrival.
    pub number: u64,
    /// The time of arrival, by the fake's clock.
    pub at: Timestamp,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers as they were sent, credentials included.
    pub headers: HeaderMap,
    /// The body: `Null` if there is none, a string if it is not JSON.
    pub body: Value,
    /// The operation, such as `create_booking`. `None` if no route matched.
    pub operation: Option<&'static str>,
    /// The status of the service's response. `None` while the request is in progress, or if a fault replaced the service.
    pub status: Option<u16>,
    /// The response that the client received.
    pub response: ResponseOutcome,
    /// The fault that was injected.
    pub fault: Option<String>,
    /// The reason for which no route matched, and the nearest routes; or that the version is the one of the other service.
    pub hint: Option<String>,
    /// Whether a route matched.
    pub(crate) routed: bool,
    /// Whether a handler answers it.
    pub(crate) played: bool,
    /// The `X-Request-Id` of the response.
    pub(crate) id: String,
}

impl LoggedRequest {
    /// The value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the fake plays the operation of the request. If not, the answer is the one of the test ([`FakeCalcom::on`]), or
    /// the same example for each request: writes have no effect. [`played_operations`] lists the operations that are played.
    ///
    /// [`FakeCalcom::on`]: crate::FakeCalcom::on
    /// [`played_operations`]: crate::played_operations
    pub fn is_played(&self) -> bool {
        self.played
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
        match (self.status, self.response) {
            (Some(status), ResponseOutcome::Complete(told)) if status == told => write!(f, "{status}")?,
            (Some(status), answered) => write!(f, "{status}, {answered}")?,
            (None, answered) => write!(f, "{answered}")?,
        }
        match &self.fault {
            Some(fault) => write!(f, " (fault: {fault})"),
            None => Ok(()),
        }
    }
}

/// The log of all requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    pub(crate) requests: Vec<LoggedRequest>,
    /// The operations of which assertions have checked the number of requests.
    pub(crate) expected_operations: HashSet<&'static str>,
}

impl RequestLog {
    pub(crate) fn push(&mut self, mut request: LoggedRequest) -> u64 {
        request.number = self.requests.len() as u64 + 1;
        let number = request.number;
        self.requests.push(request);
        number
    }

    /// Records the response that the client of a request received.
    pub(crate) fn record_outcome(&mut self, number: u64, outcome: ResponseOutcome) {
        if let Some(entry) = self.entry(number) {
            entry.response = outcome;
            if let ResponseOutcome::Complete(status) = outcome {
                entry.status = Some(status);
            }
        }
    }

    /// Records the response and the fault of the request with this request id.
    pub(crate) fn record_fault(&mut self, id: &str, outcome: ResponseOutcome, fault: Option<String>) {
        // A recent request is the most likely one.
        if let Some(entry) = self.requests.iter_mut().rev().find(|entry| entry.id == id) {
            entry.response = outcome;
            entry.fault = fault.or_else(|| entry.fault.take());
        }
    }

    pub(crate) fn entry(&mut self, number: u64) -> Option<&mut LoggedRequest> {
        usize::try_from(number).ok().and_then(|n| self.requests.get_mut(n.checked_sub(1)?))
    }

    /// The requests, one a line, for failure messages.
    pub(crate) fn to_lines(&self) -> String {
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
