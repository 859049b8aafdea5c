//! The users whom a client manages.

use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule, is_email};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::{Availability, Credential, EventType, IdKind, ManagedUser, Schedule, State, User};
use super::super::handler::finish;
use super::super::teams::metadata_rule;
use super::access::{client_of_path, found};
use super::tokens;

const LOCALES: &[&str] = &[
    "ar", "ca", "de", "es", "eu", "he", "id", "ja", "lv", "pl", "ro", "sr", "th", "vi", "az", "cs", "el", "es-419",
    "fi", "hr", "it", "km", "nl", "pt", "ru", "sv", "tr", "zh-CN", "bg", "da", "en", "et", "fr", "hu", "iw", "ko",
    "no", "pt-BR", "sk", "ta", "uk", "zh-TW", "bn",
];
/// The event types of a new user, if the client wants them.
const DEFAULT_EVENTS: [(&str, &str, i64); 4] = [
    ("thirty-minutes", "30 Minutes", 30),
    ("thirty-minutes-video", "30 Minutes", 30),
    ("sixty-minutes", "60 Minutes", 60),
    ("sixty-minutes-video", "60 Minutes", 60),
];

fn render(state: &State, managed: &ManagedUser) -> Value {
    let Some(user) = state.user(managed.user) else { return Value::Null };
    let mut shown = json!({
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "name": user.name,
        "bio": user.bio,
        "timeZone": user.time_zone,
        "weekStart": user.week_start,
        "createdDate": millis(managed.created),
        "timeFormat": user.time_format,
        "defaultScheduleId": user.default_schedule,
        "locale": user.locale,
        "avatarUrl": user.avatar_url,
    });
    if let Some(metadata) = &managed.metadata {
        shown["metadata"] = metadata.clone().into();
    }
    shown
}

/// `ada@example.org` of the client `c` is `ada+c@example.org`.
fn managed_email(email: &str, client: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, "undefined"));
    format!("{name}+{client}@{host}")
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(listed(state, request))
}

fn listed(state: &State, request: &Request) -> Result<Reply, Reply> {
    let client = client_of_path(state, request)?;
    let number =
        |name: &str| request.first_query(name).map(|text| text.parse::<i64>().map_or(Value::Null, Value::from));
    let mut query = Map::new();
    for name in ["limit", "offset"] {
        query.extend(number(name).map(|value| (name.to_owned(), value)));
    }
    let query = Value::Object(query);
    let mut checker = Checker::of(&query);
    if query.get("limit").is_some() {
        checker.required("limit", &[ValidationRule::Max(250), ValidationRule::Min(1), ValidationRule::Number]);
    }
    if query.get("offset").is_some() {
        checker.required("offset", &[ValidationRule::Min(0), ValidationRule::Number]);
    }
    checker.tree()?;
    let emails = request.list_query("emails");
    if let Some(wrong) = emails.iter().flatten().find(|email| !is_email(email)) {
        return Err(Reply::exception(400, format!("Invalid email {wrong}")));
    }
    let emails: Option<Vec<String>> =
        emails.map(|list| list.iter().map(|email| managed_email(email, &client.id)).collect());
    let of_client = state.managed_users.iter().filter(|managed| managed.client == client.id);
    let named = of_client.filter(|managed| {
        let email = state.user(managed.user).map(|user| &user.email);
        emails.as_ref().is_none_or(|emails| email.is_some_and(|email| emails.contains(email)))
    });
    let bound = |name: &str, default: u64| query.get(name).and_then(Value::as_u64).unwrap_or(default) as usize;
    let page = named.skip(bound("offset", 0)).take(bound("limit", 50));
    Ok(Reply::ok(page.map(|managed| render(state, managed)).collect()))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).map(|managed| Reply::ok(render(state, &managed))))
}

fn check(request: &Request, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(&request.body);
    for name in ["email", "name"] {
        if creating {
            checker.required(name, &[ValidationRule::String]);
        } else {
            checker.optional(name, &[ValidationRule::String]);
        }
    }
    checker
        .optional("timeFormat", &[ValidationRule::In(&["12", "24"]), ValidationRule::Number])
        .optional("weekStart", &[ValidationRule::String])
        .optional(
            "timeZone",
            &[ValidationRule::Custom("isTimeZone", is_zone, "timeZone must be a valid IANA time-zone")],
        )
        .optional("locale", &[ValidationRule::Enum(LOCALES)])
        .optional("bio", &[ValidationRule::String])
        .optional("avatarUrl", &[ValidationRule::Url])
        .optional("defaultScheduleId", &[ValidationRule::Number])
        .optional("metadata", &[metadata_rule()])
        .tree()
}

/// The case of a zone does not matter.
fn is_zone(value: &Value) -> bool {
    value.as_str().is_some_and(|text| zone_of(text).is_some())
}

fn zone_of(text: &str) -> Option<String> {
    let zone = jiff::tz::TimeZone::get(text).ok()?;
    text.contains('/').then(|| zone.iana_name().map(str::to_owned))?
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let client = client_of_path(state, request)?;
    check(request, true)?;
    let email = managed_email(request.text("email").unwrap_or_default(), &client.id);
    if let Some(known) = state.users.iter().find(|user| user.email == email) {
        let message = format!("User with the provided e-mail already exists. Existing user ID={}", known.id);
        return Err(Reply::exception(409, message));
    }
    // A platform organization invites the user.
    if !state.community && !is_email(&email) {
        let message = format!("Invite failed because {email} is not a valid email address");
        return Err(Reply::coded(400, "TRPCError", message));
    }
    let id = state.ids.number(IdKind::User);
    let host = email.rsplit_once('@').map_or("", |(_, host)| host).split('.').next().unwrap_or_default();
    let name = request.text("email").unwrap_or_default().split('@').next().unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let user = User {
        id,
        username: format!("{}-{}-{host}", name.chars().map(plain).collect::<String>(), client.id),
        name: String::new(),
        email,
        time_zone: "Europe/London".to_owned(),
        week_start: "Sunday".to_owned(),
        time_format: 12,
        locale: "en".to_owned(),
        avatar_url: None,
        bio: None,
        default_schedule: None,
        is_admin: false,
        settings: Map::new(),
        metadata: Map::new(),
        details: Map::new(),
    };
    state.users.push(user);
    let created = state.now();
    let refresh_token = String::new();
    let managed = ManagedUser { client: client.id.clone(), user: id, created, metadata: None, refresh_token };
    state.managed_users.push(managed.clone());
    // A user with a zone gets hours in it.
    if let Some(zone) = request.text("timeZone").and_then(zone_of) {
        let schedule = default_schedule(state, id, zone);
        if let Some(user) = state.user_mut(id) {
            user.default_schedule = Some(schedule);
        }
    }
    if client.fields.get("areDefaultEventTypesEnabled") == Some(&json!(true)) {
        for (slug, title, minutes) in DEFAULT_EVENTS {
            let mut event = EventType::plain(state.ids.number(IdKind::EventType), id, slug, title, minutes);
            event.locations = vec![json!({ "type": "integration", "integration": "cal-video" })];
            // The platform makes them without the label that the web application gives the name.
            event.fields = vec![json!({ "type": "name", "slug": "name", "label": null })];
            state.event_types.push(event);
        }
    }
    apply(state, id, &client.id, request);
    let mut data = tokens::issue(state, id);
    let managed = state.managed_users.iter().find(|known| known.user == id).cloned().unwrap_or(managed);
    data["user"] = render(state, &managed);
    Ok(Reply::created(data))
}

fn default_schedule(state: &mut State, owner: i64, time_zone: String) -> i64 {
    let id = state.ids.number(IdKind::Schedule);
    let row = state.ids.number(IdKind::AvailabilityRow);
    let hours = Availability { row, days: vec![1, 2, 3, 4, 5], start: 540, end: 1020, user: None };
    let name = "Default schedule".to_owned();
    state.schedules.push(Schedule { id, owner, name, time_zone, availability: vec![hours], overrides: Vec::new() });
    id
}

fn apply(state: &mut State, id: i64, client: &str, request: &Request) {
    let text = |name: &str| request.text(name).map(str::to_owned);
    let nullable = |name: &str| request.fields().get(name).map(|value| value.as_str().map(str::to_owned));
    if let Some(managed) = state.managed_users.iter_mut().find(|managed| managed.user == id) {
        match request.fields().get("metadata") {
            Some(Value::Object(metadata)) => managed.metadata.get_or_insert_default().extend(metadata.clone()),
            Some(Value::Null) => managed.metadata = None,
            _ => {}
        }
    }
    let Some(user) = state.user_mut(id) else { return };
    user.name = text("name").unwrap_or_else(|| user.name.clone());
    user.week_start = text("weekStart").unwrap_or_else(|| user.week_start.clone());
    user.time_zone = text("timeZone").and_then(|text| zone_of(&text)).unwrap_or_else(|| user.time_zone.clone());
    user.locale = text("locale").unwrap_or_else(|| user.locale.clone());
    user.bio = nullable("bio").unwrap_or_else(|| user.bio.clone());
    user.avatar_url = nullable("avatarUrl").unwrap_or_else(|| user.avatar_url.clone());
    let number = |name: &str| request.fields().get(name).and_then(Value::as_i64);
    user.time_format = number("timeFormat").unwrap_or(user.time_format);
    // The service takes any schedule, even one that does not exist.
    if let Some(schedule) = request.fields().get("defaultScheduleId") {
        user.default_schedule = schedule.as_i64();
    }
    if let Some(email) = text("email") {
        user.email = managed_email(&email, client);
    }
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).and_then(|managed| {
        if ["email", "timeZone", "weekStart"].iter().any(|name| request.fields().get(*name).is_some_and(Value::is_null))
        {
            return Err(Reply::internal());
        }
        check(request, false)?;
        let email = request.text("email").map(|email| managed_email(email, &managed.client));
        if state.users.iter().any(|user| Some(&user.email) == email.as_ref() && user.id != managed.user) {
            let message = "Invalid Input: Trying to create a record that already exists.";
            return Err(Reply::coded(409, "CONFLICT", message));
        }
        apply(state, managed.user, &managed.client, request);
        found(state, request).map(|managed| Reply::ok(render(state, &managed)))
    }))
}

pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).map(|managed| {
        let shown = render(state, &managed);
        state.managed_users.retain(|known| known.user != managed.user);
        state.users.retain(|user| user.id != managed.user);
        state.credentials.retain(|c| !matches!(c, Credential::AccessToken { user, .. } if *user == managed.user));
        Reply::ok(shown)
    }))
}
