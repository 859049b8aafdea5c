//! The socket side: accepts connections on loopback, reads requests whole, has them worked on in tasks of their own (a
//! booking goes on when its connection is gone), and writes the answers with the headers that the service sends. What a
//! request means and what it does is decided elsewhere.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::deliveries::{self, Deliveries};
use super::exchange::Request;
use super::intake;
use super::intervene::{After, Before, Incoming, Intervene};
use super::log::Log;
use super::pace::Outcome;
use super::payload::Payload;
use super::reply::{Body, Reply, RequestId, entity_tag};
use super::route::Matched;
use super::state::State;

/// The service closes a connection that idles this long.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The service's limit on bodies, in bytes.
const BODY_LIMIT: usize = 100 * 1024;

/// State and log, behind the one lock.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) state: State,
    pub(crate) log: Log,
    pub(crate) deliveries: Deliveries,
}

/// What all connections share.
pub(crate) struct Shared {
    core: Mutex<Core>,
    pub(crate) clock: Clock,
    intervene: RwLock<Arc<dyn Intervene>>,
    tasks: Mutex<JoinSet<()>>,
    deliveries: watch::Sender<()>,
}

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the fake closed the connection")]
struct Closed;

impl Shared {
    pub(crate) fn new(state: State, intervene: Arc<dyn Intervene>) -> Self {
        Self {
            clock: state.clock.clone(),
            core: Mutex::new(Core { state, log: Log::default(), deliveries: Deliveries::default() }),
            intervene: RwLock::new(intervene),
            tasks: Mutex::new(JoinSet::new()),
            deliveries: watch::Sender::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, `intervene` decides about faults.
    pub(crate) fn set_intervene(&self, intervene: Arc<dyn Intervene>) {
        *self.intervene.write().unwrap_or_else(PoisonError::into_inner) = intervene;
    }

    fn intervene(&self) -> Arc<dyn Intervene> {
        self.intervene.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Tells whoever waits for deliveries that one is done.
    pub(crate) fn delivered(&self) {
        self.deliveries.send_replace(());
    }

    /// Waits until no delivery is under way or due.
    pub(crate) async fn settle_deliveries(&self) {
        let mut deliveries = self.deliveries.subscribe();
        while !self.lock().deliveries.are_settled(self.clock.now()) {
            // The sender is this, and stays.
            let _ = deliveries.changed().await;
        }
    }

    /// Ends everything that is under way.
    pub(crate) fn abort(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// Accepts connections until the fake is dropped.
pub(crate) async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let connection = serve(shared.clone(), stream);
            shared.spawn(connection);
        }
    }
}

async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    // A lost packet of an answer is the test's wish, a delayed one is not.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(shared.clone(), request));
    // An error here is a client that left or a fault that was asked for.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(KEEP_ALIVE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// What the work on a request comes to, for the connection that brought it.
enum Sent {
    Answer(Response<Payload>),
    Close,
    Silence,
}

async fn answer(shared: Arc<Shared>, request: http::Request<HyperBody>) -> Result<Response<Payload>, Closed> {
    let (head, body) = request.into_parts();
    let limited = Limited::new(body, BODY_LIMIT).collect().await;
    let body = match limited {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(()),
        // Half a request has no effect.
        Err(_) => return Err(Closed),
    };
    let (tell, told) = oneshot::channel();
    let worker = shared.clone();
    shared.spawn(async move {
        let sent = work(&worker, head, body).await;
        // Whoever asked may be gone; what was done is done.
        let _ = tell.send(sent);
    });
    match told.await {
        Ok(Sent::Answer(response)) => Ok(response),
        Ok(Sent::Silence) => std::future::pending().await,
        Ok(Sent::Close) | Err(_) => Err(Closed),
    }
}

async fn work(shared: &Arc<Shared>, head: http::request::Parts, body: Result<Bytes, ()>) -> Sent {
    let (number, mut request, matched) = {
        let mut core = shared.lock();
        intake::receive(&mut core, &shared.clock, head, body)
    };
    let route = match &matched {
        Ok(Matched::Route(route, _)) => Some(*route),
        _ => None,
    };
    let intervene = shared.intervene();
    let method = request.method.clone();
    let path = request.path.clone();
    let incoming = Incoming { number, method: &method, path: &path, operation: route.map(|r| r.operation) };

    let mut faulted = None;
    match intervene.before(&incoming) {
        Before::Handle => {}
        Before::Delay(time) => shared.clock.sleep(time).await,
        Before::Answer(reply) => faulted = Some(*reply),
        Before::Close => return Sent::Close,
        Before::Silence => return Sent::Silence,
    }
    let reply = match faulted {
        Some(reply) => reply,
        None => {
            let reply = handle(shared, number, &mut request, matched).await;
            match intervene.after(&incoming, &reply) {
                After::Send => reply,
                After::Delay(time) => {
                    shared.clock.sleep(time).await;
                    reply
                }
                After::Replace(other) => *other,
                After::Truncate(length) => {
                    return Sent::Answer(respond(shared, number, &request, reply, Some(length)));
                }
                After::Close => return Sent::Close,
                After::Silence => return Sent::Silence,
            }
        }
    };
    Sent::Answer(respond(shared, number, &request, reply, None))
}

/// Runs the stages of a request; those without a wait between them run under one lock.
async fn handle(shared: &Arc<Shared>, number: u64, request: &mut Request, matched: intake::Received) -> Reply {
    let (mut outcome, limits) = {
        let mut core = shared.lock();
        core.state.current_request = Some(number);
        intake::dispatch(&mut core.state, request, matched)
    };
    deliveries::post(shared);
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
        deliveries::post(shared);
    };
    for (name, value) in &limits {
        reply.headers.push((name.clone(), value.clone()));
    }
    reply
}

/// Puts the common headers on an answer, and writes down that it was given.
fn respond(shared: &Shared, number: u64, request: &Request, reply: Reply, cut: Option<usize>) -> Response<Payload> {
    let (content_type, body) = reply.encode(request, shared.clock.now());
    let mut response = Response::new(Payload::empty());
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    for (name, value) in &reply.headers {
        headers.insert(name.clone(), value.clone());
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
            Some(length) => Payload::cut(body, length),
            None => Payload::whole(body),
        };
    }
    if let Some(entry) = shared.lock().log.entry(number) {
        entry.status = Some(response.status().as_u16());
    }
    response
}

fn put(headers: &mut http::HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// An answer given by a fault: a status and whatever text.
#[allow(dead_code, reason = "for the faults, which stand on this")]
pub(crate) fn raw_reply(status: StatusCode, content_type: &'static str, bytes: Bytes) -> Reply {
    Reply::of(status, Body::Raw { content_type, bytes })
}

/// Binds a port of its own on loopback.
pub(crate) async fn bind() -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await
}

/// The body of a logged request: JSON where it is, text where it is not.
pub(super) fn logged_body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(bytes).into_owned()))
}
