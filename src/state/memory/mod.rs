//! The state in this process. Calls use it by default, and while a shared store does not answer.

mod bucket;
mod cache;
mod circuits;
mod queue;
mod state_store;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use cache::MemoryCache;
pub(crate) use cache::PutToken;
pub(crate) use circuits::Circuits;
pub(crate) use queue::{PendingReport, QuotaQueue, TenantQueues};
use tokio::time::Instant;

use super::{
    TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness},
    circuit::CircuitSettings,
    lease::{LeaseDecision, LeaseTable},
};
use crate::sync::{lock, millis};

/// Number of tenants above which idle ones are removed.
const SWEEP_THRESHOLD: usize = 1_024;

/// Breakers, quotas, cached responses and leases in this process's memory.
///
/// Several clients share it through [`Store::shared`](super::Store::shared):
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::state::{MemoryStore, Store};
///
/// let memory = Arc::new(MemoryStore::new(8 << 20));
/// let store = Store::shared(memory, 1 << 20);
/// # let _ = store;
/// ```
pub struct MemoryStore {
    epoch: Instant,
    circuits: Mutex<TenantMap<Circuits>>,
    queues: Mutex<TenantMap<TenantQueues>>,
    cache: MemoryCache,
    leases: Mutex<LeaseTable>,
}

/// A value for each tenant.
struct TenantMap<T> {
    values: HashMap<TenantId, Arc<T>>,
    sweep_at: usize,
}

impl<T> Default for TenantMap<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), sweep_at: SWEEP_THRESHOLD }
    }
}

impl<T> TenantMap<T> {
    /// Returns the value of `tenant`, and creates it if need be. If there are many tenants, first removes the values that are
    /// idle and that no client holds.
    fn get(&mut self, tenant: TenantId, new: impl FnOnce() -> T, is_idle: impl Fn(&T) -> bool) -> Arc<T> {
        if let Some(value) = self.values.get(&tenant) {
            return Arc::clone(value);
        }
        if self.values.len() >= self.sweep_at {
            self.values.retain(|_, value| Arc::strong_count(value) > 1 || !is_idle(value));
            self.sweep_at = (self.values.len() * 2).max(SWEEP_THRESHOLD);
        }
        let new = Arc::new(new());
        self.values.insert(tenant, Arc::clone(&new));
        new
    }

    /// Removes the value of `tenant`, if it is idle and no client holds it.
    fn forget(&mut self, tenant: &TenantId, is_idle: impl Fn(&T) -> bool) {
        if self.values.get(tenant).is_some_and(|value| Arc::strong_count(value) == 1 && is_idle(value)) {
            self.values.remove(tenant);
        }
    }
}

impl MemoryStore {
    /// Creates a store that caches at most `cache_bytes` bytes of responses.
    #[must_use]
    pub fn new(cache_bytes: u64) -> Self {
        Self {
            epoch: Instant::now(),
            circuits: Mutex::default(),
            queues: Mutex::default(),
            cache: MemoryCache::new(cache_bytes),
            leases: Mutex::default(),
        }
    }

    /// Time on the store's clock in milliseconds. It pauses with tokio's clock.
    pub(crate) fn now(&self) -> u64 {
        self.millis_at(Instant::now())
    }

    /// Time on the store's clock at an instant.
    pub(crate) fn millis_at(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.epoch).as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// Returns the breakers of a tenant. The first call sets their settings.
    pub(crate) fn circuits(&self, tenant: TenantId, settings: CircuitSettings) -> Arc<Circuits> {
        lock(&self.circuits).get(tenant, || Circuits::new(settings), Circuits::is_pristine)
    }

    /// Returns the queues of a tenant.
    pub(crate) fn queues(&self, tenant: TenantId) -> Arc<TenantQueues> {
        let now = self.now();
        lock(&self.queues).get(tenant, TenantQueues::default, |queues| queues.is_idle(now))
    }

    /// Removes the state of a tenant without clients, unless it has something to keep: that is removed when it is idle and
    /// there are many tenants.
    pub(crate) fn forget(&self, tenant: &TenantId) {
        let now = self.now();
        lock(&self.circuits).forget(tenant, Circuits::is_pristine);
        lock(&self.queues).forget(tenant, |queues| queues.is_idle(now));
    }

    pub(crate) fn lookup(&self, key: &CacheKey) -> CacheLookup {
        self.cache.lookup(key, self.now())
    }

    /// Returns the response under a key, and the token with which a newer one is stored.
    pub(crate) fn lookup_for_fetch(&self, key: &CacheKey, tags: &[String]) -> (CacheLookup, PutToken) {
        self.cache.lookup_for_fetch(key, tags, self.now())
    }

    pub(crate) fn store_response(
        &self,
        key: CacheKey,
        response: Arc<CachedResponse>,
        token: impl Into<PutToken>,
        freshness: Freshness,
    ) {
        self.cache.put(key, response, token.into(), freshness, self.now());
    }

    /// Invalidates every response of a tenant that has one of these tags.
    pub(crate) fn invalidate_tags(&self, tenant: &TenantId, tags: &[String]) {
        self.cache.invalidate(tenant, tags);
    }

    pub(crate) fn acquire_lease(&self, name: &str, ttl: Duration) -> LeaseDecision {
        lock(&self.leases).acquire(name, millis(ttl), self.now())
    }

    pub(crate) fn renew_lease(&self, name: &str, token: u64, ttl: Duration) -> bool {
        lock(&self.leases).renew(name, token, millis(ttl), self.now())
    }

    pub(crate) fn release_lease(&self, name: &str, token: u64, note: Option<&str>) -> bool {
        lock(&self.leases).release(name, token, note, self.now())
    }

    pub(crate) fn clear_cache(&self) {
        self.cache.clear();
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::circuit::HealthSignal;

    #[tokio::test(start_paused = true)]
    async fn idle_tenants_are_removed() {
        let store = MemoryStore::new(1 << 20);
        let held = store.queues(TenantId::new("base", &["held"]));
        for n in 0..10_000 {
            store.queues(TenantId::new("base", &[&n.to_string()]));
        }
        assert!(lock(&store.queues).values.len() <= 2 * SWEEP_THRESHOLD);
        assert!(Arc::ptr_eq(&held, &store.queues(TenantId::new("base", &["held"]))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_without_clients_is_forgotten_unless_it_has_state_to_keep() {
        let store = MemoryStore::new(0);
        let settings = CircuitSettings {
            failure_threshold: 2,
            success_threshold: 1,
            open_duration: Duration::from_secs(60),
            max_probes: 1,
        };
        let (held, idle, failing) = ["held", "idle", "failing"].map(|name| TenantId::new("base", &[name])).into();
        let handles = (store.queues(held), store.circuits(held, settings));
        for tenant in [idle, failing] {
            store.queues(tenant);
            store.circuits(tenant, settings);
        }
        store.circuits(failing, settings).with_tenant(|circuit| circuit.record_external(HealthSignal::Failure, 0));
        for tenant in [held, idle, failing] {
            store.forget(&tenant);
        }
        let left = |tenant| {
            (lock(&store.queues).values.contains_key(tenant), lock(&store.circuits).values.contains_key(tenant))
        };
        assert_eq!([left(&held), left(&idle), left(&failing)], [(true, true), (false, false), (false, true)]);
        drop(handles);
        store.forget(&held);
        assert_eq!(left(&held), (false, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_breaker_with_state_is_not_removed() {
        let store = MemoryStore::new(1 << 20);
        let settings = CircuitSettings {
            failure_threshold: 1,
            success_threshold: 1,
            open_duration: Duration::from_secs(60),
            max_probes: 1,
        };
        let tenant = |name: &str| TenantId::new("base", &[name]);
        store
            .circuits(tenant("failing"), settings)
            .with_tenant(|circuit| circuit.record_external(HealthSignal::Failure, 0));
        store
            .circuits(tenant("one fails"), settings)
            .with("get_me", 0, |circuit| circuit.record_external(HealthSignal::Failure, 0));
        for n in 0..10_000 {
            store.circuits(tenant(&n.to_string()), settings);
        }
        assert!(lock(&store.circuits).values.len() <= 2 * SWEEP_THRESHOLD);
        for name in ["failing", "one fails"] {
            assert!(!store.circuits(tenant(name), settings).is_pristine());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operations_breaker_exists_only_while_it_has_state_to_keep() {
        let store = MemoryStore::new(0);
        let settings = CircuitSettings {
            failure_threshold: 2,
            success_threshold: 1,
            open_duration: Duration::from_secs(60),
            max_probes: 1,
        };
        let circuits = store.circuits(TenantId::new("base", &["key"]), settings);
        let record = |signal, now| circuits.with("get_me", now, |circuit| circuit.record_external(signal, now));
        record(HealthSignal::Success, 0);
        record(HealthSignal::Ignored, 0);
        assert!(!circuits.has_operations());
        record(HealthSignal::Failure, 1);
        assert!(circuits.has_operations() && circuits.snapshots(1).operations.len() == 1);
        record(HealthSignal::Success, 2);
        assert!(!circuits.has_operations() && circuits.snapshots(2).operations.is_empty());
        // The same holds after an outage.
        record(HealthSignal::Failure, 3);
        record(HealthSignal::Failure, 4);
        let probe = circuits.admit("get_me", 70_000).unwrap().unwrap();
        circuits.with("get_me", 70_000, |circuit| circuit.record(probe, HealthSignal::Success, 70_000));
        assert!(!circuits.has_operations());
    }
}
