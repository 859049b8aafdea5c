//! The body of a response: complete, or truncated although its head announces the full length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The bytes to send, and whether the connection is closed after them.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    left: Option<Bytes>,
    announced: u64,
    breaks: bool,
    flushed: bool,
}

impl ResponseBody {
    pub(crate) fn empty() -> Self {
        Self { left: None, announced: 0, breaks: false, flushed: false }
    }

    pub(crate) fn complete(bytes: Bytes) -> Self {
        let announced = bytes.len() as u64;
        Self { left: Some(bytes).filter(|bytes| !bytes.is_empty()), announced, breaks: false, flushed: false }
    }

    /// Announces the length of `bytes`, sends the first `length` bytes and closes the connection.
    pub(crate) fn truncated(bytes: Bytes, length: usize) -> Self {
        let announced = bytes.len() as u64;
        let sent = bytes.slice(..length.min(bytes.len()));
        Self { left: Some(sent).filter(|bytes| !bytes.is_empty()), announced, breaks: true, flushed: false }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.left.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.breaks {
            return Poll::Ready(None);
        }
        if !self.flushed {
            // One more poll, in which the written bytes are flushed before the connection is closed.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}
