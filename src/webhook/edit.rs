//! Bodies of one's own: composed from a payload, or a received one with parts of it changed.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::payload::Payload;

/// The body as the service would write it.
pub(crate) fn compose(created_at: Timestamp, payload: &Payload) -> Bytes {
    let trigger = payload.trigger();
    let mut body = Map::new();
    if trigger.is_flat()
        && let Value::Object(meeting) = json(payload)
    {
        body.extend(meeting);
    } else {
        body.insert("payload".to_owned(), json(payload));
    }
    body.insert("triggerEvent".to_owned(), trigger.as_str().into());
    body.insert("createdAt".to_owned(), created_at.to_string().into());
    bytes(&Value::Object(body))
}

/// `body` with what differs between two payloads, in the form that the second one's trigger has.
pub(crate) fn overlay(body: Value, before: &Payload, after: &Payload) -> Bytes {
    let mut root = root(body);
    let envelope = ["createdAt", "triggerEvent"].map(|key| root.remove(key));
    let mut payload = root.remove("payload").unwrap_or_else(|| Value::Object(std::mem::take(&mut root)));
    change(&mut payload, &json(before), json(after));

    let trigger = after.trigger();
    match payload {
        Value::Object(fields) if trigger.is_flat() => root.extend(fields),
        payload => {
            root.insert("payload".to_owned(), payload);
        }
    }
    let [created_at, _] = envelope;
    root.extend(created_at.map(|time| ("createdAt".to_owned(), time)));
    root.insert("triggerEvent".to_owned(), trigger.as_str().into());
    bytes(&Value::Object(root))
}

/// `body` with another `createdAt`.
pub(crate) fn set_created_at(body: Value, created_at: Timestamp) -> Bytes {
    let mut root = root(body);
    root.insert("createdAt".to_owned(), created_at.to_string().into());
    bytes(&Value::Object(root))
}

/// Does to `target` what was done to `before` to make it `after`.
fn change(target: &mut Value, before: &Value, after: Value) {
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
                    (Some(target), Some(before)) => change(target, before, after),
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
                change(target, before, after);
            }
        }
        (target, _, after) => *target = after,
    }
}

fn root(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(root) => root,
        _ => Map::new(),
    }
}

// Neither can fail: the keys are texts, and the values are JSON already.
fn json(payload: &Payload) -> Value {
    serde_json::to_value(payload).unwrap_or_default()
}

fn bytes(body: &Value) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}
