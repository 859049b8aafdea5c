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
