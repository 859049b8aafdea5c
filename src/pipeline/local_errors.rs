//! Errors of calls that end in this crate without a response. Nothing was sent, and the error says so.

use std::time::Duration;

use super::{breaker::CircuitOpen, limiter::QuotaExceeded};
use crate::{
    Error,
    auth::TokenError,
    contract::Contract,
    error::{CallReport, Cause, ErrorCode, ErrorDetails, ErrorDetailsBuilder, TokenState},
    operation::Operation,
    retry_policy::{FailureClass, Resend},
};

/// The circuit is open.
pub(super) fn circuit_open(open: CircuitOpen) -> Error {
    let failure = ErrorDetailsBuilder::new()
        .code(ErrorCode::ServiceUnavailable)
        .text("the circuit breaker is open, nothing was sent")
        .retry_after(Some(round(open.retry_after)))
        .circuit_open();
    Error::Unavailable(failure.build())
}

/// The quota is exhausted for longer than the call may wait.
pub(super) fn quota_exceeded(rejected: QuotaExceeded) -> Error {
    let failure = ErrorDetailsBuilder::new()
        .code(ErrorCode::RateLimited)
        .text("the quota is used up, nothing was sent")
        .retry_after(rejected.retry_after.map(round))
        .rate_limits(rejected.limits);
    Error::RateLimit(failure.build())
}

/// The provider gives no token.
#[cold]
pub(super) fn no_token(error: &TokenError) -> Error {
    let failure = ErrorDetailsBuilder::new().text(error.to_string());
    match error {
        TokenError::ConsentRequired(_) => {
            Error::Authentication(failure.code(ErrorCode::Unauthorized).token(TokenState::ConsentRequired).build())
        }
        TokenError::ClientRefused(_) => Error::Authentication(failure.code(ErrorCode::Unauthorized).build()),
        TokenError::Unavailable(_) => Error::Unavailable(failure.code(ErrorCode::ServiceUnavailable).build()),
    }
}

/// The provider gives no token before the deadline.
#[cold]
pub(super) fn no_token_in_time() -> Error {
    let failure = ErrorDetailsBuilder::new()
        .code(ErrorCode::ServiceUnavailable)
        .text("no access token in time, nothing was sent");
    Error::Timeout(failure.build())
}

/// The service lacks the operation, or a part of it.
#[cold]
pub(super) fn unsupported(operation: &'static Operation, contract: Contract, what: &str) -> Error {
    let failure = ErrorDetailsBuilder::new().text(format!(
        "the {contract} service does not have {what}, nothing was sent (`ClientBuilder::service` names another service)"
    ));
    let mut error = Error::Unsupported(failure.build(), contract);
    error.details_mut().set_call_report(report(operation, FailureClass::Invalid));
    error
}

/// The call's timeout is zero.
pub(super) fn zero_timeout(operation: &'static Operation) -> Error {
    let failure =
        ErrorDetailsBuilder::new().code(ErrorCode::ServiceUnavailable).text("no time was given, nothing was sent");
    let mut error = Error::Timeout(failure.build());
    error.details_mut().set_call_report(report(operation, FailureClass::NotSent));
    error
}

/// Another call was fetching the same response until the deadline.
pub(super) fn single_flight_timeout(operation: &'static Operation) -> Error {
    let failure = ErrorDetailsBuilder::new()
        .code(ErrorCode::ServiceUnavailable)
        .text("no response in time, nothing was sent: another call was fetching the same");
    let mut error = Error::Timeout(failure.build());
    error.details_mut().set_call_report(report(operation, FailureClass::NotSent));
    error
}

/// A connection was to be opened, and is not.
#[cold]
pub(super) fn not_connected(cause: Cause) -> Error {
    Error::Transport(connection_failure("the connection could not be made"), cause)
}

/// A connection was to be opened, and is not in time.
#[cold]
pub(super) fn not_connected_in_time() -> Error {
    Error::Timeout(connection_failure("no connection in time"))
}

/// Nothing of a call was sent, so that a connection can be asked for again.
fn connection_failure(text: &str) -> ErrorDetails {
    let failure = ErrorDetailsBuilder::new().code(ErrorCode::ServiceUnavailable).text(text);
    failure.failed(FailureClass::NotSent, Resend::Safe).build()
}

/// The service answered 304 to a request without a validator.
pub(super) fn not_modified(operation: &'static Operation, resend: Resend) -> Error {
    let failure = ErrorDetailsBuilder::new().status(304).text("the service responded that nothing has changed").build();
    let mut error = Error::Decode(failure, Cause::new("there is no earlier response"));
    error.details_mut().set_call_report(CallReport::new(operation.id, resend, FailureClass::Unreadable).attempts(1));
    error
}

fn report(operation: &'static Operation, class: FailureClass) -> CallReport {
    CallReport::new(operation.id, operation.resend, class)
}

/// Rounded up to milliseconds, to be shown in a text.
fn round(wait: Duration) -> Duration {
    Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}
