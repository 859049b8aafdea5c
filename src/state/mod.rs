//! Stores for the state of a client: circuit breaker, rate limiter and cache, and the leases on idempotency keys.
//!
//! A [`Store`] holds all of it, in this process or shared between processes through Redis. A program can implement
//! [`StateStore`] on a store of its own, or only [`LeaseStore`], the part that booking exactly once needs.
//!
//! ```no_run
//! use calcom::{ApiKey, Client, state::Store};
//!
//! # fn main() -> calcom::Result<()> {
//! // Two clients of one process that share breakers, quotas and cache. The cache holds at most 32 MiB.
//! let store = Store::memory(32 << 20);
//! let one = Client::builder().credentials(ApiKey::new("cal_live_...")).store(store.clone()).build()?;
//! let two = Client::builder().credentials(ApiKey::new("cal_live_...")).store(store).build()?;
//! # Ok(()) }
//! ```

pub(crate) mod cached_response;
pub(crate) mod circuit;
mod future;
mod guarded_store;
pub(crate) mod lease;
mod lease_backend;
mod lease_check;
mod lease_guard;
pub(crate) mod memory;
pub(crate) mod quota;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod store;
mod store_check;
mod tenant;

use std::sync::Arc;

pub use cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions};
pub use circuit::{
    Admission, CircuitRejection, CircuitSettings, CircuitSnapshot, CircuitSnapshots, CircuitState, HealthSignal,
};
pub use future::{StoreError, StoreFuture};
pub(crate) use guarded_store::GuardedStore;
pub use lease::{Lease, LeaseDecision, LeaseStore};
use lease_backend::{CustomLeaseStore, LeaseBackend};
pub use lease_check::check_lease_store;
pub(crate) use lease_guard::{LeaseGuard, Leases};
pub use memory::MemoryStore;
pub use quota::{QuotaDecision, QuotaFeedback, QuotaGrant, QuotaRule, QuotaSnapshot, QuotaSnapshots};
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use store::{CircuitId, QuotaId, StateStore};
pub use store_check::check_state_store;
pub use tenant::TenantId;

use crate::sync::TaskTracker;

/// Store of a client's state: in memory, or in a store that is shared with other processes, with memory as the fallback.
///
/// Clones are the same store. Clients that are given clones of one store share its state.
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::state::{MemoryStore, Store};
///
/// // Memory of this process, with at most 8 MiB of cached responses. By default a client has such a store with 32 MiB.
/// let store = Store::memory(8 << 20);
///
/// // Breakers, quotas, cache and leases that several clients of one process share.
/// let shared = Arc::new(MemoryStore::new(8 << 20));
/// let one = Store::shared(shared.clone(), 1 << 20);
/// let two = Store::shared(shared, 1 << 20);
/// # let _ = (store, one, two);
/// ```
#[derive(Debug, Clone)]
pub struct Store {
    memory: Arc<MemoryStore>,
    shared: Option<GuardedStore>,
    leases: Option<CustomLeaseStore>,
}

impl Store {
    /// Creates a store in this process's memory that caches at most `cache_bytes` bytes of responses. The default, with the
    /// size from [`Config::cache`](crate::Config::cache).
    #[must_use]
    pub fn memory(cache_bytes: u64) -> Self {
        Self { memory: Arc::new(MemoryStore::new(cache_bytes)), shared: None, leases: None }
    }

    /// Creates a store on `shared`. While `shared` does not answer, this process's memory replaces it, with at most
    /// `cache_bytes` bytes of responses.
    #[must_use]
    pub fn shared(shared: Arc<dyn StateStore>, cache_bytes: u64) -> Self {
        let memory = Arc::new(MemoryStore::new(cache_bytes));
        Self { shared: Some(GuardedStore::new(shared, Arc::clone(&memory))), memory, leases: None }
    }

    /// Creates a store on the Redis server at `url` (see [`RedisStore::open`]). While the server does not answer, this
    /// process's memory replaces it, with at most `cache_bytes` bytes of responses.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used.
    #[cfg(feature = "redis")]
    pub fn redis(url: &str, cache_bytes: u64) -> crate::Result<Self> {
        Ok(Self::shared(Arc::new(RedisStore::open(url)?), cache_bytes))
    }

    /// Keeps the leases in `leases` in place of this store: see [`LeaseStore`].
    ///
    /// Each idempotency key that [`calcom::service`](crate::service) books under is leased, so that two processes do not work
    /// on one key at once. Default: the shared store if there is one, otherwise this process's memory.
    #[must_use]
    pub fn with_leases(mut self, leases: Arc<dyn LeaseStore>) -> Self {
        self.leases = Some(CustomLeaseStore::new(leases, Arc::clone(&self.memory)));
        self
    }

    pub(crate) fn leases(&self) -> Leases {
        let custom = self.leases.clone().map(LeaseBackend::Custom);
        let shared = custom.or_else(|| self.shared.clone().map(LeaseBackend::Shared));
        Leases { memory: Arc::clone(&self.memory), shared, background: TaskTracker::default() }
    }

    /// The state in this process.
    pub(crate) fn local(&self) -> &MemoryStore {
        &self.memory
    }

    /// The state that is shared with other clients or processes.
    pub(crate) fn remote(&self) -> Option<&GuardedStore> {
        self.shared.as_ref()
    }
}
