//! Reservations of slots. A reserved slot is not in the lists of slots, but it can be booked.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::instant::{self, plus_minutes};
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::{IdKind, Reservation, State};
use super::super::handler::finish;
use super::engine;

/// Default duration of a reservation, in minutes.
const DEFAULT_MINUTES: i64 = 5;

fn check(request: &Request) -> Result<(), Reply> {
    Checker::of(&request.body)
        .required("eventTypeId", &[ValidationRule::Int])
        .required("slotStart", &[ValidationRule::Date])
        .optional("slotDuration", &[ValidationRule::Min(1), ValidationRule::Int])
        .optional("reservationDuration", &[ValidationRule::Min(1), ValidationRule::Int])
        .tree()
}

/// Validates the request of a create or update, and makes the reservation.
fn build_reservation(
    state: &State,
    request: &Request,
    uid: String,
    except: Option<&str>,
) -> Result<(Reservation, Value), Reply> {
    check(request)?;
    let number = |name: &str| request.fields().get(name).and_then(Value::as_i64);
    let held = number("reservationDuration");
    if held.is_some() && request.user().is_none() {
        let message = "reservationDuration can only be used for authenticated requests - use access token, api key or \
                       OAuth credentials";
        return Err(Reply::exception(401, message));
    }
    let id = number("eventTypeId").unwrap_or_default();
    let event =
        state.event_type(id).ok_or_else(|| Reply::exception(404, format!("Event Type with ID={id} not found")))?;
    if held.is_some() && request.user() != Some(event.owner) {
        let message = "authenticated user is not owner of event type, does not have memberships in common with owner of \
                       the event type, nor does belong to event type's team or org.";
        return Err(Reply::exception(403, message));
    }
    let duration = match number("slotDuration") {
        Some(_) if event.length_options.is_empty() => {
            let message = "You passed 'slotDuration' but this event type is not a variable length event type.";
            return Err(Reply::exception(400, message));
        }
        Some(minutes) if !event.length_options.contains(&minutes) => {
            let lengths: Vec<String> = event.length_options.iter().map(i64::to_string).collect();
            let message = format!(
                "Provided 'slotDuration' is not one of the possible lengths for the event type. The possible lengths for \
                 this variable length event type are: {}",
                lengths.join(", ")
            );
            return Err(Reply::exception(400, message));
        }
        Some(minutes) => minutes,
        None => event.length,
    };
    let start = request.text("slotStart").and_then(instant::parse).unwrap_or(Timestamp::UNIX_EPOCH);
    let end = plus_minutes(start, duration);
    if let Some(booking) = engine::booked(state, event, start, end) {
        match event.seats {
            None => return Err(Reply::exception(422, "Can't reserve a slot if the event is already booked.")),
            Some(seats) if booking.taken_seats() as i64 >= seats.per_slot => {
                let message = format!("Booking with id={} at {} has no more seats left.", booking.id, millis(start));
                return Err(Reply::exception(422, message));
            }
            Some(_) => {}
        }
    }
    if event.seats.is_none() && engine::is_held(state, id, start, end, except) {
        let message = "This time slot is already reserved by another user. Please choose a different time.";
        return Err(Reply::exception(422, message));
    }
    let minutes = held.unwrap_or(DEFAULT_MINUTES);
    let until = plus_minutes(state.now(), minutes);
    let shown = json!({
        "eventTypeId": id,
        "slotStart": millis(start),
        "slotEnd": millis(end),
        "slotDuration": duration,
        "reservationUid": uid,
        "reservationDuration": minutes,
        "reservationUntil": millis(until),
    });
    Ok((Reservation { uid, event_type: id, start, end, until }, shown))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let uid = state.ids.uuid(IdKind::Reservation);
    let (reservation, shown) = build_reservation(state, request, uid, None)?;
    state.record_change(Change::created(ResourceKind::Reservation, &reservation.uid));
    state.reservations.push(reservation);
    Ok(Reply::created(shown))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    let found = state.reservations.iter().find(|r| r.uid == request.param("uid"));
    let shown = found.map(|r| {
        json!({
            "reservationUid": r.uid,
            "eventTypeId": r.event_type,
            "slotStart": millis(r.start),
            "slotEnd": millis(r.end),
            "slotDuration": (r.end.as_second() - r.start.as_second()) / 60,
            "reservationUntil": millis(r.until),
        })
    });
    Reply::ok(shown.unwrap_or_default()).into()
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request)?;
    let uid = request.param("uid").to_owned();
    if !state.reservations.iter().any(|r| r.uid == uid) {
        return Err(Reply::exception(404, format!("Slot with uid={uid} not found")));
    }
    let (reservation, shown) = build_reservation(state, request, uid.clone(), Some(&uid))?;
    if let Some(place) = state.reservations.iter_mut().find(|r| r.uid == uid) {
        *place = reservation;
    }
    state.record_change(Change::updated(ResourceKind::Reservation, uid));
    Ok(Reply::ok(shown))
}

/// Deleting an unknown reservation succeeds.
pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    remove(state, request.param("uid"));
    Reply::done().into()
}

pub(super) fn reserve_old(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_reserve_old(state, request))
}

fn try_reserve_old(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .required("eventTypeId", &[ValidationRule::Number])
        .required("slotUtcStartDate", &[ValidationRule::Date])
        .required("slotUtcEndDate", &[ValidationRule::Date])
        .tree()?;
    let instant_of = |name: &str| request.text(name).and_then(instant::parse).unwrap_or(Timestamp::UNIX_EPOCH);
    let id = request.fields().get("eventTypeId").and_then(Value::as_i64).unwrap_or_default();
    if state.event_type(id).is_none() {
        return Err(Reply::exception(404, "Event Type not found"));
    }
    let reservation = Reservation {
        uid: state.ids.uuid(IdKind::Reservation),
        event_type: id,
        start: instant_of("slotUtcStartDate"),
        end: instant_of("slotUtcEndDate"),
        until: plus_minutes(state.now(), DEFAULT_MINUTES),
    };
    let uid = reservation.uid.clone();
    state.reservations.push(reservation);
    state.record_change(Change::created(ResourceKind::Reservation, &uid));
    Ok(Reply::created(uid.into()))
}

pub(super) fn delete_old(state: &mut State, request: &Request) -> HandlerOutcome {
    remove(state, request.first_query("uid").unwrap_or_default());
    Reply::done().into()
}

fn remove(state: &mut State, uid: &str) {
    let before = state.reservations.len();
    state.reservations.retain(|r| r.uid != uid);
    if state.reservations.len() < before {
        state.record_change(Change::deleted(ResourceKind::Reservation, uid));
    }
}
