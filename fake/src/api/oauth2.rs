//! `/v2/auth/oauth2`: tokens for codes and refresh tokens, in the form of RFC 6749, without the service's envelope.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::super::auth::AccessRule;
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::apps::OAuth2Client;
use super::super::state::{Credential, IdKind, State};
use super::super::version::Versions;
use super::handler::finish;

pub(crate) const ROUTES: &[Route] = &[
    Route::new("create_oauth2_token", "POST", "/auth/oauth2/token", Versions::ANY, AccessRule::Ignored, token),
    Route::new(
        "get_oauth2_client",
        "GET",
        "/auth/oauth2/clients/{clientId}",
        Versions::ANY,
        AccessRule::Required,
        client,
    ),
];

/// Lifetime of an access token, in seconds.
const GOOD_FOR: i64 = 1_800;

fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, json!({ "error": error, "error_description": description }))
}

fn client(state: &mut State, request: &Request) -> HandlerOutcome {
    let known = state.apps.clients.iter().find(|client| client.id == request.param("clientId"));
    match known {
        Some(client) => {
            let kind = if client.secret.is_some() { "CONFIDENTIAL" } else { "PUBLIC" };
            Reply::ok(json!({ "client_id": client.id, "redirect_uri": client.redirect, "name": client.id, "logo": null,
                "is_trusted": false, "client_type": kind }))
            .into()
        }
        None => {
            let message = "unauthorized_client";
            Reply::error(404, "HttpException", message.to_owned(), Some(message.into())).into()
        }
    }
}

fn token(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_token(state, request))
}

fn try_token(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let id = request.text("client_id").ok_or_else(|| refused(400, "invalid_request", "client_id is required"))?;
    let grant = request.text("grant_type").unwrap_or_default();
    if !matches!(grant, "authorization_code" | "refresh_token") {
        let words = "grant_type must be 'authorization_code' or 'refresh_token'";
        return Err(refused(400, "invalid_request", words));
    }
    const KNOWN: [&str; 7] =
        ["grant_type", "client_id", "client_secret", "code", "code_verifier", "redirect_uri", "refresh_token"];
    if let Some(name) = request.fields().keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(refused(400, "invalid_request", &format!("property {name} should not exist")));
    }
    let public = request.text("client_secret").is_none() && grant == "authorization_code";
    if public && request.text("code_verifier").is_none() {
        return Err(refused(400, "invalid_request", "code_verifier must be a string"));
    }
    let client = state.apps.clients.iter().find(|client| client.id == id).cloned();
    let client = client.ok_or_else(|| refused(401, "invalid_client", "client_not_found"))?;
    if client.secret.is_some() && client.secret.as_deref() != request.text("client_secret") {
        return Err(refused(401, "invalid_client", "invalid_client_credentials"));
    }
    let user = if grant == "refresh_token" { refreshed(state, request)? } else { redeemed(state, request, &client)? };
    let (access, refresh) = (state.ids.hex(IdKind::ApiKey, 40), state.ids.hex(IdKind::ApiKey, 40));
    let expires = state.now().checked_add(jiff::SignedDuration::from_secs(GOOD_FOR)).ok();
    state.credentials.push(Credential::AccessToken { token: access.clone(), user, expires });
    state.apps.refresh_tokens.push((refresh.clone(), user));
    Ok(Reply::json(
        200,
        json!({ "access_token": access, "token_type": "bearer", "refresh_token": refresh, "expires_in": GOOD_FOR }),
    ))
}

/// The user of a refresh token, which becomes invalid.
fn refreshed(state: &mut State, request: &Request) -> Result<i64, Reply> {
    let shown = request.text("refresh_token").unwrap_or_default();
    let tokens = &mut state.apps.refresh_tokens;
    let at = tokens.iter().position(|(token, _)| token == shown);
    at.map(|at| tokens.remove(at).1).ok_or_else(|| refused(400, "invalid_grant", "invalid_refresh_token"))
}

/// The user of a code, which can be used once.
fn redeemed(state: &mut State, request: &Request, client: &OAuth2Client) -> Result<i64, Reply> {
    let grant = |description: &str| refused(400, "invalid_grant", description);
    if request.text("redirect_uri") != Some(&client.redirect) {
        return Err(grant("redirect_uri_mismatch"));
    }
    let shown = request.text("code").unwrap_or_default();
    let codes = &mut state.apps.codes;
    let at = codes.iter().position(|code| code.code == shown && code.client == client.id);
    let code = at.map(|at| codes.remove(at)).ok_or_else(|| grant("code_invalid_or_expired"))?;
    let verifier = request.text("code_verifier").unwrap_or_default();
    if code.challenge.is_some_and(|challenge| challenge != challenge_of(verifier)) {
        return Err(grant("pkce_verification_failed"));
    }
    Ok(code.user)
}

/// The challenge of a verifier (RFC 7636): SHA-256 in base64url without padding.
pub fn challenge_of(verifier: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digest = Sha256::digest(verifier.as_bytes());
    let mut text = String::new();
    for three in digest.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    /// The example of RFC 7636.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(super::challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
