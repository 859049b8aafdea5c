//! Decodes a successful response. An error names the place as a JSON path and what was expected, and not the value.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::{
    error_response::{describe_head, describe_text, field_names},
    response::ApiResponse,
};
use crate::{
    Error, Result,
    error::{CallReport, Cause},
    redact::without_value,
    retry_policy::FailureClass,
};

impl ApiResponse {
    /// Decodes the body with `read`, within the time that is recorded for decoding.
    pub(crate) fn decode_with<T>(&self, read: impl FnOnce(&Bytes) -> Option<T>) -> Option<T> {
        self.decode_timer.measure(|| read(&self.body).ok_or(())).ok()
    }

    /// Decodes the response as a `T`.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode), naming the place.
    #[inline]
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        let decoded = self.decode_timer.measure(|| match &*self.body {
            // An empty body is decoded as an object without fields, or as null.
            [] => decode(b"{}").or_else(|_| decode(b"null")),
            body => decode(body),
        });
        decoded.map_err(|_| decode_error::<T>(self))
    }
}

/// Decodes from text: validating the whole body once is cheaper than validating each string in it, by a seventh of the cost of a
/// list. Bytes that are not UTF-8 are replaced.
#[inline]
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => decode_replaced(body),
    }
}

#[cold]
fn decode_replaced<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_str(&String::from_utf8_lossy(body))
}

/// The place of a value that could not be decoded, and the cause. The texts show no value.
pub(crate) struct DecodeFailure {
    pub(super) path: String,
    pub(super) cause: String,
    /// The place in the response; empty if it is not known.
    pub(super) steps: Vec<ResponseStep>,
}

/// A step of a place in a response.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ResponseStep {
    Key(String),
    Index(usize),
}

impl DecodeFailure {
    /// A failure whose place is known as a text only.
    pub(crate) fn new(path: String, cause: String) -> Self {
        Self { path, cause, steps: Vec::new() }
    }
}

/// Decodes the body as a `T`.
#[cold]
pub(crate) fn read_body<T: DeserializeOwned>(body: &[u8]) -> std::result::Result<T, DecodeFailure> {
    decode(body).map_err(|_| failure_of::<T>(body))
}

/// The error of a response that is not a `T`.
#[cold]
pub(crate) fn decode_error<T: DeserializeOwned>(response: &ApiResponse) -> Error {
    let begins = response.body.trim_ascii_start().first();
    if begins.is_some_and(|first| !b"{[\"0123456789-tfn".contains(first)) {
        return unreadable(
            response,
            describe_text(&response.body).to_owned(),
            "not JSON (line 1, column 1)".to_owned(),
        );
    }
    let DecodeFailure { path, cause, .. } = failure_of::<T>(&response.body);
    invalid_value(response, &path, cause)
}

/// The place at which a body is not a `T`, and the cause.
fn failure_of<T: DeserializeOwned>(body: &[u8]) -> DecodeFailure {
    let whole = |cause: &str| DecodeFailure::new(".".to_owned(), cause.to_owned());
    let text = String::from_utf8_lossy(body);
    match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(&text)) {
        Err(_) if body.is_empty() => whole("the response has no body"),
        Err(error) => {
            let step = |segment: &Segment| match segment {
                Segment::Map { key } => Some(ResponseStep::Key(key.clone())),
                Segment::Seq { index } => Some(ResponseStep::Index(*index)),
                Segment::Enum { .. } | Segment::Unknown => None,
            };
            DecodeFailure {
                path: field_names(&error.path().to_string()),
                cause: describe(error.inner()),
                steps: error.path().iter().map_while(step).collect(),
            }
        }
        Ok(_) => whole("something follows the JSON, or the status is not the documented one"),
    }
}

/// A place as a text.
pub(super) fn path_text(steps: &[ResponseStep]) -> String {
    let text = steps.iter().fold(String::new(), |text, step| match step {
        ResponseStep::Key(name) if text.is_empty() => name.clone(),
        ResponseStep::Key(name) => format!("{text}.{name}"),
        ResponseStep::Index(index) => format!("{text}[{index}]"),
    });
    field_names(&text)
}

/// The error of a response that decodes, if the value at `path` is not valid.
pub(crate) fn invalid_value(response: &ApiResponse, path: &str, cause: String) -> Error {
    let place = if path == "." { "the response as a whole".to_owned() } else { format!("at `{path}`") };
    unreadable(response, format!("{place}{}", expected_form(response)), cause)
}

/// Which service's form was expected, if the forms of the two differ: the client may be set to the wrong one.
fn expected_form(response: &ApiResponse) -> String {
    match (response.operation, response.contract) {
        (Some(operation), Some(contract)) if operation.version != operation.hosted_version => {
            format!(", in the form of the {contract} service (`ClientBuilder::service` names another service)")
        }
        _ => String::new(),
    }
}

pub(super) fn unreadable(response: &ApiResponse, text: String, cause: String) -> Error {
    let head = describe_head(response.status, response.headers());
    let mut error = Error::Decode(head.text(text).build(), Cause::new(cause));
    if let Some(operation) = response.operation {
        let report =
            CallReport::new(operation.id, response.resend.unwrap_or(operation.resend), FailureClass::Unreadable);
        error.details_mut().set_call_report(report.attempts(response.attempts));
    }
    error
}

/// serde's message without the value that it quotes.
fn describe(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    let shown = if let Some(shown) = without_value(error) {
        shown
    } else if error.is_eof() {
        "the JSON ends too early".to_owned()
    } else if error.is_syntax() {
        "not JSON".to_owned()
    } else {
        "a value of the wrong form".to_owned()
    };
    format!("{shown} ({place})")
}
