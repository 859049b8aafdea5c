//! Authentication: reads the credentials of a request as the service does, and rejects with the service's messages. The
//! route table says which credentials a route needs.

use calcom::operation::{OAuthScopes, Operation};
use http::HeaderMap;
use jiff::Timestamp;

use super::exchange::{Caller, Request};
use super::reply::Reply;
use super::state::{Credential, State};
use serde_json::Value;

/// Credentials that a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessRule {
    /// Required. 401 without credentials.
    Required,
    /// Required. 403 without credentials, or with an unknown token.
    Permission,
    /// Optional. An unknown token is ignored.
    Optional,
    /// Not read.
    Ignored,
}

const NO_METHOD: &str = "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header \
                         or OAuth client credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers";
const NO_PERMISSION: &str = "PermissionsGuard - no authentication provided. Provide either authorization bearer token \
                             containing managed user access token or oAuth client id in 'x-cal-client-id' header.";
const NO_CLIENT: &str = "ApiAuthStrategy - Only 'x-cal-secret-key' header provided. Please also provide \
                         'x-cal-client-id' header or Auth bearer token as 'Authentication' header";
const NO_SECRET: &str = "ApiAuthStrategy - Only 'x-cal-client-id' header provided. Please also provide \
                         'x-cal-secret-key' header or Auth bearer token as 'Authentication' header";

/// The credentials in the headers of a request, before they are checked.
enum PresentedCredential<'a> {
    None,
    Key(&'a str),
    Token(&'a str),
    Client { id: &'a str, secret: &'a str },
    ClientWithoutSecret,
    SecretWithoutClient,
}

/// `of_path` is the client of the path, which the service reads in place of the header.
fn presented_credential<'a>(headers: &'a HeaderMap, of_path: Option<&'a str>) -> PresentedCredential<'a> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let client = of_path.or_else(|| text("x-cal-client-id"));
    if let (Some(id), Some(secret)) = (client, text("x-cal-secret-key")) {
        return PresentedCredential::Client { id, secret };
    }
    match text("authorization") {
        None if client.is_some() => PresentedCredential::ClientWithoutSecret,
        None if text("x-cal-secret-key").is_some() => PresentedCredential::SecretWithoutClient,
        None => PresentedCredential::None,
        Some(value) => {
            let bearer = value.strip_prefix("Bearer").map_or(value, str::trim_start);
            if bearer.starts_with("cal_") {
                PresentedCredential::Key(bearer)
            } else {
                PresentedCredential::Token(bearer)
            }
        }
    }
}

/// The key under which the rate limiter counts a request. An unknown API key is rejected by this function, before the request
/// counts.
pub(crate) fn tracker(state: &State, headers: &HeaderMap) -> Result<String, Reply> {
    match presented_credential(headers, None) {
        PresentedCredential::Key(key) => {
            let known = state.credentials.iter().any(|c| matches!(c, Credential::ApiKey { key: k, .. } if k == key));
            if known {
                Ok(format!("key {key}"))
            } else {
                Err(Reply::exception(401, "CustomThrottlerGuard - Invalid API Key"))
            }
        }
        PresentedCredential::Client { id, .. } => Ok(format!("client {id}")),
        PresentedCredential::Token(token) => Ok(format!("token {token}")),
        PresentedCredential::None
        | PresentedCredential::ClientWithoutSecret
        | PresentedCredential::SecretWithoutClient => Ok("address".to_owned()),
    }
}

/// Determines the caller of a request, or rejects it.
pub(crate) fn authenticate(state: &State, request: &Request, access: AccessRule) -> Result<Caller, Reply> {
    let refused = |message: &str| Err(Reply::exception(401, message));
    if access == AccessRule::Ignored {
        return Ok(Caller::Anonymous);
    }
    let of_path = Some(request.param("clientId")).filter(|id| !id.is_empty());
    match presented_credential(&request.headers, of_path) {
        PresentedCredential::ClientWithoutSecret if access == AccessRule::Required => refused(NO_SECRET),
        PresentedCredential::SecretWithoutClient if access == AccessRule::Required => refused(NO_CLIENT),
        PresentedCredential::None
        | PresentedCredential::ClientWithoutSecret
        | PresentedCredential::SecretWithoutClient => match access {
            AccessRule::Required => refused(NO_METHOD),
            AccessRule::Permission => Err(Reply::exception(403, NO_PERMISSION)),
            AccessRule::Optional | AccessRule::Ignored => Ok(Caller::Anonymous),
        },
        PresentedCredential::Key(shown) => {
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::ApiKey { key, user, expires, revoked } if key == shown => Some((*user, *expires, *revoked)),
                _ => None,
            });
            match found {
                Some((user, expires, false)) if !has_expired(expires, state.now()) => Ok(Caller::User(user)),
                Some((_, _, false)) => refused("ApiAuthStrategy - api key - Your api key is expired"),
                _ => refused("ApiAuthStrategy - api key - Your api key is not valid"),
            }
        }
        PresentedCredential::Client { id: shown_id, secret: shown_secret } => {
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::Platform { id, secret, user } if id == shown_id => Some((*user, secret == shown_secret)),
                _ => None,
            });
            match found {
                Some((user, true)) => Ok(Caller::User(user)),
                Some((_, false)) => refused("ApiAuthStrategy - oAuth client - Invalid client secret"),
                None => refused(&format!("ApiAuthStrategy - oAuth client - Client with ID {shown_id} not found")),
            }
        }
        PresentedCredential::Token(shown) => {
            if let Some((user, expires)) = oauth_token(state, shown) {
                return match access {
                    _ if !has_expired(expires, state.now()) => Ok(Caller::User(user)),
                    AccessRule::Optional => Ok(Caller::Anonymous),
                    _ => refused("Invalid Access Token."),
                };
            }
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::AccessToken { token, user, expires } if token == shown => Some((*user, *expires)),
                _ => None,
            });
            match (found, access) {
                (Some((_, expires)), _) if has_expired(expires, state.now()) => Err(expired_token()),
                (Some((user, _)), _) => Ok(Caller::User(user)),
                (None, AccessRule::Optional) => Ok(Caller::Anonymous),
                (None, AccessRule::Permission) => {
                    let message = format!("PermissionsGuard - no oAuth client found for access token={shown}");
                    Err(Reply::exception(403, message))
                }
                (None, _) => refused("Invalid Access Token."),
            }
        }
    }
}

/// The user of an OAuth client's access token, and when it expires.
fn oauth_token(state: &State, shown: &str) -> Option<(i64, Option<Timestamp>)> {
    state.credentials.iter().find_map(|c| match c {
        Credential::OAuthToken { token, user, expires, .. } if token == shown => Some((*user, *expires)),
        _ => None,
    })
}

/// Refuses an operation that none of the token's scopes allows.
pub(crate) fn check_scopes(state: &State, headers: &HeaderMap, operation: &str) -> Result<(), Reply> {
    let PresentedCredential::Token(shown) = presented_credential(headers, None) else { return Ok(()) };
    let granted = state.credentials.iter().find_map(|c| match c {
        Credential::OAuthToken { token, scopes, .. } if token == shown => scopes.as_ref(),
        _ => None,
    });
    let (Some(granted), Some(operation)) = (granted, Operation::find(operation)) else { return Ok(()) };
    let granted: Vec<&str> = granted.iter().map(String::as_str).collect();
    match operation.scopes {
        OAuthScopes::Unknown => Ok(()),
        scopes if scopes.allow(&granted) => Ok(()),
        OAuthScopes::Closed => Err(Reply::exception(403, "This endpoint takes no OAuth access token.")),
        scopes => {
            let needed = scopes.names().join(" or ");
            Err(Reply::exception(403, format!("Insufficient scope. Required: {needed}")))
        }
    }
}

/// 498: the token of a managed user has expired.
fn expired_token() -> Reply {
    let message = "ACCESS_TOKEN_IS_EXPIRED";
    Reply::error(498, "TokenExpiredException", message.to_owned(), Some(Value::from(message)))
}

fn has_expired(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_some_and(|at| at <= now)
}
