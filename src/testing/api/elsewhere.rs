//! Routes of areas that the fake does not play: they are there, want credentials as the service's do, and beyond that
//! say that nobody is at home.

use serde_json::{Value, json};

use super::super::auth::Access;
use super::super::exchange::Request;
use super::super::pace::Outcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;

const fn closed(operation: &'static str, method: &'static str, template: &'static str) -> Route {
    Route::new(operation, method, template, Versions::ANY, Access::Key, not_played)
}

const fn closed_0415(operation: &'static str, method: &'static str, template: &'static str) -> Route {
    Route::new(operation, method, template, Versions::ONLY_0415, Access::Key, not_played)
}

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_timezones", "GET", "/timezones", Versions::ANY, Access::Nothing, timezones),
    closed("list_calendar_connections", "GET", "/calendars/connections"),
    closed("list_conferencing", "GET", "/conferencing"),
    closed("get_default_conferencing", "GET", "/conferencing/default"),
    closed("connect_conferencing", "POST", "/conferencing/{app}/connect"),
    closed("set_default_conferencing", "POST", "/conferencing/{app}/default"),
    closed("disconnect_conferencing", "DELETE", "/conferencing/{app}/disconnect"),
    closed("get_conferencing_auth_url", "GET", "/conferencing/{app}/oauth/auth-url"),
    closed("update_destination_calendars", "PUT", "/destination-calendars"),
    closed("add_selected_calendar", "POST", "/selected-calendars"),
    closed("delete_selected_calendar", "DELETE", "/selected-calendars"),
    closed("check_stripe", "GET", "/stripe/check"),
    closed("connect_stripe", "GET", "/stripe/connect"),
    closed("check_google_calendar", "GET", "/gcal/check"),
    closed_0415("list_verified_emails", "GET", "/verified-resources/emails"),
    closed_0415("get_verified_email", "GET", "/verified-resources/emails/{id}"),
    closed_0415("list_verified_phones", "GET", "/verified-resources/phones"),
    closed_0415("get_verified_phone", "GET", "/verified-resources/phones/{id}"),
];

fn not_played(_: &mut State, request: &Request) -> Outcome {
    Reply::exception(501, format!("The fake does not play {} {}", request.method, request.path)).into()
}

/// A few of the cities that the service lists.
fn timezones(_: &mut State, _: &Request) -> Outcome {
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
