//! Routes that a browser visits, and routes of which the fake plays refusals only.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::{Reply, ReplyBody};
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;

/// A route that is in no document.
const fn closed(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Required, not_played)
}

/// The redirect target of another service's authorization.
const fn returning(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Ignored, returned)
}

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_timezones", "GET", "/timezones", Versions::ANY, AccessRule::Ignored, timezones),
    closed("check_google_calendar", "/gcal/check"),
    returning("save_calendar", "/calendars/{calendar}/save"),
    returning("save_conferencing", "/conferencing/{app}/oauth/callback"),
    returning("save_stripe", "/stripe/save"),
];

fn not_played(_: &mut State, request: &Request) -> HandlerOutcome {
    Reply::exception(501, format!("The fake does not play {} {}", request.method, request.path)).into()
}

/// The other service returns with a state, which says where the browser continues.
fn returned(_: &mut State, request: &Request) -> HandlerOutcome {
    if matches!(request.param("calendar"), "google" | "office365") {
        let names = ["isDryRun", "origin", "accessToken"];
        let message: String = names.iter().map(|name| format!("{name} - Expected string, received null, ")).collect();
        return Reply::coded(400, "BAD_REQUEST", message).into();
    }
    let Some(text) = request.first_query("state") else {
        return Reply::exception(400, "Missing state param").into();
    };
    let Ok(state) = serde_json::from_str::<Value>(text) else {
        return Reply::bare(500, "Internal server error").into();
    };
    let target = if request.first_query("error").is_some() { "onErrorReturnTo" } else { "returnTo" };
    let address = state.get(target).and_then(Value::as_str).and_then(|text| HeaderValue::from_str(text).ok());
    let mut reply = Reply::of(StatusCode::MOVED_PERMANENTLY, ReplyBody::Empty);
    reply.headers.extend(address.map(|address| (header::LOCATION, address)));
    reply.into()
}

/// A few of the cities that the service lists.
fn timezones(_: &mut State, _: &Request) -> HandlerOutcome {
    const CITIES: [(&str, &str, i64); 6] = [
        ("Berlin", "Europe/Berlin", 3_406_000),
        ("Lima", "America/Lima", 8_012_000),
        ("London", "Europe/London", 8_567_000),
        ("New York", "America/New_York", 19_040_000),
        ("Rome", "Europe/Rome", 3_339_000),
        ("Tokyo", "Asia/Tokyo", 35_676_000),
    ];
    let cities = CITIES.iter().map(|(city, zone, pop)| json!({ "city": city, "timezone": zone, "pop": pop }));
    Reply::ok(cities.collect::<Vec<Value>>().into()).into()
}
