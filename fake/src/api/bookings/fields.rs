//! Validation of the answers to an event type's questions. The service validates twice, with different messages: first by
//! its own rules, later by the schema of the form.

use serde_json::{Map, Value};

use super::super::super::reply::Reply;
use super::super::super::state::EventType;
use super::super::event_types::render::{is_system, slug_of};

/// The first validation, in the order of the fields.
pub(super) fn check(event: &EventType, responses: &Map<String, Value>, phone: Option<&str>) -> Result<(), Reply> {
    if phone.is_none() && is_required(event, "attendeePhoneNumber") {
        let message = "Missing attendee phone number - it is required by the event type. Pass it as \
                       \"attendee.phoneNumber\" string in the request.";
        return Err(Reply::exception(400, message));
    }
    for field in own(event) {
        let slug = slug_of(field);
        match responses.get(slug).filter(|value| !value.is_null()) {
            Some(value) => is_of_kind(field, slug, value)?,
            None if field.get("required") == Some(&Value::Bool(true)) => {
                let message = format!(
                    "Missing required booking field response: {slug} - it is required by the event type booking fields, \
                     but missing in the bookingFieldsResponses. You can fetch the event type with ID {} to see the \
                     required fields.",
                    event.id
                );
                return Err(Reply::exception(400, message));
            }
            None => {}
        }
    }
    Ok(())
}

fn is_of_kind(field: &Value, slug: &str, value: &Value) -> Result<(), Reply> {
    let kind = kind_of(field);
    let (expected, fits) = match kind {
        "number" => ("number", value.is_number()),
        "boolean" => ("boolean", value.is_boolean()),
        "multiselect" | "multiemail" | "checkbox" => ("array", value.is_array()),
        _ => ("string", value.is_string()),
    };
    if !fits {
        let received = match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            Value::Array(_) => "array",
            _ => "object",
        };
        let message = format!(
            "Invalid type for booking field '{slug}'. Expected type {expected} (compatible with field type '{kind}'), \
             but received {received}."
        );
        return Err(Reply::exception(400, message));
    }
    let Some(options) = field.get("options").and_then(Value::as_array) else { return Ok(()) };
    let allowed = options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    match (kind, value) {
        ("select" | "radio", Value::String(chosen)) if !options.contains(value) => Err(Reply::exception(
            400,
            format!("Invalid option '{chosen}' for booking field '{slug}'. Allowed options are: {allowed}."),
        )),
        ("multiselect" | "checkbox", Value::Array(chosen)) if !chosen.iter().all(|one| options.contains(one)) => {
            Err(Reply::exception(
                400,
                format!("One or more invalid options for booking field '{slug}'. Allowed options are: {allowed}."),
            ))
        }
        _ => Ok(()),
    }
}

/// The second validation. No answer to a field of type `number` is valid: the first one requires a number, this one a text.
pub(super) fn check_schema(event: &EventType, responses: &Map<String, Value>, guests: &[String]) -> Result<(), Reply> {
    let mut sorted: Vec<&String> = guests.iter().collect();
    sorted.sort();
    if !guests.iter().all(|guest| super::super::super::check::is_email(guest)) {
        return Err(violation_message("guests", "email_validation_error"));
    }
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(violation_message("guests", "duplicate_email"));
    }
    for field in own(event) {
        let slug = slug_of(field);
        let Some(value) = responses.get(slug) else { continue };
        match kind_of(field) {
            "number" => return Err(violation_message(slug, "Invalid string")),
            "phone" if value.as_str().is_some_and(|text| !text.starts_with('+')) => {
                return Err(violation_message(slug, "invalid_number"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A required e-mail address is missing.
pub(super) fn no_email() -> Reply {
    violation_message("email", "error_required_field")
}

fn violation_message(slug: &str, wrong: &str) -> Reply {
    Reply::coded(400, "BAD_REQUEST", format!("responses - {{{slug}}}{wrong}, "))
}

/// Whether a booking needs an e-mail address. It does if the event type has no field for it.
pub(super) fn needs_email(event: &EventType) -> bool {
    field(event, "email").and_then(|field| field.get("required")).and_then(Value::as_bool).unwrap_or(true)
}

fn is_required(event: &EventType, slug: &str) -> bool {
    field(event, slug).is_some_and(|field| field.get("required") == Some(&Value::Bool(true)))
}

fn field<'a>(event: &'a EventType, slug: &str) -> Option<&'a Value> {
    event.fields.iter().find(|field| slug_of(field) == slug)
}

fn own(event: &EventType) -> impl Iterator<Item = &Value> {
    event.fields.iter().filter(|field| !is_system(slug_of(field)))
}

fn kind_of(field: &Value) -> &str {
    field.get("type").and_then(Value::as_str).unwrap_or_default()
}
