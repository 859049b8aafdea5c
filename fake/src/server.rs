//! The socket side: accepts connections on loopback, reads requests whole and has them worked on in tasks of their own (a
//! booking goes on when its connection is gone). What a request means and what is sent back is decided elsewhere.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::payload::Payload;
use super::respond::{self, Sent};
use super::shared::Shared;

/// The service closes a connection that idles this long.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// The service's limit on bodies, in bytes.
const BODY_LIMIT: usize = 100 * 1024;

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the fake closed the connection")]
struct Closed;

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
    shared.begin();
    shared.spawn(async move {
        respond::work(&worker, head, body, tell).await;
        worker.end();
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
