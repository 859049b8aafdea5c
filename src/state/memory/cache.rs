//! The cache in this process: bounded in bytes, flushed by tag.
//!
//! A tag is a counter; flushing is counting on. An answer remembers the counts that its tags had when its request began
//! and is fresh only while they stand: so an answer that was on its way while something was written does not outlive the
//! write. Counters are shared by tags that hash alike, which at worst asks the service once too often.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU64, Ordering},
};

use moka::sync::Cache;

use crate::state::{
    Scope,
    kept::{ByKey, CacheKey, Kept, Lifetime, Lookup, Seen},
};
use crate::sync::{millis, read, write};

const COUNTERS: usize = 4096;
/// An answer is large that takes more than this part of the room.
const LARGE: u64 = 256;

#[derive(Debug)]
struct Entry {
    kept: Arc<Kept>,
    fresh_until: u64,
    stale_until: u64,
    seen: Seen,
}

/// What was known of a key when the request for its answer began.
#[derive(Debug)]
pub(crate) struct Sought {
    pub(super) seen: Seen,
    place: Option<Arc<Place>>,
}

impl Sought {
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl From<Seen> for Sought {
    fn from(seen: Seen) -> Self {
        Self { seen, place: None }
    }
}

/// The place of a key. What takes about as much room as the answer before it goes into the same place, which is cheaper by
/// far than a new one.
#[derive(Debug)]
struct Place {
    weight: u32,
    entry: RwLock<Entry>,
}

pub(super) struct MemoryCache {
    places: Cache<CacheKey, Arc<Place>, ByKey>,
    counters: Box<[AtomicU64]>,
    seed: u64,
}

impl MemoryCache {
    pub(super) fn new(max_bytes: u64) -> Self {
        let places = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_: &CacheKey, place: &Arc<Place>| place.weight)
            // Freshness is measured here, on a clock that stands still where tokio's does.
            .build_with_hasher(ByKey::default());
        // Tests must not meet two tags of one counter by chance.
        let seed = if cfg!(test) { 7 } else { fastrand::u64(..) };
        Self { places, counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(), seed }
    }

    pub(super) fn get(&self, key: &CacheKey, now: u64) -> Lookup {
        self.places.get(key).map_or(Lookup::Missing, |place| self.look(&place, now))
    }

    /// The answer under a key, and what whoever fetches a newer one must show when putting it there.
    pub(super) fn find(&self, key: &CacheKey, tags: &[String], now: u64) -> (Lookup, Sought) {
        // The counts come first: a flush between the two must not go unseen.
        let seen = Seen(tags.iter().map(|tag| self.count(self.place(&key.scope, tag))).collect());
        let place = self.places.get(key);
        let lookup = place.as_ref().map_or(Lookup::Missing, |place| self.look(place, now));
        (lookup, Sought { seen, place })
    }

    fn look(&self, place: &Place, now: u64) -> Lookup {
        let entry = read(&place.entry);
        let flushed = entry.seen.0.iter().any(|seen| self.count(usize::try_from(*seen).unwrap_or_default()) != *seen);
        if now < entry.fresh_until && !flushed {
            Lookup::Fresh(Arc::clone(&entry.kept))
        } else if now < entry.stale_until {
            Lookup::Stale(Arc::clone(&entry.kept))
        } else {
            Lookup::Missing
        }
    }

    pub(super) fn put(&self, key: CacheKey, kept: Arc<Kept>, sought: Sought, life: Lifetime, now: u64) {
        let fresh_until = now.saturating_add(millis(life.fresh));
        let stale_until = fresh_until.saturating_add(millis(life.stale));
        let weight = u32::try_from(kept.weight() + key.name.len() + sought.seen.0.len() * 8).unwrap_or(u32::MAX);
        let entry = Entry { kept, fresh_until, stale_until, seen: sought.seen };
        match sought.place {
            Some(place) if (place.weight / 2..=place.weight).contains(&weight) => {
                let mut there = write(&place.entry);
                let before = std::mem::replace(&mut *there, entry);
                drop(there);
                drop(before);
            }
            _ => {
                self.places.insert(key, Arc::new(Place { weight, entry: RwLock::new(entry) }));
                // moka makes room some time later: with large answers that would be late.
                if u64::from(weight) > self.places.policy().max_capacity().unwrap_or_default() / LARGE {
                    self.places.run_pending_tasks();
                }
            }
        }
    }

    pub(super) fn flush(&self, scope: &Scope, tags: &[String]) {
        for tag in tags {
            if let Some(counter) = self.counters.get(self.place(scope, tag)) {
                counter.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    /// Drops everything, of every scope.
    pub(super) fn clear(&self) {
        self.places.invalidate_all();
        self.counters.iter().for_each(|counter| _ = counter.fetch_add(1, Ordering::AcqRel));
    }

    /// Which counter is a tag's. It is asked for every tag of every answer, and may be anybody else's too: so it is cheap
    /// (FNV-1a) rather than good.
    fn place(&self, scope: &Scope, tag: &str) -> usize {
        let hash = tag.bytes().fold(self.seed ^ scope.number(), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        usize::try_from((hash ^ (hash >> 32)) % COUNTERS as u64).unwrap_or_default()
    }

    /// How often a counter has been counted on; the last bits say which one it is.
    fn count(&self, at: usize) -> u64 {
        let at = at % COUNTERS;
        let count = self.counters.get(at).map_or(0, |counter| counter.load(Ordering::Acquire));
        count * COUNTERS as u64 + at as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    const LIFE: Lifetime = Lifetime { fresh: Duration::from_secs(60), stale: Duration::from_secs(600) };

    fn key(scope: &str, name: &str) -> CacheKey {
        CacheKey::new(Scope::new("https://api.cal.com", &[scope]), name)
    }

    fn kept(size: usize) -> Arc<Kept> {
        Arc::new(Kept::new(200, Vec::new(), Bytes::from(vec![b'x'; size]), 0))
    }

    fn put(cache: &MemoryCache, key: &CacheKey, tags: &[&str], now: u64) {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let sought = cache.find(key, &tags, now).1;
        cache.put(key.clone(), kept(100), sought, LIFE, now);
    }

    #[test]
    fn an_answer_is_fresh_then_stale_then_gone() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        put(&cache, &key, &["slots"], 0);
        assert!(matches!(cache.get(&key, 59_999), Lookup::Fresh(_)));
        assert!(matches!(cache.get(&key, 60_000), Lookup::Stale(_)));
        assert!(matches!(cache.get(&key, 660_000), Lookup::Missing));
    }

    #[test]
    fn flushing_a_tag_reaches_what_carries_it_in_this_scope_and_nothing_else() {
        let cache = MemoryCache::new(1 << 20);
        let (mine, other_event, theirs) = (key("a", "slots:1"), key("a", "slots:2"), key("b", "slots:1"));
        put(&cache, &mine, &["slots", "slots:1"], 0);
        put(&cache, &other_event, &["slots", "slots:2"], 0);
        put(&cache, &theirs, &["slots", "slots:1"], 0);
        cache.flush(&mine.scope, &["slots:1".to_owned()]);
        assert!(matches!(cache.get(&mine, 1), Lookup::Stale(_)));
        assert!(matches!(cache.get(&other_event, 1), Lookup::Fresh(_)));
        assert!(matches!(cache.get(&theirs, 1), Lookup::Fresh(_)));
    }

    #[test]
    fn an_answer_that_was_on_its_way_during_a_write_is_stale_from_the_start() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        let tags = ["slots".to_owned()];
        let sought = cache.find(&key, &tags, 0).1;
        cache.flush(&key.scope, &tags);
        cache.put(key.clone(), kept(10), sought, LIFE, 0);
        assert!(matches!(cache.get(&key, 0), Lookup::Stale(_)));
    }

    #[test]
    fn a_newer_answer_takes_the_place_of_the_one_before_and_is_weighed() {
        let cache = MemoryCache::new(1 << 20);
        let key = key("a", "slots");
        for size in [1_000, 1_000, 900, 5_000, 100] {
            let answer = kept(size);
            let sought = cache.find(&key, &[], 0).1;
            cache.put(key.clone(), Arc::clone(&answer), sought, LIFE, 0);
            let Lookup::Fresh(found) = cache.get(&key, 0) else { panic!("it was put there") };
            assert!(Arc::ptr_eq(&found, &answer));
            cache.places.run_pending_tasks();
            assert_eq!(cache.places.entry_count(), 1);
            let (weight, least) = (cache.places.weighted_size(), found.weight() as u64);
            assert!((least..=least * 2).contains(&weight), "{weight} for {least}");
        }
    }

    /// How much memory this process uses.
    #[cfg(target_os = "linux")]
    fn resident() -> usize {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    /// In a process of its own, since others use memory too.
    #[cfg(target_os = "linux")]
    #[test]
    fn small_answers_take_no_more_memory_than_they_may() {
        const ROOM: usize = 24 << 20;
        let name = "state::memory::cache::tests::small_answers_take_no_more_memory_than_they_may";
        if std::env::var_os("CALCOM_MEASURE").is_none() {
            let program = std::env::current_exe().unwrap();
            let measured =
                std::process::Command::new(program).args(["--exact", name]).env("CALCOM_MEASURE", "1").status();
            assert!(measured.unwrap().success());
            return;
        }
        let cache = MemoryCache::new(ROOM as u64);
        let tags: Vec<String> = ["calcom", "user", "user:1"].map(str::to_owned).to_vec();
        let before = resident();
        for n in 0..80_000 {
            let key = key("a", &format!("calcom:event_types:{n}|2024-06-14|get_event_type|/v2/event-types/{n}"));
            let etag = (http::header::ETAG, http::HeaderValue::from_static("W/\"1-2\""));
            let kept = Arc::new(Kept::new(200, vec![etag], Bytes::copy_from_slice(b"{\"data\":{}}"), 0));
            kept.decoded.put(1_500, || Arc::new([0_u8; 1_500]));
            let sought = cache.find(&key, &tags, 0).1;
            cache.put(key, kept, sought, LIFE, 0);
        }
        let taken = resident() - before;
        assert!(taken < ROOM + ROOM / 2, "{taken} of {ROOM}");
        assert!(taken > ROOM / 4, "{taken}: there is room for more");
    }

    #[test]
    fn it_never_holds_more_bytes_than_it_may() {
        let cache = MemoryCache::new(100_000);
        for n in 0..1_000 {
            let key = key("a", &format!("slots:{n}"));
            cache.put(key, kept(1_000), Seen::default().into(), LIFE, 0);
        }
        cache.places.run_pending_tasks();
        assert!(cache.places.weighted_size() <= 100_000, "{}", cache.places.weighted_size());
        assert!(cache.places.entry_count() > 0);
    }
}
