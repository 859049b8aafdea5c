//! Who may call a route of a team or an organization. Roles are checked before bodies and queries.

use calcom::operation::LeastRole;

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{State, TeamRole};
use super::super::handler::id_of;

/// The least role that a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// In the team of the path. Administrators of its organization pass too, on routes below the organization.
    Team(TeamRole),
    /// In the organization of the path.
    Organization(TeamRole),
    /// None: the route is public.
    Public,
}

fn forbidden<T>(message: String) -> Result<T, Reply> {
    Err(Reply::exception(403, message))
}

fn prefixed(prefix: &str, role: TeamRole) -> String {
    format!("{prefix}_{}", role.as_str())
}

/// The id of the path's organization, if the caller has this role in it.
pub(crate) fn organization(state: &State, request: &Request, least: TeamRole) -> Result<i64, Reply> {
    let org = existing(state, request)?;
    let user = request.user().unwrap_or_default();
    if !is_server_admin(state, user) {
        match state.role_in(org, user) {
            None => {
                return forbidden(format!("RolesGuard - User is not a member of the organization with id={org}."));
            }
            Some(role) if role < least => {
                return forbidden(format!(
                    "RolesGuard - user with id={user} does not have the minimum required role={} within organization with \
                     id={org}.",
                    prefixed("ORG", least)
                ));
            }
            Some(_) => {}
        }
    }
    may_use_api(state, org)?;
    Ok(org)
}

/// The id of the path's organization, if there is one.
fn existing(state: &State, request: &Request) -> Result<i64, Reply> {
    let org = id_of(request, "orgId")?;
    if state.team(org).is_some_and(|team| team.is_organization) {
        return Ok(org);
    }
    forbidden(format!("IsOrgGuard - provided organization id={org} does not represent any existing organization."))
}

/// A platform organization needs a plan, every organization its settings.
fn may_use_api(state: &State, org: i64) -> Result<(), Reply> {
    let Some(team) = state.team(org) else { return Ok(()) };
    if let Some(plan) = team.plan.as_deref().filter(|plan| matches!(*plan, "FREE" | "STARTER")) {
        return forbidden(format!(
            "PlatformPlanGuard - organization with id={org} does not have required plan for this operation. Minimum plan is \
             ESSENTIALS while the organization has {plan}."
        ));
    }
    if team.has_settings {
        return Ok(());
    }
    forbidden(
        "IsAdminAPIEnabledGuard - Organization does not have Admin API access, please contact https://cal.com/sales to \
         upgrade"
            .to_owned(),
    )
}

/// The id of the path's team, if the caller may use the route.
pub(crate) fn team(state: &State, request: &Request, access: Access) -> Result<i64, Reply> {
    if request.has_param("orgId") {
        return team_of_organization(state, request, access);
    }
    let team = id_of(request, "teamId")?;
    let user = request.user().unwrap_or_default();
    let Access::Team(least) = access else { return Ok(team) };
    if is_server_admin(state, user) {
        return Ok(team);
    }
    match state.role_in(team, user) {
        None => forbidden(format!("RolesGuard - User is not a member of the team with id={team}.")),
        Some(role) if role < least => forbidden(format!(
            "RolesGuard - user with id={user} does not have the minimum required role={} within team with id={team}.",
            prefixed("TEAM", least)
        )),
        Some(_) => Ok(team),
    }
}

fn team_of_organization(state: &State, request: &Request, access: Access) -> Result<i64, Reply> {
    let org = existing(state, request)?;
    let team = id_of(request, "teamId")?;
    let user = request.user().unwrap_or_default();
    let of_org = state.team(team).is_some_and(|team| team.parent == Some(org));
    let in_org = || {
        let message = || Reply::exception(404, format!("IsTeamInOrg - Team ({team}) not found."));
        of_org.then_some(team).ok_or_else(message)
    };
    let leads = state.role_in(org, user).is_some_and(|role| role >= TeamRole::Admin);
    if access == Access::Public || leads || is_server_admin(state, user) {
        let team = in_org()?;
        if access != Access::Public {
            may_use_api(state, org)?;
        }
        return Ok(team);
    }
    if state.role_in(org, user).is_none() {
        return forbidden(format!("RolesGuard - User is not part of the organization with id={org}."));
    }
    let missing = |role: String| {
        forbidden(format!(
            "RolesGuard - user with id={user} does not have the minimum required role={role} within organization with \
             id={org} team with id={team}."
        ))
    };
    let least = match access {
        Access::Organization(least) => return missing(prefixed("ORG", least)),
        Access::Team(least) => least,
        Access::Public => TeamRole::Member,
    };
    match state.role_in(team, user) {
        None => forbidden(format!(
            "RolesGuard - User is not part of the team with id={team} and/or, is not an admin nor an owner of the \
             organization with id={org}."
        )),
        Some(role) if role < least => missing(prefixed("TEAM", least)),
        Some(_) => {
            may_use_api(state, org)?;
            in_org()
        }
    }
}

/// The id of the path's user, if the user is in the organization.
pub(crate) fn user_of_organization(state: &State, request: &Request, org: i64) -> Result<i64, Reply> {
    let user = id_of(request, "userId")?;
    match state.role_in(org, user) {
        Some(_) => Ok(user),
        None => forbidden(format!("IsUserInOrg - user with id={user} is not part of the organization with id={org}.")),
    }
}

/// Checks the role that the document asks for. A fake without teams has no roles, and takes every caller.
pub(crate) fn of_document(state: &State, request: &Request, least: LeastRole) -> Result<(), Reply> {
    if state.teams.is_empty() {
        return Ok(());
    }
    let (role, of_team) = match least {
        LeastRole::TeamMember => (TeamRole::Member, true),
        LeastRole::TeamAdmin => (TeamRole::Admin, true),
        LeastRole::TeamOwner => (TeamRole::Owner, true),
        LeastRole::OrganizationMember => (TeamRole::Member, false),
        _ => (TeamRole::Admin, false),
    };
    match (request.has_param("teamId"), of_team) {
        (true, true) => drop(team(state, request, Access::Team(role))?),
        (true, false) => drop(team(state, request, Access::Organization(role))?),
        (false, _) if request.has_param("orgId") => drop(organization(state, request, role)?),
        (false, _) => return Ok(()),
    }
    let Some(org) = request.id_param("orgId").filter(|_| request.has_param("userId")) else { return Ok(()) };
    if !request.has_param("teamId") {
        return user_of_organization(state, request, org).map(drop);
    }
    let (user, team) = (id_of(request, "userId")?, id_of(request, "teamId")?);
    if state.role_in(team, user).is_some() {
        return Ok(());
    }
    forbidden(format!(
        "IsUserInOrgTeam - user with id=({user}) is not part of the team with id=({team}) in the organization with id=({org})"
    ))
}

fn is_server_admin(state: &State, user: i64) -> bool {
    state.user(user).is_some_and(|user| user.is_admin)
}
