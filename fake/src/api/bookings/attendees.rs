//! The attendees of a booking: listing, adding, removing, and guests.

use serde_json::{Value, json};

use super::super::super::change::Change;
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Attendee, IdKind, State};
use super::super::handler::{finish, id_of};
use super::{lookup::managed_booking, render};

fn render(attendee: &Attendee) -> Value {
    let mut shown = render::attendee(attendee);
    shown["id"] = attendee.id.into();
    if let Some(map) = shown.as_object_mut() {
        for name in ["seatUid", "bookingFieldsResponses", "metadata"] {
            map.remove(name);
        }
    }
    shown
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(managed_booking(state, request).map(|booking| Reply::ok(booking.attendees.iter().map(render).collect())))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_get(state, request))
}

fn no_attendee(id: i64, uid: &str) -> Reply {
    Reply::exception(404, format!("Attendee with id {id} not found in booking {uid}"))
}

fn try_get(state: &State, request: &Request) -> Result<Reply, Reply> {
    let booking = managed_booking(state, request)?;
    let id = id_of(request, "attendeeId")?;
    let found = booking.attendees.iter().find(|attendee| attendee.id == id);
    found.map(|attendee| Reply::ok(render(attendee))).ok_or_else(|| no_attendee(id, &booking.uid))
}

pub(super) fn add(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_add(state, request))
}

fn not_unique() -> Reply {
    Reply::coded(400, "TRPCError", "emails_must_be_unique_valid")
}

fn try_add(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let booking = managed_booking(state, request)?;
    Checker::of(&request.body)
        .required("name", &[ValidationRule::String])
        .required("email", &[ValidationRule::Email])
        .required("timeZone", &[ValidationRule::TimeZone])
        .optional("phoneNumber", &[ValidationRule::String])
        .optional("language", &[ValidationRule::String])
        .tree()?;
    let text = |name: &str| request.text(name).map(str::to_owned);
    let email = text("email").unwrap_or_default();
    if booking.attendees.iter().any(|attendee| attendee.email == email) {
        return Err(not_unique());
    }
    let attendee = Attendee {
        id: state.ids.number(IdKind::Attendee),
        name: text("name").unwrap_or_default(),
        email,
        time_zone: text("timeZone").unwrap_or_default(),
        language: text("language").unwrap_or_else(|| "en".to_owned()),
        phone: text("phoneNumber"),
        absent: false,
        seat: None,
    };
    let mut value = render(&attendee);
    value["bookingId"] = booking.id.into();
    change(state, &booking.uid, |booking| booking.attendees.push(attendee));
    Ok(Reply::created(value))
}

fn change(state: &mut State, uid: &str, change: impl FnOnce(&mut super::super::super::state::Booking)) {
    let now = state.now();
    if let Some(booking) = state.booking_mut(uid) {
        change(booking);
        booking.updated = now;
    }
    state.record_change(Change::BookingUpdated { uid: uid.to_owned() });
}

pub(super) fn remove(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_remove(state, request))
}

fn try_remove(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let booking = managed_booking(state, request)?;
    let id = id_of(request, "attendeeId")?;
    let attendee =
        booking.attendees.iter().find(|attendee| attendee.id == id).ok_or_else(|| no_attendee(id, &booking.uid))?;
    if booking.attendees.first().is_some_and(|first| first.id == id) {
        let message = "Cannot remove the primary attendee from a booking. Cancel the booking instead.";
        return Err(Reply::exception(400, message));
    }
    let value = json!({
        "id": id,
        "bookingId": booking.id,
        "name": attendee.name,
        "email": attendee.email,
        "timeZone": attendee.time_zone,
    });
    let email = attendee.email.clone();
    change(state, &booking.uid, |booking| {
        booking.attendees.retain(|attendee| attendee.id != id);
        if let Some(guests) = booking.responses.get_mut("guests").and_then(Value::as_array_mut) {
            guests.retain(|guest| guest.as_str() != Some(&email));
        }
    });
    Ok(Reply::ok(value))
}

pub(super) fn add_guests(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_add_guests(state, request))
}

fn try_add_guests(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let booking = managed_booking(state, request)?;
    Checker::of(&request.body)
        .each("guests", true, &[ValidationRule::ArrayNotEmpty, ValidationRule::Array], |guest| {
            guest
                .required("email", &[ValidationRule::Email])
                .optional("name", &[ValidationRule::String])
                .optional("timeZone", &[ValidationRule::TimeZone])
                .optional("language", &[ValidationRule::String]);
        })
        .tree()?;
    let zone = booking.attendees.first().map(|booker| booker.time_zone.clone()).unwrap_or_default();
    let mut added: Vec<Attendee> = Vec::new();
    for guest in request.fields().get("guests").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| guest.get(name).and_then(Value::as_str).map(str::to_owned);
        let email = text("email").unwrap_or_default();
        if booking.attendees.iter().chain(&added).any(|attendee| attendee.email == email) {
            return Err(not_unique());
        }
        added.push(Attendee {
            id: state.ids.number(IdKind::Attendee),
            name: text("name").unwrap_or_default(),
            email,
            time_zone: text("timeZone").unwrap_or_else(|| zone.clone()),
            language: text("language").unwrap_or_else(|| "en".to_owned()),
            phone: text("phoneNumber"),
            absent: false,
            seat: None,
        });
    }
    change(state, &booking.uid, |booking| {
        let mut guests = booking.guests();
        guests.extend(added.iter().map(|guest| Value::from(guest.email.clone())));
        booking.responses.insert("guests".to_owned(), guests.into());
        booking.attendees.extend(added);
    });
    let booking = managed_booking(state, request)?;
    Ok(Reply::ok(render::render_for(state, &booking, request.user())))
}
