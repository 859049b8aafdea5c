//! `/v2/webhooks`, and the webhooks of one event type.

use serde_json::{Value, json};

use super::super::auth::Access;
use super::super::change::{Change, Thing};
use super::super::check::{Checker, Rule};
use super::super::exchange::Request;
use super::super::outcome::Outcome;
use super::super::reply::{Reply, millis};
use super::super::route::Route;
use super::super::state::{Kind, State, Webhook, WebhookOwner};
use super::super::version::Versions;
use super::handler::{finish, id_of};

const ANY: Versions = Versions::ANY;
const OF_EVENT: &str = "/event-types/{eventTypeId}/webhooks";
const ONE_OF_EVENT: &str = "/event-types/{eventTypeId}/webhooks/{webhookId}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_webhooks", "GET", "/webhooks", ANY, Access::Key, list),
    Route::new("create_webhook", "POST", "/webhooks", ANY, Access::Key, create),
    Route::new("get_webhook", "GET", "/webhooks/{webhookId}", ANY, Access::Key, get),
    Route::new("update_webhook", "PATCH", "/webhooks/{webhookId}", ANY, Access::Key, update),
    Route::new("delete_webhook", "DELETE", "/webhooks/{webhookId}", ANY, Access::Key, delete),
    Route::new("list_event_type_webhooks", "GET", OF_EVENT, ANY, Access::Key, list),
    Route::new("create_event_type_webhook", "POST", OF_EVENT, ANY, Access::Key, create),
    Route::new("delete_event_type_webhooks", "DELETE", OF_EVENT, ANY, Access::Key, delete_all),
    Route::new("get_event_type_webhook", "GET", ONE_OF_EVENT, ANY, Access::Key, get),
    Route::new("update_event_type_webhook", "PATCH", ONE_OF_EVENT, ANY, Access::Key, update),
    Route::new("delete_event_type_webhook", "DELETE", ONE_OF_EVENT, ANY, Access::Key, delete),
];

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
/// The only version of deliveries there is.
pub(crate) const VERSION: &str = "2021-10-20";
/// Hosts that lead into the server's own house.
const BLOCKED_HOSTS: [&str; 3] = ["169.254.169.254", "metadata.google.internal", "metadata"];

/// Whose webhooks the path speaks of, or the refusal.
fn owner(state: &State, request: &Request) -> Result<WebhookOwner, Reply> {
    let user = request.user().ok_or_else(Reply::internal)?;
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

/// The webhook of the path, if it is the owner's.
fn own(state: &State, request: &Request) -> Result<Webhook, Reply> {
    let owner = owner(state, request)?;
    let id = request.param("webhookId");
    let found = state.webhooks.iter().find(|webhook| webhook.id == id);
    match (found, owner) {
        (Some(webhook), _) if webhook.owner == owner => Ok(webhook.clone()),
        (None, WebhookOwner::User(_)) => Err(Reply::exception(404, format!("Webhook ({id}) not found"))),
        (None, WebhookOwner::EventType(_)) => {
            Err(Reply::exception(404, format!("IsUserEventTypeWebhookGuard - Webhook ({id}) not found")))
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

fn shown(webhook: &Webhook) -> Value {
    let mut shown = json!({
        "id": webhook.id,
        "payloadTemplate": webhook.template,
        "triggers": webhook.triggers,
        "subscriberUrl": webhook.url,
        "active": webhook.active,
        "secret": webhook.secret,
    });
    match webhook.owner {
        WebhookOwner::User(id) => shown["userId"] = id.into(),
        WebhookOwner::EventType(id) => shown["eventTypeId"] = id.into(),
    }
    shown
}

/// A user's single webhook is shown as it stands in the table.
fn row(webhook: &Webhook) -> Value {
    let mut row = shown(webhook);
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

fn list(state: &mut State, request: &Request) -> Outcome {
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
        checker.required("take", &[Rule::Max(250), Rule::Min(1), Rule::Number]);
    }
    if query.get("skip").is_some() {
        checker.required("skip", &[Rule::Min(0), Rule::Number]);
    }
    checker.tree()?;
    let number = |name: &str, default: usize| query.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    let owner = owner(state, request)?;
    let mut own: Vec<&Webhook> = state.webhooks.iter().filter(|webhook| webhook.owner == owner).collect();
    // The service lists them by id.
    own.sort_by(|a, b| a.id.cmp(&b.id));
    let page = own.into_iter().skip(number("skip", 0)).take(number("take", 250));
    Ok(Reply::ok(page.map(shown).collect()))
}

fn get(state: &mut State, request: &Request) -> Outcome {
    finish(own(state, request).map(|webhook| match webhook.owner {
        WebhookOwner::User(_) => Reply::ok(row(&webhook)),
        WebhookOwner::EventType(_) => Reply::ok(shown(&webhook)),
    }))
}

fn check(body: &Value, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(body);
    for (name, rules) in [
        ("active", &[Rule::Boolean] as &[Rule]),
        ("subscriberUrl", &[Rule::String]),
        ("triggers", &[Rule::EachEnum(TRIGGERS), Rule::Array]),
    ] {
        if creating {
            checker.required(name, rules)
        } else {
            checker.optional(name, rules)
        };
    }
    checker
        .optional("payloadTemplate", &[Rule::String])
        .optional("secret", &[Rule::String])
        .optional("version", &[Rule::Enum(&[VERSION])])
        .tree()
}

/// Refuses addresses that the service does not deliver to.
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
    if let Some(triggers) = triggers {
        webhook.triggers = triggers.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect();
    }
}

fn create(state: &mut State, request: &Request) -> Outcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let owner = owner(state, request)?;
    check(&request.body, true)?;
    url_allowed(request.text("subscriberUrl"))?;
    url_is_free(state, owner, request.text("subscriberUrl").unwrap_or_default(), "")?;
    let mut webhook = Webhook {
        id: state.ids.uuid(Kind::Webhook),
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
    state.happened(Change::made(Thing::Webhook, &webhook.id));
    Ok(Reply::created(shown(&webhook)))
}

fn update(state: &mut State, request: &Request) -> Outcome {
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
    state.happened(Change::altered(Thing::Webhook, &webhook.id));
    Ok(Reply::ok(shown(&webhook)))
}

fn delete(state: &mut State, request: &Request) -> Outcome {
    finish(own(state, request).map(|webhook| {
        state.webhooks.retain(|other| other.id != webhook.id);
        state.happened(Change::removed(Thing::Webhook, &webhook.id));
        Reply::ok(shown(&webhook))
    }))
}

fn delete_all(state: &mut State, request: &Request) -> Outcome {
    finish(owner(state, request).map(|owner| {
        let (gone, left): (Vec<_>, Vec<_>) = state.webhooks.drain(..).partition(|webhook| webhook.owner == owner);
        state.webhooks = left;
        for webhook in &gone {
            state.happened(Change::removed(Thing::Webhook, &webhook.id));
        }
        Reply::ok(format!("{} webhooks deleted", gone.len()).into())
    }))
}
