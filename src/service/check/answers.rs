//! The answers to the event type's booking fields, by slug.

use serde_json::Value;

use crate::{
    model::{CreateBooking, normalize_phone_number},
    raw::types::EventTypeBookingField as Field,
    service::{Problem, event_type::EventTypeRules},
};

/// Fields that the service fills in itself, or that have their own place in the request.
const HANDLED_SLUGS: [&str; 8] =
    ["name", "email", "attendeePhoneNumber", "location", "title", "guests", "rescheduleReason", "displayEmail"];

pub(super) fn check(request: &CreateBooking, rules: &EventTypeRules, problems: &mut Vec<Problem>) {
    check_attendee(request, rules, problems);
    for field in rules.fields.iter().filter(|field| !HANDLED_SLUGS.contains(&field.slug.as_str())) {
        let answer = match field.slug.as_str() {
            "notes" => request.responses.notes.clone().map(Value::from),
            slug => request.responses.fields.get(slug).cloned(),
        };
        let answer = answer.filter(|answer| !is_empty_answer(answer));
        match answer {
            // Recording `create-custom-fields-missing-required`. A hidden field is not required.
            None if field.required == Some(true) && field.hidden != Some(true) => {
                problems.push(Problem::missing(field.slug.clone()));
            }
            None => {}
            Some(answer) => {
                if let Some(message) = answer_problem(field, &answer) {
                    problems.push(Problem::invalid(format!("responses.{}", field.slug), message));
                }
            }
        }
    }
    for slug in request.responses.fields.keys() {
        if !rules.fields.iter().any(|field| field.slug == *slug) {
            problems.push(Problem::invalid(format!("responses.{slug}"), "the event type has no such field"));
        }
    }
}

/// Checks the attendee's own fields. An attendee with only a phone is accepted if the event type requires no address
/// (recording `create-phone-only-attendee`).
fn check_attendee(request: &CreateBooking, rules: &EventTypeRules, problems: &mut Vec<Problem>) {
    let requires = |slug: &str, by_default: bool| {
        let field = rules.fields.iter().find(|field| field.slug == slug);
        field.map_or(by_default, |field| field.required == Some(true) && field.hidden != Some(true))
    };
    if request.responses.email.is_empty() && request.responses.phone.is_some() && requires("email", true) {
        problems.push(Problem::missing("email"));
    }
    if request.responses.phone.is_none() && requires("attendeePhoneNumber", false) {
        problems.push(Problem::missing("attendeePhoneNumber"));
    }
    let guests = rules.fields.iter().find(|field| field.slug == "guests");
    if guests.is_some_and(|field| field.required == Some(true)) && request.responses.guests.is_empty() {
        problems.push(Problem::missing("guests"));
    }
}

fn is_empty_answer(answer: &Value) -> bool {
    match answer {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The problem with an answer, if there is one.
fn answer_problem(field: &Field, answer: &Value) -> Option<String> {
    let options = &field.options;
    let offered = |value: &Value| value.as_str().is_some_and(|text| options.iter().any(|option| option == text));
    let one_of = || format!("must be one of {}", options.join(", "));
    let wrong = match field.type_.as_deref().unwrap_or_default() {
        // The service refuses every answer to it: it accepts neither a number nor a text.
        "number" => "cannot be answered: the service takes neither a number nor a text here".to_owned(),
        "boolean" if !answer.is_boolean() => "must be true or false".to_owned(),
        "select" | "radio" if !options.is_empty() && !offered(answer) => one_of(),
        "multiselect" | "checkbox" if !answer.is_array() => "must be a list".to_owned(),
        "multiselect" | "checkbox" if !options.is_empty() && !answer.as_array()?.iter().all(offered) => one_of(),
        "multiemail" if !answer.is_array() => "must be a list".to_owned(),
        "phone"
            if answer
                .as_str()
                .is_none_or(|number| normalize_phone_number(number).is_err() || !number.starts_with('+')) =>
        {
            "must be a phone number in international form: + and up to 15 digits".to_owned()
        }
        "text" | "textarea" | "address" | "url" | "email" if !answer.is_string() => "must be a text".to_owned(),
        _ => return None,
    };
    Some(wrong)
}
