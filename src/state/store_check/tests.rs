use std::sync::Mutex;

use super::*;
use crate::state::{CircuitSnapshots, LeaseDecision, LeaseStore, MemoryStore, QuotaGrant, QuotaSnapshots, StoreFuture};

/// A store that breaks one rule.
#[derive(Debug)]
struct BrokenStore {
    memory: MemoryStore,
    fault: Fault,
    /// The admission that is still taken after a transition.
    admission: Mutex<Option<Admission>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    IsAway,
    NeverOpens,
    StaysOpen,
    OpensForever,
    MixesBreakers,
    MixesOperations,
    ReportsClosed,
    HasNoOpenTime,
    IgnoresResets,
    KeepsTheGeneration,
    ProbesWithoutBound,
    TakesOldOutcomes,
    IgnoresLimits,
    MixesQuotas,
    ShowsNoLimits,
    KeepsTheQuota,
    CountsNothing,
    KeepsGrants,
    ForgetsResponses,
    ChangesResponses,
    MixesResponses,
    IgnoresInvalidations,
    StoresOldResponses,
    NeverExpires,
}

impl BrokenStore {
    fn new(fault: Fault) -> Self {
        Self { memory: MemoryStore::new(1 << 20), fault, admission: Mutex::default() }
    }

    /// The breaker of this id, or one that several ids share by mistake.
    fn circuit(&self, circuit: &CircuitId) -> CircuitId {
        let mut circuit = circuit.clone();
        match self.fault {
            Fault::MixesBreakers => circuit.tenant = TenantId::new("mixed", &[]),
            Fault::MixesOperations => circuit.operation = None,
            Fault::NeverOpens => circuit.settings.failure_threshold = u32::MAX,
            Fault::OpensForever => circuit.settings.open_duration = LONG * 2,
            Fault::StaysOpen if circuit.settings.open_duration == SHORT => circuit.settings.open_duration = LONG,
            Fault::ProbesWithoutBound => circuit.settings.max_probes = u32::MAX,
            _ => {}
        }
        circuit
    }

    fn quota(&self, quota: &QuotaId) -> QuotaId {
        let tenant = if self.fault == Fault::MixesQuotas { TenantId::new("mixed", &[]) } else { quota.tenant };
        QuotaId { tenant, ..*quota }
    }

    fn key(&self, key: &CacheKey) -> CacheKey {
        match self.fault {
            Fault::MixesResponses => CacheKey::new(TenantId::new("mixed", &[]), key.name.clone()),
            _ => key.clone(),
        }
    }

    fn seen(&self, mut snapshots: CircuitSnapshots) -> CircuitSnapshots {
        match self.fault {
            Fault::ReportsClosed => snapshots.tenant.state = CircuitState::Closed,
            Fault::HasNoOpenTime => snapshots.tenant.open_for = Duration::ZERO,
            Fault::KeepsTheGeneration => snapshots.tenant.generation = 1,
            _ => {}
        }
        snapshots
    }
}

impl StateStore for BrokenStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        let away = self.fault == Fault::IsAway;
        Box::pin(async move { if away { Err(StoreError("nothing listens".to_owned())) } else { Ok(()) } })
    }

    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        Box::pin(async move {
            let (admission, snapshots) = self.memory.admit(&self.circuit(circuit)).await?;
            if let Ok(admission) = admission {
                *self.admission.lock().unwrap() = Some(admission);
            }
            Ok((admission, self.seen(snapshots)))
        })
    }

    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        mut admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots> {
        Box::pin(async move {
            if self.fault == Fault::TakesOldOutcomes {
                admission = self.admission.lock().unwrap().unwrap_or(admission);
            }
            Ok(self.seen(self.memory.record_circuit(&self.circuit(circuit), admission, signal).await?))
        })
    }

    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        Box::pin(async move { Ok(self.seen(self.memory.inspect_circuit(&self.circuit(circuit)).await?)) })
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        match self.fault {
            Fault::IgnoresResets => self.inspect_circuit(circuit),
            _ => Box::pin(async move { Ok(self.seen(self.memory.reset_circuit(&self.circuit(circuit)).await?)) }),
        }
    }

    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        exported: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)> {
        Box::pin(async move {
            let (decision, count) = self.memory.acquire_quota(&self.quota(quota), exported, rule).await?;
            Ok((decision, if self.fault == Fault::CountsNothing { 0 } else { count }))
        })
    }

    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut feedback = feedback.cloned();
            match (self.fault, &mut feedback) {
                (Fault::KeepsGrants, None) => return Ok(()),
                (Fault::IgnoresLimits, Some(feedback)) => feedback.limits.clear(),
                _ => {}
            }
            self.memory.record_quota(&self.quota(quota), grant, feedback.as_ref()).await
        })
    }

    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.fault == Fault::KeepsTheQuota { Ok(()) } else { self.memory.reset_quota(tenant).await }
        })
    }

    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
        Box::pin(async move {
            let known = self.memory.inspect_quota(tenant).await?;
            Ok(if self.fault == Fault::ShowsNoLimits { QuotaSnapshots::default() } else { known })
        })
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
        Box::pin(async move {
            let (found, versions) = StateStore::lookup(&self.memory, &self.key(key), tags).await?;
            let found = match found {
                CacheLookup::Fresh(_) if self.fault == Fault::ForgetsResponses => CacheLookup::Missing,
                CacheLookup::Fresh(_) if self.fault == Fault::ChangesResponses => {
                    let body = Bytes::from_static(b"{ }");
                    CacheLookup::Fresh(Arc::new(CachedResponse::from_parts(200, Vec::new(), body)))
                }
                found => found,
            };
            Ok((found, versions))
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        tags: &'a [String],
        versions: &'a TagVersions,
        mut freshness: Freshness,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let key = self.key(key);
            let mut versions = versions.clone();
            match self.fault {
                Fault::NeverExpires => freshness.fresh_for = LONG,
                Fault::StoresOldResponses => versions = StateStore::lookup(&self.memory, &key, tags).await?.1,
                _ => {}
            }
            self.memory.put(&key, response, tags, &versions, freshness).await
        })
    }

    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.fault == Fault::IgnoresInvalidations { Ok(()) } else { self.memory.invalidate(tenant, tags).await }
        })
    }
}

impl LeaseStore for BrokenStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.memory.acquire(name, ttl)
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.memory.renew(name, token, ttl)
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.memory.release(name, token, note)
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_follows_the_rules() {
    check_state_store(&MemoryStore::new(1 << 20), "k").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_breaks_a_rule_gets_the_rule_as_the_error() {
    for (fault, rule) in [
        (Fault::IsAway, "nothing listens"),
        (Fault::NeverOpens, "a breaker opens after its failures"),
        (Fault::OpensForever, "says for how long"),
        (Fault::MixesBreakers, "the breakers of two tenants do not affect each other"),
        (Fault::MixesOperations, "the breaker of an operation is not that of its tenant"),
        (Fault::ReportsClosed, "an open breaker is reported as open"),
        (Fault::HasNoOpenTime, "an open breaker reports how long it stays open"),
        (Fault::IgnoresResets, "a reset closes the breaker"),
        (Fault::KeepsTheGeneration, "each transition changes the generation"),
        (Fault::StaysOpen, "a breaker admits a probe after its open time"),
        (Fault::ProbesWithoutBound, "no more probes in flight than allowed"),
        (Fault::TakesOldOutcomes, "an outcome from before a transition has no effect after it"),
        (Fault::IgnoresLimits, "an exhausted quota grants nothing"),
        (Fault::MixesQuotas, "the quotas of two tenants do not affect each other"),
        (Fault::ShowsNoLimits, "a reported limit is shown"),
        (Fault::KeepsTheQuota, "a reset discards what was reported"),
        (Fault::CountsNothing, "a grant counts as a request in flight"),
        (Fault::KeepsGrants, "a grant whose request was not sent is granted again"),
        (Fault::ForgetsResponses, "a stored response is fresh, and unchanged"),
        (Fault::ChangesResponses, "a stored response is fresh, and unchanged"),
        (Fault::MixesResponses, "a tenant is never given the response of another"),
        (Fault::IgnoresInvalidations, "an invalidation makes the responses of its tags stale"),
        (Fault::StoresOldResponses, "requested before an invalidation is not fresh after it"),
        (Fault::NeverExpires, "a response is not fresh after its time"),
    ] {
        let StoreError(text) = check_state_store(&BrokenStore::new(fault), "k").await.unwrap_err();
        assert!(text.contains(rule), "{fault:?}: {text}");
    }
}
