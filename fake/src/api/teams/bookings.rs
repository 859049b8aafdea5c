//! Lists of the bookings of a team, an organization or a user of it.

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State, TeamRole};
use super::super::bookings::{list, lookup::team_of};
use super::super::handler::finish;
use super::access::{self, Access};

/// The bookings of a team, with those of the copies of its managed event types.
pub(super) fn of_team(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(
        access::team(state, request, Access::Team(TeamRole::Admin)).and_then(|team| {
            list::respond(state, request, move |state, booking| team_of(state, booking) == Some(team))
        }),
    )
}

/// The bookings of an organization, those of its members included.
pub(super) fn of_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let wanted: Vec<i64> = ids(request, "userIds");
        if wanted.iter().any(|user| state.role_in(org, *user).is_none()) {
            let message = "You do not have permissions to fetch bookings for specified userIds";
            return Err(Reply::coded(403, "TRPCError", message));
        }
        list::respond(state, request, move |state, booking| {
            let of_user = wanted.is_empty() || wanted.iter().any(|user| list::is_of(state, booking, *user));
            of_user && is_of_organization(state, booking, org)
        })
    }))
}

fn ids(request: &Request, name: &str) -> Vec<i64> {
    request.list_query(name).unwrap_or_default().iter().filter_map(|id| id.parse().ok()).collect()
}

fn is_of_organization(state: &State, booking: &Booking, org: i64) -> bool {
    let team = team_of(state, booking).and_then(|team| state.team(team));
    team.is_some_and(|team| team.parent == Some(org)) || state.role_in(org, booking.host).is_some()
}

/// The bookings of a member of an organization.
pub(super) fn of_user(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let user = access::user_of_organization(state, request, org)?;
        list::respond(state, request, move |state, booking| list::is_of(state, booking, user))
    }))
}
