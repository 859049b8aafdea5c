//! The kinds of values in V1's requests.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Issues, Kind, Path};

/// Checks a value against a condition, under V1's name for the kind.
macro_rules! kinds {
    ($($type:ty, $expected:literal, $fits:expr, $of_text:expr;)+) => {$(
        impl Kind for $type {
            fn check(value: &Value, at: &Path, issues: &mut Issues) {
                let fits: fn(&Value) -> bool = $fits;
                if !fits(value) {
                    issues.type_of($expected, value, at);
                }
            }

            fn of_text(text: &str) -> Value {
                let of_text: fn(&str) -> Option<Value> = $of_text;
                of_text(text).unwrap_or_else(|| Value::String(text.to_owned()))
            }
        }
    )+};
}

kinds! {
    String, "string", Value::is_string, |_| None;
    bool, "boolean", Value::is_boolean, |text| text.parse().ok().map(Value::Bool);
    f64, "number", Value::is_number, |text| text.parse::<f64>().ok().map(Value::from);
    Map<String, Value>, "object", Value::is_object, |_| None;
}

impl Kind for i64 {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        match value {
            Value::Number(number) if number.as_i64().is_some() => {}
            Value::Number(_) => issues.add("invalid_type", at, "Expected integer, received float"),
            value => issues.type_of("number", value, at),
        }
    }

    fn of_text(text: &str) -> Value {
        text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from)
    }
}

impl Kind for Value {
    fn check(_: &Value, _: &Path, _: &mut Issues) {}
}

impl<T: Kind> Kind for Vec<T> {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Array(items) = value else { return issues.type_of("array", value, at) };
        for (index, item) in items.iter().enumerate() {
            T::check(item, &at.key(index.to_string()), issues);
        }
    }

    fn of_texts(texts: &[String]) -> Value {
        texts.iter().map(|text| T::of_text(text)).collect()
    }
}

impl<T: Kind> Kind for BTreeMap<String, T> {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.type_of("object", value, at) };
        for (key, value) in object {
            T::check(value, &at.key(key), issues);
        }
    }
}
