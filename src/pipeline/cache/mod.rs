//! The response cache: returns a cached response, or lets one call fetch it while other calls with the same key wait.
//!
//! The waiting calls get the fetched response, or the error of the fetch if it holds for every caller. If the fetching call is
//! dropped, one of the waiting calls fetches. A stale response is revalidated with its ETag. A response is cached only after
//! its caller has decoded it. `key` makes keys and tags; the store holds the responses.

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

pub(super) use body::{is_empty, is_response};
pub(super) use invalidation::InvalidationGuard;
pub(super) use key::CacheRequest;
use key::tags_of_key;
use single_flight::{FetchOutcome, FetchToken, FlightGuard, LeadOutcome, SingleFlight, UncachedResult};

use super::response::CacheWriteFuture;
use crate::{
    Error,
    state::{
        Store, TenantId,
        cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, ROOT_TAG},
    },
};

/// The time for which a stale response is held, to be revalidated.
const STALE_TTL: Duration = Duration::from_secs(3600);

/// The cache of a client. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct ResponseCache {
    store: Store,
    single_flight: SingleFlight,
}

/// The next number of the sequence in which lookups and fetches start. One for all clients: they can share a store, and a
/// response of another client would seem to be newer than a call that asks for a new one.
static NEXT_IN_SEQUENCE: AtomicU64 = AtomicU64::new(1);

fn next_in_sequence() -> u64 {
    NEXT_IN_SEQUENCE.fetch_add(1, Ordering::Relaxed)
}

/// The result of a lookup.
#[derive(Debug)]
pub(crate) enum CacheOutcome {
    /// A fresh response.
    Hit(Arc<CachedResponse>),
    /// No fresh response: the caller fetches it, while other calls wait.
    Miss(FetchGuard),
    /// The response that another call has fetched and could not decode.
    Undecodable(Arc<CachedResponse>),
    /// The error of another call's fetch, which holds for every caller.
    Failed(Error),
}

/// The deadline passed while another call was fetching.
#[derive(Debug)]
pub(crate) struct SingleFlightTimeout;

impl ResponseCache {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, single_flight: SingleFlight::default() }
    }

    /// Looks `key` up without waiting. `None` if a shared store has to be asked, or if another call is fetching.
    pub(crate) fn try_find(
        &self,
        key: &CacheKey,
        tags: impl FnOnce() -> Arc<[String]>,
        refresh: bool,
    ) -> Option<CacheOutcome> {
        let local = self.store.local();
        if self.store.remote().is_some_and(|shared| !shared.is_unavailable()) {
            return None;
        }
        // Most lookups end at this point. Values that only a fetch needs are made later.
        if !refresh && let CacheLookup::Fresh(response) = local.lookup(key) {
            return Some(CacheOutcome::Hit(response));
        }
        let requested_at = next_in_sequence();
        let guard = self.single_flight.try_lead(key)?;
        let tags = tags();
        let (lookup, token) = local.lookup_for_fetch(key, &tags);
        let target = || FetchTarget { key: key.clone(), tags, token: FetchToken::Local(token), guard };
        Some(self.outcome_of(lookup, refresh.then_some(requested_at), target))
    }

    /// Looks `key` up, and waits for another call that fetches it.
    ///
    /// The call waits for half of the time that is left, then takes the fetch over. If another call has taken it over, it waits
    /// for half of the rest, then fetches by itself.
    pub(crate) async fn find(
        &self,
        key: CacheKey,
        tags: Arc<[String]>,
        refresh: bool,
        deadline: Instant,
    ) -> Result<CacheOutcome, SingleFlightTimeout> {
        let requested_at = next_in_sequence();
        let since = refresh.then_some(requested_at);
        let mut timeouts = 0;
        loop {
            let (lookup, token) = self.lookup(&key, &tags).await;
            if let CacheLookup::Fresh(response) = &lookup
                && since.is_none_or(|since| response.sequence() > since)
            {
                return Ok(CacheOutcome::Hit(Arc::clone(response)));
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(SingleFlightTimeout);
            }
            let guard = match self.single_flight.lead_or_wait(&key, now + (deadline - now) / 2).await {
                LeadOutcome::Leader(guard) => guard,
                LeadOutcome::Outcome(Some(FetchOutcome::Uncached(ended))) if ended.is_valid_for(&token, since) => {
                    return Ok(match &ended.result {
                        Ok(response) => CacheOutcome::Undecodable(Arc::clone(response)),
                        Err(error) => CacheOutcome::Failed(error.clone()),
                    });
                }
                LeadOutcome::Outcome(_) => continue,
                LeadOutcome::TimedOut(fetch) => {
                    timeouts += 1;
                    match self.single_flight.take_over(&key, fetch) {
                        Some(guard) => guard,
                        None if timeouts < 2 => continue,
                        None => self.single_flight.lead_separately(&key),
                    }
                }
            };
            let (lookup, token) = self.lookup(&key, &tags).await;
            return Ok(self.outcome_of(lookup, since, || FetchTarget { key, tags, token, guard }));
        }
    }

    /// The outcome of a lookup for the call that holds the guard. A response that was fetched after `since` is fresh enough.
    fn outcome_of(
        &self,
        lookup: CacheLookup,
        since: Option<u64>,
        target: impl FnOnce() -> FetchTarget,
    ) -> CacheOutcome {
        let stale = match lookup {
            CacheLookup::Fresh(response) if since.is_none_or(|since| response.sequence() > since) => {
                return CacheOutcome::Hit(response);
            }
            CacheLookup::Fresh(response) | CacheLookup::Stale(response) => Some(response),
            CacheLookup::Missing => None,
        };
        CacheOutcome::Miss(FetchGuard {
            store: self.store.clone(),
            sequence: next_in_sequence(),
            target: target(),
            stale,
        })
    }

    async fn lookup(&self, key: &CacheKey, tags: &[String]) -> (CacheLookup, FetchToken) {
        if let Some(shared) = self.store.remote()
            && let Some((found, token)) = Box::pin(shared.lookup(key, tags)).await
        {
            return (found, FetchToken::Remote(token));
        }
        let (found, token) = self.store.local().lookup_for_fetch(key, tags);
        (found, FetchToken::Local(token))
    }

    /// Makes all responses with one of these tags stale.
    pub(crate) async fn invalidate(&self, tenant: &TenantId, tags: &[String]) {
        self.invalidate_local(tenant, tags);
        self.invalidate_remote(tenant, tags).await;
    }

    pub(crate) fn invalidate_local(&self, tenant: &TenantId, tags: &[String]) {
        self.store.local().invalidate_tags(tenant, tags);
    }

    pub(crate) async fn invalidate_remote(&self, tenant: &TenantId, tags: &[String]) {
        if let Some(shared) = self.store.remote() {
            shared.invalidate(tenant, tags).await;
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.store.remote().is_some()
    }

    /// Invalidates as [`invalidate`](Self::invalidate) does, without waiting for a shared store.
    pub(crate) fn invalidate_in_background(&self, tenant: TenantId, tags: Vec<String>) {
        self.store.local().invalidate_tags(&tenant, &tags);
        if let Some(shared) = self.store.remote() {
            shared.invalidate_in_background(tenant, tags);
        }
    }
}

/// The exclusive right to fetch a response. On drop a waiting call gets it.
#[derive(Debug)]
pub(crate) struct FetchGuard {
    store: Store,
    sequence: u64,
    target: FetchTarget,
    stale: Option<Arc<CachedResponse>>,
}

/// The response that is fetched.
#[derive(Debug)]
struct FetchTarget {
    key: CacheKey,
    tags: Arc<[String]>,
    token: FetchToken,
    /// Other calls wait until it is dropped.
    guard: FlightGuard,
}

impl FetchGuard {
    /// The validator of the stale response, if there is one.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.stale.as_ref()?.etag()
    }

    /// The response of the service, to be cached.
    pub(crate) fn new_response(
        &self,
        status: u16,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: bytes::Bytes,
    ) -> Arc<CachedResponse> {
        Arc::new(CachedResponse::new(status, headers, body, self.sequence))
    }

    /// The stale response, fresh again because the service confirmed it (304).
    pub(crate) fn revalidated_response(&mut self) -> Option<Arc<CachedResponse>> {
        Some(Arc::new(self.stale.take()?.revalidated(self.sequence)))
    }

    /// Drops the stale response: the next one replaces it, and is requested without its validator.
    pub(crate) fn without_validator(mut self) -> Self {
        self.stale = None;
        self
    }

    /// Stores the response in the store that was asked for it, where it is fresh for `fresh`. The returned future stores it
    /// in a shared store; if that is unavailable by then, the response is not cached. A response without validator is held
    /// only while it is fresh.
    pub(crate) fn put(self, response: &Arc<CachedResponse>, fresh: Duration) -> Option<CacheWriteFuture> {
        let life = Freshness {
            fresh_for: fresh,
            stale_for: if response.etag().is_some() { STALE_TTL } else { Duration::ZERO },
        };
        let FetchTarget { key, tags, token, guard } = self.target;
        let (response, store) = (Arc::clone(response), self.store);
        match token {
            FetchToken::Local(token) => {
                store.local().store_response(key, response, token, life);
                guard.notify_stored();
                None
            }
            FetchToken::Remote(token) => Some(Box::pin(async move {
                if let Some(shared) = store.remote() {
                    shared.put(&key, &response, &tags, &token, life).await;
                }
                guard.notify_stored();
            })),
        }
    }

    /// Gives a response that could not be decoded to the waiting calls. It is not cached.
    pub(crate) fn finish_undecodable(self, response: Arc<CachedResponse>) {
        let FetchTarget { token, guard, .. } = self.target;
        guard.notify_uncached(|| UncachedResult { sequence: self.sequence, token, result: Ok(response) });
    }

    /// Gives an error that holds for every caller to the waiting calls.
    pub(crate) fn finish_failed(self, error: &Error) {
        let FetchTarget { token, guard, .. } = self.target;
        guard.notify_uncached(|| UncachedResult { sequence: self.sequence, token, result: Err(error.clone()) });
    }
}

/// The cached responses of a client's credential; from [`Client::cache`](crate::Client::cache). They can be dropped by key, by
/// tag, or all.
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
    tenant: TenantId,
}

impl Cache {
    pub(crate) fn new(responses: ResponseCache, tenant: TenantId) -> Self {
        Self { responses, tenant }
    }

    /// Drops the responses that one documented key covers: `calcom:event_types:{teamId}`,
    /// `calcom:slots:{eventTypeId}:{date}`, `calcom:user:{userId}`, `calcom:schedules:{userId}`. The prefix `calcom:` is
    /// optional.
    ///
    /// A key of another form, such as `calcom:users:1`, drops nothing and is not an error.
    ///
    /// A response whose request names no team, user or event type can contain any of them, and is dropped with each id. Such
    /// are an event type by its id, the caller's own event types, and slots that were requested by user name and slug. An empty
    /// id, or `null`, drops only these.
    pub async fn forget(&self, key: &str) {
        self.responses.invalidate(&self.tenant, &tags_of_key(key)).await;
    }

    /// Drops all responses with a tag: `event_types`, `slots`, `user`, `schedules`, or `slots:{eventTypeId}`; `calcom` is the
    /// tag of all responses.
    pub async fn flush(&self, tag: &str) {
        self.responses.invalidate(&self.tenant, &tags_of_key(tag)).await;
    }

    /// Drops all responses of this credential.
    pub async fn flush_all(&self) {
        self.responses.invalidate(&self.tenant, &[ROOT_TAG.to_owned()]).await;
    }
}

#[cfg(test)]
mod tests;
