//! Remembering deliveries on a Redis server, for several processes together.

use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisError, cmd};
use tokio::time::timeout;

use super::{DedupeKey, ReplayFuture, ReplayStore, ReplayStoreError};
use crate::state::{RedisStore, redis::delivery};

/// How long the server may take to answer. A delivery waits for it.
const ANSWER: Duration = Duration::from_secs(1);

/// One key for every delivery, the digest in its name, which expires by itself.
impl ReplayStore for RedisStore {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, i64::MAX as u64 / 2);
        let mut set = cmd("SET");
        set.arg(name(key)).arg(1).arg("NX").arg("PX").arg(millis);
        Box::pin(async move { Ok(ask::<Option<String>>(self, set).await?.is_some()) })
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        let mut delete = cmd("DEL");
        delete.arg(name(key));
        Box::pin(ask(self, delete))
    }
}

fn name(key: &DedupeKey) -> String {
    delivery(key)
}

async fn ask<T: FromRedisValue>(store: &RedisStore, question: Cmd) -> Result<T, ReplayStoreError> {
    // A timer needs a runtime.
    tokio::runtime::Handle::try_current()?;
    let mut connection = store.connection().await?;
    let answer = timeout(ANSWER, question.query_async::<T>(&mut connection)).await;
    answer?.map_err(|error: RedisError| error.into())
}
