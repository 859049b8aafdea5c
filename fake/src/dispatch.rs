//! Processes a request up to its handler: parsing, logging, routing, rate limit, authentication. The order is that of the
//! service, because it determines which error is returned.

use bytes::Bytes;
use calcom::operation::Operation;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::api::teams::access::of_document;
use super::auth::{self, AccessRule};
use super::clock::Clock;
use super::documented;
use super::exchange::{Caller, Request, query_pairs};
use super::limit::FakeRateLimit;
use super::log::{LoggedRequest, ResponseOutcome};
use super::outcome::HandlerOutcome;
use super::reply::{Reply, ReplyBody, RequestId};
use super::route::Route;
use super::router::{self, RouteMatch};
use super::shared::ServerCore;
use super::state::{IdKind, State};

/// The matched route, or the error response of the parser.
pub(crate) type ReceiveResult = Result<RouteMatch, Reply>;

/// Parses and logs a request, and matches its route.
pub(crate) fn receive(
    core: &mut ServerCore,
    clock: &Clock,
    head: http::request::Parts,
    body: Result<Bytes, ()>,
) -> (u64, Request, ReceiveResult) {
    let target = head.uri.path_and_query().map_or("/", |pq| pq.as_str()).to_owned();
    let path = head.uri.path().to_owned();
    let query = query_pairs(head.uri.query().unwrap_or_default());
    let version = head.headers.get("cal-api-version").and_then(|v| v.to_str().ok());
    let parsed = parse_body(&head.headers, &body);
    let raw_body = body.unwrap_or_default();
    let matched = match &parsed {
        Ok(_) => Ok(router::find(&head.method, &path, version, core.state.service())),
        Err(reply) => Err(reply.clone()),
    };
    let (operation, hint) = match &matched {
        Ok(RouteMatch::NotFound(hint)) => (None, Some(hint.clone())),
        Ok(matched) => {
            (matched.operation(), router::version_of_other(&head.method, &path, version, core.state.contract))
        }
        Err(_) => (None, None),
    };
    let played = matches!(&matched, Ok(RouteMatch::Route(route, _)) if !core.state.answers.has(route.operation));
    let id = core.state.ids.uuid(IdKind::Request);
    let number = core.log.push(LoggedRequest {
        number: 0,
        at: clock.now(),
        method: head.method.to_string(),
        path: path.clone(),
        query: query.clone(),
        headers: head.headers.clone(),
        body: logged_body(&raw_body),
        operation,
        status: None,
        response: ResponseOutcome::Pending,
        fault: None,
        hint,
        routed: operation.is_some(),
        played,
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
        caller: Caller::Anonymous,
        operation: operation.unwrap_or_default(),
    };
    (number, request, matched)
}

/// What answers a request.
enum Target {
    Played(&'static Route),
    /// An operation of the document without a handler.
    Documented(&'static Operation),
}

impl Target {
    fn own_limit(&self) -> Option<FakeRateLimit> {
        let Self::Played(route) = self else { return None };
        route.own_limit.map(|own| FakeRateLimit::new(own.name, own.limit, std::time::Duration::from_secs(own.seconds)))
    }

    fn access(&self) -> AccessRule {
        match self {
            Self::Played(route) => route.access,
            Self::Documented(operation) => documented::access(operation),
        }
    }

    /// Answers the request: with the answer of the test, the handler, or the example.
    fn run(&self, state: &mut State, request: &Request) -> HandlerOutcome {
        match self {
            Self::Played(route) if !state.answers.has(route.operation) => (route.handler)(state, request),
            _ => {
                let role = Operation::find(request.operation).and_then(|operation| operation.role);
                let allowed = role.map_or(Ok(()), |role| of_document(state, request, role));
                allowed.map_or_else(Into::into, |()| documented::respond(state, request).into())
            }
        }
    }
}

/// Runs a request up to its first wait. Returns the rate-limit headers too.
pub(crate) fn dispatch(
    state: &mut State,
    request: &mut Request,
    received: ReceiveResult,
) -> (HandlerOutcome, HeaderMap) {
    let matched = match received {
        Ok(matched) => matched,
        Err(reply) => return (reply.into(), HeaderMap::new()),
    };
    if request.method == Method::OPTIONS {
        return (preflight().into(), HeaderMap::new());
    }
    let (target, params) = match matched {
        RouteMatch::Route(route, params) => (Target::Played(route), params),
        RouteMatch::Documented(operation, params) => (Target::Documented(operation), params),
        RouteMatch::NotFound(hint) => return (router::not_found(request).with_hint(&hint).into(), HeaderMap::new()),
        RouteMatch::BadPath(message) => return (Reply::exception(400, message).into(), HeaderMap::new()),
    };
    request.params = params;
    let tracker = match auth::tracker(state, &request.headers) {
        Ok(tracker) => tracker,
        Err(reply) => return (reply.into(), HeaderMap::new()),
    };
    let own = target.own_limit();
    let now = state.now();
    let counted = state.limits.count(&tracker, own.as_ref(), now);
    if counted.refused {
        let message = "CustomThrottlerGuard - Too many requests. Please try again later.";
        let reply = Reply::error(429, "ThrottlerException", message.to_owned(), Some(Value::from(message)));
        return (reply.into(), counted.headers);
    }
    let authenticated = auth::authenticate(state, request, target.access());
    let allowed = authenticated.and_then(|caller| match caller {
        Caller::User(_) => auth::check_scopes(state, &request.headers, request.operation).map(|()| caller),
        Caller::Anonymous => Ok(caller),
    });
    let outcome = match allowed {
        Ok(caller) => {
            request.caller = caller;
            run_ready_stages(target.run(state, request), state, request)
        }
        Err(reply) => reply.into(),
    };
    (outcome, counted.headers)
}

/// Runs the stages that have no wait, so that no other request runs between them.
pub(crate) fn run_ready_stages(mut outcome: HandlerOutcome, state: &mut State, request: &Request) -> HandlerOutcome {
    loop {
        match outcome {
            HandlerOutcome::Later(stage) if stage.wait.is_zero() => outcome = (stage.then)(state, request),
            other => return other,
        }
    }
}

fn preflight() -> Reply {
    Reply::of(StatusCode::NO_CONTENT, ReplyBody::Empty)
}

/// Parses a body as the service does: JSON objects and arrays, and forms, by content type. Anything else is an empty
/// object.
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
            Err(error) => malformed(json_error_message(&text, &error)),
        },
        Some(other) => malformed(format!("Unexpected token '{other}', \"{text}\" is not valid JSON")),
        None => Ok(json!({})),
    }
}

/// The message of the service's JSON parser for an error of serde_json.
fn json_error_message(text: &str, error: &serde_json::Error) -> String {
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

/// The body of a logged request: JSON if it is JSON, else a text.
fn logged_body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned()))
}
