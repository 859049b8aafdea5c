//! What handlers have in common.

use super::super::exchange::Request;
use super::super::outcome::Outcome;
use super::super::reply::Reply;

/// A handler may end early with the answer that refuses.
pub(crate) fn finish(result: Result<Reply, Reply>) -> Outcome {
    match result {
        Ok(reply) | Err(reply) => reply.into(),
    }
}

/// The refusal of a path parameter that is not a number.
pub(crate) fn id_of(request: &Request, name: &str) -> Result<i64, Reply> {
    request.id_param(name).ok_or_else(Reply::internal)
}
