//! Validates the body of `POST /bookings`.

use serde_json::Value;

use crate::{
    model::normalize_phone_number,
    v1::schema::{FieldType, IssuePath, Issues, JsonObject},
};

/// The fields of the older form, in V1's order.
const LEGACY_FIELDS: [&str; 8] =
    ["email", "name", "guests", "notes", "location", "smsReminderNumber", "rescheduleReason", "customInputs"];

pub(super) fn check_create_booking(object: &JsonObject, issues: &mut Issues) {
    let root = IssuePath::default();
    let has = |name: &str| object.contains_key(name);
    // The event type can also be named by slug and owner.
    let has_event_type = has("eventTypeId") || (has("eventTypeSlug") && has("user"));
    if !has_event_type {
        issues.add("invalid_type", &root.child("eventTypeId"), "Required");
    }
    for name in ["start", "timeZone", "language", "metadata"] {
        if !has(name) {
            issues.add("invalid_type", &root.child(name), "Required");
        }
    }
    let Some(responses) = object.get("responses") else {
        if !LEGACY_FIELDS.iter().any(|name| has(name)) {
            return issues.add("invalid_type", &root.child("responses"), "Required");
        }
        for name in ["name", "email"] {
            if !has(name) {
                issues.add("invalid_type", &root.child(name), "Required");
            }
        }
        return check_phone_number("smsReminderNumber", object.get("smsReminderNumber"), &root, issues);
    };
    check_legacy_fields(object, issues);
    if let Value::Object(responses) = responses {
        check_responses(responses, &root.child("responses"), has("rescheduleUid"), issues);
    }
}

/// Rejects fields of the older form beside `responses`. V1 accepted them if their values are falsy in JavaScript: programs
/// send empty texts for fields that they do not fill in.
fn check_legacy_fields(object: &JsonObject, issues: &mut Issues) {
    let has = |name: &&str| object.get(*name).is_some_and(|value| !is_falsy(value));
    if has(&"customInputs") {
        let message = "Don't use both customInputs and responses. `customInputs` is only there for legacy support.";
        return issues.add("custom", &IssuePath::default(), message);
    }
    let mixed: Vec<&str> = LEGACY_FIELDS.into_iter().filter(has).collect();
    if !mixed.is_empty() {
        let message = format!("Legacy Props: {}. They can't be used with `responses`", mixed.join(","));
        issues.add("custom", &IssuePath::default(), message);
    }
}

/// Whether JavaScript takes the value for false. Empty lists and objects are true.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Validates the default fields of the booking form. A reschedule needs no name and no e-mail address.
fn check_responses(responses: &JsonObject, at: &IssuePath, is_reschedule: bool, issues: &mut Issues) {
    for (name, value) in responses {
        let at = at.child(name);
        match (name.as_str(), value) {
            ("name", Value::Object(parts)) => {
                for part in ["firstName", "lastName"] {
                    if let Some(value) = parts.get(part) {
                        String::check(value, &at.child(part), issues);
                    }
                }
            }
            ("location", Value::Object(place)) => {
                for part in ["value", "optionValue"] {
                    if let Some(value) = place.get(part) {
                        String::check(value, &at.child(part), issues);
                    }
                }
            }
            // V1 took one address for a list of one.
            ("guests", Value::String(_)) => {}
            ("guests", value) => Vec::<String>::check(value, &at, issues),
            ("location" | "attendeePhoneNumber" | "smsReminderNumber", Value::Null) => {}
            (
                "name"
                | "email"
                | "location"
                | "notes"
                | "title"
                | "rescheduleReason"
                | "attendeePhoneNumber"
                | "smsReminderNumber",
                value,
            ) => String::check(value, &at, issues),
            _ => {}
        }
    }
    check_phone_number("attendeePhoneNumber", responses.get("attendeePhoneNumber"), at, issues);
    check_phone_number("smsReminderNumber", responses.get("smsReminderNumber"), at, issues);
    let place = responses.get("location").filter(|place| place.get("value").is_some_and(|value| value == "phone"));
    check_phone_number("location", place.and_then(|place| place.get("optionValue")), at, issues);
    let has = |name: &str| responses.get(name).is_some_and(|value| !value.is_null() && value != "");
    let mut missing = |name: &str| issues.add("custom", at, format!("{{{name}}}error_required_field"));
    if is_reschedule {
        return;
    }
    if !has("name") {
        missing("name");
    }
    if !has("email") && !has("attendeePhoneNumber") && !has("smsReminderNumber") {
        missing("email");
    }
}

/// Rejects a phone number that is not in international form.
fn check_phone_number(name: &str, number: Option<&Value>, at: &IssuePath, issues: &mut Issues) {
    if let Some(Value::String(number)) = number
        && !number.trim().is_empty()
        && international_phone_number(number).is_none()
    {
        issues.add("custom", at, format!("{{{name}}}invalid_number"));
    }
}

/// The number in V2's form. Spaces in its place are read as the `+` of a number that came from a URL.
pub(crate) fn international_phone_number(text: &str) -> Option<String> {
    let number = match text.trim_start_matches(' ') {
        rest if rest.len() < text.len() && !rest.starts_with('+') => format!("+{rest}"),
        rest => rest.to_owned(),
    };
    normalize_phone_number(&number).ok()
}
