//! Reads JSON with a value that `serde_json` cannot represent: that value becomes its text, and all others are kept. So two
//! numbers that differ in a digit that a `f64` does not have are read as different values.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

/// Bounds the recursion: each level is parsed once more. No field of the service is nested that deep.
const MAX_DEPTH: usize = 16;

/// Reads the JSON in `bytes`; null if `bytes` is not JSON.
pub(super) fn read(bytes: &[u8]) -> Value {
    let exact = if has_inexact_number(bytes) { None } else { serde_json::from_slice(bytes).ok() };
    exact.unwrap_or_else(|| {
        let text = String::from_utf8_lossy(bytes);
        serde_json::from_str(&text).map_or(Value::Null, |json| read_lossy(json, 0))
    })
}

/// Reads a value; a number that is too large or has too many digits, half of a surrogate pair, and a value that is nested too
/// deep become texts as they are written.
#[cold]
fn read_lossy(json: &RawValue, depth: usize) -> Value {
    let text = json.get();
    if !has_inexact_number(text.as_bytes())
        && let Ok(value) = serde_json::from_str(text)
    {
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

/// A shorter number without an exponent is exact.
const MIN_INEXACT_LENGTH: usize = 16;

/// Whether a number in this JSON is another one after it was read.
fn has_inexact_number(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some((first, after)) = rest.split_first() {
        let length = match first {
            b'"' => string_length(after),
            b'-' | b'0'..=b'9' => {
                let length = rest
                    .iter()
                    .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
                    .count();
                let (number, has_exponent) = (&rest[..length], rest[..length].iter().any(|byte| byte | 32 == b'e'));
                if (length >= MIN_INEXACT_LENGTH || has_exponent) && !is_exact(&String::from_utf8_lossy(number)) {
                    return true;
                }
                length
            }
            _ => 1,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    false
}

/// The length of a string, with its quotes, of which `after` follows the first.
fn string_length(after: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = after.iter().position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(after.len() + 1, |end| end + 2)
}

fn is_exact(number: &str) -> bool {
    if number.bytes().skip(1).all(|byte| byte.is_ascii_digit()) {
        return number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
    }
    number.parse::<f64>().is_ok_and(|read| digits(number) == digits(&format!("{read:e}")))
}

/// The digits of a number without zeros at both ends, and the power of ten of the point before them.
fn digits(number: &str) -> (String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('-');
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return (String::new(), 0);
    }
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let zeros = i64::try_from(all.len() - significant.len()).unwrap_or(i64::MAX);
    let exponent = exponent.parse::<i64>().unwrap_or(i64::MAX);
    (significant.trim_end_matches('0').to_owned(), exponent.saturating_add(point).saturating_sub(zeros))
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
    #[test]
    fn a_number_that_is_read_as_another_one_becomes_its_text() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "0.1000000000000000055",
            "1e-400",
            "1.00000000000000000001",
        ] {
            let json = format!(r#"{{"a": [{number}, 7], "\"{number}": "{number}"}}"#);
            let found = read(json.as_bytes());
            assert_eq!(found["a"], json!([number, 7]));
        }
        for number in [
            "18446744073709551615",
            "-9223372036854775808",
            "0.1",
            "-0.0",
            "1E5",
            "100e-2",
            "1.7976931348623157e308",
            "5e-324",
        ] {
            assert!(read(number.as_bytes()).is_number(), "{number}");
        }
        let text = r#"{"a": "18446744073709551616 \\", "b": "\\\"1e-400"}"#;
        assert_eq!(read(text.as_bytes()), serde_json::from_str::<Value>(text).unwrap());
    }
}
