//! Teams, members and absences of the recorded full server that were made before, as the responses show them.

use std::collections::HashMap;

use calcom_fake::__conformance::{
    EventTypeHost, IdKind, Membership, OutOfOffice, RecordedExchange, SchedulingType, State, Team, TeamEventTypeFields,
    TeamRole,
};
use jiff::Timestamp;
use serde_json::Value;

use super::observation::{Observation, nearest_observation};
use super::tally::{Tally, count};

/// All teams, members and absences, by id.
#[derive(Default)]
pub(super) struct TeamFacts {
    teams: HashMap<i64, Vec<Observation>>,
    members: HashMap<i64, Vec<Observation>>,
    absences: HashMap<i64, Vec<Observation>>,
}

fn number(value: &Value, name: &str) -> Option<i64> {
    value.get(name).and_then(Value::as_i64)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn instant(value: &Value, name: &str) -> Timestamp {
    text(value, name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl TeamFacts {
    pub(super) fn classify(&mut self, exchange: &RecordedExchange, value: &Value) {
        let has = |name: &str| value.get(name).is_some();
        let Some(id) = number(value, "id") else { return };
        let list = if has("isOrganization") && has("slug") {
            &mut self.teams
        } else if has("teamId") && has("userId") && has("role") && has("user") {
            &mut self.members
        } else if has("toUserId") && has("uuid") {
            &mut self.absences
        } else {
            return;
        };
        let observation = Observation { at: exchange.at, of: exchange.name.clone(), value: value.clone() };
        list.entry(id).or_default().push(observation);
    }

    /// Adds what the exchange names or shows.
    pub(super) fn apply(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        let creates = exchange.request.method == "POST";
        let parts: Vec<&str> = exchange.request.path.split('/').collect();
        let named = |word: &str| {
            let at = parts.iter().position(|part| *part == word)?;
            parts.get(at + 1)?.parse::<i64>().ok()
        };
        let unknown = exchange.response.status == 404;
        let mut seen = Vec::new();
        if !creates && exchange.response.is_success() {
            items(exchange.response.body.get("data").unwrap_or(&Value::Null), &mut seen);
        }
        let shown = |facts: &HashMap<i64, Vec<Observation>>| -> Vec<i64> {
            seen.iter().copied().filter(|id| facts.contains_key(id)).collect()
        };
        let is_of = |word: &str| parts.last() == Some(&word) || parts.iter().rev().nth(1) == Some(&word);
        let of_path = |id: Option<i64>| id.filter(|_| !unknown && exchange.response.status != 403);
        let teams = if is_of("teams") || parts.last() == Some(&"me") { shown(&self.teams) } else { Vec::new() };
        for id in teams.into_iter().chain(of_path(named("teams"))) {
            self.add_team(state, exchange, id, tally);
        }
        let members = if is_of("memberships") { shown(&self.members) } else { Vec::new() };
        for id in members.into_iter().chain(of_path(named("memberships"))) {
            self.add_member(state, exchange, id, tally);
        }
        let absences = if is_of("ooo") { shown(&self.absences) } else { Vec::new() };
        let own = of_path(named("ooo"));
        for id in absences.into_iter().chain(own) {
            self.add_absence(state, exchange, id, tally);
        }
        prove_absence(state, exchange, &named);
        prove_member(state, exchange, named("teams"));
        if !creates {
            set_conferencing(state, exchange.response.body.get("data").unwrap_or(&Value::Null));
        }
        self.remove(state, exchange, &seen, is_of("memberships"), is_of("ooo"));
    }

    /// A whole list shows what is no longer there.
    fn remove(
        &self,
        state: &mut State,
        exchange: &RecordedExchange,
        seen: &[i64],
        of_members: bool,
        of_absences: bool,
    ) {
        let whole = exchange.request.method == "GET"
            && exchange.response.is_success()
            && exchange.request.query.as_str().is_none_or(str::is_empty)
            && exchange.response.body.get("data").is_some_and(Value::is_array);
        if !whole {
            return;
        }
        let parts: Vec<&str> = exchange.request.path.split('/').collect();
        let of = |word: &str| {
            let at = parts.iter().position(|part| *part == word)?;
            parts.get(at + 1)?.parse::<i64>().ok()
        };
        if of_members {
            let team = of("teams").or_else(|| of("organizations"));
            state.memberships.retain(|m| Some(m.team) != team || seen.contains(&m.id));
        }
        if of_absences {
            let user = of("users");
            state.absences.retain(|a| user.is_some_and(|user| a.user != user) || seen.contains(&a.id));
        }
    }

    fn add_team(&self, state: &mut State, exchange: &RecordedExchange, id: i64, tally: &mut Tally) {
        if state.team(id).is_some() {
            return;
        }
        let Some(known) = self.teams.get(&id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        let slug = text(value, "slug");
        let mut team = Team::plain(id, &text(value, "name").unwrap_or_default(), slug.as_deref().unwrap_or_default());
        team.parent = number(value, "parentId");
        team.is_organization = value.get("isOrganization") == Some(&Value::Bool(true));
        team.slug = slug;
        let names: Vec<String> = team.fields.keys().cloned().collect();
        for name in names {
            match value.get(&name) {
                Some(value) => drop(team.fields.insert(name, value.clone())),
                None => drop(team.fields.remove(&name)),
            }
        }
        state.teams.push(team);
        state.ids.reserve(IdKind::Team, id);
        count(tally, "a team");
    }

    fn add_member(&self, state: &mut State, exchange: &RecordedExchange, id: i64, tally: &mut Tally) {
        if state.memberships.iter().any(|m| m.id == id) {
            return;
        }
        let Some(known) = self.members.get(&id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let (team, user) = (number(value, "teamId").unwrap_or_default(), number(value, "userId").unwrap_or_default());
        state.memberships.retain(|m| m.team != team || m.user != user);
        state.memberships.push(Membership {
            id,
            team,
            user,
            role: text(value, "role").and_then(|role| TeamRole::parse(&role)).unwrap_or(TeamRole::Member),
            accepted: flag("accepted"),
            disable_impersonation: flag("disableImpersonation"),
            created: instant(value, "createdAt"),
        });
        state.memberships.sort_by_key(|m| m.id);
        count(tally, "a member of a team");
    }

    fn add_absence(&self, state: &mut State, exchange: &RecordedExchange, id: i64, tally: &mut Tally) {
        if state.absences.iter().any(|absence| absence.id == id) {
            return;
        }
        let Some(known) = self.absences.get(&id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        state.absences.push(OutOfOffice {
            id,
            uuid: text(value, "uuid").unwrap_or_default(),
            user: number(value, "userId").unwrap_or_default(),
            to_user: number(value, "toUserId"),
            start: instant(value, "start"),
            end: instant(value, "end"),
            notes: text(value, "notes"),
            reason: text(value, "reason").unwrap_or_default(),
        });
        state.absences.sort_by_key(|absence| absence.id);
        count(tally, "an absence");
    }
}

/// The default app of a team, which is chosen by a route that the fake does not play.
fn set_conferencing(state: &mut State, data: &Value) {
    const CHOSEN: &str = "defaultConferencingApp";
    for shown in data.as_array().into_iter().flatten() {
        let team = state.teams.iter_mut().find(|team| Some(team.id) == number(shown, "id"));
        let metadata = team.and_then(|team| team.fields.get_mut("metadata")).and_then(Value::as_object_mut);
        let chosen =
            shown.pointer("/metadata/defaultConferencingApp").filter(|_| shown.get("isOrganization").is_some());
        if let (Some(metadata), Some(chosen)) = (metadata, chosen) {
            metadata.insert(CHOSEN.to_owned(), chosen.clone());
        }
    }
}

/// A member who cannot be added is one already.
fn prove_member(state: &mut State, exchange: &RecordedExchange, team: Option<i64>) {
    let conflict = exchange.response.status == 409 && exchange.request.path.ends_with("/memberships");
    let (Some(team), Some(user), true) = (team, number(&exchange.request.body, "userId"), conflict) else { return };
    if !state.memberships.iter().any(|m| m.team == team && m.user == user) {
        let (id, created) = (state.ids.number(IdKind::Membership), exchange.at);
        let (role, accepted, disable_impersonation) = (TeamRole::Member, true, false);
        state.memberships.push(Membership { id, team, user, role, accepted, disable_impersonation, created });
    }
}

/// What a response shows not to exist before: what it makes, and what it does not find.
fn prove_absence(state: &mut State, exchange: &RecordedExchange, named: &impl Fn(&str) -> Option<i64>) {
    let (method, status) = (exchange.request.method.as_str(), exchange.response.status);
    let data = exchange.response.body.get("data").unwrap_or(&Value::Null);
    let made = Some(data).filter(|_| method == "POST" && status == 201);
    let mut ids = Vec::new();
    made.into_iter().for_each(|data| items(data, &mut ids));
    let last = exchange.request.path.rsplit('/').next().unwrap_or_default();
    // A role that the caller lacks afterwards is that of a deleted team.
    let again = exchange.name.ends_with("-again");
    let lost = again
        && method == "DELETE"
        && status == 403
        && exchange.response.message().contains("is not a member of the team");
    let gone = |word: &str| named(word).filter(|id| (status == 404 || lost) && last.parse() == Ok(*id));
    match last {
        "teams" => state.teams.retain(|team| !ids.contains(&team.id)),
        // A second request of an organization is a change.
        "memberships" if named("teams").is_some() => state.memberships.retain(|m| !ids.contains(&m.id)),
        "ooo" => state.absences.retain(|absence| !ids.contains(&absence.id)),
        "event-types" => state.event_types.retain(|event| !ids.contains(&event.id)),
        _ => {}
    }
    match (gone("memberships"), gone("ooo"), gone("event-types"), gone("teams")) {
        (Some(id), ..) => state.memberships.retain(|m| m.id != id),
        (_, Some(id), ..) => state.absences.retain(|absence| absence.id != id),
        (_, _, Some(id), _) => state.event_types.retain(|event| event.id != id),
        (.., Some(id)) => {
            state.teams.retain(|team| team.id != id);
            state.memberships.retain(|m| m.team != id);
        }
        _ => {}
    }
}

/// The ids of the data of a response, or of its items.
fn items(data: &Value, seen: &mut Vec<i64>) {
    match data {
        Value::Array(list) => list.iter().for_each(|item| items(item, seen)),
        other => seen.extend(number(other, "id")),
    }
}

/// The team's part of an event type that a response shows.
pub(super) fn team_event(value: &Value) -> Option<TeamEventTypeFields> {
    let hosts = value.get("hosts").and_then(Value::as_array).cloned().unwrap_or_default();
    let hosts = hosts.iter().map(|host| EventTypeHost {
        user: number(host, "userId").unwrap_or_default(),
        mandatory: host.get("mandatory").and_then(Value::as_bool).unwrap_or(false),
        priority: text(host, "priority").unwrap_or_else(|| "medium".to_owned()),
    });
    Some(TeamEventTypeFields {
        team: number(value, "teamId")?,
        scheduling: SchedulingType::parse(&text(value, "schedulingType")?)?,
        hosts: hosts.collect(),
        assign_all: value.get("assignAllTeamMembers") == Some(&Value::Bool(true)),
    })
}
