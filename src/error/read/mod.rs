//! Reads an [`Error`] out of what the service answered: its status, its headers and whatever body it chose.

mod body;
mod decode;
mod limits;

use http::{HeaderMap, HeaderName};

pub(crate) use decode::{undecodable, unreadable_at};
pub(crate) use limits::{rate_limits, said_retry_after};

use super::{Cause, Error, ErrorCode, FailureBuilder, FieldError, Scrubber};
use crate::operation::Operation;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Texts that the service sends with a 400 or a 422 and that mean that somebody else was faster.
const TAKEN: [&str; 3] =
    ["already has booking at this time", "no_available_users_found_error", "already reserved by another user"];

/// Whether a body with a success status says that it failed after all.
pub(crate) fn says_error(body: &[u8]) -> bool {
    body.starts_with(br#"{"status":"error""#)
}

/// What status and headers alone tell.
pub(crate) fn known(status: u16, headers: &HeaderMap) -> FailureBuilder {
    let limits = rate_limits(headers);
    let retry_after = limits::retry_after(status, headers, &limits);
    FailureBuilder::new()
        .status(status)
        .code(ErrorCode::of(status, None))
        .request_id(headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned))
        .retry_after(retry_after)
        .rate_limits(limits)
}

/// The error that an answer means.
pub(crate) fn answer(
    operation: &Operation,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    scrubber: &Scrubber,
) -> Error {
    let said = body::read(body);
    // A failure inside a 2xx keeps its own status where it names one.
    let meant = if (200..300).contains(&status) { said.status.unwrap_or(500) } else { status };
    let message = said.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let fields: Vec<FieldError> = said
        .fields
        .into_iter()
        .map(|field| FieldError { field: field.field, message: scrubber.clean(&field.message) })
        .collect();
    let mut text = match message {
        Some(message) if fields.is_empty() => scrubber.clean(message),
        _ => String::new(),
    };
    if meant == 404 && message.is_some_and(|message| message.starts_with("Cannot ")) {
        text = match operation.version {
            Some(version) => format!(
                "the service has no such route for this cal-api-version (the operation needs {version}), or lacks it"
            ),
            None => "the service has no such route for this cal-api-version, or lacks it".to_owned(),
        };
    }
    if (300..400).contains(&meant) {
        text = "the service redirects, and redirects are not followed: check api_url".to_owned();
    }
    let failure = known(status, headers)
        .code(ErrorCode::of(meant, said.code.as_deref()))
        .text(text)
        .message(message.map(str::to_owned))
        .fields(fields)
        .build();
    match meant {
        401 | 498 => Error::Authentication(failure),
        402 | 403 => Error::Permission(failure),
        404 | 410 => Error::NotFound(failure),
        408 => Error::Timeout(failure),
        409 | 412 | 423 => Error::Conflict(failure),
        400 | 422 if message.is_some_and(|message| TAKEN.iter().any(|text| message.contains(text))) => {
            Error::Conflict(failure)
        }
        429 => Error::RateLimit(failure),
        400..=499 => Error::Validation(failure),
        502..=504 | 520..=524 => Error::Unavailable(failure),
        _ => Error::Server(failure),
    }
}

/// An answer that cannot be read, at `path`.
fn unreadable(status: u16, headers: &HeaderMap, text: String, body: bytes::Bytes, cause: String) -> Error {
    Error::Decode(known(status, headers).text(text).body(body).build(), Cause::new(cause))
}
