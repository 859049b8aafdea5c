//! Errors of the crate `calcom`, for mocks of a trait that wraps the client.

use std::time::Duration;

use calcom::__mock::{MockFailure, error_of_response, error_without_response};
use calcom::Error;
use calcom::operation::Operation;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::suggestions::nearest;

/// Makes an [`Error`] as a call returns it, for a mock that has no service.
///
/// ```
/// use calcom::Error;
/// use calcom_fake::MockError;
///
/// /// Your own trait, which your program uses and your test replaces.
/// trait Calendar {
///     fn cancel(&self, uid: &str) -> Result<(), Error>;
/// }
///
/// struct Unreachable;
///
/// impl Calendar for Unreachable {
///     fn cancel(&self, _: &str) -> Result<(), Error> {
///         Err(MockError::timed_out("cancel_booking").build())
///     }
/// }
///
/// let error = Unreachable.cancel("uid").unwrap_err();
/// assert!(matches!(error, Error::Timeout(_)) && error.may_have_been_applied());
///
/// let refused = MockError::status("create_booking", 400).field("attendee.email", "must be an email").build();
/// assert_eq!(refused.field_errors()[0].field, "attendee.email");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MockError {
    operation: &'static Operation,
    kind: Kind,
    attempts: u32,
}

#[derive(Clone, Debug)]
enum Kind {
    Response { status: u16, message: String, fields: Vec<Value>, headers: HeaderMap },
    Failure(MockFailure),
}

impl MockError {
    /// The error of a response with this status to an operation, such as `create_booking`.
    ///
    /// # Panics
    /// If there is no such operation, and the message names the nearest ones; if the status is that of a success.
    #[track_caller]
    pub fn status(operation: &str, status: u16) -> Self {
        assert!(!(200..300).contains(&status), "HTTP {status} is a success, and no error");
        let kind = Kind::Response { status, message: String::new(), fields: Vec::new(), headers: HeaderMap::new() };
        Self { operation: row(operation), kind, attempts: 1 }
    }

    /// The error of a call that had no response in time.
    ///
    /// # Panics
    /// If there is no such operation.
    #[track_caller]
    pub fn timed_out(operation: &str) -> Self {
        Self::failure(row(operation), MockFailure::TimedOut)
    }

    /// The error of a call whose connection broke before a response.
    ///
    /// # Panics
    /// If there is no such operation.
    #[track_caller]
    pub fn connection_lost(operation: &str) -> Self {
        Self::failure(row(operation), MockFailure::ConnectionLost)
    }

    /// The error of a call that could not connect, and so was not sent.
    ///
    /// # Panics
    /// If there is no such operation.
    #[track_caller]
    pub fn not_connected(operation: &str) -> Self {
        Self::failure(row(operation), MockFailure::NotConnected)
    }

    /// The error of a call that an open circuit rejected. The circuit admits the next call after `retry_after`.
    ///
    /// # Panics
    /// If there is no such operation.
    #[track_caller]
    pub fn circuit_open(operation: &str, retry_after: Duration) -> Self {
        Self::failure(row(operation), MockFailure::CircuitOpen(retry_after))
    }

    /// The error of a call that the limiter did not send, because the quota is exhausted for `retry_after`.
    ///
    /// # Panics
    /// If there is no such operation.
    #[track_caller]
    pub fn quota_exceeded(operation: &str, retry_after: Duration) -> Self {
        Self::failure(row(operation), MockFailure::QuotaExceeded(retry_after))
    }

    /// Sets the service's message; only for the error of a response.
    pub fn message(mut self, text: &str) -> Self {
        if let Kind::Response { message, .. } = &mut self.kind {
            text.clone_into(message);
        }
        self
    }

    /// Adds a rejected field; only for the error of a response.
    pub fn field(mut self, name: &str, message: &str) -> Self {
        if let Kind::Response { fields, .. } = &mut self.kind {
            fields.push(json!({ "field": name, "message": message }));
        }
        self
    }

    /// Sets the delay before a retry, as the response's `Retry-After`, in whole seconds; only for the error of a response.
    pub fn retry_after(self, wait: Duration) -> Self {
        self.header(http::header::RETRY_AFTER, &wait.as_secs().to_string())
    }

    /// Sets the service's request id; only for the error of a response.
    pub fn request_id(self, id: &str) -> Self {
        self.header(HeaderName::from_static("x-request-id"), id)
    }

    /// Sets the number of attempts; default 1, and 0 if nothing was sent.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Makes the error.
    #[must_use]
    pub fn build(self) -> Error {
        match self.kind {
            Kind::Failure(failure) => error_without_response(self.operation, failure, self.attempts),
            Kind::Response { status, message, fields, headers } => {
                let error = json!({ "message": message, "details": fields });
                let body = json!({ "status": "error", "error": error }).to_string();
                error_of_response(self.operation, status, &headers, body.as_bytes(), self.attempts)
            }
        }
    }

    fn failure(operation: &'static Operation, failure: MockFailure) -> Self {
        Self { operation, kind: Kind::Failure(failure), attempts: 1 }
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let (Kind::Response { headers, .. }, Ok(value)) = (&mut self.kind, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
        self
    }
}

#[track_caller]
fn row(operation: &str) -> &'static Operation {
    #[expect(clippy::panic, reason = "an error of the test")]
    Operation::find(operation).unwrap_or_else(|| {
        let near = nearest(operation, Operation::all().iter().map(|row| row.id.to_owned()));
        panic!("there is no operation `{operation}`; the nearest are {near}")
    })
}
