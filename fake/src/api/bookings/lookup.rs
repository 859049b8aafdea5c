//! Looks up the booking of a request, and checks the permission of its caller.

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State, TeamRole};

/// The error of most routes for an unknown uid.
pub(super) fn unknown_booking(uid: &str) -> Reply {
    Reply::exception(404, format!("Booking with uid={uid} was not found in the database"))
}

/// Whether a user holds a meeting, or administers the team of its event type or that team's organization.
pub(super) fn may_manage(state: &State, booking: &Booking, user: i64) -> bool {
    booking.is_held_by(user) || is_admin_of(state, booking, user)
}

/// Whether a user administers the team of a booking's event type, or that team's organization.
pub(super) fn is_admin_of(state: &State, booking: &Booking, user: i64) -> bool {
    let Some(team) = team_of(state, booking) else { return false };
    let leads = |team: i64| state.role_in(team, user).is_some_and(|role| role >= TeamRole::Admin);
    leads(team) || state.team(team).and_then(|team| team.parent).is_some_and(leads)
}

/// The team of a booking's event type, or of the managed event type that this is a copy of.
pub(crate) fn team_of(state: &State, booking: &Booking) -> Option<i64> {
    let event = state.event_type(booking.event_type)?;
    let parent = event.parent.and_then(|parent| state.event_type(parent));
    event.team.as_ref().or_else(|| parent?.team.as_ref()).map(|of| of.team)
}

/// The booking of the path, if the caller may manage it. An unknown booking gives the same error.
pub(super) fn managed_booking(state: &State, request: &Request) -> Result<Booking, Reply> {
    let uid = request.param("bookingUid");
    let user = request.user().unwrap_or_default();
    let booking = state.booking(uid).filter(|booking| may_manage(state, booking, user));
    booking.cloned().ok_or_else(|| {
        let message = format!("BookingPbacGuard - user with id={user} does not have access to booking with uid={uid}");
        Reply::exception(403, message)
    })
}
