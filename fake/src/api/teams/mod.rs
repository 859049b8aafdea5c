//! `/v2/teams` and the same routes of the teams of an organization.

pub(crate) mod access;
pub(crate) mod assignments;
pub(crate) mod attributes;
mod bookings;
mod event_types;
mod invite;
mod memberships;
pub(crate) mod organizations;
pub(crate) mod page;
mod resource;
pub(crate) mod users;

pub(crate) use event_types::update_copies;
pub(crate) use resource::metadata_rule;

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::{Handler, Route};
use super::super::state::{EventType, State, TeamRole};
use super::super::version::Versions;
use super::handler::finish;
use access::Access;

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, handler)
}

const fn open(operation: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Optional, handler)
}

const TEAM: &str = "/teams/{teamId}";
const EVENT: &str = "/teams/{teamId}/event-types/{eventTypeId}";
const EVENTS: &str = "/teams/{teamId}/event-types";
const MEMBERS: &str = "/teams/{teamId}/memberships";
const MEMBER: &str = "/teams/{teamId}/memberships/{membershipId}";

pub(crate) const ROUTES: &[Route] = &[
    route("list_teams", "GET", "/teams", resource::list_own),
    route("create_team", "POST", "/teams", resource::create),
    route("get_team", "GET", TEAM, resource::get),
    route("update_team", "PATCH", TEAM, resource::update),
    route("delete_team", "DELETE", TEAM, resource::delete).limited("teams_delete", 1, 1),
    route("create_team_invite", "POST", "/teams/{teamId}/invite", invite::create),
    route("list_team_memberships", "GET", MEMBERS, memberships::list),
    route("create_team_membership", "POST", MEMBERS, memberships::create),
    route("get_team_membership", "GET", MEMBER, memberships::get),
    route("update_team_membership", "PATCH", MEMBER, memberships::update),
    route("delete_team_membership", "DELETE", MEMBER, memberships::delete),
    open("list_team_event_types", EVENTS, event_types::list),
    route("create_team_event_type", "POST", EVENTS, event_types::create),
    route("get_team_event_type", "GET", EVENT, event_types::get),
    route("update_team_event_type", "PATCH", EVENT, event_types::update),
    route("delete_team_event_type", "DELETE", EVENT, event_types::delete),
    route("list_team_bookings", "GET", "/teams/{teamId}/bookings", bookings::of_team),
    route("list_team_schedules", "GET", "/teams/{teamId}/schedules", schedules),
];

/// The schedules of all members.
pub(super) fn schedules(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(listed_schedules(state, request))
}

fn listed_schedules(state: &State, request: &Request) -> Result<Reply, Reply> {
    let team = access::team(state, request, Access::Team(TeamRole::Admin))?;
    let page = page::of(request)?;
    if let Some(id) = request.first_query("eventTypeId") {
        let of_team = |event: &EventType| event.team.as_ref().is_some_and(|of| of.team == team);
        let message = || Reply::exception(404, format!("Event type with id {id} not found in team {team}"));
        id.parse().ok().and_then(|id| state.event_type(id)).filter(|event| of_team(event)).ok_or_else(message)?;
    }
    let members: Vec<i64> = state.memberships.iter().filter(|m| m.team == team).map(|m| m.user).collect();
    let of_members = state.schedules.iter().filter(|schedule| members.contains(&schedule.owner));
    Ok(Reply::ok(page.cut(of_members.map(|schedule| super::schedules::render(state, schedule)))))
}
