//! A service that misbehaves: for each connection a list of steps, on a plain socket, in the runtime of the test.
//!
//! Time is paused in the tests that use it, and passes when nothing else can happen. tokio alone would let it pass while
//! bytes are still on their way through the sockets, so that a time-out could come before an answer that is already
//! there; see [`let_time_pass`].

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::{ApiKey, Client, ClientBuilder};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};

/// What is answered to a request.
pub type Answering = dyn Fn(&Received) -> Vec<u8> + Send + Sync;

/// What the service does on a connection, one after the other. At the end of its list it keeps the connection, silent.
#[derive(Clone)]
pub enum Step {
    /// Reads a request to its end.
    Request,
    /// Reads the head of a request only.
    Head,
    /// Answers every request as this says, each after so long, until the client closes.
    Serve(Arc<Answering>, Duration),
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Waits, connected and silent.
    Wait(Duration),
    /// Closes in the usual way.
    Close,
    /// Closes with a reset.
    Reset,
}

/// What is done on each connection, in the order in which they are made.
pub trait Connections: IntoIterator<Item = Vec<Step>, IntoIter: Send + 'static> {}

impl<T: IntoIterator<Item = Vec<Step>, IntoIter: Send + 'static>> Connections for T {}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// `GET /v2/me`.
    pub line: String,
    /// The headers, names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The service, until it is dropped.
pub struct Service {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Received>,
}

impl Service {
    /// Serves `connections`, one list of steps after the other; what connects after the last is closed at once.
    pub async fn start(connections: impl Connections) -> Self {
        Self::serving(TcpListener::bind("127.0.0.1:0").await.unwrap(), connections)
    }

    /// As [`start`](Self::start), on a port that refused so far.
    pub fn on(port: TcpSocket, connections: impl Connections) -> Self {
        Self::serving(port.listen(16).unwrap(), connections)
    }

    fn serving(listener: TcpListener, connections: impl Connections) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let accept = tokio::spawn({
            let seen = Arc::clone(&seen);
            let mut scripts = connections.into_iter();
            async move {
                // Dropped with the task, and its connections with it.
                let mut open = tokio::task::JoinSet::new();
                for connection in 0.. {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().connections += 1;
                    open.spawn(serve(
                        stream,
                        connection,
                        scripts.next().unwrap_or_else(|| vec![Step::Close]),
                        seen.clone(),
                    ));
                }
            }
        });
        Self { address, seen, tasks: vec![accept, let_time_pass()] }
    }

    /// Answers every request, on however many connections, as `answer` says.
    pub async fn serving_with(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::serving_after(Duration::ZERO, answer).await
    }

    /// The same, each so long after the request.
    pub async fn serving_after(wait: Duration, answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer: Arc<Answering> = Arc::new(answer);
        Self::start(std::iter::repeat_with(move || vec![Step::Serve(Arc::clone(&answer), wait)])).await
    }

    /// Answers one request on each of as many connections as there are answers, and closes.
    pub async fn answering<const N: usize>(answers: [Vec<u8>; N]) -> Self {
        Self::start(answers.map(|answer| vec![Step::Request, Step::Write(answer), Step::Close])).await
    }

    /// A port that refuses every connection.
    pub fn refusing() -> (Self, TcpSocket) {
        // Bound and not listening: nobody else can get the port while the socket is held.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        (Self { address, seen: Arc::default(), tasks: vec![let_time_pass()] }, socket)
    }

    /// A port that neither accepts nor refuses: its queue is full.
    pub async fn full() -> (Self, (TcpListener, Vec<TcpStream>)) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut held = Vec::new();
        let service = Self { address, seen: Arc::default(), tasks: vec![let_time_pass()] };
        while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
            held.push(stream);
        }
        (service, (listener, held))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of it, with a key.
    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn builder(&self) -> ClientBuilder {
        Client::builder().api_url(self.url()).credentials(ApiKey::new("cal_live_socket"))
    }

    /// What arrived so far.
    pub fn requests(&self) -> Vec<Received> {
        self.seen.lock().unwrap().requests.clone()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(mut stream: TcpStream, connection: usize, steps: Vec<Step>, seen: Arc<Mutex<Seen>>) {
    for step in steps {
        match step {
            Step::Request | Step::Head => {
                let whole = matches!(step, Step::Request);
                let Some(received) = receive(&mut stream, connection, whole).await else { return };
                seen.lock().unwrap().requests.push(received);
            }
            Step::Serve(ref answer, wait) => {
                while let Some(received) = receive(&mut stream, connection, true).await {
                    let bytes = answer(&received);
                    seen.lock().unwrap().requests.push(received);
                    if !wait.is_zero() {
                        tokio::time::sleep(wait).await;
                    }
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                return;
            }
            Step::Write(bytes) => {
                // The client may have gone: that is its right.
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Close => return,
            Step::Reset => return stream.set_zero_linger().unwrap(),
        }
    }
    std::future::pending().await
}

/// A request, or nothing where the client closed the connection instead.
async fn receive(stream: &mut TcpStream, connection: usize, whole: bool) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").expect("a header has a name and a value"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; if whole { length } else { 0 }];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { connection, line, headers, body })
}

/// Lets paused time pass, in steps, and each step only after everything that the sockets held has been worked off.
///
/// tokio advances paused time whenever no task is ready, without looking at what its poll of the sockets has just made
/// ready. While this yields, tokio polls the sockets and time stands still; then it sleeps one step, which is the
/// longest that time can run ahead of the sockets.
pub fn let_time_pass() -> JoinHandle<()> {
    const POLLS: usize = 24;
    const STEP: Duration = Duration::from_millis(20);
    tokio::spawn(async {
        loop {
            for _ in 0..POLLS {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(STEP).await;
        }
    })
}

/// An answer with a body of JSON, as the service frames it.
pub fn json(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut all = vec![("content-type", "application/json; charset=utf-8")];
    all.extend(headers);
    answer(status, &all, body)
}

/// An answer with its length.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = head(status, headers, body.len());
    bytes.extend(body);
    bytes
}

/// The head of an answer of that length.
pub fn head(status: u16, headers: &[(&str, &str)], length: usize) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n").into_bytes()
}

/// A recorded answer.
pub fn recorded(recording: &Value) -> Vec<u8> {
    let recorded = &recording["response"];
    let status = recorded["status"].as_u64().unwrap().try_into().unwrap();
    let pairs = recorded["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()));
    let framing = ["content-length", "connection", "keep-alive", "transfer-encoding"];
    let headers: Vec<_> = pairs.filter(|(name, _)| !framing.contains(&name.to_ascii_lowercase().as_str())).collect();
    let body = match &recorded["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    answer(status, &headers, body)
}
