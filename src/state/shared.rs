//! A shared store behind a guard: whatever it does, no call fails or hangs because of it.
//!
//! Every question has 100 ms. The first that fails is warned of; from then on nobody asks, until a look every quarter of
//! a second finds the store back. What calls do meanwhile is the stations' business: they have the same state in memory.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::{
    MemoryStore, Scope,
    circuit::{Pass, Refused, Verdict},
    kept::{CacheKey, EVERYTHING, Kept, Lifetime, Lookup, Seen},
    memory::lock,
    quota::{Answer, Grant, QuotaRule, Turn},
    store::{CircuitId, CircuitView, LaneId, StateStore, StoreError, StoreFuture},
};

/// How long a question to the store may take.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a look for a store that is away may take; nobody waits for it.
const LOOK: Duration = Duration::from_secs(2);
/// How often a store that is away is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// More flushes than this are not remembered one by one while the store is away.
const MOST_FLUSHES: usize = 1_024;

#[derive(Clone)]
pub(crate) struct Shared(Arc<Guarded>);

struct Guarded {
    store: Arc<dyn StateStore>,
    memory: Arc<MemoryStore>,
    is_away: AtomicBool,
    /// What was written while the store was away: what it holds of these tags is stale when it is back.
    missed: Mutex<Vec<(Scope, Vec<String>)>>,
}

impl Shared {
    pub(crate) fn new(store: Arc<dyn StateStore>, memory: Arc<MemoryStore>) -> Self {
        Self(Arc::new(Guarded { store, memory, is_away: AtomicBool::new(false), missed: Mutex::default() }))
    }

    pub(crate) fn is_away(&self) -> bool {
        self.0.is_away.load(Ordering::Acquire)
    }

    /// The store's answer, or nothing: then go on without it.
    async fn ask<T>(&self, question: StoreFuture<'_, T>) -> Option<T> {
        if self.is_away() {
            return None;
        }
        match timeout(PATIENCE, question).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => self.lose(&error),
            Err(_) => self.lose(&StoreError(format!("no answer within {PATIENCE:?}"))),
        }
    }

    /// Does something at the store that nobody waits for.
    fn tell<F: Future<Output = ()> + Send + 'static>(&self, act: impl FnOnce(Self) -> F) {
        // Without a runtime there is nobody to do it, and no request either.
        if !self.is_away()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(act(self.clone()));
        }
    }

    fn lose<T>(&self, error: &StoreError) -> Option<T> {
        if !self.0.is_away.swap(true, Ordering::AcqRel) {
            tracing::warn!(%error, "the shared state store does not answer: going on with this process's own state");
            // What was put away here the last time the store was away may be stale by now.
            self.0.memory.clear_cache();
            let guarded = Arc::downgrade(&self.0);
            tokio::spawn(async move {
                loop {
                    sleep(LOOK_AGAIN).await;
                    let Some(guarded) = guarded.upgrade() else { return };
                    if guarded.is_back().await {
                        guarded.is_away.store(false, Ordering::Release);
                        tracing::info!("the shared state store answers again");
                        // A write may have come in between the last look and this.
                        guarded.is_back().await;
                        return;
                    }
                }
            });
        }
        None
    }

    pub(crate) async fn admit(&self, circuit: &CircuitId) -> Option<(Result<Pass, Refused>, CircuitView)> {
        self.ask(self.0.store.admit(circuit)).await
    }

    pub(crate) async fn view_circuit(&self, circuit: &CircuitId) -> Option<CircuitView> {
        self.ask(self.0.store.view_circuit(circuit)).await
    }

    pub(crate) async fn reset_circuit(&self, circuit: &CircuitId) -> Option<CircuitView> {
        self.ask(self.0.store.reset_circuit(circuit)).await
    }

    /// Gives a pass back; `then` learns how the breaker stands.
    pub(crate) fn settle_circuit(
        &self,
        circuit: CircuitId,
        pass: Pass,
        verdict: Verdict,
        then: impl FnOnce(CircuitView) + Send + 'static,
    ) {
        self.tell(|shared| async move {
            if let Some(view) = shared.ask(shared.0.store.settle_circuit(&circuit, pass, verdict)).await {
                then(view);
            }
        });
    }

    pub(crate) async fn ask_quota(&self, lane: &LaneId, known: &str, rule: &QuotaRule) -> Option<Turn> {
        self.ask(self.0.store.ask_quota(lane, known, rule)).await
    }

    pub(crate) fn settle_quota(&self, lane: LaneId, grant: Option<Grant>, answer: Option<Answer>) {
        self.tell(|shared| async move {
            shared.ask(shared.0.store.settle_quota(&lane, grant, answer.as_ref())).await;
        });
    }

    pub(crate) async fn lookup(&self, key: &CacheKey, tags: &[String]) -> Option<(Lookup, Seen)> {
        self.ask(self.0.store.lookup(key, tags)).await
    }

    pub(crate) async fn put(&self, key: &CacheKey, kept: &Arc<Kept>, tags: &[String], seen: &Seen, life: Lifetime) {
        self.ask(self.0.store.put(key, kept, tags, seen, life)).await;
    }

    /// Drops answers at the store: now, or if it is away as soon as it is back.
    pub(crate) async fn flush(&self, scope: &Scope, tags: &[String]) {
        if self.ask(self.0.store.flush(scope, tags)).await.is_none() {
            self.0.miss(*scope, tags.to_vec());
        }
    }

    /// The same, for those who cannot wait.
    pub(crate) fn flush_soon(&self, scope: Scope, tags: Vec<String>) {
        if self.is_away() {
            self.0.miss(scope, tags);
        } else {
            self.tell(|shared| async move { shared.flush(&scope, &tags).await });
        }
    }
}

impl Guarded {
    async fn is_back(&self) -> bool {
        if !done(self.store.ping()).await {
            self.store.reconnect();
            return false;
        }
        loop {
            let missed = std::mem::take(&mut *lock(&self.missed));
            if missed.is_empty() {
                return true;
            }
            for (at, (scope, tags)) in missed.iter().enumerate() {
                if !done(self.store.flush(scope, tags)).await {
                    lock(&self.missed).extend(missed.into_iter().skip(at));
                    return false;
                }
            }
        }
    }

    fn miss(&self, scope: Scope, tags: Vec<String>) {
        let mut missed = lock(&self.missed);
        if missed.len() >= MOST_FLUSHES {
            let mut scopes: Vec<Scope> = Vec::new();
            missed.iter().map(|(scope, _)| *scope).for_each(|scope| {
                if !scopes.contains(&scope) {
                    scopes.push(scope);
                }
            });
            *missed = scopes.into_iter().map(|scope| (scope, vec![EVERYTHING.to_owned()])).collect();
        }
        if !missed.contains(&(scope, tags.clone())) {
            missed.push((scope, tags));
        }
    }
}

async fn done(act: StoreFuture<'_, ()>) -> bool {
    matches!(timeout(LOOK, act).await, Ok(Ok(())))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("store", &self.0.store).field("is_away", &self.0.is_away).finish()
    }
}

#[cfg(test)]
mod tests;
