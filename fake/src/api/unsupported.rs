//! Routes of which the fake plays refusals only.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;

/// A route that is in no document.
const fn closed(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Required, not_played)
}

/// The redirect target of another service's authorization.
const fn returning(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Ignored, invalid_redirect)
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

fn invalid_redirect(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::exception(400, "Missing state param").into()
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
