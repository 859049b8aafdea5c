//! The cache's station: gives an answer from before, or lets one caller fetch it while the others who ask for the same wait.
//!
//! If the one who fetches is dropped or fails, the next takes over. What is stale is asked for with its validator, and
//! stays if the service says that nothing has changed. Only successes are kept. Keys and tags are `cache_key`'s, the
//! keeping is the store's.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderName, HeaderValue};
use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, error::Elapsed, timeout_at},
};

use crate::state::{
    Scope, Shared, Store,
    kept::{ByKey, CacheKey, EVERYTHING, Kept, Lifetime, Lookup, Seen},
    memory::lock,
};

use super::cache_key::as_tag;

/// How long an answer is kept after it has gone stale, for asking whether it has changed.
const STALE: Duration = Duration::from_secs(3600);

/// What a call wants of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CacheUse {
    /// The answer from before, if it is fresh.
    #[default]
    Use,
    /// An answer from the service, which is kept for others.
    Refresh,
    /// Nothing.
    Bypass,
}

type Flights = Arc<Mutex<HashMap<CacheKey, Arc<tokio::sync::Mutex<()>>, ByKey>>>;

/// The cache of a client. Clones are the same cache.
#[derive(Debug, Clone)]
pub(crate) struct AnswerCache {
    store: Store,
    flights: Flights,
    /// Numbers questions and fetches in the order in which they began.
    next: Arc<AtomicU64>,
}

/// What a caller finds.
#[derive(Debug)]
pub(crate) enum Found {
    /// The answer.
    Answer(Arc<Kept>),
    /// Nothing: fetch it. Others wait for it until this is dropped.
    Fetch(Fetch),
}

impl AnswerCache {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, flights: Flights::default(), next: Arc::new(AtomicU64::new(1)) }
    }

    /// The answer under `key`, or leave to fetch it, as soon as nobody else does.
    pub(crate) async fn find(
        &self,
        key: CacheKey,
        tags: impl FnOnce() -> Vec<String>,
        refresh: bool,
        deadline: Instant,
    ) -> Result<Found, Elapsed> {
        let asked = self.number();
        // Most questions end here: what only those need who fetch is not made before.
        if !refresh
            && self.store.there().is_none_or(Shared::is_away)
            && let Lookup::Fresh(kept) = self.store.here().lookup(&key)
        {
            return Ok(Found::Answer(kept));
        }
        let tags = tags();
        if !refresh
            && self.store.there().is_some()
            && let (Lookup::Fresh(kept), _) = self.lookup(&key, &tags).await
        {
            return Ok(Found::Answer(kept));
        }
        let flight = Flight::join(&self.flights, &key, deadline).await?;
        let (lookup, seen) = self.lookup(&key, &tags).await;
        let stale = match lookup {
            // One that was fetched for somebody else since this call began is as new as it wishes.
            Lookup::Fresh(kept) if !refresh || kept.fetched_by() > asked => {
                return Ok(Found::Answer(kept));
            }
            Lookup::Fresh(kept) | Lookup::Stale(kept) => Some(kept),
            Lookup::Missing => None,
        };
        let number = self.number();
        Ok(Found::Fetch(Fetch { store: self.store.clone(), number, key, tags, seen, stale, _flight: flight }))
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    async fn lookup(&self, key: &CacheKey, tags: &[String]) -> (Lookup, Seen) {
        if let Some(shared) = self.store.there()
            && let Some(found) = Box::pin(shared.lookup(key, tags)).await
        {
            return found;
        }
        self.store.here().find(key, tags)
    }

    /// Makes everything with one of these tags stale.
    pub(crate) async fn flush(&self, scope: &Scope, tags: &[String]) {
        self.store.here().forget(scope, tags);
        if let Some(shared) = self.store.there() {
            Box::pin(shared.flush(scope, tags)).await;
        }
    }

    /// The same, for those who cannot wait.
    pub(crate) fn flush_soon(&self, scope: Scope, tags: Vec<String>) {
        self.store.here().forget(&scope, &tags);
        if let Some(shared) = self.store.there() {
            shared.flush_soon(scope, tags);
        }
    }
}

/// The leave to fetch an answer. Dropped, the next who waits for it takes over.
#[derive(Debug)]
pub(crate) struct Fetch {
    store: Store,
    number: u64,
    key: CacheKey,
    tags: Vec<String>,
    seen: Seen,
    stale: Option<Arc<Kept>>,
    _flight: Flight,
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
    ) -> Arc<Kept> {
        Arc::new(Kept::new(status, headers, body, self.number))
    }

    /// The answer from before, of which the service says that it is still good.
    pub(crate) fn renewed(&mut self) -> Option<Arc<Kept>> {
        Some(Arc::new(self.stale.take()?.renewed(self.number)))
    }

    /// Puts the answer where others find it, for so long.
    pub(crate) async fn put(self, kept: &Arc<Kept>, fresh: Duration) {
        let life = Lifetime { fresh, stale: STALE };
        match self.store.there() {
            Some(shared) if !shared.is_away() => {
                Box::pin(shared.put(&self.key, kept, &self.tags, &self.seen, life)).await;
            }
            _ => self.store.here().keep(self.key.clone(), Arc::clone(kept), &self.tags, &self.seen, life),
        }
    }
}

/// One caller's place among those who want the same answer.
#[derive(Debug)]
struct Flight {
    flights: Flights,
    key: CacheKey,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Flight {
    async fn join(flights: &Flights, key: &CacheKey, deadline: Instant) -> Result<Self, Elapsed> {
        let mutex = Arc::clone(lock(flights).entry(key.clone()).or_default());
        // From here on the place is given up however this ends.
        let mut flight = Self { flights: Arc::clone(flights), key: key.clone(), turn: None };
        flight.turn = Some(match Arc::clone(&mutex).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => Box::pin(timeout_at(deadline, mutex.lock_owned())).await?,
        });
        Ok(flight)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.turn = None;
        let mut flights = lock(&self.flights);
        if flights.get(&self.key).is_some_and(|mutex| Arc::strong_count(mutex) == 1) {
            flights.remove(&self.key);
        }
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
    pub(crate) answers: AnswerCache,
    pub(crate) scope: Scope,
}

impl Cache {
    /// Drops what is kept under one key, in the words of the reference: `calcom:event_types:{teamId}`,
    /// `calcom:slots:{eventTypeId}:{date}`, `calcom:user`, `calcom:schedules:{id}`. The `calcom:` may be left out; an
    /// event type's id may stand in the place of the team's.
    pub async fn forget(&self, key: &str) {
        let key = match key.strip_prefix("calcom:user:") {
            // Whoever asks is the user: there is one profile for a credential.
            Some(_) => "user",
            None => key,
        };
        self.answers.flush(&self.scope, &[as_tag(key)]).await;
    }

    /// Drops everything with a tag: `event_types`, `slots`, `user`, `schedules`, or `slots:{eventTypeId}`.
    pub async fn flush(&self, tag: &str) {
        self.answers.flush(&self.scope, &[as_tag(tag)]).await;
    }

    /// Drops everything that is kept for this credential.
    pub async fn flush_all(&self) {
        self.answers.flush(&self.scope, &[EVERYTHING.to_owned()]).await;
    }
}

#[cfg(test)]
mod tests;
