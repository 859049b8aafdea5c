//! Remembering which deliveries were received, so that none is received twice.
//!
//! Here are the seam and the store in memory; the one on a Redis server stands beside it, and a store of one's own
//! implements [`ReplayStore`].

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

/// What tells a delivery from every other: the SHA-256 of its body.
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

/// What a store answers, some time; the error is whatever the store has.
pub type ReplayFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ReplayStoreError>> + Send + 'a>>;

/// Why a store does not know.
pub type ReplayStoreError = Box<dyn Error + Send + Sync>;

/// Where it is remembered which deliveries were received.
///
/// Share one between all processes that receive for a webhook, or a delivery can be received once by each of them.
pub trait ReplayStore: Send + Sync {
    /// Remembers `key` for `ttl` and says whether it is new; both in one step, so that of two that come at the same
    /// moment only one is told so.
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool>;

    /// Forgets `key`, so that the delivery is let in once more.
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
/// Holds up to 100,000 deliveries ([`with_capacity`](Self::with_capacity)); the oldest make room for new ones.
pub struct MemoryReplays {
    capacity: usize,
    clock: fn() -> Timestamp,
    seen: Mutex<Seen>,
}

/// Until when each delivery is remembered, and the order in which they came.
#[derive(Default)]
struct Seen {
    until: HashMap<DedupeKey, Timestamp>,
    order: VecDeque<(DedupeKey, Timestamp)>,
}

impl MemoryReplays {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(100_000)
    }

    /// An empty store for at most so many deliveries, at about 100 bytes each.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), clock: Timestamp::now, seen: Mutex::default() }
    }

    fn remember_now(&self, key: &DedupeKey, ttl: Duration) -> bool {
        let now = (self.clock)();
        let until = SignedDuration::try_from(ttl).ok().and_then(|ttl| now.checked_add(ttl).ok());
        let until = until.unwrap_or(Timestamp::MAX);
        let mut seen = lock(&self.seen);
        seen.drop_stale(now, self.capacity);
        if seen.until.get(key).is_some_and(|&until| until > now) {
            return false;
        }
        seen.until.insert(*key, until);
        seen.order.push_back((*key, until));
        true
    }

    fn forget_now(&self, key: &DedupeKey) {
        lock(&self.seen).until.remove(key);
    }
}

impl Seen {
    /// Drops what has run out, and the oldest where there is no room for another.
    fn drop_stale(&mut self, now: Timestamp, capacity: usize) {
        while let Some(&(key, until)) = self.order.front()
            && (until <= now || self.order.len() >= capacity)
        {
            self.order.pop_front();
            if self.until.get(&key) == Some(&until) {
                self.until.remove(&key);
            }
        }
    }
}

impl Default for MemoryReplays {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplays").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl ReplayStore for MemoryReplays {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        Box::pin(ready(Ok(self.remember_now(key, ttl))))
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        self.forget_now(key);
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    static NOW: AtomicI64 = AtomicI64::new(0);

    fn store(capacity: usize) -> MemoryReplays {
        MemoryReplays {
            clock: || Timestamp::from_second(NOW.load(Ordering::SeqCst)).unwrap(),
            ..MemoryReplays::with_capacity(capacity)
        }
    }

    fn key(n: u8) -> DedupeKey {
        DedupeKey::new([n; 32])
    }

    #[test]
    fn a_delivery_is_new_once_until_it_is_forgotten_or_runs_out() {
        let ttl = Duration::from_secs(60);
        let store = store(10);
        assert!(store.remember_now(&key(1), ttl));
        assert!(!store.remember_now(&key(1), ttl));
        store.forget_now(&key(1));
        assert!(store.remember_now(&key(1), ttl));
        NOW.fetch_add(61, Ordering::SeqCst);
        assert!(store.remember_now(&key(1), ttl));
        assert!(store.remember_now(&key(2), Duration::MAX), "for ever, but without overflow");
    }

    #[test]
    fn the_oldest_make_room() {
        let store = store(2);
        for n in [1, 2, 3] {
            assert!(store.remember_now(&key(n), Duration::MAX));
        }
        assert!(!store.remember_now(&key(3), Duration::MAX));
        assert!(store.remember_now(&key(1), Duration::MAX), "1 was dropped for 3");
        let seen = store.seen.lock().unwrap();
        assert!(seen.until.len() <= 2 && seen.order.len() <= 2);
    }
}
