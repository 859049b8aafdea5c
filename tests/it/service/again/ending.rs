//! A process that ends in good order: what it leaves for the next one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{
    Client, Config,
    service::Service,
    state::{LeaseDecision, LeaseStore, MemoryStore, Store, StoreFuture},
};
use tokio::time::{Instant, sleep};

use super::{START, fake, named};
use crate::service::{appointment, settings};

/// A store of leases that takes its time to take one back, and counts those that are out.
#[derive(Debug)]
struct Slow {
    store: MemoryStore,
    out: AtomicUsize,
}

impl LeaseStore for Slow {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        Box::pin(async move {
            let answer = self.store.acquire(name, ttl).await?;
            if matches!(answer, LeaseDecision::Granted(_)) {
                self.out.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer)
        })
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.store.renew(name, token, ttl)
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            sleep(Duration::from_millis(60)).await;
            self.out.fetch_sub(1, Ordering::Relaxed);
            self.store.release(name, token, note).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn idle_returns_after_all_leases_are_released() {
    let fake = fake().await;
    let store = Arc::new(Slow { store: MemoryStore::new(0), out: AtomicUsize::new(0) });
    let process = || {
        let mut config = Config::default();
        config.api_url = fake.url();
        let client = Client::builder()
            .config(config)
            .credentials(calcom::Credentials::Anonymous)
            .store(Store::memory(0).with_leases(store.clone()));
        Service::with_settings(client.build().unwrap(), settings(&fake))
    };
    let asked = || appointment(fake.event_type_id("johndoe", "plain"), START, "k");
    let one = process();
    let first = one.book(asked()).await.done().unwrap();
    assert_eq!(store.out.load(Ordering::Relaxed), 2, "the key is leased by two names, and both are still out");
    one.idle().await;
    assert_eq!(store.out.load(Ordering::Relaxed), 0);
    // The next one, who may not list, is told by the note that was left.
    let began = Instant::now();
    let next = process().book(asked()).await.done().unwrap();
    assert_eq!(named(&next), named(&first));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    fake.expect_requests("create_booking", 1);
}
