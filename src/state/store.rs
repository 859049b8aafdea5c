//! What a store shared between processes must be able to do. Every step is atomic and uses the store's own clock, so that
//! processes whose clocks differ agree.

use std::{fmt, sync::Arc};

use super::{
    TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
    circuit::{Admission, CircuitRejection, CircuitSettings, CircuitSnapshots, HealthSignal},
    future::StoreFuture,
    lease::LeaseStore,
    quota::{QuotaDecision, QuotaFeedback, QuotaGrant, QuotaRule, QuotaSnapshots},
};

/// Identifies a circuit breaker and carries its settings.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use calcom::{
///     CircuitState,
///     state::{CircuitId, CircuitSettings, HealthSignal, MemoryStore, StateStore, StoreError, TenantId},
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let open_duration = Duration::from_secs(60);
/// let circuit = CircuitId {
///     key_prefix: Arc::from("calcom:circuit:state"),
///     tenant: TenantId::new("https://api.cal.com", &["key", "cal_live_xxxxxxxxxxxxxx"]),
///     operation: None,
///     settings: CircuitSettings { failure_threshold: 1, success_threshold: 1, open_duration, max_probes: 1 },
/// };
/// let store = MemoryStore::new(0);
/// let Ok(admission) = store.admit(&circuit).await?.0 else { panic!("a closed breaker admits requests") };
/// // The request fails, which opens the breaker. The next request is rejected.
/// let snapshots = store.record_circuit(&circuit, admission, HealthSignal::Failure).await?;
/// assert_eq!(snapshots.tenant.state, CircuitState::Open);
/// let (answer, snapshots) = store.admit(&circuit).await?;
/// assert!(answer.is_err_and(|rejection| rejection.retry_after <= 60_000));
/// assert!(snapshots.tenant.open_for <= open_duration && snapshots.operations.is_empty());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitId {
    /// Prefix of its key in the store; the [documented](crate::model#the-documented-interface) one is
    /// `calcom:circuit:state`.
    pub key_prefix: Arc<str>,
    /// Its tenant.
    pub tenant: TenantId,
    /// Its operation; `None` for the breaker of all of the tenant's requests.
    pub operation: Option<&'static str>,
    /// Its settings.
    pub settings: CircuitSettings,
}

/// Identifies a quota: the one of all of a tenant's requests, or the one of an operation with limits of its own.
///
/// ```
/// use std::time::Duration;
///
/// use calcom::state::{
///     MemoryStore, QuotaDecision, QuotaFeedback, QuotaId, QuotaRule, StateStore, StoreError, TenantId,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let tenant = TenantId::new("https://api.cal.com", &["key", "cal_live_xxxxxxxxxxxxxx"]);
/// let quota = QuotaId { tenant, operation: None };
/// let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };
/// let store = MemoryStore::new(0);
/// let QuotaDecision::Granted(grant) = store.acquire_quota(&quota, "", &rule).await?.0 else { panic!("no grant") };
/// // The response is 429 with `Retry-After: 30`. The next request has to wait.
/// let feedback = QuotaFeedback { status: Some(429), limits: vec![], retry_after: Some(Duration::from_secs(30)) };
/// store.record_quota(&quota, Some(grant), Some(&feedback)).await?;
/// let decision = store.acquire_quota(&quota, "", &rule).await?.0;
/// assert!(matches!(decision, QuotaDecision::RetryAfter(millis) if millis > 25_000));
/// let snapshots = store.inspect_quota(&tenant).await?;
/// assert!(snapshots[0].1.exhausted_for.is_some());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaId {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its operation, if that has limits of its own.
    pub operation: Option<&'static str>,
}

/// Storage of circuit breakers, quotas, cached responses and leases that several clients share.
///
/// [`MemoryStore`](super::MemoryStore) shares them among the clients of one process, and `RedisStore` (feature `redis`) among
/// processes. A program can implement it on a store of its own; [`LeaseStore`] alone is enough for
/// [exactly once](crate::service) across processes. [`check_state_store`](super::check_state_store) checks an implementation.
///
/// Rules for every step:
///
/// - It is atomic, and uses one clock, that of the store.
/// - It answers within 100 ms. While a step fails or takes longer, the process's own memory replaces the store: no call fails
///   because of it.
/// - Tenants share nothing. A [`TenantId`] is a hash, from which no credential can be read; its text can be a key.
/// - Everything expires: a breaker after its open time, a quota after its windows, a response after its freshness and the time
///   for which it can be confirmed.
///
/// A store that shares cached responses only, and leaves the other state to the process:
///
/// ```
/// use std::{collections::HashMap, future::ready, sync::{Arc, Mutex}, time::{Duration, Instant}};
///
/// use calcom::state::*;
///
/// /// Stands for a cache on a server, with the time at which a response stops being fresh.
/// #[derive(Debug)]
/// struct OwnCache {
///     responses: Mutex<HashMap<String, (Arc<CachedResponse>, TagVersions, Instant)>>,
///     versions: Mutex<HashMap<String, u64>>,
///     memory: MemoryStore,
/// }
///
/// impl OwnCache {
///     fn versions(&self, tenant: &TenantId, tags: &[String]) -> TagVersions {
///         let versions = self.versions.lock().unwrap();
///         let version = |tag| versions.get(&format!("{tenant}:{tag}")).copied().unwrap_or_default();
///         TagVersions(tags.iter().map(version).collect())
///     }
/// }
///
/// impl StateStore for OwnCache {
///     fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
///         let current = self.versions(&key.tenant, tags);
///         let found = match self.responses.lock().unwrap().get(&key.to_string()) {
///             None => CacheLookup::Missing,
///             Some((response, versions, until)) if *versions == current && Instant::now() < *until => {
///                 CacheLookup::Fresh(response.clone())
///             }
///             Some((response, ..)) => CacheLookup::Stale(response.clone()),
///         };
///         Box::pin(ready(Ok((found, current))))
///     }
///
///     fn put<'a>(
///         &'a self, key: &'a CacheKey, response: &'a Arc<CachedResponse>, _: &'a [String],
///         versions: &'a TagVersions, freshness: Freshness,
///     ) -> StoreFuture<'a, ()> {
///         let entry = (response.clone(), versions.clone(), Instant::now() + freshness.fresh_for);
///         self.responses.lock().unwrap().insert(key.to_string(), entry);
///         Box::pin(ready(Ok(())))
///     }
///
///     fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
///         let mut versions = self.versions.lock().unwrap();
///         tags.iter().for_each(|tag| *versions.entry(format!("{tenant}:{tag}")).or_default() += 1);
///         Box::pin(ready(Ok(())))
///     }
///
///     // The other steps are those of the memory.
///     fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
///         self.memory.admit(circuit)
///     }
///     // ...
/// #   fn record_circuit<'a>(&'a self, circuit: &'a CircuitId, admission: Admission, signal: HealthSignal) -> StoreFuture<'a, CircuitSnapshots> {
/// #       self.memory.record_circuit(circuit, admission, signal)
/// #   }
/// #   fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
/// #       self.memory.inspect_circuit(circuit)
/// #   }
/// #   fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
/// #       self.memory.reset_circuit(circuit)
/// #   }
/// #   fn acquire_quota<'a>(&'a self, quota: &'a QuotaId, exported: &'a str, rule: &'a QuotaRule) -> StoreFuture<'a, (QuotaDecision, u64)> {
/// #       self.memory.acquire_quota(quota, exported, rule)
/// #   }
/// #   fn record_quota<'a>(&'a self, quota: &'a QuotaId, grant: Option<QuotaGrant>, feedback: Option<&'a QuotaFeedback>) -> StoreFuture<'a, ()> {
/// #       self.memory.record_quota(quota, grant, feedback)
/// #   }
/// #   fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
/// #       self.memory.reset_quota(tenant)
/// #   }
/// #   fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
/// #       self.memory.inspect_quota(tenant)
/// #   }
/// }
///
/// impl LeaseStore for OwnCache {
///     fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
///         self.memory.acquire(name, ttl)
///     }
///     fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
///         self.memory.renew(name, token, ttl)
///     }
///     fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
///         self.memory.release(name, token, note)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let own = OwnCache { responses: Mutex::default(), versions: Mutex::default(), memory: MemoryStore::new(0) };
/// check_state_store(&own, "a name that nothing else uses").await?;
/// let store = Store::shared(Arc::new(own), 1 << 20);
/// # let _ = store;
/// # Ok(()) }
/// ```
pub trait StateStore: LeaseStore + fmt::Debug + Send + Sync + 'static {
    /// Checks that the store answers; by default it does.
    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Drops the connection, if there is one: it may be broken. The next step opens another. By default nothing is dropped.
    fn reconnect(&self) {}

    /// Asks a breaker to admit one request.
    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)>;

    /// Takes an admission back and records the outcome of its request.
    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots>;

    /// Reads the state of a tenant's breakers.
    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots>;

    /// Closes a tenant's breakers.
    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots>;

    /// Asks for a grant of a quota. Returns the decision, and the number of requests in flight in all processes. A store that
    /// has no state of the quota starts from `exported`, the state of the caller's process. It is JSON with times in milliseconds
    /// from now: `{"blocked": 0, "windows": [{"name": "default", "limit": 120, "used": 7, "ends": 31000, "length": 60000}]}`.
    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        exported: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)>;

    /// Takes a grant back and records the feedback of its response. Without feedback the request was not sent. Without a
    /// grant the request was sent under another quota.
    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()>;

    /// Discards what the service has reported of a tenant's quotas. Requests in flight stay counted.
    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()>;

    /// Reads the state of a tenant's quotas, without those that have none.
    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots>;

    /// Looks a response up. Returns the current versions of its tags too, also of a fresh one: a call can ask for a newer one,
    /// which is stored with them.
    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)>;

    /// Stores a response, unless one of its tags has been invalidated since `versions` was read.
    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        tags: &'a [String],
        versions: &'a TagVersions,
        freshness: Freshness,
    ) -> StoreFuture<'a, ()>;

    /// Invalidates every response of a tenant that has one of these tags.
    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()>;
}
