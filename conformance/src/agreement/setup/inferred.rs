//! State that a response proves: a successful cancel had a booking, a rejected slot was taken, a created booking had a free
//! slot. It is added only if the state of the fake differs.

use calcom_fake::__conformance::{
    Availability, Booking, BookingStatus, EventType, State, Unavailable, check_bookable, parse, plus_minutes, seated_at,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    Facts,
    blocking::add_blocking_booking,
    tally::{Tally, count},
};
use calcom_fake::__conformance::RecordedExchange;

/// All strings under a key of this name.
pub(super) fn strings_under(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| strings_under(name, item, found)),
        Value::Object(map) => {
            found.extend(map.get(name).and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|item| strings_under(name, item, found));
        }
        _ => {}
    }
}

impl Facts {
    pub(super) fn apply_inferred(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
        infer_slug(state, exchange, tally);
        infer_metadata(state, exchange, tally);
        if exchange.request.method != "POST" || path.get(1) != Some(&"bookings") {
            return;
        }
        match (path.get(2), path.get(3)) {
            (Some(uid), Some(step)) => {
                infer_step(state, exchange, uid, step, tally);
                if *step == "reschedule" {
                    let event = state.booking(uid).map(|booking| booking.event_type);
                    infer_slot(state, exchange, &exchange.request.body, event, Some(uid), tally);
                }
            }
            _ => {
                let body = exchange.request.body.get(0).unwrap_or(&exchange.request.body).clone();
                let event = body.get("eventTypeId").and_then(Value::as_i64);
                let moving = body.get("rescheduleUid").and_then(Value::as_str);
                infer_slot(state, exchange, &body, event, moving, tally);
            }
        }
    }
}

/// The slug and the id of a created event type were free.
fn infer_slug(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let made = exchange.request.method == "POST" && exchange.request.path.ends_with("/event-types");
    let data = exchange.response.body.get("data").filter(|_| made && exchange.response.status == 201);
    let Some(data) = data else { return };
    let owner = data.get("ownerId").or_else(|| data.get("userId")).and_then(Value::as_i64);
    let (id, slug) = (data.get("id").and_then(Value::as_i64), data.get("slug").and_then(Value::as_str));
    let before = state.event_types.len();
    state.event_types.retain(|e| Some(e.id) != id && !(Some(e.owner) == owner && Some(e.slug.as_str()) == slug));
    if state.event_types.len() < before {
        count(tally, "a free slug");
    }
}

/// Users had the metadata that responses show.
fn infer_metadata(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let data = exchange.response.body.get("data").unwrap_or(&Value::Null);
    let users = data.get("users").or_else(|| data.pointer("/0/users"));
    let settings =
        users.and_then(|users| users.get(0)).and_then(|user| user.get("metadata")).and_then(Value::as_object);
    let owner = users.and_then(|users| users.get(0)).and_then(|user| user.get("id")).and_then(Value::as_i64);
    if let (Some(settings), Some(user)) = (settings, owner.and_then(|id| state.user_mut(id)))
        && !settings.keys().eq(user.settings.keys())
    {
        user.settings = settings.clone();
        count(tally, "settings of a user");
    }
    let shown = data.pointer("/owner/metadata").and_then(Value::as_object);
    if let (Some(shown), Some(user)) = (shown, state.user_mut(1))
        && shown.keys().any(|key| !user.metadata.contains_key(key) && !user.settings.contains_key(key))
    {
        user.metadata.extend(shown.clone());
        count(tally, "metadata of a user");
    }
}

/// The status of a booking allowed the recorded result.
fn infer_step(state: &mut State, exchange: &RecordedExchange, uid: &str, step: &str, tally: &mut Tally) {
    let message = exchange.response.message();
    let succeeded = exchange.response.is_success();
    let Some(status) = state.booking(uid).map(|booking| booking.status) else { return };
    let wanted = if succeeded {
        match step {
            "cancel" | "reschedule" if !status.is_live() => Some(BookingStatus::Accepted),
            "confirm" if status == BookingStatus::Accepted => Some(BookingStatus::Pending),
            "decline" if status == BookingStatus::Accepted => Some(BookingStatus::Pending),
            _ => None,
        }
    } else if message.contains("has been cancelled") && status != BookingStatus::Cancelled {
        Some(BookingStatus::Cancelled)
    } else if message == "Booking already confirmed" && status != BookingStatus::Accepted {
        Some(BookingStatus::Accepted)
    } else {
        None
    };
    let successor = message.split("booking with uid=").nth(2).and_then(|rest| rest.split('.').next());
    let seat_gone = message.contains("seatUid") || message.starts_with("Seat with uid=");
    let seat = exchange.request.body.get("seatUid").and_then(Value::as_str);
    let Some(booking) = state.booking_mut(uid) else { return };
    if let Some(wanted) = wanted {
        booking.status = wanted;
        booking.to_uid = None;
        count(tally, "a booking's status");
    }
    if let Some(successor) = successor.filter(|to| booking.to_uid.as_deref() != Some(to)) {
        booking.to_uid = Some(successor.to_owned());
    }
    if seat_gone {
        booking.attendees.retain(|a| a.seat.as_ref().map(|s| s.uid.as_str()) != seat);
    }
}

/// A slot was free or taken, according to the response.
fn infer_slot(
    state: &mut State,
    exchange: &RecordedExchange,
    body: &Value,
    event: Option<i64>,
    moving: Option<&str>,
    tally: &mut Tally,
) {
    let Some(event) = event.and_then(|id| state.event_type(id)).cloned() else { return };
    let Some(start) = body.get("start").and_then(Value::as_str).and_then(parse) else { return };
    let length = body.get("lengthInMinutes").and_then(Value::as_i64).unwrap_or(event.length);
    let end = plus_minutes(start, length);
    let joined = seated_at(state, &event, start).is_some();
    let verdict = check_bookable(state, &event, start, end, moving);
    let message = exchange.response.message();
    let email = body.pointer("/attendee/email").and_then(Value::as_str);
    match (exchange.response.status, verdict) {
        (201, Err(Unavailable::Taken)) if !joined => free(state, &event, start, end, moving, tally),
        (201, Err(Unavailable::OutOfBounds)) => {
            if let Some(event) = state.event_type_mut(event.id) {
                event.notice = 0;
                event.window = None;
            }
            count(tally, "notice and window");
        }
        (400, Ok(())) if is_taken(message) => {
            add_blocking_booking(state, &event, start, end, email, tally);
        }
        (409, _) if message.starts_with("already_signed_up") => {
            let known = seated_at(state, &event, start)
                .is_some_and(|booking| booking.attendees.iter().any(|a| Some(a.email.as_str()) == email));
            if !known {
                add_blocking_booking(state, &event, start, end, email, tally);
            }
        }
        _ => {}
    }
}

fn is_taken(message: &str) -> bool {
    message.contains("already has booking") || message == "no_available_users_found_error"
}

/// Removes conflicting bookings. If the hours conflict, the host becomes available at all hours.
fn free(
    state: &mut State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
    tally: &mut Tally,
) {
    let in_the_way = |booking: &&mut Booking| {
        booking.host == event.owner
            && booking.status.is_live()
            && booking
                .overlaps(plus_minutes(start, -event.buffer_before - 15), plus_minutes(end, event.buffer_after + 15))
            && Some(booking.uid.as_str()) != moving
    };
    let mut cleared = false;
    for booking in state.bookings.iter_mut().filter(in_the_way) {
        booking.status = BookingStatus::Cancelled;
        cleared = true;
    }
    if cleared {
        count(tally, "a free slot");
    }
    if check_bookable(state, event, start, end, moving).is_ok() {
        return;
    }
    let Some(id) = state.schedule_of(event).map(|schedule| schedule.id) else { return };
    if let Some(schedule) = state.schedule_mut(id) {
        schedule.availability =
            vec![Availability { row: 1, days: (0..7).collect(), start: 0, end: 24 * 60, user: None }];
        schedule.overrides.clear();
    }
    count(tally, "hours around the clock");
}
