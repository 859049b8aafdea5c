//! HTTP/1.1 messages read whole from a socket, as bytes: enough of it to know where one ends.

use std::io;

use tokio::{io::AsyncReadExt, net::TcpStream};

/// A request as it came.
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }
}

/// The next request; `None` where the connection has ended.
pub(super) async fn read_request(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut buffer = Vec::new();
    let Some(end) = read_head(stream, &mut buffer).await? else { return Ok(None) };
    let body = buffer.split_off(end);
    let head = String::from_utf8_lossy(&buffer).into_owned();
    let body = read_body(stream, &head, body, false).await?;
    Ok(Some(Request { head, body }))
}

/// The next answer, whole.
pub(super) async fn read_answer(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut buffer = Vec::new();
    let Some(end) = read_head(stream, &mut buffer).await? else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    let rest = buffer.split_off(end);
    let head = String::from_utf8_lossy(&buffer).into_owned();
    buffer.extend(read_body(stream, &head, rest, true).await?);
    Ok(buffer)
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            return Ok(Some(at + 4));
        }
        if stream.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    }
}

async fn read_body(stream: &mut TcpStream, head: &str, mut body: Vec<u8>, is_answer: bool) -> io::Result<Vec<u8>> {
    let lower = head.to_ascii_lowercase();
    let header = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if let Some(length) = header("content-length:").and_then(|length| length.parse::<usize>().ok()) {
        while body.len() < length {
            more(stream, &mut body).await?;
        }
    } else if header("transfer-encoding:").is_some_and(|coding| coding.contains("chunked")) {
        while !(body.ends_with(b"\r\n0\r\n\r\n") || body == b"0\r\n\r\n") {
            more(stream, &mut body).await?;
        }
    } else if is_answer && !head.contains(" 204 ") && !head.contains(" 304 ") {
        while stream.read_buf(&mut body).await? > 0 {}
    }
    Ok(body)
}

async fn more(stream: &mut TcpStream, body: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(body).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
