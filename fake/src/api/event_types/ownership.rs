//! The caller's event types.

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{EventType, State};
use super::super::handler::id_of;

/// The event type of the path, or an error if it is not the caller's.
pub(super) fn own(state: &State, request: &Request) -> Result<EventType, Reply> {
    let id = id_of(request, "eventTypeId")?;
    let found = state.event_type(id).filter(|event| Some(event.owner) == request.user());
    found.cloned().ok_or_else(|| Reply::exception(404, format!("Event type with id {id} not found")))
}

pub(super) fn slug_is_free(state: &State, owner: i64, slug: Option<&str>, except: Option<i64>) -> Result<(), Reply> {
    let taken = slug.and_then(|slug| state.event_type_named(owner, slug)).is_some_and(|event| Some(event.id) != except);
    if taken { Err(Reply::exception(400, "User already has an event type with this slug.")) } else { Ok(()) }
}
