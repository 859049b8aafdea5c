//! The response cache: returns a cached response, or lets one caller fetch it while others that ask for the same wait.
//!
//! Those who wait get the fetching call's response, or its error if every one of them would have got it. If the call is
//! dropped, one of them takes over. A stale response is revalidated with its ETag. Only what its caller could decode is
//! cached. `key` makes keys and tags; the store keeps the responses.

mod body;
mod invalidation;
mod key;
mod single_flight;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

pub(super) use body::{is_answer, is_empty};
pub(super) use invalidation::InvalidationGuard;
pub(super) use key::CacheRequest;
use key::tags_of_key;
use single_flight::{Ended, FetchOutcome, Flights, Joined, Known, Turn};

use super::response::Storing;
use crate::{
    Error,
    state::{
        Store, TenantId,
        cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, ROOT_TAG},
    },
};

/// How long an answer is kept after it has gone stale, for asking whether it has changed.
const STALE: Duration = Duration::from_secs(3600);

/// The cache of a client. Clones are the same cache.
#[derive(Debug, Clone)]
pub(crate) struct ResponseCache {
    store: Store,
    flights: Flights,
    /// Numbers questions and fetches in the order in which they began.
    next: Arc<AtomicU64>,
}

/// What a caller finds.
#[derive(Debug)]
pub(crate) enum Found {
    /// The answer.
    Answer(Arc<CachedResponse>),
    /// Nothing: fetch it. Others wait for how that ends.
    Fetch(Fetch),
    /// What another has fetched meanwhile and could not read.
    Unread(Arc<CachedResponse>),
    /// How the fetch of another failed, as it would have for every caller.
    Failed(Error),
}

/// Another was fetching the same until the deadline.
#[derive(Debug)]
pub(crate) struct WaitedTooLong;

impl ResponseCache {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, flights: Flights::default(), next: Arc::new(AtomicU64::new(1)) }
    }

    /// The answer under `key`, or leave to fetch it, where neither a shared store nor anybody else is to be waited for.
    pub(crate) fn at_once(&self, key: &CacheKey, tags: impl FnOnce() -> Arc<[String]>, refresh: bool) -> Option<Found> {
        let here = self.store.local();
        if self.store.remote().is_some_and(|shared| !shared.is_unavailable()) {
            return None;
        }
        // Most questions end here: what only those need who fetch is not made before.
        if !refresh && let CacheLookup::Fresh(kept) = here.lookup(key) {
            return Some(Found::Answer(kept));
        }
        let asked = self.number();
        let turn = self.flights.at_once(key)?;
        let tags = tags();
        let (lookup, seen) = here.lookup_for_fetch(key, &tags);
        let unfetched = || Unfetched { key: key.clone(), tags, seen: Known::Here(seen), turn };
        Some(self.found(lookup, refresh.then_some(asked), unfetched))
    }

    /// The answer under `key`, or leave to fetch it, or how the fetch of another ended.
    ///
    /// A fetch that hangs is waited for during half of the time that is left, and one that takes its place during half of
    /// the rest: then the caller fetches itself.
    pub(crate) async fn find(
        &self,
        key: CacheKey,
        tags: Arc<[String]>,
        refresh: bool,
        deadline: Instant,
    ) -> Result<Found, WaitedTooLong> {
        let asked = self.number();
        let since = refresh.then_some(asked);
        let mut hung = 0;
        loop {
            let (lookup, seen) = self.lookup(&key, &tags).await;
            if let CacheLookup::Fresh(kept) = &lookup
                && since.is_none_or(|since| kept.sequence() > since)
            {
                return Ok(Found::Answer(Arc::clone(kept)));
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(WaitedTooLong);
            }
            let turn = match self.flights.join(&key, now + (deadline - now) / 2).await {
                Joined::Turn(turn) => turn,
                Joined::Outcome(Some(FetchOutcome::Ended(ended))) if ended.is_for(&seen, since) => {
                    return Ok(match &ended.result {
                        Ok(kept) => Found::Unread(Arc::clone(kept)),
                        Err(error) => Found::Failed(error.clone()),
                    });
                }
                Joined::Outcome(_) => continue,
                Joined::Hangs(flight) => {
                    hung += 1;
                    match self.flights.take_over(&key, flight) {
                        Some(turn) => turn,
                        None if hung < 2 => continue,
                        None => self.flights.apart(&key),
                    }
                }
            };
            let (lookup, seen) = self.lookup(&key, &tags).await;
            return Ok(self.found(lookup, since, || Unfetched { key, tags, seen, turn }));
        }
    }

    /// What was found by whoever has the turn; one that was fetched since `since` is as new as anybody wishes.
    fn found(&self, lookup: CacheLookup, since: Option<u64>, unfetched: impl FnOnce() -> Unfetched) -> Found {
        let stale = match lookup {
            CacheLookup::Fresh(kept) if since.is_none_or(|since| kept.sequence() > since) => {
                return Found::Answer(kept);
            }
            CacheLookup::Fresh(kept) | CacheLookup::Stale(kept) => Some(kept),
            CacheLookup::Missing => None,
        };
        Found::Fetch(Fetch { store: self.store.clone(), number: self.number(), what: unfetched(), stale })
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    async fn lookup(&self, key: &CacheKey, tags: &[String]) -> (CacheLookup, Known) {
        if let Some(shared) = self.store.remote()
            && let Some((found, seen)) = Box::pin(shared.lookup(key, tags)).await
        {
            return (found, Known::There(seen));
        }
        let (found, seen) = self.store.local().lookup_for_fetch(key, tags);
        (found, Known::Here(seen))
    }

    /// Makes everything with one of these tags stale.
    pub(crate) async fn flush(&self, scope: &TenantId, tags: &[String]) {
        self.flush_here(scope, tags);
        self.flush_there(scope, tags).await;
    }

    pub(crate) fn flush_here(&self, scope: &TenantId, tags: &[String]) {
        self.store.local().invalidate_tags(scope, tags);
    }

    pub(crate) async fn flush_there(&self, scope: &TenantId, tags: &[String]) {
        if let Some(shared) = self.store.remote() {
            shared.invalidate(scope, tags).await;
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.store.remote().is_some()
    }

    /// The same, for those who cannot wait.
    pub(crate) fn flush_soon(&self, scope: TenantId, tags: Vec<String>) {
        self.store.local().invalidate_tags(&scope, &tags);
        if let Some(shared) = self.store.remote() {
            shared.invalidate_in_background(scope, tags);
        }
    }
}

/// The leave to fetch an answer. Dropped, the next who waits for it takes over.
#[derive(Debug)]
pub(crate) struct Fetch {
    store: Store,
    number: u64,
    what: Unfetched,
    stale: Option<Arc<CachedResponse>>,
}

/// What is to be fetched.
#[derive(Debug)]
struct Unfetched {
    key: CacheKey,
    tags: Arc<[String]>,
    seen: Known,
    /// Others wait until this is dropped.
    turn: Turn,
}

impl Fetch {
    /// The validator of the answer from before, if there is one.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.stale.as_ref()?.etag()
    }

    /// What the service has answered.
    pub(crate) fn fetched(
        &self,
        status: u16,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: bytes::Bytes,
    ) -> Arc<CachedResponse> {
        Arc::new(CachedResponse::new(status, headers, body, self.number))
    }

    /// The answer from before, of which the service says that it is still good.
    pub(crate) fn renewed(&mut self) -> Option<Arc<CachedResponse>> {
        Some(Arc::new(self.stale.take()?.revalidated(self.number)))
    }

    /// The next answer is asked for without the validator of the one from before, and takes its place.
    pub(crate) fn without_validator(mut self) -> Self {
        self.stale = None;
        self
    }

    /// Puts the answer where it was looked for, for so long; a shared store is still to be told. Should that have gone
    /// away meanwhile, the answer is not kept. What has no validator is kept no longer than it is fresh.
    pub(crate) fn put(self, kept: &Arc<CachedResponse>, fresh: Duration) -> Option<Storing> {
        let life =
            Freshness { fresh_for: fresh, stale_for: if kept.etag().is_some() { STALE } else { Duration::ZERO } };
        let Unfetched { key, tags, seen, turn } = self.what;
        let (kept, store) = (Arc::clone(kept), self.store);
        match seen {
            Known::Here(seen) => {
                store.local().store_response(key, kept, seen, life);
                turn.stored();
                None
            }
            Known::There(seen) => Some(Box::pin(async move {
                if let Some(shared) = store.remote() {
                    shared.put(&key, &kept, &tags, &seen, life).await;
                }
                turn.stored();
            })),
        }
    }

    /// Tells those who wait of an answer that cannot be read: it is not kept, and each of them says so.
    pub(crate) fn unread(self, kept: Arc<CachedResponse>) {
        let Unfetched { seen, turn, .. } = self.what;
        turn.ended(|| Ended { number: self.number, known: seen, result: Ok(kept) });
    }

    /// Tells those who wait of an error that each of them would have got.
    pub(crate) fn failed(self, error: &Error) {
        let Unfetched { seen, turn, .. } = self.what;
        turn.ended(|| Ended { number: self.number, known: seen, result: Err(error.clone()) });
    }
}

/// The answers that are kept for this client's credential, to be dropped by hand.
///
/// ```no_run
/// # async fn example(client: calcom::Client) {
/// client.cache().forget("calcom:slots:2026361:2025-01-15").await;
/// client.cache().flush("event_types").await;
/// client.cache().flush_all().await;
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cache {
    responses: ResponseCache,
    scope: TenantId,
}

impl Cache {
    pub(crate) fn new(responses: ResponseCache, scope: TenantId) -> Self {
        Self { responses, scope }
    }

    /// Drops the answers that one documented key covers: `calcom:event_types:{teamId}`,
    /// `calcom:slots:{eventTypeId}:{date}`, `calcom:user:{userId}`, `calcom:schedules:{userId}`. The `calcom:` may be left
    /// out.
    ///
    /// A key of another form, such as `calcom:users:1`, drops nothing and is no error.
    ///
    /// An answer whose request names no team, user or event type may hold any, and is dropped with each: one event type by
    /// its id, the caller's own event types, slots that were asked for by user name and slug. An empty id, or `null`, drops
    /// these alone.
    pub async fn forget(&self, key: &str) {
        self.responses.flush(&self.scope, &tags_of_key(key)).await;
    }

    /// Drops everything with a tag: `event_types`, `slots`, `user`, `schedules`, or `slots:{eventTypeId}`; `calcom` is
    /// everything.
    pub async fn flush(&self, tag: &str) {
        self.responses.flush(&self.scope, &tags_of_key(tag)).await;
    }

    /// Drops everything that is kept for this credential.
    pub async fn flush_all(&self) {
        self.responses.flush(&self.scope, &[ROOT_TAG.to_owned()]).await;
    }
}

#[cfg(test)]
mod tests;
