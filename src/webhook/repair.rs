//! Repairs bodies that JavaScript can write and serde_json cannot read. Such bodies have a lone surrogate in a string (a name
//! that was cut within an emoji), a number that 64 bits cannot hold, or nesting deeper than 128 levels.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// The deepest nesting that is read; deeper values become null. serde_json stops at 128.
const MAX_DEPTH: usize = 100;

/// Replaces what serde_json cannot read: lone surrogates by U+FFFD, numbers out of range and values that are too deep by
/// null. Returns `None` if nothing is replaced, or if the body is not JSON.
pub(super) fn repair(text: &str) -> Option<String> {
    // A `RawValue` is checked for its syntax only, with any depth and any number.
    serde_json::from_str::<&RawValue>(text).ok()?;
    let mut repaired = String::with_capacity(text.len());
    let (mut at, mut copied, mut depth) = (0, 0, 0_usize);
    let bytes = text.as_bytes();
    let mut replace = |from: usize, to: usize, by: &str, copied: &mut usize| {
        repaired.push_str(text.get(*copied..from).unwrap_or_default());
        repaired.push_str(by);
        *copied = to;
    };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = string_end(bytes, at);
                if let Cow::Owned(whole) = replace_lone_surrogates(text.get(at..end).unwrap_or_default()) {
                    replace(at, end, &whole, &mut copied);
                }
                at = end;
            }
            b'{' | b'[' if depth == MAX_DEPTH => {
                let end = container_end(bytes, at);
                replace(at, end, "null", &mut copied);
                at = end;
            }
            b'{' | b'[' => (depth, at) = (depth + 1, at + 1),
            b'}' | b']' => (depth, at) = (depth.saturating_sub(1), at + 1),
            b'-' | b'0'..=b'9' => {
                let number = bytes[at..].iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
                let is_finite = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
                if !text.get(at..at + number).is_some_and(is_finite) {
                    replace(at, at + number, "null", &mut copied);
                }
                at += number;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    repaired.push_str(text.get(copied..).unwrap_or_default());
    Some(repaired)
}

/// The position after the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    bytes.len()
}

/// The position after the object or list that begins at `at`.
fn container_end(bytes: &[u8], at: usize) -> usize {
    let (mut end, mut depth) = (at, 0_usize);
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => {
                end = string_end(bytes, end);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        end += 1;
        if depth == 0 {
            break;
        }
    }
    end
}

/// Replaces lone surrogates in a string by U+FFFD.
fn replace_lone_surrogates(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut whole, mut at, mut copied) = (String::new(), 0, 0);
    while let Some(backslash) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += backslash;
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str(&text[copied..at]);
                whole.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            (Some(_), _) => at += 6,
            // The escaped character can be a backslash.
            (None, _) => at += 2,
        }
    }
    if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(whole + &text[copied..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_read_is_replaced() {
        for (body, repaired) in [
            (
                r#"{"a":"cut \ud83d","b":"\uD83D\uDE00 \\ud83d \ud83d\\"}"#,
                Some(r#"{"a":"cut \ufffd","b":"\uD83D\uDE00 \\ud83d \ufffd\\"}"#),
            ),
            (
                r#"{"\udc00":1e999,"n":-1E+400,"m":1e-999,"l":[1.5e3]}"#,
                Some(r#"{"\ufffd":null,"n":null,"m":1e-999,"l":[1.5e3]}"#),
            ),
            (r#"{"a":"1e999 [[[","b":"\u00e9"}"#, None),
            (&format!(r#"{{"a":{}x{}}}"#, "[".repeat(200), "]".repeat(200)), None),
            ("", None),
            ("{\"a", None),
        ] {
            assert_eq!(repair(body).as_deref(), repaired, "{body}");
        }
        let deep = format!("{}\"]\"{}", "[".repeat(5_000), "]".repeat(5_000));
        let repaired = repair(&format!(r#"{{"a":{deep},"b":2}}"#)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&repaired).unwrap();
        assert_eq!(json["b"], 2);
    }
}
