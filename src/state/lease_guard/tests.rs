use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::state::{
    StoreError, StoreFuture,
    lease::LeaseStore,
    lease_backend::{CustomLeaseStore, STEP_TIMEOUT},
};

/// The note of this holder, or the other note if this holder has none.
fn merge(ours: Option<&str>, theirs: Option<&str>) -> Option<String> {
    ours.or(theirs).map(str::to_owned)
}

impl Leases {
    async fn take(&self, name: &str, shared: bool, deadline: Instant) -> Option<LeaseGuard> {
        self.acquire(&[name.to_owned()], shared, deadline, merge).await
    }
}

/// Token and note that the next process gets from a store.
async fn next(store: &Arc<MemoryStore>, name: &str) -> (u64, Option<String>) {
    let process = Leases {
        memory: Arc::new(MemoryStore::new(0)),
        shared: Some(LeaseBackend::Custom(CustomLeaseStore::new(store.clone(), Arc::new(MemoryStore::new(0))))),
        background: TaskTracker::default(),
    };
    let held = process.take(name, true, soon()).await.unwrap();
    let lease = held.grants().last().unwrap();
    (lease.token, lease.note.clone())
}

fn leases(store: Option<Arc<dyn LeaseStore>>) -> Leases {
    let memory = Arc::new(MemoryStore::new(0));
    let shared = store.map(|store| LeaseBackend::Custom(CustomLeaseStore::new(store, Arc::clone(&memory))));
    Leases { memory, shared, background: TaskTracker::default() }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_it_is_held_and_granted_to_the_next_holder_with_its_note() {
    let leases = leases(None);
    let first = leases.take("k", true, soon()).await.unwrap();
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(30)).await.is_none());
    first.set_note(Some("done".to_owned()));
    drop(first);
    let second = leases.take("k", true, soon()).await.unwrap();
    assert_eq!((second.grants()[0].token, second.grants()[0].note.as_deref()), (2, Some("done")));
    assert!(!second.excludes_others(), "memory is this process's alone");
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_lease_through_their_store() {
    let store: Arc<dyn LeaseStore> = Arc::new(MemoryStore::new(0));
    let (one, other) = (leases(Some(Arc::clone(&store))), leases(Some(store)));
    let first = one.take("k", true, soon()).await.unwrap();
    assert!(first.excludes_others());
    let began = Instant::now();
    let (second, ()) = tokio::join!(other.take("k", true, soon()), async {
        sleep(Duration::from_secs(10)).await;
        drop(first);
    });
    assert_eq!(second.unwrap().grants()[1].token, 2);
    assert!(began.elapsed() < Duration::from_millis(10_500), "{:?}", began.elapsed());
    assert!(one.take("other", false, soon()).await.is_some_and(|lease| !lease.excludes_others()));
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_crashed_process_expires() {
    let store = Arc::new(MemoryStore::new(0));
    store.acquire_lease("k", LEASE_TTL);
    let leases = leases(Some(store));
    let began = Instant::now();
    let next = leases.take("k", true, soon()).await.unwrap();
    assert!(began.elapsed() >= LEASE_TTL && began.elapsed() < LEASE_TTL + RETRY_WAITS.1 * 2, "{:?}", began.elapsed());
    assert_eq!((next.grants()[1].token, &next.grants()[1].note), (2, &None));
}

/// A store that is unavailable.
#[derive(Debug)]
struct UnavailableStore;

impl LeaseStore for UnavailableStore {
    fn acquire<'a>(&'a self, _: &'a str, _: Duration) -> StoreFuture<'a, LeaseDecision> {
        Box::pin(std::future::pending())
    }

    fn renew<'a>(&'a self, _: &'a str, _: u64, _: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async { Err(StoreError("down".to_owned())) })
    }

    fn release<'a>(&'a self, _: &'a str, _: u64, _: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(async { Err(StoreError("down".to_owned())) })
    }
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_store_costs_its_time_limit_and_the_lease_is_held_in_this_process() {
    let leases = leases(Some(Arc::new(UnavailableStore)));
    let began = Instant::now();
    let held = leases.take("k", true, soon()).await.unwrap();
    assert!(began.elapsed() <= STEP_TIMEOUT, "{:?}", began.elapsed());
    assert!(!held.excludes_others());
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(5)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_granted_again_does_not_exclude_others() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(Arc::clone(&store) as Arc<dyn LeaseStore>));
    let held = leases.take("k", true, soon()).await.unwrap();
    assert!(store.release_lease("k", held.grants()[1].token, None));
    assert!(matches!(store.acquire_lease("k", LEASE_TTL), LeaseDecision::Granted(_)));
    sleep(RENEW_INTERVAL * 2).await;
    assert!(!held.excludes_others());
}

#[tokio::test(start_paused = true)]
async fn holders_in_one_process_wait_for_each_other_whether_they_share_the_name_or_not() {
    let store: Arc<dyn LeaseStore> = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store));
    for (first, second) in [(false, true), (true, false)] {
        let held = leases.take("k", first, soon()).await.unwrap();
        assert!(leases.take("k", second, Instant::now() + Duration::from_secs(5)).await.is_none());
        held.set_note(Some(format!("{first}")));
        drop(held);
        let held = leases.take("k", second, soon()).await.unwrap();
        assert_eq!(held.grants()[0].note, Some(format!("{first}")));
        assert_eq!(held.grants().len(), 1 + usize::from(second));
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_is_stored_in_memory_and_in_the_store() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store.clone()));
    let held = leases.take("k", true, soon()).await.unwrap();
    held.set_note(Some("done".to_owned()));
    drop(held);
    assert_eq!(next(&store, "k").await, (2, Some("done".to_owned())));
    assert_eq!(leases.take("k", false, soon()).await.unwrap().grants()[0].note.as_deref(), Some("done"));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_stops_waiting_releases_its_grants_with_their_notes() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store.clone()));
    let held = leases.take("k", false, soon()).await.unwrap();
    held.set_note(Some("done".to_owned()));
    drop(held);
    let away = store.acquire_lease("k", Duration::from_secs(100));
    assert!(matches!(away, LeaseDecision::Granted(_)));
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(5)).await.is_none());
    assert_eq!(leases.take("k", false, soon()).await.unwrap().grants()[0].note.as_deref(), Some("done"));
}

/// A store whose first steps fail or hang.
#[derive(Debug)]
struct SlowStore {
    store: Arc<MemoryStore>,
    fails: AtomicUsize,
    takes: Duration,
}

impl SlowStore {
    fn new(fails: usize, takes: Duration) -> (Arc<MemoryStore>, Arc<Self>) {
        let store = Arc::new(MemoryStore::new(0));
        (store.clone(), Arc::new(Self { store, fails: AtomicUsize::new(fails), takes }))
    }

    fn step<'a, T: Send + 'a>(&'a self, step: impl FnOnce() -> T + Send + 'a) -> StoreFuture<'a, T> {
        let fails = self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        Box::pin(async move {
            if fails && self.takes.is_zero() {
                return Err(StoreError("down".to_owned()));
            }
            let done = step();
            if fails {
                sleep(self.takes).await;
            }
            Ok(done)
        })
    }
}

impl LeaseStore for SlowStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.step(move || self.store.acquire_lease(name, ttl))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.step(move || self.store.renew_lease(name, token, ttl))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.step(move || self.store.release_lease(name, token, note))
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_the_store_did_not_answer_is_recorded_later_with_its_note() {
    for (fails, works) in [(1, 0), (1, 10), (4, 0), (4, 10)] {
        let (store, late) = SlowStore::new(fails, Duration::ZERO);
        let held = leases(Some(late)).take("k", true, soon()).await.unwrap();
        assert_eq!(held.grants().len(), 1);
        sleep(Duration::from_secs(works)).await;
        assert!(!held.excludes_others(), "another holder may have come before");
        held.set_note(Some("done".to_owned()));
        drop(held);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(next(&store, "k").await, (2, Some("done".to_owned())), "{fails} steps fail, works {works} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_the_store_did_not_answer_waits_for_another_holder_before_it_stores_its_note() {
    let (store, late) = SlowStore::new(1, Duration::ZERO);
    let held = leases(Some(late.clone())).take("k", true, soon()).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    let other = leases(Some(late)).take("k", true, soon()).await.unwrap();
    held.set_note(Some("done".to_owned()));
    drop(held);
    sleep(Duration::from_secs(8)).await;
    drop(other);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(next(&store, "k").await, (3, Some("done".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_arrives_too_late_is_released_with_its_note() {
    let (store, late) = SlowStore::new(0, Duration::from_millis(500));
    let first = leases(Some(late.clone())).take("k", true, soon()).await.unwrap();
    first.set_note(Some("done".to_owned()));
    drop(first);
    sleep(Duration::from_secs(1)).await;
    late.fails.store(1, Ordering::Relaxed);
    let second = leases(Some(late)).take("k", true, soon()).await.unwrap();
    assert_eq!(second.grants().len(), 1);
    sleep(Duration::from_millis(700)).await;
    assert_eq!(next(&store, "k").await, (3, Some("done".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_lost_a_lease_records_its_holder_when_it_ends() {
    let (store, late) = SlowStore::new(0, Duration::ZERO);
    let held = leases(Some(late)).take("k", true, soon()).await.unwrap();
    // Other holders have had the name since.
    store.release_lease("k", 1, None);
    let LeaseDecision::Granted(other) = store.acquire_lease("k", LEASE_TTL) else { panic!() };
    assert!(store.release_lease("k", other.token, Some("theirs")));
    held.set_note(None);
    drop(held);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(next(&store, "k").await, (4, Some("theirs".to_owned())));
}

/// A store with arbitrary results.
#[derive(Debug)]
struct ArbitraryStore;

impl LeaseStore for ArbitraryStore {
    fn acquire<'a>(&'a self, name: &'a str, _: Duration) -> StoreFuture<'a, LeaseDecision> {
        let answer = match name {
            "back" => LeaseDecision::Granted(Lease::new(0, None, Some(Duration::MAX))),
            "held" => LeaseDecision::Held { expires_in: Duration::MAX },
            "now" => LeaseDecision::Held { expires_in: Duration::ZERO },
            _ => panic!("the store is broken"),
        };
        Box::pin(async move { Ok(answer) })
    }

    fn renew<'a>(&'a self, _: &'a str, _: u64, _: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async { panic!("the store is broken") })
    }

    fn release<'a>(&'a self, _: &'a str, _: u64, _: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(async { Ok(false) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_with_arbitrary_results_ends_in_time_and_does_not_exclude_others() {
    let leases = leases(Some(Arc::new(ArbitraryStore)));
    let began = Instant::now();
    for name in ["held", "now"] {
        assert!(leases.take(name, true, Instant::now() + Duration::from_secs(1)).await.is_none());
    }
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    let key = "a key with {braces} and \0";
    let broken = leases.take(key, true, soon()).await.unwrap();
    assert!(!broken.excludes_others());
    sleep(LEASE_TTL * 2).await;
    let again = leases.take(key, false, Instant::now() + LEASE_TTL * 2).await;
    assert!(again.is_none(), "it is held in this process all the same");
    let back = leases.take("back", true, soon()).await.unwrap();
    sleep(LEASE_TTL).await;
    assert!(!back.excludes_others(), "it could not be renewed");
}

/// A store that is unavailable after a grant.
#[derive(Debug)]
struct VanishingStore(MemoryStore);

impl LeaseStore for VanishingStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.0.acquire(name, ttl)
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        UnavailableStore.renew(name, token, ttl)
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        UnavailableStore.release(name, token, note)
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_could_not_be_renewed_does_not_exclude_others_after_it_expired() {
    let leases = leases(Some(Arc::new(VanishingStore(MemoryStore::new(0)))));
    let held = leases.take("k", true, soon()).await.unwrap();
    sleep(LEASE_TTL - Duration::from_millis(100)).await;
    assert!(held.excludes_others());
    sleep(Duration::from_millis(200)).await;
    assert!(!held.excludes_others());
}

/// A store that says of a held lease that it expires at once, or never.
#[derive(Debug)]
struct NeverFree(Duration, AtomicUsize);

impl LeaseStore for NeverFree {
    fn acquire<'a>(&'a self, _: &'a str, _: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(LeaseDecision::Held { expires_in: self.0 })))
    }

    fn renew<'a>(&'a self, _: &'a str, _: u64, _: Duration) -> StoreFuture<'a, bool> {
        Box::pin(std::future::ready(Ok(false)))
    }

    fn release<'a>(&'a self, _: &'a str, _: u64, _: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(std::future::ready(Ok(false)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_is_asked_for_a_held_lease_every_20_milliseconds_at_most_whatever_it_says_of_its_end() {
    for expires_in in [Duration::ZERO, Duration::MAX] {
        let store = Arc::new(NeverFree(expires_in, AtomicUsize::new(0)));
        let began = Instant::now();
        assert!(leases(Some(store.clone())).take("k", true, began + Duration::from_secs(2)).await.is_none());
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        let asked = store.1.load(Ordering::Relaxed);
        assert!((10..=100).contains(&asked), "{expires_in:?}: {asked}");
    }
}
