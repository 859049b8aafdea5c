//! Classifies the outcome of an attempt: a response, or an error and whether the request was executed.

use super::super::{
    attempt::{AttemptOutcome, BodyError},
    context::{CallContext, RequestContext},
    error_response::{Scrubber, by_status, describe_head, from_response, is_error_envelope},
    request::ApiRequest,
    response::ApiResponse,
};
use crate::{
    Error,
    error::{Cause, ErrorCode, FailureBuilder, SendReport},
    operation::Resend,
};

/// A failed attempt.
pub(super) struct AttemptFailure {
    pub(super) error: Error,
    pub(super) execution: Execution,
}

/// What a failed attempt did at the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Execution {
    /// The request was certainly not executed, and sending it again can succeed: never sent, or 429.
    Never,
    /// The service may have executed the request.
    Unknown,
    /// The service has answered: another attempt gets the same answer.
    Final,
}

/// The response of an attempt, or the classification of its failure.
pub(super) fn classify(context: &RequestContext<'_>, outcome: AttemptOutcome) -> Result<ApiResponse, AttemptFailure> {
    let is_success = |status, body: &[u8]| {
        ((200..300).contains(&status) && !is_error_envelope(body)) || (status == 304 && context.if_none_match.is_some())
    };
    match outcome {
        AttemptOutcome::Response { status, headers, body } if is_success(status, &body) => {
            let operation = Some(context.request.operation);
            Ok(ApiResponse { operation, status, headers, body, ..ApiResponse::default() })
        }
        outcome => Err(classify_failure(context, outcome)),
    }
}

#[cold]
fn classify_failure(context: &RequestContext<'_>, outcome: AttemptOutcome) -> AttemptFailure {
    let call = context.call;
    let unavailable = || FailureBuilder::new().code(ErrorCode::ServiceUnavailable);
    let (error, execution) = match outcome {
        AttemptOutcome::Response { status, headers, body } => {
            let operation = context.request.operation;
            let error = from_response(operation, status, &headers, &body, &scrubber(call, context.request));
            let execution = execution_of(status, &error);
            (error, execution)
        }
        // The status says what happened; the body would have said why.
        AttemptOutcome::BodyFailed { status, headers, reason } if !(200..300).contains(&status) => {
            let error = by_status(status, describe_head(status, &headers).text(reason.text(call)).build());
            let execution = execution_of(status, &error);
            (error, execution)
        }
        AttemptOutcome::BodyFailed { status, headers, reason } => {
            let (head, text) = (describe_head(status, &headers), reason.text(call));
            match reason {
                // The request was executed. Another attempt gets the same response.
                BodyError::TooLarge => (too_large(context, head.text(text)), Execution::Final),
                BodyError::Broken(cause) => {
                    let failure = head.code(ErrorCode::ServiceUnavailable).text(text).build();
                    (Error::Transport(failure, Cause::new(cause)), Execution::Unknown)
                }
                BodyError::TimedOut => (timed_out(head.code(ErrorCode::ServiceUnavailable), &text), Execution::Unknown),
            }
        }
        AttemptOutcome::NeverSent(error) if error.is_builder() => {
            (Error::configuration(format!("the request could not be built: {error}")), Execution::Final)
        }
        AttemptOutcome::NeverSent(error) if error.is_timeout() => {
            (timed_out(unavailable(), "no connection was made in time"), Execution::Never)
        }
        AttemptOutcome::NeverSent(error) => {
            let text = if error.is_connect() {
                "the connection could not be made"
            } else {
                "the connection was gone before the request went onto it"
            };
            (Error::Transport(unavailable().text(text).build(), Cause::new(error)), Execution::Never)
        }
        AttemptOutcome::ConnectionLost(error) => {
            let failure = unavailable().text("the connection broke before there was an answer").build();
            (Error::Transport(failure, Cause::new(error)), Execution::Unknown)
        }
        AttemptOutcome::TimedOut => (timed_out(unavailable(), "no answer in time"), Execution::Unknown),
    };
    let mut error = error;
    if error.status() == Some(429) {
        // The limiter waits no longer either.
        error.failure_mut().bound_retry_after(call.pipeline.config.rate_limit.max_wait);
    }
    AttemptFailure { error, execution }
}

/// What an error response says of the request's execution.
fn execution_of(status: u16, error: &Error) -> Execution {
    if status == 429 {
        Execution::Never
    } else if is_unclear(error) {
        Execution::Unknown
    } else {
        Execution::Final
    }
}

/// The error of a successful response that is larger than `max_answer_bytes`.
fn too_large(context: &RequestContext<'_>, head: FailureBuilder) -> Error {
    let operation = context.request.operation;
    let changes = operation.resend != Resend::Safe;
    let mut error = Error::Decode(head.build(), Cause::new("the answer was not read to its end"));
    error.failure_mut().set_send_report(SendReport {
        operation: operation.id,
        attempts: 0,
        may_have_been_applied: changes,
        repeatable: !changes,
    });
    error
}

/// Whether the service says no more than that something went wrong on its side.
fn is_unclear(error: &Error) -> bool {
    matches!(error, Error::Server(_) | Error::Unavailable(_) | Error::Timeout(_))
}

impl BodyError {
    fn text(&self, call: &CallContext) -> String {
        match self {
            Self::TooLarge => {
                format!("the answer is larger than {} bytes (max_answer_bytes)", call.pipeline.config.max_answer_bytes)
            }
            Self::Broken(_) => "the connection broke before the answer was whole".to_owned(),
            Self::TimedOut => "the answer did not end in time".to_owned(),
        }
    }
}

fn timed_out(head: FailureBuilder, text: &str) -> Error {
    Error::Timeout(head.text(text).build())
}

/// A scrubber of everything that the request carried.
fn scrubber(call: &CallContext, request: &ApiRequest) -> Scrubber {
    let mut scrubber = Scrubber::default();
    for secret in call.pipeline.endpoint.credentials().secrets() {
        scrubber.value(secret);
    }
    scrubber.query(&request.query);
    for value in request.headers.iter().flat_map(|headers| headers.values()) {
        scrubber.value(&String::from_utf8_lossy(value.as_bytes()));
    }
    for (_, value) in request.operation.path_params(&request.path) {
        scrubber.value(&percent_encoding::percent_decode_str(value).decode_utf8_lossy());
    }
    if let Some(body) = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()) {
        scrubber.json(&body);
    }
    scrubber
}
