//! Makes an [`Error`] from an error response: from its status, its headers, and a body in any form of the service.

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
pub(crate) use scrub::{Scrubber, field_names, is_key};

/// A description of a body that is not JSON: empty, a page, or another text.
pub(crate) fn describe_text(body: &[u8]) -> &'static str {
    body::describe_text(body).0
}

use crate::{
    Error,
    contract::Contract,
    error::{ErrorCode, ErrorDetails, ErrorDetailsBuilder, FieldError, TokenState},
    operation::{CredentialPolicy, OAuthScopes, Operation},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Messages of a 400 or a 422 that report a slot that is taken or full.
const CONFLICT_MESSAGES: [&str; 6] = [
    "already has booking at this time",
    "no_available_users_found_error",
    "already reserved by another user",
    "event is already booked",
    "no more seats left",
    "no available hosts left",
];

/// Messages of a 401 that does not concern the credentials: the event type accepts no more bookings in a period.
const LIMIT_MESSAGES: [&str; 2] = ["booking_limit_reached", "duration_limit_reached"];

/// Messages of a 401 although the credentials of the request were accepted: the user lacks a calendar account, the key an
/// organization.
const FORBIDDEN_MESSAGES: [&str; 3] = [
    "These credentials do not belong to you",
    "is not connected for this user",
    "GetOrgId decorator: Organization ID not found",
];

/// The code of a 401 from a procedure of the web application. The API checks credentials before it calls a procedure, which
/// answers so if the user may not use the thing: another user's booking, another team's event type.
const PROCEDURE: &str = "TRPCError";

/// The message of a 403 for a token that is unknown to the service, or no longer valid.
const UNKNOWN_TOKEN: &str = "no oAuth client found for access token";

/// The message that a server in production sends in place of 409 `booking_conflict_error`, for operations that take a slot.
const REDACTED_CONFLICT: &str = "An error occurred while querying the database";

/// Whether a body with a success status reports an error.
pub(crate) fn is_error_envelope(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct StatusField<'a> {
        #[serde(borrow)]
        status: Option<&'a RawValue>,
    }
    // The service writes it in one of these ways. The check saves a second pass over a long body.
    if body.starts_with(br#"{"status":"success""#) || body.ends_with(br#""status":"success"}"#) {
        return false;
    }
    // serde reads a list as a struct too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let envelope = serde_json::from_slice::<StatusField<'_>>(body);
    envelope.is_ok_and(|envelope| envelope.status.is_some_and(|status| status.get() == r#""error""#))
}

/// The details that status and headers alone give.
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

/// The service's request id, if it can be shown.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok().filter(|id| is_id(id))
}

/// Whether a text has the characters of an id only, and so contains no personal data, and is no credential.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=/".contains(&byte))
        && !is_key(text)
}

/// What to check if the service does not know a route in the version that was sent.
fn no_such_route(operation: &Operation, contract: Contract) -> String {
    let expected = match operation.version_in(contract) {
        _ if operation.is_untyped() => {
            return "there is no such route; it may need a cal-api-version (`Request::version`)".to_owned();
        }
        Some(version) => format!(" in this cal-api-version ({contract} services need {version})"),
        None => format!(", which {contract} services have without a cal-api-version"),
    };
    format!("there is no such route{expected}; `ClientBuilder::service` says which service it is")
}

/// The error of a response.
pub(crate) fn from_response(
    operation: &Operation,
    contract: Contract,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    scrubber: &Scrubber,
) -> Error {
    let parsed = body::read(body);
    // The status in the body of a 2xx is the status of the error, if there is one.
    let meant = if (200..300).contains(&status) { parsed.status.unwrap_or(500) } else { status };
    let message = parsed.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let whole = message.zip(parsed.rest.as_deref()).map(|(message, rest)| format!("{message} {rest}"));
    let shown = whole.as_deref().or(message);
    let mut clean = scrubber.scrub_all(parsed.fields.iter().map(|field| &*field.message).chain(shown)).into_iter();
    let fields: Vec<FieldError> = std::iter::zip(&parsed.fields, clean.by_ref())
        .map(|(field, message)| FieldError { field: scrubber.scrub_path(&field.field), message })
        .collect();
    let mut text = clean.next().filter(|_| fields.is_empty()).unwrap_or_default();
    if meant == 404 && message.is_some_and(names_a_route) {
        text = no_such_route(operation, contract);
    }
    if (300..400).contains(&meant) {
        text = "the service redirects, and redirects are not followed: check api_url".to_owned();
    }
    let says = |texts: &[&str]| message.is_some_and(|message| texts.iter().any(|text| message.contains(text)));
    let is_refused_user = meant == 401
        && (says(&FORBIDDEN_MESSAGES)
            || parsed.code.as_deref() == Some(PROCEDURE) && operation.credentials == CredentialPolicy::Required);
    let taken = match meant {
        400 | 422 => says(&CONFLICT_MESSAGES) || operation.takes_slot && says(&[REDACTED_CONFLICT]),
        401 => says(&LIMIT_MESSAGES),
        _ => false,
    };
    let token = match meant {
        498 => TokenState::Refused,
        // Procedures are called with credentials that were accepted.
        401 if !taken && !is_refused_user && parsed.code.as_deref() != Some(PROCEDURE) => TokenState::Refused,
        403 if says(&[UNKNOWN_TOKEN]) => TokenState::Refused,
        _ => TokenState::Silent,
    };
    let missing = if meant == 403 { missing_scopes(operation.scopes, message.unwrap_or_default()) } else { &[] };
    if !missing.is_empty() {
        text = format!("the token lacks the scope {}", missing.join(" or "));
    }
    let written = parsed.code.filter(|code| is_id(code) && scrubber.scrub(code) == *code);
    let code = if taken {
        ErrorCode::Conflict
    } else if is_refused_user {
        ErrorCode::Forbidden
    } else {
        ErrorCode::of(meant, written.as_deref())
    };
    let failure = describe_head(status, headers)
        .code(code)
        .text(text)
        .message(message.map(str::to_owned))
        .fields(fields)
        .token(token)
        .written_code(written)
        .missing_scopes(missing)
        .build();
    match (taken, is_refused_user) {
        (true, _) => Error::Conflict(failure),
        (false, true) => Error::Permission(failure),
        (false, false) => by_status(meant, failure),
    }
}

/// The scopes of which the operation needs one, if a message reports that the token has none of them.
fn missing_scopes(scopes: OAuthScopes, message: &str) -> &'static [&'static str] {
    let needed = scopes.names();
    let message = message.to_ascii_lowercase();
    let says_so = message.contains("scope") || needed.iter().any(|name| message.contains(&name.to_ascii_lowercase()));
    if says_so { needed } else { &[] }
}

/// `Cannot GET /v2/slots`: the message of the service's router for an unknown route.
fn names_a_route(message: &str) -> bool {
    let method = message.strip_prefix("Cannot ").and_then(|rest| rest.split_once(" /"));
    method.is_some_and(|(method, _)| method.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// The kind of error of a status.
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
