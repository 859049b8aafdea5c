//! The host's yes and no.

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::outcome::Outcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State, Status};
use super::super::handler::finish;
use super::{access::unknown, render};

pub(super) fn confirm(state: &mut State, request: &Request) -> Outcome {
    finish(decide(state, request, Status::Accepted))
}

pub(super) fn decline(state: &mut State, request: &Request) -> Outcome {
    finish(decide(state, request, Status::Rejected))
}

/// Only an accepted booking cannot be decided on again: a declined one can be declined once more, or revived.
fn decide(state: &mut State, request: &Request, to: Status) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid").to_owned();
    let booking = state.booking(&uid).cloned().ok_or_else(|| unknown(&uid))?;
    if Some(booking.host) != request.user() {
        return Err(Reply::coded(401, "TRPCError", "User is not authorized to confirm this booking"));
    }
    if booking.status == Status::Accepted {
        return Err(Reply::coded(400, "TRPCError", "Booking already confirmed"));
    }
    let reason = request.text("reason").map(str::to_owned);
    for row in rows(state, &booking) {
        let now = state.now();
        if let Some(row) = state.booking_mut(&row) {
            row.status = to;
            row.updated = now;
            if to == Status::Rejected {
                row.rejection_reason.clone_from(&reason);
            }
        }
        state.happened(match to {
            Status::Rejected => Change::Declined { uid: row },
            _ => Change::Confirmed { uid: row },
        });
    }
    let booking = state.booking(&uid).cloned().ok_or_else(|| unknown(&uid))?;
    Ok(Reply::ok(render::seen_by(state, &booking, request.user())))
}

/// What is decided on with one booking: of a pending series, all of it.
fn rows(state: &State, booking: &Booking) -> Vec<String> {
    match &booking.recurring {
        Some(series) if booking.status == Status::Pending => state
            .series(series)
            .into_iter()
            .filter(|row| row.status == Status::Pending)
            .map(|row| row.uid.clone())
            .collect(),
        _ => vec![booking.uid.clone()],
    }
}
