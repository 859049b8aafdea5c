//! The page that asks for consent: it answers at once as the test says, by a redirect or by a text.

use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use calcom::operation::Scope;

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::{Reply, ReplyBody, RequestId};
use super::super::super::state::oauth2::{ConsentAnswer, OAuth2Code, OAuth2Consent};
use super::super::super::state::{IdKind, OAuthAppState, State};

/// How long a code can be exchanged. The service does not document it.
const CODE_MINUTES: i64 = 10;

/// A text on the page: nothing is known to redirect to.
fn page(status: u16, text: &str) -> Reply {
    let content = HeaderValue::from_static("text/plain; charset=utf-8");
    let mut reply = Reply::json(status, text.into()).with_request_id(RequestId::Absent);
    reply.body = ReplyBody::Raw(text.to_owned().into());
    reply.headers.push((header::CONTENT_TYPE, content));
    reply
}

/// A redirect to the client with these parameters.
fn redirect(uri: &str, parameters: &[(&str, &str)]) -> Reply {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = if uri.contains('?') { '&' } else { '?' };
    let mut reply = Reply::of(StatusCode::FOUND, ReplyBody::Empty).with_request_id(RequestId::Absent);
    if let Ok(location) = HeaderValue::from_str(&format!("{uri}{separator}{query}")) {
        reply.headers.push((HeaderName::from_static("location"), location));
    }
    reply
}

pub(super) fn authorize(state: &mut State, request: &Request) -> HandlerOutcome {
    try_authorize(state, request).unwrap_or_else(|refusal| refusal).into()
}

fn try_authorize(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let sent = |name: &str| request.first_query(name).filter(|value| !value.is_empty());
    let client = sent("client_id").and_then(|id| state.oauth2.client(id)).cloned();
    let client = client.ok_or_else(|| page(400, "There is no OAuth client with this id."))?;
    let uri = sent("redirect_uri").filter(|uri| client.redirects.iter().any(|known| known == uri));
    let uri = uri.ok_or_else(|| page(400, "The redirect URI is not registered for this OAuth client."))?.to_owned();
    let user = match state.oauth2.answer {
        ConsentAnswer::Given(user) => Some(user),
        ConsentAnswer::None | ConsentAnswer::Refused => None,
    };
    match client.status {
        OAuthAppState::Rejected => return Err(page(403, "This OAuth client was rejected.")),
        OAuthAppState::Pending if user.is_some_and(|user| user != client.owner) => {
            return Err(page(403, "This OAuth client is not approved."));
        }
        _ => {}
    }
    let back = sent("state").unwrap_or_default();
    let refuse = |error: &str, description: &str| {
        let mut parameters = vec![("error", error)];
        parameters.extend((!description.is_empty()).then_some(("error_description", description)));
        parameters.extend((!back.is_empty()).then_some(("state", back)));
        redirect(&uri, &parameters)
    };
    let wanted: Vec<&str> = sent("scope").unwrap_or_default().split([' ', ',']).filter(|s| !s.is_empty()).collect();
    if wanted.iter().any(|name| !Scope::ALL.contains(&Scope::from(*name))) {
        return Err(refuse("invalid_scope", "Requested scope is not a recognized scope"));
    }
    match &client.scopes {
        Some(_) if wanted.is_empty() => return Err(page(400, "scope parameter is required for this OAuth client")),
        Some(known) if wanted.iter().any(|name| !known.iter().any(|scope| scope == name)) => {
            return Err(refuse("invalid_request", "Requested scope exceeds the client's registered scopes"));
        }
        _ => {}
    }
    let challenge = sent("code_challenge").map(str::to_owned);
    if challenge.is_none() && client.secret.is_none() {
        return Err(refuse("invalid_request", "code_challenge required for public clients"));
    }
    if challenge.is_some() && sent("code_challenge_method") != Some("S256") {
        return Err(refuse("invalid_request", "code_challenge_method must be S256"));
    }
    let user = match (state.oauth2.answer, user) {
        (_, Some(user)) => user,
        (ConsentAnswer::Refused, _) => return Err(refuse("access_denied", "")),
        _ => return Ok(page(200, "Log in to continue.")),
    };
    let scopes = (!wanted.is_empty()).then(|| wanted.iter().map(|name| (*name).to_owned()).collect());
    let code = state.ids.hex(IdKind::Token, 32);
    let expires = state.now().checked_add(SignedDuration::from_mins(CODE_MINUTES)).unwrap_or(Timestamp::MAX);
    let mut parameters = vec![("code", code.as_str())];
    parameters.extend((!back.is_empty()).then_some(("state", back)));
    let reply = redirect(&uri, &parameters);
    let consent = OAuth2Consent { client: client.id.clone(), user, scopes };
    state.oauth2.codes.push(OAuth2Code {
        code,
        consent,
        redirect: Some(uri.clone()),
        challenge,
        expires: Some(expires),
    });
    Ok(reply)
}
