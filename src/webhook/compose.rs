//! Makes the body of an event: from a payload, or from a received body and a changed payload.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::payload::Payload;

/// The body in the form of the service.
pub(crate) fn compose(created_at: Timestamp, payload: &Payload) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct EnvelopeBody<'a> {
        trigger_event: &'a str,
        created_at: Timestamp,
        payload: &'a Payload,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct FlatBody<'a> {
        trigger_event: &'a str,
        created_at: Timestamp,
        #[serde(flatten)]
        payload: &'a Payload,
    }

    let trigger = payload.trigger();
    let trigger_event = trigger.as_str();
    if trigger.is_flat() {
        bytes(&FlatBody { trigger_event, created_at, payload })
    } else {
        bytes(&EnvelopeBody { trigger_event, created_at, payload })
    }
}

/// Applies to `body` the difference between two payloads. The payload keeps its place in the body if the trigger is the
/// same.
pub(crate) fn apply_changes(body: Value, before: &Payload, after: &Payload) -> Bytes {
    let mut root = into_object(body);
    let created_at = root.remove("createdAt");
    root.remove("triggerEvent");
    let (mut payload, was_flat) = match root.remove("payload").filter(|payload| !payload.is_null()) {
        Some(payload) => (payload, false),
        None => (Value::Object(std::mem::take(&mut root)), true),
    };
    merge_diff(&mut payload, &json(before), json(after));

    let trigger = after.trigger();
    let is_flat = if trigger == before.trigger() { was_flat } else { trigger.is_flat() };
    match payload {
        Value::Object(fields) if is_flat => root.extend(fields),
        payload => {
            root.insert("payload".to_owned(), payload);
        }
    }
    root.extend(created_at.map(|time| ("createdAt".to_owned(), time)));
    root.insert("triggerEvent".to_owned(), trigger.as_str().into());
    bytes(&root)
}

/// Replaces `createdAt` in `body`.
pub(crate) fn set_created_at(body: Value, created_at: Timestamp) -> Bytes {
    let mut root = into_object(body);
    root.insert("createdAt".to_owned(), created_at.to_string().into());
    bytes(&root)
}

/// Applies to `target` the difference between `before` and `after`.
fn merge_diff(target: &mut Value, before: &Value, after: Value) {
    if *before == after {
        return;
    }
    match (target, before, after) {
        (Value::Object(target), Value::Object(before), Value::Object(after)) => {
            for key in before.keys().filter(|key| !after.contains_key(*key)) {
                target.remove(key);
            }
            for (key, after) in after {
                match (target.get_mut(&key), before.get(&key)) {
                    (Some(target), Some(before)) => merge_diff(target, before, after),
                    _ => {
                        target.insert(key, after);
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(before), Value::Array(after))
            if target.len() == before.len() && before.len() == after.len() =>
        {
            for ((target, before), after) in target.iter_mut().zip(before).zip(after) {
                merge_diff(target, before, after);
            }
        }
        (target, _, after) => *target = after,
    }
}

fn into_object(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(root) => root,
        _ => Map::new(),
    }
}

// Neither can fail: the keys are strings, and the values are JSON.
fn json(payload: &Payload) -> Value {
    serde_json::to_value(payload).unwrap_or_default()
}

fn bytes(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}
