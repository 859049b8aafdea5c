//! The event types of a team: collective, round robin and managed.

use serde_json::{Map, Value, json};

use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{
    EventType, EventTypeHost, IdKind, SchedulingType, State, TeamEventTypeFields, TeamRole,
};
use super::super::event_types::{input, render};
use super::super::handler::{finish, id_of};
use super::access::{self, Access};

/// What the event type refers to: ids in single responses, whole objects in lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HostsShape {
    Id,
    Whole,
}

fn render(state: &State, event: &EventType, form: HostsShape, hosts_limit: usize) -> Value {
    let mut shown = render::event_type(state, event, render::EventTypeShape::Single);
    let Some(map) = shown.as_object_mut() else { return shown };
    map.remove("users");
    let mut metadata = map.remove("metadata").unwrap_or_default();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("rescheduleWithSameRoundRobinHost", rest(event, "rescheduleWithSameRoundRobinHost"));
    put("rrHostSubsetEnabled", json!(false));
    put("parentEventTypeId", event.parent.into());
    let managed =
        event.parent.is_some() || event.team.as_ref().is_some_and(|of| of.scheduling == SchedulingType::Managed);
    if managed {
        metadata["managedEventConfig"] = json!({});
    }
    if let Some(settings) = event.rest.get("emailSettings") {
        let to = |name: &str| settings.get(name).and_then(Value::as_bool).unwrap_or(false);
        let all = json!({ "attendee": to("disableEmailsToAttendees"), "host": to("disableEmailsToHosts") });
        metadata["disableStandardEmails"] = json!({ "all": all });
    }
    put("metadata", metadata);
    let Some(of) = &event.team else {
        put("hosts", json!([]));
        put("teamId", Value::Null);
        put("schedulingType", Value::Null);
        put("team", json!({ "id": null }));
        return shown;
    };
    let hosts = state.hosts_of(event);
    let limit = if hosts_limit == 0 { hosts.len() } else { hosts_limit };
    put("hosts", hosts.iter().take(limit).map(|host| host_shown(state, of, host)).collect());
    put("teamId", of.team.into());
    put("ownerId", Value::Null);
    put("schedulingType", of.scheduling.as_str().into());
    put("assignAllTeamMembers", of.assign_all.into());
    put("bookingUrl", json!(""));
    put("team", team_shown(state, of.team, form));
    if let Some(settings) = event.rest.get("emailSettings") {
        put("emailSettings", settings.clone());
    }
    shown
}

fn rest(event: &EventType, name: &str) -> Value {
    event.rest.get(name).cloned().unwrap_or(json!(false))
}

/// Only a host in turns has a rank.
fn host_shown(state: &State, of: &TeamEventTypeFields, host: &EventTypeHost) -> Value {
    let user = state.user(host.user);
    let mut shown = json!({
        "userId": host.user,
        "name": user.map(|user| &user.name),
        "username": user.map(|user| &user.username),
        "avatarUrl": user.and_then(|user| user.avatar_url.clone()),
    });
    if of.scheduling == SchedulingType::RoundRobin {
        shown["mandatory"] = host.mandatory.into();
        shown["priority"] = host.priority.clone().into();
    }
    shown
}

fn team_shown(state: &State, id: i64, form: HostsShape) -> Value {
    let Some(team) = state.team(id).filter(|_| form == HostsShape::Whole) else { return json!({ "id": id }) };
    let names = ["name", "bannerUrl", "logoUrl", "weekStart", "brandColor", "darkBrandColor", "theme"];
    let mut shown: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), team.fields.get(*name).cloned().unwrap_or_default())).collect();
    shown.insert("id".to_owned(), id.into());
    shown.insert("slug".to_owned(), team.slug.clone().into());
    shown.into()
}

/// The managed event type and its copies, or the event type alone.
fn with_copies(state: &State, id: i64) -> Value {
    let Some(event) = state.event_type(id) else { return Value::Null };
    let one = |event: &EventType| render(state, event, HostsShape::Id, 0);
    if event.team.as_ref().is_none_or(|of| of.scheduling != SchedulingType::Managed) {
        return one(event);
    }
    let copies = state.event_types.iter().filter(|copy| copy.parent == Some(id));
    std::iter::once(event).chain(copies).map(one).collect()
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(listed(state, request))
}

fn listed(state: &State, request: &Request) -> Result<Reply, Reply> {
    if request.id_param("teamId").is_none() && !request.has_param("orgId") {
        return Err(Reply::exception(400, "Validation failed (numeric string is expected)"));
    }
    let team = access::team(state, request, Access::Public)?;
    let of_team = |event: &&EventType| event.team.as_ref().is_some_and(|of| of.team == team);
    select(state, request, of_team)
}

/// All event types of the teams of an organization. Self-hosted servers take `event-types` for the id of a team.
pub(super) fn list_of_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    if state.contract == calcom::Contract::SelfHosted {
        return Reply::internal().into();
    }
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let of_org = |event: &&EventType| {
            let team = event.team.as_ref().and_then(|of| state.team(of.team));
            team.is_some_and(|team| team.parent == Some(org))
        };
        select(state, request, of_org)
    }))
}

fn select(state: &State, request: &Request, of: impl Fn(&&EventType) -> bool) -> Result<Reply, Reply> {
    let order = request.first_query("sortCreatedAt");
    if order.is_some() {
        let query = json!({ "sortCreatedAt": order });
        Checker::of(&query).required("sortCreatedAt", &[ValidationRule::Enum(&["asc", "desc"])]).tree()?;
    }
    let slug = request.first_query("eventSlug");
    let limit = request.first_query("hostsLimit").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut events: Vec<&EventType> =
        state.event_types.iter().filter(of).filter(|event| slug.is_none_or(|slug| event.slug == slug)).collect();
    for event in &events {
        readable(event)?;
    }
    if order == Some("desc") {
        events.reverse();
    }
    Ok(Reply::ok(events.into_iter().map(|event| render(state, event, HostsShape::Whole, limit)).collect()))
}

/// The event type of the path, if it is one of the team.
fn own(state: &State, request: &Request, team: i64) -> Option<EventType> {
    let id = request.id_param("eventTypeId")?;
    state.event_type(id).filter(|event| event.team.as_ref().is_some_and(|of| of.team == team)).cloned()
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::team(state, request, Access::Team(TeamRole::Admin)).and_then(|team| {
        let id = id_of(request, "eventTypeId")?;
        let event = own(state, request, team);
        let event = event.ok_or_else(|| Reply::exception(404, format!("Event type with id {id} not found")))?;
        readable(&event)?;
        Ok(Reply::ok(render(state, &event, HostsShape::Id, 0)))
    }))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let team = access::team(state, request, Access::Team(TeamRole::Admin))?;
    input::check_after(&request.body, true, |checker| check_scheduling(checker, true))?;
    input::refuse(request.fields())?;
    slug_is_free(state, team, request.text("slug"), None)?;
    let hosts = hosts(state, request, team)?;
    let id = state.ids.number(IdKind::EventType);
    let mut event = EventType::plain(id, 0, "", "", 0);
    event.locations = vec![json!({ "type": "integration", "integration": "cal-video" })];
    let scheduling =
        request.text("schedulingType").and_then(SchedulingType::parse).unwrap_or(SchedulingType::Collective);
    event.team = Some(TeamEventTypeFields { team, scheduling, hosts: hosts.unwrap_or_default(), assign_all: false });
    apply(&mut event, request.fields().clone(), request);
    state.event_types.push(event);
    state.record_change(Change::created(ResourceKind::EventType, id));
    update_copies(state, id);
    Ok(Reply::created(with_copies(state, id)))
}

/// Applies a change. `null` clears most properties; limits that are switched off are shown as empty ones.
fn apply_update(event: &mut EventType, request: &Request) {
    const KEPT: [&str; 6] = ["bookingFields", "bookingWindow", "color", "confirmationPolicy", "hosts", "locations"];
    let mut body = request.fields().clone();
    body.retain(|name, value| !value.is_null() || !KEPT.contains(&name.as_str()));
    for name in ["bookingLimitsCount", "bookingLimitsDuration"] {
        if body.get(name).is_some_and(|limits| limits.get("disabled") == Some(&Value::Bool(true))) {
            body.insert(name.to_owned(), json!({}));
        }
    }
    if let Some(options) = body.get("lengthInMinutesOptions") {
        match options.is_null() {
            true => drop(event.rest.insert(UNREADABLE.to_owned(), Value::Null)),
            false => drop(event.rest.remove(UNREADABLE)),
        }
    }
    apply(event, body, request);
}

/// The lengths that the service stores as `null`, and cannot read afterwards.
const UNREADABLE: &str = "lengthInMinutesOptions";

fn readable(event: &EventType) -> Result<(), Reply> {
    match event.rest.get(UNREADABLE) {
        Some(Value::Null) => {
            Err(Reply::coded(400, "BAD_REQUEST", "multipleDuration - Expected array, received null, "))
        }
        _ => Ok(()),
    }
}

fn apply(event: &mut EventType, mut body: Map<String, Value>, request: &Request) {
    body.retain(|name, _| !["schedulingType", "hosts", "assignAllTeamMembers"].contains(&name.as_str()));
    input::apply_create(event, &body);
    let all = request.fields().get("assignAllTeamMembers").and_then(Value::as_bool);
    if let (Some(of), Some(all)) = (&mut event.team, all) {
        of.assign_all = all;
    }
}

fn check_scheduling(checker: &mut Checker<'_>, required: bool) {
    let known = |value: &Value| value.as_str().is_some_and(|text| SchedulingType::parse(text).is_some());
    const TEXT: &str = "$property must be one of the following values: ROUND_ROBIN, COLLECTIVE, MANAGED";
    if required {
        checker.required("schedulingType", &[ValidationRule::Custom("isEnum", known, TEXT)]);
    } else {
        checker.optional("schedulingType", &[ValidationRule::Custom("isEnum", known, TEXT)]);
    }
}

/// The hosts of the body. All have to be members.
fn hosts(state: &State, request: &Request, team: i64) -> Result<Option<Vec<EventTypeHost>>, Reply> {
    let Some(list) = request.fields().get("hosts").and_then(Value::as_array) else { return Ok(None) };
    let text = |host: &Value, name: &str| host.get(name).and_then(Value::as_str).map(str::to_owned);
    let hosts: Vec<EventTypeHost> = list
        .iter()
        .map(|host| EventTypeHost {
            user: host.get("userId").and_then(Value::as_i64).unwrap_or_default(),
            mandatory: host.get("mandatory").and_then(Value::as_bool).unwrap_or(false),
            priority: text(host, "priority").unwrap_or_else(|| "medium".to_owned()),
        })
        .collect();
    let foreign: Vec<String> = hosts
        .iter()
        .filter(|host| state.role_in(team, host.user).is_none())
        .map(|host| host.user.to_string())
        .collect();
    if foreign.is_empty() {
        return Ok(Some(hosts));
    }
    let message = format!("Invalid hosts: {} are not members of team with id {team}.", foreign.join(","));
    Err(Reply::exception(404, message))
}

fn slug_is_free(state: &State, team: i64, slug: Option<&str>, except: Option<i64>) -> Result<(), Reply> {
    let known = slug.and_then(|slug| state.event_type_of_team(team, slug));
    if known.is_some_and(|event| Some(event.id) != except) {
        return Err(Reply::exception(400, "Team event type with this slug already exists"));
    }
    Ok(())
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let team = access::team(state, request, Access::Team(TeamRole::Admin))?;
    id_of(request, "eventTypeId")?;
    input::check_after(&request.body, false, |checker| check_scheduling(checker, false))?;
    input::refuse(request.fields())?;
    let event = own(state, request, team);
    let event = event.ok_or_else(|| Reply::exception(400, "Event type to update not found"))?;
    slug_is_free(state, team, request.text("slug"), Some(event.id))?;
    let hosts = hosts(state, request, team)?;
    if let Some(event) = state.event_type_mut(event.id) {
        if let (Some(of), Some(hosts)) = (&mut event.team, hosts) {
            of.hosts = hosts;
        }
        apply_update(event, request);
        event.plain_name = true;
    }
    update_copies(state, event.id);
    state.record_change(Change::updated(ResourceKind::EventType, event.id));
    readable(&event)?;
    state.event_type(event.id).map_or(Ok(()), readable)?;
    Ok(Reply::ok(with_copies(state, event.id)))
}

pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::team(state, request, Access::Team(TeamRole::Admin)).and_then(|team| {
        let id = id_of(request, "eventTypeId")?;
        let event = own(state, request, team);
        let event = event.ok_or_else(|| Reply::exception(404, format!("Event type with ID={id} does not exist.")))?;
        state.event_types.retain(|event| event.id != id && event.parent != Some(id));
        state.record_change(Change::deleted(ResourceKind::EventType, id));
        Ok(Reply::ok(json!({ "id": id, "title": event.title })))
    }))
}

/// Gives each host of a managed event type a copy, and takes it from those who are no longer hosts.
pub(crate) fn update_copies(state: &mut State, id: i64) {
    let Some(event) = state.event_type(id).cloned() else { return };
    if event.team.as_ref().is_none_or(|of| of.scheduling != SchedulingType::Managed) {
        return;
    }
    let hosts: Vec<i64> = state.hosts_of(&event).iter().map(|host| host.user).collect();
    state.event_types.retain(|copy| copy.parent != Some(id) || hosts.contains(&copy.owner));
    for owner in hosts {
        let known = state.event_types.iter().position(|copy| copy.parent == Some(id) && copy.owner == owner);
        let copy_id = known.map_or_else(|| state.ids.number(IdKind::EventType), |at| state.event_types[at].id);
        let copy = EventType { id: copy_id, owner, team: None, parent: Some(id), ..event.clone() };
        match known {
            Some(at) => state.event_types[at] = copy,
            None => state.event_types.push(copy),
        }
    }
}
