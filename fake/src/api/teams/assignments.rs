//! Which users of an organization have which attribute options.

use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::route::Route;
use super::super::super::state::attribute::{AttributeAssignment, AttributeOption};
use super::super::super::state::{IdKind, State, TeamRole};
use super::super::handler::{finish, id_of};
use super::attributes::{insert_option, render_option};
use super::resource::taken_record;
use super::{access, route};

const OF_USER: &str = "/organizations/{orgId}/attributes/options/{userId}";
const ONE_OF_USER: &str = "/organizations/{orgId}/attributes/options/{userId}/{attributeOptionId}";
const ASSIGNED: &str = "/organizations/{orgId}/attributes/{attributeId}/options/assigned";
const ASSIGNED_BY_SLUG: &str = "/organizations/{orgId}/attributes/slugs/{attributeSlug}/options/assigned";

pub(crate) const ROUTES: &[Route] = &[
    route("list_assigned_options", "GET", ASSIGNED, list_assigned),
    route("list_assigned_options_by_slug", "GET", ASSIGNED_BY_SLUG, list_assigned),
    route("list_user_attribute_options", "GET", OF_USER, list_of_user),
    route("assign_attribute_option", "POST", OF_USER, assign),
    route("update_attribute_assignment", "PATCH", ONE_OF_USER, update).only_in(calcom::Contract::Hosted),
    route("unassign_attribute_option", "DELETE", ONE_OF_USER, unassign),
];

fn render(assigned: &AttributeAssignment) -> Value {
    json!({
        "id": assigned.id,
        "memberId": assigned.member,
        "attributeOptionId": assigned.option,
        "weight": assigned.weight,
        "createdAt": millis(assigned.created),
        "createdById": null,
        "createdByDSyncId": null,
        "updatedAt": millis(assigned.updated),
        "updatedById": null,
        "updatedByDSyncId": null,
    })
}

/// The number in a query, which the service does not check.
fn number(request: &Request, name: &str, default: usize) -> Result<usize, Reply> {
    request.first_query(name).map_or(Ok(default), |text| text.parse().map_err(|_| Reply::internal()))
}

fn list_assigned(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list_assigned(state, request))
}

/// The options that users have, by id. A filter chooses options, and each is shown with all its users.
fn try_list_assigned(state: &State, request: &Request) -> Result<Reply, Reply> {
    let org = access::organization(state, request, TeamRole::Member)?;
    let (skip, take) = (number(request, "skip", 0)?, number(request, "take", 250)?);
    let all = &state.attributes;
    let attribute = match request.has_param("attributeSlug") {
        true => {
            let slug = request.param("attributeSlug");
            all.attributes.iter().find(|known| known.organization == org && known.slug == slug).map(|known| &*known.id)
        }
        false => Some(request.param("attributeId")),
    };
    let teams = request.list_query("teamIds");
    let others = request.list_query("assignedOptionIds");
    let in_teams = |user: i64| {
        let is_member = |team: &String| team.parse().is_ok_and(|team| state.role_in(team, user).is_some());
        teams.as_ref().is_none_or(|teams| teams.iter().any(is_member))
    };
    let has_others = |user: i64| others.as_ref().is_none_or(|others| others.iter().any(|other| all.has(user, other)));
    let mut options: Vec<&AttributeOption> =
        all.options.iter().filter(|option| attribute == Some(option.attribute.as_str())).collect();
    options.sort_by(|one, other| one.id.cmp(&other.id));
    let shown = options.into_iter().filter_map(|option| {
        let users =
            all.assignments.iter().filter(|assigned| assigned.option == option.id).map(|assigned| assigned.user);
        let users: Vec<i64> = users.collect();
        users.iter().any(|user| in_teams(*user) && has_others(*user)).then(|| {
            json!({ "id": option.id, "attributeId": option.attribute, "value": option.value, "slug": option.slug,
                "assignedUserIds": users })
        })
    });
    Ok(Reply::ok(shown.skip(skip).take(take).collect()))
}

fn list_of_user(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Member).and_then(|_| {
        let user = id_of(request, "userId")?;
        let mut options: Vec<&AttributeOption> =
            state.attributes.options.iter().filter(|option| state.attributes.has(user, &option.id)).collect();
        options.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Reply::ok(options.into_iter().map(render_option).collect()))
    }))
}

fn assign(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_assign(state, request))
}

fn try_assign(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let org = access::organization(state, request, TeamRole::Admin)?;
    let not_empty = ValidationRule::Custom("isNotEmpty", |value| *value != json!(""), "$property should not be empty");
    Checker::of(&request.body)
        .required("attributeId", &[ValidationRule::String, not_empty])
        .optional("attributeOptionId", &[ValidationRule::String])
        .optional("value", &[ValidationRule::String])
        .optional("weight", &[ValidationRule::Number])
        .tree()?;
    let user = id_of(request, "userId")?;
    let member = state.memberships.iter().find(|m| m.team == org && m.user == user).map(|m| m.id);
    let member = member.ok_or_else(|| {
        Reply::exception(404, format!("Membership for user with id {user} within organization id {org} not found"))
    })?;
    let id = request.text("attributeId").unwrap_or_default();
    let attribute = state.attributes.get(org, id).ok_or_else(|| Reply::exception(404, "Attribute not found"))?;
    let takes_value = matches!(attribute.kind.as_str(), "TEXT" | "NUMBER");
    let option = match (request.text("value"), request.text("attributeOptionId")) {
        (Some(_), _) if !takes_value => return Err(Reply::exception(400, "Attribute type does not support value")),
        // Each value is an option of its own.
        (Some(value), _) => insert_option(state, id, value.to_owned(), slug_of(value)).id,
        // The option of another attribute is taken too.
        (None, Some(option)) => match state.attributes.option(option) {
            Some(_) => option.to_owned(),
            None => {
                return Err(Reply::coded(400, "BAD_REQUEST", "Invalid input: The referenced data does not exist."));
            }
        },
        (None, None) => return Err(Reply::internal()),
    };
    if state.attributes.has(user, &option) {
        return Err(taken_record());
    }
    let (id, now) = (state.ids.uuid(IdKind::AttributeAssignment), state.now());
    let weight = request.fields().get("weight").and_then(Value::as_f64);
    let assigned = AttributeAssignment { id, member, user, option, weight, created: now, updated: now };
    let reply = Reply::created(render(&assigned));
    state.attributes.assignments.push(assigned);
    Ok(reply)
}

/// `Mimi 2` is `mimi-2`.
fn slug_of(value: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let dashed: String = value.chars().map(plain).collect();
    dashed.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The position of the path's assignment.
fn position(state: &State, request: &Request) -> Result<usize, Reply> {
    let (user, option) = (id_of(request, "userId")?, request.param("attributeOptionId"));
    let at = state.attributes.assignments.iter().position(|known| known.user == user && known.option == option);
    at.ok_or_else(|| Reply::exception(404, "Attribute does not belong to this user"))
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|_| {
        Checker::of(&request.body).optional("weight", &[ValidationRule::Min(0), ValidationRule::Number]).tree()?;
        let (at, now) = (position(state, request)?, state.now());
        let assigned = &mut state.attributes.assignments[at];
        if let Some(weight) = request.fields().get("weight") {
            assigned.weight = weight.as_f64();
        }
        assigned.updated = now;
        Ok(Reply::ok(render(assigned)))
    }))
}

/// Any member may take an option from any user.
fn unassign(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Member).and_then(|_| {
        let at = position(state, request)?;
        Ok(Reply::ok(render(&state.attributes.assignments.remove(at))))
    }))
}
