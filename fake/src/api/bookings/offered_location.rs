//! The location of a booking: compares the requested one with those of the event type.

use serde_json::{Value, json};

use super::super::super::reply::Reply;
use super::super::super::state::EventType;
use super::super::event_types::old_fields::location_type;

/// The location, and the stored part of the request. Default: the first location of the event type.
pub(super) fn resolve_location(event: &EventType, requested: Option<&Value>) -> Result<(String, Option<Value>), Reply> {
    let Some(requested) = requested else {
        let first = event.locations.iter().find(|location| !kind(location).starts_with("attendee"));
        return Ok((first.map_or_else(|| "integrations:daily".to_owned(), address_of), None));
    };
    if let Some(named) = requested.as_str() {
        return Ok((named.to_owned(), Some(json!({ "value": kind_of_text(named), "optionValue": named }))));
    }
    let wanted = kind(requested);
    let app = text(requested, "integration");
    is_offered(event, wanted, app)?;
    let internal = location_type(wanted, app);
    let own = event.locations.iter().find(|location| kind(location) == wanted && text(location, "integration") == app);
    let given = ["phone", "address", "location"].iter().find_map(|name| text(requested, name));
    let given = given.filter(|_| wanted.starts_with("attendee"));
    let place = given.map(str::to_owned).or_else(|| own.map(address_of)).unwrap_or_else(|| internal.to_owned());
    Ok((place, Some(json!({ "value": internal, "optionValue": given.unwrap_or_default() }))))
}

fn is_offered(event: &EventType, wanted: &str, app: Option<&str>) -> Result<(), Reply> {
    let all = |text: fn(&Value) -> Option<&str>| event.locations.iter().filter_map(text).collect::<Vec<_>>();
    let types = all(|location| location.get("type").and_then(Value::as_str));
    if wanted != "organizersDefaultApp" && !types.contains(&wanted) {
        return Err(Reply::exception(400, not_offered("location", wanted, event.id, &types)));
    }
    let apps = all(|location| location.get("integration").and_then(Value::as_str));
    match app {
        Some(app) if wanted == "integration" && !apps.contains(&app) => {
            Err(Reply::exception(400, not_offered("integration", app, event.id, &apps)))
        }
        _ => Ok(()),
    }
}

fn not_offered(what: &str, wanted: &str, id: i64, offered: &[&str]) -> String {
    let kind = if what == "location" { "location type" } else { "integration" };
    format!(
        "Booking {what} with type {wanted} not valid for event type with id={id}. The event type has following {kind}s: \
         {}, and only these types are allowed for booking {what}.",
        offered.join(", ")
    )
}

/// The type of a location that is given as a text.
fn kind_of_text(named: &str) -> &'static str {
    let is_phone = named.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if url::Url::parse(named).is_ok_and(|url| url.has_host()) {
        "link"
    } else if is_phone {
        "phone"
    } else {
        "somewhereElse"
    }
}

fn kind(location: &Value) -> &str {
    text(location, "type").unwrap_or_default()
}

fn text<'a>(location: &'a Value, name: &str) -> Option<&'a str> {
    location.get(name).and_then(Value::as_str)
}

/// The address, link or number of one of an event type's locations.
pub(super) fn address_of(location: &Value) -> String {
    ["link", "address", "phone"]
        .iter()
        .find_map(|name| text(location, name))
        .unwrap_or_else(|| location_type(kind(location), text(location, "integration")))
        .to_owned()
}
