//! Where breaker, limiter and cache keep what they know: in this process, or shared between processes through Redis.
//!
//! The rules live in bare state machines (`circuit`, `quota`); a [`Store`] holds them. What a request does with their
//! answers is the pipeline's business.

pub(crate) mod circuit;
pub(crate) mod kept;
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
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub(crate) use scope::Scope;
pub(crate) use shared::Shared;
pub(crate) use store::{CircuitId, LaneId};
pub use store::{StateStore, StoreError, StoreFuture};

/// Where a client keeps its state: in memory, or in memory and in a store that it shares with other processes.
///
/// Clients that are given clones of one store share it.
#[derive(Debug, Clone)]
pub struct Store {
    memory: Arc<MemoryStore>,
    shared: Option<Shared>,
}

impl Store {
    /// In this process's memory, with at most `cache_bytes` of answers. The default, with what
    /// [`Config::cache`](crate::Config::cache) says.
    #[must_use]
    pub fn memory(cache_bytes: u64) -> Self {
        Self { memory: Arc::new(MemoryStore::new(cache_bytes)), shared: None }
    }

    /// In `shared`; in this process's memory only while that does not answer.
    #[must_use]
    pub fn shared(shared: Arc<dyn StateStore>, cache_bytes: u64) -> Self {
        let memory = Arc::new(MemoryStore::new(cache_bytes));
        Self { shared: Some(Shared::new(shared, Arc::clone(&memory))), memory }
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

    pub(crate) fn here(&self) -> &MemoryStore {
        &self.memory
    }

    pub(crate) fn there(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }
}
