//! What an embedding page asks of a client.

use serde_json::{Value, json};

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::State;

/// The public part of a client.
pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    match state.platform_client(request.param("clientId")) {
        Some(client) => {
            let name = client.fields.get("name").cloned().unwrap_or_default();
            Reply::ok(json!({ "clientId": client.id, "organizationId": client.organization, "name": name })).into()
        }
        None => {
            let details: Value = json!({ "message": "Unauthorized", "statusCode": 401 });
            Reply::error(401, "UnauthorizedException", "Unauthorized".to_owned(), Some(details)).into()
        }
    }
}

/// Whether the access token of a managed user is valid, which authentication has proven.
pub(super) fn check_token(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::done().into()
}

/// Only a browser with a session of the web application is authorized.
pub(super) fn authorize(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::exception(401, "NextAuthStrategy - Authentication token is missing or invalid.").into()
}
