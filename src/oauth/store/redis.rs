//! Sessions on a Redis server, encrypted.

use std::{sync::Arc, time::Duration};

use redis::{Cmd, FromRedisValue, cmd};
use secrecy::SecretString;
use tokio::time::{Instant, timeout};

use super::{EncryptionKey, SessionKey, SessionLock, TokenStore, locked_by_another};
use crate::{
    Result,
    state::{Leases, RedisStore, Store, StoreError, StoreFuture},
};

/// Time limit of a query.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a session is kept after its last change: a refresh token is valid for 30 days, that of a managed user for a year.
const KEPT_SECONDS: u64 = 400 * 24 * 3600;
/// The local part of the store has leases only.
const LOCAL_CACHE_BYTES: u64 = 0;

/// Sessions on a Redis server, which processes share. They are encrypted with a key of the caller's; names are hashes.
///
/// A refresh holds a lease on its session, so that one process refreshes and the others use its tokens. If the server does not
/// answer, nothing is refreshed.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use calcom::oauth::{EncryptionKey, OAuthApp, RedisTokenStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = EncryptionKey::from_base64(&std::env::var("SESSION_KEY")?)?;
/// let store = Arc::new(RedisTokenStore::open("redis://localhost:6379/", key)?);
/// let app = OAuthApp::public("client-id", "https://example.org/back").store(store).build()?;
/// # let _ = app;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RedisTokenStore {
    redis: Arc<RedisStore>,
    leases: Leases,
    key: EncryptionKey,
    older_keys: Vec<EncryptionKey>,
}

impl RedisTokenStore {
    /// Creates a store on the server at `url`; see [`RedisStore::open`] for its form. The first step opens the connection.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used. The error does not repeat it.
    pub fn open(url: &str, key: EncryptionKey) -> Result<Self> {
        let redis = Arc::new(RedisStore::open(url)?);
        let leases = Store::shared(redis.clone(), LOCAL_CACHE_BYTES).leases();
        Ok(Self { redis, leases, key, older_keys: Vec::new() })
    }

    /// Also reads sessions that were encrypted with an older key. They are written with the present one.
    #[must_use]
    pub fn also_reads(mut self, older: EncryptionKey) -> Self {
        self.older_keys.push(older);
        self
    }

    async fn query<T: FromRedisValue>(&self, command: Cmd) -> std::result::Result<T, StoreError> {
        let mut connection = self.redis.connection().await?;
        match timeout(QUERY_TIMEOUT, command.query_async::<T>(&mut connection)).await {
            Ok(answer) => answer.map_err(|error| StoreError(format!("Redis: {:?}", error.kind()))),
            Err(_) => Err(StoreError("Redis does not answer".to_owned())),
        }
    }
}

fn name(key: &SessionKey) -> String {
    format!("calcom:v2:session:{{{key}}}")
}

impl TokenStore for RedisTokenStore {
    fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>> {
        let mut get = cmd("GET");
        get.arg(name(key));
        Box::pin(async move {
            let Some(text) = self.query::<Option<String>>(get).await? else { return Ok(None) };
            let decrypted = self.key.decrypt(key, &text);
            let older = || self.older_keys.iter().find_map(|older| older.decrypt(key, &text).ok());
            decrypted.or_else(|error| older().ok_or(error)).map(Some)
        })
    }

    fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut set = cmd("SET");
            set.arg(name(key)).arg(self.key.encrypt(key, value)?).arg("EX").arg(KEPT_SECONDS);
            self.query(set).await
        })
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        let mut delete = cmd("DEL");
        delete.arg(name(key));
        Box::pin(self.query(delete))
    }

    fn lock<'a>(&'a self, key: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock> {
        Box::pin(async move {
            let names = [key.to_string()];
            let guard = self.leases.acquire(&names, true, Instant::now() + wait, |one, _| one.map(str::to_owned)).await;
            let guard = guard.ok_or_else(locked_by_another)?;
            // A lease without the server keeps no other process away.
            if !guard.excludes_others() {
                return Err(StoreError("Redis does not answer".to_owned()));
            }
            Ok(SessionLock::new(guard))
        })
    }
}
