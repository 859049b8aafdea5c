//! Whether a request that failed certainly did not reach the service, and what its error shows.

use std::error::Error as StdError;

use h2::Reason;

use crate::error::Cause;

/// Whether the service has certainly not processed the request.
///
/// No byte can have reached it if the connection was not established, or if a pooled one was found closed before the request was
/// written. An HTTP/2 server says it if it refuses the stream, or if it closes the connection and names an earlier stream as the
/// last one.
pub(in crate::pipeline) fn was_never_sent(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder() || error.source().is_some_and(says_never_sent)
}

/// Whether an error below reqwest says it, or one of its causes.
fn says_never_sent(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
        || error.downcast_ref::<h2::Error>().is_some_and(was_not_processed)
        || error.source().is_some_and(says_never_sent)
}

/// The cause of an error. It does not show what the service wrote into its GOAWAY, which can be parts of requests.
pub(in crate::pipeline) fn cause_of(error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(closed) = inner.downcast_ref::<h2::Error>().filter(|error| error.is_go_away()) {
            let reason = closed.reason().unwrap_or(Reason::NO_ERROR);
            return Cause::new(format!("{error}: the HTTP/2 connection was closed: {}", reason.description()));
        }
        cause = inner.source();
    }
    Cause::new(error)
}

/// h2 gives the GOAWAY of the server to streams after the one that it names, and to requests that have no stream yet. Streams
/// up to that one end with an I/O error if the connection closes without their response.
fn was_not_processed(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    error.is_remote() && (refused || error.is_go_away())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Empty;
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_request_was_never_sent_if_its_connection_ends_before_it_is_written_and_not_if_it_ends_later() {
        let request = || http::Request::new(Empty::<Bytes>::new());
        let (ours, _theirs) = duplex(1024);
        let (mut sender, connection) = http1::handshake(TokioIo::new(ours)).await.unwrap();
        drop(connection);
        assert!(says_never_sent(&sender.send_request(request()).await.unwrap_err()));

        let (ours, mut theirs) = duplex(1024);
        let (mut sender, connection) = http1::handshake(TokioIo::new(ours)).await.unwrap();
        tokio::spawn(connection);
        let closing = async move { theirs.read_u8().await.unwrap() };
        let (result, _) = tokio::join!(sender.send_request(request()), closing);
        assert!(!says_never_sent(&result.unwrap_err()));
    }
}
