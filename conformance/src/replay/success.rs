//! Successful responses and requests as generated types: decoded, encoded again, compared.

use calcom::operation::Operation;
use serde_json::Value;

use super::{
    compare::{Difference, differences},
    recording::Recording,
};
use crate::reencode;

/// The problems of the response.
pub(super) fn answer_problems(recording: &Recording, operation: &'static Operation) -> Vec<String> {
    match reencode::response(operation.id, &recording.body()) {
        Some(Ok(ours)) => differences(&recording.answer, &ours).iter().map(|it| format!("answer: {it}")).collect(),
        Some(Err(error)) => vec![format!("the answer does not decode: {error}")],
        None if recording.answer.is_null() => Vec::new(),
        None => vec![format!("{} has an answer, and no type for it", operation.id)],
    }
}

/// The problems of the request.
#[derive(Default)]
pub(super) struct RequestCheck {
    pub(super) problems: Vec<String>,
    /// Sent properties that the type lacks. The service accepts some unknown properties and ignores them.
    pub(super) unknown: Vec<String>,
}

/// Checks that the generated type can express an accepted request.
pub(super) fn request(recording: &Recording, operation: &'static Operation) -> RequestCheck {
    let mut request = RequestCheck::default();
    // A text is a body that is not JSON. The service reads it as an empty one.
    if recording.request.is_null() || recording.request.is_string() {
        return request;
    }
    let body = recording.request.to_string();
    match reencode::request(operation.id, body.as_bytes()) {
        Some(Ok(ours)) => {
            for difference in differences(&recording.request, &ours) {
                match difference {
                    Difference::Lost(path) => request.unknown.push(path),
                    other => request.problems.push(format!("request: {other}")),
                }
            }
        }
        Some(Err(error)) => request.problems.push(format!("the request does not decode: {error}")),
        None => match &recording.request {
            Value::Object(fields) => request.unknown.extend(fields.keys().cloned()),
            _ => request.unknown.push("a body".to_owned()),
        },
    }
    request
}
