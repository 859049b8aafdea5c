//! What becomes of a request that has arrived: it is worked on in its stages, struck by a fault where one is due, and
//! answered with the headers that the service sends. Reading it and writing the bytes is the server's business, what an
//! operation does the handlers'.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use tokio::sync::oneshot;

use super::exchange::Request;
use super::fault::{Befallen, Moment, Strike};
use super::intake;
use super::log::Answered;
use super::outcome::Outcome;
use super::payload::Payload;
use super::playback;
use super::reply::{Reply, RequestId, entity_tag};
use super::router::Matched;
use super::sender;
use super::shared::{Core, Shared};

/// What the work on a request comes to, for the connection that brought it.
pub(crate) enum Sent {
    Answer(Response<Payload>),
    Close,
    Silence,
}

/// Works on a request to its end, and tells the connection what to send as soon as that is known.
pub(crate) async fn work(
    shared: &Arc<Shared>,
    head: http::request::Parts,
    body: Result<Bytes, ()>,
    tell: oneshot::Sender<Sent>,
) {
    let (number, mut request, matched) = {
        let mut core = shared.lock();
        intake::receive(&mut core, &shared.clock, head, body)
    };
    let befallen = strike(shared, number, &request, &matched);
    let mut sender = Sender { shared, number, tell: Some(tell) };
    match &befallen {
        Some(fault) if !fault.has_effect() => return sender.send(misfortune(shared, &fault.strike, &request)),
        Some(Befallen { strike: Strike::Reset(Moment::InFlight), .. }) => sender.send((Sent::Close, Answered::Lost)),
        Some(Befallen { strike: Strike::Delay(time), after_effect: false }) => shared.clock.sleep(*time).await,
        _ => {}
    }
    let reply = handle(shared, number, &mut request, matched).await;
    if let Some(entry) = shared.lock().log.entry(number) {
        entry.status = Some(reply.status.as_u16());
    }
    let sent = match befallen.map(|fault| (fault.strike, fault.after_effect)) {
        Some((Strike::Delay(time), true)) => {
            shared.clock.sleep(time).await;
            whole(shared, &request, reply)
        }
        Some((Strike::Truncate(length), _)) => damaged(shared, &request, reply, Cut::After(length)),
        Some((Strike::Reset(Moment::MidAnswer), _)) => damaged(shared, &request, reply, Cut::Half),
        Some((Strike::ContentType(value), _)) => {
            let mut reply = reply;
            reply.headers.push((header::CONTENT_TYPE, value));
            damaged(shared, &request, reply, Cut::Nowhere)
        }
        Some((Strike::Delay(_), false)) | None => whole(shared, &request, reply),
        Some((strike, _)) => misfortune(shared, &strike, &request),
    };
    sender.send(sent);
}

/// What befalls a request, if anything does; written down beside it.
fn strike(shared: &Shared, number: u64, request: &Request, matched: &intake::Received) -> Option<Befallen> {
    let operation = match matched {
        Ok(Matched::Route(route, _)) => Some(route.operation),
        _ => None,
    };
    let befallen = shared.faults.strike(request.method.as_str(), &request.path, operation)?;
    if let Some(entry) = shared.lock().log.entry(number) {
        entry.fault = Some(befallen.to_string());
    }
    Some(befallen)
}

/// Tells the connection what to send, once, and the log what its client gets to know.
struct Sender<'a> {
    shared: &'a Shared,
    number: u64,
    tell: Option<oneshot::Sender<Sent>>,
}

impl Sender<'_> {
    fn send(&mut self, (sent, answered): (Sent, Answered)) {
        let Some(tell) = self.tell.take() else { return };
        // Before the client can know: who asks the ledger then is told the truth.
        self.shared.lock().log.answered(self.number, answered);
        // Whoever asked may be gone; what was done is done.
        if tell.send(sent).is_err() {
            self.shared.lock().log.answered(self.number, Answered::Lost);
        }
    }
}

/// What comes in the place of the service's answer.
fn misfortune(shared: &Shared, strike: &Strike, request: &Request) -> (Sent, Answered) {
    match strike {
        Strike::Answer(canned) => {
            let answered = Answered::Instead(canned.status.as_u16());
            (Sent::Answer(respond(shared, request, canned.reply(), Cut::Nowhere)), answered)
        }
        Strike::Silence => (Sent::Silence, Answered::Lost),
        _ => (Sent::Close, Answered::Lost),
    }
}

fn whole(shared: &Shared, request: &Request, reply: Reply) -> (Sent, Answered) {
    let response = respond(shared, request, reply, Cut::Nowhere);
    let answered = Answered::Whole(response.status().as_u16());
    (Sent::Answer(response), answered)
}

fn damaged(shared: &Shared, request: &Request, reply: Reply, cut: Cut) -> (Sent, Answered) {
    let answered = Answered::Damaged(reply.status.as_u16());
    (Sent::Answer(respond(shared, request, reply, cut)), answered)
}

/// Runs the stages of a request; those without a wait between them run under one lock.
async fn handle(shared: &Arc<Shared>, number: u64, request: &mut Request, matched: intake::Received) -> Reply {
    let (mut outcome, limits) = {
        let mut core = shared.lock();
        if let Some(reply) = play(&mut core, number, request) {
            return reply;
        }
        core.state.current_request = Some(number);
        intake::dispatch(&mut core.state, request, matched)
    };
    sender::post(shared);
    let mut reply = loop {
        let stage = match outcome {
            Outcome::Done(reply) => break reply,
            Outcome::Later(stage) => stage,
        };
        shared.clock.sleep(stage.wait).await;
        {
            let mut core = shared.lock();
            core.state.current_request = Some(number);
            outcome = intake::settle((stage.then)(&mut core.state, request), &mut core.state, request);
        }
        sender::post(shared);
    };
    for (name, value) in &limits {
        reply.headers.push((name.clone(), value.clone()));
    }
    reply
}

/// The recorded answer, where the fake answers from recordings.
fn play(core: &mut Core, number: u64, request: &Request) -> Option<Reply> {
    let Core { playback, log, .. } = core;
    let playback = playback.as_mut()?;
    let entry = log.entry(number)?;
    Some(match playback.answer(request, &entry.body) {
        Ok(reply) => {
            entry.hint = None;
            reply
        }
        Err(explanation) => {
            let reply = playback::not_recorded(&explanation);
            entry.hint = Some(explanation);
            reply
        }
    })
}

/// Where an answer's body ends.
enum Cut {
    Nowhere,
    After(usize),
    Half,
}

/// Puts the common headers on an answer.
fn respond(shared: &Shared, request: &Request, reply: Reply, cut: Cut) -> Response<Payload> {
    let (content_type, body) = reply.encode(request, shared.clock.now());
    let mut response = Response::new(Payload::empty());
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
    let mut fresh = false;
    if let Some(content_type) = content_type {
        let tag = entity_tag(&body);
        fresh = matches!(request.method, Method::GET | Method::HEAD)
            && reply.status.is_success()
            && request.header("if-none-match").is_some_and(|known| known == tag);
        put(headers, "etag", &tag);
        if !fresh && !headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
    }
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = match cut {
            Cut::Nowhere => Payload::whole(body),
            Cut::After(length) => Payload::cut(body, length),
            Cut::Half => {
                let half = body.len() / 2;
                Payload::cut(body, half)
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
