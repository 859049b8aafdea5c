//! The bodies of errors. The service has five, a gateway before it has others:
//!
//! - the usual envelope, `{status, timestamp, path, error: {code, message, details}}`, where `details` is an object, a
//!   text, missing, or `{errors: [..]}` with a tree of refused properties;
//! - the documented one, where `details` is a list of `{field, message}`;
//! - `{statusCode, message}`, where `message` can be a list;
//! - OAuth's `{error, error_description}`;
//! - all of a validation in one text, joined with commas;
//! - HTML, or nothing.

use serde_json::Value;

use super::scrub::cut;
use crate::error::FieldError;

/// Of a message so many bytes are read and kept.
const LONGEST_MESSAGE: usize = 8 << 10;
/// More refused fields than this are not told one by one.
const MOST_FIELDS: usize = 64;
/// No path of a field is longer. What is cut is cut after it was scrubbed: the beginning of a value would not be known.
const LONGEST_PATH: usize = 4 << 10;
/// No code is longer.
const LONGEST_CODE: usize = 128;

/// What a body tells.
#[derive(Debug, Default)]
pub(super) struct ParsedBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) fields: Vec<FieldError>,
}

pub(super) fn read(body: &[u8]) -> ParsedBody {
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return not_json(body) };
    let error = match &json["error"] {
        Value::Object(_) => &json["error"],
        _ => &json,
    };
    let details = &error["details"];
    let mut parsed = ParsedBody {
        code: text(&error["code"]).or_else(|| text(&json["error"])).filter(|code| code.len() <= LONGEST_CODE),
        message: message(&error["message"])
            .or_else(|| text(&json["error_description"]))
            .or_else(|| message(&details["message"]))
            .or_else(|| text(details))
            .or_else(|| text(&json["error"])),
        status: details["statusCode"]
            .as_u64()
            .or_else(|| json["statusCode"].as_u64())
            .and_then(|it| it.try_into().ok()),
        fields: Vec::new(),
    };
    documented(details, &mut parsed.fields);
    tree(&details["errors"], "", &mut parsed.fields);
    parsed.fields.truncate(MOST_FIELDS);
    if parsed.fields.is_empty()
        && let Some(message) = &parsed.message
    {
        joined(message, &mut parsed.fields);
        parsed.fields.truncate(MOST_FIELDS);
    }
    parsed
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| cut(text, LONGEST_MESSAGE).to_owned())
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().take(MOST_FIELDS).filter_map(Value::as_str).collect();
            Some(cut(&lines.join(", "), LONGEST_MESSAGE).to_owned())
        }
        value => text(value),
    }
}

/// A gateway's page: only that it came, and its title, which can hold anything.
fn not_json(body: &[u8]) -> ParsedBody {
    let (what, title) = describe_text(body);
    let message = title.map_or_else(|| what.to_owned(), |title| format!("{what}: {title}"));
    ParsedBody { message: Some(message), ..ParsedBody::default() }
}

/// What a body is that is not JSON, and the title of a page.
pub(super) fn describe_text(body: &[u8]) -> (&'static str, Option<String>) {
    let page = String::from_utf8_lossy(body.get(..4096).unwrap_or(body));
    let page = page.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if page.is_empty() {
        return ("the answer has no body", None);
    }
    let lower = page.to_ascii_lowercase();
    if !lower.starts_with('<') && !lower.contains("<title") {
        return ("the answer is not JSON", None);
    }
    let title = lower.find("<title").and_then(|tag| {
        let start = tag + lower[tag..].find('>')? + 1;
        let end =
            start + lower[start..].find("</title").or_else(|| lower[start..].find('<')).unwrap_or(lower.len() - start);
        page.get(start..end)
    });
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    ("the answer is a page, not JSON", title.map(str::to_owned))
}

/// `[{field, message}]`, as documented.
fn documented(details: &Value, fields: &mut Vec<FieldError>) {
    for entry in details.as_array().into_iter().flatten().take(MOST_FIELDS) {
        if let (Some(field), Some(message)) = (text(&entry["field"]), text(&entry["message"])) {
            fields.push(FieldError::new(path_of(&field), message));
        }
    }
}

/// A path that no request has is none.
fn path_of(path: &str) -> &str {
    if path.len() > LONGEST_PATH { "?" } else { path }
}

/// `[{property, constraints: {rule: message}, children: [..]}]`, flattened to paths.
fn tree(errors: &Value, parent: &str, fields: &mut Vec<FieldError>) {
    for error in errors.as_array().into_iter().flatten() {
        if fields.len() >= MOST_FIELDS {
            return;
        }
        let property = error["property"].as_str().unwrap_or("?");
        let path = if parent.is_empty() {
            property.to_owned()
        } else if !property.is_empty() && property.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{parent}[{property}]")
        } else {
            format!("{parent}.{property}")
        };
        let path = path_of(&path);
        for (_, message) in error["constraints"].as_object().into_iter().flatten().take(MOST_FIELDS) {
            fields.push(FieldError::new(path, text(message).unwrap_or_default()));
        }
        tree(&error["children"], path, fields);
    }
}

const WRONG: &str = " property is wrong,";
const REQUIRED: &str = "Missing required booking field response: ";
const RESPONSES: &str = "responses - ";

/// Field errors that are written into one text.
fn joined(message: &str, fields: &mut Vec<FieldError>) {
    if message.contains(WRONG) {
        return property_is_wrong(message, fields);
    }
    if let Some(rest) = message.strip_prefix(REQUIRED) {
        let slug = rest.split([' ', ',']).next().unwrap_or(rest);
        fields.push(FieldError::new(slug, "is required by the event type"));
        return;
    }
    // `responses - {email}error_required_field, {phone}invalid_number, responses - {title}error_required_field, `
    if !message.starts_with(RESPONSES) {
        return schema_refused(message, fields);
    }
    for part in message.split(", ").map(str::trim) {
        let part = part.strip_prefix(RESPONSES).unwrap_or(part);
        if let Some((slug, code)) = part.strip_prefix('{').and_then(|part| part.split_once('}')) {
            fields.push(FieldError::new(slug, code));
        } else if let Some(slug) = part.strip_suffix("error_required_field") {
            fields.push(FieldError::new(slug, "error_required_field"));
        }
    }
}

/// `metadata.key - Expected string, received number, slug - Required, `: every refusal ends in a comma, and a refusal can
/// hold commas; a new one starts with a path.
fn schema_refused(message: &str, fields: &mut Vec<FieldError>) {
    let Some(refusals) = message.strip_suffix(", ") else { return };
    for part in refusals.split(", ") {
        match part.split_once(" - ") {
            Some((path, text)) if !path.is_empty() && !path.contains(' ') => fields.push(FieldError::new(path, text)),
            _ => {
                if let Some(last) = fields.last_mut() {
                    last.message.push_str(", ");
                    last.message.push_str(part);
                }
            }
        }
    }
}

/// `attendee property is wrong, timeZone property is wrong,timeZone must be a valid IANA time-zone , start property ...`:
/// a property without a text of its own is the parent of the next one.
fn property_is_wrong(message: &str, fields: &mut Vec<FieldError>) {
    let mut parents: Vec<&str> = Vec::new();
    let mut parts = message.split(WRONG);
    let Some(mut property) = parts.next().map(str::trim) else { return };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // All but the last part end in the name of the next property, after a comma.
        let (text, next) = match part.rfind(',') {
            _ if parts.peek().is_none() => (part, ""),
            Some(comma) => (&part[..comma], part[comma + 1..].trim()),
            None => ("", part.trim()),
        };
        let text = text.trim().trim_end_matches(',').trim();
        if text.is_empty() {
            parents.push(property);
        } else {
            let path = parents.iter().copied().chain([property]).collect::<Vec<_>>().join(".");
            fields.push(FieldError::new(path, text));
            parents.clear();
        }
        property = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &Value) -> Vec<String> {
        read(body.to_string().as_bytes()).fields.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_comma_joined_text_gives_every_field_with_its_parents() {
        let message = "start property is wrong,start must be a date , attendee property is wrong, timeZone property is \
                       wrong,timeZone must be one of the following values: a, b , eventTypeId property is \
                       wrong,eventTypeId must be an integer number ";
        assert_eq!(
            fields(&serde_json::json!({"statusCode": 400, "message": message})),
            [
                "start: start must be a date",
                "attendee.timeZone: timeZone must be one of the following values: a, b",
                "eventTypeId: eventTypeId must be an integer number",
            ]
        );
    }

    #[test]
    fn a_tree_gives_every_constraint_with_its_path() {
        let body = serde_json::json!({"error": {"message": "Bad Request Exception", "details": {"errors": [
            {"property": "availability", "children": [{"property": "0", "children": [
                {"property": "days", "children": [], "constraints": {"isEnum": "each must be a day"}}]}]},
            {"property": "name", "constraints": {"a": "one", "b": "two"}}]}}});
        assert_eq!(fields(&body), ["availability[0].days: each must be a day", "name: one", "name: two"]);
    }

    #[test]
    fn booking_fields_are_named_by_their_slug() {
        let body = serde_json::json!({"error": {"message": "responses - {email}error_required_field, {phone}invalid_number, "}});
        assert_eq!(fields(&body), ["email: error_required_field", "phone: invalid_number"]);
        let message =
            "responses - {street}error_required_field, {city}too_long, responses - {zip}error_required_field, ";
        let body = serde_json::json!({"error": {"message": message}});
        assert_eq!(fields(&body), ["street: error_required_field", "city: too_long", "zip: error_required_field"]);
        let body = serde_json::json!({"error": {"message": "Missing required booking field response: topic - it is required"}});
        assert_eq!(fields(&body), ["topic: is required by the event type"]);
    }

    #[test]
    fn what_a_schema_refuses_is_named_by_its_path() {
        let body = serde_json::json!({"error": {"code": "BAD_REQUEST",
            "message": "metadata.key - Expected string, received number, slug - Required, "}});
        assert_eq!(fields(&body), ["metadata.key: Expected string, received number", "slug: Required"]);
        let body = serde_json::json!({"error": {"code": "BAD_REQUEST", "message": " - Required, "}});
        assert_eq!(fields(&body), [""; 0]);
        let body = serde_json::json!({"error": {"message": "ApiAuthStrategy - api key - Your api key is not valid"}});
        assert_eq!(fields(&body), [""; 0]);
    }

    #[test]
    fn the_documented_body_is_read() {
        let body = serde_json::json!({"status": "error", "error": {"code": "VALIDATION_ERROR", "message": "Invalid",
            "details": [{"field": "startTime", "message": "Must be in the future"}]}});
        assert_eq!(fields(&body), ["startTime: Must be in the future"]);
    }

    #[test]
    fn pages_and_silence_are_named_as_such() {
        let page = read(b"<html><head><title>502 Bad Gateway</title></head>");
        assert_eq!(page.message.as_deref(), Some("the answer is a page, not JSON: 502 Bad Gateway"));
        assert_eq!(read(b"").message.as_deref(), Some("the answer has no body"));
        let page = read(b"\xef\xbb\xbf\n<!doctype html><p>try later</p>");
        assert_eq!(page.message.as_deref(), Some("the answer is a page, not JSON"));
        let page = read(b"<TITLE lang=\"en\"> Sign in </TITLE>");
        assert_eq!(page.message.as_deref(), Some("the answer is a page, not JSON: Sign in"));
        assert_eq!(read(b"upstream error").message.as_deref(), Some("the answer is not JSON"));
    }

    #[test]
    fn what_a_body_tells_is_bounded_in_every_direction() {
        let long = "x".repeat(1 << 15);
        let leaf = serde_json::json!({"property": long, "constraints": {"a": long}});
        let mut tree = leaf.clone();
        for _ in 0..40 {
            tree = serde_json::json!({"property": long[..1000], "constraints": {"a": "b"}, "children": [tree]});
        }
        for details in [
            serde_json::json!({"errors": vec![leaf; 200]}),
            serde_json::json!({"errors": [tree]}),
            serde_json::json!(vec![serde_json::json!({"field": long, "message": long}); 200]),
        ] {
            let read = read(
                serde_json::json!({"error": {"code": long, "message": long, "details": details}})
                    .to_string()
                    .as_bytes(),
            );
            assert!(read.code.is_none() && read.message.unwrap().len() <= LONGEST_MESSAGE);
            assert!((1..=MOST_FIELDS).contains(&read.fields.len()));
            assert!(read.fields.iter().all(|it| it.field.len() <= LONGEST_PATH && it.message.len() <= LONGEST_MESSAGE));
        }
    }
}
