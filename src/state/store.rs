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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaId {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its operation, if that has limits of its own.
    pub operation: Option<&'static str>,
}

mod sealed {
    /// Prevents implementations outside of this crate: new methods of the trait would break them.
    pub trait Sealed {}
}
pub(crate) use sealed::Sealed;

/// The built-in storage of circuit breakers, quotas, cached responses and leases; only this crate implements it.
///
/// Implemented by [`MemoryStore`](super::MemoryStore), for the clients of one process, and by `RedisStore` (feature `redis`),
/// for those of several. A program can implement
/// [`LeaseStore`] on its own.
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::state::{MemoryStore, StateStore, Store};
///
/// let shared: Arc<dyn StateStore> = Arc::new(MemoryStore::new(8 << 20));
/// let store = Store::shared(shared, 1 << 20);
/// # let _ = store;
/// ```
pub trait StateStore: Sealed + LeaseStore + fmt::Debug + Send + Sync + 'static {
    /// Checks that the store answers.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Drops the connection, if there is one: it may be broken. The next step opens another.
    fn reconnect(&self);

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
    /// has no state of the quota starts from `exported`, the state that the caller exports.
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

    /// Looks a response up. If it is not fresh, returns the current versions of its tags too.
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
