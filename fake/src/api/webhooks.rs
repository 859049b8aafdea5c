//! `/v2/webhooks`, and the webhooks of one event type.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::change::{Change, ResourceKind};
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::{Reply, millis};
use super::super::route::Route;
use super::super::state::{IdKind, State, TeamRole, Webhook, WebhookOwner};
use super::super::version::Versions;
use super::handler::{finish, id_of};
use super::platform::client_of_path;
use super::teams::access::{self, Access};

const ANY: Versions = Versions::ANY;
const OF_CLIENT: &str = "/oauth-clients/{clientId}/webhooks";
const ONE_OF_CLIENT: &str = "/oauth-clients/{clientId}/webhooks/{webhookId}";
const OF_TEAM: &str = "/teams/{teamId}/event-types/{eventTypeId}/webhooks";
const ONE_OF_TEAM: &str = "/teams/{teamId}/event-types/{eventTypeId}/webhooks/{webhookId}";
const OF_EVENT: &str = "/event-types/{eventTypeId}/webhooks";
const ONE_OF_EVENT: &str = "/event-types/{eventTypeId}/webhooks/{webhookId}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_webhooks", "GET", "/webhooks", ANY, AccessRule::Required, list),
    Route::new("create_webhook", "POST", "/webhooks", ANY, AccessRule::Required, create),
    Route::new("get_webhook", "GET", "/webhooks/{webhookId}", ANY, AccessRule::Required, get),
    Route::new("update_webhook", "PATCH", "/webhooks/{webhookId}", ANY, AccessRule::Required, update),
    Route::new("delete_webhook", "DELETE", "/webhooks/{webhookId}", ANY, AccessRule::Required, delete),
    Route::new("list_event_type_webhooks", "GET", OF_EVENT, ANY, AccessRule::Required, list),
    Route::new("create_event_type_webhook", "POST", OF_EVENT, ANY, AccessRule::Required, create),
    Route::new("delete_event_type_webhooks", "DELETE", OF_EVENT, ANY, AccessRule::Required, delete_all),
    Route::new("get_event_type_webhook", "GET", ONE_OF_EVENT, ANY, AccessRule::Required, get),
    Route::new("update_event_type_webhook", "PATCH", ONE_OF_EVENT, ANY, AccessRule::Required, update),
    Route::new("delete_event_type_webhook", "DELETE", ONE_OF_EVENT, ANY, AccessRule::Required, delete),
    Route::new("list_oauth_client_webhooks", "GET", OF_CLIENT, ANY, AccessRule::Required, list),
    Route::new("create_oauth_client_webhook", "POST", OF_CLIENT, ANY, AccessRule::Required, create),
    Route::new("delete_oauth_client_webhooks", "DELETE", OF_CLIENT, ANY, AccessRule::Required, delete_all),
    Route::new("get_oauth_client_webhook", "GET", ONE_OF_CLIENT, ANY, AccessRule::Required, get),
    Route::new("update_oauth_client_webhook", "PATCH", ONE_OF_CLIENT, ANY, AccessRule::Required, update),
    Route::new("delete_oauth_client_webhook", "DELETE", ONE_OF_CLIENT, ANY, AccessRule::Required, delete),
    Route::new("list_team_event_type_webhooks", "GET", OF_TEAM, ANY, AccessRule::Required, list),
    Route::new("create_team_event_type_webhook", "POST", OF_TEAM, ANY, AccessRule::Required, create),
    Route::new("delete_team_event_type_webhooks", "DELETE", OF_TEAM, ANY, AccessRule::Required, delete_all),
    Route::new("get_team_event_type_webhook", "GET", ONE_OF_TEAM, ANY, AccessRule::Required, get),
    Route::new("update_team_event_type_webhook", "PATCH", ONE_OF_TEAM, ANY, AccessRule::Required, update),
    Route::new("delete_team_event_type_webhook", "DELETE", ONE_OF_TEAM, ANY, AccessRule::Required, delete),
];

/// The triggers that the recorded server accepts, and names if it refuses others.
const TRIGGERS: &[&str] = &[
    "BOOKING_CREATED",
    "BOOKING_PAYMENT_INITIATED",
    "BOOKING_PAID",
    "BOOKING_RESCHEDULED",
    "BOOKING_REQUESTED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
    "BOOKING_NO_SHOW_UPDATED",
    "FORM_SUBMITTED",
    "MEETING_ENDED",
    "MEETING_STARTED",
    "RECORDING_READY",
    "RECORDING_TRANSCRIPTION_GENERATED",
    "OOO_CREATED",
    "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
    "FORM_SUBMITTED_NO_EVENT",
    "DELEGATION_CREDENTIAL_ERROR",
    "WRONG_ASSIGNMENT_REPORT",
];
/// The triggers of newer servers and of the hosted service, which are accepted too.
const NEWER_TRIGGERS: &[&str] = &[
    "INSTANT_MEETING",
    "ROUTING_FORM_FALLBACK_HIT",
    "BOOKING_LOCATION_UPDATED",
    "BOOKING_REASSIGNED",
    "INSTANT_MEETING_ACCEPTED",
    "DELEGATION_CREDENTIAL_SECRET_ROTATED",
    "DELEGATION_CREDENTIAL_SECRET_ROTATION_FAILED",
    "DELEGATION_CREDENTIAL_ROTATION_REQUIRED",
    "CALENDAR_ENTRY_REJECTED",
];
/// Whether a subscription may name this trigger.
pub(crate) fn is_trigger(name: &str) -> bool {
    TRIGGERS.iter().chain(NEWER_TRIGGERS).any(|known| *known == name)
}

/// The only version of deliveries.
pub(crate) const VERSION: &str = "2021-10-20";
/// Hosts of the server's own network.
const BLOCKED_HOSTS: [&str; 3] = ["169.254.169.254", "metadata.google.internal", "metadata"];

/// The owner of the path's webhooks, or an error.
fn owner(state: &State, request: &Request) -> Result<WebhookOwner, Reply> {
    let user = request.user().ok_or_else(Reply::internal)?;
    if request.has_param("clientId") {
        return client_of_path(state, request).map(|client| WebhookOwner::Client(client.number));
    }
    if request.has_param("teamId") {
        return of_team(state, request);
    }
    if request.param("eventTypeId").is_empty() {
        return Ok(WebhookOwner::User(user));
    }
    let id = id_of(request, "eventTypeId")?;
    let event = state
        .event_type(id)
        .ok_or_else(|| Reply::exception(404, format!("IsUserEventTypeWebhookGuard - Event type ({id}) not found")))?;
    if event.owner != user {
        let message = format!("IsUserEventTypeWebhookGuard - User ({user}) is not the owner of event type ({id})");
        return Err(Reply::exception(403, message));
    }
    Ok(WebhookOwner::EventType(id))
}

/// An event type of the path's team.
fn of_team(state: &State, request: &Request) -> Result<WebhookOwner, Reply> {
    let team = access::team(state, request, Access::Team(TeamRole::Admin))?;
    let id = id_of(request, "eventTypeId")?;
    let event = state.event_type(id).filter(|event| event.team.as_ref().is_some_and(|of| of.team == team));
    let message = || Reply::exception(404, format!("IsTeamEventTypeWebhookGuard - Event type ({id}) not found"));
    event.map(|event| WebhookOwner::EventType(event.id)).ok_or_else(message)
}

/// The webhook of the path, if it is the owner's.
fn own(state: &State, request: &Request) -> Result<Webhook, Reply> {
    let owner = owner(state, request)?;
    let id = request.param("webhookId");
    let found = state.webhooks.iter().find(|webhook| webhook.id == id);
    match (found, owner) {
        (Some(webhook), _) if webhook.owner == owner => Ok(webhook.clone()),
        (None, WebhookOwner::User(_) | WebhookOwner::Client(_)) => {
            Err(Reply::exception(404, format!("Webhook ({id}) not found")))
        }
        (None, WebhookOwner::EventType(_)) => {
            Err(Reply::exception(404, format!("IsUserEventTypeWebhookGuard - Webhook ({id}) not found")))
        }
        (Some(_), WebhookOwner::Client(_)) => {
            Err(Reply::exception(403, format!("Webhook ({id}) is not associated with this OAuth client")))
        }
        (Some(_), WebhookOwner::User(user)) => {
            let message =
                format!("IsUserWebhookGuard - user with id=({user}) is not the owner of webhook with id=({id})");
            Err(Reply::exception(403, message))
        }
        (Some(_), WebhookOwner::EventType(event)) => {
            let message =
                format!("IsUserEventTypeWebhookGuard - Webhook ({id}) is not associated with event type ({event})");
            Err(Reply::exception(403, message))
        }
    }
}

/// A webhook as responses show it.
fn shown(state: &State, webhook: &Webhook) -> Value {
    let mut shown = render(webhook);
    if let WebhookOwner::Client(number) = webhook.owner {
        let client = state.platform_clients.iter().find(|client| client.number == number);
        shown["oAuthClientId"] = client.map(|client| client.id.clone()).into();
    }
    shown
}

fn render(webhook: &Webhook) -> Value {
    let mut shown = json!({
        "id": webhook.id,
        "payloadTemplate": webhook.template,
        "triggers": webhook.triggers,
        "subscriberUrl": webhook.url,
        "active": webhook.active,
        "secret": webhook.secret,
    });
    match webhook.owner {
        // The caller adds the id of the client, which is a text.
        WebhookOwner::Client(_) => {}
        WebhookOwner::User(id) => shown["userId"] = id.into(),
        WebhookOwner::EventType(id) => shown["eventTypeId"] = id.into(),
    }
    shown
}

/// The response with one webhook of a user, in the form of the table.
fn row(webhook: &Webhook) -> Value {
    let mut row = render(webhook);
    for (name, value) in [
        ("teamId", Value::Null),
        ("eventTypeId", Value::Null),
        ("createdAt", millis(webhook.created).into()),
        ("appId", Value::Null),
        ("platform", json!(false)),
        ("time", webhook.time.into()),
        ("timeUnit", webhook.time_unit.clone().into()),
        ("version", webhook.version.clone().into()),
        ("oAuthClientId", Value::Null),
    ] {
        row[name] = value;
    }
    row
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list(state, request))
}

fn try_list(state: &State, request: &Request) -> Result<Reply, Reply> {
    let mut query = json!({});
    for name in ["take", "skip"] {
        if let Some(text) = request.first_query(name) {
            query[name] = text.parse::<i64>().map_or(Value::Null, Value::from);
        }
    }
    let mut checker = Checker::of(&query);
    if query.get("take").is_some() {
        checker.required("take", &[ValidationRule::Max(250), ValidationRule::Min(1), ValidationRule::Number]);
    }
    if query.get("skip").is_some() {
        checker.required("skip", &[ValidationRule::Min(0), ValidationRule::Number]);
    }
    checker.tree()?;
    let number = |name: &str, default: usize| query.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    let owner = owner(state, request)?;
    let mut own: Vec<&Webhook> = state.webhooks.iter().filter(|webhook| webhook.owner == owner).collect();
    // The service sorts them by id.
    own.sort_by(|a, b| a.id.cmp(&b.id));
    let page = own.into_iter().skip(number("skip", 0)).take(number("take", 250));
    Ok(Reply::ok(page.map(|webhook| shown(state, webhook)).collect()))
}

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request).map(|webhook| match webhook.owner {
        WebhookOwner::User(_) => Reply::ok(row(&webhook)),
        WebhookOwner::EventType(_) | WebhookOwner::Client(_) => Reply::ok(shown(state, &webhook)),
    }))
}

fn check(body: &Value, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(body);
    for (name, rules) in [
        ("active", &[ValidationRule::Boolean] as &[ValidationRule]),
        ("subscriberUrl", &[ValidationRule::String]),
        ("triggers", &[ValidationRule::EachEnum(TRIGGERS, NEWER_TRIGGERS), ValidationRule::Array]),
    ] {
        if creating {
            checker.required(name, rules)
        } else {
            checker.optional(name, rules)
        };
    }
    checker
        .optional("payloadTemplate", &[ValidationRule::String])
        .optional("secret", &[ValidationRule::String])
        .optional("version", &[ValidationRule::Enum(&[VERSION])])
        .tree()
}

/// Rejects URLs that the service does not deliver to.
fn url_allowed(url: Option<&str>) -> Result<(), Reply> {
    let refused = |why: &str| Err(Reply::exception(400, format!("Webhook URL is not allowed: {why}")));
    let Some(text) = url else { return Ok(()) };
    let Ok(url) = url::Url::parse(text) else { return refused("Invalid URL format") };
    if !matches!(url.scheme(), "http" | "https") {
        return refused("Only HTTP and HTTPS URLs are allowed");
    }
    if url.host_str().is_some_and(|host| BLOCKED_HOSTS.contains(&host)) {
        return refused("Blocked hostname");
    }
    Ok(())
}

fn url_is_free(state: &State, owner: WebhookOwner, url: &str, except: &str) -> Result<(), Reply> {
    let taken = |webhook: &Webhook| webhook.owner == owner && webhook.url == url && webhook.id != except;
    if !state.webhooks.iter().any(taken) {
        return Ok(());
    }
    let whose = match owner {
        WebhookOwner::User(_) => "user",
        WebhookOwner::EventType(_) => "event type",
        WebhookOwner::Client(_) => "oAuth client",
    };
    Err(Reply::exception(409, format!("Webhook with this subscriber url already exists for this {whose}")))
}

fn apply(webhook: &mut Webhook, request: &Request) {
    let text = |name: &str| request.text(name).map(str::to_owned);
    let triggers = request.fields().get("triggers").and_then(Value::as_array);
    webhook.active = request.fields().get("active").and_then(Value::as_bool).unwrap_or(webhook.active);
    webhook.url = text("subscriberUrl").unwrap_or_else(|| webhook.url.clone());
    webhook.template = text("payloadTemplate").or_else(|| webhook.template.clone());
    webhook.secret = text("secret").or_else(|| webhook.secret.clone());
    webhook.time = request.fields().get("time").and_then(Value::as_i64).or(webhook.time);
    webhook.time_unit = text("timeUnit").or_else(|| webhook.time_unit.clone());
    if let Some(triggers) = triggers {
        webhook.triggers = triggers.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect();
    }
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let owner = owner(state, request)?;
    check(&request.body, true)?;
    url_allowed(request.text("subscriberUrl"))?;
    url_is_free(state, owner, request.text("subscriberUrl").unwrap_or_default(), "")?;
    let mut webhook = Webhook {
        id: state.ids.uuid(IdKind::Webhook),
        owner,
        url: String::new(),
        triggers: Vec::new(),
        active: false,
        template: None,
        secret: None,
        version: VERSION.to_owned(),
        created: state.now(),
        time: None,
        time_unit: None,
    };
    apply(&mut webhook, request);
    state.webhooks.push(webhook.clone());
    state.record_change(Change::created(ResourceKind::Webhook, &webhook.id));
    Ok(Reply::created(shown(state, &webhook)))
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let mut webhook = own(state, request)?;
    check(&request.body, false)?;
    url_allowed(request.text("subscriberUrl"))?;
    if let Some(url) = request.text("subscriberUrl") {
        url_is_free(state, webhook.owner, url, &webhook.id)?;
    }
    apply(&mut webhook, request);
    if let Some(place) = state.webhooks.iter_mut().find(|other| other.id == webhook.id) {
        *place = webhook.clone();
    }
    state.record_change(Change::updated(ResourceKind::Webhook, &webhook.id));
    Ok(Reply::ok(shown(state, &webhook)))
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request).map(|webhook| {
        state.webhooks.retain(|other| other.id != webhook.id);
        state.record_change(Change::deleted(ResourceKind::Webhook, &webhook.id));
        Reply::ok(shown(state, &webhook))
    }))
}

fn delete_all(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(owner(state, request).map(|owner| {
        let (gone, left): (Vec<_>, Vec<_>) = state.webhooks.drain(..).partition(|webhook| webhook.owner == owner);
        state.webhooks = left;
        for webhook in &gone {
            state.record_change(Change::deleted(ResourceKind::Webhook, &webhook.id));
        }
        Reply::ok(format!("{} webhooks deleted", gone.len()).into())
    }))
}
