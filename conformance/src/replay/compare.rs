//! Compares two JSON values: nulls and empty lists are ignored, numbers and instants are compared by value.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The paths at which `ours` and `wire` differ.
pub(super) fn differences(wire: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(wire, ours, String::new(), &mut found);
    found
}

#[derive(Debug, PartialEq)]
pub(super) enum Difference {
    Lost(String),
    Changed(String),
    /// In `ours`, and not in `wire`.
    Added(String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(path) => write!(f, "{path} is lost"),
            Self::Changed(path) => write!(f, "{path} is changed"),
            Self::Added(path) => write!(f, "{path} is added"),
        }
    }
}

fn compare(wire: &Value, ours: &Value, path: String, found: &mut Vec<Difference>) {
    match (wire, ours) {
        (Value::Object(wire), Value::Object(ours)) => objects(wire, ours, &path, found),
        (Value::Array(wire), Value::Array(ours)) if wire.len() == ours.len() => {
            for (at, (wire, ours)) in wire.iter().zip(ours).enumerate() {
                compare(wire, ours, format!("{path}[{at}]"), found);
            }
        }
        _ if is_empty_value(wire) && is_empty_value(ours) || same(wire, ours) => {}
        _ => found.push(Difference::Changed(path)),
    }
}

fn objects(wire: &Map<String, Value>, ours: &Map<String, Value>, path: &str, found: &mut Vec<Difference>) {
    let at = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in wire {
        match ours.get(key) {
            Some(ours) => compare(value, ours, at(key), found),
            None if is_empty_value(value) => {}
            None => found.push(Difference::Lost(at(key))),
        }
    }
    for (key, value) in ours {
        if !wire.contains_key(key) && !is_empty_value(value) {
            found.push(Difference::Added(at(key)));
        }
    }
}

fn is_empty_value(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Whether two scalars have the same value.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::String(one), Value::String(other)) => {
            one == other
                || matches!((one.parse::<Timestamp>(), other.parse::<Timestamp>()), (Ok(one), Ok(other)) if one == other)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_mean_the_same_are_equal() {
        let wire =
            json!({"id": 1, "start": "2026-12-01T09:00:00.000Z", "bio": null, "guests": [], "data": [{"price": 5}]});
        let ours = json!({"id": 1.0, "start": "2026-12-01T10:00:00+01:00", "tags": [], "data": [{"price": 5}]});
        assert_eq!(differences(&wire, &ours), []);
    }

    #[test]
    fn what_is_lost_changed_or_added_is_named() {
        let wire = json!({"data": {"uid": "abc", "description": "", "seats": {}, "days": ["Monday"]}});
        let ours = json!({"data": {"uid": "abd", "seats": {}, "days": ["Monday", "Friday"], "rating": 0}});
        let mut found: Vec<_> = differences(&wire, &ours).iter().map(ToString::to_string).collect();
        found.sort();
        assert_eq!(
            found,
            ["data.days is changed", "data.description is lost", "data.rating is added", "data.uid is changed"]
        );
    }
}
