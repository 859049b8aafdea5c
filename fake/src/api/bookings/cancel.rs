//! `POST /v2/bookings/{uid}/cancel`: a booking, a series, the rest of a series, or a seat.

use serde_json::Value;

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::outcome::{HandlerOutcome, later};
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, BookingStatus, State};
use super::render;

pub(super) fn cancel(state: &mut State, request: &Request) -> HandlerOutcome {
    match cancel_target(state, request) {
        Ok(target) => {
            later(state.latency.check + state.latency.commit, move |state, request| cancel_now(state, request, target))
        }
        Err(reply) => reply.into(),
    }
}

enum CancelTarget {
    One(String),
    /// One booking, although the request asks for its successors in a series.
    Alone(String),
    Rows {
        cancelled: Vec<String>,
        shown: String,
    },
    Seat(String, String),
}

fn cancel_target(state: &State, request: &Request) -> Result<CancelTarget, Reply> {
    super::input::check_cancel(&request.body)?;
    let uid = request.param("bookingUid");
    let series: Vec<&Booking> = state.series(uid);
    let booking = match state.booking(uid).or(series.first().copied()) {
        Some(booking) => booking,
        None => return Err(Reply::exception(404, format!("Booking with uid={uid} not found"))),
    };
    if let Some(seat) = request.text("seatUid") {
        is_taken(state, booking, seat)?;
    }
    is_cancellable(uid, booking)?;
    check_allowed(state, booking)?;
    check_reason(state, request, booking)?;
    if let Some(seat) = request.text("seatUid") {
        return Ok(CancelTarget::Seat(booking.uid.clone(), seat.to_owned()));
    }
    check_not_past(state, booking)?;
    let live = |rows: Vec<&Booking>| -> Vec<String> {
        rows.into_iter().filter(|row| row.status.is_live()).map(|row| row.uid.clone()).collect()
    };
    let subsequent = request.fields().get("cancelSubsequentBookings") == Some(&Value::Bool(true));
    if !series.is_empty() {
        if subsequent {
            let message = "Cannot cancel subsequent bookings for recurring event - you have to provide uid of one of \
                           the individual bookings of a recurring booking.";
            return Err(Reply::exception(400, message));
        }
        return Ok(CancelTarget::Rows { cancelled: live(series), shown: uid.to_owned() });
    }
    match &booking.recurring {
        Some(series) if subsequent => {
            let rows = state.series(series).into_iter().filter(|row| row.start >= booking.start).collect();
            Ok(CancelTarget::Rows { cancelled: live(rows), shown: series.clone() })
        }
        None if subsequent => Ok(CancelTarget::Alone(booking.uid.clone())),
        _ => Ok(CancelTarget::One(booking.uid.clone())),
    }
}

fn is_taken(state: &State, booking: &Booking, seat: &str) -> Result<(), Reply> {
    if booking.attendee_of_seat(seat).is_some() {
        return Ok(());
    }
    Err(Reply::exception(
        400,
        match state.booking_of_seat(seat) {
            Some(_) => "Invalid seatUid: this seat does not belong to this booking.",
            None => "Invalid seatUid: this seat does not exist or has already been cancelled.",
        },
    ))
}

/// Of a series, the first occurrence is checked.
pub(super) fn is_cancellable(uid: &str, booking: &Booking) -> Result<(), Reply> {
    if booking.status != BookingStatus::Cancelled {
        return Ok(());
    }
    let message = format!(
        "Can't cancel booking with uid={uid} because it has been cancelled already. Please provide uid of a booking \
         that is not cancelled."
    );
    Err(Reply::exception(400, message))
}

/// `disableCancelling`, for the host too (recordings `bookings-limits/no-cancel-*`).
fn check_allowed(state: &State, booking: &Booking) -> Result<(), Reply> {
    let disabled = state
        .event_type(booking.event_type)
        .and_then(|event| event.rest.get("disableCancelling")?.get("disabled")?.as_bool())
        .unwrap_or(false);
    if disabled { Err(Reply::bare(400, "This event type does not allow cancellations")) } else { Ok(()) }
}

/// The host has to give a reason; others need not.
fn check_reason(state: &State, request: &Request, booking: &Booking) -> Result<(), Reply> {
    let given = request.text("cancellationReason").is_some_and(|reason| !reason.trim().is_empty());
    if given || request.user() != Some(booking.host) {
        return Ok(());
    }
    let message = match state.event_type(booking.event_type).map(|event| event.team.is_some()) {
        Some(true) => "Cancellation reason is required when you are the host",
        _ => "Cancellation reason is required",
    };
    Err(Reply::bare(400, message))
}

fn check_not_past(state: &State, booking: &Booking) -> Result<(), Reply> {
    if booking.end > state.now() {
        Ok(())
    } else {
        Err(Reply::bare(400, "Cannot cancel a booking that has already ended"))
    }
}

fn cancel_now(state: &mut State, request: &Request, target: CancelTarget) -> HandlerOutcome {
    let reason = request.text("cancellationReason").map(str::to_owned);
    match target {
        CancelTarget::One(uid) => {
            cancel_row(state, &uid, reason);
            respond_with(state, move |state, viewer| state.booking(&uid).map(|b| render::render_for(state, b, viewer)))
        }
        CancelTarget::Alone(uid) => {
            cancel_row(state, &uid, reason);
            let message = format!("Booking with bookingUid={uid} is not part of a recurring booking.");
            Reply::exception(400, message).into()
        }
        CancelTarget::Rows { cancelled, shown: series } => {
            for uid in &cancelled {
                cancel_row(state, uid, reason.clone());
            }
            respond_with(state, move |state, viewer| {
                let rows = state.series(&series);
                Some(Value::Array(rows.into_iter().map(|row| render::render_for(state, row, viewer)).collect()))
            })
        }
        CancelTarget::Seat(uid, seat) => {
            cancel_seat(state, &uid, &seat, reason);
            respond_with(state, move |state, viewer| state.booking(&uid).map(|b| render::render_for(state, b, viewer)))
        }
    }
}

fn respond_with(
    state: &State,
    render: impl FnOnce(&State, Option<i64>) -> Option<Value> + Send + 'static,
) -> HandlerOutcome {
    later(state.latency.response, move |state, request| {
        Reply::ok(render(state, request.user()).unwrap_or_default()).into()
    })
}

/// Cancels a booking. Of two concurrent requests both succeed, and the second one changes nothing.
pub(super) fn cancel_row(state: &mut State, uid: &str, reason: Option<String>) {
    let now = state.now();
    let Some(booking) = state.booking_mut(uid) else { return };
    if booking.status == BookingStatus::Cancelled {
        return;
    }
    booking.status = BookingStatus::Cancelled;
    booking.cancellation_reason = reason;
    booking.updated = now;
    state.record_change(Change::Cancelled { uid: uid.to_owned() });
    if let Some(booking) = state.booking_mut(uid).filter(|booking| booking.seated) {
        booking.attendees.clear();
    }
}

fn cancel_seat(state: &mut State, uid: &str, seat: &str, reason: Option<String>) {
    let now = state.now();
    // Webhook deliveries contain the reason. The booking itself is not cancelled and has none.
    let Some(booking) = state.booking_mut(uid) else { return };
    let before = std::mem::replace(&mut booking.cancellation_reason, reason);
    state.record_change(Change::SeatCancelled { uid: uid.to_owned(), seat_uid: seat.to_owned() });
    let Some(booking) = state.booking_mut(uid) else { return };
    booking.cancellation_reason = before;
    booking.attendees.retain(|attendee| attendee.seat.as_ref().is_none_or(|s| s.uid != seat));
    booking.updated = now;
    if booking.attendees.is_empty() {
        booking.status = BookingStatus::Cancelled;
    }
}
