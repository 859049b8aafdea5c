//! OAuth 2: the page that asks for consent, and `/v2/auth/oauth2`.

mod authorize;
mod older;
pub(crate) mod token;

use serde_json::{Value, json};

use calcom::Contract;

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::{Handler, Route};
use super::super::state::State;
use super::super::version::Versions;

/// The page that asks for consent. It belongs to the web application, so that it is not below `/v2`.
pub(crate) const AUTHORIZE_PATH: &str = "/auth/oauth2/authorize";
const CLIENT: &str = "/auth/oauth2/clients/{clientId}";

pub(crate) static AUTHORIZE: Route =
    Route::new("authorize_oauth2", "GET", AUTHORIZE_PATH, Versions::ANY, AccessRule::Ignored, authorize::authorize);

pub(crate) const ROUTES: &[Route] = &[
    Route::new("create_oauth2_token", "POST", "/auth/oauth2/token", Versions::ANY, AccessRule::Ignored, token::token),
    Route::new("get_oauth2_client", "GET", CLIENT, Versions::ANY, AccessRule::Ignored, client)
        .only_in(Contract::Hosted),
    Route::new("get_oauth2_client", "GET", CLIENT, Versions::ANY, AccessRule::Required, client)
        .only_in(Contract::SelfHosted),
    older(
        "authorize_oauth2_client",
        "/auth/oauth2/clients/{clientId}/authorize",
        AccessRule::Required,
        older::authorize,
    ),
    older("exchange_oauth2_code", "/auth/oauth2/clients/{clientId}/exchange", AccessRule::Ignored, older::exchange),
    older("refresh_oauth2_token", "/auth/oauth2/clients/{clientId}/refresh", AccessRule::Ignored, older::refresh),
];

/// A route that the document does not have any more.
const fn older(operation: &'static str, template: &'static str, access: AccessRule, handler: Handler) -> Route {
    Route::new(operation, "POST", template, Versions::ANY, access, handler).only_in(Contract::SelfHosted)
}

fn client(state: &mut State, request: &Request) -> HandlerOutcome {
    let Some(client) = state.oauth2.client(request.param("clientId")) else {
        let message = "unauthorized_client";
        return Reply::error(404, "HttpException", message.to_owned(), Some(message.into())).into();
    };
    let kind = if client.secret.is_some() { "CONFIDENTIAL" } else { "PUBLIC" };
    let mut shown = json!({ "client_id": client.id, "name": client.name, "logo": null, "is_trusted": false,
        "client_type": kind });
    match state.contract {
        Contract::Hosted => shown["redirect_uris"] = json!(client.redirects),
        _ => shown["redirect_uri"] = client.redirects.first().cloned().map_or(Value::Null, Value::from),
    }
    Reply::ok(shown).into()
}
