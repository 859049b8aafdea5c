//! Classifies the outcome of an attempt: a response, or an error and its failure class, which the retry policy needs.

use super::super::{
    attempt::{AttemptOutcome, BodyError},
    context::{CallContext, RequestContext},
    error_response::{Scrubber, by_status, describe_head, from_response, is_error_envelope},
    response::ApiResponse,
    transport::cause_of,
};
use crate::{
    Error,
    auth::ProvidedToken,
    error::{Cause, ErrorCode, ErrorDetailsBuilder},
    retry_policy::FailureClass,
    sync::lock,
};

/// A failed attempt.
pub(super) struct AttemptFailure {
    pub(super) error: Error,
    pub(super) class: FailureClass,
}

/// The response of an attempt, or the error and the class of its failure.
pub(super) fn classify(
    context: &RequestContext<'_>,
    token: Option<&ProvidedToken>,
    outcome: AttemptOutcome,
) -> Result<Box<ApiResponse>, AttemptFailure> {
    let is_success = |status, body: &[u8]| {
        ((200..300).contains(&status) && !is_error_envelope(body)) || (status == 304 && context.if_none_match.is_some())
    };
    match outcome {
        AttemptOutcome::Response { status, headers, body } if is_success(status, &body) => {
            let operation = Some(context.request.operation);
            // The futures above pass a pointer on: each move of a response copies 200 bytes.
            Ok(Box::new(ApiResponse { operation, status, headers, body, ..ApiResponse::default() }))
        }
        outcome => Err(classify_failure(context, token, outcome)),
    }
}

#[cold]
fn classify_failure(
    context: &RequestContext<'_>,
    token: Option<&ProvidedToken>,
    outcome: AttemptOutcome,
) -> AttemptFailure {
    let call = context.call;
    let unavailable = || ErrorDetailsBuilder::new().code(ErrorCode::ServiceUnavailable);
    let (mut error, class) = match outcome {
        AttemptOutcome::Response { status, headers, body } => {
            let operation = context.request.operation;
            let error =
                from_response(operation, call.pipeline.contract, status, &headers, &body, &scrubber(context, token));
            let class = match FailureClass::of_status(status) {
                FailureClass::Contradictory if is_unclear(&error) => FailureClass::ServerError,
                class => class,
            };
            (error, class)
        }
        // The status decides; the body would only have given the reason.
        AttemptOutcome::BodyFailed { status, headers, reason } if !(200..300).contains(&status) => {
            let error = by_status(status, describe_head(status, &headers).text(reason.text(call)).build());
            (error, FailureClass::of_status(status))
        }
        AttemptOutcome::BodyFailed { status, headers, reason } => {
            let (head, text) = (describe_head(status, &headers), reason.text(call));
            match reason {
                BodyError::TooLarge => {
                    let error =
                        Error::Decode(head.text(text).build(), Cause::new("the response was not read to its end"));
                    (error, FailureClass::Unreadable)
                }
                BodyError::Broken(cause) => {
                    let failure = head.code(ErrorCode::ServiceUnavailable).text(text).build();
                    (Error::Transport(failure, cause_of(cause)), FailureClass::NoResponse)
                }
                BodyError::Incomplete => {
                    let failure = head.code(ErrorCode::ServiceUnavailable).text(text).build();
                    let cause = Cause::new("the response is shorter than it announced");
                    (Error::Transport(failure, cause), FailureClass::NoResponse)
                }
                BodyError::TimedOut => {
                    (timed_out(head.code(ErrorCode::ServiceUnavailable), &text), FailureClass::NoResponse)
                }
            }
        }
        AttemptOutcome::Refused(refusal) => (refusal.error, FailureClass::Invalid),
        AttemptOutcome::NeverSent(error) if error.is_builder() => {
            let error = error.without_url();
            (Error::configuration(format!("the request could not be built: {error}")), FailureClass::Invalid)
        }
        AttemptOutcome::NeverSent(error) if error.is_timeout() => {
            (timed_out(unavailable(), "no connection was made in time"), FailureClass::NotSent)
        }
        AttemptOutcome::NeverSent(error) => {
            let text = if error.is_connect() {
                "the connection could not be made"
            } else {
                "the connection was gone before the request went onto it"
            };
            (Error::Transport(unavailable().text(text).build(), cause_of(error)), FailureClass::NotSent)
        }
        AttemptOutcome::ConnectionLost(error) => {
            let failure = unavailable().text("the connection broke before a response came").build();
            (Error::Transport(failure, cause_of(error)), FailureClass::NoResponse)
        }
        AttemptOutcome::TimedOut => (timed_out(unavailable(), "no response in time"), FailureClass::NoResponse),
    };
    if class == FailureClass::RateLimited {
        // The limiter does not wait longer either.
        error.details_mut().bound_retry_after(call.pipeline.config.rate_limit.max_wait);
    }
    AttemptFailure { error, class }
}

/// Whether the error of a body gives no reason about the request.
fn is_unclear(error: &Error) -> bool {
    matches!(error, Error::Server(_) | Error::Unavailable(_) | Error::Timeout(_) | Error::RateLimit(_))
}

impl BodyError {
    fn text(&self, call: &CallContext) -> String {
        match self {
            Self::TooLarge => {
                format!(
                    "the response is larger than {} bytes (max_response_bytes)",
                    call.pipeline.config.max_response_bytes
                )
            }
            Self::Broken(_) | Self::Incomplete => "the connection broke before the response was complete".to_owned(),
            Self::TimedOut => "the response did not end in time".to_owned(),
        }
    }
}

fn timed_out(head: ErrorDetailsBuilder, text: &str) -> Error {
    Error::Timeout(head.text(text).build())
}

/// A scrubber with every value that the request carried.
fn scrubber(context: &RequestContext<'_>, token: Option<&ProvidedToken>) -> Scrubber {
    let (call, request) = (context.call, context.request);
    let mut scrubber = Scrubber::default();
    if let Some(token) = token {
        scrubber.add_secret(token.secret());
    }
    for secret in call.pipeline.endpoint.credentials().secrets() {
        scrubber.add_secret(secret);
    }
    scrubber.add_query(&request.query);
    let intercepted = lock(&context.intercepted);
    for value in request.headers.iter().flat_map(|headers| headers.values()).chain(&*intercepted) {
        scrubber.add_header(value);
    }
    for (name, value) in request.operation.path_params(&request.path) {
        scrubber.add_path_parameter(name, value);
    }
    if let Some(body) = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()) {
        scrubber.add_json(&body);
    }
    scrubber
}
