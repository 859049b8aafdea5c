//! Private booking links of an event type. The service has these routes without a version only.

use serde_json::{Value, json};

use super::super::super::auth::AccessRule;
use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::instant;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::route::Route;
use super::super::super::state::{IdKind, PrivateLink, State};
use super::super::super::version::Versions;
use super::super::handler::finish;
use super::ownership::own;

const PATH: &str = "/event-types/{eventTypeId}/private-links";
const ONE: &str = "/event-types/{eventTypeId}/private-links/{linkId}";

pub(super) const LIST: Route =
    Route::new("list_private_links", "GET", PATH, Versions::ONLY_0415, AccessRule::Permission, list);
pub(super) const CREATE: Route =
    Route::new("create_private_link", "POST", PATH, Versions::ONLY_0415, AccessRule::Permission, create);
pub(super) const UPDATE: Route =
    Route::new("update_private_link", "PATCH", ONE, Versions::ONLY_0415, AccessRule::Permission, update);
pub(super) const DELETE: Route =
    Route::new("delete_private_link", "DELETE", ONE, Versions::ONLY_0415, AccessRule::Permission, delete);

fn render(state: &State, event_type: i64, link: &PrivateLink) -> Value {
    let expired = link.expires.is_some_and(|at| at <= state.now())
        || link.max_usage.is_some_and(|most| link.expires.is_none() && link.usage >= most);
    let mut value = json!({
        "linkId": link.id,
        "eventTypeId": event_type,
        "isExpired": expired,
        "bookingUrl": format!("{}/d/{}", state.booker_url, link.id),
    });
    match link.expires {
        Some(at) => value["expiresAt"] = millis(at).into(),
        None => {
            value["maxUsageCount"] = link.max_usage.into();
            value["usageCount"] = link.usage.into();
        }
    }
    value
}

fn check(request: &Request) -> Result<(), Reply> {
    Checker::of(&request.body)
        .optional("expiresAt", &[ValidationRule::Date])
        .optional("maxUsageCount", &[ValidationRule::Min(1), ValidationRule::Int])
        .tree()
}

/// Expiry and largest number of uses in a body.
fn terms(request: &Request) -> (Option<jiff::Timestamp>, Option<i64>) {
    let expires = request.text("expiresAt").and_then(instant::parse);
    (expires, request.fields().get("maxUsageCount").and_then(Value::as_i64))
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(
        own(state, request).map(|event| {
            Reply::ok(Value::Array(event.links.iter().map(|link| render(state, event.id, link)).collect()))
        }),
    )
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request)?;
    let event = own(state, request)?;
    let (expires, max_usage) = terms(request);
    // Without both it can be used once.
    let max_usage = max_usage.or(expires.is_none().then_some(1));
    let link = PrivateLink { id: state.ids.short(IdKind::PrivateLink), expires, max_usage, usage: 0 };
    let value = render(state, event.id, &link);
    state.record_change(Change::created(ResourceKind::PrivateLink, &link.id));
    if let Some(event) = state.event_type_mut(event.id) {
        event.links.push(link);
    }
    Ok(Reply::created(value))
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request)?;
    let event = own(state, request)?;
    let (expires, max_usage) = terms(request);
    let id = request.param("linkId").to_owned();
    let link = state.event_type_mut(event.id).and_then(|event| event.links.iter_mut().find(|link| link.id == id));
    let Some(link) = link else { return Err(Reply::exception(404, "Updated link not found")) };
    if expires.is_some() {
        (link.expires, link.max_usage) = (expires, None);
    } else if max_usage.is_some() {
        (link.expires, link.max_usage) = (None, max_usage);
    }
    let link = link.clone();
    state.record_change(Change::updated(ResourceKind::PrivateLink, &link.id));
    Ok(Reply::ok(render(state, event.id, &link)))
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_delete(state, request))
}

fn try_delete(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let event = own(state, request)?;
    let id = request.param("linkId").to_owned();
    let event = state.event_type_mut(event.id).ok_or_else(Reply::internal)?;
    let before = event.links.len();
    event.links.retain(|link| link.id != id);
    if event.links.len() == before {
        return Err(Reply::exception(404, "Deleted link not found"));
    }
    state.record_change(Change::deleted(ResourceKind::PrivateLink, &id));
    Ok(Reply::ok(json!({ "linkId": id, "message": "Private link deleted successfully" })))
}
