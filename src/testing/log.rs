//! What came in and what became of it: every request with the operation that it matched, and every change of the
//! state. Comparing the two with what a client believed is for tests, and for the ledger.

use std::collections::HashSet;
use std::fmt;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

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
    /// The status it was answered with; nothing while it is worked on, or when it was not answered.
    pub status: Option<u16>,
    /// Why it matched no operation, and what would have been known.
    pub hint: Option<String>,
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
        match self.status {
            Some(status) => write!(f, "{status}"),
            None => write!(f, "not answered"),
        }
    }
}

/// A change of the state, with the request that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Happened {
    /// By the fake's clock: the moment from which others could see it.
    pub at: Timestamp,
    /// The number of the request in the log.
    pub request: Option<u64>,
    /// What changed.
    pub change: Change,
}

/// What can change about bookings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A booking was made: one row, which for a series means one occurrence.
    Booked {
        /// Its uid.
        uid: String,
        /// The series it belongs to.
        recurring_uid: Option<String>,
        /// The seat taken, of a seated booking.
        seat_uid: Option<String>,
    },
    /// A booking was replaced by another at a new time.
    Rescheduled {
        /// The uid before.
        from: String,
        /// The uid now.
        to: String,
    },
    /// A booking was cancelled.
    Cancelled {
        /// Its uid.
        uid: String,
    },
    /// One seat of a booking was given back.
    SeatCancelled {
        /// The booking's uid.
        uid: String,
        /// The seat.
        seat_uid: String,
    },
    /// A pending booking was confirmed.
    Confirmed {
        /// Its uid.
        uid: String,
    },
    /// A pending booking was declined.
    Declined {
        /// Its uid.
        uid: String,
    },
    /// Something else about a booking changed: guests, location, absence.
    Changed {
        /// Its uid.
        uid: String,
    },
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
