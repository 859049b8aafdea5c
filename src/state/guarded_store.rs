//! Guard around a shared store: whatever the store does, no call fails or hangs because of it.
//!
//! Every query has 100 ms. If one fails, the guard logs a warning and marks the store as unavailable. From then on no query is
//! made until a check every 250 ms finds that the store answers again. Meanwhile breaker, limiter and cache use the state in
//! memory.

mod backlog;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use tokio::{
    sync::oneshot,
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use super::{
    MemoryStore, TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
    circuit::{Admission, CircuitRejection, CircuitSnapshots, HealthSignal},
    future::{StoreError, catch_panic},
    lease::LeaseDecision,
    memory::PendingReport,
    quota::{QuotaDecision, QuotaFeedback, QuotaGrant, QuotaRule, QuotaSnapshots},
    store::{CircuitId, QuotaId, StateStore},
};
use crate::sync::{lock, spawn};
use backlog::{StateUpdate, push};

/// Time limit of a query that a call waits for.
const QUERY_TIMEOUT: Duration = Duration::from_millis(100);
/// How often a query is polled once more after its time limit: the result may have arrived, and only this process be late.
const FINAL_POLLS: usize = 16;
/// If a timer is later than this, this process was not scheduled in time.
const SCHEDULING_SLACK: Duration = Duration::from_millis(10);
/// Time limit of a step that no call waits for.
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(2);
/// Interval between checks of an unavailable store.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(250);

/// A shared store with its guard. Clones are the same guard.
#[derive(Clone)]
pub(crate) struct GuardedStore(Arc<Inner>);

struct Inner {
    store: Arc<dyn StateStore>,
    memory: Arc<MemoryStore>,
    is_unavailable: AtomicBool,
    /// Whether a warning that the store rejects steps has been logged.
    has_warned_of_rejection: AtomicBool,
    /// Updates to send when the store is available again.
    backlog: Mutex<Vec<StateUpdate>>,
}

impl GuardedStore {
    pub(crate) fn new(store: Arc<dyn StateStore>, memory: Arc<MemoryStore>) -> Self {
        Self(Arc::new(Inner {
            store,
            memory,
            is_unavailable: AtomicBool::new(false),
            has_warned_of_rejection: AtomicBool::new(false),
            backlog: Mutex::default(),
        }))
    }

    pub(crate) fn is_unavailable(&self) -> bool {
        self.0.is_unavailable.load(Ordering::Acquire)
    }

    /// Runs a query. Returns `None` if the store gives no result: the caller then continues without it. The step is called in
    /// the future `query`, so that one that panics has failed.
    async fn query<T>(&self, query: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        if self.is_unavailable() {
            return None;
        }
        match with_query_timeout(catch_panic(query)).await {
            Ok(Ok(result)) => return Some(result),
            Ok(Err(error)) if self.is_rejection(&error).await => {}
            Ok(Err(error)) | Err(error) => self.mark_unavailable(&error),
        }
        None
    }

    /// Whether the store is available and rejects only this step: it has no memory left, or its key holds a value of another
    /// kind. Then only this query has no result.
    #[cold]
    async fn is_rejection(&self, error: &StoreError) -> bool {
        let is_available = self.0.answers_within(QUERY_TIMEOUT).await;
        if is_available && !self.0.has_warned_of_rejection.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "calcom::state", %error, "the shared state store refuses a step: it is left out");
        }
        is_available
    }

    /// Runs a query whose result must be given back if it is not used. If the caller was dropped or its time limit has passed
    /// when the result arrives, `on_abandoned` gets it.
    async fn query_or_return<T, F>(
        &self,
        query: impl FnOnce(Arc<dyn StateStore>) -> F,
        on_abandoned: impl FnOnce(&Self, T) + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        if self.is_unavailable() {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let (guard, query) = (self.clone(), query(Arc::clone(&self.0.store)));
        spawn(async move {
            if let Err(Ok(result)) = sender.send(catch_panic(query).await) {
                on_abandoned(&guard, result);
            }
        });
        let result =
            async { receiver.await.unwrap_or_else(|_| Err(StoreError("the runtime is going down".to_owned()))) };
        self.query(result).await
    }

    /// Sends an update in the background: now, or when the store is available again.
    fn report(&self, update: StateUpdate, then: impl FnOnce(CircuitSnapshots) + Send + 'static) {
        let Some(update) = self.0.enqueue_if_unavailable(update) else { return };
        let guard = self.clone();
        // Without a runtime no task can send it, and no request can be made either.
        spawn(async move {
            match guard.0.apply(&update).await {
                Ok(Some(snapshots)) => then(snapshots),
                Ok(None) => {}
                Err(error) => {
                    // Responses that an invalidation has not reached would be served as fresh.
                    if matches!(update, StateUpdate::Invalidate(..)) || !guard.is_rejection(&error).await {
                        guard.0.enqueue(update);
                        guard.mark_unavailable(&error);
                    }
                }
            }
        });
    }

    fn mark_unavailable(&self, error: &StoreError) {
        if self.0.is_unavailable.swap(true, Ordering::AcqRel) {
            return;
        }
        tracing::warn!(target: "calcom::state", %error, "the shared state store does not answer: going on with this process's own state");
        // Responses that were cached in memory during the last outage may be stale by now.
        self.0.memory.clear_cache();
        let inner = Arc::downgrade(&self.0);
        spawn(async move {
            loop {
                sleep(RECONNECT_INTERVAL).await;
                let Some(inner) = inner.upgrade() else { return };
                if inner.try_recover().await {
                    tracing::info!(target: "calcom::state", "the shared state store answers again");
                    return;
                }
            }
        });
    }

    pub(crate) async fn admit(
        &self,
        circuit: &CircuitId,
    ) -> Option<(Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        let (id, again) = (circuit.clone(), circuit.clone());
        let on_abandoned = |guard: &Self, (admitted, _): (Result<Admission, CircuitRejection>, CircuitSnapshots)| {
            if let Ok(admission) = admitted {
                guard.record_circuit(again, admission, HealthSignal::Ignored, |_| {});
            }
        };
        self.query_or_return(|store| async move { store.admit(&id).await }, on_abandoned).await
    }

    pub(crate) async fn inspect_circuit(&self, circuit: &CircuitId) -> Option<CircuitSnapshots> {
        self.query(async { self.0.store.inspect_circuit(circuit).await }).await
    }

    pub(crate) async fn reset_circuit(&self, circuit: &CircuitId) -> Option<CircuitSnapshots> {
        self.query(async { self.0.store.reset_circuit(circuit).await }).await
    }

    /// Takes an admission back in the background. `then` gets the state of the breakers.
    pub(crate) fn record_circuit(
        &self,
        circuit: CircuitId,
        admission: Admission,
        signal: HealthSignal,
        then: impl FnOnce(CircuitSnapshots) + Send + 'static,
    ) {
        self.report(StateUpdate::Circuit(circuit, admission, signal), then);
    }

    /// Returns the decision, and the number of requests in flight in all processes.
    pub(crate) async fn acquire_quota(
        &self,
        quota: QuotaId,
        exported: String,
        rule: QuotaRule,
    ) -> Option<(QuotaDecision, u64)> {
        let on_abandoned = move |guard: &Self, (decision, _)| {
            if let QuotaDecision::Granted(grant) = decision {
                guard.record_quota(quota, Some(grant), None, None);
            }
        };
        let query = |store: Arc<dyn StateStore>| async move { store.acquire_quota(&quota, &exported, &rule).await };
        self.query_or_return(query, on_abandoned).await
    }

    /// Takes a grant back in the background, with the feedback. `pending` is dropped when the store has it or it is discarded.
    pub(crate) fn record_quota(
        &self,
        quota: QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<QuotaFeedback>,
        pending: Option<PendingReport>,
    ) {
        self.report(StateUpdate::Quota(quota, grant, feedback), move |_| drop(pending));
    }

    /// Discards what the service has reported of a tenant's quotas.
    pub(crate) async fn reset_quota(&self, tenant: &TenantId) {
        self.query(async { self.0.store.reset_quota(tenant).await }).await;
    }

    pub(crate) async fn inspect_quota(&self, tenant: &TenantId) -> Option<QuotaSnapshots> {
        self.query(async { self.0.store.inspect_quota(tenant).await }).await
    }

    pub(crate) async fn acquire_lease(&self, name: String, ttl: Duration) -> Option<LeaseDecision> {
        let again = name.clone();
        let on_abandoned = move |guard: &Self, answer| {
            if let LeaseDecision::Granted(lease) = answer {
                let guard = guard.clone();
                spawn(async move {
                    guard.release_lease(&again, lease.token, lease.note.as_deref()).await;
                });
            }
        };
        self.query_or_return(|store| async move { store.acquire(&name, ttl).await }, on_abandoned).await
    }

    pub(crate) async fn renew_lease(&self, name: &str, token: u64, ttl: Duration) -> Option<bool> {
        self.query(async { self.0.store.renew(name, token, ttl).await }).await
    }

    pub(crate) async fn release_lease(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        self.query(async { self.0.store.release(name, token, note).await }).await
    }

    pub(crate) async fn lookup(&self, key: &CacheKey, tags: &[String]) -> Option<(CacheLookup, TagVersions)> {
        self.query(async { self.0.store.lookup(key, tags).await }).await
    }

    pub(crate) async fn put(
        &self,
        key: &CacheKey,
        response: &Arc<CachedResponse>,
        tags: &[String],
        versions: &TagVersions,
        freshness: Freshness,
    ) {
        self.query(async { self.0.store.put(key, response, tags, versions, freshness).await }).await;
    }

    /// Invalidates tags at the store: now, or when the store is available again. A store that refuses it, as one that became a
    /// replica does, is not used until it takes it: it would go on with responses that are stale.
    pub(crate) async fn invalidate(&self, tenant: &TenantId, tags: &[String]) {
        let update = StateUpdate::Invalidate(*tenant, tags.to_vec());
        let Some(update) = self.0.enqueue_if_unavailable(update) else { return };
        let step = async { self.0.store.invalidate(tenant, tags).await };
        let (Ok(Err(error)) | Err(error)) = with_query_timeout(catch_panic(step)).await else { return };
        self.0.enqueue(update);
        self.mark_unavailable(&error);
    }

    /// As [`invalidate`](Self::invalidate), for callers that cannot wait.
    pub(crate) fn invalidate_in_background(&self, tenant: TenantId, tags: Vec<String>) {
        self.report(StateUpdate::Invalidate(tenant, tags), |_| {});
    }
}

/// Waits for a query for [`QUERY_TIMEOUT`]. Time in which this process was not scheduled does not count against the store.
async fn with_query_timeout<T>(query: impl Future<Output = T>) -> Result<T, StoreError> {
    let mut query = pin!(query);
    for _ in 0..2 {
        let started = Instant::now();
        if let Ok(result) = timeout(QUERY_TIMEOUT, &mut query).await {
            return Ok(result);
        }
        // The result may have arrived without having reached this task yet.
        for _ in 0..FINAL_POLLS {
            yield_now().await;
            if let Poll::Ready(result) = poll_fn(|context| Poll::Ready(query.as_mut().poll(context))).await {
                return Ok(result);
            }
        }
        if started.elapsed() < QUERY_TIMEOUT + SCHEDULING_SLACK {
            break;
        }
    }
    Err(StoreError(format!("no answer within {QUERY_TIMEOUT:?}")))
}

impl Inner {
    async fn answers_within(&self, time: Duration) -> bool {
        matches!(timeout(time, catch_panic(async { self.store.ping().await })).await, Ok(Ok(())))
    }

    async fn apply(&self, update: &StateUpdate) -> Result<Option<CircuitSnapshots>, StoreError> {
        let step = async {
            match update {
                StateUpdate::Invalidate(tenant, tags) => self.store.invalidate(tenant, tags).await.map(|()| None),
                StateUpdate::Quota(quota, grant, feedback) => {
                    self.store.record_quota(quota, *grant, feedback.as_ref()).await.map(|()| None)
                }
                StateUpdate::Circuit(id, admission, signal) => {
                    self.store.record_circuit(id, *admission, *signal).await.map(Some)
                }
            }
        };
        let late = |_| Err(StoreError(format!("no answer within {BACKGROUND_TIMEOUT:?}")));
        timeout(BACKGROUND_TIMEOUT, catch_panic(step)).await.unwrap_or_else(late)
    }

    /// Checks the store and sends the backlog. Returns whether all of it arrived: then the store is available.
    async fn try_recover(&self) -> bool {
        if !self.answers_within(BACKGROUND_TIMEOUT).await {
            let _ = catch_panic(async {
                self.store.reconnect();
                Ok(())
            })
            .await;
            return false;
        }
        loop {
            let backlog = {
                let mut backlog = lock(&self.backlog);
                if backlog.is_empty() {
                    // Under the lock: nothing that is queued stays behind.
                    self.is_unavailable.store(false, Ordering::Release);
                    return true;
                }
                std::mem::take(&mut *backlog)
            };
            for (at, update) in backlog.iter().enumerate() {
                if self.apply(update).await.is_err() {
                    lock(&self.backlog).extend(backlog.into_iter().skip(at));
                    return false;
                }
            }
        }
    }

    /// Queues an update while the store is unavailable. Otherwise returns it.
    fn enqueue_if_unavailable(&self, update: StateUpdate) -> Option<StateUpdate> {
        if !self.is_unavailable.load(Ordering::Acquire) {
            return Some(update);
        }
        let mut backlog = lock(&self.backlog);
        if !self.is_unavailable.load(Ordering::Acquire) {
            return Some(update);
        }
        push(&mut backlog, update);
        None
    }

    fn enqueue(&self, update: StateUpdate) {
        push(&mut lock(&self.backlog), update);
    }
}

impl fmt::Debug for GuardedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedStore")
            .field("store", &self.0.store)
            .field("is_unavailable", &self.0.is_unavailable)
            .finish()
    }
}

#[cfg(test)]
mod tests;
