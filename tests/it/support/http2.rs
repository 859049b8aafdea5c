//! An HTTP/2 server that does what a test says, frame by frame: no library would send what faulty servers send.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

pub const NO_ERROR: u32 = 0;
pub const INTERNAL_ERROR: u32 = 2;
pub const REFUSED_STREAM: u32 = 7;
pub const CANCEL: u32 = 8;
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// The last stream that a GOAWAY names, compared with the stream of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    Earlier,
    TheSame,
    Later,
}

/// What the server does when a request is complete.
#[derive(Clone, Debug)]
pub enum Act {
    /// Responds with this status and a body of JSON.
    Respond(u16, String),
    /// Ends the stream with this code.
    Reset(u32),
    /// Closes the connection with this last stream and code, in that order, and then the socket.
    GoAway(Last, u32),
    /// Closes the socket.
    Close,
    /// Neither reads nor writes any more.
    NoResponse,
}

/// The server, until it is dropped.
pub struct Http2Service {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: usize,
}

impl Http2Service {
    /// Serves connections of plain TCP: each has an act for each of its requests. The last act is repeated.
    pub async fn start(connections: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Seen>>::default());
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut open = JoinSet::new();
                for acts in connections {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().connections += 1;
                    open.spawn(serve(stream, acts, Arc::clone(&seen)));
                }
                while open.join_next().await.is_some() {}
            }
        });
        Self { port, seen, task }
    }

    /// The same over TLS, for one connection.
    pub async fn with_tls(tls: tokio_rustls::TlsAcceptor, acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Seen>>::default());
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let (stream, _) = listener.accept().await.unwrap();
                let stream = tls.accept(stream).await.unwrap();
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                seen.lock().unwrap().connections += 1;
                serve(stream, acts, seen).await;
            }
        });
        Self { port, seen, task }
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// The number of complete requests.
    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap().requests
    }
}

impl Drop for Http2Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, acts: Vec<Act>, seen: Arc<Mutex<Seen>>) {
    let mut preface = [0; PREFACE.len()];
    if stream.read_exact(&mut preface).await.is_err() {
        return;
    }
    assert_eq!(preface, PREFACE);
    write(&mut stream, SETTINGS, 0, 0, &[]).await;
    let mut acts = acts.into_iter();
    let mut act = None;
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).await.is_err() {
            return;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.unwrap();
        match kind {
            SETTINGS if flags & ACK == 0 => write(&mut stream, SETTINGS, ACK, 0, &[]).await,
            PING if flags & ACK == 0 => write(&mut stream, PING, ACK, 0, &payload).await,
            HEADERS | DATA if flags & END_STREAM != 0 => {
                seen.lock().unwrap().requests += 1;
                act = acts.next().or(act);
                match act.as_ref().expect("an act for the request") {
                    Act::Respond(status, body) => {
                        // A literal with the name of the static table at 8, which is `:status`.
                        let mut headers = vec![8, 3];
                        headers.extend(status.to_string().as_bytes());
                        headers.extend([0, 12]);
                        headers.extend(b"content-type");
                        headers.push(16);
                        headers.extend(b"application/json");
                        write(&mut stream, HEADERS, END_HEADERS, id, &headers).await;
                        for chunk in body.as_bytes().chunks(16_384) {
                            write(&mut stream, DATA, 0, id, chunk).await;
                        }
                        write(&mut stream, DATA, END_STREAM, id, &[]).await;
                    }
                    Act::Reset(code) => write(&mut stream, RST_STREAM, 0, id, &code.to_be_bytes()).await,
                    Act::GoAway(last, code) => {
                        let last = match last {
                            Last::Earlier => id.saturating_sub(2),
                            Last::TheSame => id,
                            Last::Later => id + 2,
                        };
                        let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
                        write(&mut stream, GOAWAY, 0, 0, &payload).await;
                        return close(stream).await;
                    }
                    Act::Close => return close(stream).await,
                    Act::NoResponse => return std::future::pending().await,
                }
            }
            _ => {}
        }
    }
}

/// Closes without a reset, which would discard what the client has not read yet.
async fn close(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let _ = stream.shutdown().await;
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), kind: u8, flags: u8, id: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(id.to_be_bytes());
    frame.extend(payload);
    // The client may have gone.
    let _ = stream.write_all(&frame).await;
    let _ = stream.flush().await;
}
