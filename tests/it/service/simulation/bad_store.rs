//! A store of leases that does not always answer, and forgets.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::state::{LeaseDecision, LeaseStore, MemoryStore, StoreError, StoreFuture};

#[derive(Debug)]
pub struct BadStore {
    state: Mutex<(fastrand::Rng, Arc<MemoryStore>)>,
}

impl BadStore {
    pub fn new(seed: u64) -> Arc<Self> {
        let state = Mutex::new((fastrand::Rng::with_seed(seed), Arc::new(MemoryStore::new(0))));
        Arc::new(Self { state })
    }

    /// The store, for a step that is answered: one in five is not, and one in three hundred finds nothing of what was there.
    fn store(&self) -> Result<Arc<MemoryStore>, StoreError> {
        let (random, store) = &mut *self.state.lock().unwrap();
        if random.u32(0..300) == 0 {
            *store = Arc::new(MemoryStore::new(0));
        }
        if random.u32(0..5) == 0 { Err(StoreError("down".to_owned())) } else { Ok(Arc::clone(store)) }
    }
}

impl LeaseStore for BadStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        Box::pin(async move { self.store()?.acquire(name, ttl).await })
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.store()?.renew(name, token, ttl).await })
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.store()?.release(name, token, note).await })
    }
}
