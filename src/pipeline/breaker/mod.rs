//! The circuit breaker: rejects requests while the service is down, and records the health that each call observes.
//!
//! Calls without a response open the tenant's circuit. Calls that end with 5xx open the circuit of their operation only. The
//! rules are those of [`Circuit`](crate::state::circuit::Circuit).
//!
//! With a shared store the breakers in the store decide. Their state is read at most every [`SNAPSHOT_TTL`]; while one is known
//! to be open, calls are rejected at once and the state is read in the background. The breakers in this process record the same
//! signals, and decide while the store is unavailable.

mod atomic_state;
mod health;
mod remote;
mod report;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    pipeline::observe::{events, metrics},
    state::{
        CircuitId, CircuitSnapshot, CircuitSnapshots, CircuitState, Store,
        circuit::{Admission, Circuit, HealthSignal},
        memory::Circuits,
    },
    sync::lock,
};
use atomic_state::AtomicState;
pub(crate) use health::Health;
use health::{AdmissionSource, RequestAdmissions};
pub use report::{CircuitTransition, OperationCircuit};

/// The age up to which a snapshot of the shared breakers is used.
const SNAPSHOT_TTL: Duration = Duration::from_millis(25);

/// Called on every transition of a circuit.
pub(crate) type CircuitHook = Arc<dyn Fn(CircuitTransition) + Send + Sync>;

/// The rejection of a request by an open circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CircuitOpen {
    pub(crate) retry_after: Duration,
}

impl CircuitOpen {
    fn after(millis: u64) -> Self {
        Self { retry_after: Duration::from_millis(millis) }
    }
}

/// The circuit breakers of a tenant. Clones share them.
#[derive(Clone)]
pub(crate) struct Breaker(Arc<Inner>);

struct Inner {
    enabled: bool,
    id: CircuitId,
    store: Store,
    local: Arc<Circuits>,
    remote: Mutex<RemoteSnapshot>,
    /// Held by the one call that refreshes the snapshot.
    refreshing: tokio::sync::Mutex<()>,
    hook: Option<CircuitHook>,
    /// The last reported state of the tenant's breaker.
    last: AtomicState,
    /// The last reported state of the operations' breakers that were not closed.
    last_of_operations: Mutex<HashMap<&'static str, CircuitState>>,
}

/// The state of the shared breakers when they were read last.
struct RemoteSnapshot {
    snapshots: CircuitSnapshots,
    read_at: Instant,
}

impl Breaker {
    pub(crate) fn new(store: Store, id: CircuitId, enabled: bool, hook: Option<CircuitHook>) -> Self {
        let local = store.local().circuits(id.tenant, id.settings);
        let snapshots = CircuitSnapshots { tenant: CircuitSnapshot::CLOSED, operations: Vec::new() };
        // Expired from the start: nothing was read yet.
        let read_at = Instant::now().checked_sub(SNAPSHOT_TTL).unwrap_or_else(Instant::now);
        Self(Arc::new(Inner {
            enabled,
            id,
            local,
            remote: Mutex::new(RemoteSnapshot { snapshots, read_at }),
            refreshing: tokio::sync::Mutex::default(),
            hook,
            last: AtomicState::default(),
            last_of_operations: Mutex::default(),
            store,
        }))
    }

    /// Acquires a permit for one request of `operation`, if the breakers in this process decide and admit it.
    pub(crate) fn try_acquire(&self, now: Instant, operation: &'static str) -> Option<BreakerPermit<'_>> {
        if !self.0.enabled {
            return Some(BreakerPermit::disabled(operation));
        }
        if self.0.store.remote().is_some_and(|shared| !shared.is_unavailable()) {
            return None;
        }
        self.acquire_local(now, operation).ok()
    }

    /// Acquires a permit for one request of `operation`. Returns [`CircuitOpen`] with the time until the next probe is
    /// admitted.
    pub(crate) async fn acquire(
        &self,
        now: Instant,
        operation: &'static str,
    ) -> Result<BreakerPermit<'_>, CircuitOpen> {
        if !self.0.enabled {
            return Ok(BreakerPermit::disabled(operation));
        }
        if let Some(shared) = self.0.store.remote().filter(|shared| !shared.is_unavailable())
            && let Some(admitted) = Box::pin(self.acquire_remote(shared, operation)).await
        {
            return admitted.map(|admissions| BreakerPermit::of(self, operation, AdmissionSource::Remote, admissions));
        }
        self.acquire_local(now, operation)
    }

    fn acquire_local(&self, now: Instant, operation: &'static str) -> Result<BreakerPermit<'_>, CircuitOpen> {
        let rejection = |rejection: crate::state::circuit::CircuitRejection| CircuitOpen::after(rejection.retry_after);
        let tenant = self.with_local(now, Circuit::admit).map_err(rejection)?;
        let mut admissions = RequestAdmissions { tenant, operation: None };
        if self.0.local.has_operations() {
            let millis = self.0.store.local().millis_at(now);
            let admitted = self.0.local.admit(operation, millis);
            self.notify_operations(millis);
            match admitted {
                Ok(admission) => admissions.operation = admission,
                Err(error) => {
                    self.with_local(now, |circuit, now| circuit.record(tenant, HealthSignal::Ignored, now));
                    return Err(rejection(error));
                }
            }
        }
        Ok(BreakerPermit::of(self, operation, AdmissionSource::Local, admissions))
    }

    /// Applies `act` to the tenant's breaker in this process, and reports a transition.
    fn with_local<T>(&self, now: Instant, act: impl FnOnce(&mut Circuit, u64) -> T) -> T {
        let now = self.0.store.local().millis_at(now);
        let (done, transition) = self.0.local.with_tenant(|circuit| {
            let done = act(circuit, now);
            // Under the breaker's lock: a thread that is late would report an earlier state as a new one.
            (done, self.transition_to(circuit.observe(now)))
        });
        transition.into_iter().for_each(|change| self.report_transition(change));
        done
    }

    /// Records the health that a call observed, and releases its admissions.
    fn record(
        &self,
        operation: &'static str,
        source: AdmissionSource,
        admissions: RequestAdmissions,
        health: Health,
        now: Instant,
    ) {
        let local = &self.0.local;
        let (tenant_signal, operation_signal) = health.signals();
        match source {
            AdmissionSource::Local => {
                self.with_local(now, |circuit, now| circuit.record(admissions.tenant, tenant_signal, now))
            }
            AdmissionSource::Remote => {
                let now = self.0.store.local().millis_at(now);
                local.with_tenant(|circuit| circuit.record_external(tenant_signal, now));
            }
        }
        if operation_signal == HealthSignal::Failure || local.has_operations() {
            self.record_operation(operation, source, admissions.operation, operation_signal, now);
        }
        if source == AdmissionSource::Remote {
            self.record_remote(operation, admissions, tenant_signal, operation_signal);
        }
    }

    #[cold]
    fn record_operation(
        &self,
        operation: &'static str,
        source: AdmissionSource,
        admission: Option<Admission>,
        signal: HealthSignal,
        now: Instant,
    ) {
        let now = self.0.store.local().millis_at(now);
        self.0.local.with(operation, now, |circuit| match source {
            AdmissionSource::Local => circuit.record(admission.unwrap_or(Admission::UNTRACKED), signal, now),
            AdmissionSource::Remote => circuit.record_external(signal, now),
        });
        if source == AdmissionSource::Local {
            self.notify_operations(now);
        }
    }

    /// Records the state of the tenant's circuit. Returns the transition, if it has changed.
    fn transition_to(&self, to: CircuitState) -> Option<CircuitTransition> {
        self.0.last.change(to).map(|from| CircuitTransition { operation: None, from, to })
    }

    /// Reports the operations' circuits in this process that have changed.
    fn notify_operations(&self, now: u64) {
        // Read under the lock of what was reported last: a late thread would report an earlier state as a new one.
        let changes = self.operation_transitions(|| self.0.local.snapshots(now));
        changes.into_iter().for_each(|change| self.report_transition(change));
    }

    /// Records the states of the operations' circuits. Returns the transitions of those that have changed.
    fn operation_transitions(&self, snapshots: impl FnOnce() -> CircuitSnapshots) -> Vec<CircuitTransition> {
        let mut last = lock(&self.0.last_of_operations);
        let snapshots = snapshots();
        if last.is_empty() && snapshots.operations.is_empty() {
            return Vec::new();
        }
        let state_of = |operation| snapshots.operation(operation).map_or(CircuitState::Closed, |view| view.state);
        let mut changes = Vec::new();
        last.retain(|operation, from| {
            let to = state_of(operation);
            if to != *from {
                changes.push(CircuitTransition { operation: Some(operation), from: *from, to });
                *from = to;
            }
            to != CircuitState::Closed
        });
        for (operation, view) in &snapshots.operations {
            if view.state != CircuitState::Closed && !last.contains_key(operation) {
                changes.push(CircuitTransition {
                    operation: Some(operation),
                    from: CircuitState::Closed,
                    to: view.state,
                });
                last.insert(operation, view.state);
            }
        }
        changes
    }

    #[cold]
    fn report_transition(&self, change: CircuitTransition) {
        let CircuitTransition { operation, from, to } = change;
        metrics::circuit(&self.0.id.tenant, operation, to);
        events::circuit(&self.0.id.tenant, operation, [from, to]);
        if let Some(hook) = &self.0.hook {
            hook(change);
        }
    }

    /// The state of the breakers, from the shared store if there is one.
    async fn snapshots(&self) -> CircuitSnapshots {
        if let Some(shared) = self.0.store.remote()
            && let Some(snapshots) = shared.inspect_circuit(&self.0.id).await
        {
            self.update_snapshot(snapshots.clone());
            return snapshots;
        }
        self.0.local.snapshots(self.0.store.local().now())
    }

    /// The state of the tenant's circuit.
    pub(crate) async fn state(&self) -> CircuitState {
        self.snapshots().await.tenant.state
    }

    /// The operations whose breakers are not closed, by name.
    pub(crate) async fn open_operations(&self) -> Vec<OperationCircuit> {
        let snapshots = self.snapshots().await.operations.into_iter();
        let open = snapshots.filter(|(_, view)| view.state != CircuitState::Closed);
        open.map(|(operation, view)| OperationCircuit { operation, state: view.state, retry_after: view.open_for })
            .collect()
    }

    /// Closes all circuits, and deletes their failure counts.
    pub(crate) async fn reset(&self) {
        self.0.local.reset();
        let remote = match self.0.store.remote() {
            Some(shared) => shared.reset_circuit(&self.0.id).await,
            None => None,
        };
        match remote {
            Some(snapshots) => self.update_snapshot(snapshots),
            None => {
                self.with_local(Instant::now(), |_, _| ());
                self.notify_operations(self.0.store.local().now());
            }
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshots = self.0.local.snapshots(self.0.store.local().now());
        f.debug_struct("Breaker")
            .field("id", &self.0.id)
            .field("state", &snapshots.tenant.state)
            .finish_non_exhaustive()
    }
}

/// The right to send one request. On drop it is released without a health signal.
#[derive(Debug)]
#[must_use]
pub(crate) struct BreakerPermit<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    source: AdmissionSource,
    admissions: RequestAdmissions,
}

impl<'a> BreakerPermit<'a> {
    fn of(
        breaker: &'a Breaker,
        operation: &'static str,
        source: AdmissionSource,
        admissions: RequestAdmissions,
    ) -> Self {
        Self { breaker: Some(breaker), operation, source, admissions }
    }

    /// The permit of a disabled breaker.
    fn disabled(operation: &'static str) -> Self {
        Self {
            breaker: None,
            operation,
            source: AdmissionSource::Local,
            admissions: RequestAdmissions { tenant: Admission::UNTRACKED, operation: None },
        }
    }

    /// Releases the permit at `now`, and records the health that the call observed.
    pub(crate) fn complete(mut self, health: Health, now: Instant) {
        if let Some(breaker) = self.breaker.take() {
            breaker.record(self.operation, self.source, self.admissions, health, now);
        }
    }

    /// Releases the permit of an attempt that another may follow. Only the last attempt of a call counts, so that its health
    /// is recorded later.
    #[cold]
    pub(crate) fn defer(self, health: Health) -> DeferredReport<'a> {
        DeferredReport {
            breaker: self.breaker,
            operation: self.operation,
            source: self.source,
            admissions: self.admissions,
            health,
        }
    }

    /// Drops the permit without releasing it: another permit holds its admissions.
    fn disarm(mut self) {
        self.breaker = None;
    }
}

impl Drop for BreakerPermit<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.record(self.operation, self.source, self.admissions, Health::Unknown, Instant::now());
        }
    }
}

/// The health that an attempt observed, which counts if no other attempt follows.
#[derive(Debug)]
#[must_use]
pub(crate) struct DeferredReport<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    source: AdmissionSource,
    admissions: RequestAdmissions,
    health: Health,
}

impl DeferredReport<'_> {
    /// Records the health: the attempt was the last of its call.
    pub(crate) fn report(self, now: Instant) {
        if let Some(breaker) = self.breaker {
            breaker.record(self.operation, self.source, self.admissions, self.health, now);
        }
    }
}

#[cfg(test)]
mod tests;
