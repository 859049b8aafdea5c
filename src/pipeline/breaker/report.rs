//! The public view of circuits.

use std::time::Duration;

use crate::state::CircuitState;

/// A transition of a circuit, as this process observes it; given to
/// [`ClientBuilder::on_circuit_change`](crate::ClientBuilder::on_circuit_change).
///
/// ```no_run
/// # fn example(builder: calcom::ClientBuilder) -> calcom::ClientBuilder {
/// builder.on_circuit_change(|change| println!("{:?}: {:?} to {:?}", change.operation, change.from, change.to))
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitTransition {
    /// The operation whose circuit it is; `None` for the tenant's circuit, which covers all operations.
    pub operation: Option<&'static str>,
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
}

/// The circuit of an operation that is not closed; from [`Client::circuits`](crate::Client::circuits).
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// for circuit in client.circuits().await {
///     println!("{} is {:?} for {:?}", circuit.operation, circuit.state, circuit.retry_after);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationCircuit {
    /// The operation's id, as in [`crate::raw`].
    pub operation: &'static str,
    /// [`Open`](CircuitState::Open) or [`HalfOpen`](CircuitState::HalfOpen).
    pub state: CircuitState,
    /// The time until the circuit admits a probe; zero if it is half-open.
    pub retry_after: Duration,
}
