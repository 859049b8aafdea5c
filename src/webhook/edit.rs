//! Bodies of one's own: composed from a payload, or a received one with parts of it changed.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::payload::Payload;

/// The body as the service would write it.
pub(crate) fn compose(created_at: Timestamp, payload: &Payload) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Enveloped<'a> {
        trigger_event: &'a str,
        created_at: Timestamp,
        payload: &'a Payload,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Flat<'a> {
        trigger_event: &'a str,
        created_at: Timestamp,
        #[serde(flatten)]
        payload: &'a Payload,
    }

    let trigger = payload.trigger();
    let trigger_event = trigger.as_str();
    if trigger.is_flat() {
        bytes(&Flat { trigger_event, created_at, payload })
    } else {
        bytes(&Enveloped { trigger_event, created_at, payload })
    }
}

/// `body` with what differs between two payloads. The payload stays where it is, unless its trigger changes.
pub(crate) fn overlay(body: Value, before: &Payload, after: &Payload) -> Bytes {
    let mut root = root(body);
    let created_at = root.remove("createdAt");
    root.remove("triggerEvent");
    let (mut payload, was_flat) = match root.remove("payload") {
        Some(payload) => (payload, false),
        None => (Value::Object(std::mem::take(&mut root)), true),
    };
    change(&mut payload, &json(before), json(after));

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

/// `body` with another `createdAt`.
pub(crate) fn set_created_at(body: Value, created_at: Timestamp) -> Bytes {
    let mut root = root(body);
    root.insert("createdAt".to_owned(), created_at.to_string().into());
    bytes(&root)
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

fn bytes(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).unwrap_or_default().into()
}
