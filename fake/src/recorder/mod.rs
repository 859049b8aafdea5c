//! A proxy that writes down what passes through it, in the format of this crate's recordings, without secrets and without
//! persons. What it wrote, [`FakeCalcom::from_recordings`](super::FakeCalcom::from_recordings) plays.

mod book;
mod upstream;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::proxy::Gate;
use super::proxy::message::{Message, read_request};
use book::{Book, Exchange};

/// A proxy that records.
///
/// It listens on loopback and passes on whatever comes to the service behind it, `https` or `http`. Every exchange becomes
/// a file `AREA/NUMBER-OPERATION-STATUS.json` below its folder.
///
/// API keys, tokens, secrets, e-mail addresses, telephone numbers, names and user names are replaced, the same one by the
/// same one everywhere: `ada@example.org` is `person1@example.com` in each file. They are known by their place (a header,
/// a field such as `attendee.name`) and by their looks; what a person writes into notes of its own is not looked for.
/// Headers that are not known to be harmless are left out.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// use calcom_fake::{FakeCalcom, Recorder};
///
/// let recorder = Recorder::start("https://api.cal.com", "tests/recorded").await?;
/// // Have the program under test talk to this instead, once:
/// println!("{}", recorder.url());
/// // From then on it can talk to this:
/// let fake = FakeCalcom::from_recordings("tests/recorded").await;
/// # Ok(()) }
/// ```
pub struct Recorder {
    gate: Gate,
    desk: Arc<Desk>,
}

/// What all connections share.
struct Desk {
    http: reqwest::Client,
    /// The service, without a slash at its end.
    base: String,
    book: Mutex<Book>,
}

impl Recorder {
    /// Records what passes to the service at `service`, a base URL without `/v2`, into `folder`. Files that lie there are
    /// left alone, unless one of the same name is written.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a URL that cannot be used; otherwise when no port on loopback can
    /// be had.
    pub async fn start(service: &str, folder: impl Into<PathBuf>) -> io::Result<Self> {
        let (http, base) = upstream::connect(service)?;
        let desk = Arc::new(Desk { http, base, book: Mutex::new(Book::new(folder.into())) });
        let serving = Arc::clone(&desk);
        let gate = Gate::open(Arc::new(move |client| {
            let desk = Arc::clone(&serving);
            Box::pin(async move {
                // A client that leaves, or a service that does, ends the connection, as it would without this.
                let _ = desk.serve(client).await;
            })
        }));
        Ok(Self { gate: gate.await?, desk })
    }

    /// The base URL, such as `http://127.0.0.1:40123`, without `/v2`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.gate.address()
    }

    /// The files written so far, in the order of the exchanges.
    pub fn recorded(&self) -> Vec<PathBuf> {
        self.desk.book().files()
    }

    /// What was replaced by this, if anything was: `original("person1@example.com")`. For tests that compare a recording
    /// with what they know; it stands in no file.
    pub fn original(&self, replacement: &str) -> Option<String> {
        self.desk.book().original(replacement)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        while let Some(request) = read_request(&mut client).await? {
            let at = Timestamp::now();
            let answer = self.forward(&request).await.map_err(io::Error::other)?;
            self.book().write(Exchange { at, request: request.clone(), answer: answer.clone() })?;
            client.write_all(&answer.bytes()).await?;
            if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
                return client.shutdown().await;
            }
        }
        Ok(())
    }

    /// Asks the service, and gives its answer with a length and without what is only about its connection.
    async fn forward(&self, request: &Message) -> Result<Message, reqwest::Error> {
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
        // The answer to HEAD announces a body that does not come.
        match announced.filter(|_| request.method() == "HEAD").and_then(|value| value.to_str().ok().map(str::to_owned))
        {
            Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
            None => head.push_str(&format!("content-length: {}\r\n", body.len())),
        }
        head.push_str("\r\n");
        Ok(Message { head, body })
    }
}

/// Headers about one connection, of which there are two here; and what would have the answer come in a form that cannot
/// be read.
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
