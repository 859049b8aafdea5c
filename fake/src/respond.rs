//! Processes a request: runs its stages, injects a fault if one is due, and makes the response with the service's headers.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use tokio::sync::oneshot;

use super::delivery_sender;
use super::dispatch;
use super::exchange::Request;
use super::fault::{FaultAction, FaultInjection, ResetPoint};
use super::log::ResponseOutcome;
use super::outcome::HandlerOutcome;
use super::playback;
use super::reply::{Reply, RequestId, entity_tag};
use super::response_body::ResponseBody;
use super::shared::{FakeServer, ServerCore};

/// The action of the connection after a request.
pub(crate) enum ConnectionAction {
    Respond(Response<ResponseBody>),
    Close,
    NoResponse,
}

/// Processes a request completely. The connection receives its action as soon as it is known.
pub(crate) async fn process(
    shared: &Arc<FakeServer>,
    head: http::request::Parts,
    body: Result<Bytes, ()>,
    reply_to: oneshot::Sender<ConnectionAction>,
) {
    let (number, mut request, matched) = {
        let mut core = shared.lock();
        dispatch::receive(&mut core, &shared.clock, head, body)
    };
    let injection = inject_fault(shared, number, &request, &matched);
    let mut sender = ResponseSender { shared, number, reply_to: Some(reply_to) };
    match &injection {
        Some(fault) if !fault.has_effect() => return sender.send(fault_response(shared, &fault.action, &request)),
        Some(FaultInjection { action: FaultAction::Reset(ResetPoint::InFlight), .. }) => {
            sender.send((ConnectionAction::Close, ResponseOutcome::Lost))
        }
        Some(FaultInjection { action: FaultAction::Delay(time), after_effect: false }) => {
            shared.clock.sleep(*time).await
        }
        _ => {}
    }
    let reply = handle(shared, number, &mut request, matched).await;
    if let Some(entry) = shared.lock().log.entry(number) {
        entry.status = Some(reply.status.as_u16());
    }
    let action = match injection.map(|fault| (fault.action, fault.after_effect)) {
        Some((FaultAction::Delay(time), true)) => {
            shared.clock.sleep(time).await;
            complete_response(shared, &request, reply)
        }
        Some((FaultAction::Truncate(length), _)) => {
            damaged_response(shared, &request, reply, Truncation::After(length))
        }
        Some((FaultAction::Reset(ResetPoint::MidResponse), _)) => {
            damaged_response(shared, &request, reply, Truncation::Half)
        }
        Some((FaultAction::ContentType(value), _)) => {
            let mut reply = reply;
            reply.headers.push((header::CONTENT_TYPE, value));
            damaged_response(shared, &request, reply, Truncation::None)
        }
        Some((FaultAction::Delay(_), false)) | None => complete_response(shared, &request, reply),
        Some((action, _)) => fault_response(shared, &action, &request),
    };
    sender.send(action);
}

/// Injects the fault that is due for a request, if any, and records it in the log.
fn inject_fault(
    shared: &FakeServer,
    number: u64,
    request: &Request,
    matched: &dispatch::ReceiveResult,
) -> Option<FaultInjection> {
    let operation = match matched {
        Ok(matched) => matched.operation(),
        Err(_) => None,
    };
    let injection = shared.faults.inject(request.method.as_str(), &request.path, operation)?;
    if let Some(entry) = shared.lock().log.entry(number) {
        entry.fault = Some(injection.to_string());
    }
    Some(injection)
}

/// Sends the action to the connection, once, and records the response in the log.
struct ResponseSender<'a> {
    shared: &'a FakeServer,
    number: u64,
    reply_to: Option<oneshot::Sender<ConnectionAction>>,
}

impl ResponseSender<'_> {
    fn send(&mut self, (action, outcome): (ConnectionAction, ResponseOutcome)) {
        let Some(reply_to) = self.reply_to.take() else { return };
        // It is recorded before the client receives it, so that the ledger is right when the client reads it.
        self.shared.lock().log.record_outcome(self.number, outcome);
        // The client may have closed the connection. The request keeps its effect.
        if reply_to.send(action).is_err() {
            self.shared.lock().log.record_outcome(self.number, ResponseOutcome::Lost);
        }
    }
}

/// The action in place of the service's response.
fn fault_response(shared: &FakeServer, action: &FaultAction, request: &Request) -> (ConnectionAction, ResponseOutcome) {
    match action {
        FaultAction::Respond(canned) => {
            let outcome = ResponseOutcome::Replaced(canned.status.as_u16());
            (ConnectionAction::Respond(respond(shared, request, canned.reply(), Truncation::None)), outcome)
        }
        FaultAction::NoResponse => (ConnectionAction::NoResponse, ResponseOutcome::Lost),
        _ => (ConnectionAction::Close, ResponseOutcome::Lost),
    }
}

fn complete_response(shared: &FakeServer, request: &Request, reply: Reply) -> (ConnectionAction, ResponseOutcome) {
    let response = respond(shared, request, reply, Truncation::None);
    let outcome = ResponseOutcome::Complete(response.status().as_u16());
    (ConnectionAction::Respond(response), outcome)
}

fn damaged_response(
    shared: &FakeServer,
    request: &Request,
    reply: Reply,
    truncation: Truncation,
) -> (ConnectionAction, ResponseOutcome) {
    let outcome = ResponseOutcome::Damaged(reply.status.as_u16());
    (ConnectionAction::Respond(respond(shared, request, reply, truncation)), outcome)
}

/// Runs the stages of a request. Stages without a wait between them run under one lock.
async fn handle(
    shared: &Arc<FakeServer>,
    number: u64,
    request: &mut Request,
    matched: dispatch::ReceiveResult,
) -> Reply {
    let (mut outcome, limits) = {
        let mut core = shared.lock();
        if let Some(reply) = play_recording(&mut core, number, request) {
            return reply;
        }
        core.state.current_request = Some(number);
        dispatch::dispatch(&mut core.state, request, matched)
    };
    delivery_sender::send_due(shared);
    let mut reply = loop {
        let stage = match outcome {
            HandlerOutcome::Done(reply) => break reply,
            HandlerOutcome::Later(stage) => stage,
        };
        shared.clock.sleep(stage.wait).await;
        {
            let mut core = shared.lock();
            core.state.current_request = Some(number);
            outcome = dispatch::run_ready_stages((stage.then)(&mut core.state, request), &mut core.state, request);
        }
        delivery_sender::send_due(shared);
    };
    for (name, value) in &limits {
        reply.headers.push((name.clone(), value.clone()));
    }
    reply
}

/// The recorded response, if the fake plays recordings.
fn play_recording(core: &mut ServerCore, number: u64, request: &Request) -> Option<Reply> {
    let ServerCore { playback, log, .. } = core;
    let playback = playback.as_mut()?;
    let entry = log.entry(number)?;
    entry.played = false;
    Some(match playback.answer(request, &entry.body) {
        Ok(reply) => {
            entry.hint = None;
            entry.routed = true;
            reply
        }
        Err(explanation) => {
            let reply = playback::not_recorded(&explanation);
            entry.hint = Some(explanation);
            entry.routed = false;
            reply
        }
    })
}

/// The point at which a response body is truncated.
enum Truncation {
    None,
    After(usize),
    Half,
}

/// Makes the response, with the common headers.
fn respond(shared: &FakeServer, request: &Request, reply: Reply, truncation: Truncation) -> Response<ResponseBody> {
    let (content_type, body) = reply.encode(request, shared.clock.now());
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    for (name, value) in &reply.headers {
        headers.insert(name, value.clone());
    }
    match reply.request_id {
        RequestId::Own => put(headers, "x-request-id", &request.id),
        RequestId::Unknown => put(headers, "x-request-id", "unknown-request-id"),
        RequestId::Absent => {}
    }
    headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
    headers.insert(HeaderName::from_static("keep-alive"), HeaderValue::from_static("timeout=5"));
    let mut not_modified = false;
    if let Some(content_type) = content_type {
        let tag = entity_tag(&body);
        not_modified = matches!(request.method, Method::GET | Method::HEAD)
            && reply.status.is_success()
            && request.header("if-none-match").is_some_and(|known| known == tag);
        put(headers, "etag", &tag);
        if !not_modified && !headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
    }
    if not_modified {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = match truncation {
            Truncation::None => ResponseBody::complete(body),
            Truncation::After(length) => ResponseBody::truncated(body, length),
            Truncation::Half => {
                let half = body.len() / 2;
                ResponseBody::truncated(body, half)
            }
        };
    }
    response
}

fn put(headers: &mut http::HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
