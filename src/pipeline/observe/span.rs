//! The span of a call and its events, with OpenTelemetry's names for HTTP clients. Their fields are made only if a
//! subscriber takes them.

use std::borrow::Cow;

use http::HeaderMap;
use tokio::time::Instant;
use tracing::{Span, field::Empty};

use super::redaction;
use crate::{
    Error,
    operation::Operation,
    pipeline::{
        endpoint::Endpoint, error_response::request_id, intercept::AttemptResult, request::ApiRequest,
        response::ApiResponse,
    },
};

pub(super) fn call_span(endpoint: &Endpoint, operation: &'static Operation, version: Option<&str>) -> Span {
    tracing::info_span!(
        target: "calcom",
        "calcom.call",
        otel.name = %format_args!("{} {}", operation.method.as_str(), operation.path),
        otel.kind = "client",
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        server.address = endpoint.url().host_str(),
        server.port = endpoint.url().port_or_known_default(),
        calcom.operation = operation.id,
        calcom.api_version = version,
        calcom.cache = Empty,
        calcom.request_id = Empty,
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        "error.type" = Empty,
    )
}

/// The summary of an attempt, which the observer reports.
pub(in crate::pipeline) struct AttemptSummary<'a> {
    /// The response, as far as it was read.
    pub(in crate::pipeline) response: Option<(u16, &'a HeaderMap, &'a [u8])>,
    /// How the connection failed, if it did.
    pub(in crate::pipeline) kind: Option<&'static str>,
}

impl AttemptSummary<'_> {
    pub(super) fn status(&self) -> Option<u16> {
        self.response.map(|(status, ..)| status)
    }

    pub(super) fn request_id(&self) -> Option<&str> {
        request_id(self.response?.1)
    }

    /// The result of the attempt, for interceptors.
    pub(in crate::pipeline) fn to_result(
        &self,
        operation: &'static Operation,
        attempt: u32,
        since: Instant,
    ) -> AttemptResult<'_> {
        AttemptResult {
            operation,
            attempt,
            status: self.status(),
            headers: self.response.map(|(_, headers, _)| headers),
            request_id: self.request_id(),
            failure: self.kind,
            duration: since.elapsed(),
        }
    }

    fn error_type(&self) -> Option<String> {
        let status = self.status().filter(|status| *status >= 400);
        self.kind.map(str::to_owned).or_else(|| status.map(|status| status.to_string()))
    }
}

pub(super) fn attempt_event(summary: &AttemptSummary<'_>, attempts: u32, since: Instant) {
    tracing::debug!(
        target: "calcom",
        {
            http.request.resend_count = attempts.saturating_sub(1),
            http.response.status_code = summary.status(),
            "error.type" = summary.error_type().as_deref(),
            calcom.request_id = summary.request_id(),
            calcom.duration_ms = since.elapsed().as_secs_f64() * 1e3
        },
        "attempt"
    );
}

/// The event of `log_requests`.
pub(super) fn request_event(request: &ApiRequest, version: Option<&str>, attempts: u32) {
    tracing::info!(
        target: "calcom::requests",
        {
            http.request.method = request.operation.method.as_str(),
            calcom.target = redaction::target(request).as_str(),
            calcom.api_version = version,
            http.request.resend_count = attempts.saturating_sub(1),
            calcom.body = request.body.as_deref().map(redaction::body).as_deref()
        },
        "request"
    );
}

/// The event of `log_responses`.
pub(super) fn response_event(operation: &'static Operation, summary: &AttemptSummary<'_>) {
    tracing::info!(
        target: "calcom::responses",
        {
            http.request.method = operation.method.as_str(),
            url.template = operation.path,
            http.response.status_code = summary.status(),
            http.response.body.size = summary.response.map(|(_, _, body)| body.len()),
            "error.type" = summary.error_type().as_deref(),
            calcom.request_id = summary.request_id(),
            calcom.body = summary.response.map(|(_, _, body)| redaction::body(body)).as_deref()
        },
        "response"
    );
}

/// The event of a failed call.
#[cold]
pub(crate) fn failure_event(error: &Error) {
    tracing::warn!(
        target: "calcom",
        {
            calcom.operation = error.operation(),
            http.response.status_code = error.status(),
            "error.type" = &*error_type(error),
            calcom.request_id = error.request_id(),
            calcom.attempts = error.attempts(),
            calcom.may_have_been_applied = error.may_have_been_applied()
        },
        "call failed"
    );
}

/// Records the fields of the span that are known at its end.
pub(super) fn finish(span: &Span, result: &Result<Box<ApiResponse>, Error>, attempts: u32) {
    if span.is_disabled() {
        return;
    }
    if attempts > 1 {
        span.record("http.request.resend_count", attempts - 1);
    }
    let (status, id) = match result {
        Ok(response) => (Some(response.status), request_id(response.headers())),
        Err(error) => (error.status(), error.request_id()),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(id) = id {
        span.record("calcom.request_id", id);
    }
    if let Err(error) = result {
        span.record("error.type", &*error_type(error));
    }
}

/// The status of an error response, or the kind of the error.
fn error_type(error: &Error) -> Cow<'static, str> {
    match error.status() {
        Some(status) if status >= 400 => status.to_string().into(),
        _ => error_kind(error).into(),
    }
}

/// The kind of an error, as one word.
pub(super) fn error_kind(error: &Error) -> &'static str {
    match error {
        Error::Authentication(_) => "authentication",
        Error::Permission(_) => "permission",
        Error::NotFound(_) => "not_found",
        Error::Validation(_) => "validation",
        Error::Conflict(_) => "conflict",
        Error::RateLimit(_) => "rate_limited",
        Error::Server(_) => "server",
        Error::Unavailable(failure) if failure.is_circuit_open() => "circuit_open",
        Error::Unavailable(_) => "unavailable",
        Error::Timeout(_) => "timeout",
        Error::Transport(..) => "connection",
        Error::Decode(..) => "decode",
        Error::Configuration(_) => "configuration",
        Error::Unsupported(..) => "unsupported",
    }
}
