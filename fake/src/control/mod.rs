//! A fake on a fixed port, with routes that control it and a page that shows it, for tests in any language and for people.

mod fault_input;
mod host;
mod routes;
mod views;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Response;
use hyper::body::Incoming as HyperBody;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fake::FakeCalcom;
use super::playback::Playback;
use super::response_body::ResponseBody;
use super::seed_file::Seed;
use super::server::{self, ConnectionClosed};
use host::{CONTROL, ControlState, fake};

/// The time that requests in progress have when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// A fake on a port of loopback, with control routes under `/__fake/` and a page at `/`.
///
/// The program `calcom-fake` is this server; the README lists its routes.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use calcom_fake::{ControlServer, Seed};
///
/// let server = ControlServer::start(0, Seed::default()).await?;
/// println!("{} {}", server.url(), server.fake().api_key());
/// server.stop().await;
/// # Ok(()) }
/// ```
pub struct ControlServer {
    host: Arc<ControlState>,
    stop: Option<oneshot::Sender<()>>,
    accepting: Option<JoinHandle<()>>,
}

impl ControlServer {
    /// Starts a fake with these fixtures on a port; 0 is a free one.
    ///
    /// # Errors
    ///
    /// An error of the system if the port cannot be bound; [`InvalidInput`](io::ErrorKind::InvalidInput) for a seed that
    /// cannot be used.
    pub async fn start(port: u16, seed: Seed) -> io::Result<Self> {
        Self::serve(port, seed, None).await
    }

    /// Starts a fake that answers from the recordings below `folder` only, as [`FakeCalcom::from_recordings`].
    ///
    /// # Errors
    ///
    /// An error of the system if the port cannot be bound or the folder cannot be read;
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if there is no recording.
    pub async fn from_recordings(port: u16, folder: impl AsRef<Path>) -> io::Result<Self> {
        let playback = Playback::read(folder.as_ref())?;
        if playback.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the folder has no recordings"));
        }
        Self::serve(port, Seed::default(), Some(playback)).await
    }

    async fn serve(port: u16, seed: Seed, playback: Option<Playback>) -> io::Result<Self> {
        let builder = seed.builder().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let listener = server::bind(port).await?;
        let address = listener.local_addr()?;
        let fake = Mutex::new(fake(address, builder, playback.clone()));
        let host = Arc::new(ControlState { address, seed: Mutex::new(seed), playback, fake });
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(Arc::clone(&host), listener, stopped));
        Ok(Self { host, stop: Some(stop), accepting: Some(accepting) })
    }

    /// The base URL, such as `http://127.0.0.1:7000`, without `/v2`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.host.address)
    }

    /// The fake. A reset replaces it by another one, so that it is asked for again after one.
    #[must_use]
    pub fn fake(&self) -> Arc<FakeCalcom> {
        self.host.fake()
    }

    /// Stops the server: no connection is accepted any more, and requests in progress have 5 s to end.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the server has ended.
            let _ = stop.send(());
        }
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

impl fmt::Debug for ControlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlServer").field("address", &self.host.address).finish_non_exhaustive()
    }
}

/// Answers a request of the service, of a control route or of the page.
async fn answer(
    host: Arc<ControlState>,
    request: http::Request<HyperBody>,
) -> Result<Response<ResponseBody>, ConnectionClosed> {
    let path = request.uri().path();
    if path == "/" || path.starts_with(CONTROL) || path == CONTROL.trim_end_matches('/') {
        return Ok(routes::answer(&host, request).await);
    }
    let shared = Arc::clone(host.fake().shared());
    server::answer(shared, request).await
}

async fn accept(host: Arc<ControlState>, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = &mut stopped => break,
        };
        let host = Arc::clone(&host);
        let connection = graceful.watch(server::serve(stream, move |request| answer(Arc::clone(&host), request)));
        tokio::spawn(async move {
            // An error means that the client closed the connection, or that a fault did.
            let _ = connection.await;
        });
    }
    drop(listener);
    // A connection without a response, which a fault holds open, ends with the program.
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}
