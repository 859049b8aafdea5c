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
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const MAX_STREAM: u32 = 0x7fff_ffff;
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

impl Last {
    fn of(self, id: u32) -> u32 {
        match self {
            Self::Earlier => id.saturating_sub(2),
            Self::TheSame => id,
            Self::Later => id + 2,
        }
    }
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
    /// The same, with a text for debugging.
    GoAwaySaying(Last, u32, String),
    /// Announces the close of the connection, then names the stream before the request's as the last one, then closes the socket.
    GracefulGoAway,
    /// Announces the close of the connection, responds, and closes the socket.
    RespondAndClose(u16, String),
    /// Responds with this status, a length and a part of the body, and ends the stream with this code.
    ResetInBody(u16, String, u32),
    /// The same, with all of the body.
    ResetAfterBody(u16, String, u32),
    /// Sends so many pings, and settings as often, and responds.
    PingsBefore(usize, u16, String),
    /// Breaks the protocol, and closes the socket when the client does.
    Nonsense,
    /// Responds with 304 and the length of a body that it does not send.
    NotModified(usize),
    /// Responds as the last act says, with a header of so many bytes, after an interim response, and with trailers.
    Rare(u16, String, usize),
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
        Self::with_settings(Vec::new(), connections).await
    }

    /// The same, with these settings: pairs of a number and a value.
    pub async fn with_settings(settings: Vec<(u16, u32)>, connections: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Seen>>::default());
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut open = JoinSet::new();
                for acts in connections {
                    let (stream, _) = listener.accept().await.unwrap();
                    seen.lock().unwrap().connections += 1;
                    open.spawn(serve(stream, settings.clone(), acts, Arc::clone(&seen)));
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
                serve(stream, Vec::new(), acts, seen).await;
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

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    settings: Vec<(u16, u32)>,
    acts: Vec<Act>,
    seen: Arc<Mutex<Seen>>,
) {
    let mut preface = [0; PREFACE.len()];
    if stream.read_exact(&mut preface).await.is_err() {
        return;
    }
    assert_eq!(preface, PREFACE);
    let settings: Vec<u8> = settings
        .into_iter()
        .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat())
        .collect();
    write(&mut stream, SETTINGS, 0, 0, &settings).await;
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
                    Act::Respond(status, body) => respond(&mut stream, id, *status, body).await,
                    Act::RespondAndClose(status, body) => {
                        go_away(&mut stream, MAX_STREAM, NO_ERROR, "").await;
                        respond(&mut stream, id, *status, body).await;
                        return close(stream).await;
                    }
                    Act::GracefulGoAway => {
                        go_away(&mut stream, MAX_STREAM, NO_ERROR, "").await;
                        go_away(&mut stream, id.saturating_sub(2), NO_ERROR, "").await;
                        return close(stream).await;
                    }
                    Act::ResetInBody(status, body, code) | Act::ResetAfterBody(status, body, code) => {
                        let is_whole = matches!(act, Some(Act::ResetAfterBody(..)));
                        let sent = if is_whole { body.len() } else { body.len() / 2 };
                        let length = body.len().to_string();
                        let mut headers = head_of(*status);
                        // The name of the static table at 28, which is `content-length`.
                        headers.extend([15, 13, u8::try_from(length.len()).unwrap()]);
                        headers.extend(length.as_bytes());
                        write(&mut stream, HEADERS, END_HEADERS, id, &headers).await;
                        write(&mut stream, DATA, 0, id, &body.as_bytes()[..sent]).await;
                        write(&mut stream, RST_STREAM, 0, id, &code.to_be_bytes()).await;
                    }
                    Act::Nonsense => {
                        // A window of the connection that grows by nothing.
                        write(&mut stream, WINDOW_UPDATE, 0, 0, &[0; 4]).await;
                        return close(stream).await;
                    }
                    Act::NotModified(length) => {
                        let length = length.to_string();
                        let mut headers = head_of(304);
                        headers.extend([15, 13, u8::try_from(length.len()).unwrap()]);
                        headers.extend(length.as_bytes());
                        write(&mut stream, HEADERS, END_HEADERS | END_STREAM, id, &headers).await;
                    }
                    Act::PingsBefore(count, status, body) => {
                        for number in 0..*count {
                            write(&mut stream, PING, 0, 0, &(number as u64).to_be_bytes()).await;
                            write(&mut stream, SETTINGS, 0, 0, &[]).await;
                        }
                        respond(&mut stream, id, *status, body).await;
                    }
                    Act::Rare(status, body, bytes) => {
                        write(&mut stream, HEADERS, END_HEADERS, id, &head_of(103)).await;
                        let mut headers = head_of(*status);
                        for number in 0..bytes / 100 {
                            headers.extend([0, 6]);
                            headers.extend(format!("x-{number:04}").as_bytes());
                            headers.push(100);
                            headers.extend([b'x'; 100]);
                        }
                        let mut parts = headers.chunks(16_384).peekable();
                        let mut kind = HEADERS;
                        while let Some(part) = parts.next() {
                            let flags = if parts.peek().is_none() { END_HEADERS } else { 0 };
                            write(&mut stream, kind, flags, id, part).await;
                            kind = CONTINUATION;
                        }
                        write(&mut stream, DATA, 0, id, body.as_bytes()).await;
                        let trailers = [&[0, 5][..], b"x-end", &[1], b"1"].concat();
                        write(&mut stream, HEADERS, END_HEADERS | END_STREAM, id, &trailers).await;
                    }
                    Act::Reset(code) => write(&mut stream, RST_STREAM, 0, id, &code.to_be_bytes()).await,
                    Act::GoAway(last, code) => {
                        go_away(&mut stream, last.of(id), *code, "").await;
                        return close(stream).await;
                    }
                    Act::GoAwaySaying(last, code, text) => {
                        go_away(&mut stream, last.of(id), *code, text).await;
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

/// A literal with the name of the static table at 8, which is `:status`, and the type of the body.
fn head_of(status: u16) -> Vec<u8> {
    let mut headers = vec![8, 3];
    headers.extend(status.to_string().as_bytes());
    headers.extend([0, 12]);
    headers.extend(b"content-type");
    headers.push(16);
    headers.extend(b"application/json");
    // The name of the static table at 34, which is `etag`.
    headers.extend([15, 19, 3]);
    headers.extend(b"\"1\"");
    headers
}

async fn respond(stream: &mut (impl AsyncWrite + Unpin), id: u32, status: u16, body: &str) {
    write(stream, HEADERS, END_HEADERS, id, &head_of(status)).await;
    for chunk in body.as_bytes().chunks(16_384) {
        write(stream, DATA, 0, id, chunk).await;
    }
    write(stream, DATA, END_STREAM, id, &[]).await;
}

async fn go_away(stream: &mut (impl AsyncWrite + Unpin), last: u32, code: u32, text: &str) {
    let payload = [&last.to_be_bytes()[..], &code.to_be_bytes(), text.as_bytes()].concat();
    write(stream, GOAWAY, 0, 0, &payload).await;
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
