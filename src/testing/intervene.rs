//! The place where faults take hold: the server asks here before a handler runs and before its answer goes out, and
//! does what it is told. What to tell it, and when, is not decided here.

use std::time::Duration;

use http::Method;

use super::reply::Reply;

/// What is known of a request when a fault is chosen.
#[allow(dead_code, reason = "for the faults, which stand on this")]
pub(crate) struct Incoming<'a> {
    pub(crate) number: u64,
    pub(crate) method: &'a Method,
    /// The path as sent, without the query.
    pub(crate) path: &'a str,
    pub(crate) operation: Option<&'static str>,
}

/// What to do instead of, or before, handling a request.
#[allow(dead_code, reason = "for the faults, which stand on this")]
#[derive(Debug)]
pub(crate) enum Before {
    Handle,
    /// Wait by the fake's clock, then handle it.
    Delay(Duration),
    /// Answer this; nothing happens.
    Answer(Box<Reply>),
    /// Close the connection; nothing happens.
    Close,
    /// Never answer; nothing happens.
    Silence,
}

/// What to do with the answer of a request that was handled.
#[allow(dead_code, reason = "for the faults, which stand on this")]
#[derive(Debug)]
pub(crate) enum After {
    Send,
    /// Send it after this time, by the fake's clock.
    Delay(Duration),
    /// It happened, but this is the answer.
    Replace(Box<Reply>),
    /// Announce the whole length, send so many bytes of the body, and close.
    Truncate(usize),
    /// It happened, but the connection closes without an answer.
    Close,
    /// It happened, but there is never an answer.
    Silence,
}

/// Decides about faults.
pub(crate) trait Intervene: Send + Sync {
    /// Asked when a request has arrived whole.
    fn before(&self, incoming: &Incoming<'_>) -> Before;
    /// Asked when it has been handled.
    fn after(&self, incoming: &Incoming<'_>, reply: &Reply) -> After;
}

/// No faults.
pub(crate) struct Undisturbed;

impl Intervene for Undisturbed {
    fn before(&self, _: &Incoming<'_>) -> Before {
        Before::Handle
    }

    fn after(&self, _: &Incoming<'_>, _: &Reply) -> After {
        After::Send
    }
}
