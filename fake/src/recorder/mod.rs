//! A proxy that records exchanges, without secrets and persons.
//! [`FakeCalcom::from_recordings`](super::FakeCalcom::from_recordings) replays them.

mod upstream;
mod writer;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::proxy::ClosableListener;
use super::proxy::message::{HttpMessage, read_request};
use writer::{CapturedExchange, RecordingWriter};

/// The time that exchanges in progress have when the recorder ends.
const GRACE: Duration = Duration::from_secs(5);

/// A proxy that records the exchanges of a program with a service.
///
/// It listens on loopback and forwards every request to the service, over `https` or `http`. Each exchange becomes a file
/// `AREA/NUMBER-OPERATION-STATUS.json` below its folder.
///
/// API keys, tokens, secrets, e-mail addresses, telephone numbers, names and user names are replaced. The same value gets
/// the same replacement everywhere: `ada@example.org` is `person1@example.com` in each file. Such values are recognized by
/// their place (a header, a field such as `attendee.name`) and by their form. Personal data in free text, such as notes, is
/// not recognized. Only headers that are known to be harmless are recorded.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use calcom_fake::{FakeCalcom, Recorder};
///
/// let recorder = Recorder::start("https://api.cal.com", "tests/recorded").await?;
/// // Run the program under test once against this URL:
/// println!("{}", recorder.url());
/// // From then on it can run against this fake:
/// let fake = FakeCalcom::from_recordings("tests/recorded").await;
/// # Ok(()) }
/// ```
pub struct Recorder {
    listener: ClosableListener,
    inner: Arc<RecorderInner>,
}

/// The parts that all connections share.
struct RecorderInner {
    http: reqwest::Client,
    /// The base URL of the service, without a trailing slash.
    base: String,
    writer: Mutex<RecordingWriter>,
    /// The number of requests without a recording.
    lost: AtomicUsize,
    /// The number of exchanges in progress.
    in_progress: watch::Sender<usize>,
}

/// An exchange in progress, which ends with this value.
struct InProgress<'a>(&'a watch::Sender<usize>);

impl<'a> InProgress<'a> {
    fn begin(number: &'a watch::Sender<usize>) -> Self {
        number.send_modify(|number| *number += 1);
        Self(number)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|number| *number = number.saturating_sub(1));
    }
}

impl Recorder {
    /// Starts a recorder in front of `service`, a base URL without `/v2`. It writes to `folder`. Other files there are kept;
    /// files of the same name are overwritten.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if the URL cannot be used; another error if the folder cannot be made, or
    /// if no port on loopback can be bound.
    pub async fn start(service: &str, folder: impl Into<PathBuf>) -> io::Result<Self> {
        Self::start_on(0, service, folder).await
    }

    /// As [`Self::start`], on this port of loopback; 0 is a free one.
    ///
    /// # Errors
    ///
    /// As those of [`Self::start`].
    pub async fn start_on(port: u16, service: &str, folder: impl Into<PathBuf>) -> io::Result<Self> {
        let (http, base) = upstream::connect(service)?;
        let folder = folder.into();
        // Without it no exchange could be recorded.
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(named)?;
        let (in_progress, _) = watch::channel(0);
        let writer = Mutex::new(RecordingWriter::new(folder));
        let inner = Arc::new(RecorderInner { http, base, writer, lost: AtomicUsize::new(0), in_progress });
        let serving = Arc::clone(&inner);
        let listener = ClosableListener::open(
            port,
            Arc::new(move |client| {
                let inner = Arc::clone(&serving);
                Box::pin(async move {
                    // If the client or the service closes its connection, the recorder closes the other one.
                    let _ = inner.serve(client).await;
                })
            }),
        );
        Ok(Self { listener: listener.await?, inner })
    }

    /// The base URL, such as `http://127.0.0.1:40123`, without `/v2`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The files written so far, in the order of the exchanges.
    pub fn recorded(&self) -> Vec<PathBuf> {
        self.inner.writer().files()
    }

    /// The number of requests that were not recorded: the service did not answer, or the file could not be written. Their
    /// clients got no response.
    pub fn lost(&self) -> usize {
        self.inner.lost.load(Ordering::Relaxed)
    }

    /// Waits until no exchange is in progress, for 5 s at most. It is for the end of a recording.
    pub async fn idle(&self) {
        let mut number = self.inner.in_progress.subscribe();
        // A service that does not answer is not waited for longer.
        let _ = timeout(GRACE, number.wait_for(|number| *number == 0)).await;
    }

    /// The original of a replacement, such as `original("person1@example.com")`. For tests that compare a recording with known
    /// values; originals are in no file.
    pub fn original(&self, replacement: &str) -> Option<String> {
        self.inner.writer().original(replacement)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl RecorderInner {
    fn writer(&self) -> MutexGuard<'_, RecordingWriter> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        while let Some(request) = read_request(&mut client).await? {
            let _exchange = InProgress::begin(&self.in_progress);
            let at = Timestamp::now();
            let recorded = self.forward(&request).await.map_err(io::Error::other).and_then(|answer| {
                self.writer().write(CapturedExchange { at, request: request.clone(), answer: answer.clone() })?;
                Ok(answer)
            });
            let answer = recorded.inspect_err(|_| {
                self.lost.fetch_add(1, Ordering::Relaxed);
            })?;
            client.write_all(&answer.bytes()).await?;
            if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                return client.shutdown().await;
            }
        }
        Ok(())
    }

    /// Sends a request to the service. Returns the response with a length, and without the headers of the connection.
    async fn forward(&self, request: &HttpMessage) -> Result<HttpMessage, reqwest::Error> {
        let method = Method::from_bytes(request.method().as_bytes()).unwrap_or_default();
        let mut outgoing = self.http.request(method, format!("{}{}", self.base, request.target()));
        for (name, value) in request.headers().filter(|(name, _)| !is_of_connection(name)) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                outgoing = outgoing.header(name, value);
            }
        }
        let answer = outgoing.body(request.plain_body()).send().await?;
        let mut head = format!("HTTP/1.1 {}\r\n", answer.status());
        for (name, value) in answer.headers().iter().filter(|(name, _)| !is_of_connection(name.as_str())) {
            head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
        }
        let announced = answer.headers().get(header::CONTENT_LENGTH).cloned();
        let body = answer.bytes().await?.to_vec();
        // The response to HEAD announces the length of a body that is not sent.
        match announced.filter(|_| request.method() == "HEAD").and_then(|value| value.to_str().ok().map(str::to_owned))
        {
            Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
            None => head.push_str(&format!("content-length: {}\r\n", body.len())),
        }
        head.push_str("\r\n");
        Ok(HttpMessage { head, body })
    }
}

/// Headers of one connection only, and headers that request an encoded response, which cannot be recorded.
fn is_of_connection(name: &str) -> bool {
    const HEADERS: [&str; 9] = [
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "transfer-encoding",
        "upgrade",
    ];
    HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}
