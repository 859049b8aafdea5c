//! A store whose behaviour a test sets.

use std::sync::atomic::AtomicU8;

use super::*;
use crate::state::{future::StoreFuture, lease::LeaseStore};

/// A store that works, fails, or never answers, as a test sets it.
#[derive(Debug)]
pub(super) struct FaultyStore {
    pub(super) inner: MemoryStore,
    mode: AtomicU8,
    pub(super) queries: AtomicU8,
}

pub(super) const WORKS: u8 = 0;
pub(super) const FAILS: u8 = 1;
pub(super) const HANGS: u8 = 2;
pub(super) const LATE: u8 = 3;
pub(super) const REJECTS: u8 = 4;

impl FaultyStore {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { inner: MemoryStore::new(1 << 20), mode: AtomicU8::new(WORKS), queries: AtomicU8::new(0) })
    }

    pub(super) fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::Relaxed);
    }

    fn or<'a, T: Send + 'a>(
        &'a self,
        answer: impl FnOnce(&'a MemoryStore) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        match self.mode.load(Ordering::Relaxed) {
            WORKS => answer(&self.inner),
            FAILS | REJECTS => Box::pin(async { Err(StoreError("down".to_owned())) }),
            LATE => {
                let answer = answer(&self.inner);
                Box::pin(async {
                    sleep(2 * QUERY_TIMEOUT).await;
                    answer.await
                })
            }
            _ => Box::pin(std::future::pending()),
        }
    }
}

impl LeaseStore for FaultyStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.or(move |inner| inner.acquire(name, ttl))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.or(move |inner| inner.renew(name, token, ttl))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.or(move |inner| inner.release(name, token, note))
    }
}

impl StateStore for FaultyStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        if self.mode.load(Ordering::Relaxed) == REJECTS {
            return self.inner.ping();
        }
        self.or(|inner| inner.ping())
    }

    fn reconnect(&self) {}

    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        self.or(|inner| inner.admit(circuit))
    }

    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots> {
        self.or(|inner| inner.record_circuit(circuit, admission, signal))
    }

    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        self.or(|inner| inner.inspect_circuit(circuit))
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        self.or(|inner| inner.reset_circuit(circuit))
    }

    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        known: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)> {
        self.or(|inner| inner.acquire_quota(quota, known, rule))
    }

    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        answer: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.record_quota(quota, grant, answer))
    }

    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.reset_quota(tenant))
    }

    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
        self.or(|inner| inner.inspect_quota(tenant))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
        self.or(|inner| StateStore::lookup(inner, key, tags))
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        tags: &'a [String],
        versions: &'a TagVersions,
        freshness: Freshness,
    ) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.put(key, response, tags, versions, freshness))
    }

    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.invalidate(tenant, tags))
    }
}
