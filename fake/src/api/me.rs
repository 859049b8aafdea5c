//! `/v2/me`.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::change::{Change, ResourceKind};
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{State, User};
use super::super::version::Versions;
use super::handler::finish;

const WEEK_DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The key of a new address that is not verified yet.
const UNVERIFIED: &str = "emailChangeWaitingForVerification";

pub(crate) const ROUTES: &[Route] = &[
    Route::new("get_me", "GET", "/me", Versions::ANY, AccessRule::Required, get),
    Route::new("update_me", "PATCH", "/me", Versions::ANY, AccessRule::Required, update),
];

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(me(state, request))
}

fn me(state: &State, request: &Request) -> Result<Reply, Reply> {
    let user = request.user().and_then(|id| state.user(id)).ok_or_else(Reply::internal)?;
    Ok(Reply::ok(render(state, user)))
}

/// The user, with the organization of the client that manages it.
fn render(state: &State, user: &User) -> Value {
    let mut shown = user.me();
    let managed = state.managed_users.iter().find(|managed| managed.user == user.id);
    if let Some(client) = managed.and_then(|managed| state.platform_client(&managed.client)) {
        shown["organizationId"] = client.organization.into();
        shown["organization"] = json!({ "isPlatform": true, "id": client.organization });
    }
    shown
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("email", &[ValidationRule::Email])
        .optional("name", &[ValidationRule::String])
        .optional("timeFormat", &[ValidationRule::In(&["12", "24"])])
        .optional("defaultScheduleId", &[ValidationRule::Number])
        .optional("weekStart", &[ValidationRule::In(WEEK_DAYS)])
        .optional("timeZone", &[ValidationRule::TimeZone])
        .optional("avatarUrl", &[ValidationRule::Url])
        .optional("bio", &[ValidationRule::String])
        .optional("metadata", &[ValidationRule::Object])
        .tree()?;
    let user = request.user().and_then(|id| state.user_mut(id)).ok_or_else(Reply::internal)?;
    let text = |name: &str| request.text(name).map(str::to_owned);
    let number = |name: &str| request.fields().get(name).and_then(Value::as_i64);
    user.name = text("name").unwrap_or_else(|| user.name.clone());
    user.week_start = text("weekStart").unwrap_or_else(|| user.week_start.clone());
    user.time_zone = text("timeZone").unwrap_or_else(|| user.time_zone.clone());
    user.time_format = number("timeFormat").unwrap_or(user.time_format);
    user.bio = text("bio").or_else(|| user.bio.clone());
    user.avatar_url = text("avatarUrl").or_else(|| user.avatar_url.clone());
    // The service accepts any schedule, even that of another user.
    user.default_schedule = number("defaultScheduleId").or(user.default_schedule);
    if let Some(email) = text("email").filter(|email| *email != user.email) {
        user.settings.insert(UNVERIFIED.to_owned(), email.into());
    }
    if let Some(metadata) = request.fields().get("metadata").and_then(Value::as_object) {
        user.metadata.extend(metadata.clone());
    }
    let (id, shown) = (user.id, user.me());
    state.record_change(Change::updated(ResourceKind::User, id));
    Ok(Reply::ok(shown))
}
