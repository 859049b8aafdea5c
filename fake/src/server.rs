//! The HTTP server: accepts connections on loopback, reads requests, and processes each in a task of its own. A request
//! continues if its connection is closed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::respond::{self, ConnectionAction};
use super::response_body::ResponseBody;
use super::shared::FakeServer;

/// Time after which the service closes an idle connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// The service's limit on bodies, in bytes.
const MAX_BODY_BYTES: usize = 100 * 1024;

/// The connection is closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("the fake closed the connection")]
pub(crate) struct ConnectionClosed;

/// Accepts connections until the fake is dropped.
pub(crate) async fn accept(shared: Arc<FakeServer>, listener: TcpListener) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let worker = shared.clone();
            let connection = serve(stream, move |request| answer(worker.clone(), request));
            shared.spawn(async move {
                // An error means that the client closed the connection, or that a fault did.
                let _ = connection.await;
            });
        }
    }
}

/// A connection whose requests `answer` answers.
pub(crate) fn serve<F, A>(
    stream: TcpStream,
    answer: F,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl HttpService<HyperBody, ResBody = ResponseBody, Error = ConnectionClosed, Future: Send>,
>
where
    F: Fn(http::Request<HyperBody>) -> A,
    A: Future<Output = Result<Response<ResponseBody>, ConnectionClosed>> + Send,
{
    // Without `TCP_NODELAY`, small packets would be delayed.
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
}

/// Processes a request of the service.
pub(crate) async fn answer(
    shared: Arc<FakeServer>,
    request: http::Request<HyperBody>,
) -> Result<Response<ResponseBody>, ConnectionClosed> {
    let (head, body) = request.into_parts();
    let limited = Limited::new(body, MAX_BODY_BYTES).collect().await;
    let body = match limited {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(()),
        // An incomplete request has no effect.
        Err(_) => return Err(ConnectionClosed),
    };
    let (tell, told) = oneshot::channel();
    let worker = shared.clone();
    shared.begin();
    shared.spawn(async move {
        respond::process(&worker, head, body, tell).await;
        worker.end();
    });
    match told.await {
        Ok(ConnectionAction::Respond(response)) => Ok(response),
        Ok(ConnectionAction::NoResponse) => std::future::pending().await,
        Ok(ConnectionAction::Close) | Err(_) => Err(ConnectionClosed),
    }
}

/// Binds a port on loopback; 0 is a free one.
pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await
}
