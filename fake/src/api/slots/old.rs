//! `/v2/slots/available` of the older versions.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::instant::{self, local_millis, zone};
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{EventType, State};
use super::super::handler::finish;
use super::engine::{Slot, SlotQuery};
use super::hosts;

pub(super) fn available(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_available(state, request))
}

fn try_available(state: &State, request: &Request) -> Result<Reply, Reply> {
    let query: Map<String, Value> = request.query.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
    let query = Value::Object(query);
    Checker::of(&query)
        .required("startTime", &[ValidationRule::Date])
        .required("endTime", &[ValidationRule::Date])
        .optional("timeZone", &[ValidationRule::TimeZone])
        .tree()?;
    let Some(event) = find(state, request) else {
        return Err(Reply::coded(404, "NOT_FOUND", "Event type not found"));
    };
    let tz = request.first_query("timeZone").map_or(TimeZone::UTC, zone);
    let instant_of = |name: &str| request.first_query(name).and_then(instant::parse);
    let duration = request.first_query("duration").and_then(|text| text.parse().ok()).unwrap_or(event.length);
    let search = SlotQuery {
        from: instant_of("startTime").unwrap_or(Timestamp::MIN).max(state.now()),
        to: instant_of("endTime").unwrap_or(Timestamp::MAX),
        duration,
        moving: request.first_query("rescheduleUid"),
        zone: &tz,
    };
    let range = request.first_query("slotFormat") == Some("range");
    let mut days = Map::new();
    for slot in hosts::slots(state, event, &search, None) {
        let date = slot.start.to_zoned_datetime(tz.clone()).date().to_string();
        if let Some(list) = days.entry(date).or_insert_with(|| json!([])).as_array_mut() {
            list.push(render(&slot, &tz, range));
        }
    }
    Ok(Reply::json(200, json!({ "data": { "slots": days }, "status": "success" })))
}

fn find<'a>(state: &'a State, request: &Request) -> Option<&'a EventType> {
    if let Some(id) = request.first_query("eventTypeId") {
        return state.event_type(id.parse().ok()?);
    }
    let slug = request.first_query("eventTypeSlug")?;
    let usernames = request.list_query("usernameList")?;
    let user = state.user_named(usernames.first()?)?;
    state.event_type_named(user.id, slug)
}

fn render(slot: &Slot, tz: &TimeZone, range: bool) -> Value {
    let local = |at: Timestamp| local_millis(&at.to_zoned_datetime(tz.clone()));
    let mut value = if range {
        json!({ "startTime": local(slot.start), "endTime": local(slot.end) })
    } else {
        json!({ "time": local(slot.start) })
    };
    if let Some(seats) = &slot.seats
        && let Some(uid) = &seats.booking_uid
    {
        value["attendees"] = seats.booked.into();
        value["bookingUid"] = uid.clone().into();
    }
    value
}
