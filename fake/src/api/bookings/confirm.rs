//! Confirmation and rejection by the host.

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, BookingStatus, State};
use super::super::handler::finish;
use super::lookup::{may_manage, team_of, unknown_booking};
use super::render;

pub(super) fn confirm(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(decide(state, request, BookingStatus::Accepted))
}

pub(super) fn decline(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(decide(state, request, BookingStatus::Rejected))
}

/// An accepted booking cannot be decided again. A declined one can be declined again, or accepted.
fn decide(state: &mut State, request: &Request, to: BookingStatus) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid").to_owned();
    let booking = state.booking(&uid).cloned().ok_or_else(|| unknown_booking(&uid))?;
    let user = request.user().unwrap_or_default();
    // Every member of the team decides.
    let of_team = team_of(state, &booking).is_some_and(|team| state.role_in(team, user).is_some());
    if !may_manage(state, &booking, user) && !of_team {
        return Err(Reply::coded(401, "TRPCError", "User is not authorized to confirm this booking"));
    }
    if booking.status == BookingStatus::Accepted {
        return Err(Reply::coded(400, "TRPCError", "Booking already confirmed"));
    }
    let reason = request.text("reason").map(str::to_owned);
    for row in rows(state, &booking) {
        let now = state.now();
        if let Some(row) = state.booking_mut(&row) {
            row.status = to;
            row.updated = now;
            if to == BookingStatus::Rejected {
                row.rejection_reason.clone_from(&reason);
            }
        }
        state.record_change(match to {
            BookingStatus::Rejected => Change::Declined { uid: row },
            _ => Change::Confirmed { uid: row },
        });
    }
    let booking = state.booking(&uid).cloned().ok_or_else(|| unknown_booking(&uid))?;
    Ok(Reply::ok(render::render_for(state, &booking, request.user())))
}

/// The bookings that are decided together: of a pending series, all of them.
fn rows(state: &State, booking: &Booking) -> Vec<String> {
    match &booking.recurring {
        Some(series) if booking.status == BookingStatus::Pending => state
            .series(series)
            .into_iter()
            .filter(|row| row.status == BookingStatus::Pending)
            .map(|row| row.uid.clone())
            .collect(),
        _ => vec![booking.uid.clone()],
    }
}
