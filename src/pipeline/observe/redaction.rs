//! Applies the allow list to paths, queries and bodies. What it does not allow is `***`.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::{
    operation::{KNOWN_FIELDS, SAFE_TEXT_FIELDS},
    pipeline::{error_response::is_key, request::ApiRequest},
};

const HIDDEN: &str = "***";
/// The bound on a shown body; the rest is cut off.
const MAX_BODY_BYTES: usize = 4096;

/// Path and query, masked.
pub(super) fn target(request: &ApiRequest) -> String {
    let parts = request.operation.path.split('/').zip(request.path.split('/'));
    let parts: Vec<&str> =
        parts.map(|(part, value)| if part.starts_with('{') && is_number(value) { value } else { part }).collect();
    let mut target = parts.join("/");
    for (at, pair) in request.query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = percent_decode_str(value).decode_utf8_lossy();
        let (name, known) = if is_field(name) { (name, true) } else { (HIDDEN, false) };
        let value =
            if known && (is_number(&plain) || is_flag(&plain) || may_show(name, &plain)) { value } else { HIDDEN };
        target.push(if at == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.push_str(value);
    }
    target
}

/// A body, masked; `***` if it is not JSON.
pub(super) fn body(body: &[u8]) -> String {
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return HIDDEN.to_owned() };
    let mut text = value("", &json).to_string();
    if text.len() > MAX_BODY_BYTES {
        let end = (0..=MAX_BODY_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push_str(" ...");
    }
    text
}

/// The headers of a response, sorted by name. An unknown name is hidden with its value, because it can repeat values of the
/// request.
pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |(name, value): (&HeaderName, &HeaderValue)| {
        let Some(may_show) = shown_header(name.as_str()) else { return (HIDDEN.to_owned(), HIDDEN.to_owned()) };
        let value = value.to_str().ok().filter(|value| may_show(value)).unwrap_or(HIDDEN);
        (name.as_str().to_owned(), value.to_owned())
    };
    let mut shown: Vec<_> = headers.iter().map(shown).collect();
    shown.sort();
    shown
}

/// The predicate for values of a header that are shown; `None` if the name is hidden.
fn shown_header(name: &str) -> Option<fn(&str) -> bool> {
    let name = ["limit-", "remaining-", "reset-"].iter().fold(name, |name, part| {
        name.strip_prefix("x-ratelimit-").and_then(|rest| rest.strip_prefix(part)).unwrap_or(name)
    });
    match name {
        "age" | "content-length" | "burst" | "default" => Some(is_number),
        "x-ratelimit-limit" | "x-ratelimit-remaining" | "x-ratelimit-reset" => Some(is_number),
        "date" | "expires" | "last-modified" | "retry-after" => Some(|text| is_number(text) || is_http_date(text)),
        "content-type" => Some(is_content_type),
        "content-encoding" | "transfer-encoding" => Some(|text| matches!(text, "br" | "chunked" | "deflate" | "gzip")),
        "x-request-id" => Some(is_plain),
        "cache-control" | "connection" | "etag" | "location" | "server" | "set-cookie" | "vary" | "via" => {
            Some(|_| false)
        }
        _ => None,
    }
}

fn is_http_date(text: &str) -> bool {
    text.len() <= 40 && jiff::fmt::rfc2822::parse(text).is_ok()
}

fn is_content_type(text: &str) -> bool {
    let (kind, rest) = text.split_once(';').unwrap_or((text, "charset=utf-8"));
    matches!(kind.trim(), "application/json" | "text/html" | "text/plain")
        && rest.trim().eq_ignore_ascii_case("charset=utf-8")
}

/// A value under a field of the document.
fn value(field: &str, json: &Value) -> Value {
    match json {
        Value::Null | Value::Bool(_) | Value::Number(_) => json.clone(),
        Value::String(text) if may_show(field, text) => json.clone(),
        Value::String(_) => HIDDEN.into(),
        Value::Array(items) => items.iter().map(|item| value(field, item)).collect(),
        Value::Object(fields) => object(fields).into(),
    }
}

fn object(fields: &Map<String, Value>) -> Map<String, Value> {
    let shown = fields.iter().map(|(name, json)| {
        if is_field(name) || is_date(name) {
            (name.clone(), value(name, json))
        } else {
            // The keys of a map are named by callers.
            (HIDDEN.to_owned(), HIDDEN.into())
        }
    });
    shown.collect()
}

fn is_field(name: &str) -> bool {
    KNOWN_FIELDS.binary_search(&name).is_ok()
}

/// Whether a text is shown: instants and days always, other texts only in a harmless field and if they are plain.
fn may_show(field: &str, text: &str) -> bool {
    is_instant(text) || is_date(text) || (SAFE_TEXT_FIELDS.binary_search(&field).is_ok() && is_plain(text))
}

/// Whether a text is short, contains no character of an e-mail address, and is no credential.
pub(super) fn is_plain(text: &str) -> bool {
    text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:/.".contains(&byte))
        && !is_key(text)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_flag(text: &str) -> bool {
    matches!(text, "true" | "false")
}

fn is_instant(text: &str) -> bool {
    text.len() <= 40 && text.parse::<jiff::Timestamp>().is_ok()
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
