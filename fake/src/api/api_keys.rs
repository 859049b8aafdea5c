//! `/v2/api-keys/refresh`: replaces the API key of the request, which becomes invalid.

use jiff::ToSpan;
use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::change::{Change, ResourceKind};
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{Credential, IdKind, State};
use super::super::version::Versions;
use super::handler::finish;

pub(crate) const ROUTES: &[Route] =
    &[Route::new("refresh_api_key", "POST", "/api-keys/refresh", Versions::ANY, AccessRule::Required, refresh)];

fn refresh(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_refresh(state, request))
}

fn try_refresh(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("apiKeyDaysValid", &[ValidationRule::Min(1), ValidationRule::Number])
        .optional("apiKeyNeverExpires", &[ValidationRule::Boolean])
        .tree()?;
    let user = request.user().ok_or_else(Reply::internal)?;
    let shown = request.header("authorization").unwrap_or_default();
    let shown = shown.strip_prefix("Bearer ").unwrap_or(shown).to_owned();
    let days = request.fields().get("apiKeyDaysValid").and_then(Value::as_i64).unwrap_or(30);
    let never = request.fields().get("apiKeyNeverExpires").and_then(Value::as_bool).unwrap_or(false);
    let expires = (!never).then(|| state.now().checked_add((days * 24).hours()).ok()).flatten();
    for credential in &mut state.credentials {
        if let Credential::ApiKey { key, revoked, .. } = credential
            && *key == shown
        {
            *revoked = true;
        }
    }
    let key = format!("cal_{}", state.ids.hex(IdKind::ApiKey, 32));
    state.credentials.push(Credential::ApiKey { key: key.clone(), user, expires, revoked: false });
    state.record_change(Change::updated(ResourceKind::ApiKey, user));
    Ok(Reply::ok(json!({ "apiKey": key })))
}
