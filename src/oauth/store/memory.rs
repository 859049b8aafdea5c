//! Sessions in the memory of one process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use secrecy::SecretString;
use tokio::time::timeout;

use super::{SessionKey, SessionLock, TokenStore, locked_by_another};
use crate::{state::StoreFuture, sync::lock};

/// Sessions in the memory of one process. They end with it: the users have to consent again.
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::oauth::{MemoryTokenStore, OAuthApp};
///
/// # fn main() -> calcom::Result<()> {
/// let store = Arc::new(MemoryTokenStore::new());
/// let app = OAuthApp::public("client-id", "https://example.org/back").store(store).build()?;
/// # let _ = app;
/// # Ok(()) }
/// ```
#[derive(Default)]
pub struct MemoryTokenStore {
    sessions: Mutex<HashMap<SessionKey, SecretString>>,
    locks: KeyedLocks,
}

impl MemoryTokenStore {
    /// Creates a store without sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl TokenStore for MemoryTokenStore {
    fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>> {
        Box::pin(async move { Ok(lock(&self.sessions).get(key).cloned()) })
    }

    fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lock(&self.sessions).insert(*key, value.clone());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            lock(&self.sessions).remove(key);
            Ok(())
        })
    }

    fn lock<'a>(&'a self, key: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock> {
        Box::pin(async move { self.locks.lock(key, wait).await.map(SessionLock::new).ok_or_else(locked_by_another) })
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").field("sessions", &lock(&self.sessions).len()).finish_non_exhaustive()
    }
}

/// A lock for each session, in one process. Those that no call waits for are removed.
#[derive(Default)]
pub(super) struct KeyedLocks(Mutex<HashMap<SessionKey, Arc<tokio::sync::Mutex<()>>>>);

impl KeyedLocks {
    /// Waits for the lock of a session; `None` if it is not free in time.
    pub(super) async fn lock(&self, key: &SessionKey, wait: Duration) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        let mutex = {
            let mut locks = lock(&self.0);
            locks.retain(|other, mutex| other == key || Arc::strong_count(mutex) > 1);
            Arc::clone(locks.entry(*key).or_default())
        };
        timeout(wait, mutex.lock_owned()).await.ok()
    }
}
