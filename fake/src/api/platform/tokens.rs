//! The access and refresh tokens of managed users.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Credential, IdKind, State};
use super::super::handler::finish;
use super::access::{client_of_path, found};

/// How long an access token is valid.
const ACCESS: SignedDuration = SignedDuration::from_hours(1);
/// How long a refresh token is valid.
const REFRESH: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Issues both tokens of a managed user. The access token that was issued before keeps its time.
pub(super) fn issue(state: &mut State, user: i64) -> Value {
    let now = state.now();
    let after = |time: SignedDuration| now.checked_add(time).unwrap_or(Timestamp::MAX);
    let access = format!("jwt_{}", state.ids.hex(IdKind::Token, 40));
    let refresh = format!("jwt_{}", state.ids.hex(IdKind::Token, 40));
    let expires = Some(after(ACCESS));
    state.credentials.push(Credential::AccessToken { token: access.clone(), user, expires });
    if let Some(managed) = state.managed_users.iter_mut().find(|managed| managed.user == user) {
        managed.refresh_token.clone_from(&refresh);
    }
    json!({
        "accessToken": access,
        "refreshToken": refresh,
        "accessTokenExpiresAt": after(ACCESS).as_millisecond(),
        "refreshTokenExpiresAt": after(REFRESH).as_millisecond(),
    })
}

/// Issues new tokens and revokes the access tokens that were issued before.
pub(super) fn force_refresh(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(found(state, request).map(|managed| {
        state.credentials.retain(|c| !matches!(c, Credential::AccessToken { user, .. } if *user == managed.user));
        Reply::ok(issue(state, managed.user))
    }))
}

/// Issues new tokens for a refresh token, which is valid once.
pub(super) fn refresh(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(client_of_path(state, request).and_then(|client| {
        Checker::of(&request.body).required("refreshToken", &[ValidationRule::String]).tree()?;
        let token = request.text("refreshToken").unwrap_or_default();
        let known = state.managed_users.iter().find(|m| m.client == client.id && m.refresh_token == token);
        let user = known.map(|managed| managed.user);
        let user = user.ok_or_else(|| Reply::exception(400, "Invalid refresh token"))?;
        Ok(Reply::ok(issue(state, user)))
    }))
}
