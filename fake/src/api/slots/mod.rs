//! `/v2/slots`, in the newer and the older versions.

pub(crate) mod engine;
pub(crate) mod hosts;
pub(crate) mod limits;
mod old;
mod reservations;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::super::auth::AccessRule;
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::instant::{self, local_millis, zone};
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{EventType, State};
use super::super::version::Versions;
use super::handler::finish;
use engine::{Slot, SlotQuery};

const NEW: Versions = Versions::ONLY_0904;
const OLD: Versions = Versions::UP_TO_0813;
const RESERVATION: &str = "/slots/reservations/{uid}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_slots", "GET", "/slots", NEW, AccessRule::Optional, get),
    Route::new("reserve_slot", "POST", "/slots/reservations", NEW, AccessRule::Optional, reservations::create),
    Route::new("get_slot_reservation", "GET", RESERVATION, NEW, AccessRule::Optional, reservations::get),
    Route::new("update_slot_reservation", "PATCH", RESERVATION, NEW, AccessRule::Optional, reservations::update),
    Route::new("delete_slot_reservation", "DELETE", RESERVATION, NEW, AccessRule::Optional, reservations::delete),
    Route::new("list_available_slots", "GET", "/slots/available", OLD, AccessRule::Optional, old::available),
    Route::new("reserve_slot_old", "POST", "/slots/reserve", OLD, AccessRule::Optional, reservations::reserve_old),
    Route::new(
        "delete_selected_slot",
        "DELETE",
        "/slots/selected-slot",
        OLD,
        AccessRule::Optional,
        reservations::delete_old,
    ),
];

const COMMON: [&str; 6] = ["start", "end", "timeZone", "duration", "format", "bookingUidToReschedule"];

/// The query as an object for validation, with numbers and lists.
fn query_object(request: &Request) -> Value {
    let mut object = Map::new();
    for (name, value) in &request.query {
        let name = name.strip_suffix("[]").unwrap_or(name);
        let value = match name {
            "eventTypeId" | "duration" => value.parse::<f64>().map_or(Value::Null, |n| json!(n as i64)),
            "usernames" => value.split(',').collect::<Vec<_>>().into(),
            _ => value.clone().into(),
        };
        object.insert(name.to_owned(), value);
    }
    object.into()
}

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_get(state, request))
}

fn try_get(state: &State, request: &Request) -> Result<Reply, Reply> {
    let query = query_object(request);
    check(&query)?;
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    let event = find_event_type(state, &query)?;
    let tz = text("timeZone").map_or(TimeZone::UTC, zone);
    let duration = query.get("duration").and_then(Value::as_i64).unwrap_or(event.length);
    let search = SlotQuery {
        from: text("start").and_then(instant::parse).unwrap_or(Timestamp::MIN).max(state.now()),
        to: text("end").and_then(end_of).unwrap_or(Timestamp::MAX),
        duration,
        moving: text("bookingUidToReschedule"),
        zone: &tz,
    };
    let among = request
        .list_query("rrHostSubsetIds")
        .map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect::<Vec<i64>>());
    let range = text("format") == Some("range");
    let mut days = Map::new();
    for slot in hosts::slots(state, event, &search, among.as_deref()) {
        let start = slot.start.to_zoned_datetime(tz.clone());
        let day = days.entry(start.date().to_string()).or_insert_with(|| json!([]));
        if let Some(list) = day.as_array_mut() {
            list.push(render(&slot, &tz, range));
        }
    }
    Ok(Reply::json(200, json!({ "data": days, "status": "success" })))
}

fn render(slot: &Slot, tz: &TimeZone, range: bool) -> Value {
    let local = |at: Timestamp| local_millis(&at.to_zoned_datetime(tz.clone()));
    let mut value = json!({ "start": local(slot.start) });
    if range {
        value["end"] = local(slot.end).into();
    }
    if let Some(seats) = &slot.seats {
        value["seatsBooked"] = seats.booked.into();
        value["seatsRemaining"] = (seats.total - seats.booked).into();
        value["seatsTotal"] = seats.total.into();
        if let Some(uid) = &seats.booking_uid {
            value["bookingUid"] = uid.clone().into();
        }
    }
    value
}

/// The end of a search. Midnight includes the whole day.
pub(super) fn end_of(text: &str) -> Option<Timestamp> {
    let at = instant::parse(text)?;
    let midnight = at.as_second().rem_euclid(86_400) == 0;
    if midnight { at.checked_add(jiff::SignedDuration::from_secs(86_399)).ok() } else { Some(at) }
}

fn check(query: &Value) -> Result<(), Reply> {
    let has = |name: &str| query.get(name).is_some();
    let mut checker = Checker::of(query);
    let mut known: Vec<&str> = COMMON.to_vec();
    if has("eventTypeId") {
        known.extend(["eventTypeId", "rrHostSubsetIds"]);
        checker.only(&known);
        checker.required("eventTypeId", &[ValidationRule::Number]);
    } else if has("usernames") {
        known.extend(["usernames", "organizationSlug"]);
        checker.only(&known);
        checker.required(
            "usernames",
            &[ValidationRule::Custom("arrayMinSize", has_two, "The array must contain at least 2 elements.")],
        );
        checker.required("organizationSlug", &[ValidationRule::String]);
    } else if has("teamSlug") {
        known.extend(["eventTypeSlug", "teamSlug", "organizationSlug", "rrHostSubsetIds"]);
        checker.only(&known);
        checker.required("eventTypeSlug", &[ValidationRule::String]).required("teamSlug", &[ValidationRule::String]);
    } else {
        known.extend(["eventTypeSlug", "username", "organizationSlug"]);
        checker.only(&known);
        checker.required("eventTypeSlug", &[ValidationRule::String]).required("username", &[ValidationRule::String]);
    }
    checker
        .required("start", &[ValidationRule::Date])
        .required("end", &[ValidationRule::Date])
        .optional("timeZone", &[ValidationRule::TimeZone])
        .optional("duration", &[ValidationRule::Number])
        .optional(
            "format",
            &[ValidationRule::Custom("isEnum", is_format, "slotFormat must be either 'range' or 'time'")],
        )
        .commas()
}

fn has_two(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.len() >= 2)
}

fn is_format(value: &Value) -> bool {
    matches!(value.as_str(), Some("range" | "time"))
}

fn find_event_type<'a>(state: &'a State, query: &Value) -> Result<&'a EventType, Reply> {
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    if let Some(id) = query.get("eventTypeId").and_then(Value::as_i64) {
        return state.event_type(id).ok_or_else(|| Reply::exception(404, "Event Type not found"));
    }
    if let (Some(team), Some(slug)) = (text("teamSlug"), text("eventTypeSlug")) {
        let not_found = || Reply::exception(404, format!("Team with slug {team} not found"));
        let team = state.team_named(team, text("organizationSlug")).ok_or_else(not_found)?;
        let message =
            || Reply::exception(404, format!("Event type with slug {slug} belonging to team {} not found.", team.id));
        return state.event_type_of_team(team.id, slug).ok_or_else(message);
    }
    let (Some(username), Some(slug)) = (text("username"), text("eventTypeSlug")) else {
        return Err(Reply::exception(404, "Event Type not found"));
    };
    let user = state
        .user_named(username)
        .ok_or_else(|| Reply::exception(404, format!("User with username {username} not found")))?;
    state.event_type_named(user.id, slug).ok_or_else(|| {
        Reply::exception(404, format!("Event type with slug {slug} belonging to user {username} not found."))
    })
}
