//! `/v2/organizations`: teams, members, event types and bookings.

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::route::Route;
use super::super::super::state::{State, TeamRole};
use super::super::bookings::links;
use super::super::handler::finish;
use super::access::{self, Access};
use super::{bookings, event_types, invite, memberships, open, resource, route, schedules};

const TEAMS: &str = "/organizations/{orgId}/teams";
const TEAM: &str = "/organizations/{orgId}/teams/{teamId}";
const EVENTS: &str = "/organizations/{orgId}/teams/{teamId}/event-types";
const EVENT: &str = "/organizations/{orgId}/teams/{teamId}/event-types/{eventTypeId}";
const TEAM_MEMBERS: &str = "/organizations/{orgId}/teams/{teamId}/memberships";
const TEAM_MEMBER: &str = "/organizations/{orgId}/teams/{teamId}/memberships/{membershipId}";
const MEMBERS: &str = "/organizations/{orgId}/memberships";
const MEMBER: &str = "/organizations/{orgId}/memberships/{membershipId}";
const REFERENCES: &str = "/organizations/{orgId}/teams/{teamId}/bookings/{bookingUid}/references";

pub(crate) const ROUTES: &[Route] = &[
    route("list_organization_teams", "GET", TEAMS, resource::list_of_organization),
    route("create_organization_team", "POST", TEAMS, resource::create_in_organization),
    route(
        "list_organization_event_types",
        "GET",
        "/organizations/{orgId}/teams/event-types",
        event_types::list_of_organization,
    ),
    route("list_my_organization_teams", "GET", "/organizations/{orgId}/teams/me", resource::list_mine_in_organization),
    route("get_organization_team", "GET", TEAM, resource::get),
    route("update_organization_team", "PATCH", TEAM, resource::update),
    route("delete_organization_team", "DELETE", TEAM, resource::delete).limited("org_teams_delete", 1, 1),
    route("create_organization_team_invite", "POST", "/organizations/{orgId}/teams/{teamId}/invite", invite::create),
    route("list_organization_team_memberships", "GET", TEAM_MEMBERS, memberships::list),
    route("create_organization_team_membership", "POST", TEAM_MEMBERS, memberships::create),
    route("get_organization_team_membership", "GET", TEAM_MEMBER, memberships::get),
    route("update_organization_team_membership", "PATCH", TEAM_MEMBER, memberships::update),
    route("delete_organization_team_membership", "DELETE", TEAM_MEMBER, memberships::delete),
    route("list_organization_memberships", "GET", MEMBERS, memberships::list),
    route("create_organization_membership", "POST", MEMBERS, memberships::create),
    route("get_organization_membership", "GET", MEMBER, memberships::get),
    route("update_organization_membership", "PATCH", MEMBER, memberships::update),
    route("delete_organization_membership", "DELETE", MEMBER, memberships::delete),
    open("list_organization_team_event_types", EVENTS, event_types::list),
    route("create_organization_team_event_type", "POST", EVENTS, event_types::create),
    route("get_organization_team_event_type", "GET", EVENT, event_types::get),
    route("update_organization_team_event_type", "PATCH", EVENT, event_types::update),
    route("delete_organization_team_event_type", "DELETE", EVENT, event_types::delete),
    route(
        "list_organization_team_bookings",
        "GET",
        "/organizations/{orgId}/teams/{teamId}/bookings",
        bookings::of_team,
    ),
    route("list_organization_team_booking_references", "GET", REFERENCES, references),
    route("list_organization_bookings", "GET", "/organizations/{orgId}/bookings", bookings::of_organization),
    route(
        "list_organization_user_bookings",
        "GET",
        "/organizations/{orgId}/users/{userId}/bookings",
        bookings::of_user,
    ),
    route("list_organization_team_schedules", "GET", "/organizations/{orgId}/teams/{teamId}/schedules", schedules),
];

/// The references of any booking: the service does not compare its team.
fn references(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(
        access::team(state, request, Access::Team(TeamRole::Admin)).and_then(|_| links::references_of(state, request)),
    )
}
