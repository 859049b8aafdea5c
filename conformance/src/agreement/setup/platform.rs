//! Platform clients, the users whom they manage and their tokens, as the responses prove them. The recordings redact tokens and
//! leave the ids of clients out of the headers.

use std::collections::HashMap;

use calcom_fake::__conformance::{
    IdKind, ManagedUser, Membership, PlatformClient, RecordedExchange, State, Team, TeamRole, User, add_client,
    add_key, set_token,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::observation::{Observation, nearest_observation};
use super::tally::{Tally, count};

/// The owner of the platform, who is on no other page of the recordings, and the organization.
const OWNER: i64 = 900;
const OWNER_KEY: &str = "cal_live_redacted_platform_owner";
const TOKEN: &str = "jwt_redacted";

#[derive(Default)]
pub(super) struct PlatformFacts {
    clients: HashMap<String, Vec<Observation>>,
    users: HashMap<i64, Vec<Observation>>,
}

impl PlatformFacts {
    pub(super) fn classify(&mut self, exchange: &RecordedExchange, value: &Value) {
        let has = |name: &str| value.get(name).is_some();
        let observation = || Observation { at: exchange.at, of: exchange.name.clone(), value: value.clone() };
        if has("redirectUris") && has("organizationId") {
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            self.clients.entry(id.to_owned()).or_default().push(observation());
        } else if has("createdDate") && exchange.request.path.starts_with("/v2/oauth-clients") {
            let id = value.get("id").and_then(Value::as_i64).unwrap_or_default();
            self.users.entry(id).or_default().push(observation());
        }
    }

    pub(super) fn apply(&self, state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
        let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
        let client = match (path.get(1).copied(), path.get(2)) {
            (Some("oauth-clients" | "oauth"), client) => client.copied(),
            _ if exchange.request.header("authorization") == Some(&format!("Bearer {TOKEN}")) => None,
            _ => return,
        };
        add_owner(state);
        if let Some(client) = client {
            self.add_client(state, exchange, client, tally);
        }
        let success = exchange.response.is_success();
        let data = exchange.response.body.get("data").unwrap_or(&Value::Null);
        for value in data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice) {
            if success && exchange.request.method == "GET" && value.get("redirectUris").is_some() {
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
                self.add_client(state, exchange, id, tally);
            }
        }
        let client = client.or_else(|| state.platform_clients.last().map(|client| client.id.as_str()));
        let client = client.unwrap_or_default().to_owned();
        let mut wanted: Vec<i64> = path.get(4).and_then(|id| id.parse().ok()).into_iter().collect();
        if success && exchange.request.method == "GET" {
            let items = data.as_array().map_or_else(|| std::slice::from_ref(data), Vec::as_slice);
            wanted.extend(items.iter().filter_map(|item| item.get("id")?.as_i64()));
        }
        // A deletion that was not recorded.
        let gone = format!("User with ID {} is not part of", path.get(4).unwrap_or(&""));
        if exchange.response.message().starts_with(&gone) {
            state.managed_users.retain(|managed| !wanted.contains(&managed.user));
        }
        for id in wanted.into_iter().filter(|_| exchange.response.status != 404) {
            self.add_user(state, exchange, id, &client, tally);
        }
        self.expect(state, exchange, data);
        self.set_token(state, exchange, data, &client, tally);
    }

    fn add_client(&self, state: &mut State, exchange: &RecordedExchange, id: &str, tally: &mut Tally) {
        let message = exchange.response.message();
        if message.contains("client not found") || message.contains("Client with ID") {
            return;
        }
        // The recorded secret is a redacted one; a wrong one is refused.
        let (owner, organization) = owner(state);
        add_client(state, id, "oauth_client_secret_redacted", owner);
        if state.platform_client(id).is_some() {
            return;
        }
        let known = self.clients.get(id).and_then(|list| nearest_observation(list, exchange));
        let plain = json!({
            "name": "client", "secret": "oauth_client_secret_redacted", "permissions": [], "logo": null,
            "redirectUris": [], "areEmailsEnabled": false, "areDefaultEventTypesEnabled": true,
            "areCalendarEventsEnabled": true,
        });
        let mut fields = known.map_or(&plain, |known| &known.value).as_object().cloned().unwrap_or_default();
        for name in ["id", "organizationId", "createdAt"] {
            fields.remove(name);
        }
        let number = state.ids.number(IdKind::PlatformClient);
        let created = exchange.at;
        state.platform_clients.push(PlatformClient { number, id: id.to_owned(), organization, created, fields });
        count(tally, "a platform client");
    }

    fn add_user(&self, state: &mut State, exchange: &RecordedExchange, id: i64, client: &str, tally: &mut Tally) {
        if state.managed_users.iter().any(|managed| managed.user == id) {
            return;
        }
        let Some(known) = self.users.get(&id).and_then(|list| nearest_observation(list, exchange)) else { return };
        let value = &known.value;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        state.users.retain(|user| user.id != id);
        state.users.push(User {
            id,
            username: text("username").unwrap_or_default(),
            name: text("name").unwrap_or_default(),
            email: text("email").unwrap_or_default(),
            time_zone: text("timeZone").unwrap_or_default(),
            week_start: text("weekStart").unwrap_or_default(),
            time_format: value.get("timeFormat").and_then(Value::as_i64).unwrap_or(12),
            locale: text("locale").unwrap_or_default(),
            avatar_url: text("avatarUrl"),
            bio: text("bio"),
            default_schedule: value.get("defaultScheduleId").and_then(Value::as_i64),
            is_admin: false,
            settings: Map::new(),
            metadata: Map::new(),
            details: Map::new(),
        });
        state.managed_users.push(ManagedUser {
            client: client.to_owned(),
            user: id,
            created: text("createdDate").and_then(|text| text.parse().ok()).unwrap_or_default(),
            metadata: value.get("metadata").and_then(Value::as_object).cloned(),
            refresh_token: String::new(),
        });
        state.managed_users.sort_by_key(|managed| managed.user);
        count(tally, "a managed user");
    }

    /// Sets the ids of what is made, and removes what was not there.
    fn expect(&self, state: &mut State, exchange: &RecordedExchange, data: &Value) {
        let made = exchange.request.method == "POST" && exchange.response.status == 201;
        if let Some(id) = data.pointer("/user/id").and_then(Value::as_i64).filter(|_| made) {
            state.managed_users.retain(|managed| managed.user != id);
            state.users.retain(|user| user.id != id);
            state.ids.set_next_number(IdKind::User, id);
        }
        if let Some(id) = data.get("clientId").and_then(Value::as_str).filter(|_| made) {
            state.platform_clients.retain(|client| client.id != id);
            state.ids.set_next_uid(IdKind::PlatformClient, id.to_owned());
            state.ids.set_next_uid(IdKind::PlatformSecret, "oauth_client_secret_redacted".to_owned());
        }
        let empty = exchange.request.path.ends_with("/users") && data.as_array().is_some_and(Vec::is_empty);
        if empty && exchange.request.method == "GET" {
            state.managed_users.clear();
        }
    }

    /// The user of the redacted token: the one that the response shows.
    fn set_token(&self, state: &mut State, exchange: &RecordedExchange, data: &Value, client: &str, tally: &mut Tally) {
        let status = exchange.response.status;
        if exchange.request.path.contains("/oauth/") {
            let valid = if status == 200 { TOKEN } else { "" };
            for managed in state.managed_users.iter_mut().filter(|managed| managed.client == client) {
                valid.clone_into(&mut managed.refresh_token);
            }
        }
        let first = data.get(0).unwrap_or(data);
        let message = exchange.response.message();
        let named = message.split_once("user with id=").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        let host = first.pointer("/hosts/0/id").or_else(|| first.get("ownerId")).or_else(|| first.get("userId"));
        let shown = host.or_else(|| first.get("id").filter(|_| exchange.request.path == "/v2/me"));
        let shown = shown.and_then(Value::as_i64).or(named).or_else(|| member_of_all(state, exchange, data));
        let user = shown.or_else(|| state.managed_users.first().map(|managed| managed.user)).or(Some(1));
        if shown.is_some_and(|id| self.users.contains_key(&id)) {
            self.add_user(state, exchange, shown.unwrap_or_default(), client, tally);
        }
        let unknown = matches!(status, 401 | 403) && named.is_none();
        let expires = (status == 498).then_some(Timestamp::UNIX_EPOCH);
        set_token(state, TOKEN, user.filter(|_| !unknown), expires);
    }
}

/// The user whose teams are those that the response shows.
fn member_of_all(state: &State, exchange: &RecordedExchange, data: &Value) -> Option<i64> {
    if !exchange.request.path.ends_with("/teams") && !exchange.request.path.ends_with("/teams/me") {
        return None;
    }
    let shown: Vec<i64> = data.as_array()?.iter().filter_map(|team| team.get("id")?.as_i64()).collect();
    let is_in = |user: i64, team: i64| state.memberships.iter().any(|m| m.user == user && m.team == team);
    let mut users =
        state.users.iter().map(|user| user.id).filter(|user| !state.managed_users.iter().any(|m| m.user == *user));
    users.find(|user| !shown.is_empty() && shown.iter().all(|team| is_in(*user, *team)))
}

/// The owner of the platform, and its organization.
fn owner(state: &State) -> (i64, i64) {
    let full = state.user_named("paul").map(|user| user.id);
    let organization = state.memberships.iter().find(|m| Some(m.user) == full).map(|m| m.team);
    (full.unwrap_or(OWNER), organization.unwrap_or(OWNER))
}

fn add_owner(state: &mut State) {
    if state.user(OWNER).is_some() || !state.community {
        return;
    }
    let template = state.users.first().cloned();
    state.users.extend(template.map(|user| User {
        id: OWNER,
        username: "platform".to_owned(),
        email: "platform@example.com".to_owned(),
        ..user
    }));
    let mut team = Team::plain(OWNER, "platform", "platform");
    team.is_organization = true;
    state.teams.push(team);
    let (id, created) = (state.ids.number(IdKind::Membership), state.now());
    let role = TeamRole::Owner;
    state.memberships.push(Membership {
        id,
        team: OWNER,
        user: OWNER,
        role,
        accepted: true,
        disable_impersonation: false,
        created,
    });
    add_key(state, OWNER_KEY, OWNER);
}

/// The id of the client that the recordings left out of the headers.
pub(in super::super) fn missing_client_id(exchange: &RecordedExchange) -> Option<&str> {
    let request = &exchange.request;
    let path: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    let client = path.get(2).filter(|_| matches!(path.get(1), Some(&("oauth-clients" | "oauth"))))?;
    let alone = exchange.response.message().contains("Only 'x-cal-client-id' header provided");
    let sent = request.header("x-cal-client-id").is_some() || request.header("authorization").is_some();
    (!sent && (alone || request.header("x-cal-secret-key").is_some())).then_some(client)
}
