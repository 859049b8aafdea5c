//! The metrics, recorded through the crate `metrics`. Without the feature of that name the functions do nothing. Names and
//! labels are documented in the parent module.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    operation::Operation,
    state::{CircuitState, TenantId},
};

/// The outcome of a successful call.
pub(crate) const SUCCESS: &str = "success";

#[cfg(feature = "metrics")]
mod enabled {
    use std::sync::LazyLock;

    use ::metrics::{IntoF64, Key, Label, Level, Metadata};

    use super::*;

    const DURATION: &str = "calcom_request_duration_seconds";
    const RETRIES: &str = "calcom_request_retries_total";
    const LOOKUPS_NAME: &str = "calcom_cache_lookups_total";
    const PERMIT_WAIT: &str = "calcom_permit_wait_seconds";
    const CIRCUIT: &str = "calcom_circuit_state";

    static METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

    pub(crate) fn record_duration(operation: &'static Operation, outcome: &'static str, began: Instant) {
        let record =
            |key: &Key| metrics::with_recorder(|to| to.register_histogram(key, &METADATA)).record(Since(began));
        if outcome == SUCCESS { record(&ON_SUCCESS[operation.index]) } else { record(&duration_of(operation, outcome)) }
    }

    /// The time since then. It is read only if a recorder is installed.
    struct Since(Instant);

    impl IntoF64 for Since {
        fn into_f64(self) -> f64 {
            self.0.elapsed().as_secs_f64()
        }
    }

    pub(crate) fn describe() {
        use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

        describe_histogram!(DURATION, Unit::Seconds, "Calls, from the call to its result, by operation and outcome");
        describe_counter!(RETRIES, Unit::Count, "Attempts after the first of a call, by operation");
        describe_counter!(LOOKUPS_NAME, Unit::Count, "Lookups in the response cache, by operation and result");
        describe_histogram!(PERMIT_WAIT, Unit::Seconds, "Waits of calls for the rate limiter, by operation");
        describe_gauge!(CIRCUIT, "State of a circuit breaker: 0 closed, 1 half-open, 2 open, by tenant and operation");
    }

    /// Made once, because most calls succeed.
    static ON_SUCCESS: LazyLock<Box<[Key]>> =
        LazyLock::new(|| Operation::rows().map(|operation| duration_of(operation, SUCCESS)).collect());

    fn duration_of(operation: &'static Operation, outcome: &'static str) -> Key {
        let labels = vec![Label::new("operation", operation.id), Label::new("outcome", outcome)];
        Key::from_parts(DURATION, labels)
    }

    pub(crate) fn record_retry(operation: &'static Operation) {
        metrics::counter!(RETRIES, "operation" => operation.id).increment(1);
    }

    pub(crate) fn record_lookup(operation: &'static Operation, hit: bool) {
        metrics::with_recorder(|to| to.register_counter(&LOOKUPS[operation.index][usize::from(hit)], &METADATA))
            .increment(1);
    }

    static LOOKUPS: LazyLock<Box<[[Key; 2]]>> = LazyLock::new(|| {
        let of = |operation: &Operation, result| {
            let labels = vec![Label::new("operation", operation.id), Label::new("result", result)];
            Key::from_parts(LOOKUPS_NAME, labels)
        };
        Operation::rows().map(|operation| ["miss", "hit"].map(|result| of(operation, result))).collect()
    });

    pub(crate) fn record_permit_wait(operation: &'static Operation, wait: Duration) {
        metrics::histogram!(PERMIT_WAIT, "operation" => operation.id).record(wait);
    }

    pub(crate) fn circuit(tenant: &TenantId, operation: Option<&'static str>, state: CircuitState) {
        let level = match state {
            CircuitState::Closed => 0.0,
            CircuitState::HalfOpen => 1.0,
            CircuitState::Open => 2.0,
        };
        let tenant = crate::pipeline::observe::events::short_id(tenant);
        match operation {
            None => metrics::gauge!(CIRCUIT, "tenant" => tenant),
            Some(operation) => metrics::gauge!(CIRCUIT, "tenant" => tenant, "operation" => operation),
        }
        .set(level);
    }
}

#[cfg(not(feature = "metrics"))]
mod disabled {
    use super::*;

    pub(crate) fn describe() {}
    pub(crate) fn record_duration(_: &'static Operation, _: &'static str, _: Instant) {}
    pub(crate) fn record_retry(_: &'static Operation) {}
    pub(crate) fn record_lookup(_: &'static Operation, _: bool) {}
    pub(crate) fn record_permit_wait(_: &'static Operation, _: Duration) {}
    pub(crate) fn circuit(_: &TenantId, _: Option<&'static str>, _: CircuitState) {}
}

#[cfg(not(feature = "metrics"))]
pub(crate) use disabled::*;
#[cfg(feature = "metrics")]
pub(crate) use enabled::*;
