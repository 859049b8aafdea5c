//! Makes an [`Error`] of an error response: its status, its headers and any of the bodies that the service sends.

mod body;
mod limits;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod properties;
mod scrub;

use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use limits::{rate_limits, retry_after_header};
pub(crate) use scrub::{Scrubber, field_names};

/// What a body is that is not JSON: nothing, a page, or else.
pub(crate) fn describe_text(body: &[u8]) -> &'static str {
    body::describe_text(body).0
}

use crate::{
    Error,
    error::{ErrorCode, ErrorDetails, ErrorDetailsBuilder, FieldError},
    operation::Operation,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Messages of a 400 or a 422 that mean that the slot is taken or full.
const CONFLICT_MESSAGES: [&str; 6] = [
    "already has booking at this time",
    "no_available_users_found_error",
    "already reserved by another user",
    "event is already booked",
    "no more seats left",
    "no available hosts left",
];

/// Messages of a 401 that is not about the credentials: the event type accepts no more bookings in a period.
const LIMIT_MESSAGES: [&str; 2] = ["booking_limit_reached", "duration_limit_reached"];

/// The message of a server in production in place of 409 `booking_conflict_error`, of an operation that takes a slot.
const REDACTED_CONFLICT: &str = "An error occurred while querying the database";

/// Whether a body with a success status says that it failed after all.
pub(crate) fn is_error_envelope(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct StatusField<'a> {
        #[serde(borrow)]
        status: Option<&'a RawValue>,
    }
    // How the service writes it, so that a long answer is not read twice.
    if body.starts_with(br#"{"status":"success""#) || body.ends_with(br#""status":"success"}"#) {
        return false;
    }
    // A list can be read as a struct too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let envelope = serde_json::from_slice::<StatusField<'_>>(body);
    envelope.is_ok_and(|envelope| envelope.status.is_some_and(|status| status.get() == r#""error""#))
}

/// What status and headers alone tell.
pub(crate) fn describe_head(status: u16, headers: &HeaderMap) -> ErrorDetailsBuilder {
    let limits = rate_limits(headers);
    let retry_after = limits::retry_after(status, headers, &limits);
    ErrorDetailsBuilder::new()
        .status(status)
        .code(ErrorCode::of(status, None))
        .request_id(request_id(headers).map(str::to_owned))
        .retry_after(retry_after)
        .rate_limits(limits)
}

/// The service's name for the request, if it is one that may be shown.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok().filter(|id| is_id(id))
}

/// Whether a text is what ids are made of, and so nobody's data.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=/".contains(&byte))
}

/// The error that an answer means.
pub(crate) fn from_response(
    operation: &Operation,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    scrubber: &Scrubber,
) -> Error {
    let parsed = body::read(body);
    // A failure inside a 2xx keeps its own status where it names one.
    let meant = if (200..300).contains(&status) { parsed.status.unwrap_or(500) } else { status };
    let message = parsed.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let mut clean = scrubber.scrub_all(parsed.fields.iter().map(|field| &*field.message).chain(message)).into_iter();
    let fields: Vec<FieldError> = std::iter::zip(&parsed.fields, clean.by_ref())
        .map(|(field, message)| FieldError { field: scrubber.scrub_path(&field.field), message })
        .collect();
    let mut text = clean.next().filter(|_| fields.is_empty()).unwrap_or_default();
    if meant == 404 && message.is_some_and(names_a_route) {
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
    let says = |texts: &[&str]| message.is_some_and(|message| texts.iter().any(|text| message.contains(text)));
    let taken = match meant {
        400 | 422 => says(&CONFLICT_MESSAGES) || operation.takes_slot && says(&[REDACTED_CONFLICT]),
        401 => says(&LIMIT_MESSAGES),
        _ => false,
    };
    let code = if taken {
        ErrorCode::Conflict
    } else {
        let written = parsed.code.filter(|code| is_id(code) && scrubber.scrub(code) == *code);
        ErrorCode::of(meant, written.as_deref())
    };
    let failure =
        describe_head(status, headers).code(code).text(text).message(message.map(str::to_owned)).fields(fields).build();
    if taken { Error::Conflict(failure) } else { by_status(meant, failure) }
}

/// `Cannot GET /v2/slots`: what the service's router says, and not one of its operations.
fn names_a_route(message: &str) -> bool {
    let method = message.strip_prefix("Cannot ").and_then(|rest| rest.split_once(" /"));
    method.is_some_and(|(method, _)| method.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The kind of failure that a status means.
pub(crate) fn by_status(status: u16, failure: ErrorDetails) -> Error {
    match status {
        300..=399 => Error::Configuration(failure),
        401 | 498 => Error::Authentication(failure),
        402 | 403 => Error::Permission(failure),
        404 | 410 => Error::NotFound(failure),
        408 => Error::Timeout(failure),
        409 | 412 | 423 => Error::Conflict(failure),
        429 => Error::RateLimit(failure),
        400..=499 => Error::Validation(failure),
        502..=504 | 520..=524 => Error::Unavailable(failure),
        _ => Error::Server(failure),
    }
}
