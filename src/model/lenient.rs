//! JSON in which some value cannot be held: that value is given as its text, and the values beside it stay.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

/// Deeper than any field of the service stands. Each level is read once more.
const MOST_DEPTH: usize = 16;

/// The JSON in `bytes`; null if it is none.
pub(super) fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_str(&text).map_or(Value::Null, |json| piece(json, 0))
    })
}

/// A number too large, half of a surrogate pair and what stands too deep are given as they are written.
#[cold]
fn piece(json: &RawValue, depth: usize) -> Value {
    let text = json.get();
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    let parts = (depth < MOST_DEPTH).then(|| match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Some(items.into_iter().map(|item| piece(item, depth + 1)).collect())
        }
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            Some(Value::Object(
                fields.into_iter().map(|(name, field)| (name, piece(field, depth + 1))).collect::<Map<_, _>>(),
            ))
        }
        _ => None,
    });
    parts.flatten().unwrap_or_else(|| Value::String(text.trim_matches('"').to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_be_held_is_given_whatever_stands_beside_it() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        for (odd, expected) in [(r#""cut \ud83d""#, r"cut \ud83d"), ("1e999", "1e999"), ("-1e999", "-1e999")] {
            let json = format!(r#"{{"data": [{{"a": 1, "odd": {odd}}}, {{"b": [true, {odd}]}}], "c": "d"}}"#);
            let found = json!({"data": [{"a": 1, "odd": expected}, {"b": [true, expected]}], "c": "d"});
            assert_eq!(read(json.as_bytes()), found);
        }
        let read_deep = read(format!(r#"{{"odd": {deep}, "a": 1}}"#).as_bytes());
        assert!(read_deep["a"] == 1 && read_deep["odd"].is_array());
        assert_eq!(read(b"{\"a\": 1, \"odd\": \"\xff\"}"), json!({"a": 1, "odd": "\u{fffd}"}));
        assert_eq!(read(b"{\"a\": 1"), Value::Null);
        assert_eq!(read(br#"{"a": 1}"#), json!({"a": 1}));
    }
}
