//! Where sessions are kept: the trait, and the stores in memory, in files and on Redis.

mod cipher;
mod file;
mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::{any::Any, fmt, time::Duration};

use secrecy::SecretString;

pub use cipher::EncryptionKey;
pub use file::FileTokenStore;
pub use memory::MemoryTokenStore;
#[cfg(feature = "redis")]
pub use redis::RedisTokenStore;

use crate::{
    auth::TokenSubject,
    state::{StoreFuture, TenantId},
};

/// Name of a session in a store: a hash of the service's address, the OAuth client and the subject, from which none of them can
/// be read.
///
/// ```
/// use calcom::{auth::TokenSubject, oauth::SessionKey};
///
/// let key = SessionKey::new("https://api.cal.com", &TokenSubject::new("client-id", "user 17"));
/// assert_eq!(key.to_string().len(), 32);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(TenantId);

impl SessionKey {
    /// The name of the session of `subject` at the service at `base`.
    #[must_use]
    pub fn new(base: &str, subject: &TokenSubject) -> Self {
        Self(TenantId::new(base, &["session", subject.client(), subject.name()]))
    }
}

/// As 32 hexadecimal digits in lower case.
impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The right to change one session; from [`TokenStore::lock`]. It ends when it is dropped.
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::oauth::SessionLock;
///
/// async fn wait_for(mutex: Arc<tokio::sync::Mutex<()>>) -> SessionLock {
///     SessionLock::new(mutex.lock_owned().await)
/// }
/// # let _ = wait_for;
/// ```
pub struct SessionLock {
    _guard: Box<dyn Any + Send>,
}

impl SessionLock {
    /// Takes what releases the lock when it is dropped.
    #[must_use]
    pub fn new(guard: impl Send + 'static) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl fmt::Debug for SessionLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLock").finish_non_exhaustive()
    }
}

/// Storage of sessions. [`MemoryTokenStore`] is for one process; [`FileTokenStore`] and `RedisTokenStore` (feature `redis`) keep
/// sessions across restarts, and processes share them.
///
/// A value is a text with both tokens in it: the store of a program encrypts it, with [`EncryptionKey`] for example. It is
/// returned unchanged. A store that fails returns an error, whose text is shown and must contain no token: the refresh is not
/// begun then, or the new pair is saved again before it is used.
///
/// ```
/// use std::{
///     collections::HashMap,
///     sync::{Arc, Mutex},
///     time::Duration,
/// };
///
/// use calcom::{
///     oauth::{EncryptionKey, SessionKey, SessionLock, TokenStore},
///     secrecy::SecretString,
///     state::{StoreError, StoreFuture},
/// };
///
/// #[derive(Debug)]
/// struct MyTable {
///     key: EncryptionKey,
///     rows: Mutex<HashMap<SessionKey, String>>,
///     lock: Arc<tokio::sync::Mutex<()>>,
/// }
///
/// impl TokenStore for MyTable {
///     fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>> {
///         Box::pin(async move {
///             let row = self.rows.lock().unwrap().get(key).cloned();
///             row.map(|row| self.key.decrypt(key, &row)).transpose()
///         })
///     }
///
///     fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()> {
///         Box::pin(async move {
///             let row = self.key.encrypt(key, value)?;
///             self.rows.lock().unwrap().insert(*key, row);
///             Ok(())
///         })
///     }
///
///     fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()> {
///         Box::pin(async move {
///             self.rows.lock().unwrap().remove(key);
///             Ok(())
///         })
///     }
///
///     /// In a database, a row that is locked until the guard is dropped.
///     fn lock<'a>(&'a self, _: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock> {
///         Box::pin(async move {
///             let lock = tokio::time::timeout(wait, self.lock.clone().lock_owned()).await;
///             lock.map(SessionLock::new).map_err(|_| StoreError("the session is locked".to_owned()))
///         })
///     }
/// }
/// ```
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// Reads a session; `None` if there is none.
    fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>>;

    /// Writes a session, in place of the stored one. When the future ends, the session survives the end of the process.
    fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()>;

    /// Removes a session, if there is one.
    fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()>;

    /// Waits for the right to change a session, for at most `wait`. One holder has it at a time, in all processes that share
    /// the store. It ends when the lock is dropped, and if the process of its holder ends.
    fn lock<'a>(&'a self, key: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock>;
}

fn locked_by_another() -> crate::state::StoreError {
    crate::state::StoreError("another call changes the session for too long".to_owned())
}
