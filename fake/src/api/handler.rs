//! Helpers of handlers.

use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;

/// The outcome of a handler that returns a response or an error response.
pub(crate) fn finish(result: Result<Reply, Reply>) -> HandlerOutcome {
    match result {
        Ok(reply) | Err(reply) => reply.into(),
    }
}

/// The number in a path parameter, or the error if it is not a number.
pub(crate) fn id_of(request: &Request, name: &str) -> Result<i64, Reply> {
    request.id_param(name).ok_or_else(Reply::internal)
}
