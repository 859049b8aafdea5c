//! Bodies that JavaScript writes and serde_json does not read: half a surrogate pair in a text (a name that was cut within
//! an emoji), a number beyond what 64 bits hold, and nesting deeper than 128 levels.
//!
//! A delivery is sent once, so the rest of such a body is read all the same.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// How deep values may be nested; deeper ones are read as null. serde_json stops at 128.
const DEEPEST: usize = 100;

/// The body with what cannot be read replaced: halves of pairs by U+FFFD, numbers and values that are too deep by null.
/// `None` where nothing of the kind is in it, and where it is no JSON at all.
pub(super) fn repair(text: &str) -> Option<String> {
    // What is not kept is checked for its form only, however deep and large.
    serde_json::from_str::<&RawValue>(text).ok()?;
    let mut repaired = String::with_capacity(text.len());
    let (mut at, mut kept, mut depth) = (0, 0, 0_usize);
    let bytes = text.as_bytes();
    let mut replace = |from: usize, to: usize, by: &str, kept: &mut usize| {
        repaired.push_str(text.get(*kept..from).unwrap_or_default());
        repaired.push_str(by);
        *kept = to;
    };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_text(bytes, at);
                if let Cow::Owned(whole) = pairs(text.get(at..end).unwrap_or_default()) {
                    replace(at, end, &whole, &mut kept);
                }
                at = end;
            }
            b'{' | b'[' if depth == DEEPEST => {
                let end = end_of_value(bytes, at);
                replace(at, end, "null", &mut kept);
                at = end;
            }
            b'{' | b'[' => (depth, at) = (depth + 1, at + 1),
            b'}' | b']' => (depth, at) = (depth.saturating_sub(1), at + 1),
            b'-' | b'0'..=b'9' => {
                let number = bytes[at..].iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
                let is_finite = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
                if !text.get(at..at + number).is_some_and(is_finite) {
                    replace(at, at + number, "null", &mut kept);
                }
                at += number;
            }
            _ => at += 1,
        }
    }
    if kept == 0 {
        return None;
    }
    repaired.push_str(text.get(kept..).unwrap_or_default());
    Some(repaired)
}

/// Where the text ends that begins at `at`, after its quote.
fn end_of_text(bytes: &[u8], at: usize) -> usize {
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

/// Where the object or list ends that begins at `at`.
fn end_of_value(bytes: &[u8], at: usize) -> usize {
    let (mut end, mut depth) = (at, 0_usize);
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => {
                end = end_of_text(bytes, end);
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

/// A text without halves of surrogate pairs.
fn pairs(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut whole, mut at, mut kept) = (String::new(), 0, 0);
    while let Some(backslash) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += backslash;
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push_str(&text[kept..at]);
                whole.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            (Some(_), _) => at += 6,
            // The escaped character can be a backslash.
            (None, _) => at += 2,
        }
    }
    if kept == 0 { Cow::Borrowed(text) } else { Cow::Owned(whole + &text[kept..]) }
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
