//! `/v2/oauth-clients` and `/v2/oauth`: platform clients, the users whom they manage, and the tokens of these.

mod access;
mod clients;
mod provider;
mod tokens;
mod users;

pub(crate) use access::client_of_path;

use super::super::auth::AccessRule;
use super::super::route::{Handler, Route};
use super::super::version::Versions;

const CLIENTS: &str = "/oauth-clients";
const CLIENT: &str = "/oauth-clients/{clientId}";
const USERS: &str = "/oauth-clients/{clientId}/users";
const USER: &str = "/oauth-clients/{clientId}/users/{userId}";

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, handler)
}

pub(crate) const ROUTES: &[Route] = &[
    route("create_oauth_client", "POST", CLIENTS, clients::create),
    route("list_oauth_clients", "GET", CLIENTS, clients::list),
    route("get_oauth_client", "GET", CLIENT, clients::get),
    route("update_oauth_client", "PATCH", CLIENT, clients::update),
    route("delete_oauth_client", "DELETE", CLIENT, clients::delete),
    route("list_managed_users", "GET", USERS, users::list),
    route("create_managed_user", "POST", USERS, users::create),
    route("get_managed_user", "GET", USER, users::get),
    route("update_managed_user", "PATCH", USER, users::update),
    route("delete_managed_user", "DELETE", USER, users::delete),
    route(
        "force_refresh_managed_user",
        "POST",
        "/oauth-clients/{clientId}/users/{userId}/force-refresh",
        tokens::force_refresh,
    ),
    Route::new("get_provider", "GET", "/provider/{clientId}", Versions::ANY, AccessRule::Ignored, provider::get),
    route("check_provider_token", "GET", "/provider/{clientId}/access-token", provider::check_token),
    Route::new(
        "authorize_managed_user",
        "POST",
        "/oauth/{clientId}/authorize",
        Versions::ANY,
        AccessRule::Ignored,
        provider::authorize,
    ),
    route("refresh_managed_user_tokens", "POST", "/oauth/{clientId}/refresh", tokens::refresh),
];
