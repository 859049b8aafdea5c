//! An HTTP/2 front of the proxy: an edge that speaks HTTP/2 with clients and HTTP/1.1 with the service. What breaks behind it
//! becomes what an edge makes of it.

use std::{
    convert::Infallible,
    error::Error,
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use h2::Reason;
use http::{
    HeaderName, HeaderValue, Request, Response, Version,
    header::{CONNECTION, HOST, TRANSFER_ENCODING},
};
use hyper::{body::Incoming, client::conn::http1, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::Notify,
    task::JoinHandle,
};

/// The reason with which a stream is reset.
#[derive(Debug)]
struct StreamReset(h2::Error);

impl StreamReset {
    fn new(reason: Reason) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for StreamReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// hyper looks for the reason among the causes.
impl Error for StreamReset {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The front, until it is dropped.
pub(super) struct Http2Front {
    address: SocketAddr,
    accepting: JoinHandle<Infallible>,
}

impl Http2Front {
    pub(super) async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let failures = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(async move {
            loop {
                if let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(serve(client, upstream, Arc::clone(&failures)));
                }
            }
        });
        Ok(Self { address, accepting })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Http2Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(client: TcpStream, upstream: SocketAddr, failures: Arc<AtomicUsize>) {
    let broken = Arc::new(Notify::new());
    let breaks = Arc::clone(&broken);
    let service = service_fn(move |request| {
        let (breaks, failures) = (Arc::clone(&breaks), Arc::clone(&failures));
        async move { forward(request, upstream, &breaks, &failures).await }
    });
    let connection = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(client), service);
    select! {
        // The client may have gone.
        _ = connection => {}
        () = broken.notified() => {}
    }
}

/// Forwards a request. What the service did not get is refused. If the service breaks off, the stream ends in one of two ways,
/// or the connection of the client breaks, with all streams on it.
async fn forward(
    request: Request<Incoming>,
    upstream: SocketAddr,
    broken: &Notify,
    failures: &AtomicUsize,
) -> Result<Response<Incoming>, StreamReset> {
    let refused = |_| StreamReset::new(Reason::REFUSED_STREAM);
    let server = TcpStream::connect(upstream).await.map_err(refused)?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(server)).await.map_err(|_| StreamReset::new(Reason::REFUSED_STREAM))?;
    tokio::spawn(connection);
    let request = to_http1(request).map_err(|_| StreamReset::new(Reason::PROTOCOL_ERROR))?;
    match sender.send_request(request).await {
        Ok(response) => Ok(to_http2(response)),
        Err(_) => match failures.fetch_add(1, Ordering::Relaxed) % 3 {
            0 => Err(StreamReset::new(Reason::INTERNAL_ERROR)),
            1 => Err(StreamReset::new(Reason::CANCEL)),
            _ => {
                broken.notify_one();
                Err(StreamReset::new(Reason::INTERNAL_ERROR))
            }
        },
    }
}

fn to_http1(request: Request<Incoming>) -> Result<Request<Incoming>, http::Error> {
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority() {
        parts.headers.insert(HOST, HeaderValue::from_str(authority.as_str())?);
    }
    parts.uri = parts.uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    parts.version = Version::HTTP_11;
    Ok(Request::from_parts(parts, body))
}

fn to_http2(response: Response<Incoming>) -> Response<Incoming> {
    let (mut parts, body) = response.into_parts();
    for name in [CONNECTION, TRANSFER_ENCODING, HeaderName::from_static("keep-alive")] {
        parts.headers.remove(name);
    }
    parts.version = Version::HTTP_2;
    Response::from_parts(parts, body)
}
