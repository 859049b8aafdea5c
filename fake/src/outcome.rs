//! Results of handlers. A handler with several stages returns the next one; the server waits between them by the fake's
//! clock.

use std::time::Duration;

use super::exchange::Request;
use super::reply::Reply;
use super::state::State;

/// The result of a handler: a response, or a further stage.
pub(crate) enum HandlerOutcome {
    Done(Reply),
    Later(Stage),
}

type NextStage = Box<dyn FnOnce(&mut State, &Request) -> HandlerOutcome + Send>;

/// A further stage, and the wait before it.
pub(crate) struct Stage {
    pub(crate) wait: Duration,
    pub(crate) then: NextStage,
}

impl From<Reply> for HandlerOutcome {
    fn from(reply: Reply) -> Self {
        Self::Done(reply)
    }
}

/// Continues with `then` after `wait`.
pub(crate) fn later(
    wait: Duration,
    then: impl FnOnce(&mut State, &Request) -> HandlerOutcome + Send + 'static,
) -> HandlerOutcome {
    HandlerOutcome::Later(Stage { wait, then: Box::new(then) })
}
