//! The replay store on a Redis server, which several processes share.

use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisError, cmd};
use tokio::time::timeout;

use super::{DedupeKey, ReplayFuture, ReplayStore, ReplayStoreError};
use crate::state::{RedisStore, redis::delivery};

/// Time limit of a query. A delivery waits for it.
const QUERY_TIMEOUT: Duration = Duration::from_secs(1);

/// Each delivery has a key of its own with an expiry. The name of the key contains the digest.
impl ReplayStore for RedisStore {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, i64::MAX as u64 / 2);
        let mut set = cmd("SET");
        set.arg(key_name(key)).arg(1).arg("NX").arg("PX").arg(millis);
        Box::pin(async move { Ok(query::<Option<String>>(self, set).await?.is_some()) })
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        let mut delete = cmd("DEL");
        delete.arg(key_name(key));
        Box::pin(query(self, delete))
    }
}

fn key_name(key: &DedupeKey) -> String {
    delivery(key)
}

async fn query<T: FromRedisValue>(store: &RedisStore, command: Cmd) -> Result<T, ReplayStoreError> {
    // A timer needs a runtime.
    tokio::runtime::Handle::try_current()?;
    let mut connection = store.connection().await?;
    let answer = timeout(QUERY_TIMEOUT, command.query_async::<T>(&mut connection)).await;
    answer?.map_err(|error: RedisError| error.into())
}
