//! `/v2/conferencing`: conferencing apps beside the built-in video call.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::{Handler, Route};
use super::super::state::apps::AppConnection;
use super::super::state::{IdKind, State};
use super::super::version::Versions;

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, handler)
}

pub(crate) const ROUTES: &[Route] = &[
    route("list_conferencing_apps", "GET", "/conferencing", list),
    route("get_default_conferencing_app", "GET", "/conferencing/default", default),
    route("connect_conferencing_app", "POST", "/conferencing/{app}/connect", connect),
    route("set_default_conferencing_app", "POST", "/conferencing/{app}/default", set_default),
    route("disconnect_conferencing_app", "DELETE", "/conferencing/{app}/disconnect", disconnect),
    route("get_conferencing_auth_url", "GET", "/conferencing/{app}/oauth/auth-url", auth_url),
];

/// The built-in app, which needs no connection.
const BUILT_IN: &str = "daily-video";
/// The app that is connected through the calendar.
const MEET: &str = "google-meet";
/// The key of the selected app in a user's settings.
const CHOSEN: &str = "defaultConferencingApp";

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    let own = state.apps.connected.iter().filter(|connected| Some(connected.user) == request.user());
    let shown = own.filter(|connected| connected.kind.ends_with("_video")).map(render);
    Reply::ok(shown.collect::<Vec<Value>>().into()).into()
}

fn render(connected: &AppConnection) -> Value {
    json!({ "id": connected.id, "type": connected.kind, "userId": connected.user, "teamId": null,
        "appId": connected.app, "subscriptionId": null, "paymentStatus": null, "billingCycleStart": null,
        "invalid": false, "delegationCredentialId": null })
}

fn default(state: &mut State, request: &Request) -> HandlerOutcome {
    let user = request.user().and_then(|id| state.user(id));
    match user.and_then(|user| user.settings.get(CHOSEN)) {
        Some(chosen) => Reply::ok(chosen.clone()).into(),
        None => Reply::done().into(),
    }
}

fn is_connected(state: &State, request: &Request) -> bool {
    state.apps.connection(request.user().unwrap_or_default(), request.param("app")).is_some()
}

fn not_connected(request: &Request) -> HandlerOutcome {
    Reply::exception(400, format!("{} not connected.", request.param("app"))).into()
}

/// Only Google Meet is connected without a page of its own. It needs a calendar of Google.
fn connect(state: &mut State, request: &Request) -> HandlerOutcome {
    if request.param("app") == MEET {
        let user = request.user().unwrap_or_default();
        if !state.apps.connected.iter().any(|known| known.user == user && known.kind == "google_calendar") {
            return Reply::exception(400, "Google Meet requires a Google Calendar connection.").into();
        }
        if is_connected(state, request) {
            return Reply::exception(400, "Google Meet is already connected for this user.").into();
        }
        let id = state.ids.number(IdKind::Connection);
        let connected = AppConnection { id, user, kind: "google_video".to_owned(), app: MEET.to_owned() };
        let mut shown = render(&connected);
        // The service shows the key of the credential too.
        shown["key"] = json!({});
        shown["encryptedKey"] = Value::Null;
        state.apps.connected.push(connected);
        return Reply::ok(shown).into();
    }
    Reply::exception(400, "Invalid conferencing app, available apps are: google-meet").into()
}

fn set_default(state: &mut State, request: &Request) -> HandlerOutcome {
    let app = request.param("app");
    if app != BUILT_IN && !is_connected(state, request) {
        return not_connected(request);
    }
    if let Some(user) = request.user().and_then(|id| state.user_mut(id)) {
        user.settings.insert(CHOSEN.to_owned(), json!({ "appSlug": app }));
    }
    Reply::done().into()
}

fn disconnect(state: &mut State, request: &Request) -> HandlerOutcome {
    if !is_connected(state, request) {
        return not_connected(request);
    }
    let (user, app) = (request.user().unwrap_or_default(), request.param("app"));
    state.apps.connected.retain(|connected| connected.user != user || connected.app != app);
    Reply::done().into()
}

fn auth_url(state: &mut State, request: &Request) -> HandlerOutcome {
    let app = request.param("app");
    if !matches!(app, "zoom" | "msteams") {
        let message = "Invalid conferencing app, available apps are: ";
        let details = json!({ "message": message, "error": "zoom, msteams", "statusCode": 400 });
        return Reply::error(400, "BadRequestException", message.to_owned(), Some(details)).into();
    }
    if !state.apps.set_up.contains(app) {
        // All required keys of the app are missing.
        return Reply::coded(400, "BAD_REQUEST", " - Required, ").into();
    }
    Reply::ok(json!({ "url": format!("https://{app}.example.com/oauth/authorize?response_type=code&client_id={app}") }))
        .into()
}
