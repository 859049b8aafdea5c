//! From bytes to a handler: parses what arrived, logs it, matches it, counts it against the rate limit, finds out who
//! asks, and calls the handler. In the order in which the service's parser, router and guards do it, because that is
//! the order of its refusals.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::auth;
use super::clock::Clock;
use super::exchange::{Caller, Request, query_pairs};
use super::limit::RateLimit;
use super::log::{Answered, LoggedRequest};
use super::outcome::Outcome;
use super::reply::{Body, Reply, RequestId};
use super::router::{self, Matched};
use super::shared::Core;
use super::state::{Kind, State};
use super::version::ApiVersion;

/// What matching came to, or the refusal of the parser.
pub(crate) type Received = Result<Matched, Reply>;

/// Parses and logs a request, and matches it.
pub(crate) fn receive(
    core: &mut Core,
    clock: &Clock,
    head: http::request::Parts,
    body: Result<Bytes, ()>,
) -> (u64, Request, Received) {
    let target = head.uri.path_and_query().map_or("/", |pq| pq.as_str()).to_owned();
    let path = head.uri.path().to_owned();
    let query = query_pairs(head.uri.query().unwrap_or_default());
    let version = ApiVersion::of_header(head.headers.get("cal-api-version").and_then(|v| v.to_str().ok()));
    let parsed = parse_body(&head.headers, &body);
    let raw_body = body.unwrap_or_default();
    let matched = match &parsed {
        Ok(_) => Ok(router::find(&head.method, &path, version)),
        Err(reply) => Err(reply.clone()),
    };
    let (operation, hint) = match &matched {
        Ok(Matched::Route(route, _)) => (Some(route.operation), None),
        Ok(Matched::Nothing(hint)) => (None, Some(hint.clone())),
        _ => (None, None),
    };
    let id = core.state.ids.uuid(Kind::Request);
    let number = core.log.arrived(LoggedRequest {
        number: 0,
        at: clock.now(),
        method: head.method.to_string(),
        path: path.clone(),
        query: query.clone(),
        headers: head.headers.clone(),
        body: logged_body(&raw_body),
        operation,
        status: None,
        answered: Answered::NotYet,
        fault: None,
        hint,
        id: id.clone(),
    });
    let request = Request {
        method: head.method,
        target,
        path,
        query,
        headers: head.headers,
        body: parsed.unwrap_or(Value::Null),
        id,
        params: Vec::new(),
        caller: Caller::Nobody,
    };
    (number, request, matched)
}

/// Takes a request as far as it gets without waiting; the headers are those of the rate limit.
pub(crate) fn dispatch(state: &mut State, request: &mut Request, received: Received) -> (Outcome, HeaderMap) {
    let matched = match received {
        Ok(matched) => matched,
        Err(reply) => return (reply.into(), HeaderMap::new()),
    };
    if request.method == Method::OPTIONS {
        return (preflight().into(), HeaderMap::new());
    }
    let (route, params) = match matched {
        Matched::Route(route, params) => (route, params),
        Matched::Nothing(hint) => return (router::not_found(request).with_hint(&hint).into(), HeaderMap::new()),
        Matched::BadPath(message) => return (Reply::exception(400, message).into(), HeaderMap::new()),
    };
    request.params = params;
    let tracker = match auth::tracker(state, &request.headers) {
        Ok(tracker) => tracker,
        Err(reply) => return (reply.into(), HeaderMap::new()),
    };
    let own = route.own_limit.map(|name| RateLimit::new(name, 5, std::time::Duration::from_secs(60)));
    let now = state.now();
    let counted = state.limits.count(&tracker, own.as_ref(), now);
    if counted.refused {
        let message = "CustomThrottlerGuard - Too many requests. Please try again later.";
        let reply = Reply::error(429, "ThrottlerException", message.to_owned(), Some(Value::from(message)));
        return (reply.into(), counted.headers);
    }
    let outcome = match auth::authenticate(state, &request.headers, route.access) {
        Ok(caller) => {
            request.caller = caller;
            settle((route.handler)(state, request), state, request)
        }
        Err(reply) => reply.into(),
    };
    (outcome, counted.headers)
}

/// Runs on through stages that need no waiting, so that nothing can come between them.
pub(crate) fn settle(mut outcome: Outcome, state: &mut State, request: &Request) -> Outcome {
    loop {
        match outcome {
            Outcome::Later(stage) if stage.wait.is_zero() => outcome = (stage.then)(state, request),
            other => return other,
        }
    }
}

fn preflight() -> Reply {
    Reply::of(StatusCode::NO_CONTENT, Body::Empty)
}

/// Reads a body the way the service's parser does: JSON objects and arrays under their content type, forms under
/// theirs, and anything else is an empty object.
fn parse_body(headers: &HeaderMap, body: &Result<Bytes, ()>) -> Result<Value, Reply> {
    let Ok(body) = body else {
        return Err(Reply::bare(413, "request entity too large").with_request_id(RequestId::Absent));
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let fields = url::form_urlencoded::parse(body).map(|(k, v)| (k.into_owned(), Value::from(v.into_owned())));
        return Ok(Value::Object(fields.collect()));
    }
    if !kind.eq_ignore_ascii_case("application/json") || body.is_empty() {
        return Ok(json!({}));
    }
    let malformed = |message: String| Err(Reply::exception(400, message).with_request_id(RequestId::Unknown));
    let text = String::from_utf8_lossy(body);
    let first = text.trim_start().chars().next();
    match first {
        Some('{' | '[') => match serde_json::from_str(&text) {
            Ok(value) => Ok(value),
            Err(error) => malformed(json_complaint(&text, &error)),
        },
        Some(other) => malformed(format!("Unexpected token '{other}', \"{text}\" is not valid JSON")),
        None => Ok(json!({})),
    }
}

/// What the service's JSON parser says about the place where ours stopped.
fn json_complaint(text: &str, error: &serde_json::Error) -> String {
    let at = error.column();
    if error.is_eof() && text.trim_end().ends_with('{') {
        return format!("Expected property name or '}}' in JSON at position {at}");
    }
    if error.is_eof() {
        return "Unexpected end of JSON input".to_owned();
    }
    let token = text.chars().nth(at.saturating_sub(1)).unwrap_or(' ');
    format!("Unexpected token '{token}', \"{text}\" is not valid JSON")
}

/// The body of a logged request: JSON where it is, text where it is not.
fn logged_body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned()))
}
