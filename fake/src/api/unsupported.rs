//! Routes of which the fake plays refusals only.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::documented;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{Credential, State};
use super::super::version::Versions;

/// A route that is in no document.
const fn closed(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Required, not_played)
}

/// A route of a platform client.
const fn of_client(operation: &'static str, method: &'static str, template: &'static str) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, no_client)
}

/// The redirect target of another service's authorization.
const fn returning(operation: &'static str, template: &'static str) -> Route {
    Route::new(operation, "GET", template, Versions::ANY, AccessRule::Ignored, invalid_redirect)
}

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_timezones", "GET", "/timezones", Versions::ANY, AccessRule::Ignored, timezones),
    closed("get_provider", "/provider/{clientId}"),
    closed("check_google_calendar", "/gcal/check"),
    returning("save_calendar", "/calendars/{calendar}/save"),
    returning("save_conferencing", "/conferencing/{app}/oauth/callback"),
    returning("save_stripe", "/stripe/save"),
    Route::new("create_oauth_client", "POST", "/oauth-clients", Versions::ANY, AccessRule::Required, no_organization),
    of_client("get_oauth_client", "GET", "/oauth-clients/{clientId}"),
    of_client("update_oauth_client", "PATCH", "/oauth-clients/{clientId}"),
    of_client("delete_oauth_client", "DELETE", "/oauth-clients/{clientId}"),
    of_client("list_managed_users", "GET", "/oauth-clients/{clientId}/users"),
    of_client("create_managed_user", "POST", "/oauth-clients/{clientId}/users"),
    of_client("get_managed_user", "GET", "/oauth-clients/{clientId}/users/{userId}"),
    of_client("update_managed_user", "PATCH", "/oauth-clients/{clientId}/users/{userId}"),
    of_client("delete_managed_user", "DELETE", "/oauth-clients/{clientId}/users/{userId}"),
    of_client("force_refresh_managed_user", "POST", "/oauth-clients/{clientId}/users/{userId}/force-refresh"),
    of_client("list_oauth_client_webhooks", "GET", "/oauth-clients/{clientId}/webhooks"),
    of_client("create_oauth_client_webhook", "POST", "/oauth-clients/{clientId}/webhooks"),
    of_client("delete_oauth_client_webhooks", "DELETE", "/oauth-clients/{clientId}/webhooks"),
    of_client("get_oauth_client_webhook", "GET", "/oauth-clients/{clientId}/webhooks/{webhookId}"),
    of_client("update_oauth_client_webhook", "PATCH", "/oauth-clients/{clientId}/webhooks/{webhookId}"),
    of_client("delete_oauth_client_webhook", "DELETE", "/oauth-clients/{clientId}/webhooks/{webhookId}"),
];

fn not_played(_: &mut State, request: &Request) -> HandlerOutcome {
    Reply::exception(501, format!("The fake does not play {} {}", request.method, request.path)).into()
}

fn invalid_redirect(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::exception(400, "Missing state param").into()
}

/// Clients of the builder are known. Their routes are answered with examples.
fn no_client(state: &mut State, request: &Request) -> HandlerOutcome {
    let wanted = request.param("clientId");
    let known = state.credentials.iter().any(|c| matches!(c, Credential::OAuthClient { id, .. } if id == wanted));
    if known {
        return documented::respond(state, request).into();
    }
    Reply::exception(404, "OAuthClientGuard - OAuth client not found.").into()
}

/// No user of the fake is in an organization.
fn no_organization(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::exception(401, "GetOrgId decorator: Organization ID not found").into()
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
