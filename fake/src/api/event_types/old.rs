//! `/v2/event-types` of versions 2024-04-15 and 2024-06-11, whose responses are rows of the table in several forms.

use serde_json::{Map, Value, json};

use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::{EventType, IdKind, State, User};
use super::super::handler::finish;
use super::old_fields::{booking_fields, columns};
use super::ownership::{own, slug_is_free};

const CREATED: &str = include_str!("shapes/created.json");
const READ: &str = include_str!("shapes/read.json");
const LISTED: &str = include_str!("shapes/listed.json");
const PUBLIC: &str = include_str!("shapes/public.json");
const LOCATION_OPTIONS: &str = include_str!("shapes/location_options.json");

/// Fills a template with the event type's columns and `own` values. Keys that the template lacks are left out.
fn shaped(shape: &str, event: &EventType, own: Value) -> Value {
    let mut shape: Map<String, Value> = serde_json::from_str(shape).unwrap_or_default();
    let own = own.as_object().cloned().unwrap_or_default();
    for (name, value) in columns(event).into_iter().chain(own) {
        if let Some(place) = shape.get_mut(&name) {
            *place = value;
        }
    }
    Value::Object(shape)
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list(state, request))
}

fn try_list(state: &State, request: &Request) -> Result<Reply, Reply> {
    let user = request.user().and_then(|id| state.user(id)).ok_or_else(Reply::internal)?;
    let mut events: Vec<&EventType> = state.event_types.iter().filter(|event| event.owner == user.id).collect();
    events.sort_by_key(|event| (std::cmp::Reverse(event.position), event.id));
    let rows: Vec<Value> = events
        .into_iter()
        .map(|event| {
            let own = json!({
                "bookingFields": booking_fields(event, false),
                "owner": { "timeZone": user.time_zone },
                "userIds": [user.id],
            });
            let mut row = shaped(LISTED, event, own);
            if let Some(description) = event.description.as_ref().filter(|text| !text.is_empty()) {
                row["safeDescription"] = format!("<p>{description}</p>\n").into();
            }
            row
        })
        .collect();
    let profile = json!({ "slug": user.username, "name": user.name, "image": user.avatar_url });
    Ok(Reply::ok(json!({
        "eventTypeGroups": [{
            "teamId": null,
            "bookerUrl": state.booker_url,
            "membershipRole": null,
            "profile": profile,
            "eventTypes": rows,
            "metadata": { "membershipCount": 1, "readOnly": false },
        }],
        "profiles": [{
            "slug": user.username, "name": user.name, "image": user.avatar_url,
            "membershipCount": 1, "readOnly": false, "teamId": null, "membershipRole": null,
        }],
        "allUsersAcrossAllEventTypes": {},
    })))
}

fn profile(user: &User) -> Value {
    json!({ "id": null, "upId": format!("usr-{}", user.id), "username": user.username, "organizationId": null,
        "organization": null })
}

fn read(state: &State, event: &EventType) -> Value {
    let user = state.user(event.owner);
    let users: Vec<Value> = user
        .map(|user| {
            json!({
                "name": user.name, "avatarUrl": user.avatar_url, "username": user.username, "id": user.id,
                "email": user.email, "locale": user.locale, "defaultScheduleId": user.default_schedule,
                "isPlatformManaged": false, "timeZone": user.time_zone, "nonProfileUsername": user.username,
                "profile": profile(user), "avatar": user.avatar_url,
            })
        })
        .into_iter()
        .collect();
    let mut metadata = columns(event).remove("metadata").unwrap_or_default();
    metadata["apps"] = json!({ "giphy": { "enabled": false, "thankYouPage": "" } });
    let links: Vec<Value> = event
        .links
        .iter()
        .map(|link| {
            json!({ "link": link.id, "expiresAt": link.expires.map(millis), "maxUsageCount": link.max_usage.unwrap_or(1),
                "usageCount": link.usage })
        })
        .collect();
    let own = json!({
        "bookingFields": booking_fields(event, true),
        "owner": user.map(|user| json!({ "id": user.id, "timeZone": user.time_zone })),
        "users": users,
        "schedule": state.schedule_of(event).map(|schedule| schedule.id),
        "bookerUrl": state.booker_url,
        "metadata": metadata,
        "hashedLink": links,
    });
    shaped(READ, event, own)
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request).map(|event| {
        let options: Value = serde_json::from_str(LOCATION_OPTIONS).unwrap_or_default();
        Reply::ok(json!({
            "eventType": read(state, &event),
            "locationOptions": options,
            "destinationCalendar": null,
            "team": null,
            "teamMembers": [],
            "currentUserMembership": null,
            "isUserOrganizationAdmin": false,
        }))
    }))
}

fn check(request: &Request, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(&request.body);
    for (name, rules) in [
        ("length", &[ValidationRule::Min(1), ValidationRule::Number] as &[ValidationRule]),
        ("slug", &[ValidationRule::String]),
        ("title", &[ValidationRule::String]),
    ] {
        if creating {
            checker.required(name, rules)
        } else {
            checker.optional(name, rules)
        };
    }
    checker
        .optional("description", &[ValidationRule::String])
        .optional("hidden", &[ValidationRule::Boolean])
        .optional("locations", &[ValidationRule::Array])
        .optional("disableGuests", &[ValidationRule::Boolean])
        .optional("slotInterval", &[ValidationRule::Min(0), ValidationRule::Int])
        .optional("minimumBookingNotice", &[ValidationRule::Min(0), ValidationRule::Int])
        .optional("beforeEventBuffer", &[ValidationRule::Min(0), ValidationRule::Int])
        .optional("afterEventBuffer", &[ValidationRule::Min(0), ValidationRule::Int])
        .tree()
}

fn apply(event: &mut EventType, body: &Map<String, Value>) {
    for (name, value) in body {
        let name = if name == "length" { "lengthInMinutes" } else { name };
        let one = Map::from_iter([(name.to_owned(), value.clone())]);
        super::input::apply_create(event, &one);
    }
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request, true)?;
    let owner = request.user().ok_or_else(Reply::internal)?;
    slug_is_free(state, owner, request.text("slug"), None)?;
    let mut event = EventType::plain(state.ids.number(IdKind::EventType), owner, "", "", 0);
    event.old_style = true;
    apply(&mut event, request.fields());
    let now = millis(state.now());
    let own = json!({ "createdAt": now, "updatedAt": now, "metadata": null });
    let shown = shaped(CREATED, &event, own);
    state.record_change(Change::created(ResourceKind::EventType, event.id));
    state.event_types.push(event);
    Ok(Reply::created(shown))
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(request, false)?;
    let event = own(state, request)?;
    slug_is_free(state, event.owner, request.text("slug"), Some(event.id))?;
    if let Some(event) = state.event_type_mut(event.id) {
        apply(event, request.fields());
    }
    state.record_change(Change::updated(ResourceKind::EventType, event.id));
    let event = own(state, request)?;
    Ok(Reply::ok(read(state, &event)))
}

/// A public response has its data before its status.
fn public_reply(data: &Value) -> Reply {
    Reply::json(200, json!({ "data": data, "status": "success" }))
}

pub(super) fn public(state: &mut State, request: &Request) -> HandlerOutcome {
    public_reply(&public_data(state, request).unwrap_or_default()).into()
}

fn public_data(state: &State, request: &Request) -> Option<Value> {
    let user = state.user_named(request.param("username"))?;
    let event = state.event_type_named(user.id, request.param("eventSlug"))?;
    let head = json!({ "username": user.username, "name": user.name, "weekStart": user.week_start });
    let with = |more: Value| {
        let mut value = head.clone();
        if let (Some(into), Some(more)) = (value.as_object_mut(), more.as_object()) {
            into.extend(more.clone());
        }
        value
    };
    let schedule = state.schedule_of(event);
    let own = json!({
        "description": event.description.clone().unwrap_or_default(),
        "bookingFields": booking_fields(event, true),
        "owner": with(json!({
            "id": user.id, "avatarUrl": user.avatar_url, "brandColor": null, "darkBrandColor": null, "theme": null,
            "metadata": user.whole_metadata(), "organization": null, "defaultScheduleId": user.default_schedule,
            "nonProfileUsername": user.username, "profile": profile(user),
        })),
        "schedule": schedule.map(|schedule| json!({ "id": schedule.id, "timeZone": schedule.time_zone })),
        "profile": with(json!({
            "image": user.avatar_url, "brandColor": null, "darkBrandColor": null, "theme": null, "bookerLayouts": null,
        })),
        "subsetOfUsers": [with(json!({
            "organizationId": null, "avatarUrl": user.avatar_url, "profile": profile(user), "bookerUrl": state.booker_url,
        }))],
    });
    Some(shaped(PUBLIC, event, own))
}

pub(super) fn public_list(state: &mut State, request: &Request) -> HandlerOutcome {
    let Some(user) = state.user_named(request.param("username")) else {
        return Reply::exception(404, "User not found").into();
    };
    let events = state.event_types.iter().filter(|event| event.owner == user.id && !event.hidden);
    let rows: Vec<Value> = events
        .map(|event| {
            json!({ "id": event.id, "title": event.title, "slug": event.slug, "description": event.description,
                "length": event.length, "metadata": columns(event).remove("metadata") })
        })
        .collect();
    Reply::ok(rows.into()).into()
}
