//! Error responses: computes the expected error from the recorded JSON independently, and compares it with the [`Error`]
//! of the crate.

use std::{collections::BTreeMap, time::Duration};

use calcom::{__conformance::error_of, Error, operation::Operation};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::recording::Recording;

/// The replacement of secrets and personal data in error texts.
const REDACTED: &str = "[redacted]";

pub(super) fn problems(recording: &Recording, operation: &'static Operation) -> Vec<String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &recording.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let error = error_of(operation, recording.status, &headers, &recording.body());
    let mut problems = Vec::new();
    let mut check = |good: bool, what: &str| {
        if !good {
            problems.push(what.to_owned());
        }
    };
    check(error.status() == Some(recording.status), "the status is not found");
    check(is_of_its_kind(&error, recording), "the kind of error does not fit the status");
    check(error.request_id() == header(recording, "x-request-id"), "the request id is not found");
    check(
        error.service_message().map(str::to_owned) == message(&recording.answer),
        "the message is not found as it came",
    );
    check(limits_of(&error) == limits(recording), "the rate limits are not all found");
    let blocked = (recording.status == 429).then(|| longest_block(recording)).flatten();
    check(error.retry_after() == blocked, "the wait until the next try is not the one of the headers");
    let text = format!("{error} {error:?}");
    check(!text.contains('@') && !text.contains("cal_live"), "the text holds an address or a key");
    if let Some(problem) = field_problem(&error, &recording.answer) {
        problems.push(problem);
    }
    problems
}

fn is_of_its_kind(error: &Error, recording: &Recording) -> bool {
    match recording.status {
        // A reached limit of the event type is rejected with 401, and is no authentication error.
        401 if String::from_utf8_lossy(&recording.body()).contains("_limit_reached") => {
            matches!(error, Error::Validation(_) | Error::Conflict(_))
        }
        401 if is_refused_user(recording) => matches!(error, Error::Permission(_)),
        401 | 498 => matches!(error, Error::Authentication(_)),
        403 => matches!(error, Error::Permission(_)),
        404 => matches!(error, Error::NotFound(_)),
        409 => matches!(error, Error::Conflict(_)),
        429 => matches!(error, Error::RateLimit(_)),
        400..=499 => matches!(error, Error::Validation(_) | Error::Conflict(_)),
        502..=504 => matches!(error, Error::Unavailable(_)),
        _ => matches!(error, Error::Server(_)),
    }
}

/// Whether a 401 is about something that the user may not use: it comes from a procedure, or names a calendar account or a
/// missing organization.
fn is_refused_user(recording: &Recording) -> bool {
    let body = String::from_utf8_lossy(&recording.body()).into_owned();
    ["TRPCError", "These credentials do not belong to you", "is not connected for this user", "GetOrgId decorator"]
        .iter()
        .any(|text| body.contains(text))
}

fn header<'a>(recording: &'a Recording, name: &str) -> Option<&'a str> {
    recording.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The message of a body: OAuth's description, or the message nearest to its root, or else `details` if it is a text.
fn message(body: &Value) -> Option<String> {
    if let Some(text) = body["error_description"].as_str() {
        return Some(text.trim().to_owned());
    }
    let mut level = vec![body];
    while !level.is_empty() {
        for object in &level {
            match &object["message"] {
                Value::String(text) => return Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                Value::Array(texts) => {
                    return Some(texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
                }
                _ => {}
            }
        }
        level = level.iter().filter_map(|value| value.as_object()).flat_map(|object| object.values()).collect();
    }
    body.pointer("/error/details").and_then(Value::as_str).map(str::to_owned)
}

/// Limit, remaining and reset of every set of headers, by the name of the set.
type Limits = BTreeMap<String, [Option<u64>; 3]>;

fn limits(recording: &Recording) -> Limits {
    let mut limits = Limits::new();
    for (name, value) in &recording.headers {
        let name = name.to_lowercase();
        let parts: Vec<&str> = name.splitn(4, '-').collect();
        if let ["x", "ratelimit", what, set] = parts[..]
            && let Some(at) = ["limit", "remaining", "reset"].iter().position(|known| *known == what)
        {
            limits.entry(set.to_owned()).or_default()[at] = value.parse().ok();
        }
    }
    limits
}

fn limits_of(error: &Error) -> Limits {
    let numbers = error.rate_limits().iter().map(|limit| {
        (limit.name.to_lowercase(), [limit.limit, limit.remaining, limit.reset.map(|reset| reset.as_secs())])
    });
    numbers.collect()
}

/// A key is blocked until the last of its exhausted limits is reset.
fn longest_block(recording: &Recording) -> Option<Duration> {
    let exhausted = limits(recording).into_values().filter(|[_, remaining, _]| *remaining == Some(0));
    exhausted.filter_map(|[_, _, reset]| reset).max().map(Duration::from_secs)
}

/// A rejected field: the path of names, and the message.
type RejectedField = (Vec<String>, String);

fn field_problem(error: &Error, body: &Value) -> Option<String> {
    let found: Vec<RejectedField> =
        error.field_errors().iter().map(|field| (names(&field.field), field.message.clone())).collect();
    let mut refused = Vec::new();
    rejected_fields(body, &mut Vec::new(), &mut refused);
    if !refused.is_empty() {
        let missing = refused
            .iter()
            .find(|(path, text)| !found.iter().any(|(known, said)| known == path && is_cut_from(said, text)));
        return match missing {
            Some((path, _)) => Some(format!("the refused field {} is not found", path.join("."))),
            None if found.len() != refused.len() => Some("there are more field errors than refused fields".to_owned()),
            None => None,
        };
    }
    let text = message(body).unwrap_or_default();
    let named: Vec<String> = named_in(&text).into_iter().flat_map(|name| names(&name)).collect();
    let found_names: Vec<String> = found.iter().flat_map(|(path, _)| path.clone()).collect();
    (named != found_names).then(|| format!("the text names the fields {named:?}, found are {found_names:?}"))
}

/// The names of `availability[0].days`.
fn names(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The rejected fields of a tree of `property`, `constraints`, `children`, and of a list of `field` and `message`.
fn rejected_fields(node: &Value, path: &mut Vec<String>, found: &mut Vec<RejectedField>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| rejected_fields(item, path, found)),
        Value::Object(fields) => {
            if let (Some(field), Some(text)) = (node["field"].as_str(), node["message"].as_str()) {
                found.push((names(field), text.to_owned()));
                return;
            }
            let Some(property) = node["property"].as_str() else {
                // `target` and `value` repeat the request.
                let inner = fields.iter().filter(|(key, _)| !["target", "value"].contains(&key.as_str()));
                return inner.for_each(|(_, value)| rejected_fields(value, path, found));
            };
            path.push(property.to_owned());
            let texts = node["constraints"].as_object().into_iter().flatten();
            found.extend(texts.map(|(_, text)| (path.clone(), text.as_str().unwrap_or_default().to_owned())));
            rejected_fields(&node["children"], path, found);
            path.pop();
        }
        _ => {}
    }
}

/// The fields that a text names, in order.
fn named_in(text: &str) -> Vec<String> {
    const WRONG: &str = " property is wrong";
    if text.contains(WRONG) {
        let before = text.match_indices(WRONG).map(|(at, _)| &text[..at]);
        return before.map(|text| text.rsplit(',').next().unwrap_or(text).trim().to_owned()).collect();
    }
    if let Some(rest) = text.strip_prefix("Missing required booking field response: ") {
        return rest.split(" - ").take(1).map(str::to_owned).collect();
    }
    if let Some(rest) = text.strip_prefix("responses - ") {
        return rest.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect();
    }
    // An error of a schema: `metadata.key - Expected string, received number,`.
    let Some(text) = text.strip_suffix(',') else { return Vec::new() };
    let before = text.match_indices(" - ").map(|(at, _)| text[..at].rsplit(", ").next().unwrap_or_default());
    before.filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// Whether `said` equals `text` except for redacted parts.
fn is_cut_from(said: &str, text: &str) -> bool {
    let mut rest = text;
    let mut pieces = said.split(REDACTED);
    let Some(head) = pieces.next() else { return false };
    let Some(tail) = rest.strip_prefix(head) else { return false };
    rest = tail;
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty() || said.ends_with(REDACTED)
}
