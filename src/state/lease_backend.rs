//! The stores through which processes share leases, with guards: a step that fails or takes too long has no result.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::{
    future::StoreError,
    guarded_store::GuardedStore,
    lease::{LeaseDecision, LeaseStore},
    memory::MemoryStore,
};
use crate::sync::spawn;

/// How long a lease lasts if it is not renewed, and so how long others wait for a process that crashed.
pub(super) const LEASE_TTL: Duration = Duration::from_secs(3);
/// Time limit of a step of a custom store.
pub(super) const STEP_TIMEOUT: Duration = Duration::from_millis(100);
/// How long a custom store is not asked after a failed step, in milliseconds.
const COOLDOWN_MILLIS: u64 = 250;

/// A store of leases that other processes use too.
#[derive(Clone, Debug)]
pub(crate) enum LeaseBackend {
    /// The store that all state is shared in.
    Shared(GuardedStore),
    /// A store that the program implements.
    Custom(CustomLeaseStore),
}

/// A store that the program implements, with its guard.
#[derive(Clone, Debug)]
pub(crate) struct CustomLeaseStore {
    store: Arc<dyn LeaseStore>,
    memory: Arc<MemoryStore>,
    unavailable_until: Arc<AtomicU64>,
}

impl CustomLeaseStore {
    pub(crate) fn new(store: Arc<dyn LeaseStore>, memory: Arc<MemoryStore>) -> Self {
        Self { store, memory, unavailable_until: Arc::default() }
    }

    /// Runs a step in a task, so that a step that panics or hangs is a failed step. A result that arrives too late, or after
    /// the caller was dropped, goes to `on_abandoned`.
    async fn step<T, F, L>(
        &self,
        step: impl FnOnce(Arc<dyn LeaseStore>) -> F,
        on_abandoned: impl FnOnce(Arc<dyn LeaseStore>, T) -> L + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
        L: Future<Output = ()> + Send,
    {
        if self.memory.now() < self.unavailable_until.load(Ordering::Acquire) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let (step, store) = (step(Arc::clone(&self.store)), Arc::clone(&self.store));
        spawn(async move {
            // A grant that arrives later has expired.
            let answer = timeout(LEASE_TTL, step).await.unwrap_or_else(|_| Err(StoreError("no answer".to_owned())));
            if let Err(Ok(answer)) = sender.send(answer) {
                on_abandoned(store, answer).await;
            }
        })?;
        let error = match timeout(STEP_TIMEOUT, receiver).await {
            Ok(Ok(Ok(answer))) => return Some(answer),
            Ok(Ok(Err(error))) => Some(error),
            Ok(Err(_)) | Err(_) => None,
        };
        tracing::warn!(target: "calcom::state", ?error, "the store of leases does not answer: going on without it");
        self.unavailable_until.store(self.memory.now() + COOLDOWN_MILLIS, Ordering::Release);
        None
    }

    async fn acquire(&self, name: &str) -> Option<LeaseDecision> {
        let (name, again) = (name.to_owned(), name.to_owned());
        let on_abandoned = async move |store: Arc<dyn LeaseStore>, answer| {
            if let LeaseDecision::Granted(lease) = answer {
                // If this fails, the lease expires.
                let _ = store.release(&again, lease.token, lease.note.as_deref()).await;
            }
        };
        self.step(|store| async move { store.acquire(&name, LEASE_TTL).await }, on_abandoned).await
    }

    async fn renew(&self, name: &str, token: u64) -> Option<bool> {
        let name = name.to_owned();
        self.step(|store| async move { store.renew(&name, token, LEASE_TTL).await }, |_, _| ready(())).await
    }

    async fn release(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        let (name, note) = (name.to_owned(), note.map(str::to_owned));
        let step = |store: Arc<dyn LeaseStore>| async move { store.release(&name, token, note.as_deref()).await };
        self.step(step, |_, _| ready(())).await
    }
}

impl LeaseBackend {
    /// Asks for a name. Returns `None` if the store does not answer.
    pub(super) async fn acquire(&self, name: &str) -> Option<LeaseDecision> {
        match self {
            Self::Shared(shared) => shared.acquire_lease(name.to_owned(), LEASE_TTL).await,
            Self::Custom(custom) => custom.acquire(name).await,
        }
    }

    pub(super) async fn renew(&self, name: &str, token: u64) -> Option<bool> {
        match self {
            Self::Shared(shared) => shared.renew_lease(name, token, LEASE_TTL).await,
            Self::Custom(custom) => custom.renew(name, token).await,
        }
    }

    pub(super) async fn release(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        match self {
            Self::Shared(shared) => shared.release_lease(name, token, note).await,
            Self::Custom(custom) => custom.release(name, token, note).await,
        }
    }
}
