//! Who is asking: reads the credentials the way the service's guards do, and refuses in their words. Whether a route
//! wants credentials at all, and with which status it misses them, stands in the route table.

use http::HeaderMap;
use jiff::Timestamp;

use super::exchange::Caller;
use super::reply::Reply;
use super::state::{Credential, State};
use serde_json::Value;

/// What a route does about credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// 401 without any.
    Key,
    /// 403 without any, or with a token that is nobody's.
    Permission,
    /// Taken when there; a token that is nobody's is ignored.
    Optional,
    /// Refused or not looked at.
    Nothing,
}

const NO_METHOD: &str = "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header \
                         or OAuth client credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers";
const NO_PERMISSION: &str = "PermissionsGuard - no authentication provided. Provide either authorization bearer token \
                             containing managed user access token or oAuth client id in 'x-cal-client-id' header.";
const NO_CLIENT: &str = "ApiAuthStrategy - Only 'x-cal-secret-key' header provided. Please also provide \
                         'x-cal-client-id' header or Auth bearer token as 'Authentication' header";
const NO_SECRET: &str = "ApiAuthStrategy - Only 'x-cal-client-id' header provided. Please also provide \
                         'x-cal-secret-key' header or Auth bearer token as 'Authentication' header";

/// What the request shows, unread.
enum Shown<'a> {
    Nothing,
    Key(&'a str),
    Token(&'a str),
    Client { id: &'a str, secret: &'a str },
    ClientWithoutSecret,
    SecretWithoutClient,
}

fn shown(headers: &HeaderMap) -> Shown<'_> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let (Some(id), Some(secret)) = (text("x-cal-client-id"), text("x-cal-secret-key")) {
        return Shown::Client { id, secret };
    }
    match text("authorization") {
        None if text("x-cal-client-id").is_some() => Shown::ClientWithoutSecret,
        None if text("x-cal-secret-key").is_some() => Shown::SecretWithoutClient,
        None => Shown::Nothing,
        Some(value) => {
            let bearer = value.strip_prefix("Bearer").map_or(value, str::trim_start);
            if bearer.starts_with("cal_") { Shown::Key(bearer) } else { Shown::Token(bearer) }
        }
    }
}

/// The name under which the rate limiter counts a request; an unknown API key is refused right here, before it counts.
pub(crate) fn tracker(state: &State, headers: &HeaderMap) -> Result<String, Reply> {
    match shown(headers) {
        Shown::Key(key) => {
            let known = state.credentials.iter().any(|c| matches!(c, Credential::ApiKey { key: k, .. } if k == key));
            if known {
                Ok(format!("key {key}"))
            } else {
                Err(Reply::exception(401, "CustomThrottlerGuard - Invalid API Key"))
            }
        }
        Shown::Client { id, .. } => Ok(format!("client {id}")),
        Shown::Token(token) => Ok(format!("token {token}")),
        Shown::Nothing | Shown::ClientWithoutSecret | Shown::SecretWithoutClient => Ok("address".to_owned()),
    }
}

/// Finds out who asks, or refuses.
pub(crate) fn authenticate(state: &State, headers: &HeaderMap, access: Access) -> Result<Caller, Reply> {
    let refused = |message: &str| Err(Reply::exception(401, message));
    if access == Access::Nothing {
        return Ok(Caller::Nobody);
    }
    match shown(headers) {
        Shown::ClientWithoutSecret if access == Access::Key => refused(NO_SECRET),
        Shown::SecretWithoutClient if access == Access::Key => refused(NO_CLIENT),
        Shown::Nothing | Shown::ClientWithoutSecret | Shown::SecretWithoutClient => match access {
            Access::Key => refused(NO_METHOD),
            Access::Permission => Err(Reply::exception(403, NO_PERMISSION)),
            Access::Optional | Access::Nothing => Ok(Caller::Nobody),
        },
        Shown::Key(shown) => {
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::ApiKey { key, user, expires, revoked } if key == shown => Some((*user, *expires, *revoked)),
                _ => None,
            });
            match found {
                Some((user, expires, false)) if !is_over(expires, state.now()) => Ok(Caller::User(user)),
                Some((_, _, false)) => refused("ApiAuthStrategy - api key - Your api key is expired"),
                _ => refused("ApiAuthStrategy - api key - Your api key is not valid"),
            }
        }
        Shown::Client { id: shown_id, secret: shown_secret } => {
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::OAuthClient { id, secret, user } if id == shown_id => Some((*user, secret == shown_secret)),
                _ => None,
            });
            match found {
                Some((user, true)) => Ok(Caller::User(user)),
                Some((_, false)) => refused("ApiAuthStrategy - oAuth client - Invalid client secret"),
                None => refused(&format!("ApiAuthStrategy - oAuth client - Client with ID {shown_id} not found")),
            }
        }
        Shown::Token(shown) => {
            let found = state.credentials.iter().find_map(|c| match c {
                Credential::AccessToken { token, user, expires } if token == shown => Some((*user, *expires)),
                _ => None,
            });
            match (found, access) {
                (Some((_, expires)), _) if is_over(expires, state.now()) => Err(expired_token()),
                (Some((user, _)), _) => Ok(Caller::User(user)),
                (None, Access::Optional) => Ok(Caller::Nobody),
                (None, Access::Permission) => {
                    let message = format!("PermissionsGuard - no oAuth client found for access token={shown}");
                    Err(Reply::exception(403, message))
                }
                (None, _) => refused("Invalid Access Token."),
            }
        }
    }
}

/// 498: the token of a managed user has run out and wants refreshing.
fn expired_token() -> Reply {
    let message = "ACCESS_TOKEN_IS_EXPIRED";
    Reply::error(498, "TokenExpiredException", message.to_owned(), Some(Value::from(message)))
}

fn is_over(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_some_and(|at| at <= now)
}
