//! Reads the bodies of error responses. The service has five forms, gateways have others:
//!
//! - the usual envelope, `{status, timestamp, path, error: {code, message, details}}`, where `details` is an object, a
//!   text, missing, or `{errors: [..]}` with a tree of rejected properties;
//! - the documented one, where `details` is a list of `{field, message}`;
//! - `{statusCode, message}`, where `message` can be a list;
//! - OAuth's `{error, error_description}`;
//! - all errors of a validation in one text, joined with commas;
//! - HTML, or nothing.

use serde_json::Value;

use super::scrub::cut;
use crate::error::FieldError;

/// The bound on a message; the rest is dropped.
const MAX_MESSAGE_BYTES: usize = 8 << 10;
/// The bound on the number of fields.
const MAX_FIELDS: usize = 64;
/// The bound on the path of a field. A path is cut after it was scrubbed, because a cut value would not be recognized.
const MAX_PATH_BYTES: usize = 4 << 10;
/// A longer code is dropped.
const MAX_CODE_BYTES: usize = 128;

/// The content of an error body.
#[derive(Debug, Default)]
pub(super) struct ParsedBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// What continues the message.
    pub(super) rest: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) fields: Vec<FieldError>,
}

pub(super) fn read(body: &[u8]) -> ParsedBody {
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return describe_non_json(body) };
    let error = match &json["error"] {
        Value::Object(_) => &json["error"],
        _ => &json,
    };
    let details = &error["details"];
    let mut parsed = ParsedBody {
        code: text(&error["code"]).or_else(|| text(&json["error"])).filter(|code| code.len() <= MAX_CODE_BYTES),
        message: message(&error["message"])
            .or_else(|| text(&json["error_description"]))
            .or_else(|| message(&details["message"]))
            .or_else(|| text(details))
            .or_else(|| text(&json["error"])),
        status: details["statusCode"]
            .as_u64()
            .or_else(|| json["statusCode"].as_u64())
            .and_then(|it| it.try_into().ok()),
        rest: None,
        fields: Vec::new(),
    };
    // A message that ends with a colon continues in the details: "available calendars are: ", "apple".
    if parsed.message.as_deref().is_some_and(|message| message.trim_end().ends_with(':')) {
        parsed.rest = text(&details["error"]);
    }
    documented_errors(details, &mut parsed.fields);
    nested_errors(&details["errors"], "", &mut parsed.fields);
    parsed.fields.truncate(MAX_FIELDS);
    if parsed.fields.is_empty()
        && let Some(message) = &parsed.message
    {
        message_errors(message, &mut parsed.fields);
        parsed.fields.truncate(MAX_FIELDS);
    }
    parsed
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| cut(text, MAX_MESSAGE_BYTES).to_owned())
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().take(MAX_FIELDS).filter_map(Value::as_str).collect();
            Some(cut(&lines.join(", "), MAX_MESSAGE_BYTES).to_owned())
        }
        value => text(value),
    }
}

/// The page of a gateway: a description of it, and its title, which can contain anything.
fn describe_non_json(body: &[u8]) -> ParsedBody {
    let (what, title) = describe_text(body);
    let message = title.map_or_else(|| what.to_owned(), |title| format!("{what}: {title}"));
    ParsedBody { message: Some(message), ..ParsedBody::default() }
}

/// A description of a body that is not JSON, and the title of a page.
pub(super) fn describe_text(body: &[u8]) -> (&'static str, Option<String>) {
    let page = String::from_utf8_lossy(body.get(..4096).unwrap_or(body));
    let page = page.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if page.is_empty() {
        return ("the response has no body", None);
    }
    let lower = page.to_ascii_lowercase();
    if !lower.starts_with('<') && !lower.contains("<title") {
        return ("the response is not JSON", None);
    }
    let title = lower.find("<title").and_then(|tag| {
        let start = tag + lower[tag..].find('>')? + 1;
        let end =
            start + lower[start..].find("</title").or_else(|| lower[start..].find('<')).unwrap_or(lower.len() - start);
        page.get(start..end)
    });
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    ("the response is a page, not JSON", title.map(str::to_owned))
}

/// `[{field, message}]`, the documented form.
fn documented_errors(details: &Value, fields: &mut Vec<FieldError>) {
    for entry in details.as_array().into_iter().flatten().take(MAX_FIELDS) {
        if let (Some(field), Some(message)) = (text(&entry["field"]), text(&entry["message"])) {
            fields.push(FieldError::new(path_of(&field), message));
        }
    }
}

/// A path that is too long for a field of a request is replaced.
fn path_of(path: &str) -> &str {
    if path.len() > MAX_PATH_BYTES { "?" } else { path }
}

/// `[{property, constraints: {rule: message}, children: [..]}]`, flattened to paths.
fn nested_errors(errors: &Value, parent: &str, fields: &mut Vec<FieldError>) {
    for error in errors.as_array().into_iter().flatten() {
        if fields.len() >= MAX_FIELDS {
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
        for (_, message) in error["constraints"].as_object().into_iter().flatten().take(MAX_FIELDS) {
            fields.push(FieldError::new(path, text(message).unwrap_or_default()));
        }
        nested_errors(&error["children"], path, fields);
    }
}

const WRONG: &str = " property is wrong,";
const REQUIRED: &str = "Missing required booking field response: ";
const RESPONSES: &str = "responses - ";

/// Field errors that are joined in one message.
fn message_errors(message: &str, fields: &mut Vec<FieldError>) {
    if message.contains(WRONG) {
        return property_errors(message, fields);
    }
    if let Some(rest) = message.strip_prefix(REQUIRED) {
        let slug = rest.split([' ', ',']).next().unwrap_or(rest);
        fields.push(FieldError::new(slug, "is required by the event type"));
        return;
    }
    // `responses - {email}error_required_field, {phone}invalid_number, responses - {title}error_required_field, `
    if !message.starts_with(RESPONSES) {
        return schema_errors(message, fields);
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

/// `metadata.key - Expected string, received number, slug - Required, `: every error ends in a comma and can contain
/// commas; the next one begins with a path.
fn schema_errors(message: &str, fields: &mut Vec<FieldError>) {
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
/// a property without its own text is the parent of the next one.
fn property_errors(message: &str, fields: &mut Vec<FieldError>) {
    let mut parents: Vec<&str> = Vec::new();
    let mut parts = message.split(WRONG);
    let Some(mut property) = parts.next().map(str::trim) else { return };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // All parts but the last end in the name of the next property, after a comma.
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
    fn a_message_that_ends_with_a_colon_continues_in_the_details() {
        let message = |message: &str, rest: Value| {
            let details = serde_json::json!({"message": message, "error": rest, "statusCode": 400});
            let read =
                read(serde_json::json!({"error": {"message": message, "details": details}}).to_string().as_bytes());
            (read.message.unwrap_or_default(), read.rest)
        };
        let list = message("available calendars are: ", "apple, google".into());
        assert_eq!(list, ("available calendars are: ".to_owned(), Some("apple, google".to_owned())));
        assert_eq!(message("No such calendar", "Bad Request".into()).1, None);
        assert_eq!(message("available: ", Value::Null).1, None);
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
    fn html_pages_and_empty_bodies_are_named_as_such() {
        let page = read(b"<html><head><title>502 Bad Gateway</title></head>");
        assert_eq!(page.message.as_deref(), Some("the response is a page, not JSON: 502 Bad Gateway"));
        assert_eq!(read(b"").message.as_deref(), Some("the response has no body"));
        let page = read(b"\xef\xbb\xbf\n<!doctype html><p>try later</p>");
        assert_eq!(page.message.as_deref(), Some("the response is a page, not JSON"));
        let page = read(b"<TITLE lang=\"en\"> Sign in </TITLE>");
        assert_eq!(page.message.as_deref(), Some("the response is a page, not JSON: Sign in"));
        assert_eq!(read(b"upstream error").message.as_deref(), Some("the response is not JSON"));
    }

    #[test]
    fn the_content_of_a_body_is_bounded_in_every_direction() {
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
            assert!(read.code.is_none() && read.message.unwrap().len() <= MAX_MESSAGE_BYTES);
            assert!((1..=MAX_FIELDS).contains(&read.fields.len()));
            assert!(
                read.fields.iter().all(|it| it.field.len() <= MAX_PATH_BYTES && it.message.len() <= MAX_MESSAGE_BYTES)
            );
        }
    }
}
