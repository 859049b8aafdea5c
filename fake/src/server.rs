//! The socket side: accepts connections on loopback, reads requests whole and has them worked on in tasks of their own (a
//! booking goes on when its connection is gone). What a request means and what is sent back is decided elsewhere.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::deliveries::Deliveries;
use super::fault::Faults;
use super::log::Log;
use super::payload::Payload;
use super::playback::Playback;
use super::respond::{self, Sent};
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
    /// What is played instead of being worked on.
    pub(crate) playback: Option<Playback>,
}

/// What all connections share.
pub(crate) struct Shared {
    core: Mutex<Core>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    tasks: Mutex<JoinSet<()>>,
    /// How many requests are worked on.
    under_way: watch::Sender<usize>,
    deliveries: watch::Sender<()>,
}

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the fake closed the connection")]
struct Closed;

impl Shared {
    pub(crate) fn new(state: State, playback: Option<Playback>) -> Self {
        Self {
            clock: state.clock.clone(),
            core: Mutex::new(Core { state, log: Log::default(), deliveries: Deliveries::default(), playback }),
            faults: Faults::default(),
            tasks: Mutex::new(JoinSet::new()),
            under_way: watch::Sender::default(),
            deliveries: watch::Sender::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no request is worked on.
    pub(crate) async fn idle(&self) {
        // The sender is this, and stays.
        let _ = self.under_way.subscribe().wait_for(|number| *number == 0).await;
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
    shared.under_way.send_modify(|number| *number += 1);
    shared.spawn(async move {
        respond::work(&worker, head, body, tell).await;
        worker.under_way.send_modify(|number| *number -= 1);
    });
    match told.await {
        Ok(Sent::Answer(response)) => Ok(response),
        Ok(Sent::Silence) => std::future::pending().await,
        Ok(Sent::Close) | Err(_) => Err(Closed),
    }
}

/// Binds a port of its own on loopback.
pub(crate) async fn bind() -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).await
}
