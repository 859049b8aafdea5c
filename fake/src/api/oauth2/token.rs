//! Tokens for codes and refresh tokens, in the form of RFC 6749, without the service's envelope.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use calcom::Contract;

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::oauth2::{OAuth2Consent, OAuth2Refresh, OAuthAppRecord};
use super::super::super::state::{Credential, IdKind, OAuthAppState, State};
use super::super::handler::finish;

/// Lifetime of an access token, in seconds.
const GOOD_FOR: i64 = 1_800;
/// Lifetime of a refresh token.
const REFRESH_DAYS: i64 = 30;

fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, json!({ "error": error, "error_description": description }))
}

fn grant(description: &str) -> Reply {
    refused(400, "invalid_grant", description)
}

pub(super) fn token(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_token(state, request))
}

fn try_token(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let id = request.text("client_id").ok_or_else(|| refused(400, "invalid_request", "client_id is required"))?;
    let kind = request.text("grant_type").unwrap_or_default();
    if !matches!(kind, "authorization_code" | "refresh_token") {
        let words = "grant_type must be 'authorization_code' or 'refresh_token'";
        return Err(refused(400, "invalid_request", words));
    }
    check_properties(request, kind)?;
    let client = state.oauth2.client(id).cloned();
    let client = client.ok_or_else(|| refused(401, "invalid_client", "client_not_found"))?;
    if client.secret.is_some() && client.secret.as_deref() != request.text("client_secret") {
        return Err(refused(401, "invalid_client", "invalid_client_credentials"));
    }
    grant_tokens(state, request, &client, kind).map(|tokens| Reply::json(200, tokens))
}

/// Redeems the code or the refresh token of a request, and issues both tokens.
pub(super) fn grant_tokens(
    state: &mut State,
    request: &Request,
    client: &OAuthAppRecord,
    kind: &str,
) -> Result<Value, Reply> {
    let consent = match kind {
        "refresh_token" => refreshed(state, request, client)?,
        _ => redeemed(state, request, client)?,
    };
    Ok(issue(state, consent))
}

/// The parameters of each kind of request. The service refuses all others.
fn check_properties(request: &Request, kind: &str) -> Result<(), Reply> {
    let is_confidential = request.text("client_secret").is_some();
    let is_exchange = kind == "authorization_code";
    let known: &[&str] = match (is_exchange, is_confidential) {
        (true, true) => &["grant_type", "client_id", "client_secret", "code", "redirect_uri"],
        (true, false) => &["grant_type", "client_id", "code", "code_verifier", "redirect_uri"],
        (false, true) => &["grant_type", "client_id", "client_secret", "refresh_token"],
        (false, false) => &["grant_type", "client_id", "refresh_token"],
    };
    if let Some(name) = request.fields().keys().find(|name| !known.contains(&name.as_str())) {
        let words = format!("{name} property is wrong,property {name} should not exist ");
        return Err(refused(400, "invalid_request", &words));
    }
    if is_exchange && !is_confidential && request.text("code_verifier").is_none() {
        let words = "code_verifier property is wrong,code_verifier must be a string ";
        return Err(refused(400, "invalid_request", words));
    }
    Ok(())
}

/// Checks the state of the client, which is read at every request.
fn check_status(client: &OAuthAppRecord, user: i64) -> Result<(), Reply> {
    match client.status {
        OAuthAppState::Approved => Ok(()),
        OAuthAppState::Pending if client.owner == user => Ok(()),
        OAuthAppState::Pending => Err(refused(401, "unauthorized_client", "client_not_approved")),
        OAuthAppState::Rejected => Err(refused(401, "unauthorized_client", "client_rejected")),
    }
}

/// The consent of a refresh token. All refresh tokens of this client and user are revoked.
fn refreshed(state: &mut State, request: &Request, client: &OAuthAppRecord) -> Result<OAuth2Consent, Reply> {
    let (shown, now) = (request.text("refresh_token").unwrap_or_default(), state.now());
    let mut known = state.oauth2.refresh_tokens.iter().filter(|known| known.token == shown);
    let found = known.clone().find(|known| !known.is_revoked).or_else(|| known.next()).cloned();
    let found = found.ok_or_else(|| grant("invalid_refresh_token"))?;
    if found.consent.client != client.id {
        return Err(grant("client_id_mismatch"));
    }
    if found.expires.is_some_and(|at| at <= now) {
        return Err(grant("invalid_refresh_token"));
    }
    check_status(client, found.consent.user)?;
    if found.is_revoked {
        return Err(grant("refresh_token_revoked"));
    }
    if !state.oauth2.is_lenient {
        for other in &mut state.oauth2.refresh_tokens {
            other.is_revoked |= other.consent.client == client.id && other.consent.user == found.consent.user;
        }
    }
    Ok(found.consent)
}

/// The consent of a code, which can be used once.
fn redeemed(state: &mut State, request: &Request, client: &OAuthAppRecord) -> Result<OAuth2Consent, Reply> {
    let uri = request.text("redirect_uri");
    if !client.redirects.iter().any(|known| Some(known.as_str()) == uri) {
        return Err(grant("redirect_uri_mismatch"));
    }
    let (shown, now) = (request.text("code").unwrap_or_default(), state.now());
    let codes = &mut state.oauth2.codes;
    let at = codes.iter().position(|code| code.code == shown && code.consent.client == client.id);
    let code = at.map(|at| codes.remove(at)).ok_or_else(|| grant("code_invalid_or_expired"))?;
    if code.expires.is_some_and(|at| at <= now) {
        return Err(grant("code_invalid_or_expired"));
    }
    check_status(client, code.consent.user)?;
    if code.redirect.is_some() && code.redirect.as_deref() != uri {
        return Err(grant("redirect_uri_mismatch"));
    }
    let verifier = request.text("code_verifier");
    match (code.challenge, verifier) {
        (Some(_), None) => Err(refused(400, "invalid_request", "pkce_missing_parameters_or_invalid_method")),
        (Some(challenge), Some(verifier)) if challenge != challenge_of(verifier) => {
            Err(grant("pkce_verification_failed"))
        }
        _ => Ok(code.consent),
    }
}

/// Issues both tokens. Access tokens that were issued before keep their time.
fn issue(state: &mut State, consent: OAuth2Consent) -> Value {
    let (access, refresh) = (state.ids.hex(IdKind::Token, 40), state.ids.hex(IdKind::Token, 40));
    let now = state.now();
    let after = |time| now.checked_add(time).unwrap_or(Timestamp::MAX);
    state.credentials.push(Credential::OAuthToken {
        token: access.clone(),
        user: consent.user,
        expires: Some(after(SignedDuration::from_secs(GOOD_FOR))),
        client: consent.client.clone(),
        scopes: consent.scopes.clone(),
    });
    let mut body = json!({
        "access_token": access, "token_type": "bearer", "refresh_token": refresh, "expires_in": GOOD_FOR,
    });
    if state.contract == Contract::Hosted {
        body["scope"] = consent.scopes.as_deref().unwrap_or_default().join(" ").into();
    }
    let expires = Some(after(SignedDuration::from_hours(24 * REFRESH_DAYS)));
    state.oauth2.refresh_tokens.push(OAuth2Refresh { token: refresh, consent, expires, is_revoked: false });
    body
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
