//! Successes through the generated types: decoded, encoded again, compared.

use calcom::operation::Operation;
use serde_json::Value;

use super::{
    compare::{Difference, differences},
    recording::Recording,
};
use crate::reencode;

/// What is wrong with the answer.
pub(super) fn answer_problems(recording: &Recording, operation: &'static Operation) -> Vec<String> {
    match reencode::response(operation.id, &recording.body()) {
        Some(Ok(ours)) => differences(&recording.answer, &ours).iter().map(|it| format!("answer: {it}")).collect(),
        Some(Err(error)) => vec![format!("the answer does not decode: {error}")],
        None if recording.answer.is_null() => Vec::new(),
        None => vec![format!("{} has an answer, and no type for it", operation.id)],
    }
}

/// What is wrong with the type of the request.
#[derive(Default)]
pub(super) struct Request {
    pub(super) problems: Vec<String>,
    /// What was sent, and is not part of the type: the service accepts some unknown properties, and drops them.
    pub(super) unknown: Vec<String>,
}

/// A request that the service accepted must be one that can be made of the generated type.
pub(super) fn request(recording: &Recording, operation: &'static Operation) -> Request {
    let mut request = Request::default();
    // Text is a body that was not JSON: the service takes it for an empty one.
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
