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
    let mut sent = recording.request.clone();
    if matches!(reencode::request(operation.id, sent.to_string().as_bytes()), Some(Err(_))) {
        request.unknown = drop_ignored(&mut sent, &recording.answer["data"]);
    }
    match reencode::request(operation.id, sent.to_string().as_bytes()) {
        Some(Ok(ours)) => {
            for difference in differences(&sent, &ours) {
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

/// Takes out what the service accepted and ignored: properties that its answer has with a value of another kind. Returns their
/// names.
fn drop_ignored(sent: &mut Value, answer: &Value) -> Vec<String> {
    let Some(fields) = sent.as_object_mut() else { return Vec::new() };
    let is_ignored = |name: &str, value: &Value| match &answer[name] {
        Value::Null => false,
        stored => std::mem::discriminant(stored) != std::mem::discriminant(value),
    };
    let ignored: Vec<String> =
        fields.iter().filter(|(name, value)| is_ignored(name, value)).map(|(name, _)| name.clone()).collect();
    fields.retain(|name, _| !ignored.contains(name));
    ignored
}
