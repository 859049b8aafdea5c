//! `POST /v2/bookings/{uid}/request-reschedule` of the hosted service: cancels a booking, and asks its attendee for another time.
//! The document describes it; it is in no recording.

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::State;
use super::super::handler::finish;
use super::cancel::{cancel_row, is_cancellable};
use super::lookup::{managed_booking, unknown_booking};

pub(super) fn request_reschedule(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_request(state, request))
}

fn try_request(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .only(&["rescheduleReason"])
        .optional("rescheduleReason", &[ValidationRule::String])
        .tree()?;
    let uid = request.param("bookingUid");
    state.booking(uid).ok_or_else(|| unknown_booking(uid))?;
    let booking = managed_booking(state, request)?;
    is_cancellable(uid, &booking)?;
    if let Some(booking) = state.booking_mut(uid) {
        booking.reschedule_requested = true;
    }
    cancel_row(state, uid, request.text("rescheduleReason").map(str::to_owned));
    Ok(Reply::done())
}
