//! Reads JSON with a value that `serde_json` cannot represent: that value becomes its text, and all others are kept.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

/// Bounds the recursion: each level is parsed once more. No field of the service is nested that deep.
const MAX_DEPTH: usize = 16;

/// Reads the JSON in `bytes`; null if `bytes` is not JSON.
pub(super) fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_str(&text).map_or(Value::Null, |json| read_lossy(json, 0))
    })
}

/// Reads a value; a number that is too large, half of a surrogate pair, and a value that is nested too deep become texts as
/// they are written.
#[cold]
fn read_lossy(json: &RawValue, depth: usize) -> Value {
    let text = json.get();
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    let parts = (depth < MAX_DEPTH).then(|| match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Some(items.into_iter().map(|item| read_lossy(item, depth + 1)).collect())
        }
        Some(b'{') => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            Some(Value::Object(
                fields.into_iter().map(|(name, field)| (name, read_lossy(field, depth + 1))).collect::<Map<_, _>>(),
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
    fn a_value_that_cannot_be_represented_leaves_the_values_beside_it_readable() {
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
