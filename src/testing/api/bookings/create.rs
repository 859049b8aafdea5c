//! `POST /v2/bookings`, version 2024-08-13: from the body to a draft. Making it is left to `making`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::super::exchange::Request;
use super::super::super::instant::{self, zone};
use super::super::super::pace::Outcome;
use super::super::super::reply::Reply;
use super::super::super::state::{EventType, State};
use super::super::event_types::render::{is_system, slug_of};
use super::draft::{Draft, occurrences, place};
use super::input;
use super::making::{self, Dress};

pub(super) fn create(state: &mut State, request: &Request) -> Outcome {
    match draft(state, request) {
        Ok(draft) => making::make(state, draft, Dress::New),
        Err(reply) => reply.into(),
    }
}

fn draft(state: &State, request: &Request) -> Result<Draft, Reply> {
    input::check_create(&request.body)?;
    let event = event_type(state, request)?;
    let duration = duration(event, request)?;
    let count = recurrence_count(event, request)?;
    let responses =
        request.fields().get("bookingFieldsResponses").and_then(Value::as_object).cloned().unwrap_or_default();
    required_responses(event, &responses)?;
    let start = request.text("start").and_then(instant::parse).unwrap_or(Timestamp::UNIX_EPOCH);
    let attendee = request.fields().get("attendee").cloned().unwrap_or_default();
    let of_attendee = |name: &str| attendee.get(name).and_then(Value::as_str).map(str::to_owned);
    let metadata = request.fields().get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    if start >= state.now() {
        input::metadata_types(&metadata)?;
        field_types(event, &responses)?;
    }
    let guests: Vec<String> = request
        .fields()
        .get("guests")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|guest| guest.as_str().map(str::to_owned))
        .collect();
    let wish = request.fields().get("location").cloned().map(|wish| match wish {
        Value::String(link) => json!({ "type": "link", "link": link }),
        other => other,
    });
    let (location, kept) = place(event, wish.as_ref());
    let name = of_attendee("name").unwrap_or_default();
    let phone = of_attendee("phoneNumber");
    let email = match (of_attendee("email"), &phone) {
        (Some(email), _) => email,
        (None, Some(_)) if start >= state.now() && needs_email(event) => {
            return Err(Reply::coded(400, "BAD_REQUEST", "responses - {email}error_required_field, "));
        }
        (None, Some(phone)) => format!("{}@sms.cal.com", phone.trim_start_matches('+')),
        (None, None) => return Err(Reply::coded(400, "BAD_REQUEST", "responses - {email}error_required_field, ")),
    };
    let mut kept_responses = responses;
    kept_responses.insert("name".to_owned(), name.clone().into());
    kept_responses.insert("email".to_owned(), email.clone().into());
    if let Some(phone) = &phone {
        kept_responses.insert("attendeePhoneNumber".to_owned(), phone.clone().into());
    }
    if !guests.is_empty() {
        kept_responses.insert("guests".to_owned(), guests.clone().into());
    }
    if let Some(kept) = kept {
        kept_responses.insert("location".to_owned(), kept);
    }
    let host_zone = zone(state.user(event.owner).map(|user| user.time_zone.as_str()).unwrap_or("UTC"));
    Ok(Draft {
        event_type: event.id,
        host: event.owner,
        start,
        duration,
        name,
        email,
        phone,
        time_zone: of_attendee("timeZone").unwrap_or_default(),
        language: of_attendee("language").unwrap_or_else(|| "en".to_owned()),
        guests,
        metadata,
        location,
        responses: kept_responses,
        occurrences: occurrences(event, start, count, &host_zone),
    })
}

fn event_type<'a>(state: &'a State, request: &Request) -> Result<&'a EventType, Reply> {
    if let Some(id) = request.fields().get("eventTypeId").and_then(Value::as_i64) {
        return state
            .event_type(id)
            .ok_or_else(|| Reply::exception(404, format!("Event type with id {id} not found.")));
    }
    let slug = request.text("eventTypeSlug").unwrap_or_default();
    let Some(username) = request.text("username") else {
        let team = request.text("teamSlug").unwrap_or_default();
        return Err(Reply::exception(404, format!("Team with slug {team} not found")));
    };
    let user = state
        .user_named(username)
        .ok_or_else(|| Reply::exception(404, format!("User with username {username} not found")))?;
    state.event_type_named(user.id, slug).ok_or_else(|| {
        Reply::exception(404, format!("Event type with slug {slug} belonging to user {username} not found."))
    })
}

fn duration(event: &EventType, request: &Request) -> Result<i64, Reply> {
    let Some(wanted) = request.fields().get("lengthInMinutes").and_then(Value::as_i64) else {
        return Ok(event.length);
    };
    if event.length_options.is_empty() {
        let message = "Can't specify 'lengthInMinutes' because event type does not have multiple possible lengths. \
                       Please, remove the 'lengthInMinutes' field from the request.";
        return Err(Reply::exception(400, message));
    }
    if !event.length_options.contains(&wanted) {
        let lengths: Vec<String> = event.length_options.iter().map(i64::to_string).collect();
        let message = format!(
            "Provided 'lengthInMinutes' is not one of the possible lengths for the event type. The possible lengths \
             are: {}",
            lengths.join(", ")
        );
        return Err(Reply::exception(400, message));
    }
    Ok(wanted)
}

/// How many occurrences are wanted; 0 for an event type that does not recur.
fn recurrence_count(event: &EventType, request: &Request) -> Result<i64, Reply> {
    let wanted = request.fields().get("recurrenceCount").and_then(Value::as_i64);
    let most = event.recurrence.as_ref().map_or(0, |recurrence| recurrence.occurrences);
    match wanted {
        Some(_) if most == 0 => {
            let message = "Event type is not recurring. Remove the 'recurrenceCount' field from the request.";
            Err(Reply::exception(400, message))
        }
        Some(count) if count > most => {
            let message = "Provided recurrence count is higher than the event type's recurring event count.";
            Err(Reply::exception(400, message))
        }
        Some(count) => Ok(count),
        None => Ok(most),
    }
}

fn own_fields(event: &EventType) -> impl Iterator<Item = &Value> {
    event.fields.iter().filter(|field| !is_system(slug_of(field)))
}

fn needs_email(event: &EventType) -> bool {
    let email = event.fields.iter().find(|field| slug_of(field) == "email");
    email.and_then(|field| field.get("required")).and_then(Value::as_bool).unwrap_or(true)
}

fn required_responses(event: &EventType, responses: &Map<String, Value>) -> Result<(), Reply> {
    for field in own_fields(event) {
        let required = field.get("required").and_then(Value::as_bool).unwrap_or(false);
        let slug = slug_of(field);
        if required && responses.get(slug).is_none_or(Value::is_null) {
            let message = format!(
                "Missing required booking field response: {slug} - it is required by the event type booking fields, but \
                 missing in the bookingFieldsResponses. You can fetch the event type with ID {} to see the required \
                 fields.",
                event.id
            );
            return Err(Reply::exception(400, message));
        }
    }
    Ok(())
}

/// The schema behind the fields. A field of type `number` cannot be answered at all: it takes neither.
fn field_types(event: &EventType, responses: &Map<String, Value>) -> Result<(), Reply> {
    for field in own_fields(event) {
        let slug = slug_of(field);
        let Some(value) = responses.get(slug) else { continue };
        let kind = field.get("type").and_then(Value::as_str).unwrap_or_default();
        let wrong = match kind {
            "number" => Some(if value.is_string() { "expected number" } else { "Invalid string" }),
            "boolean" if !value.is_boolean() => Some("Invalid boolean"),
            "multiselect" | "checkbox" | "multiemail" if !value.is_array() => Some("Invalid array of strings"),
            "text" | "textarea" | "select" | "radio" | "phone" | "address" | "url" if !value.is_string() => {
                Some("Invalid string")
            }
            "phone" if value.as_str().is_some_and(|text| !text.starts_with('+')) => Some("invalid_number"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(Reply::coded(400, "BAD_REQUEST", format!("responses - {{{slug}}}{wrong}, ")));
        }
    }
    Ok(())
}
