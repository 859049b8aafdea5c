//! What the caller is told of circuits.

use std::time::Duration;

use crate::state::CircuitState;

/// A breaker went from one state to another, as this process has come to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitChange {
    /// Which operation's; `None` for that of all of the tenant's requests.
    pub operation: Option<&'static str>,
    /// Where it stood.
    pub from: CircuitState,
    /// Where it stands.
    pub to: CircuitState,
}

/// An operation whose circuit is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenCircuit {
    /// The operation's id, as in [`crate::raw`].
    pub operation: &'static str,
    /// [`Open`](CircuitState::Open) or [`HalfOpen`](CircuitState::HalfOpen).
    pub state: CircuitState,
    /// How long it stays open; zero if it is half-open.
    pub retry_after: Duration,
}
