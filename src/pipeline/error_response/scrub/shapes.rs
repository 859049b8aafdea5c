//! Marks what looks personal by its form: addresses, telephone numbers, keys, tokens, queries of URLs, and values that the text
//! itself calls an id or a secret. Every rule scans the text once.

use super::marks::{Marks, cut};

/// The number of digits from which on a `+` begins a telephone number.
const MIN_PHONE_DIGITS: usize = 7;
/// The prefixes of ids and secrets that the service writes by itself: `booking with uid=NEW`, which the request did not carry.
const SECRET_PREFIXES: [&str; 6] = ["uid=", "token=", "secret=", "key=", "password=", "name="];
/// The number of such values that are searched for in the rest of the text.
pub(super) const MAX_NAMED_VALUES: usize = 32;
/// The bound on such a value.
pub(super) const MAX_NAMED_BYTES: usize = 128;

/// Marks everything that looks personal.
pub(super) fn mark(text: &str, marks: &mut Marks) {
    mark_addresses(text, marks);
    mark_phones(text, marks);
    mark_queries(text, marks);
    mark_keys(text, marks);
}

/// Marks `jane@example.org`, `jane@localhost`, `"jane doe"@example.org`, `jane%40example.org`, and an address that is cut off.
fn mark_addresses(text: &str, marks: &mut Marks) {
    let is_before = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[]{},;:=/\\|\"".contains(c);
    let is_after = |c: char| c.is_alphanumeric() || ".-_%".contains(c);
    let mut done = 0;
    for (at, sign) in text.match_indices(['@', '%']) {
        let sign = match sign {
            "@" => 1,
            _ if text[at..].starts_with("%40") => 3,
            _ => continue,
        };
        let before = &text[done..at];
        let user = match before.strip_suffix('"').and_then(|quoted| quoted.rfind('"')) {
            Some(quote) => &before[quote..],
            None => &before[before.trim_end_matches(is_before).len()..],
        };
        let user = user.trim_start_matches(['\'', '.']);
        let rest = &text[at + sign..];
        let host = rest[..rest.len() - rest.trim_start_matches(is_after).len()].trim_end_matches('.');
        let end = at + sign + host.len();
        if !user.is_empty() || host.contains('.') {
            marks.add(at - user.len()..end);
        }
        // Consecutive `@` do not scan the same text again.
        done = at + sign;
    }
}

/// Marks numbers such as `+49 30 123456`.
fn mark_phones(text: &str, marks: &mut Marks) {
    let mut at = 0;
    while let Some(plus) = text[at..].find('+') {
        let from = at + plus;
        let rest = &text[from + 1..];
        let number =
            &rest[..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || " -.()/".contains(c)).len()];
        let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
        at = from + 1 + number.len();
        if number.bytes().filter(u8::is_ascii_digit).count() >= MIN_PHONE_DIGITS {
            marks.add(from..at);
        }
    }
}

/// Marks what follows `?` in a path or a URL.
fn mark_queries(text: &str, marks: &mut Marks) {
    let mut at = 0;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || c.is_control()) {
        let shown = word.trim_end_matches(|c: char| c.is_whitespace() || c.is_control());
        if let Some((path, _)) = shown.split_once('?')
            && path.contains('/')
        {
            marks.add(at + path.len() + 1..at + shown.len());
        }
        at += word.len();
    }
}

/// Marks keys of the service (`cal_live_...`) and signed tokens.
fn mark_keys(text: &str, marks: &mut Marks) {
    let is_part = |c: char| c.is_alphanumeric() || "._+%-".contains(c);
    let mut at = 0;
    for token in text.split(|c| !is_part(c)) {
        let key = token.trim_end_matches('.');
        if is_key(key) {
            marks.add(at..at + key.len());
        }
        // One character separates two tokens.
        at += token.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
}

/// Whether a token is a key of the service or a signed token.
pub(crate) fn is_key(token: &str) -> bool {
    let is_prefix = |at: usize| !token[..at].ends_with(char::is_alphanumeric) && token.len() > at + 8;
    // A word can end so too (`local_`).
    let key = token.len() > 8 && token.match_indices("cal_").any(|(at, _)| is_prefix(at));
    let jwt = token.len() > 40 && token.starts_with("eyJ");
    key || jwt
}

/// The values after one of the prefixes, which can occur elsewhere in the text too.
pub(super) fn named(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (at, _) in text.match_indices('=') {
        let label = SECRET_PREFIXES.iter().find(|name| {
            let label = text.as_bytes().get((at + 1).saturating_sub(name.len())..=at);
            label.is_some_and(|label| label.eq_ignore_ascii_case(name.as_bytes()))
        });
        let Some(label) = label else { continue };
        // A name can have several words.
        let is_part = |c: char| c.is_alphanumeric() || "-_.:".contains(c) || (*label == "name=" && " '’".contains(c));
        let rest = cut(&text[at + 1..], MAX_NAMED_BYTES);
        let value = &rest[..rest.len() - rest.trim_start_matches(is_part).len()];
        let value = value.split(". ").next().unwrap_or_default().trim_end_matches(['.', ':', ' ']);
        if !value.is_empty() && !found.contains(&value) {
            found.push(value);
        }
        if found.len() == MAX_NAMED_VALUES {
            break;
        }
    }
    found
}
