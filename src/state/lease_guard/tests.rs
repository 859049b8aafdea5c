use super::*;
use crate::state::{StoreError, StoreFuture};

fn leases(there: Option<Arc<dyn LeaseStore>>) -> Leases {
    let memory = Arc::new(MemoryStore::new(0));
    let there = there.map(|store| LeaseHome::Own(OwnLeases::new(store, Arc::clone(&memory))));
    Leases { memory, there }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_kept_while_it_is_held_and_goes_to_the_next_with_its_note() {
    let leases = leases(None);
    let first = leases.acquire("k", true, soon()).await.unwrap();
    assert!(leases.acquire("k", true, Instant::now() + Duration::from_secs(30)).await.is_none());
    first.leave(Some("done".to_owned()));
    drop(first);
    let second = leases.acquire("k", true, soon()).await.unwrap();
    assert_eq!((second.lease().token, second.lease().note.as_deref()), (2, Some("done")));
    assert!(!second.excludes_others(), "memory is this process's alone");
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_lease_through_their_store() {
    let store: Arc<dyn LeaseStore> = Arc::new(MemoryStore::new(0));
    let (one, other) = (leases(Some(Arc::clone(&store))), leases(Some(store)));
    let first = one.acquire("k", true, soon()).await.unwrap();
    assert!(first.excludes_others());
    let began = Instant::now();
    let (second, ()) = tokio::join!(other.acquire("k", true, soon()), async {
        sleep(Duration::from_secs(10)).await;
        drop(first);
    });
    assert_eq!(second.unwrap().lease().token, 2);
    assert!(began.elapsed() < Duration::from_millis(10_500), "{:?}", began.elapsed());
    assert!(one.acquire("other", false, soon()).await.is_some_and(|lease| !lease.excludes_others()));
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_process_that_died_runs_out() {
    let store = Arc::new(MemoryStore::new(0));
    store.acquire_lease("k", TTL);
    let leases = leases(Some(store));
    let began = Instant::now();
    let next = leases.acquire("k", true, soon()).await.unwrap();
    assert!(began.elapsed() >= TTL && began.elapsed() < TTL + ASK_AGAIN.1 * 2, "{:?}", began.elapsed());
    assert_eq!((next.lease().token, &next.lease().note), (2, &None));
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
    let held = leases.acquire("k", true, soon()).await.unwrap();
    assert!(began.elapsed() <= PATIENCE, "{:?}", began.elapsed());
    assert!(!held.excludes_others());
    assert!(leases.acquire("k", true, Instant::now() + Duration::from_secs(5)).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_granted_again_excludes_nobody() {
    let store = Arc::new(MemoryStore::new(0));
    let leases = leases(Some(Arc::clone(&store) as Arc<dyn LeaseStore>));
    let held = leases.acquire("k", true, soon()).await.unwrap();
    assert!(store.release_lease("k", held.lease().token, None));
    assert!(matches!(store.acquire_lease("k", TTL), LeaseAnswer::Granted(_)));
    sleep(RENEW * 2).await;
    assert!(!held.excludes_others());
}
