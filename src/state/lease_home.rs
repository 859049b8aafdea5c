//! The stores that leases are shared through, behind guards: a step that fails or takes too long is as good as no store.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Handle, sync::oneshot, time::timeout};

use super::{
    future::StoreError,
    lease::{LeaseAnswer, LeaseStore},
    memory::MemoryStore,
    shared::Shared,
};

/// How long a lease lasts if it is not renewed: so long do others wait for a process that died.
pub(super) const TTL: Duration = Duration::from_secs(3);
/// How long a store of the user's own may take for a step.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);
/// How long such a store is left alone after a step that failed, in milliseconds.
const LEFT_ALONE: u64 = 250;

/// A store that other processes use too.
#[derive(Clone, Debug)]
pub(crate) enum LeaseHome {
    /// The one that all state is shared in.
    Shared(Shared),
    /// One of the user's own.
    Own(OwnLeases),
}

/// A user's store behind a guard.
#[derive(Clone, Debug)]
pub(crate) struct OwnLeases {
    store: Arc<dyn LeaseStore>,
    memory: Arc<MemoryStore>,
    away_until: Arc<AtomicU64>,
}

impl OwnLeases {
    pub(crate) fn new(store: Arc<dyn LeaseStore>, memory: Arc<MemoryStore>) -> Self {
        Self { store, memory, away_until: Arc::default() }
    }

    /// Takes a step in a task, so that one that panics or hangs is no more than a step that failed. An answer that comes too
    /// late, or to a caller who has gone, goes to `late`.
    async fn step<T, F, L>(
        &self,
        step: impl FnOnce(Arc<dyn LeaseStore>) -> F,
        late: impl FnOnce(Arc<dyn LeaseStore>, T) -> L + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
        L: Future<Output = ()> + Send,
    {
        if self.memory.now() < self.away_until.load(Ordering::Acquire) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let (step, store) = (step(Arc::clone(&self.store)), Arc::clone(&self.store));
        Handle::try_current().ok()?.spawn(async move {
            // What is granted later than that has run out.
            let answer = timeout(TTL, step).await.unwrap_or_else(|_| Err(StoreError("no answer".to_owned())));
            if let Err(Ok(answer)) = sender.send(answer) {
                late(store, answer).await;
            }
        });
        let error = match timeout(PATIENCE, receiver).await {
            Ok(Ok(Ok(answer))) => return Some(answer),
            Ok(Ok(Err(error))) => Some(error),
            Ok(Err(_)) | Err(_) => None,
        };
        tracing::warn!(target: "calcom::state", ?error, "the store of leases does not answer: going on without it");
        self.away_until.store(self.memory.now() + LEFT_ALONE, Ordering::Release);
        None
    }

    async fn acquire(&self, name: &str) -> Option<LeaseAnswer> {
        let (name, again) = (name.to_owned(), name.to_owned());
        let late = async move |store: Arc<dyn LeaseStore>, answer| {
            if let LeaseAnswer::Granted(lease) = answer {
                // A step that fails leaves the lease to run out.
                let _ = store.release(&again, lease.token, lease.note.as_deref()).await;
            }
        };
        self.step(|store| async move { store.acquire(&name, TTL).await }, late).await
    }

    async fn renew(&self, name: &str, token: u64) -> Option<bool> {
        let name = name.to_owned();
        self.step(|store| async move { store.renew(&name, token, TTL).await }, |_, _| ready(())).await
    }

    async fn release(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        let (name, note) = (name.to_owned(), note.map(str::to_owned));
        let step = |store: Arc<dyn LeaseStore>| async move { store.release(&name, token, note.as_deref()).await };
        self.step(step, |_, _| ready(())).await
    }
}

impl LeaseHome {
    /// Asks for a name. Nothing if the store does not answer.
    pub(super) async fn acquire(&self, name: &str) -> Option<LeaseAnswer> {
        match self {
            Self::Shared(shared) => shared.acquire_lease(name.to_owned(), TTL).await,
            Self::Own(own) => own.acquire(name).await,
        }
    }

    pub(super) async fn renew(&self, name: &str, token: u64) -> Option<bool> {
        match self {
            Self::Shared(shared) => shared.renew_lease(name, token, TTL).await,
            Self::Own(own) => own.renew(name, token).await,
        }
    }

    pub(super) async fn release(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        match self {
            Self::Shared(shared) => shared.release_lease(name, token, note).await,
            Self::Own(own) => own.release(name, token, note).await,
        }
    }
}
