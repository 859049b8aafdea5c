//! The users of an organization.

use serde_json::{Map, Value, json};

use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::rule::is_time_zone;
use super::super::super::check::{Checker, ValidationRule, is_email};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::route::Route;
use super::super::super::state::{Credential, IdKind, Membership, State, TeamRole, User};
use super::super::handler::finish;
use super::resource::taken_record;
use super::{access, route};

const ALL: &str = "/organizations/{orgId}/users";
const ONE: &str = "/organizations/{orgId}/users/{userId}";
const ROLES: &[&str] = &["MEMBER", "ADMIN", "OWNER"];
const OPERATORS: &[&str] = &["OR", "AND", "NONE"];
/// The properties of a user that only organizations show, with their defaults.
const DETAILS: [&str; 5] = ["appTheme", "theme", "hideBranding", "brandColor", "darkBrandColor"];
/// Texts of a change.
const TEXTS: [&str; 7] = ["bio", "avatarUrl", "locale", "appTheme", "theme", "brandColor", "darkBrandColor"];

pub(crate) const ROUTES: &[Route] = &[
    route("list_organization_users", "GET", ALL, list),
    route("create_organization_user", "POST", ALL, create),
    route("update_organization_user", "PATCH", ONE, update),
    route("delete_organization_user", "DELETE", ONE, delete),
];

fn render(state: &State, membership: &Membership) -> Value {
    let Some(user) = state.user(membership.user) else { return Value::Null };
    let detail = |name: &str| user.details.get(name).cloned();
    let invited = detail("invitedTo");
    let name = if user.name.is_empty() { Value::Null } else { user.name.clone().into() };
    let mut shown = json!({
        "id": user.id,
        "username": user.username,
        "name": name,
        "email": user.email,
        "emailVerified": invited.is_none().then(|| millis(membership.created)),
        "bio": user.bio,
        "avatarUrl": user.avatar_url,
        "timeZone": user.time_zone,
        "weekStart": user.week_start,
        "defaultScheduleId": user.default_schedule,
        "locale": user.locale,
        "timeFormat": user.time_format,
        "allowDynamicBooking": true,
        "createdDate": millis(membership.created),
        "verified": invited.is_some(),
        "invitedTo": invited,
        "profile": { "id": membership.id, "organizationId": membership.team, "userId": user.id,
            "username": detail("profile").unwrap_or_else(|| user.username.clone().into()) },
    });
    for name in DETAILS {
        let default = if name == "hideBranding" { json!(false) } else { Value::Null };
        shown[name] = detail(name).unwrap_or(default);
    }
    if !user.metadata.is_empty() {
        shown["metadata"] = user.metadata.clone().into();
    }
    shown
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list(state, request))
}

/// The query as the service checks it, with its default.
fn checked_query(request: &Request) -> Result<(usize, usize), Reply> {
    let mut query = Map::new();
    let operator = request.first_query("attributeQueryOperator").unwrap_or("AND");
    query.insert("attributeQueryOperator".to_owned(), operator.into());
    for name in ["take", "skip"] {
        let number = request.first_query(name).map(|text| text.trim().parse::<i64>().map_or(Value::Null, Value::from));
        query.extend(number.map(|number| (name.to_owned(), number)));
    }
    // A comma is a part of an address.
    let emails: Vec<&str> = emails(request).collect();
    if !emails.is_empty() {
        query.insert("emails".to_owned(), json!(emails));
    }
    if let Some(teams) = request.list_query("teamIds") {
        let numbers = teams.iter().map(|text| text.parse::<i64>().ok());
        query.insert("teamIds".to_owned(), numbers.collect::<Vec<_>>().into());
    }
    let each = |test: fn(&Value) -> bool, value: &Value| value.as_array().is_some_and(|list| list.iter().all(test));
    let target = Value::Object(query);
    let mut checker = Checker::of(&target);
    checker
        .optional("take", &[ValidationRule::Max(1000), ValidationRule::Min(1), ValidationRule::Number])
        .optional("skip", &[ValidationRule::Min(0), ValidationRule::Number]);
    if target.get("emails").is_some_and(|list| !each(|value| value.as_str().is_some_and(is_email), list)) {
        let text = "Please submit only valid email addresses".to_owned();
        checker.push("emails", vec![("IsEmailStringOrArray", text)], Vec::new());
    }
    checker.required("attributeQueryOperator", &[ValidationRule::In(OPERATORS)]);
    if target.get("teamIds").is_some_and(|list| !each(Value::is_i64, list)) {
        let text = "each value in teamIds must be a number conforming to the specified constraints".to_owned();
        checker.push("teamIds", vec![("isNumber", text)], Vec::new());
    }
    // A number that is none is absent, which is no violation of an optional rule.
    for name in ["take", "skip"] {
        if target.get(name).is_some_and(Value::is_null) {
            let text = format!("{name} must be a number conforming to the specified constraints");
            checker.push(name, vec![("isNumber", text)], Vec::new());
        }
    }
    checker.tree()?;
    let number = |name: &str, default| target.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    Ok((number("take", 250), number("skip", 0)))
}

fn emails(request: &Request) -> impl Iterator<Item = &str> {
    request.query.iter().filter(|(key, _)| key == "emails").map(|(_, value)| value.as_str())
}

fn try_list(state: &State, request: &Request) -> Result<Reply, Reply> {
    let org = access::organization(state, request, TeamRole::Admin)?;
    let (take, skip) = checked_query(request)?;
    let operator = request.first_query("attributeQueryOperator").unwrap_or("AND");
    let (emails, teams): (Vec<&str>, _) = (emails(request).collect(), request.list_query("teamIds"));
    let options = request.list_query("assignedOptionIds").unwrap_or_default();
    let all = &state.attributes;
    let wanted = |member: &&Membership| {
        let user = member.user;
        let email = state.user(user).map(|user| user.email.as_str());
        let in_team = |team: &String| team.parse().is_ok_and(|team| state.role_in(team, user).is_some());
        let has = |option: &String| all.has(user, option);
        let assigned = match operator {
            _ if options.is_empty() => true,
            "OR" => options.iter().any(has),
            // The service returns the users with any other option, those with the given ones too.
            "NONE" => all.assignments.iter().any(|known| known.user == user && !options.contains(&known.option)),
            _ => options.iter().all(has),
        };
        assigned
            && (emails.is_empty() || email.is_some_and(|email| emails.contains(&email)))
            && teams.as_ref().is_none_or(|teams| teams.iter().any(in_team))
    };
    let mut members: Vec<&Membership> = state.memberships.iter().filter(|m| m.team == org).filter(wanted).collect();
    members.sort_by_key(|member| member.user);
    Ok(Reply::ok(members.into_iter().skip(skip).take(take).map(|member| render(state, member)).collect()))
}

/// Checks a body. `target` is the body with the defaults of the service.
fn check(target: &Value, creating: bool) -> Result<(), Reply> {
    let zone = ValidationRule::Custom(
        "timezoneValidator",
        |value| value.as_str().is_some_and(is_time_zone),
        "Please include a valid time zone",
    );
    let hours = ValidationRule::Custom(
        "timeFormatValidator",
        |value| *value == json!(12) || *value == json!(24),
        "Please include either 12 or 24",
    );
    let day = ValidationRule::Custom("weekdayValidator", is_weekday, "Please include a valid weekday");
    let mut checker = Checker::of(target);
    match creating {
        true => checker.required("email", &[ValidationRule::Email]),
        false => checker.optional("email", &[ValidationRule::Email]),
    };
    checker.optional("username", &[ValidationRule::String]).optional("weekday", &[day]);
    for name in TEXTS {
        checker.optional(name, &[ValidationRule::String]);
    }
    checker
        .optional("hideBranding", &[ValidationRule::Boolean])
        .optional("timeZone", &[zone])
        .optional("timeFormat", &[hours, ValidationRule::Number])
        .optional("defaultScheduleId", &[ValidationRule::Number])
        .optional("organizationRole", &[ValidationRule::Enum(ROLES)])
        .optional("autoAccept", &[ValidationRule::Boolean])
        .tree()
}

fn is_weekday(value: &Value) -> bool {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    value.as_str().is_some_and(|text| days.contains(&text))
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let org = access::organization(state, request, TeamRole::Admin)?;
    // The service fills in the defaults before it checks, and drops an address that is no text.
    let mut target = json!({ "organizationRole": "MEMBER", "autoAccept": true });
    if let Some(target) = target.as_object_mut() {
        target.extend(request.fields().clone());
        if target.get("email").is_some_and(|email| !email.is_string()) {
            target.remove("email");
        }
    }
    check(&target, true)?;
    // No weekday can be set, and an optional property cannot be null.
    if target.get("weekday").is_some() || request.fields().values().any(Value::is_null) {
        return Err(Reply::internal());
    }
    let email = request.text("email").unwrap_or_default().to_lowercase();
    if let Some(known) = state.users.iter().find(|user| user.email.to_lowercase() == email) {
        return Err(match state.role_in(org, known.id) {
            Some(_) => Reply::exception(409, "A user already exists with that email"),
            None => taken_record(),
        });
    }
    let profile = profile_name(&email);
    let username = request.text("username").unwrap_or(&profile).to_owned();
    if state.user_named(&username).is_some() {
        return Err(Reply::exception(409, "Username is already taken"));
    }
    let id = state.ids.number(IdKind::User);
    let mut details = Map::new();
    details.insert("invitedTo".to_owned(), org.into());
    details.insert("profile".to_owned(), profile.into());
    state.users.push(User {
        id,
        username,
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
        details,
    });
    apply(state, id, request.fields());
    let membership = Membership {
        id: state.ids.number(IdKind::Membership),
        team: org,
        user: id,
        role: target["organizationRole"].as_str().and_then(TeamRole::parse).unwrap_or(TeamRole::Member),
        accepted: target["autoAccept"] == true,
        disable_impersonation: false,
        created: state.now(),
    };
    let reply = Reply::created(render(state, &membership));
    state.memberships.push(membership);
    state.record_change(Change::created(ResourceKind::User, id));
    Ok(reply)
}

/// `frieda.fresh@acme.example.com` is `frieda.fresh-acme`.
fn profile_name(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{name}-{}", host.split('.').next().unwrap_or_default())
}

fn apply(state: &mut State, id: i64, fields: &Map<String, Value>) {
    let Some(user) = state.user_mut(id) else { return };
    for (name, value) in fields {
        let text = value.as_str().map(str::to_owned);
        match (name.as_str(), text) {
            ("bio", text) => user.bio = text,
            ("avatarUrl", text) => user.avatar_url = text,
            ("email", Some(text)) => user.email = text,
            ("username", Some(text)) => user.username = text,
            ("timeZone", Some(text)) => user.time_zone = text,
            ("locale", Some(text)) => user.locale = text,
            ("timeFormat", _) => user.time_format = value.as_i64().unwrap_or(user.time_format),
            ("defaultScheduleId", _) => user.default_schedule = value.as_i64(),
            ("metadata", _) => user.metadata = value.as_object().cloned().unwrap_or_default(),
            (name, _) if DETAILS.contains(&name) => drop(user.details.insert(name.to_owned(), value.clone())),
            _ => {}
        }
    }
}

/// The membership of the path's user.
fn found(state: &State, request: &Request) -> Result<Membership, Reply> {
    let org = access::organization(state, request, TeamRole::Admin)?;
    let user = access::user_of_organization(state, request, org)?;
    let found = state.memberships.iter().find(|m| m.team == org && m.user == user);
    found.cloned().ok_or_else(Reply::internal)
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).and_then(|membership| {
        check(&request.body, false)?;
        let fields = request.fields();
        if fields.get("timeZone").is_some_and(Value::is_null) || fields.get("weekday").is_some() {
            return Err(Reply::internal());
        }
        apply(state, membership.user, fields);
        state.record_change(Change::updated(ResourceKind::User, membership.user));
        Ok(Reply::ok(render(state, &membership)))
    }))
}

/// Deletes the account itself, not only the membership.
fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).map(|membership| {
        let id = membership.user;
        let reply = Reply::ok(render(state, &membership));
        state.users.retain(|user| user.id != id);
        let teams: Vec<i64> = state.memberships.iter().filter(|m| m.user == id).map(|m| m.team).collect();
        state.memberships.retain(|m| m.user != id);
        for team in teams {
            super::memberships::members_changed(state, team);
        }
        state.schedules.retain(|schedule| schedule.owner != id);
        state.absences.retain(|absence| absence.user != id);
        state.attributes.assignments.retain(|assigned| assigned.user != id);
        state.credentials.retain(|credential| match credential {
            Credential::ApiKey { user, .. }
            | Credential::AccessToken { user, .. }
            | Credential::OAuthToken { user, .. }
            | Credential::Platform { user, .. } => *user != id,
        });
        state.record_change(Change::deleted(ResourceKind::User, id));
        reply
    }))
}
