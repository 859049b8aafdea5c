//! Clients: list, create, read, change, delete.

use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, millis};
use super::super::super::state::{Credential, IdKind, PlatformClient, State};
use super::super::handler::finish;
use super::access::{client_of_path, organization};

const PERMISSIONS: &[&str] = &[
    "EVENT_TYPE_READ",
    "EVENT_TYPE_WRITE",
    "BOOKING_READ",
    "BOOKING_WRITE",
    "SCHEDULE_READ",
    "SCHEDULE_WRITE",
    "APPS_READ",
    "APPS_WRITE",
    "PROFILE_READ",
    "PROFILE_WRITE",
];
const TEXTS: [&str; 4] = ["logo", "bookingRedirectUri", "bookingCancelRedirectUri", "bookingRescheduleRedirectUri"];
const FLAGS: [&str; 3] = ["areEmailsEnabled", "areDefaultEventTypesEnabled", "areCalendarEventsEnabled"];

fn render(client: &PlatformClient) -> Value {
    let mut shown = client.fields.clone();
    shown.insert("id".to_owned(), client.id.clone().into());
    shown.insert("organizationId".to_owned(), client.organization.into());
    shown.insert("createdAt".to_owned(), millis(client.created).into());
    shown.into()
}

fn no_organization() -> Reply {
    Reply::exception(401, "GetOrgId decorator: Organization ID not found")
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(organization(state, request).ok_or_else(no_organization).map(|org| {
        let of_org = state.platform_clients.iter().filter(|client| client.organization == org);
        Reply::ok(of_org.map(render).collect())
    }))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(client_of_path(state, request).map(|client| Reply::ok(render(&client))))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let org = organization(state, request).ok_or_else(|| {
        let message = "OrganizationRolesGuard - No organization associated with the user.";
        if state.community { no_organization() } else { Reply::exception(403, message) }
    })?;
    // The service fills in the defaults before it checks.
    let mut body = json!({ "areDefaultEventTypesEnabled": false, "areCalendarEventsEnabled": true });
    if let Some(body) = body.as_object_mut() {
        body.extend(request.fields().clone());
    }
    let known = |value: &Value| {
        let all = value.as_array();
        all.is_some_and(|all| all.iter().all(|p| p == "*" || p.as_str().is_some_and(|p| PERMISSIONS.contains(&p))))
    };
    let mut checker = Checker::of(&body);
    checker
        .required("name", &[ValidationRule::String])
        .required("redirectUris", &[ValidationRule::EachString, ValidationRule::Array])
        .required(
            "permissions",
            &[
                ValidationRule::Custom("isEnum", known, "each value in $property must be a permission"),
                ValidationRule::Array,
            ],
        );
    check_rest(&mut checker)?;
    let number = state.ids.number(IdKind::PlatformClient);
    let id = state.ids.short(IdKind::PlatformClient);
    let secret = state.ids.hex(IdKind::PlatformSecret, 64);
    let mut fields = Map::new();
    for (name, value) in [("logo", Value::Null), ("areEmailsEnabled", json!(false))] {
        fields.insert(name.to_owned(), value);
    }
    fields.insert("secret".to_owned(), secret.clone().into());
    let mut client = PlatformClient { number, id: id.clone(), organization: org, created: state.now(), fields };
    apply(&mut client, &body);
    let user = request.user().unwrap_or_default();
    state.credentials.push(Credential::Platform { id: id.clone(), secret: secret.clone(), user });
    state.platform_clients.push(client);
    Ok(Reply::created(json!({ "clientId": id, "clientSecret": secret })))
}

fn check_rest(checker: &mut Checker<'_>) -> Result<(), Reply> {
    for name in TEXTS {
        checker.optional(name, &[ValidationRule::String]);
    }
    for name in FLAGS {
        checker.optional(name, &[ValidationRule::Boolean]);
    }
    checker.tree()
}

fn apply(client: &mut PlatformClient, body: &Value) {
    for name in ["name", "redirectUris"].into_iter().chain(TEXTS).chain(FLAGS) {
        if let Some(value) = body.get(name) {
            client.fields.insert(name.to_owned(), value.clone());
        }
    }
    if client.fields.get("permissions").is_none() {
        let asked = body.get("permissions").and_then(Value::as_array).cloned().unwrap_or_default();
        let all = asked.iter().any(|permission| permission == "*");
        client.fields.insert("permissions".to_owned(), if all { json!(PERMISSIONS) } else { asked.into() });
    }
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(client_of_path(state, request).and_then(|client| {
        if FLAGS
            .iter()
            .chain(&["name", "redirectUris"])
            .any(|name| request.fields().get(*name).is_some_and(Value::is_null))
        {
            return Err(Reply::internal());
        }
        let mut checker = Checker::of(&request.body);
        checker.optional("name", &[ValidationRule::String]);
        checker.optional("redirectUris", &[ValidationRule::EachString, ValidationRule::Array]);
        check_rest(&mut checker)?;
        // Permissions cannot be changed.
        if let Some(client) = state.platform_clients.iter_mut().find(|known| known.id == client.id) {
            apply(client, &request.body);
        }
        client_of_path(state, request).map(|client| Reply::ok(render(&client)))
    }))
}

pub(super) fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(client_of_path(state, request).map(|client| {
        state.platform_clients.retain(|known| known.id != client.id);
        state.credentials.retain(|c| !matches!(c, Credential::Platform { id, .. } if *id == client.id));
        Reply::ok(render(&client))
    }))
}
