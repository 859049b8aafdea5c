//! `/v2/bookings` of versions 2024-04-15 to 2024-06-14, whose responses are rows of the database table.

mod create;
mod errors;
mod list;
mod render;

use serde_json::{Value, json};

use self::errors::http_exception;
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::{HandlerOutcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};
use super::super::handler::finish;
use super::cancel::{cancel_row, is_cancellable};

pub(super) use create::{create, create_recurring};
pub(super) use list::list;
pub(super) use render::created;

fn find<'a>(state: &'a State, uid: &str) -> Result<&'a Booking, Reply> {
    state
        .booking(uid)
        .or_else(|| state.series(uid).first().copied())
        .ok_or_else(|| Reply::exception(404, format!("Booking with UID={uid} does not exist.")))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    let found = find(state, request.param("bookingUid"));
    finish(found.map(|booking| Reply::ok(render::read(state, booking))))
}

pub(super) fn get_for_reschedule(state: &mut State, request: &Request) -> HandlerOutcome {
    let uid = request.param("bookingUid");
    let found =
        state.booking(uid).ok_or_else(|| Reply::exception(404, format!("Booking with UID={uid} does not exist.")));
    finish(found.map(|booking| Reply::ok(render::read(state, booking))))
}

pub(super) fn cancel(state: &mut State, request: &Request) -> HandlerOutcome {
    match cancellable(state, request) {
        Ok((uid, rows)) => later(state.latency.check + state.latency.commit, move |state, request| {
            let reason = request.text("cancellationReason").map(str::to_owned);
            for row in &rows {
                cancel_row(state, row, reason.clone());
            }
            let id = state.booking(&uid).map(|booking| booking.id);
            let data = json!({ "bookingId": id, "bookingUid": uid, "onlyRemovedAttendee": false });
            later(state.latency.response, move |_, _| Reply::created(data).into())
        }),
        Err(reply) => reply.into(),
    }
}

fn cancellable(state: &State, request: &Request) -> Result<(String, Vec<String>), Reply> {
    Checker::of(&request.body)
        .optional("id", &[ValidationRule::Number])
        .optional("cancellationReason", &[ValidationRule::String])
        .optional("allRemainingBookings", &[ValidationRule::Boolean])
        .optional("seatReferenceUid", &[ValidationRule::String])
        .tree()?;
    let uid = request.param("bookingUid");
    // An unknown booking is a bad request in this version.
    let booking = state.booking(uid).ok_or_else(|| http_exception(400, "Booking not found"))?;
    is_cancellable(uid, booking)?;
    let given = request.text("cancellationReason").is_some_and(|reason| !reason.trim().is_empty());
    if !given && request.user() == Some(booking.host) {
        return Err(http_exception(400, "Cancellation reason is required"));
    }
    let all = request.fields().get("allRemainingBookings") == Some(&Value::Bool(true));
    let rows = match (&booking.recurring, all) {
        (Some(series), true) => {
            let live = |row: &&Booking| row.status.is_live() && row.start >= state.now();
            state.series(series).into_iter().filter(live).map(|row| row.uid.clone()).collect()
        }
        _ => vec![uid.to_owned()],
    };
    Ok((uid.to_owned(), rows))
}

pub(super) fn mark_no_show(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_mark_no_show(state, request))
}

fn try_mark_no_show(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("noShowHost", &[ValidationRule::Boolean])
        .each("attendees", false, &[ValidationRule::Array], |attendee| {
            attendee.required("email", &[ValidationRule::Email]).required("noShow", &[ValidationRule::Boolean]);
        })
        .tree()?;
    let uid = request.param("bookingUid").to_owned();
    let body = request.fields().clone();
    let booking = state.booking_mut(&uid).ok_or_else(|| http_exception(404, "Booking not found"))?;
    let host = body.get("noShowHost").and_then(Value::as_bool);
    booking.absent_host = host.unwrap_or(booking.absent_host);
    let mut marked = Vec::new();
    for named in body.get("attendees").and_then(Value::as_array).into_iter().flatten() {
        let email = named.get("email").and_then(Value::as_str).unwrap_or_default();
        let absent = named.get("noShow").and_then(Value::as_bool).unwrap_or(false);
        for attendee in booking.attendees.iter_mut().filter(|attendee| attendee.email == email) {
            attendee.absent = absent;
            marked.push(json!({ "email": email, "noShow": absent }));
        }
    }
    let message = if marked.is_empty() { "Host marked as no-show" } else { "Attendees marked as no-show" };
    Ok(Reply::created(json!({ "message": message, "noShowHost": host, "attendees": marked })))
}
