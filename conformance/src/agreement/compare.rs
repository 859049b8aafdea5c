//! Compares a response with the recorded one: status, error code, and the set of JSON paths in the body.

use calcom_fake::__conformance::{RecordedExchange, paths_of};
use serde_json::Value;

use crate::raw_http::RawResponse;

/// The differences. Empty if the responses agree.
pub(crate) fn differences(exchange: &RecordedExchange, answer: &RawResponse) -> Vec<String> {
    let mut found = Vec::new();
    let recorded = &exchange.response;
    if answer.status != recorded.status {
        found.push(format!("status {} instead of {}{}", answer.status, recorded.status, words(&answer.json())));
        return found;
    }
    let body = answer.json();
    let (code, wanted) = (code_of(&body), code_of(&recorded.body));
    if code != wanted {
        found.push(format!("error code {code:?} instead of {wanted:?}{}", words(&body)));
    }
    // A response without a body is recorded as an empty text.
    if answer.body.is_empty() && recorded.body.as_str() == Some("") {
        return found;
    }
    let (paths, wanted) = (paths_of(&body), paths_of(&recorded.body));
    let missing: Vec<&String> = wanted.difference(&paths).collect();
    let added: Vec<&String> = paths.difference(&wanted).collect();
    if !missing.is_empty() {
        found.push(format!("missing {}", some(&missing)));
    }
    if !added.is_empty() {
        found.push(format!("added {}", some(&added)));
    }
    found
}

fn some(paths: &[&String]) -> String {
    let shown: Vec<&str> = paths.iter().take(6).map(|path| path.as_str()).collect();
    let more = if paths.len() > 6 { format!(" and {} more", paths.len() - 6) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn words(body: &Value) -> String {
    let message = body.pointer("/error/message").or_else(|| body.get("message")).and_then(Value::as_str);
    message.map(|message| format!(" ({message})")).unwrap_or_default()
}

fn code_of(body: &Value) -> Option<&str> {
    body.pointer("/error/code").and_then(Value::as_str)
}
