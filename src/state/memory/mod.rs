//! The state in this process. It is all there is by default, and what calls go on with when a shared store does not answer.

mod bucket;
mod cache;
mod circuits;
mod gate;
mod shared;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use cache::MemoryCache;
pub(crate) use cache::Sought;
pub(crate) use circuits::Circuits;
pub(crate) use gate::{Gate, Gates, Unreported};
use tokio::time::Instant;

use super::{
    Scope,
    circuit::CircuitRules,
    kept::{CacheKey, Kept, Lifetime, Lookup},
    lease::{LeaseAnswer, LeaseTable},
    quota::{QuotaRule, Turn},
    store::LaneId,
};
use crate::sync::lock;

/// Beyond this many callers those who are idle are forgotten.
const MANY_SCOPES: usize = 1_024;

/// Breakers, quotas, answers and leases in this process's memory.
pub struct MemoryStore {
    zero: Instant,
    circuits: Mutex<Callers<Circuits>>,
    gates: Mutex<Callers<Gates>>,
    cache: MemoryCache,
    leases: Mutex<LeaseTable>,
}

/// What is kept for each caller.
struct Callers<T> {
    known: HashMap<Scope, Arc<T>>,
    sweep_at: usize,
}

impl<T> Default for Callers<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), sweep_at: MANY_SCOPES }
    }
}

impl<T> Callers<T> {
    /// What is kept for `scope`. Beyond many callers those are forgotten whom nobody holds and of whom there is nothing to
    /// remember.
    fn get(&mut self, scope: Scope, new: impl FnOnce() -> T, is_idle: impl Fn(&T) -> bool) -> Arc<T> {
        if let Some(known) = self.known.get(&scope) {
            return Arc::clone(known);
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, known| Arc::strong_count(known) > 1 || !is_idle(known));
            self.sweep_at = (self.known.len() * 2).max(MANY_SCOPES);
        }
        let new = Arc::new(new());
        self.known.insert(scope, Arc::clone(&new));
        new
    }
}

impl MemoryStore {
    /// A store that keeps at most `cache_bytes` of answers.
    #[must_use]
    pub fn new(cache_bytes: u64) -> Self {
        Self {
            zero: Instant::now(),
            circuits: Mutex::default(),
            gates: Mutex::default(),
            cache: MemoryCache::new(cache_bytes),
            leases: Mutex::default(),
        }
    }

    /// The store's clock, in milliseconds. Stands still where tokio's time does.
    pub(crate) fn now(&self) -> u64 {
        self.millis(Instant::now())
    }

    /// What the store's clock shows at an instant.
    pub(crate) fn millis(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.zero).as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// The breakers of a caller; the first to ask sets the rules.
    pub(crate) fn circuits(&self, scope: Scope, rules: CircuitRules) -> Arc<Circuits> {
        lock(&self.circuits).get(scope, || Circuits::new(rules), Circuits::is_at_rest)
    }

    /// The gates of a caller.
    pub(crate) fn gates(&self, scope: Scope) -> Arc<Gates> {
        let now = self.now();
        lock(&self.gates).get(scope, Gates::default, |gates| gates.is_idle(now))
    }

    /// Asks a lane for room.
    pub(crate) fn ask(&self, id: &LaneId, rule: &QuotaRule) -> Turn {
        let gates = self.gates(id.scope);
        gates.ask(&gates.gate(id), rule, self.now())
    }

    pub(crate) fn lookup(&self, key: &CacheKey) -> Lookup {
        self.cache.get(key, self.now())
    }

    /// Looks an answer up, and what whoever fetches a newer one must show.
    pub(crate) fn find(&self, key: &CacheKey, tags: &[String]) -> (Lookup, Sought) {
        self.cache.find(key, tags, self.now())
    }

    pub(crate) fn keep(&self, key: CacheKey, kept: Arc<Kept>, sought: impl Into<Sought>, life: Lifetime) {
        self.cache.put(key, kept, sought.into(), life, self.now());
    }

    /// Makes everything of a scope with one of these tags stale.
    pub(crate) fn forget(&self, scope: &Scope, tags: &[String]) {
        self.cache.flush(scope, tags);
    }

    pub(crate) fn acquire_lease(&self, name: &str, ttl: Duration) -> LeaseAnswer {
        lock(&self.leases).acquire(name, whole_millis(ttl), self.now())
    }

    pub(crate) fn renew_lease(&self, name: &str, token: u64, ttl: Duration) -> bool {
        lock(&self.leases).renew(name, token, whole_millis(ttl), self.now())
    }

    pub(crate) fn release_lease(&self, name: &str, token: u64, note: Option<&str>) -> bool {
        lock(&self.leases).release(name, token, note, self.now())
    }

    pub(crate) fn clear_cache(&self) {
        self.cache.clear();
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

fn whole_millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::circuit::Verdict;

    #[tokio::test(start_paused = true)]
    async fn callers_who_are_gone_are_forgotten() {
        let store = MemoryStore::new(1 << 20);
        let held = store.gates(Scope::new("base", &["held"]));
        for n in 0..10_000 {
            store.gates(Scope::new("base", &[&n.to_string()]));
        }
        assert!(lock(&store.gates).known.len() <= 2 * MANY_SCOPES);
        assert!(Arc::ptr_eq(&held, &store.gates(Scope::new("base", &["held"]))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_breaker_that_knows_something_is_not_forgotten() {
        let store = MemoryStore::new(1 << 20);
        let rules = CircuitRules { failures: 1, successes: 1, open_for: std::time::Duration::from_secs(60), probes: 1 };
        let scope = |name: &str| Scope::new("base", &[name]);
        store.circuits(scope("failing"), rules).with_tenant(|circuit| circuit.observe(Verdict::Failure, 0));
        store.circuits(scope("one fails"), rules).with("get_me", 0, |circuit| circuit.observe(Verdict::Failure, 0));
        for n in 0..10_000 {
            store.circuits(scope(&n.to_string()), rules);
        }
        assert!(lock(&store.circuits).known.len() <= 2 * MANY_SCOPES);
        for name in ["failing", "one fails"] {
            assert!(!store.circuits(scope(name), rules).is_at_rest());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operations_breaker_exists_only_while_it_has_something_to_remember() {
        let store = MemoryStore::new(0);
        let rules = CircuitRules { failures: 2, successes: 1, open_for: std::time::Duration::from_secs(60), probes: 1 };
        let circuits = store.circuits(Scope::new("base", &["key"]), rules);
        let tell = |verdict, now| circuits.with("get_me", now, |circuit| circuit.observe(verdict, now));
        tell(Verdict::Success, 0);
        tell(Verdict::Neither, 0);
        assert!(!circuits.has_operations());
        tell(Verdict::Failure, 1);
        assert!(circuits.has_operations() && circuits.views(1).operations.len() == 1);
        tell(Verdict::Success, 2);
        assert!(!circuits.has_operations() && circuits.views(2).operations.is_empty());
        // So it is after an outage.
        tell(Verdict::Failure, 3);
        tell(Verdict::Failure, 4);
        let probe = circuits.admit("get_me", 70_000).unwrap().unwrap();
        circuits.with("get_me", 70_000, |circuit| circuit.settle(probe, Verdict::Success, 70_000));
        assert!(!circuits.has_operations());
    }
}
