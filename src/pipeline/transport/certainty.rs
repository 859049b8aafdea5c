//! Whether a request that failed certainly did not reach the service.

use std::error::Error as StdError;

use h2::Reason;

/// Whether the service has certainly not processed the request.
///
/// No byte can have reached it if the connection was not established, or if a pooled one was found closed before the request was
/// written. An HTTP/2 server says it if it refuses the stream, or if it closes the connection and names an earlier stream as the
/// last one.
pub(in crate::pipeline) fn was_never_sent(error: &reqwest::Error) -> bool {
    if error.is_connect() || error.is_builder() {
        return true;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
            || error.downcast_ref::<h2::Error>().is_some_and(was_not_processed)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// h2 gives the GOAWAY of the server to streams after the one that it names, and to requests that have no stream yet. Streams
/// up to that one end with an I/O error if the connection closes without their response.
fn was_not_processed(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    error.is_remote() && (refused || error.is_go_away())
}
