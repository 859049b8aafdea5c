//! `/v2/api-keys/refresh`: a new key for the old one, which is worth nothing from then on.

use jiff::ToSpan;
use serde_json::{Value, json};

use super::super::auth::Access;
use super::super::change::{Change, Thing};
use super::super::check::{Checker, Rule};
use super::super::exchange::Request;
use super::super::outcome::Outcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::{Credential, Kind, State};
use super::super::version::Versions;
use super::handler::finish;

pub(crate) const ROUTES: &[Route] =
    &[Route::new("refresh_api_key", "POST", "/api-keys/refresh", Versions::ANY, Access::Key, refresh)];

fn refresh(state: &mut State, request: &Request) -> Outcome {
    finish(try_refresh(state, request))
}

fn try_refresh(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("apiKeyDaysValid", &[Rule::Min(1), Rule::Number])
        .optional("apiKeyNeverExpires", &[Rule::Boolean])
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
    let key = format!("cal_{}", state.ids.hex(Kind::ApiKey, 32));
    state.credentials.push(Credential::ApiKey { key: key.clone(), user, expires, revoked: false });
    state.happened(Change::altered(Thing::ApiKey, user));
    Ok(Reply::ok(json!({ "apiKey": key })))
}
