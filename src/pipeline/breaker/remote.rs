//! The breakers of a shared store. They are read at most every [`SNAPSHOT_TTL`] while they are closed, and only signals that
//! can change them are sent.

use tokio::time::Instant;

use super::{
    Breaker, BreakerPermit, CircuitOpen, RemoteSnapshot, SNAPSHOT_TTL,
    health::{AdmissionSource, RequestAdmissions},
};
use crate::{
    state::{
        CircuitId, CircuitSnapshot, CircuitSnapshots, CircuitState, GuardedStore,
        circuit::{Admission, HealthSignal},
    },
    sync::{lock, spawn},
};

impl Breaker {
    /// Acquires the admissions of the shared breakers. `None` if the store does not answer.
    pub(super) async fn acquire_remote(
        &self,
        shared: &GuardedStore,
        operation: &'static str,
    ) -> Option<Result<RequestAdmissions, CircuitOpen>> {
        loop {
            let (tenant, own, read_at) = {
                let snapshot = lock(&self.0.remote);
                (snapshot.snapshots.tenant, snapshot.snapshots.operation(operation), snapshot.read_at)
            };
            let age = read_at.elapsed();
            let left = [Some(tenant), own].into_iter().flatten().map(|view| view.open_for.saturating_sub(age)).max();
            if let Some(retry_after) = left.filter(|left| !left.is_zero()) {
                if age >= SNAPSHOT_TTL {
                    self.refresh_in_background();
                }
                return Some(Err(CircuitOpen { retry_after }));
            }
            if age < SNAPSHOT_TTL || tenant.state != CircuitState::Closed {
                return self.query_remote(shared, operation, tenant, own).await;
            }
            let _refreshing = self.0.refreshing.lock().await;
            if lock(&self.0.remote).read_at.elapsed() >= SNAPSHOT_TTL {
                let snapshots = shared.inspect_circuit(&self.0.id).await?;
                self.update_snapshot(snapshots);
            }
        }
    }

    /// Asks the store for an admission of each of the two breakers that is not closed.
    async fn query_remote(
        &self,
        shared: &GuardedStore,
        operation: &'static str,
        tenant: CircuitSnapshot,
        own: Option<CircuitSnapshot>,
    ) -> Option<Result<RequestAdmissions, CircuitOpen>> {
        let is_closed = |view: &CircuitSnapshot| view.state == CircuitState::Closed;
        let mut admissions =
            RequestAdmissions { tenant: Admission { generation: tenant.generation, probe: 0 }, operation: None };
        if !is_closed(&tenant) {
            let (admitted, snapshots) = shared.admit(&self.0.id).await?;
            self.update_snapshot(snapshots);
            match admitted {
                Ok(admission) => admissions.tenant = admission,
                Err(rejection) => return Some(Err(CircuitOpen::after(rejection.retry_after))),
            }
        }
        let Some(own) = own else { return Some(Ok(admissions)) };
        admissions.operation = Some(Admission { generation: own.generation, probe: 0 });
        if !is_closed(&own) {
            // Releases the tenant's admission if the store does not answer, or the operation's breaker rejects the request.
            let permit = BreakerPermit::of(
                self,
                operation,
                AdmissionSource::Remote,
                RequestAdmissions { operation: None, ..admissions },
            );
            let (admitted, snapshots) = shared.admit(&self.id_of(operation)).await?;
            self.update_snapshot(snapshots);
            match admitted {
                Ok(admission) => admissions.operation = Some(admission),
                Err(rejection) => return Some(Err(CircuitOpen::after(rejection.retry_after))),
            }
            permit.disarm();
        }
        Some(Ok(admissions))
    }

    /// Uses what the store has answered, and reports the circuits that have changed.
    pub(super) fn update_snapshot(&self, snapshots: CircuitSnapshots) {
        let changes = {
            let mut known = lock(&self.0.remote);
            if is_overtaken(&snapshots.tenant, &known) {
                return;
            }
            let mut changes = self.operation_transitions(|| snapshots.clone());
            changes.extend(self.transition_to(snapshots.tenant.state));
            *known = RemoteSnapshot { snapshots, read_at: Instant::now() };
            changes
        };
        changes.into_iter().for_each(|change| self.report_transition(change));
    }

    fn id_of(&self, operation: &'static str) -> CircuitId {
        CircuitId { operation: Some(operation), ..self.0.id.clone() }
    }

    /// Begins to read the shared breakers, if that is due and they were closed when they were read last. Returns whether it did:
    /// then a permit can be acquired after the answer.
    pub(in crate::pipeline) fn begin_refresh(&self) -> bool {
        if !self.0.enabled || self.0.store.remote().is_none_or(GuardedStore::is_unavailable) {
            return false;
        }
        let is_due = {
            let RemoteSnapshot { snapshots, read_at } = &*lock(&self.0.remote);
            let views = snapshots.operations.iter().map(|(_, view)| view).chain([&snapshots.tenant]);
            read_at.elapsed() >= SNAPSHOT_TTL && views.into_iter().all(|view| view.state == CircuitState::Closed)
        };
        if is_due {
            self.refresh_in_background();
        }
        is_due
    }

    fn refresh_in_background(&self) {
        let Ok(reading) = self.0.refreshing.try_lock() else { return };
        drop(reading);
        let breaker = self.clone();
        spawn(async move {
            let Ok(_refreshing) = breaker.0.refreshing.try_lock() else { return };
            if let Some(shared) = breaker.0.store.remote()
                && let Some(snapshots) = shared.inspect_circuit(&breaker.0.id).await
            {
                breaker.update_snapshot(snapshots);
            }
        });
    }

    pub(super) fn record_remote(
        &self,
        operation: &'static str,
        admissions: RequestAdmissions,
        tenant_signal: HealthSignal,
        operation_signal: HealthSignal,
    ) {
        let Some(shared) = self.0.store.remote() else { return };
        let (tenant, own) = {
            let snapshot = lock(&self.0.remote);
            (snapshot.snapshots.tenant, snapshot.snapshots.operation(operation))
        };
        // A success changes a closed circuit only if failures were counted before it.
        let is_relevant = |admission: Admission, signal: HealthSignal, snapshot: CircuitSnapshot| {
            admission.probe != 0
                || signal == HealthSignal::Failure
                || (signal == HealthSignal::Success
                    && (snapshot.state != CircuitState::Closed || snapshot.has_failures))
        };
        let record = |id: CircuitId, admission: Admission, signal: HealthSignal| {
            let breaker = self.clone();
            shared.record_circuit(id, admission, signal, move |snapshots| breaker.update_snapshot(snapshots));
        };
        if is_relevant(admissions.tenant, tenant_signal, tenant) {
            record(self.0.id.clone(), admissions.tenant, tenant_signal);
        }
        let admission = admissions.operation.unwrap_or(Admission::UNTRACKED);
        if is_relevant(admission, operation_signal, own.unwrap_or(CircuitSnapshot::CLOSED)) {
            record(self.id_of(operation), admission, operation_signal);
        }
    }
}

/// Whether another answer has overtaken this one, which is of an earlier state. A store that was emptied counts generations anew.
fn is_overtaken(tenant: &CircuitSnapshot, known: &RemoteSnapshot) -> bool {
    let order = |view: &CircuitSnapshot| (view.generation, view.state == CircuitState::HalfOpen);
    order(tenant) < order(&known.snapshots.tenant) && known.read_at.elapsed() < SNAPSHOT_TTL
}
