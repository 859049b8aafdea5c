//! Validation of the locations and booking fields of an event type. The service validates them before all else, and
//! returns the first violation.

use serde_json::Value;

use super::super::super::reply::Reply;

/// The required properties of a part: texts, flags and lists.
type PartRules = &'static [(&'static str, fn(&Value) -> bool, &'static str)];

const TEXT: &str = "must be a string";
const FLAG: &str = "must be a boolean value";
const LIST: &str = "must be an array";

const LOCATIONS: [(&str, PartRules); 7] = [
    ("address", &[("address", Value::is_string, TEXT), ("public", Value::is_boolean, FLAG)]),
    ("link", &[("link", Value::is_string, "must be a URL address"), ("public", Value::is_boolean, FLAG)]),
    ("integration", &[("integration", Value::is_string, TEXT)]),
    ("phone", &[("phone", Value::is_string, TEXT), ("public", Value::is_boolean, FLAG)]),
    ("attendeeAddress", &[]),
    ("attendeePhone", &[]),
    ("attendeeDefined", &[]),
];

const ASKED: PartRules =
    &[("slug", Value::is_string, TEXT), ("label", Value::is_string, TEXT), ("required", Value::is_boolean, FLAG)];
const CHOSEN: PartRules = &[
    ("slug", Value::is_string, TEXT),
    ("label", Value::is_string, TEXT),
    ("required", Value::is_boolean, FLAG),
    ("options", Value::is_array, LIST),
];

const FIELDS: [(&str, PartRules); 14] = [
    ("name", &[]),
    ("email", &[]),
    ("phone", ASKED),
    ("address", ASKED),
    ("text", ASKED),
    ("number", ASKED),
    ("textarea", ASKED),
    ("multiemail", ASKED),
    ("url", ASKED),
    ("select", CHOSEN),
    ("multiselect", CHOSEN),
    ("checkbox", CHOSEN),
    ("radio", CHOSEN),
    ("boolean", ASKED),
];

/// The system fields that are identified by their slug.
const NAMED: [&str; 6] = ["title", "notes", "guests", "rescheduleReason", "location", "splitName"];

fn refused(message: String) -> Reply {
    Reply::exception(400, message)
}

/// Validates both lists, if they are present.
pub(super) fn check(body: &Value) -> Result<(), Reply> {
    if let Some(locations) = body.get("locations").filter(|value| !value.is_null()) {
        check_locations(locations)?;
    }
    if let Some(fields) = body.get("bookingFields").filter(|value| !value.is_null()) {
        check_fields(fields)?;
    }
    Ok(())
}

fn check_locations(locations: &Value) -> Result<(), Reply> {
    let list = locations.as_array().ok_or_else(|| refused("'locations' must be an array.".to_owned()))?;
    if list.is_empty() {
        return Err(refused("'locations' must contain at least 1 location.".to_owned()));
    }
    for location in list {
        let Some(kind) = location.get("type").and_then(Value::as_str) else {
            return Err(refused("Each object in 'locations' must have a 'type' property.".to_owned()));
        };
        let Some((_, needs)) = LOCATIONS.iter().find(|(known, _)| *known == kind) else {
            let message =
                format!("Unsupported location type '{kind}'. Valid types are address, link, integration, and phone.");
            return Err(refused(message));
        };
        complete(location, needs).map_err(|what| refused(format!("Validation failed for {kind} location: {what}")))?;
    }
    Ok(())
}

fn check_fields(fields: &Value) -> Result<(), Reply> {
    let list = fields.as_array().ok_or_else(|| refused("'bookingFields' must be an array.".to_owned()))?;
    let mut slugs: Vec<&str> = Vec::new();
    for field in list {
        let text = |name: &str| field.get(name).and_then(Value::as_str);
        if let Some(slug) = text("slug") {
            if slugs.contains(&slug) {
                return Err(refused(format!("Duplicate bookingFields slug '{slug}' found. All slugs must be unique.")));
            }
            slugs.push(slug);
            if NAMED.contains(&slug) {
                continue;
            }
        }
        let Some(kind) = text("type") else {
            return Err(refused("Each object in 'bookingFields' must have a 'type' property.".to_owned()));
        };
        let Some((_, needs)) = FIELDS.iter().find(|(known, _)| *known == kind) else {
            let known: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
            let message = format!("Unsupported booking field type '{kind}'. Valid types are: {}", known.join(", "));
            return Err(refused(message));
        };
        complete(field, needs)
            .map_err(|what| refused(format!("Validation failed for {kind} booking field: {what}")))?;
    }
    Ok(())
}

/// All missing and invalid properties.
fn complete(part: &Value, needs: PartRules) -> Result<(), String> {
    let wrong: Vec<String> = needs
        .iter()
        .filter(|(name, is, _)| !part.get(name).is_some_and(is))
        .map(|(name, _, words)| format!("{name} {words}"))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
}
