//! Events of what waits and of what decides: the limiter, the circuit breakers, the booking service. The fields are made only
//! if a subscriber takes the event.

use tokio::time::Instant;

use crate::{
    state::{CircuitState, Scope},
    sync::millis,
};

/// Enough of a tenant's hash to tell tenants apart.
pub(crate) fn short(scope: &Scope) -> String {
    scope.to_string().chars().take(8).collect()
}

/// Why a request waits for the limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitReason {
    /// Others that came before it wait.
    Queue,
    /// The quota is used up until its window, or a block, ends.
    Quota,
    /// What is left of the quota depends on requests that are not answered yet.
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

/// One wait for the limiter. Its event comes when it ends, also if the call is dropped meanwhile.
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

    /// Goes on with `wait` if its reason is the same, else ends it and begins another.
    pub(crate) fn go_on(wait: &mut Option<Self>, operation: &'static str, reason: WaitReason) {
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

/// A circuit has changed. `operation` is empty for the tenant's.
#[cold]
pub(crate) fn circuit(scope: &Scope, operation: Option<&'static str>, [from, to]: [CircuitState; 2]) {
    tracing::info!(
        target: "calcom::breaker", tenant = short(scope).as_str(), operation, from = from.as_str(), to = to.as_str(),
        "circuit breaker"
    );
}

/// A decision of the booking service.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "service"), allow(dead_code))]
pub(crate) struct Decision {
    /// What is known, as a row of the service's table.
    pub(crate) state: &'static str,
    pub(crate) action: &'static str,
    /// How it ended, if the action ends it.
    pub(crate) outcome: Option<&'static str>,
    /// How often the request was sent so far.
    pub(crate) sends: u32,
}

/// Reports a decision on what `key` names: a hash, asked for only if it is shown.
#[cfg_attr(not(feature = "service"), allow(dead_code))]
pub(crate) fn decision(key: impl FnOnce() -> String, decision: Decision) {
    let Decision { state, action, outcome, sends } = decision;
    tracing::debug!(target: "calcom::service", key = key().as_str(), state, action, outcome, sends, "decision");
}
