//! Single flight: of several calls that need the same response one fetches it, and the others wait for the outcome.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::{
    Error,
    state::{
        cached_response::{BuildPrehashed, CacheKey, CachedResponse, TagVersions},
        memory::PutToken,
    },
    sync::lock,
};

/// The fetches in flight and the calls that wait for them, by cache key.
#[derive(Debug, Clone, Default)]
pub(super) struct SingleFlight(Arc<Mutex<HashMap<CacheKey, InFlightFetch, BuildPrehashed>>>);

/// A fetch in flight.
#[derive(Debug)]
struct InFlightFetch {
    id: u64,
    waiters: Vec<oneshot::Sender<FetchOutcome>>,
}

/// The outcome of a fetch, for the waiting calls.
#[derive(Debug, Clone)]
pub(super) enum FetchOutcome {
    /// The response is in the cache.
    Stored,
    /// Nothing was stored, and the result holds for every caller.
    Uncached(Arc<UncachedResult>),
}

/// The result of a fetch that stored nothing.
#[derive(Debug)]
pub(super) struct UncachedResult {
    /// The number of the fetch in the cache's sequence.
    pub(super) sequence: u64,
    /// The invalidations that were known when the fetch began.
    pub(super) token: FetchToken,
    /// A response that its caller could not decode, or the error.
    pub(super) result: Result<Arc<CachedResponse>, Error>,
}

/// The invalidations that a store knew when a fetch began: the store in this process, or the shared one. Their version numbers
/// cannot be compared.
#[derive(Debug)]
pub(super) enum FetchToken {
    Local(PutToken),
    Remote(TagVersions),
}

impl FetchToken {
    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Local(one), Self::Local(other)) => one.versions() == other.versions(),
            (Self::Remote(one), Self::Remote(other)) => one == other,
            _ => false,
        }
    }
}

impl UncachedResult {
    /// Whether the result holds for a call with `token` that accepts no fetch before `since`. The result of a fetch that began
    /// before a write does not hold for calls after the write.
    pub(super) fn is_valid_for(&self, token: &FetchToken, since: Option<u64>) -> bool {
        self.token.matches(token) && since.is_none_or(|since| self.sequence > since)
    }
}

/// The exclusive right to fetch one key. On drop the waiting calls try to acquire it.
#[derive(Debug)]
pub(super) struct FlightGuard {
    single_flight: SingleFlight,
    key: CacheKey,
    id: u64,
}

/// The result of [`SingleFlight::lead_or_wait`].
pub(super) enum LeadOutcome {
    Leader(FlightGuard),
    /// The outcome of another call's fetch; `None` if it does not hold for other calls.
    Outcome(Option<FetchOutcome>),
    /// Another call's fetch did not end in time.
    TimedOut(FetchId),
}

/// The id of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FetchId(u64);

impl SingleFlight {
    /// Acquires the guard, if no call holds it.
    pub(super) fn try_lead(&self, key: &CacheKey) -> Option<FlightGuard> {
        match lock(&self.0).entry(key.clone()) {
            Entry::Vacant(free) => {
                let fetch = InFlightFetch::new();
                let id = fetch.id;
                free.insert(fetch);
                Some(FlightGuard { single_flight: self.clone(), key: key.clone(), id })
            }
            Entry::Occupied(_) => None,
        }
    }

    /// Acquires the guard, or waits until `until` for the outcome of the fetch in flight.
    pub(super) async fn lead_or_wait(&self, key: &CacheKey, until: Instant) -> LeadOutcome {
        loop {
            if let Some(guard) = self.try_lead(key) {
                return LeadOutcome::Leader(guard);
            }
            let (id, outcome) = match lock(&self.0).get_mut(key) {
                Some(fetch) => {
                    let (sender, outcome) = oneshot::channel();
                    // Removes cancelled waiters before the list grows.
                    if fetch.waiters.len() == fetch.waiters.capacity() {
                        fetch.waiters.retain(|waiter| !waiter.is_closed());
                    }
                    fetch.waiters.push(sender);
                    (fetch.id, outcome)
                }
                None => continue, // It was released between the two locks.
            };
            return match timeout_at(until, outcome).await {
                Ok(outcome) => LeadOutcome::Outcome(outcome.ok()),
                Err(_) => LeadOutcome::TimedOut(FetchId(id)),
            };
        }
    }

    /// Replaces the guard of a fetch that hangs, unless another call has replaced it. The waiting calls get the response that
    /// is stored first.
    pub(super) fn take_over(&self, key: &CacheKey, hanging: FetchId) -> Option<FlightGuard> {
        let mut fetches = lock(&self.0);
        let fetch = fetches.entry(key.clone()).or_insert_with(|| InFlightFetch { id: hanging.0, waiters: Vec::new() });
        if fetch.id != hanging.0 {
            return None;
        }
        fetch.id = InFlightFetch::new().id;
        Some(FlightGuard { single_flight: self.clone(), key: key.clone(), id: fetch.id })
    }

    /// A second guard beside the one that another call holds, for a call that has waited long enough.
    pub(super) fn lead_separately(&self, key: &CacheKey) -> FlightGuard {
        FlightGuard { single_flight: self.clone(), key: key.clone(), id: InFlightFetch::new().id }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl InFlightFetch {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), waiters: Vec::new() }
    }
}

impl FlightGuard {
    /// Tells the waiting calls that the response is in the cache.
    pub(super) fn notify_stored(self) {
        let waiters = match lock(&self.single_flight.0).get_mut(&self.key) {
            Some(fetch) => std::mem::take(&mut fetch.waiters),
            None => return,
        };
        waiters.into_iter().for_each(|waiter| _ = waiter.send(FetchOutcome::Stored));
    }

    /// Gives the waiting calls a result that was not stored. `ended` is called only if there are any.
    pub(super) fn notify_uncached(self, ended: impl FnOnce() -> UncachedResult) {
        let Some(waiters) = self.release().filter(|waiters| !waiters.is_empty()) else { return };
        let outcome = FetchOutcome::Uncached(Arc::new(ended()));
        waiters.into_iter().for_each(|waiter| _ = waiter.send(outcome.clone()));
    }

    /// Releases the guard, and returns the waiters. `None` if the fetch was taken over.
    fn release(&self) -> Option<Vec<oneshot::Sender<FetchOutcome>>> {
        match lock(&self.single_flight.0).entry(self.key.clone()) {
            Entry::Occupied(fetch) if fetch.get().id == self.id => Some(fetch.remove().waiters),
            _ => None,
        }
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        drop(self.release());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::state::TenantId;

    fn key() -> CacheKey {
        CacheKey::new(TenantId::new("https://api.cal.com", &["key"]), "calcom:user")
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test(start_paused = true)]
    async fn waiters_get_the_outcome_of_the_fetch_and_one_of_them_leads_if_it_was_dropped() {
        let (single_flight, key) = (SingleFlight::default(), key());
        let first = single_flight.try_lead(&key).unwrap();
        assert!(single_flight.try_lead(&key).is_none());
        let waiters = tokio::spawn({
            let (single_flight, key) = (single_flight.clone(), key.clone());
            async move {
                matches!(
                    single_flight.lead_or_wait(&key, later()).await,
                    LeadOutcome::Outcome(Some(FetchOutcome::Stored))
                )
            }
        });
        tokio::task::yield_now().await;
        first.notify_stored();
        assert!(waiters.await.unwrap() && single_flight.is_empty());

        let first = single_flight.try_lead(&key).unwrap();
        let mut waits = Box::pin(single_flight.lead_or_wait(&key, later()));
        assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
        drop(first);
        assert!(matches!(waits.await, LeadOutcome::Outcome(None)));
        assert!(single_flight.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_that_hangs_is_taken_over_once_and_its_guard_releases_nothing() {
        let (single_flight, key) = (SingleFlight::default(), key());
        let hanging = single_flight.try_lead(&key).unwrap();
        let LeadOutcome::TimedOut(id) = single_flight.lead_or_wait(&key, later()).await else {
            panic!("the fetch does not end")
        };
        let second = single_flight.take_over(&key, id).unwrap();
        assert!(single_flight.take_over(&key, id).is_none(), "it was taken over");
        drop(hanging);
        assert!(single_flight.try_lead(&key).is_none(), "the second holds the guard");
        drop(second);
        assert!(single_flight.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn waiters_of_a_second_fetch_get_the_outcome_of_the_first_if_that_ends_earlier() {
        let (single_flight, key) = (SingleFlight::default(), key());
        let first = single_flight.try_lead(&key).unwrap();
        let LeadOutcome::TimedOut(id) = single_flight.lead_or_wait(&key, later()).await else {
            panic!("the fetch does not end")
        };
        let second = single_flight.take_over(&key, id).unwrap();
        let mut waits = Box::pin(single_flight.lead_or_wait(&key, later()));
        assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
        first.notify_stored();
        assert!(matches!(waits.await, LeadOutcome::Outcome(Some(FetchOutcome::Stored))));
        assert!(single_flight.try_lead(&key).is_none());
        drop(second);
        assert!(single_flight.is_empty());
    }
}
