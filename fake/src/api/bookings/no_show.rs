//! `POST /v2/bookings/{uid}/mark-absent`: absent hosts and attendees.

use serde_json::Value;

use super::super::super::change::Change;
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::deliveries;
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::State;
use super::super::handler::finish;
use super::render;

pub(super) fn mark(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_mark(state, request))
}

fn not_found(uid: &str) -> Reply {
    Reply::exception(404, format!("Booking with uid={uid} not found."))
}

fn try_mark(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("host", &[ValidationRule::Boolean])
        .each("attendees", false, &[ValidationRule::Array], |attendee| {
            attendee.required("email", &[ValidationRule::Email]).required("absent", &[ValidationRule::Boolean]);
        })
        .tree()?;
    let uid = request.param("bookingUid").to_owned();
    let now = state.now();
    let booking = state.booking_mut(&uid).ok_or_else(|| not_found(&uid))?;
    if booking.start > now {
        let message = format!(
            "Bookings can only be marked as absent after their scheduled start time. Current time in UTC+0: {}, Booking \
             start time in UTC+0: {}",
            millis(now),
            millis(booking.start)
        );
        return Err(Reply::exception(400, message));
    }
    // If the request does not mention the host, the host is present.
    booking.absent_host = request.fields().get("host").and_then(Value::as_bool).unwrap_or(false);
    let mut marked = Vec::new();
    for named in request.fields().get("attendees").and_then(Value::as_array).into_iter().flatten() {
        let email = named.get("email").and_then(Value::as_str).unwrap_or_default();
        let absent = named.get("absent").and_then(Value::as_bool).unwrap_or(false);
        for attendee in booking.attendees.iter_mut().filter(|attendee| attendee.email == email) {
            attendee.absent = absent;
            marked.push((email.to_owned(), absent));
        }
    }
    booking.updated = now;
    state.record_change(Change::BookingUpdated { uid: uid.clone() });
    deliveries::enqueue_no_show(state, &uid, &marked);
    let booking = state.booking(&uid).cloned().ok_or_else(|| not_found(&uid))?;
    Ok(Reply::ok(render::render_for(state, &booking, request.user())))
}
