//! The memory store as a [`StateStore`]: clients of one process share it as they would share a server.

use std::{future::ready, sync::Arc, time::Duration};

use super::{Circuits, MemoryStore};
use crate::state::{
    TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
    circuit::{Admission, CircuitRejection, CircuitSnapshots, HealthSignal},
    future::StoreFuture,
    lease::{LeaseDecision, LeaseStore},
    quota::{QuotaDecision, QuotaFeedback, QuotaGrant, QuotaRule, QuotaSnapshots},
    store::{CircuitId, QuotaId, StateStore},
};

impl MemoryStore {
    fn on_circuits<'a, T: Send + 'a>(
        &self,
        id: &CircuitId,
        act: impl FnOnce(&Circuits, u64) -> T,
    ) -> StoreFuture<'a, (T, CircuitSnapshots)> {
        let now = self.now();
        let circuits = self.circuits(id.tenant, id.settings);
        let result = act(&circuits, now);
        Box::pin(ready(Ok((result, circuits.snapshots(now)))))
    }
}

impl LeaseStore for MemoryStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        Box::pin(ready(Ok(self.acquire_lease(name, ttl))))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.renew_lease(name, token, ttl))))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.release_lease(name, token, note))))
    }
}

impl StateStore for MemoryStore {
    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        self.on_circuits(circuit, |circuits, now| match circuit.operation {
            None => circuits.with_tenant(|circuit| circuit.admit(now)),
            Some(operation) => {
                circuits.admit(operation, now).map(|admission| admission.unwrap_or(Admission::UNTRACKED))
            }
        })
    }

    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots> {
        snapshots(self.on_circuits(circuit, |circuits, now| match circuit.operation {
            None => circuits.with_tenant(|circuit| circuit.record(admission, signal, now)),
            Some(operation) => circuits.with(operation, now, |circuit| circuit.record(admission, signal, now)),
        }))
    }

    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        snapshots(self.on_circuits(circuit, |_, _| ()))
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        snapshots(self.on_circuits(circuit, |circuits, _| circuits.reset()))
    }

    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        _: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)> {
        let queues = self.queues(quota.tenant);
        let queue = queues.queue(quota);
        let decision = queues.try_acquire(&queue, rule, self.now());
        let in_flight = queue.with(|quota| quota.in_flight());
        Box::pin(ready(Ok((decision, in_flight))))
    }

    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()> {
        let now = self.now();
        self.queues(quota.tenant).queue(quota).with(|quota| match (grant, feedback) {
            (Some(grant), Some(feedback)) => quota.complete(grant, feedback, now),
            (Some(_), None) => quota.cancel(),
            (None, Some(feedback)) => quota.record(now, feedback, now),
            (None, None) => {}
        });
        Box::pin(ready(Ok(())))
    }

    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
        self.queues(*tenant).reset();
        Box::pin(ready(Ok(())))
    }

    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
        let snapshots = self.queues(*tenant).snapshots(self.now());
        Box::pin(ready(Ok(snapshots)))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
        let (lookup, token) = self.lookup_for_fetch(key, tags);
        Box::pin(ready(Ok((lookup, token.versions))))
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        _: &'a [String],
        versions: &'a TagVersions,
        freshness: Freshness,
    ) -> StoreFuture<'a, ()> {
        self.store_response(key.clone(), Arc::clone(response), versions.clone(), freshness);
        Box::pin(ready(Ok(())))
    }

    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
        self.invalidate_tags(tenant, tags);
        Box::pin(ready(Ok(())))
    }
}

fn snapshots<'a, T: Send + 'a>(result: StoreFuture<'a, (T, CircuitSnapshots)>) -> StoreFuture<'a, CircuitSnapshots> {
    Box::pin(async move { result.await.map(|(_, snapshots)| snapshots) })
}
