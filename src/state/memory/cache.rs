//! The cache in this process: bounded in bytes, invalidated by tag.
//!
//! Each tag has a counter, and an invalidation increments it. A response holds the versions that its tags had when its request
//! began, and is fresh only while they are current. So a response that was requested before a write and arrives after it is not
//! fresh. Tags with the same hash share a counter, which at worst causes one needless request.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU64, Ordering},
};

use moka::sync::Cache;

use crate::state::{
    TenantId,
    cached_response::{BuildPrehashed, CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
};
use crate::sync::{millis, read, write};

const COUNTER_COUNT: usize = 4096;
/// A response is large if it takes more than one part in this many of the capacity.
const LARGE_DIVISOR: u64 = 256;

#[derive(Debug)]
struct CacheEntry {
    response: Arc<CachedResponse>,
    fresh_until: u64,
    stale_until: u64,
    versions: TagVersions,
}

/// What a caller needs to store a response: the state of the cache when its request began.
#[derive(Debug)]
pub(crate) struct PutToken {
    pub(super) versions: TagVersions,
    cell: Option<Arc<CacheCell>>,
}

impl PutToken {
    pub(crate) fn versions(&self) -> &TagVersions {
        &self.versions
    }
}

impl From<TagVersions> for PutToken {
    fn from(versions: TagVersions) -> Self {
        Self { versions, cell: None }
    }
}

/// The entry of a key. A response of about the same size replaces the one before in the same cell, which is much cheaper than
/// a new cell.
#[derive(Debug)]
struct CacheCell {
    weight: u32,
    entry: RwLock<CacheEntry>,
}

pub(super) struct MemoryCache {
    cells: Cache<CacheKey, Arc<CacheCell>, BuildPrehashed>,
    counters: Box<[AtomicU64]>,
    seed: u64,
}

impl MemoryCache {
    pub(super) fn new(max_bytes: u64) -> Self {
        let cells = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_: &CacheKey, cell: &Arc<CacheCell>| cell.weight)
            // moka does not expire entries: freshness is measured on tokio's clock, which tests pause.
            .build_with_hasher(BuildPrehashed::default());
        // With a fixed seed the tags of a test never share a counter by chance.
        let seed = if cfg!(test) { 7 } else { fastrand::u64(..) };
        Self { cells, counters: (0..COUNTER_COUNT).map(|_| AtomicU64::new(0)).collect(), seed }
    }

    pub(super) fn lookup(&self, key: &CacheKey, now: u64) -> CacheLookup {
        self.cells.get(key).map_or(CacheLookup::Missing, |cell| self.look_up(&cell, now))
    }

    /// Returns the response under a key, and the token with which a newer one is stored.
    pub(super) fn lookup_for_fetch(&self, key: &CacheKey, tags: &[String], now: u64) -> (CacheLookup, PutToken) {
        // The versions are read first, so that an invalidation between the two steps is noticed.
        let versions = TagVersions(tags.iter().map(|tag| self.version(self.counter_index(&key.tenant, tag))).collect());
        let cell = self.cells.get(key);
        let lookup = cell.as_ref().map_or(CacheLookup::Missing, |cell| self.look_up(cell, now));
        (lookup, PutToken { versions, cell })
    }

    fn look_up(&self, cell: &CacheCell, now: u64) -> CacheLookup {
        let entry = read(&cell.entry);
        let is_current = |version: &u64| self.version(usize::try_from(*version).unwrap_or_default()) == *version;
        if now < entry.fresh_until && entry.versions.0.iter().all(is_current) {
            CacheLookup::Fresh(Arc::clone(&entry.response))
        } else if now < entry.stale_until {
            CacheLookup::Stale(Arc::clone(&entry.response))
        } else {
            CacheLookup::Missing
        }
    }

    pub(super) fn put(
        &self,
        key: CacheKey,
        response: Arc<CachedResponse>,
        token: PutToken,
        freshness: Freshness,
        now: u64,
    ) {
        let fresh_until = now.saturating_add(millis(freshness.fresh_for));
        let stale_until = fresh_until.saturating_add(millis(freshness.stale_for));
        let weight = u32::try_from(response.weight() + key.name.len() + token.versions.0.len() * 8).unwrap_or(u32::MAX);
        let entry = CacheEntry { response, fresh_until, stale_until, versions: token.versions };
        match token.cell {
            Some(cell) if (cell.weight / 2..=cell.weight).contains(&weight) => {
                let mut current = write(&cell.entry);
                let previous = std::mem::replace(&mut *current, entry);
                drop(current);
                drop(previous);
            }
            _ => {
                self.cells.insert(key, Arc::new(CacheCell { weight, entry: RwLock::new(entry) }));
                // moka evicts some time later. Large responses would exceed the capacity until then.
                if u64::from(weight) > self.cells.policy().max_capacity().unwrap_or_default() / LARGE_DIVISOR {
                    self.cells.run_pending_tasks();
                }
            }
        }
    }

    pub(super) fn invalidate(&self, tenant: &TenantId, tags: &[String]) {
        for tag in tags {
            if let Some(counter) = self.counters.get(self.counter_index(tenant, tag)) {
                counter.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    /// Drops all responses of all tenants.
    pub(super) fn clear(&self) {
        self.cells.invalidate_all();
        self.counters.iter().for_each(|counter| _ = counter.fetch_add(1, Ordering::AcqRel));
    }

    /// Index of the counter of a tag. Computed for every tag of every response, and tags may share a counter, so that the hash
    /// is cheap (FNV-1a) rather than good.
    fn counter_index(&self, tenant: &TenantId, tag: &str) -> usize {
        let hash = tag.bytes().fold(self.seed ^ tenant.prefix(), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        usize::try_from((hash ^ (hash >> 32)) % COUNTER_COUNT as u64).unwrap_or_default()
    }

    /// Value of a counter. The low bits hold its index.
    fn version(&self, index: usize) -> u64 {
        let index = index % COUNTER_COUNT;
        let count = self.counters.get(index).map_or(0, |counter| counter.load(Ordering::Acquire));
        count * COUNTER_COUNT as u64 + index as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    const LIFE: Freshness = Freshness { fresh_for: Duration::from_secs(60), stale_for: Duration::from_secs(600) };

    fn key(tenant: &str, name: &str) -> CacheKey {
        CacheKey::new(TenantId::new("https://api.cal.com", &[tenant]), name)
    }

    fn response(size: usize) -> Arc<CachedResponse> {
        Arc::new(CachedResponse::new(200, Vec::new(), Bytes::from(vec![b'x'; size]), 0))
    }

    fn put(cache: &MemoryCache, key: &CacheKey, tags: &[&str], now: u64) {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let token = cache.lookup_for_fetch(key, &tags, now).1;
        cache.put(key.clone(), response(100), token, LIFE, now);
    }

    #[test]
    fn a_response_is_fresh_then_stale_then_missing() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        put(&cache, &key, &["slots"], 0);
        assert!(matches!(cache.lookup(&key, 59_999), CacheLookup::Fresh(_)));
        assert!(matches!(cache.lookup(&key, 60_000), CacheLookup::Stale(_)));
        assert!(matches!(cache.lookup(&key, 660_000), CacheLookup::Missing));
    }

    #[test]
    fn invalidating_a_tag_affects_the_responses_of_its_tenant_that_have_it_and_no_others() {
        let cache = MemoryCache::new(1 << 20);
        let (mine, other_event, theirs) = (key("a", "slots:1"), key("a", "slots:2"), key("b", "slots:1"));
        put(&cache, &mine, &["slots", "slots:1"], 0);
        put(&cache, &other_event, &["slots", "slots:2"], 0);
        put(&cache, &theirs, &["slots", "slots:1"], 0);
        cache.invalidate(&mine.tenant, &["slots:1".to_owned()]);
        assert!(matches!(cache.lookup(&mine, 1), CacheLookup::Stale(_)));
        assert!(matches!(cache.lookup(&other_event, 1), CacheLookup::Fresh(_)));
        assert!(matches!(cache.lookup(&theirs, 1), CacheLookup::Fresh(_)));
    }

    #[test]
    fn a_response_in_flight_during_a_write_is_stale_from_the_start() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        let tags = ["slots".to_owned()];
        let token = cache.lookup_for_fetch(&key, &tags, 0).1;
        cache.invalidate(&key.tenant, &tags);
        cache.put(key.clone(), response(10), token, LIFE, 0);
        assert!(matches!(cache.lookup(&key, 0), CacheLookup::Stale(_)));
    }

    #[test]
    fn a_newer_response_replaces_the_one_before_and_is_weighed() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        for size in [1_000, 1_000, 900, 5_000, 100] {
            let stored = response(size);
            let token = cache.lookup_for_fetch(&key, &[], 0).1;
            cache.put(key.clone(), Arc::clone(&stored), token, LIFE, 0);
            let CacheLookup::Fresh(found) = cache.lookup(&key, 0) else { panic!("it was stored") };
            assert!(Arc::ptr_eq(&found, &stored));
            cache.cells.run_pending_tasks();
            assert_eq!(cache.cells.entry_count(), 1);
            let (weight, least) = (cache.cells.weighted_size(), found.weight() as u64);
            assert!((least..=least * 2).contains(&weight), "{weight} for {least}");
        }
    }

    /// Memory of this process, in bytes.
    #[cfg(target_os = "linux")]
    fn resident() -> usize {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    /// Runs in a process of its own, because other tests use memory too.
    #[cfg(target_os = "linux")]
    #[test]
    fn small_responses_take_no_more_memory_than_they_may() {
        const CAPACITY: usize = 24 << 20;
        let name = "state::memory::cache::tests::small_responses_take_no_more_memory_than_they_may";
        if std::env::var_os("CALCOM_MEASURE").is_none() {
            let program = std::env::current_exe().unwrap();
            let measured =
                std::process::Command::new(program).args(["--exact", name]).env("CALCOM_MEASURE", "1").status();
            assert!(measured.unwrap().success());
            return;
        }
        let cache = MemoryCache::new(CAPACITY as u64);
        let tags: Vec<String> = ["calcom", "user", "user:1"].map(str::to_owned).to_vec();
        let before = resident();
        for n in 0..80_000 {
            let key = key("a", &format!("calcom:event_types:{n}|2024-06-14|get_event_type|/v2/event-types/{n}"));
            let etag = (http::header::ETAG, http::HeaderValue::from_static("W/\"1-2\""));
            let response = Arc::new(CachedResponse::new(200, vec![etag], Bytes::copy_from_slice(b"{\"data\":{}}"), 0));
            response.decoded.put(1_500, || Arc::new([0_u8; 1_500]));
            let token = cache.lookup_for_fetch(&key, &tags, 0).1;
            cache.put(key, response, token, LIFE, 0);
        }
        let taken = resident() - before;
        assert!(taken < CAPACITY + CAPACITY / 2, "{taken} of {CAPACITY}");
        assert!(taken > CAPACITY / 4, "{taken}: there is room for more");
    }

    #[test]
    fn the_cache_never_holds_more_bytes_than_it_may() {
        let cache = MemoryCache::new(100_000);
        for n in 0..1_000 {
            let key = key("a", &format!("slots:{n}"));
            cache.put(key, response(1_000), TagVersions::default().into(), LIFE, 0);
        }
        cache.cells.run_pending_tasks();
        assert!(cache.cells.weighted_size() <= 100_000, "{}", cache.cells.weighted_size());
        assert!(cache.cells.entry_count() > 0);
    }
}
