//! `/v2/calendars` and the selected calendars, of a server whose only calendars are ICS feeds. The feeds are not read.

use serde_json::{Map, Value, json};

use super::super::auth::AccessRule;
use super::super::check::{Checker, ValidationRule};
use super::super::documented;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::{Handler, Route};
use super::super::state::apps::{AppConnection, SelectedCalendar, UserCalendar};
use super::super::state::{IdKind, State};
use super::super::version::Versions;
use super::calendar;
use super::handler::finish;

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, handler)
}

pub(crate) const ROUTES: &[Route] = &[
    route("list_calendars", "GET", "/calendars", list),
    route("list_busy_times", "GET", "/calendars/busy-times", busy_times),
    route("list_calendar_connections", "GET", "/calendars/connections", connections),
    route("list_connection_events", "GET", "/calendars/connections/{connectionId}/events", connection_events),
    route("list_connection_busy_times", "GET", "/calendars/connections/{connectionId}/freebusy", connection_events),
    route("check_ics_feed", "GET", "/calendars/ics-feed/check", check_feed),
    route("connect_ics_feed", "POST", "/calendars/ics-feed/save", save_feed),
    route("check_calendar", "GET", "/calendars/{calendar}/check", check_calendar),
    route("connect_calendar", "GET", "/calendars/{calendar}/connect", connect),
    route("save_calendar_credentials", "POST", "/calendars/{calendar}/credentials", credentials),
    route("get_calendar_event", "GET", "/calendars/{calendar}/event/{eventUid}", no_event),
    route("update_calendar_event_by_uid", "PATCH", "/calendars/{calendar}/event/{eventUid}", no_event),
    route("disconnect_calendar", "POST", "/calendars/{calendar}/disconnect", disconnect),
    route("list_calendar_events", "GET", "/calendars/{calendar}/events", events),
    route("get_calendar_event_by_uid", "GET", "/calendars/{calendar}/events/{eventUid}", no_event),
    route("list_calendar_busy_times", "GET", "/calendars/{calendar}/freebusy", events),
    route("get_google_auth_url", "GET", "/gcal/oauth/auth-url", google_auth_url),
    route("set_destination_calendar", "PUT", "/destination-calendars", choose_destination),
    route("add_selected_calendar", "POST", "/selected-calendars", select),
    route("remove_selected_calendar", "DELETE", "/selected-calendars", unselect),
];

/// The service's name of a calendar's app.
fn kind(calendar: &str) -> String {
    format!("{calendar}_calendar")
}

fn user(request: &Request) -> i64 {
    request.user().unwrap_or_default()
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    Reply::ok(calendar::connected(state, user(request))).into()
}

fn connections(state: &mut State, request: &Request) -> HandlerOutcome {
    Reply::ok(json!({ "connections": calendar::connections(state, user(request)) })).into()
}

/// The query as an object for validation: the parameters of the route, with lists as lists.
fn query(request: &Request, known: &[&str]) -> Value {
    let mut target = Map::new();
    for (name, value) in &request.query {
        let (plain, list) = name.split_once('[').map_or((name.as_str(), false), |(plain, _)| (plain, true));
        if known.contains(&plain) {
            target.insert(plain.to_owned(), if list { json!([{}]) } else { value.as_str().into() });
        }
    }
    target.into()
}

fn busy_times(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_busy_times(state, request))
}

fn try_busy_times(state: &State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&query(request, &["dateFrom", "dateTo", "calendarsToLoad"]))
        .required("dateFrom", &[ValidationRule::Date, ValidationRule::String])
        .required("dateTo", &[ValidationRule::Date, ValidationRule::String])
        .required("calendarsToLoad", &[ValidationRule::Array])
        .tree()?;
    if !["timeZone", "loggedInUsersTz"].iter().any(|name| request.first_query(name).is_some()) {
        return Err(Reply::exception(400, "Either timeZone or loggedInUsersTz must be provided"));
    }
    let values =
        |end: &'static str| request.query.iter().filter(move |(name, _)| name.ends_with(end)).map(|(_, value)| value);
    for id in values("[credentialId]") {
        if !id.parse().is_ok_and(|id| state.apps.owns(user(request), id)) {
            return Err(Reply::exception(401, "These credentials do not belong to you"));
        }
    }
    let instant = |name: &str| request.first_query(name).and_then(super::super::instant::parse);
    let (Some(from), Some(to)) = (instant("dateFrom"), instant("dateTo")) else { return Ok(Reply::ok(json!([]))) };
    let named = |calendar: &&UserCalendar| values("[externalId]").any(|external| *external == calendar.external);
    let own = state.apps.calendars.iter().filter(|calendar| calendar.user == user(request)).filter(named);
    Ok(Reply::ok(calendar::spans(calendar::busy(own, from, to))))
}

const ISO: ValidationRule =
    ValidationRule::Custom("isIso8601", is_iso, "$property must be a valid ISO 8601 date string");

fn is_iso(value: &Value) -> bool {
    value.as_str().is_some_and(|text| super::super::instant::parse(text).is_some())
}

/// Checks the range of a list.
fn check_range(request: &Request) -> Result<(), Reply> {
    Checker::of(&query(request, &["from", "to"])).required("from", &[ISO]).required("to", &[ISO]).tree()
}

/// The events or busy times of a connection. Without a calendar of the test those of a connected one are the examples.
fn connection_events(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(check_range(request).and_then(|()| {
        let text = request.param("connectionId");
        let id: i64 = text.parse().map_err(|_| Reply::exception(400, "Invalid connectionId"))?;
        if !state.apps.owns(user(request), id) {
            return Err(Reply::exception(404, "Calendar connection not found"));
        }
        let calendars = state.apps.calendars.iter().filter(|calendar| calendar.credential == id);
        Ok(busy_in_range(request, calendars).unwrap_or_else(|| documented::respond(state, request)))
    }))
}

/// The events or busy times of a calendar: the examples, if one of Google's is connected.
fn events(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(check_range(request).and_then(|()| {
        let calendar = request.param("calendar");
        if calendar != "google" {
            let what = if request.path.ends_with("freebusy") { "Free/busy" } else { "List events" };
            return Err(Reply::exception(
                400,
                format!(
                    "{what} is currently only available for Google Calendar. Office 365 and Apple support is coming soon."
                ),
            ));
        }
        let Some(connected) = state.apps.connection(user(request), calendar) else { return Ok(Reply::ok(json!([]))) };
        let calendars = state.apps.calendars.iter().filter(|calendar| calendar.credential == connected.id);
        Ok(busy_in_range(request, calendars).unwrap_or_else(|| documented::respond(state, request)))
    }))
}

/// The busy times of the calendars in the range of the request, if it asks for them and there are calendars.
fn busy_in_range<'a>(request: &Request, calendars: impl Iterator<Item = &'a UserCalendar>) -> Option<Reply> {
    let mut calendars = calendars.peekable();
    calendars.peek().filter(|_| request.path.to_ascii_lowercase().ends_with("freebusy"))?;
    let instant = |name: &str| request.first_query(name).and_then(super::super::instant::parse);
    Some(Reply::ok(calendar::spans(calendar::busy(calendars, instant("from")?, instant("to")?))))
}

fn disconnect(state: &mut State, request: &Request) -> HandlerOutcome {
    if let Err(reply) = Checker::of(&request.body).required("id", &[ValidationRule::Int]).tree() {
        return reply.into();
    }
    let id = request.fields().get("id").and_then(Value::as_i64).unwrap_or_default();
    if !state.apps.owns(user(request), id) {
        return Reply::exception(404, "Calendar credentials not found").into();
    }
    let reply = documented::respond(state, request);
    if !reply.status.is_success() {
        return reply.into();
    }
    let shown = calendar::disconnect(state, id);
    shown.map_or(reply, Reply::ok).into()
}

/// The fake stores no references to events of calendars.
fn no_event(_: &mut State, request: &Request) -> HandlerOutcome {
    if request.param("calendar") != "google" {
        return Reply::exception(400, "Meeting details are currently only available for Google Calendar").into();
    }
    Reply::exception(404, "Booking reference not found").into()
}

fn check_feed(state: &mut State, request: &Request) -> HandlerOutcome {
    let connected = state.apps.connection(user(request), "ics-feed").is_some();
    finish(if connected {
        Ok(Reply::done())
    } else {
        Err(Reply::exception(400, "Credentials for Ics Feed calendar not found."))
    })
}

fn save_feed(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_save_feed(state, request))
}

fn try_save_feed(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let mut target = request.fields().clone();
    target.entry("readOnly").or_insert(true.into());
    let words = "The URL must be a valid ICS URL (ending with .ics)";
    Checker::of(&target.into())
        .required(
            "urls",
            &[
                ValidationRule::Custom("IsICSUrlConstraint", are_feeds, words),
                ValidationRule::Custom("isNotEmpty", are_filled, "each value in $property should not be empty"),
                ValidationRule::ArrayNotEmpty,
                ValidationRule::Array,
            ],
        )
        .tree()?;
    let urls: Vec<&str> = request
        .fields()
        .get("urls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if urls.iter().any(|url| state.apps.unreachable.contains(*url)) {
        return Err(Reply::exception(400, "Could not add ICS feeds, try using private ics feed."));
    }
    let (id, user) = (state.ids.number(IdKind::Connection), user(request));
    let (kind, app) = (kind("ics-feed"), "ics-feed".to_owned());
    state.apps.connected.push(AppConnection { id, user, kind: kind.clone(), app: app.clone() });
    Ok(Reply::created(
        json!({ "id": id, "type": kind, "userId": user, "teamId": null, "appId": app, "invalid": false }),
    ))
}

fn are_feeds(value: &Value) -> bool {
    let is_feed = |url: &Value| {
        url.as_str().is_some_and(|text| text.ends_with(".ics") && url::Url::parse(text).is_ok_and(|url| url.has_host()))
    };
    value.as_array().is_some_and(|urls| urls.iter().all(is_feed))
}

fn are_filled(value: &Value) -> bool {
    let is_filled = |value: &Value| !value.is_null() && value != "";
    value.as_array().map_or_else(|| is_filled(value), |values| values.iter().all(is_filled))
}

/// Calendars that are connected by OAuth.
fn is_known(calendar: &str) -> bool {
    matches!(calendar, "google" | "office365" | "apple")
}

fn unknown_calendar(known: &str) -> Reply {
    let message = "Invalid calendar type, available calendars are: ";
    let details = json!({ "message": message, "error": known, "statusCode": 400 });
    Reply::error(400, "BadRequestException", message.to_owned(), Some(details))
}

fn check_calendar(state: &mut State, request: &Request) -> HandlerOutcome {
    let calendar = request.param("calendar");
    if !is_known(calendar) {
        return unknown_calendar("google, office365, apple").into();
    }
    if state.apps.connection(user(request), calendar).is_some() {
        return Reply::done().into();
    }
    Reply::exception(400, format!("Credentials for {} not found.", kind(calendar))).into()
}

fn connect(state: &mut State, request: &Request) -> HandlerOutcome {
    match request.param("calendar") {
        app @ ("google" | "office365") => auth_url(state, app, "authUrl").into(),
        _ => unknown_calendar("google, office365, apple").into(),
    }
}

fn google_auth_url(state: &mut State, _: &Request) -> HandlerOutcome {
    auth_url(state, "google", "authUrl").into()
}

/// The authorization URL of an app, if the server is configured with it.
fn auth_url(state: &State, app: &str, name: &str) -> Reply {
    if !state.apps.set_up.contains(app) {
        let details = json!({ "message": "Not Found", "statusCode": 404 });
        return Reply::error(404, "NotFoundException", "Not Found".to_owned(), Some(details));
    }
    Reply::ok(json!({ name: format!("https://{app}.example.com/oauth2/auth?response_type=code&client_id={app}") }))
}

fn credentials(_: &mut State, request: &Request) -> HandlerOutcome {
    if request.param("calendar") != "apple" {
        return unknown_calendar("apple").into();
    }
    let reason =
        "FetchError: request to https://caldav.icloud.com/ failed, reason: getaddrinfo ENOTFOUND caldav.icloud.com";
    Reply::exception(400, format!("Could not add this apple calendar account: {reason}")).into()
}

fn choose_destination(state: &mut State, request: &Request) -> HandlerOutcome {
    let known = ValidationRule::Custom("isEnum", is_integration, "$property must be one of the following values: ");
    let checked = Checker::of(&request.body)
        .required("integration", &[known, ValidationRule::String])
        .required("externalId", &[ValidationRule::String])
        .tree();
    let id = request.text("externalId").unwrap_or_default();
    finish(checked.and_then(|()| {
        let integration = request.text("integration").unwrap_or_default();
        if let Some(chosen) = calendar::choose(state, user(request), integration, id) {
            return chosen;
        }
        let of_user = state.apps.connected.iter().filter(|connected| connected.user == user(request));
        let found = of_user.filter(|connected| connected.kind == integration).find(|_| id.contains('@'));
        let connected = found.ok_or_else(|| Reply::exception(404, format!("Could not find calendar {id}")))?;
        Ok(Reply::ok(json!({ "userId": connected.user, "integration": integration, "externalId": id,
            "credentialId": connected.id })))
    }))
}

fn is_integration(value: &Value) -> bool {
    const KNOWN: [&str; 4] = ["apple_calendar", "google_calendar", "office365_calendar", "ics-feed_calendar"];
    value.as_str().is_some_and(|text| KNOWN.contains(&text))
}

fn select(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_select(state, request))
}

fn try_select(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .required("integration", &[ValidationRule::String])
        .required("externalId", &[ValidationRule::String])
        .required("credentialId", &[ValidationRule::Int])
        .tree()?;
    let text = |name: &str| request.text(name).unwrap_or_default().to_owned();
    let credential = request.fields().get("credentialId").and_then(Value::as_i64).unwrap_or_default();
    let selected = SelectedCalendar {
        user: user(request),
        integration: text("integration"),
        external: text("externalId"),
        credential,
    };
    if !state.apps.owns(selected.user, credential) {
        return Err(Reply::exception(404, "Calendar credentials not found"));
    }
    if state.apps.selected.contains(&selected) {
        return Ok(Reply::json(201, json!({ "status": "success" })));
    }
    state.apps.selected.push(selected.clone());
    Ok(Reply::created(render(&selected)))
}

fn unselect(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_unselect(state, request))
}

fn try_unselect(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let text = |name: &str| request.first_query(name).unwrap_or_default().to_owned();
    let sent = json!({ "integration": request.first_query("integration"), "externalId": request.first_query("externalId"),
        "credentialId": request.first_query("credentialId") });
    let mut sent = sent.as_object().cloned().unwrap_or_default();
    sent.retain(|_, value| !value.is_null());
    Checker::of(&sent.into())
        .required("integration", &[ValidationRule::String])
        .required("externalId", &[ValidationRule::String])
        .required("credentialId", &[ValidationRule::String])
        .tree()?;
    let credential = text("credentialId").parse().map_err(|_| Reply::internal())?;
    let wanted = SelectedCalendar {
        user: user(request),
        integration: text("integration"),
        external: text("externalId"),
        credential,
    };
    if !state.apps.owns(wanted.user, credential) {
        return Err(Reply::exception(404, "Calendar credentials not found"));
    }
    let before = state.apps.selected.len();
    state.apps.selected.retain(|selected| *selected != wanted);
    if state.apps.selected.len() == before {
        return Err(Reply::exception(404, "No SelectedCalendar found."));
    }
    Ok(Reply::ok(render(&wanted)))
}

fn render(selected: &SelectedCalendar) -> Value {
    json!({ "userId": selected.user, "integration": selected.integration, "externalId": selected.external,
        "credentialId": selected.credential })
}
