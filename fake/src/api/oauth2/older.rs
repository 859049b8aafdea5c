//! The routes of older servers: tokens below the path of the client, in the service's envelope and with names in camel case.

use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::State;
use super::super::handler::finish;
use super::token;

/// Names of the body, and those of RFC 6749.
const NAMES: [(&str, &str); 5] = [
    ("clientSecret", "client_secret"),
    ("code", "code"),
    ("codeVerifier", "code_verifier"),
    ("redirectUri", "redirect_uri"),
    ("refreshToken", "refresh_token"),
];

pub(super) fn exchange(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(tokens(state, request, "authorization_code", &["code", "redirectUri"]))
}

pub(super) fn refresh(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(tokens(state, request, "refresh_token", &["refreshToken"]))
}

/// Only a session of the web application may give the consent, which no key and no token is.
pub(super) fn authorize(_: &mut State, _: &Request) -> HandlerOutcome {
    Reply::exception(401, "ApiAuthStrategy - Invalid Bearer token").into()
}

fn tokens(state: &mut State, request: &Request, kind: &str, required: &[&str]) -> Result<Reply, Reply> {
    // The service fills in the kind before it checks.
    let mut body = json!({ "grantType": kind });
    if let Some(body) = body.as_object_mut() {
        body.extend(request.fields().clone());
    }
    let mut checker = Checker::of(&body);
    for name in required {
        checker.required(name, &[ValidationRule::String]);
    }
    for name in ["clientSecret", "codeVerifier"] {
        checker.optional(name, &[ValidationRule::String]);
    }
    checker.tree()?;
    let client = state.oauth2.client(request.param("clientId")).cloned();
    let client = client.ok_or_else(|| refused(404, "unauthorized_client"))?;
    let fields = NAMES.iter().filter_map(|(own, name)| Some(((*name).to_owned(), body.get(*own)?.clone())));
    let inner = Request { body: Value::Object(fields.collect::<Map<_, _>>()), ..request.clone() };
    if client.secret.is_some() && client.secret.as_deref() != inner.text("client_secret") {
        return Err(refused(401, "invalid_client"));
    }
    let tokens = token::grant_tokens(state, &inner, &client, kind).map_err(|_| refused(400, "invalid_grant"))?;
    Ok(Reply::ok(tokens))
}

fn refused(status: u16, error: &str) -> Reply {
    Reply::error(status, "HttpException", error.to_owned(), Some(error.into()))
}
