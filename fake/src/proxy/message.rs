//! HTTP/1.1 messages as bytes: reads a complete message from a socket, and parses its head.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// A request or a response, as it was received.
#[derive(Clone, Debug)]
pub struct HttpMessage {
    /// The first line and the headers, with the empty line after them.
    pub head: String,
    /// The body, in its transfer coding.
    pub body: Vec<u8>,
}

impl HttpMessage {
    pub fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    /// The body without its transfer coding.
    pub fn plain_body(&self) -> Vec<u8> {
        match body_end(self) {
            BodyEnd::Chunked => decode_chunks(&self.body),
            BodyEnd::Length(_) | BodyEnd::Connection => self.body.clone(),
        }
    }

    /// A part of the first line: in a request 0 is the method and 1 the target, in a response 1 is the status.
    fn start_line_part(&self, at: usize) -> &str {
        self.head.lines().next().and_then(|line| line.split(' ').nth(at)).unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.start_line_part(0)
    }

    /// Path and query of a request, as they were sent.
    pub fn target(&self) -> &str {
        self.start_line_part(1)
    }

    pub fn path(&self) -> &str {
        let target = self.target();
        target.split_once('?').map_or(target, |(path, _)| path)
    }

    /// The status of a response. 0 if it is invalid.
    pub fn status(&self) -> u16 {
        self.start_line_part(1).parse().unwrap_or_default()
    }

    /// Names and values of the headers, as they were sent and in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.lines().skip(1).take_while(|line| !line.is_empty());
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The message with a header set to another value.
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut head = String::with_capacity(self.head.len() + name.len() + value.len());
        for line in self.head.split_inclusive("\r\n") {
            let is_it = line.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name));
            if !is_it && line != "\r\n" {
                head.push_str(line);
            }
        }
        head.push_str(&format!("{name}: {value}\r\n\r\n"));
        Self { head, body: self.body.clone() }
    }
}

/// Reads the next request. `None` if the connection is closed.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<HttpMessage>> {
    let mut buffer = Vec::new();
    let Some(end) = read_head(stream, &mut buffer).await? else { return Ok(None) };
    let body = buffer.split_off(end);
    let head = String::from_utf8_lossy(&buffer).into_owned();
    let mut message = HttpMessage { head, body };
    match body_end(&message) {
        BodyEnd::Length(length) => read_length(stream, &mut message.body, length).await?,
        BodyEnd::Chunked => read_chunks(stream, &mut message.body).await?,
        BodyEnd::Connection => {}
    }
    Ok(Some(message))
}

/// Reads the complete response to a request with this method.
pub(crate) async fn read_answer(stream: &mut (impl AsyncRead + Unpin), method: &str) -> io::Result<HttpMessage> {
    let mut buffer = Vec::new();
    let Some(end) = read_head(stream, &mut buffer).await? else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    let body = buffer.split_off(end);
    let head = String::from_utf8_lossy(&buffer).into_owned();
    let mut message = HttpMessage { head, body };
    if method == "HEAD" || matches!(message.status(), 204 | 304) {
        return Ok(message);
    }
    match body_end(&message) {
        BodyEnd::Length(length) => read_length(stream, &mut message.body, length).await?,
        BodyEnd::Chunked => read_chunks(stream, &mut message.body).await?,
        BodyEnd::Connection => while stream.read_buf(&mut message.body).await? > 0 {},
    }
    Ok(message)
}

/// The framing of a body.
enum BodyEnd {
    Length(usize),
    Chunked,
    /// The end of the connection, for responses. A request without a length has no body.
    Connection,
}

fn body_end(message: &HttpMessage) -> BodyEnd {
    if let Some(length) = message.header("content-length").and_then(|length| length.parse().ok()) {
        return BodyEnd::Length(length);
    }
    let is_chunked = |coding: &str| coding.to_ascii_lowercase().contains("chunked");
    if message.header("transfer-encoding").is_some_and(is_chunked) { BodyEnd::Chunked } else { BodyEnd::Connection }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            return Ok(Some(at + 4));
        }
        if stream.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
    }
}

async fn read_length(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>, length: usize) -> io::Result<()> {
    while body.len() < length {
        read_more(stream, body).await?;
    }
    Ok(())
}

async fn read_chunks(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>) -> io::Result<()> {
    while !(body.ends_with(b"\r\n0\r\n\r\n") || body == b"0\r\n\r\n") {
        read_more(stream, body).await?;
    }
    Ok(())
}

fn decode_chunks(mut body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let Some(end) = find(body, b"\r\n") {
        let size = std::str::from_utf8(&body[..end]).unwrap_or_default();
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or(0);
        let Some(chunk) = body.get(end + 2..end + 2 + size).filter(|chunk| !chunk.is_empty()) else { break };
        plain.extend_from_slice(chunk);
        body = body.get(end + 2 + size + 2..).unwrap_or_default();
    }
    plain
}

async fn read_more(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(body).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_end_where_they_say() {
        let mut two: &[u8] = b"POST /a?b=c HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
        let request = read_request(&mut two).await.unwrap().unwrap();
        assert_eq!((request.method(), request.target(), request.path()), ("POST", "/a?b=c", "/a"));
        assert_eq!((request.header("content-length"), request.plain_body()), (Some("3"), b"abc".to_vec()));
        assert!(read_request(&mut two).await.unwrap().is_none());

        let mut chunked: &[u8] =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\n\r\n";
        let answer = read_answer(&mut chunked, "GET").await.unwrap();
        assert_eq!((answer.status(), answer.plain_body()), (200, b"abcdef".to_vec()));

        let mut until_the_end: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nall of it";
        assert_eq!(read_answer(&mut until_the_end, "GET").await.unwrap().body, b"all of it");
        let mut head: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
        assert_eq!(read_answer(&mut head, "HEAD").await.unwrap().body, b"");
        let mut broken: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
        assert!(read_answer(&mut broken, "GET").await.is_err());
    }

    #[test]
    fn a_header_is_replaced_or_added() {
        let of = |head: &str| HttpMessage { head: head.to_owned(), body: b"x".to_vec() };
        let answer = of("HTTP/1.1 200 OK\r\nContent-Type: a\r\nETag: b\r\n\r\n").with_header("content-type", "c");
        assert_eq!(answer.head, "HTTP/1.1 200 OK\r\nETag: b\r\ncontent-type: c\r\n\r\n");
        assert_eq!(of("HTTP/1.1 200 OK\r\n\r\n").with_header("a", "b").header("A"), Some("b"));
    }
}
