//! What a handler comes to. One that has stages returns the next of them; the server waits between them, on the fake's
//! clock.

use std::time::Duration;

use super::exchange::Request;
use super::reply::Reply;
use super::state::State;

/// What a handler comes to: an answer, or something to go on with later.
pub(crate) enum Outcome {
    Done(Reply),
    Later(Stage),
}

type Next = Box<dyn FnOnce(&mut State, &Request) -> Outcome + Send>;

/// The rest of the work, due after a wait.
pub(crate) struct Stage {
    pub(crate) wait: Duration,
    pub(crate) then: Next,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self::Done(reply)
    }
}

/// Goes on with `then` after `wait`.
pub(crate) fn later(wait: Duration, then: impl FnOnce(&mut State, &Request) -> Outcome + Send + 'static) -> Outcome {
    Outcome::Later(Stage { wait, then: Box::new(then) })
}
