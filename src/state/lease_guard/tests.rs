use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::state::{
    StoreError, StoreFuture,
    lease::LeaseStore,
    lease_home::{OwnLeases, PATIENCE},
};

/// What is left stands, and what is found only if nothing is left.
fn merge(ours: Option<&str>, theirs: Option<&str>) -> Option<String> {
    ours.or(theirs).map(str::to_owned)
}

impl Leases {
    async fn take(&self, name: &str, shared: bool, deadline: Instant) -> Option<HeldLease> {
        self.acquire(&[name.to_owned()], shared, deadline, merge).await
    }
}

/// The note that the next process finds in a store, and its token.
async fn next(store: &Arc<MemoryStore>, name: &str) -> (u64, Option<String>) {
    let there = Leases {
        memory: Arc::new(MemoryStore::new(0)),
        there: Some(LeaseHome::Own(OwnLeases::new(store.clone(), Arc::new(MemoryStore::new(0))))),
        background: Background::default(),
    };
    let held = there.take(name, true, soon()).await.unwrap();
    let lease = held.grants().last().unwrap();
    (lease.token, lease.note.clone())
}

fn leases(there: Option<Arc<dyn LeaseStore>>) -> Leases {
    let memory = Arc::new(MemoryStore::new(0));
    let there = there.map(|store| LeaseHome::Own(OwnLeases::new(store, Arc::clone(&memory))));
    Leases { memory, there, background: Background::default() }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_kept_while_it_is_held_and_goes_to_the_next_with_its_note() {
    let leases = leases(None);
    let first = leases.take("k", true, soon()).await.unwrap();
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(30)).await.is_none());
    first.leave(Some("done".to_owned()));
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
async fn the_lease_of_a_process_that_died_runs_out() {
    let store = Arc::new(MemoryStore::new(0));
    store.acquire_lease("k", TTL);
    let leases = leases(Some(store));
    let began = Instant::now();
    let next = leases.take("k", true, soon()).await.unwrap();
    assert!(began.elapsed() >= TTL && began.elapsed() < TTL + ASK_AGAIN.1 * 2, "{:?}", began.elapsed());
    assert_eq!((next.grants()[1].token, &next.grants()[1].note), (2, &None));
}

/// A store that is not there.
#[derive(Debug)]
struct Away;

impl LeaseStore for Away {
    fn acquire<'a>(&'a self, _: &'a str, _: Duration) -> StoreFuture<'a, LeaseAnswer> {
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
async fn a_store_that_is_away_costs_its_patience_and_the_lease_is_this_processs() {
    let leases = leases(Some(Arc::new(Away)));
    let began = Instant::now();
    let held = leases.take("k", true, soon()).await.unwrap();
    assert!(began.elapsed() <= PATIENCE, "{:?}", began.elapsed());
    assert!(!held.excludes_others());
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(5)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_granted_again_excludes_nobody() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(Arc::clone(&store) as Arc<dyn LeaseStore>));
    let held = leases.take("k", true, soon()).await.unwrap();
    assert!(store.release_lease("k", held.grants()[1].token, None));
    assert!(matches!(store.acquire_lease("k", TTL), LeaseAnswer::Granted(_)));
    sleep(RENEW * 2).await;
    assert!(!held.excludes_others());
}

#[tokio::test(start_paused = true)]
async fn a_holder_in_this_process_is_waited_for_by_one_who_shares_the_name_and_the_other_way_round() {
    let store: Arc<dyn LeaseStore> = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store));
    for (first, second) in [(false, true), (true, false)] {
        let held = leases.take("k", first, soon()).await.unwrap();
        assert!(leases.take("k", second, Instant::now() + Duration::from_secs(5)).await.is_none());
        held.leave(Some(format!("{first}")));
        drop(held);
        let held = leases.take("k", second, soon()).await.unwrap();
        assert_eq!(held.grants()[0].note, Some(format!("{first}")));
        assert_eq!(held.grants().len(), 1 + usize::from(second));
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_is_left_in_memory_and_in_the_store() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store.clone()));
    let held = leases.take("k", true, soon()).await.unwrap();
    held.leave(Some("done".to_owned()));
    drop(held);
    assert_eq!(next(&store, "k").await, (2, Some("done".to_owned())));
    assert_eq!(leases.take("k", false, soon()).await.unwrap().grants()[0].note.as_deref(), Some("done"));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_gives_back_what_it_found() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(store.clone()));
    let held = leases.take("k", false, soon()).await.unwrap();
    held.leave(Some("done".to_owned()));
    drop(held);
    let away = store.acquire_lease("k", Duration::from_secs(100));
    assert!(matches!(away, LeaseAnswer::Granted(_)));
    assert!(leases.take("k", true, Instant::now() + Duration::from_secs(5)).await.is_none());
    assert_eq!(leases.take("k", false, soon()).await.unwrap().grants()[0].note.as_deref(), Some("done"));
}

/// A store whose first steps fail, or hang.
#[derive(Debug)]
struct Late {
    store: Arc<MemoryStore>,
    fails: AtomicUsize,
    takes: Duration,
}

impl Late {
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

impl LeaseStore for Late {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer> {
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
async fn a_holder_whom_the_store_did_not_answer_is_in_it_later_with_its_note() {
    for (fails, works) in [(1, 0), (1, 10), (4, 0), (4, 10)] {
        let (store, late) = Late::new(fails, Duration::ZERO);
        let held = leases(Some(late)).take("k", true, soon()).await.unwrap();
        assert_eq!(held.grants().len(), 1);
        sleep(Duration::from_secs(works)).await;
        assert!(!held.excludes_others(), "another may have come before it was there");
        held.leave(Some("done".to_owned()));
        drop(held);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(next(&store, "k").await, (2, Some("done".to_owned())), "{fails} steps fail, works {works} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_whom_the_store_did_not_answer_waits_for_the_one_who_came_meanwhile_to_leave_its_note() {
    let (store, late) = Late::new(1, Duration::ZERO);
    let held = leases(Some(late.clone())).take("k", true, soon()).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    let other = leases(Some(late)).take("k", true, soon()).await.unwrap();
    held.leave(Some("done".to_owned()));
    drop(held);
    sleep(Duration::from_secs(8)).await;
    drop(other);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(next(&store, "k").await, (3, Some("done".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_a_store_grants_too_late_is_given_back_with_its_note() {
    let (store, late) = Late::new(0, Duration::from_millis(500));
    let first = leases(Some(late.clone())).take("k", true, soon()).await.unwrap();
    first.leave(Some("done".to_owned()));
    drop(first);
    sleep(Duration::from_secs(1)).await;
    late.fails.store(1, Ordering::Relaxed);
    let second = leases(Some(late)).take("k", true, soon()).await.unwrap();
    assert_eq!(second.grants().len(), 1);
    sleep(Duration::from_millis(700)).await;
    assert_eq!(next(&store, "k").await, (3, Some("done".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_forgotten_a_holder_is_told_of_it_when_it_ends() {
    let (store, late) = Late::new(0, Duration::ZERO);
    let held = leases(Some(late)).take("k", true, soon()).await.unwrap();
    // What the name was granted to others for since.
    store.release_lease("k", 1, None);
    let LeaseAnswer::Granted(other) = store.acquire_lease("k", TTL) else { panic!() };
    assert!(store.release_lease("k", other.token, Some("theirs")));
    held.leave(None);
    drop(held);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(next(&store, "k").await, (4, Some("theirs".to_owned())));
}

/// A store that answers whatever it likes.
#[derive(Debug)]
struct Mad;

impl LeaseStore for Mad {
    fn acquire<'a>(&'a self, name: &'a str, _: Duration) -> StoreFuture<'a, LeaseAnswer> {
        let answer = match name {
            "back" => LeaseAnswer::Granted(Lease::new(0, None, Some(Duration::MAX))),
            "held" => LeaseAnswer::Held { expires_in: Duration::MAX },
            "now" => LeaseAnswer::Held { expires_in: Duration::ZERO },
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
async fn a_store_that_answers_nonsense_ends_in_time_and_excludes_nobody() {
    let leases = leases(Some(Arc::new(Mad)));
    let began = Instant::now();
    for name in ["held", "now"] {
        assert!(leases.take(name, true, Instant::now() + Duration::from_secs(1)).await.is_none());
    }
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    let key = "a key with {braces} and \0";
    let broken = leases.take(key, true, soon()).await.unwrap();
    assert!(!broken.excludes_others());
    sleep(TTL * 2).await;
    let again = leases.take(key, false, Instant::now() + TTL * 2).await;
    assert!(again.is_none(), "it is held in this process all the same");
    let back = leases.take("back", true, soon()).await.unwrap();
    sleep(TTL).await;
    assert!(!back.excludes_others(), "it could not be renewed");
}

/// A store that goes away once it has granted.
#[derive(Debug)]
struct AwayThen(MemoryStore);

impl LeaseStore for AwayThen {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer> {
        self.0.acquire(name, ttl)
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        Away.renew(name, token, ttl)
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Away.release(name, token, note)
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_could_not_be_renewed_excludes_nobody_when_its_time_has_run_out() {
    let leases = leases(Some(Arc::new(AwayThen(MemoryStore::new(0)))));
    let held = leases.take("k", true, soon()).await.unwrap();
    sleep(TTL - Duration::from_millis(100)).await;
    assert!(held.excludes_others());
    sleep(Duration::from_millis(200)).await;
    assert!(!held.excludes_others());
}
