//! `PATCH /v2/bookings/{uid}/location`.

use serde_json::{Value, json};

use super::super::super::change::Change;
use super::super::super::check::Checker;
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::State;
use super::super::event_types::old_fields::location_type;
use super::super::handler::finish;
use super::{lookup::unknown_booking, render};

/// The types of location that can be requested, with the property that each needs.
const KINDS: [(&str, &str); 7] = [
    ("address", "address"),
    ("link", "link"),
    ("phone", "phone"),
    ("attendeePhone", "phone"),
    ("attendeeAddress", "address"),
    ("attendeeDefined", "location"),
    ("integration", "integration"),
];

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn violation_message(location: &Value) -> Option<String> {
    const WHO: &str = "UpdateBookingInputLocationValidator_2024_08_13";
    let Some(kind) = location.get("type").and_then(Value::as_str) else {
        return Some(format!("{WHO} - Location type is required."));
    };
    match KINDS.iter().find(|(known, _)| *known == kind) {
        None => Some(format!(
            "{WHO} - Unsupported booking location type '{kind}'. Valid types are address, link, phone, attendeePhone, \
             attendeeAddress, attendeeDefined, and integration."
        )),
        Some((_, property)) if location.get(property).and_then(Value::as_str).is_none() => {
            Some(format!("{WHO} - {property} must be a string"))
        }
        Some(_) => None,
    }
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let location = request.fields().get("location").filter(|location| !location.is_null());
    if let Some(text) = location.and_then(violation_message) {
        let mut checker = Checker::of(&request.body);
        checker.push("location", vec![("ValidateUpdateLocation", text)], Vec::new());
        checker.tree()?;
    }
    let uid = request.param("bookingUid").to_owned();
    let booking = state.booking(&uid).ok_or_else(|| unknown_booking(&uid))?;
    if Some(booking.host) != request.user() {
        let message = "User is not authorized to update this booking location. User must be the event type owner, host, \
                       team admin or owner, or org admin or owner.";
        return Err(Reply::exception(403, message));
    }
    if let Some(location) = location {
        let text = |name: &str| location.get(name).and_then(Value::as_str);
        let kind = text("type").unwrap_or_default();
        let internal = location_type(kind, text("integration"));
        let property = KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, property)| property);
        let place = if kind == "integration" { internal } else { text(property).unwrap_or_default() }.to_owned();
        let given = if kind.starts_with("attendee") { place.clone() } else { String::new() };
        let now = state.now();
        if let Some(booking) = state.booking_mut(&uid) {
            booking.responses.insert("location".to_owned(), json!({ "value": internal, "optionValue": given }));
            booking.location = Some(place);
            booking.updated = now;
        }
        state.record_change(Change::BookingUpdated { uid: uid.clone() });
    }
    let booking = state.booking(&uid).cloned().ok_or_else(|| unknown_booking(&uid))?;
    Ok(Reply::ok(render::render_for(state, &booking, request.user())))
}
