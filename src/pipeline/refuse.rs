//! Refusals made on this side: nothing was sent, and the error says so.

use std::time::Duration;

use super::{breaker::Open, limiter::NoRoom};
use crate::{
    Error,
    error::{Cause, ErrorCode, FailureBuilder},
    operation::{Operation, Resend},
};

/// The circuit breaker is open.
pub(super) fn circuit_open(open: Open) -> Error {
    let failure = FailureBuilder::new()
        .code(ErrorCode::ServiceUnavailable)
        .text("the circuit breaker is open, nothing was sent")
        .retry_after(Some(round(open.retry_after)))
        .circuit_open();
    Error::Unavailable(failure.build())
}

/// The quota is used up for longer than the caller waits.
pub(super) fn no_room(no_room: NoRoom) -> Error {
    let failure = FailureBuilder::new()
        .code(ErrorCode::RateLimited)
        .text("the quota is used up, nothing was sent")
        .retry_after(no_room.retry_after.map(round));
    Error::RateLimit(failure.build())
}

/// The caller gave no time at all.
pub(super) fn no_time(operation: &'static Operation) -> Error {
    let failure = FailureBuilder::new().code(ErrorCode::ServiceUnavailable).text("no time was given, nothing was sent");
    let mut error = Error::Timeout(failure.build());
    error.failure_mut().sent(operation.id, 0, false, true);
    error
}

/// Another call was fetching the same answer, and took until the deadline.
pub(super) fn fetched_by_another(operation: &'static Operation) -> Error {
    let failure = FailureBuilder::new()
        .code(ErrorCode::ServiceUnavailable)
        .text("no answer in time, nothing was sent: another call was fetching the same");
    let mut error = Error::Timeout(failure.build());
    error.failure_mut().sent(operation.id, 0, false, operation.resend != Resend::Unsafe);
    error
}

/// The service answered "not modified" to a question that it was not asked.
pub(super) fn not_modified(operation: &'static Operation) -> Error {
    let failure = FailureBuilder::new().status(304).text("the service answered that nothing has changed").build();
    let mut error = Error::Decode(failure, Cause::new("there is no answer from before"));
    error.failure_mut().sent(operation.id, 1, false, true);
    error
}

/// To the next millisecond: what stands in a text should not have nine digits.
fn round(wait: Duration) -> Duration {
    Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}
