//! The metrics, through the crate `metrics`; without the feature of that name nothing happens here. Their names and labels
//! are in the table of the module above.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    operation::Operation,
    state::{CircuitState, Scope},
};

#[cfg(feature = "metrics")]
mod on {
    use super::*;

    pub(crate) fn took(operation: &'static Operation, outcome: &'static str, began: Instant) {
        let histogram =
            metrics::histogram!("calcom_request_duration_seconds", "operation" => operation.id, "outcome" => outcome);
        histogram.record(began.elapsed());
    }

    pub(crate) fn sent_again(operation: &'static Operation) {
        metrics::counter!("calcom_request_retries_total", "operation" => operation.id).increment(1);
    }

    pub(crate) fn looked_up(operation: &'static Operation, result: &'static str) {
        let counter = metrics::counter!("calcom_cache_lookups_total", "operation" => operation.id, "result" => result);
        counter.increment(1);
    }

    pub(crate) fn waited(operation: &'static Operation, wait: Duration) {
        metrics::histogram!("calcom_permit_wait_seconds", "operation" => operation.id).record(wait);
    }

    pub(crate) fn circuit(scope: &Scope, state: CircuitState) {
        let level = match state {
            CircuitState::Closed => 0.0,
            CircuitState::HalfOpen => 1.0,
            CircuitState::Open => 2.0,
        };
        // Enough to tell tenants apart.
        let tenant: String = scope.to_string().chars().take(8).collect();
        metrics::gauge!("calcom_circuit_state", "tenant" => tenant).set(level);
    }
}

#[cfg(not(feature = "metrics"))]
mod off {
    use super::*;

    pub(crate) fn took(_: &'static Operation, _: &'static str, _: Instant) {}
    pub(crate) fn sent_again(_: &'static Operation) {}
    pub(crate) fn looked_up(_: &'static Operation, _: &'static str) {}
    pub(crate) fn waited(_: &'static Operation, _: Duration) {}
    pub(crate) fn circuit(_: &Scope, _: CircuitState) {}
}

#[cfg(not(feature = "metrics"))]
pub(crate) use off::*;
#[cfg(feature = "metrics")]
pub(crate) use on::*;
