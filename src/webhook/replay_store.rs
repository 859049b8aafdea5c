//! Stores that remember received deliveries: the trait, and the store in memory.

#[cfg(feature = "redis")]
mod redis;

use std::{
    collections::{HashMap, VecDeque},
    error::Error,
    fmt,
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// Identifies a delivery: the SHA-256 of its body.
///
/// ```
/// use calcom::webhook::Event;
///
/// let event = Event::parse(r#"{"triggerEvent":"BOOKING_CREATED","payload":{}}"#)?;
/// assert_eq!(event.dedupe_key().to_string().len(), 64);
/// # Ok::<(), calcom::webhook::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey([u8; 32]);

impl DedupeKey {
    pub(crate) fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// As 64 lower-case hex digits.
impl fmt::Display for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DedupeKey({self})")
    }
}

/// Future that a [`ReplayStore`] returns.
///
/// [`ReplayStore`] has an example.
pub type ReplayFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ReplayStoreError>> + Send + 'a>>;

/// Error of a [`ReplayStore`]: any error type.
///
/// [`ReplayStore`] has an example.
pub type ReplayStoreError = Box<dyn Error + Send + Sync>;

/// Remembers which deliveries were received.
///
/// All processes that receive the deliveries of a webhook have to share one store. Otherwise each process accepts a
/// delivery once. [`MemoryReplayStore`] is for one process; `RedisStore` (feature `redis`) is shared.
///
/// ```
/// use std::time::Duration;
///
/// use calcom::webhook::{DedupeKey, ReplayFuture, ReplayStore};
///
/// /// Accepts every delivery.
/// struct NoStore;
///
/// impl ReplayStore for NoStore {
///     fn remember<'a>(&'a self, _: &'a DedupeKey, _: Duration) -> ReplayFuture<'a, bool> {
///         Box::pin(async { Ok(true) })
///     }
///
///     fn forget<'a>(&'a self, _: &'a DedupeKey) -> ReplayFuture<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// # let _: Box<dyn ReplayStore> = Box::new(NoStore);
/// ```
pub trait ReplayStore: Send + Sync {
    /// Stores `key` for `ttl` and returns whether it is new. Both happen in one atomic step: if two calls come at the same
    /// moment, only one returns `true`.
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool>;

    /// Removes `key`, so that the delivery is accepted again.
    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()>;
}

impl<S: ReplayStore + ?Sized> ReplayStore for Arc<S> {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        (**self).remember(key, ttl)
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        (**self).forget(key)
    }
}

/// A [`ReplayStore`] in the memory of one process.
///
/// Holds up to 100,000 deliveries ([`with_capacity`](Self::with_capacity)). If it is full, it drops the oldest ones.
///
/// ```
/// use calcom::webhook::{MemoryReplayStore, Verifier};
///
/// let verifier = Verifier::new("the webhook's secret")?.with_replay_store(MemoryReplayStore::new());
/// # let _ = verifier;
/// # Ok::<(), calcom::Error>(())
/// ```
pub struct MemoryReplayStore {
    capacity: usize,
    clock: fn() -> Timestamp,
    entries: Mutex<ReplayEntries>,
}

/// The expiry of each delivery, and the order in which they were received.
#[derive(Default)]
struct ReplayEntries {
    expires_at: HashMap<DedupeKey, Timestamp>,
    order: VecDeque<(DedupeKey, Timestamp)>,
}

impl MemoryReplayStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(100_000)
    }

    /// Creates an empty store for at most `capacity` deliveries. Each takes about 100 bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), clock: Timestamp::now, entries: Mutex::default() }
    }

    fn remember_sync(&self, key: &DedupeKey, ttl: Duration) -> bool {
        let now = (self.clock)();
        let until = SignedDuration::try_from(ttl).ok().and_then(|ttl| now.checked_add(ttl).ok());
        let until = until.unwrap_or(Timestamp::MAX);
        let mut entries = lock(&self.entries);
        entries.evict(now, self.capacity);
        if entries.expires_at.get(key).is_some_and(|&until| until > now) {
            return false;
        }
        entries.expires_at.insert(*key, until);
        entries.order.push_back((*key, until));
        true
    }

    fn forget_sync(&self, key: &DedupeKey) {
        lock(&self.entries).expires_at.remove(key);
    }
}

impl ReplayEntries {
    /// Drops expired entries, and the oldest ones if the store is full.
    fn evict(&mut self, now: Timestamp, capacity: usize) {
        while let Some(&(key, until)) = self.order.front()
            && (until <= now || self.order.len() >= capacity)
        {
            self.order.pop_front();
            if self.expires_at.get(&key) == Some(&until) {
                self.expires_at.remove(&key);
            }
        }
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl ReplayStore for MemoryReplayStore {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        Box::pin(ready(Ok(self.remember_sync(key, ttl))))
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        self.forget_sync(key);
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    static NOW: AtomicI64 = AtomicI64::new(0);

    fn store(capacity: usize) -> MemoryReplayStore {
        MemoryReplayStore {
            clock: || Timestamp::from_second(NOW.load(Ordering::SeqCst)).unwrap(),
            ..MemoryReplayStore::with_capacity(capacity)
        }
    }

    fn key(n: u8) -> DedupeKey {
        DedupeKey::new([n; 32])
    }

    #[test]
    fn a_delivery_is_new_once_until_it_is_forgotten_or_expires() {
        let ttl = Duration::from_secs(60);
        let store = store(10);
        assert!(store.remember_sync(&key(1), ttl));
        assert!(!store.remember_sync(&key(1), ttl));
        store.forget_sync(&key(1));
        assert!(store.remember_sync(&key(1), ttl));
        NOW.fetch_add(61, Ordering::SeqCst);
        assert!(store.remember_sync(&key(1), ttl));
        assert!(store.remember_sync(&key(2), Duration::MAX), "for ever, but without overflow");
    }

    #[test]
    fn a_full_store_forgets_the_oldest_delivery_for_a_new_one() {
        let store = store(2);
        for n in [1, 2, 3] {
            assert!(store.remember_sync(&key(n), Duration::MAX));
        }
        assert!(!store.remember_sync(&key(3), Duration::MAX));
        assert!(store.remember_sync(&key(1), Duration::MAX), "1 was dropped for 3");
        let entries = store.entries.lock().unwrap();
        assert!(entries.expires_at.len() <= 2 && entries.order.len() <= 2);
    }
}
