//! The types that fields of V1's requests have.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{FieldType, IssuePath, Issues};

/// Implements [`FieldType`] by a predicate, a parser for query texts, and V1's name of the type.
macro_rules! field_types {
    ($($type:ty, $expected:literal, $fits:expr, $parse_text:expr;)+) => {$(
        impl FieldType for $type {
            fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
                let fits: fn(&Value) -> bool = $fits;
                if !fits(value) {
                    issues.wrong_type($expected, value, at);
                }
            }

            fn parse_text(text: &str) -> Value {
                let parse_text: fn(&str) -> Option<Value> = $parse_text;
                parse_text(text).unwrap_or_else(|| Value::String(text.to_owned()))
            }
        }
    )+};
}

field_types! {
    String, "string", Value::is_string, |_| None;
    bool, "boolean", Value::is_boolean, |text| text.to_ascii_lowercase().parse().ok().map(Value::Bool);
    f64, "number", Value::is_number, |text| text.parse::<f64>().ok().map(Value::from);
    Map<String, Value>, "object", Value::is_object, |_| None;
}

impl FieldType for i64 {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        match value {
            Value::Number(number) if number.as_i64().is_some() => {}
            Value::Number(_) => issues.add("invalid_type", at, "Expected integer, received float"),
            value => issues.wrong_type("number", value, at),
        }
    }

    fn parse_text(text: &str) -> Value {
        text.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from)
    }
}

impl FieldType for Value {
    fn check(_: &Value, _: &IssuePath, _: &mut Issues) {}
}

impl<T: FieldType> FieldType for Vec<T> {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Array(items) = value else { return issues.wrong_type("array", value, at) };
        for (index, item) in items.iter().enumerate() {
            T::check(item, &at.child(index.to_string()), issues);
        }
    }

    fn parse_texts(texts: &[String]) -> Value {
        texts.iter().map(|text| T::parse_text(text)).collect()
    }
}

impl<T: FieldType> FieldType for BTreeMap<String, T> {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.wrong_type("object", value, at) };
        for (key, value) in object {
            T::check(value, &at.child(key), issues);
        }
    }
}
