//! `POST /v2/bookings/{uid}/cancel`: a booking, a series, what is left of one, or a seat.

use serde_json::Value;

use super::super::super::exchange::Request;
use super::super::super::log::Change;
use super::super::super::pace::{Outcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State, Status};
use super::render;

pub(super) fn cancel(state: &mut State, request: &Request) -> Outcome {
    match wanted(state, request) {
        Ok(target) => later(state.pace.check + state.pace.commit, move |state, request| done(state, request, target)),
        Err(reply) => reply.into(),
    }
}

enum Target {
    One(String),
    Rows { cancelled: Vec<String>, shown: String },
    Seat(String, String),
}

fn wanted(state: &State, request: &Request) -> Result<Target, Reply> {
    super::input::check_cancel(&request.body)?;
    let uid = request.param("bookingUid");
    let series: Vec<&Booking> = state.series(uid);
    let booking = match state.booking(uid).or(series.first().copied()) {
        Some(booking) => booking,
        None => return Err(Reply::exception(404, format!("Booking with uid={uid} not found"))),
    };
    is_cancellable(state, uid, booking, &series)?;
    if let Some(seat) = request.text("seatUid") {
        if booking.attendee_of_seat(seat).is_none() {
            let message = "Invalid seatUid: this seat does not exist or has already been cancelled.";
            return Err(Reply::exception(400, message));
        }
        reason_given(request, booking)?;
        return Ok(Target::Seat(booking.uid.clone(), seat.to_owned()));
    }
    reason_given(request, booking)?;
    has_not_ended(state, booking)?;
    let live = |rows: Vec<&Booking>| -> Vec<String> {
        rows.into_iter().filter(|row| row.status.is_live()).map(|row| row.uid.clone()).collect()
    };
    if !series.is_empty() {
        return Ok(Target::Rows { cancelled: live(series), shown: uid.to_owned() });
    }
    let subsequent = request.fields().get("cancelSubsequentBookings") == Some(&Value::Bool(true));
    match &booking.recurring {
        Some(series) if subsequent => {
            let rows = state.series(series).into_iter().filter(|row| row.start >= booking.start).collect();
            Ok(Target::Rows { cancelled: live(rows), shown: series.clone() })
        }
        _ => Ok(Target::One(booking.uid.clone())),
    }
}

pub(super) fn is_cancellable(_: &State, uid: &str, booking: &Booking, series: &[&Booking]) -> Result<(), Reply> {
    let live = if series.is_empty() {
        booking.status != Status::Cancelled
    } else {
        series.iter().any(|row| row.status != Status::Cancelled)
    };
    // Of a series, the first occurrence that was cancelled speaks for all of it.
    let torn = series.iter().any(|row| row.status == Status::Cancelled);
    if live && !torn {
        return Ok(());
    }
    let message = match &booking.to_uid {
        Some(to) if series.is_empty() => format!(
            "Can't cancel booking with uid={uid} because it has been cancelled and rescheduled already to booking with \
             uid={to}. You probably want to cancel {to} instead by passing it within the request URL."
        ),
        _ => format!(
            "Can't cancel booking with uid={uid} because it has been cancelled already. Please provide uid of a booking \
             that is not cancelled."
        ),
    };
    Err(Reply::exception(400, message))
}

/// The host has to say why; others need not.
fn reason_given(request: &Request, booking: &Booking) -> Result<(), Reply> {
    let given = request.text("cancellationReason").is_some_and(|reason| !reason.trim().is_empty());
    if given || request.user() != Some(booking.host) {
        return Ok(());
    }
    Err(Reply::bare(400, "Cancellation reason is required"))
}

fn has_not_ended(state: &State, booking: &Booking) -> Result<(), Reply> {
    if booking.end > state.now() {
        Ok(())
    } else {
        Err(Reply::bare(400, "Cannot cancel a booking that has already ended"))
    }
}

fn done(state: &mut State, request: &Request, target: Target) -> Outcome {
    let reason = request.text("cancellationReason").map(str::to_owned);
    match target {
        Target::One(uid) => {
            cancel_row(state, &uid, reason);
            shown(state, move |state, viewer| state.booking(&uid).map(|b| render::seen_by(state, b, viewer)))
        }
        Target::Rows { cancelled, shown: series } => {
            for uid in &cancelled {
                cancel_row(state, uid, reason.clone());
            }
            shown(state, move |state, viewer| {
                let rows = state.series(&series);
                Some(Value::Array(rows.into_iter().map(|row| render::seen_by(state, row, viewer)).collect()))
            })
        }
        Target::Seat(uid, seat) => {
            cancel_seat(state, &uid, &seat, reason);
            shown(state, move |state, viewer| state.booking(&uid).map(|b| render::seen_by(state, b, viewer)))
        }
    }
}

fn shown(state: &State, render: impl FnOnce(&State, Option<i64>) -> Option<Value> + Send + 'static) -> Outcome {
    later(state.pace.answer, move |state, request| Reply::ok(render(state, request.user()).unwrap_or_default()).into())
}

/// Takes a booking out. Two at once both succeed, and the second changes nothing.
pub(super) fn cancel_row(state: &mut State, uid: &str, reason: Option<String>) {
    let now = state.now();
    let Some(booking) = state.booking_mut(uid) else { return };
    if booking.status == Status::Cancelled {
        return;
    }
    booking.status = Status::Cancelled;
    booking.cancellation_reason = reason;
    booking.updated = now;
    state.happened(Change::Cancelled { uid: uid.to_owned() });
    if let Some(booking) = state.booking_mut(uid).filter(|booking| booking.seated) {
        booking.attendees.clear();
    }
}

fn cancel_seat(state: &mut State, uid: &str, seat: &str, reason: Option<String>) {
    let now = state.now();
    // Webhooks are told the reason; the booking goes on and has none.
    let Some(booking) = state.booking_mut(uid) else { return };
    let before = std::mem::replace(&mut booking.cancellation_reason, reason);
    state.happened(Change::SeatCancelled { uid: uid.to_owned(), seat_uid: seat.to_owned() });
    let Some(booking) = state.booking_mut(uid) else { return };
    booking.cancellation_reason = before;
    booking.attendees.retain(|attendee| attendee.seat.as_ref().is_none_or(|s| s.uid != seat));
    booking.updated = now;
    if booking.attendees.is_empty() {
        booking.status = Status::Cancelled;
    }
}
