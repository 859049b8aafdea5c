//! Private booking links of an event type. The service routes them without a version only.

use serde_json::{Value, json};

use super::super::super::auth::Access;
use super::super::super::change::{Change, Thing};
use super::super::super::check::{Checker, Rule};
use super::super::super::exchange::Request;
use super::super::super::instant;
use super::super::super::outcome::Outcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::route::Route;
use super::super::super::state::{Kind, PrivateLink, State};
use super::super::super::version::Versions;
use super::super::handler::finish;
use super::own::own;

const PATH: &str = "/event-types/{eventTypeId}/private-links";
const ONE: &str = "/event-types/{eventTypeId}/private-links/{linkId}";

pub(super) const LIST: Route =
    Route::new("list_private_links", "GET", PATH, Versions::ONLY_0415, Access::Permission, list);
pub(super) const CREATE: Route =
    Route::new("create_private_link", "POST", PATH, Versions::ONLY_0415, Access::Permission, create);
pub(super) const UPDATE: Route =
    Route::new("update_private_link", "PATCH", ONE, Versions::ONLY_0415, Access::Permission, update);
pub(super) const DELETE: Route =
    Route::new("delete_private_link", "DELETE", ONE, Versions::ONLY_0415, Access::Permission, delete);

fn shown(state: &State, event_type: i64, link: &PrivateLink) -> Value {
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
        .optional("expiresAt", &[Rule::Date])
        .optional("maxUsageCount", &[Rule::Min(1), Rule::Int])
        .tree()
}

/// Expiry and usage that a body names.
fn terms(request: &Request) -> (Option<jiff::Timestamp>, Option<i64>) {
    let expires = request.text("expiresAt").and_then(instant::parse);
    (expires, request.fields().get("maxUsageCount").and_then(Value::as_i64))
}

fn list(state: &mut State, request: &Request) -> Outcome {
    finish(
        own(state, request).map(|event| {
            Reply::ok(Value::Array(event.links.iter().map(|link| shown(state, event.id, link)).collect()))
        }),
    )
}

fn create(state: &mut State, request: &Request) -> Outcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request)?;
    let event = own(state, request)?;
    let (expires, max_usage) = terms(request);
    // Without either it can be used once.
    let max_usage = max_usage.or(expires.is_none().then_some(1));
    let link = PrivateLink { id: state.ids.short(Kind::PrivateLink), expires, max_usage, usage: 0 };
    let value = shown(state, event.id, &link);
    state.happened(Change::made(Thing::PrivateLink, &link.id));
    if let Some(event) = state.event_type_mut(event.id) {
        event.links.push(link);
    }
    Ok(Reply::created(value))
}

fn update(state: &mut State, request: &Request) -> Outcome {
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
    state.happened(Change::altered(Thing::PrivateLink, &link.id));
    Ok(Reply::ok(shown(state, event.id, &link)))
}

fn delete(state: &mut State, request: &Request) -> Outcome {
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
    state.happened(Change::removed(Thing::PrivateLink, &id));
    Ok(Reply::ok(json!({ "linkId": id, "message": "Private link deleted successfully" })))
}
