//! Reassignment of a round robin booking: to the next free host, or to a named one.

use serde_json::json;

use super::super::super::change::Change;
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, EventType, SchedulingType, State};
use super::super::handler::{finish, id_of};
use super::super::slots::hosts;
use super::lookup::{may_manage, team_of, unknown_booking};

pub(super) fn reassign(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_reassign(state, request))
}

fn try_reassign(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid");
    let booking = state.booking(uid).cloned().ok_or_else(|| unknown_booking(uid))?;
    let user = request.user().unwrap_or_default();
    let of_team = team_of(state, &booking).is_some_and(|team| state.role_in(team, user).is_some());
    if !may_manage(state, &booking, user) && !of_team {
        return Err(Reply::exception(403, "You do not have permission to reassign this booking"));
    }
    let event = state.event_type(booking.event_type).cloned().ok_or_else(Reply::internal)?;
    let to = if request.has_param("userId") {
        let id = id_of(request, "userId")?;
        let no_user = || Reply::exception(404, format!("User with id={id} was not found in the database"));
        state.user(id).ok_or_else(no_user)?;
        named(state, &event, &booking, id)?
    } else {
        next(state, &event, &booking)?
    };
    let host = state.user(to).cloned().ok_or_else(Reply::internal)?;
    let from = hosts::round_robin_host(state, &event, &booking);
    let (now, old) = (state.now(), state.user(from).map(|user| user.name.clone()).unwrap_or_default());
    if let Some(booking) = state.booking_mut(uid).filter(|booking| !booking.is_held_by(to)) {
        if booking.host == from {
            booking.title = booking.title.replace(&format!("between {old} and"), &format!("between {} and", host.name));
            booking.host = to;
        }
        for other in booking.other_hosts.iter_mut().filter(|other| **other == from) {
            *other = to;
        }
        booking.updated = now;
        state.record_change(Change::BookingUpdated { uid: uid.to_owned() });
    }
    Ok(Reply::ok(json!({
        "bookingUid": uid,
        "reassignedTo": { "id": host.id, "name": host.name, "email": host.email, "displayEmail": host.email },
    })))
}

/// The next free host.
fn next(state: &State, event: &EventType, booking: &Booking) -> Result<i64, Reply> {
    match &event.team {
        // The only host of a user's own event type is the present one.
        None => Ok(booking.host),
        Some(of) if of.scheduling != SchedulingType::RoundRobin => {
            Err(Reply::exception(400, "Event type is not a round robin event type"))
        }
        Some(_) => {
            hosts::another(state, event, booking).ok_or_else(|| Reply::exception(400, "no_available_users_found_error"))
        }
    }
}

/// The named host, if it is one.
fn named(state: &State, event: &EventType, booking: &Booking, id: i64) -> Result<i64, Reply> {
    if event.team.is_none() {
        return Ok(booking.host);
    }
    let is_host = state.hosts_of(event).iter().any(|host| host.user == id);
    if is_host { Ok(id) } else { Err(Reply::exception(400, "invalid_round_robin_host")) }
}
