//! Errors as calls return them, for mocks: the crate `calcom-fake` makes them. Outside semantic versioning.

use std::time::Duration;

use http::HeaderMap;

use super::{
    breaker::CircuitOpen,
    error_response::{Scrubber, from_response},
    limiter::QuotaExceeded,
    local_errors,
};
use crate::{
    Error,
    contract::Contract,
    error::{CallReport, Cause, ErrorCode, ErrorDetailsBuilder},
    operation::Operation,
    retry_policy::FailureClass,
};

/// How a call fails without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum MockFailure {
    /// The connection cannot be made.
    NotConnected,
    /// The connection breaks before a response.
    ConnectionLost,
    /// No response arrives in time.
    TimedOut,
    /// The circuit breaker is open for so long.
    CircuitOpen(Duration),
    /// The quota is exhausted for so long.
    QuotaExceeded(Duration),
}

/// The error of a call of `operation` whose last attempt has this response.
#[must_use]
pub fn error_of_response(
    operation: &'static Operation,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    attempts: u32,
) -> Error {
    let error = from_response(operation, Contract::SelfHosted, status, headers, body, &Scrubber::default());
    reported(error, operation, FailureClass::of_status(status), attempts)
}

/// The error of a call of `operation` that ends without a response.
#[must_use]
pub fn error_without_response(operation: &'static Operation, failure: MockFailure, attempts: u32) -> Error {
    let unavailable = |text| ErrorDetailsBuilder::new().code(ErrorCode::ServiceUnavailable).text(text).build();
    let (error, class, attempts) = match failure {
        MockFailure::NotConnected => {
            let text = unavailable("the connection could not be made");
            (Error::Transport(text, Cause::new("connection refused")), FailureClass::NotSent, attempts)
        }
        MockFailure::ConnectionLost => {
            let text = unavailable("the connection broke before a response came");
            (Error::Transport(text, Cause::new("connection reset")), FailureClass::NoResponse, attempts)
        }
        MockFailure::TimedOut => {
            (Error::Timeout(unavailable("no response in time")), FailureClass::NoResponse, attempts)
        }
        MockFailure::CircuitOpen(retry_after) => {
            (local_errors::circuit_open(CircuitOpen { retry_after }), FailureClass::NotSent, 0)
        }
        MockFailure::QuotaExceeded(wait) => {
            let exceeded = QuotaExceeded { retry_after: Some(wait), limits: Vec::new() };
            (local_errors::quota_exceeded(exceeded), FailureClass::NotSent, 0)
        }
    };
    reported(error, operation, class, attempts)
}

fn reported(mut error: Error, operation: &'static Operation, class: FailureClass, attempts: u32) -> Error {
    error.details_mut().set_call_report(CallReport::new(operation.id, operation.resend, class).attempts(attempts));
    error
}
