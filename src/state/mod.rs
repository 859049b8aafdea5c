//! Where breaker, limiter and cache keep what they know, and where the leases on idempotency keys are held: in this process,
//! or shared between processes through Redis.
//!
//! A [`Store`] holds all of it. [`LeaseStore`] is the part that a program can implement for a store of its own.

pub(crate) mod circuit;
mod future;
pub(crate) mod kept;
pub(crate) mod lease;
mod lease_check;
mod lease_guard;
mod lease_home;
pub(crate) mod memory;
pub(crate) mod quota;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod scope;
mod shared;
mod store;

use std::sync::Arc;

pub use circuit::CircuitState;
pub(crate) use circuit::{CircuitView, CircuitViews};
pub use future::{StoreError, StoreFuture};
pub use lease::{Lease, LeaseAnswer, LeaseStore};
pub use lease_check::check_lease_store;
pub(crate) use lease_guard::{HeldLease, Leases};
use lease_home::{LeaseHome, OwnLeases};
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub(crate) use scope::Scope;
pub(crate) use shared::Shared;
pub use store::StateStore;
pub(crate) use store::{CircuitId, LaneId};

use crate::sync::Background;

/// Where a client keeps its state: in memory, or in memory and in a store that it shares with other processes.
///
/// Clients that are given clones of one store share it.
#[derive(Debug, Clone)]
pub struct Store {
    memory: Arc<MemoryStore>,
    shared: Option<Shared>,
    leases: Option<OwnLeases>,
}

impl Store {
    /// In this process's memory, with at most `cache_bytes` of answers. The default, with what
    /// [`Config::cache`](crate::Config::cache) says.
    #[must_use]
    pub fn memory(cache_bytes: u64) -> Self {
        Self { memory: Arc::new(MemoryStore::new(cache_bytes)), shared: None, leases: None }
    }

    /// In `shared`; in this process's memory only while that does not answer.
    #[must_use]
    pub fn shared(shared: Arc<dyn StateStore>, cache_bytes: u64) -> Self {
        let memory = Arc::new(MemoryStore::new(cache_bytes));
        Self { shared: Some(Shared::new(shared, Arc::clone(&memory))), memory, leases: None }
    }

    /// On the Redis server at `url` (see [`RedisStore::open`]), with at most `cache_bytes` of answers in this process's
    /// memory while the server does not answer.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used.
    #[cfg(feature = "redis")]
    pub fn redis(url: &str, cache_bytes: u64) -> crate::Result<Self> {
        Ok(Self::shared(Arc::new(RedisStore::open(url)?), cache_bytes))
    }

    /// The same, with leases in a store of the caller's own: see [`LeaseStore`].
    ///
    /// What is leased is each idempotency key that [`calcom::service`](crate::service) books under, so that two processes
    /// do not work on one key at once. Default: the shared store if there is one, else this process's memory.
    #[must_use]
    pub fn with_leases(mut self, leases: Arc<dyn LeaseStore>) -> Self {
        self.leases = Some(OwnLeases::new(leases, Arc::clone(&self.memory)));
        self
    }

    pub(crate) fn leases(&self) -> Leases {
        let own = self.leases.clone().map(LeaseHome::Own);
        let there = own.or_else(|| self.shared.clone().map(LeaseHome::Shared));
        Leases { memory: Arc::clone(&self.memory), there, background: Background::default() }
    }

    pub(crate) fn here(&self) -> &MemoryStore {
        &self.memory
    }

    pub(crate) fn there(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }
}
