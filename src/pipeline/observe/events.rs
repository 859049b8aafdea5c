//! Events of the limiter, the circuit breakers and the booking service. Their fields are made only if a subscriber takes
//! the event.

use tokio::time::Instant;

use crate::{
    state::{CircuitState, TenantId},
    sync::millis,
};

/// The beginning of a tenant's hash, enough to distinguish tenants.
pub(crate) fn short_id(tenant: &TenantId) -> String {
    tenant.to_string().chars().take(8).collect()
}

/// Why a request waits for the limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitReason {
    /// Other requests came before it and are waiting.
    Queue,
    /// The quota is exhausted until its window, or a block, ends.
    Quota,
    /// The rest of the quota depends on requests in flight.
    InFlight,
}

impl WaitReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Quota => "quota",
            Self::InFlight => "in_flight",
        }
    }
}

/// One wait for the limiter. The event is sent when it ends, also if the call is dropped.
#[derive(Debug)]
pub(crate) struct LimiterWait {
    operation: &'static str,
    reason: WaitReason,
    began: Instant,
}

impl LimiterWait {
    pub(crate) fn begin(operation: &'static str, reason: WaitReason) -> Self {
        Self { operation, reason, began: Instant::now() }
    }

    /// Continues `wait` if its reason is the same, else ends it and begins another.
    pub(crate) fn restart_if_changed(wait: &mut Option<Self>, operation: &'static str, reason: WaitReason) {
        if wait.as_ref().is_none_or(|wait| wait.reason != reason) {
            *wait = Some(Self::begin(operation, reason));
        }
    }
}

impl Drop for LimiterWait {
    fn drop(&mut self) {
        let Self { operation, reason, began } = self;
        tracing::debug!(
            target: "calcom::limiter", operation, reason = reason.as_str(), wait_ms = millis(began.elapsed()), "limiter wait"
        );
    }
}

/// Reports a transition of a circuit. `operation` is `None` for the tenant's.
#[cold]
pub(crate) fn circuit(tenant: &TenantId, operation: Option<&'static str>, [from, to]: [CircuitState; 2]) {
    tracing::info!(
        target: "calcom::breaker", tenant = short_id(tenant).as_str(), operation, from = from.as_str(), to = to.as_str(),
        "circuit breaker"
    );
}

/// A decision of the booking service.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "service"), allow(dead_code))]
pub(crate) struct Decision {
    /// The state, a row of the service's table.
    pub(crate) state: &'static str,
    pub(crate) action: &'static str,
    /// The outcome, if the action ends the call.
    pub(crate) outcome: Option<&'static str>,
    /// The number of times that the request was sent.
    pub(crate) sends: u32,
}

/// Reports a decision about `key`. The closure returns its hash, and is called only if the event is taken.
#[cfg_attr(not(feature = "service"), allow(dead_code))]
pub(crate) fn decision(key: impl FnOnce() -> String, decision: Decision) {
    let Decision { state, action, outcome, sends } = decision;
    tracing::debug!(target: "calcom::service", key = key().as_str(), state, action, outcome, sends, "decision");
}
