//! Teams themselves: list, create, read, change, delete.

use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{IdKind, Membership, State, Team, TeamRole};
use super::super::handler::finish;
use super::access::{self, Access};
use super::page;

const TEXTS: [&str; 7] = ["slug", "bio", "timeZone", "weekStart", "theme", "brandColor", "darkBrandColor"];
const ADDRESSES: [&str; 5] = ["logoUrl", "calVideoLogo", "appLogo", "appIconLogo", "bannerUrl"];
const FLAGS: [&str; 4] = ["hideBranding", "isPrivate", "hideBookATeamMember", "autoAcceptCreator"];
const METADATA: &str = "metadata must be an object with up to 50 keys, each key name up to 40 characters, and values with a \
                        maximum length of 500 characters.";
const ADDRESS: &str = "URL is not allowed for security reasons (blocked: private IPs, metadata endpoints)";

/// The teams and organizations of the caller.
pub(super) fn list_own(state: &mut State, request: &Request) -> HandlerOutcome {
    let user = request.user();
    let mine = |team: &&Team| state.memberships.iter().any(|m| m.team == team.id && Some(m.user) == user);
    Reply::ok(state.teams.iter().filter(mine).map(Team::shown).collect()).into()
}

pub(super) fn list_of_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    let list = access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let page = page::of(request)?;
        let teams = state.teams.iter().filter(|team| team.parent == Some(org));
        Ok(Reply::ok(page.cut(teams.map(Team::shown))))
    });
    finish(list)
}

/// The teams of the caller. Administrators see all, with their role where they are members.
pub(super) fn list_mine_in_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    let list = access::organization(state, request, TeamRole::Member).and_then(|org| {
        let page = page::of(request)?;
        let user = request.user().unwrap_or_default();
        let leads = state.role_in(org, user).is_some_and(|role| role >= TeamRole::Admin);
        let shown = state.teams.iter().filter(|team| team.parent == Some(org)).filter_map(|team| {
            let own = state.memberships.iter().find(|m| m.team == team.id && m.user == user);
            let mut shown = team.shown();
            if let Some(own) = own {
                shown["accepted"] = own.accepted.into();
                shown["role"] = own.role.as_str().into();
            }
            (leads || own.is_some()).then_some(shown)
        });
        Ok(Reply::ok(page.cut(shown)))
    });
    finish(list)
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    let least = if request.has_param("orgId") { TeamRole::Admin } else { TeamRole::Member };
    finish(access::team(state, request, Access::Team(least)).and_then(|id| Ok(Reply::ok(found(state, id)?.shown()))))
}

fn found(state: &State, id: i64) -> Result<&Team, Reply> {
    state.team(id).ok_or_else(|| Reply::exception(404, format!("Team with id {id} not found")))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(check(&with_defaults(&request.body)).and_then(|()| {
        let name = request.text("name").unwrap_or_default();
        let user = request.user().unwrap_or_default();
        let same = |team: &&Team| team.parent.is_none() && team.name() == name;
        let owned = state.teams.iter().filter(same).any(|team| state.role_in(team.id, user) == Some(TeamRole::Owner));
        if owned {
            let message = format!("You already have created a team with name={name}");
            let details = json!({ "message": message });
            return Err(Reply::error(400, "BadRequestException", message, Some(details)));
        }
        insert(state, request, None)
    }))
}

pub(super) fn create_in_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        check(&with_defaults(&request.body))?;
        insert(state, request, Some(org))
    }))
}

fn insert(state: &mut State, request: &Request, parent: Option<i64>) -> Result<Reply, Reply> {
    let name = request.text("name").unwrap_or_default().to_owned();
    let slug = request.text("slug").map_or_else(|| slug_of(&name), str::to_owned);
    slug_is_free(state, parent, Some(&slug), None)?;
    // The service stores the format of times as a number, and takes a text.
    if request.text("timeFormat").is_some() {
        return Err(Reply::internal());
    }
    let id = state.ids.number(IdKind::Team);
    let mut team = Team::plain(id, &name, &slug);
    team.parent = parent;
    if request.fields().get("metadata").is_none() {
        team.fields.remove("metadata");
    }
    apply(&mut team, request.fields());
    let shown = team.shown();
    state.teams.push(team);
    let accepted = parent.is_some() || request.fields().get("autoAcceptCreator") != Some(&Value::Bool(false));
    state.memberships.push(Membership {
        id: state.ids.number(IdKind::Membership),
        team: id,
        user: request.user().unwrap_or_default(),
        role: TeamRole::Owner,
        accepted,
        disable_impersonation: false,
        created: state.now(),
    });
    Ok(Reply::created(shown))
}

/// `Forschung & Lehre` is `forschung-lehre`.
fn slug_of(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let dashed: String = name.chars().map(plain).collect();
    dashed.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

fn slug_is_free(state: &State, parent: Option<i64>, slug: Option<&str>, except: Option<i64>) -> Result<(), Reply> {
    let taken = slug.is_some()
        && state.teams.iter().any(|t| t.parent == parent && t.slug.as_deref() == slug && Some(t.id) != except);
    if taken { Err(taken_record()) } else { Ok(()) }
}

/// The service's error for a record that exists.
pub(super) fn taken_record() -> Reply {
    Reply::coded(409, "CONFLICT", "Invalid Input: Trying to create a record that already exists.")
}

fn apply(team: &mut Team, body: &Map<String, Value>) {
    for (name, value) in body {
        if name == "slug" {
            team.slug = value.as_str().map(str::to_owned);
        } else if name == "metadata" && value.is_null() {
            team.fields.remove("metadata");
        } else if team.fields.contains_key(name) || name == "metadata" {
            team.fields.insert(name.clone(), value.clone());
        }
    }
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    let access = match request.has_param("orgId") {
        true => Access::Organization(TeamRole::Admin),
        false => Access::Team(TeamRole::Owner),
    };
    finish(access::team(state, request, access).and_then(|id| {
        check(&request.body)?;
        // These columns take no null.
        if ["isPrivate", "timeZone"].iter().any(|name| request.fields().get(*name).is_some_and(Value::is_null)) {
            return Err(Reply::internal());
        }
        slug_is_free(state, found(state, id)?.parent, request.text("slug"), Some(id))?;
        if let Some(team) = state.teams.iter_mut().find(|team| team.id == id) {
            apply(team, request.fields());
        }
        Ok(Reply::ok(found(state, id)?.shown()))
    }))
}

pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    let access = match request.has_param("orgId") {
        true => Access::Organization(TeamRole::Admin),
        false => Access::Team(TeamRole::Owner),
    };
    finish(access::team(state, request, access).and_then(|id| {
        let shown = found(state, id)?.shown();
        state.teams.retain(|team| team.id != id);
        state.memberships.retain(|membership| membership.team != id);
        state.event_types.retain(|event| event.team.as_ref().is_none_or(|of| of.team != id));
        Ok(Reply::ok(shown))
    }))
}

/// The body of a create, in which the service fills in the defaults before it checks.
fn with_defaults(body: &Value) -> Value {
    let mut all = json!({
        "hideBranding": false, "timeZone": "Europe/London", "weekStart": "Sunday", "autoAcceptCreator": true,
    });
    if let (Some(all), Some(body)) = (all.as_object_mut(), body.as_object()) {
        all.extend(body.clone());
    }
    all
}

/// Name is required in a change too.
fn check(body: &Value) -> Result<(), Reply> {
    let long = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let length = ValidationRule::Custom("isLength", long, "$property must be longer than or equal to 1 characters");
    let mut checker = Checker::of(body);
    checker.required("name", &[length, ValidationRule::String]);
    for name in TEXTS {
        checker.optional(name, &[ValidationRule::String]);
    }
    for name in ADDRESSES {
        checker.optional(name, &[ValidationRule::Custom("ssrfSafeUrl", is_public_url, ADDRESS)]);
    }
    for name in FLAGS {
        checker.optional(name, &[ValidationRule::Boolean]);
    }
    checker.optional("timeFormat", &[ValidationRule::String]);
    checker.optional("metadata", &[metadata_rule()]);
    checker.tree()
}

/// The rule for the metadata of callers.
pub(crate) fn metadata_rule() -> ValidationRule {
    ValidationRule::Custom("ValidateMetadata", is_metadata, METADATA)
}

fn is_public_url(value: &Value) -> bool {
    let address = value.as_str().and_then(|text| url::Url::parse(text).ok());
    address.is_some_and(|url| url.scheme().starts_with("http") && url.domain().is_some_and(|host| host != "localhost"))
}

/// At most 50 keys of 40 UTF-16 units, with texts of 500, numbers and flags.
fn is_metadata(value: &Value) -> bool {
    let short = |value: &Value| match value {
        Value::String(text) => text.encode_utf16().count() <= 500,
        other => other.is_number() || other.is_boolean(),
    };
    value.as_object().is_some_and(|map| {
        map.len() <= 50 && map.iter().all(|(key, value)| key.encode_utf16().count() <= 40 && short(value))
    })
}
