//! A shared store behind a guard: whatever it does, no call fails or hangs because of it.
//!
//! Every question has 100 ms. The first that fails is warned of; from then on nobody asks, until a look every quarter of
//! a second finds the store back. What calls do meanwhile is the stations' business: they have the same state in memory.

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
    runtime::Handle,
    sync::oneshot,
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use super::{
    MemoryStore, Scope,
    circuit::{CircuitViews, Pass, Refused, Verdict},
    future::StoreError,
    kept::{CacheKey, EVERYTHING, Kept, Lifetime, Lookup, Seen},
    lease::LeaseAnswer,
    memory::Unreported,
    quota::{Answer, Grant, LaneViews, QuotaRule, Turn},
    store::{CircuitId, LaneId, StateStore},
};
use crate::sync::lock;

/// How long a question to the store may take.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often a question whose time is up is looked at once more: the answer may be there, and only this process late.
const LAST_LOOKS: usize = 16;
/// A timer that is later than this says that this process did not get to run in time.
const LATE: Duration = Duration::from_millis(10);
/// How long what nobody waits for may take.
const LOOK: Duration = Duration::from_secs(2);
/// How often a store that is away is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// More reports than this are not remembered while the store is away.
const MOST_MISSED: usize = 4_096;

#[derive(Clone)]
pub(crate) struct Shared(Arc<Guarded>);

struct Guarded {
    store: Arc<dyn StateStore>,
    memory: Arc<MemoryStore>,
    is_away: AtomicBool,
    /// Whether it has been warned that the store refuses steps.
    has_refused: AtomicBool,
    /// What it must hear when it is back.
    missed: Mutex<Vec<Report>>,
}

/// Something that the store is told, and nobody waits for.
#[derive(Debug, Clone, PartialEq)]
enum Report {
    Flush(Scope, Vec<String>),
    Quota(LaneId, Option<Grant>, Option<Answer>),
    Circuit(CircuitId, Pass, Verdict),
}

impl Shared {
    pub(crate) fn new(store: Arc<dyn StateStore>, memory: Arc<MemoryStore>) -> Self {
        Self(Arc::new(Guarded {
            store,
            memory,
            is_away: AtomicBool::new(false),
            has_refused: AtomicBool::new(false),
            missed: Mutex::default(),
        }))
    }

    pub(crate) fn is_away(&self) -> bool {
        self.0.is_away.load(Ordering::Acquire)
    }

    /// The store's answer, or nothing: then go on without it.
    async fn ask<T>(&self, question: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        if self.is_away() {
            return None;
        }
        match patiently(question).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) if self.is_refusal(&error).await => {}
            Ok(Err(error)) | Err(error) => self.lose(&error),
        }
        None
    }

    /// Whether the store is there and only does not do what it was asked for: it has no memory left, or something of
    /// another kind is in the way. Then this one question goes without an answer.
    #[cold]
    async fn is_refusal(&self, error: &StoreError) -> bool {
        let is_there = matches!(timeout(PATIENCE, self.0.store.ping()).await, Ok(Ok(())));
        if is_there && !self.0.has_refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "calcom::state", %error, "the shared state store refuses a step: it is left out");
        }
        is_there
    }

    /// The same for what the store gives away: if nobody is there any more to take it, it goes back with `late`.
    async fn ask_for<T, F>(
        &self,
        question: impl FnOnce(Arc<dyn StateStore>) -> F,
        late: impl FnOnce(&Self, T) + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        if self.is_away() {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let (shared, question) = (self.clone(), question(Arc::clone(&self.0.store)));
        tokio::spawn(async move {
            if let Err(Ok(given)) = sender.send(question.await) {
                late(&shared, given);
            }
        });
        let answer =
            async { receiver.await.unwrap_or_else(|_| Err(StoreError("the runtime is going down".to_owned()))) };
        self.ask(answer).await
    }

    /// Tells the store something that nobody waits for: now, or when it is back.
    fn tell(&self, report: Report, then: impl FnOnce(CircuitViews) + Send + 'static) {
        // Without a runtime there is nobody to do it, and no request either.
        let Ok(runtime) = Handle::try_current() else { return };
        if self.is_away() {
            return self.0.miss(report);
        }
        let shared = self.clone();
        runtime.spawn(async move {
            match shared.0.report(&report).await {
                Ok(Some(view)) => then(view),
                Ok(None) => {}
                Err(error) => {
                    if !shared.is_refusal(&error).await {
                        shared.0.miss(report);
                        shared.lose(&error);
                    }
                }
            }
        });
    }

    fn lose(&self, error: &StoreError) {
        if self.0.is_away.swap(true, Ordering::AcqRel) {
            return;
        }
        tracing::warn!(target: "calcom::state", %error, "the shared state store does not answer: going on with this process's own state");
        // What was put away here the last time the store was away may be stale by now.
        self.0.memory.clear_cache();
        let guarded = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                sleep(LOOK_AGAIN).await;
                let Some(guarded) = guarded.upgrade() else { return };
                if guarded.is_back().await {
                    guarded.is_away.store(false, Ordering::Release);
                    tracing::info!(target: "calcom::state", "the shared state store answers again");
                    // Something may have been missed between the last look and this.
                    guarded.is_back().await;
                    return;
                }
            }
        });
    }

    pub(crate) async fn admit(&self, circuit: &CircuitId) -> Option<(Result<Pass, Refused>, CircuitViews)> {
        let (id, again) = (circuit.clone(), circuit.clone());
        let late = |shared: &Self, (pass, _): (Result<Pass, Refused>, CircuitViews)| {
            if let Ok(pass) = pass {
                shared.settle_circuit(again, pass, Verdict::Neither, |_| {});
            }
        };
        self.ask_for(|store| async move { store.admit(&id).await }, late).await
    }

    pub(crate) async fn view_circuit(&self, circuit: &CircuitId) -> Option<CircuitViews> {
        self.ask(self.0.store.view_circuit(circuit)).await
    }

    pub(crate) async fn reset_circuit(&self, circuit: &CircuitId) -> Option<CircuitViews> {
        self.ask(self.0.store.reset_circuit(circuit)).await
    }

    /// Gives a pass back; `then` learns how the breaker stands.
    pub(crate) fn settle_circuit(
        &self,
        circuit: CircuitId,
        pass: Pass,
        verdict: Verdict,
        then: impl FnOnce(CircuitViews) + Send + 'static,
    ) {
        self.tell(Report::Circuit(circuit, pass, verdict), then);
    }

    /// The turn, and how many requests are under way in all processes together.
    pub(crate) async fn ask_quota(&self, lane: LaneId, known: String, rule: QuotaRule) -> Option<(Turn, u64)> {
        let late = move |shared: &Self, (turn, _)| {
            if let Turn::Go(grant) = turn {
                shared.settle_quota(lane, Some(grant), None, None);
            }
        };
        self.ask_for(|store| async move { store.ask_quota(&lane, &known, &rule).await }, late).await
    }

    /// Gives room back, with the answer. `unreported` is kept until the store knows, or is given up.
    pub(crate) fn settle_quota(
        &self,
        lane: LaneId,
        grant: Option<Grant>,
        answer: Option<Answer>,
        unreported: Option<Unreported>,
    ) {
        self.tell(Report::Quota(lane, grant, answer), move |_| drop(unreported));
    }

    /// Forgets what the service has told of a caller's quotas.
    pub(crate) async fn reset_quota(&self, scope: &Scope) {
        self.ask(self.0.store.reset_quota(scope)).await;
    }

    /// What is known of a caller's lanes.
    pub(crate) async fn view_quota(&self, scope: &Scope) -> Option<LaneViews> {
        self.ask(self.0.store.view_quota(scope)).await
    }

    pub(crate) async fn acquire_lease(&self, name: String, ttl: Duration) -> Option<LeaseAnswer> {
        let again = name.clone();
        let late = move |shared: &Self, answer| {
            if let LeaseAnswer::Granted(lease) = answer {
                let shared = shared.clone();
                tokio::spawn(async move { shared.release_lease(&again, lease.token, lease.note.as_deref()).await });
            }
        };
        self.ask_for(|store| async move { store.acquire(&name, ttl).await }, late).await
    }

    pub(crate) async fn renew_lease(&self, name: &str, token: u64, ttl: Duration) -> Option<bool> {
        self.ask(self.0.store.renew(name, token, ttl)).await
    }

    pub(crate) async fn release_lease(&self, name: &str, token: u64, note: Option<&str>) -> Option<bool> {
        self.ask(self.0.store.release(name, token, note)).await
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
            self.0.miss(Report::Flush(*scope, tags.to_vec()));
        }
    }

    /// The same, for those who cannot wait.
    pub(crate) fn flush_soon(&self, scope: Scope, tags: Vec<String>) {
        self.tell(Report::Flush(scope, tags), |_| {});
    }
}

/// What comes within [`PATIENCE`]. Time in which this process did not get to run is not the store's fault.
async fn patiently<T>(question: impl Future<Output = T>) -> Result<T, StoreError> {
    let mut question = pin!(question);
    for _ in 0..2 {
        let asked = Instant::now();
        if let Ok(answer) = timeout(PATIENCE, &mut question).await {
            return Ok(answer);
        }
        // The answer may be there, and not have got through to this task yet.
        for _ in 0..LAST_LOOKS {
            yield_now().await;
            if let Poll::Ready(answer) = poll_fn(|context| Poll::Ready(question.as_mut().poll(context))).await {
                return Ok(answer);
            }
        }
        if asked.elapsed() < PATIENCE + LATE {
            break;
        }
    }
    Err(StoreError(format!("no answer within {PATIENCE:?}")))
}

impl Guarded {
    async fn report(&self, report: &Report) -> Result<Option<CircuitViews>, StoreError> {
        let told = async {
            match report {
                Report::Flush(scope, tags) => self.store.flush(scope, tags).await.map(|()| None),
                Report::Quota(lane, grant, answer) => {
                    self.store.settle_quota(lane, *grant, answer.as_ref()).await.map(|()| None)
                }
                Report::Circuit(id, pass, verdict) => self.store.settle_circuit(id, *pass, *verdict).await.map(Some),
            }
        };
        timeout(LOOK, told).await.unwrap_or_else(|_| Err(StoreError(format!("no answer within {LOOK:?}"))))
    }

    async fn is_back(&self) -> bool {
        if !matches!(timeout(LOOK, self.store.ping()).await, Ok(Ok(()))) {
            self.store.reconnect();
            return false;
        }
        loop {
            let missed = std::mem::take(&mut *lock(&self.missed));
            if missed.is_empty() {
                return true;
            }
            for (at, report) in missed.iter().enumerate() {
                if self.report(report).await.is_err() {
                    lock(&self.missed).extend(missed.into_iter().skip(at));
                    return false;
                }
            }
        }
    }

    fn miss(&self, report: Report) {
        let mut missed = lock(&self.missed);
        if missed.len() >= MOST_MISSED {
            // Places that are not given back expire; what is stale must be dropped whatever it costs.
            let mut scopes: Vec<Scope> = Vec::new();
            for report in missed.drain(..) {
                match report {
                    Report::Flush(scope, _) if !scopes.contains(&scope) => scopes.push(scope),
                    _ => {}
                }
            }
            missed.extend(scopes.into_iter().map(|scope| Report::Flush(scope, vec![EVERYTHING.to_owned()])));
        }
        missed.push(report);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("store", &self.0.store).field("is_away", &self.0.is_away).finish()
    }
}

#[cfg(test)]
mod tests;
