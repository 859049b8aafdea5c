//! The members of a team or an organization.

use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::{IdKind, Membership, State, TeamRole};
use super::super::handler::{finish, id_of};
use super::access::{self, Access};
use super::{page, resource::taken_record};

const ROLES: &[&str] = &["MEMBER", "ADMIN", "OWNER"];

/// The team or the organization of the path.
fn place(state: &State, request: &Request) -> Result<i64, Reply> {
    match request.has_param("teamId") {
        true => access::team(state, request, Access::Team(TeamRole::Admin)),
        false => access::organization(state, request, TeamRole::Admin),
    }
}

fn render(state: &State, membership: &Membership) -> Value {
    let user = state.user(membership.user).map(|user| {
        json!({ "avatarUrl": user.avatar_url, "username": user.username, "name": user.name, "email": user.email,
            "bio": user.bio })
    });
    let mut shown = json!({
        "id": membership.id,
        "userId": membership.user,
        "teamId": membership.team,
        "accepted": membership.accepted,
        "role": membership.role.as_str(),
        "disableImpersonation": membership.disable_impersonation,
        "user": user,
    });
    if state.team(membership.team).is_some_and(|team| team.is_organization) {
        shown["customRoleId"] = format!("{}_role", membership.role.as_str().to_ascii_lowercase()).into();
        shown["createdAt"] = millis(membership.created).into();
        shown["updatedAt"] = millis(membership.created).into();
        shown["attributes"] = json!([]);
    }
    shown
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(place(state, request).and_then(|team| {
        let page = page::of(request)?;
        // Addresses are repeated parameters; a comma is a part of an address.
        let mut emails = request.query.iter().filter(|(key, _)| key == "emails").map(|(_, value)| value).peekable();
        let emails: Option<Vec<&String>> = emails.peek().is_some().then(|| emails.collect());
        let named = |m: &&Membership| {
            let email = state.user(m.user).map(|user| &user.email);
            emails.as_ref().is_none_or(|emails| email.is_some_and(|email| emails.contains(&email)))
        };
        let members = state.memberships.iter().filter(|m| m.team == team).filter(named);
        Ok(Reply::ok(page.cut(members.map(|membership| render(state, membership)))))
    }))
}

/// The membership of the path, or the error of the route.
fn found(state: &State, request: &Request, team: i64, deleting: bool) -> Result<Membership, Reply> {
    let id = id_of(request, "membershipId")?;
    let found = state.memberships.iter().find(|m| m.id == id && m.team == team);
    found.cloned().ok_or_else(|| {
        let message = match (request.has_param("teamId"), deleting) {
            (false, _) => format!("IsMembershipInOrg - Membership ({id}) not found."),
            (true, false) => "Organization's Team membership not found".to_owned(),
            (true, true) => match request.has_param("orgId") {
                true => format!(
                    "Membership with id {id} not found in team {team} of organization {}",
                    request.param("orgId")
                ),
                false => format!("Membership with id {id} not found in team {team}"),
            },
        };
        Reply::exception(404, message)
    })
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(place(state, request).and_then(|team| {
        let membership = found(state, request, team, false)?;
        Ok(Reply::ok(render(state, &membership)))
    }))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let team = place(state, request)?;
    let of_org = !request.has_param("teamId");
    // The service fills in the defaults before it checks.
    let mut body = json!({ "accepted": false, "role": "MEMBER", "disableImpersonation": false });
    if let Some(body) = body.as_object_mut() {
        body.extend(request.fields().clone());
    }
    let mut checker = Checker::of(&body);
    checker.required("userId", &[ValidationRule::Int]);
    flags(&mut checker)?;
    let user = request.fields().get("userId").and_then(Value::as_i64).unwrap_or_default();
    if let Some(org) = request.id_param("orgId").filter(|_| !of_org)
        && state.role_in(org, user).is_none()
    {
        return Err(Reply::exception(422, "User is not part of the Organization"));
    }
    if state.user(user).is_none() {
        return Err(Reply::coded(400, "BAD_REQUEST", "Invalid input: The referenced data does not exist."));
    }
    // A second request of an organization is a change.
    let existing = state.memberships.iter().position(|m| m.team == team && m.user == user);
    let at = match existing {
        Some(_) if !of_org => return Err(taken_record()),
        Some(at) => at,
        None => {
            state.memberships.push(Membership {
                id: state.ids.number(IdKind::Membership),
                team,
                user,
                role: TeamRole::Member,
                // A member of the organization has accepted already.
                accepted: request.has_param("orgId") && !of_org,
                disable_impersonation: false,
                created: state.now(),
            });
            state.memberships.len() - 1
        }
    };
    apply(state, at, request);
    let shown = render(state, &state.memberships[at]);
    members_changed(state, team);
    Ok(Reply::created(shown))
}

/// Makes the hosts of a team's event types those of its members, after members came or left: a host who left is none any more,
/// and managed event types have a copy for each host.
pub(super) fn members_changed(state: &mut State, team: i64) {
    let members: Vec<i64> = state.memberships.iter().filter(|m| m.team == team).map(|m| m.user).collect();
    let of_team = state.event_types.iter_mut().filter_map(|event| {
        let of = event.team.as_mut().filter(|of| of.team == team)?;
        of.hosts.retain(|host| members.contains(&host.user));
        Some(event.id)
    });
    for event in of_team.collect::<Vec<_>>() {
        super::event_types::update_copies(state, event);
    }
}

fn flags(checker: &mut Checker<'_>) -> Result<(), Reply> {
    checker
        .optional("role", &[ValidationRule::Enum(ROLES)])
        .optional("accepted", &[ValidationRule::Boolean])
        .optional("disableImpersonation", &[ValidationRule::Boolean])
        .tree()
}

fn apply(state: &mut State, at: usize, request: &Request) {
    let flag = |name: &str| request.fields().get(name).and_then(Value::as_bool);
    let in_team_of_org = request.has_param("orgId") && request.has_param("teamId");
    let membership = &mut state.memberships[at];
    if let Some(role) = request.text("role").and_then(TeamRole::parse) {
        membership.role = role;
    }
    if let Some(accepted) = flag("accepted").filter(|_| !in_team_of_org) {
        membership.accepted = accepted;
    }
    if let Some(disabled) = flag("disableImpersonation") {
        membership.disable_impersonation = disabled;
    }
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(place(state, request).and_then(|team| {
        if ["role", "accepted", "disableImpersonation"]
            .iter()
            .any(|n| request.fields().get(*n).is_some_and(Value::is_null))
        {
            return Err(Reply::internal());
        }
        let unchecked = if request.has_param("teamId") { None } else { Some(found(state, request, team, false)?) };
        flags(&mut Checker::of(&request.body))?;
        let membership = unchecked.map_or_else(|| found(state, request, team, false), Ok)?;
        if let Some(at) = state.memberships.iter().position(|m| m.id == membership.id) {
            apply(state, at, request);
        }
        let membership = found(state, request, team, false)?;
        Ok(Reply::ok(render(state, &membership)))
    }))
}

pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(place(state, request).and_then(|team| {
        let membership = found(state, request, team, true)?;
        let shown = render(state, &membership);
        let of_org = !request.has_param("teamId");
        let inner: Vec<i64> = state.teams.iter().filter(|t| of_org && t.parent == Some(team)).map(|t| t.id).collect();
        state.memberships.retain(|m| m.id != membership.id && !(m.user == membership.user && inner.contains(&m.team)));
        for team in inner.into_iter().chain([team]) {
            members_changed(state, team);
        }
        Ok(Reply::ok(shown))
    }))
}
