//! Waiting for a lease, keeping it while its holder works, and giving it back however the holder ends.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    lease::{Lease, LeaseAnswer, LeaseStore},
    memory::MemoryStore,
    shared::Shared,
};
use crate::sync::lock;

/// How long a lease lasts if it is not renewed: so long do others wait for a process that died.
const TTL: Duration = Duration::from_secs(3);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(1);
/// The waits between two questions for a name that another holder has.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));
/// How long a store of the user's own may take for a step.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long such a store is left alone after a step that failed.
const LEFT_ALONE: u64 = 250;

/// Where leases are taken: in this process's memory, and in a store that is shared with others if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) there: Option<LeaseHome>,
}

/// A store that other processes use too.
#[derive(Clone, Debug)]
pub(crate) enum LeaseHome {
    /// The one that all state is shared in.
    Shared(Shared),
    /// One of the user's own.
    Own(OwnLeases),
}

/// A user's store behind a guard: a step that fails or takes too long is as good as no store.
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

    async fn ask<T>(&self, question: impl Future<Output = Result<T, crate::state::StoreError>>) -> Option<T> {
        if self.memory.now() < self.away_until.load(Ordering::Acquire) {
            return None;
        }
        match timeout(PATIENCE, question).await {
            Ok(Ok(answer)) => Some(answer),
            failed => {
                let error = failed.map(|answer| answer.err());
                tracing::warn!(?error, "the store of leases does not answer: going on without it");
                self.away_until.store(self.memory.now() + LEFT_ALONE, Ordering::Release);
                None
            }
        }
    }
}

impl LeaseHome {
    async fn acquire(&self, name: &str) -> Option<LeaseAnswer> {
        match self {
            Self::Shared(shared) => shared.acquire_lease(name.to_owned(), TTL).await,
            Self::Own(own) => own.ask(own.store.acquire(name, TTL)).await,
        }
    }

    async fn renew(&self, name: &str, token: u64) -> Option<bool> {
        match self {
            Self::Shared(shared) => shared.renew_lease(name, token, TTL).await,
            Self::Own(own) => own.ask(own.store.renew(name, token, TTL)).await,
        }
    }

    async fn release(&self, name: &str, token: u64, note: Option<&str>) {
        match self {
            Self::Shared(shared) => _ = shared.release_lease(name, token, note).await,
            Self::Own(own) => _ = own.ask(own.store.release(name, token, note)).await,
        }
    }
}

impl Leases {
    /// Takes `name`, waiting until `deadline` for whoever has it. `None` if it was never free.
    ///
    /// `shared` says whether other processes may know the name; a store that is away is as good as none.
    pub(crate) async fn acquire(&self, name: &str, shared: bool, deadline: Instant) -> Option<HeldLease> {
        let mut wait = ASK_AGAIN.0;
        loop {
            let asked = Instant::now();
            let there = self.there.as_ref().filter(|_| shared);
            let (answer, home) = match there {
                Some(home) => match home.acquire(name).await {
                    Some(answer) => (answer, Some(home.clone())),
                    None => (self.here(name), None),
                },
                None => (self.here(name), None),
            };
            match answer {
                LeaseAnswer::Granted(lease) => {
                    return Some(HeldLease::new(self.memory.clone(), home, name.to_owned(), lease, asked));
                }
                LeaseAnswer::Held { expires_in } => {
                    let pause = wait.min(expires_in.max(Duration::from_millis(1)));
                    if Instant::now() + pause >= deadline {
                        tokio::time::sleep_until(deadline).await;
                        return None;
                    }
                    sleep(pause).await;
                    wait = (wait * 2).min(ASK_AGAIN.1);
                }
            }
        }
    }

    fn here(&self, name: &str) -> LeaseAnswer {
        self.memory.acquire_lease(name, TTL)
    }
}

/// A lease that is kept alive until this is dropped; then it is given back, with the note that was left.
#[derive(Debug)]
pub(crate) struct HeldLease {
    place: Arc<Place>,
    lease: Lease,
    note: Mutex<Option<String>>,
    renewal: AbortHandle,
}

#[derive(Debug)]
struct Place {
    memory: Arc<MemoryStore>,
    /// Nothing if it is held in this process's memory.
    home: Option<LeaseHome>,
    name: String,
    token: u64,
    /// Until when it is surely held, in the memory store's milliseconds.
    until: AtomicU64,
    lost: AtomicBool,
}

impl HeldLease {
    fn new(memory: Arc<MemoryStore>, home: Option<LeaseHome>, name: String, lease: Lease, asked: Instant) -> Self {
        let until = AtomicU64::new(memory.millis(asked + TTL));
        let place = Arc::new(Place { memory, home, name, token: lease.token, until, lost: AtomicBool::new(false) });
        let renewal = tokio::spawn(keep(Arc::clone(&place))).abort_handle();
        Self { place, lease, note: Mutex::new(None), renewal }
    }

    /// What was granted.
    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Whether it is shared with other processes, and surely held.
    pub(crate) fn excludes_others(&self) -> bool {
        self.place.home.is_some() && self.place.is_held()
    }

    /// What the next holder will find.
    pub(crate) fn leave(&self, note: Option<String>) {
        *lock(&self.note) = note;
    }
}

impl Place {
    fn is_held(&self) -> bool {
        !self.lost.load(Ordering::Acquire) && self.memory.now() < self.until.load(Ordering::Acquire)
    }
}

async fn keep(place: Arc<Place>) {
    loop {
        sleep(RENEW).await;
        let asked = Instant::now();
        let renewed = match &place.home {
            Some(home) => home.renew(&place.name, place.token).await,
            None => Some(place.memory.renew_lease(&place.name, place.token, TTL)),
        };
        match renewed {
            Some(true) => place.until.store(place.memory.millis(asked + TTL), Ordering::Release),
            // Granted to another holder since, or forgotten: what was exclusive is so no more.
            Some(false) => return place.lost.store(true, Ordering::Release),
            None => {}
        }
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        self.renewal.abort();
        let note = lock(&self.note).take();
        let place = Arc::clone(&self.place);
        let Some(home) = place.home.clone() else {
            place.memory.release_lease(&place.name, place.token, note.as_deref());
            return;
        };
        // Without a runtime it runs out by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { home.release(&place.name, place.token, note.as_deref()).await });
        }
    }
}

#[cfg(test)]
mod tests;
