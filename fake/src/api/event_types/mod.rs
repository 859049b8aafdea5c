//! `/v2/event-types`, in the newer and the older versions, with private links.

pub(crate) mod input;
mod links;
pub(crate) mod old;
pub(crate) mod old_fields;
mod ownership;
mod part_checks;
pub(crate) mod render;

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::change::{Change, ResourceKind};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{EventType, IdKind, State};
use super::super::version::Versions;
use super::handler::{finish, id_of};
use ownership::{own, slug_is_free};
use render::EventTypeShape;

const NEW: Versions = Versions::ONLY_0614;
const OLD: Versions = Versions::UP_TO_0611;

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_event_types", "GET", "/event-types", NEW, AccessRule::Optional, list),
    Route::new("create_event_type", "POST", "/event-types", NEW, AccessRule::Permission, create),
    Route::new("get_event_type", "GET", "/event-types/{eventTypeId}", NEW, AccessRule::Permission, get),
    Route::new("update_event_type", "PATCH", "/event-types/{eventTypeId}", NEW, AccessRule::Permission, update),
    Route::new("delete_event_type", "DELETE", "/event-types/{eventTypeId}", NEW, AccessRule::Permission, delete),
    Route::new("list_event_types_old", "GET", "/event-types", OLD, AccessRule::Permission, old::list),
    Route::new("create_event_type_old", "POST", "/event-types", OLD, AccessRule::Permission, old::create),
    Route::new("get_event_type_old", "GET", "/event-types/{eventTypeId}", OLD, AccessRule::Permission, old::get),
    Route::new(
        "update_event_type_old",
        "PATCH",
        "/event-types/{eventTypeId}",
        OLD,
        AccessRule::Permission,
        old::update,
    ),
    Route::new(
        "delete_event_type_old",
        "DELETE",
        "/event-types/{eventTypeId}",
        OLD,
        AccessRule::Permission,
        delete_old,
    ),
    Route::new(
        "list_public_event_types",
        "GET",
        "/event-types/{username}/public",
        OLD,
        AccessRule::Ignored,
        old::public_list,
    ),
    Route::new(
        "get_public_event_type",
        "GET",
        "/event-types/{username}/{eventSlug}/public",
        OLD,
        AccessRule::Ignored,
        old::public,
    ),
    links::LIST,
    links::CREATE,
    links::UPDATE,
    links::DELETE,
];

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(Ok(listed(state, request)))
}

fn listed(state: &State, request: &Request) -> Reply {
    let named = request.first_query("username").map(str::to_owned);
    let several = request.list_query("usernames").unwrap_or_default();
    let owners: Vec<i64> = match (&named, several.as_slice()) {
        (Some(username), _) => state.user_named(username).map(|user| user.id).into_iter().collect(),
        (None, [_, ..]) => several.iter().filter_map(|name| state.user_named(name)).map(|user| user.id).collect(),
        (None, []) => request.user().into_iter().collect(),
    };
    let slug = request.first_query("eventSlug");
    let mut events: Vec<&EventType> = state
        .event_types
        .iter()
        .filter(|event| owners.contains(&event.owner) && slug.is_none_or(|slug| event.slug == slug))
        .filter(|event| !event.hidden || request.user() == Some(event.owner))
        .collect();
    match request.first_query("sortCreatedAt") {
        Some("desc") => events.sort_by_key(|event| std::cmp::Reverse(event.id)),
        _ => events.sort_by_key(|event| (std::cmp::Reverse(event.position), event.id)),
    }
    let kind = if named.is_some() && slug.is_some() { EventTypeShape::Single } else { EventTypeShape::List };
    Reply::ok(Value::Array(events.into_iter().map(|event| render::event_type(state, event, kind)).collect()))
}

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request).map(|event| Reply::ok(render::event_type(state, &event, EventTypeShape::Single))))
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    input::check(&request.body, true)?;
    input::refuse(request.fields())?;
    let owner = request.user().ok_or_else(Reply::internal)?;
    slug_is_free(state, owner, request.text("slug"), None)?;
    schedule_is_own(state, request)?;
    let id = state.ids.number(IdKind::EventType);
    let mut event = EventType::plain(id, owner, "", "", 0);
    input::apply_create(&mut event, request.fields());
    let shown = render::event_type(state, &event, EventTypeShape::Single);
    state.event_types.push(event);
    state.record_change(Change::created(ResourceKind::EventType, id));
    Ok(Reply::created(shown))
}

fn schedule_is_own(state: &State, request: &Request) -> Result<(), Reply> {
    let Some(id) = request.fields().get("scheduleId").and_then(Value::as_i64) else { return Ok(()) };
    let own = state.schedule(id).is_some_and(|schedule| Some(schedule.owner) == request.user());
    if own {
        Ok(())
    } else {
        Err(Reply::exception(
            404,
            format!("User with ID={} does not own schedule with ID={id}", request.user().unwrap_or_default()),
        ))
    }
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    input::check(&request.body, false)?;
    input::refuse(request.fields())?;
    let event = own(state, request)?;
    slug_is_free(state, event.owner, request.text("slug"), Some(event.id))?;
    schedule_is_own(state, request)?;
    if let Some(event) = state.event_type_mut(event.id) {
        input::apply_create(event, request.fields());
        event.plain_name = true;
    }
    state.record_change(Change::updated(ResourceKind::EventType, event.id));
    let event = own(state, request)?;
    Ok(Reply::ok(render::event_type(state, &event, EventTypeShape::Single)))
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_delete(state, request, "lengthInMinutes"))
}

fn delete_old(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_delete(state, request, "length"))
}

fn try_delete(state: &mut State, request: &Request, length: &str) -> Result<Reply, Reply> {
    let id = id_of(request, "eventTypeId")?;
    let user = request.user().unwrap_or_default();
    let event =
        state.event_type(id).ok_or_else(|| Reply::exception(404, format!("Event type with id {id} not found")))?;
    if event.owner != user {
        return Err(Reply::exception(403, format!("User with ID={user} does not own event type with ID={id}")));
    }
    let shown = json!({ "id": id, length: event.length, "slug": event.slug, "title": event.title });
    state.event_types.retain(|event| event.id != id);
    state.record_change(Change::deleted(ResourceKind::EventType, id));
    Ok(Reply::ok(shown))
}
