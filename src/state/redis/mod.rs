//! The state on a Redis server, shared by every process that is given the same one.
//!
//! Every step is one script and therefore atomic, except the lookup of a response (`lookup`). Scripts use the server's clock, and
//! every key expires. If that clock is set back, no wait, lease or time to live gets longer. Keys and values name no credential:
//! tenants are hashes. A step that finds foreign values under its keys removes them and starts again.
//! [`GuardedStore`](super::GuardedStore) handles a server that does not answer.

mod connection;
mod headers;
mod held;
mod keys;
mod lease;
mod lookup;
mod replies;

use std::{fmt, sync::Arc, time::Duration};

use redis::{ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation};
use serde::Serialize;

use super::{
    TenantId,
    cached_response::{CacheKey, CacheLookup, CachedResponse, Freshness, TagVersions},
    circuit::{Admission, CircuitRejection, CircuitSnapshots, HealthSignal},
    future::{StoreError, StoreFuture},
    quota::{QuotaDecision, QuotaFeedback, QuotaGrant, QuotaRule, QuotaSnapshots},
    store::{CircuitId, QuotaId, StateStore},
};
use crate::Result;
use connection::{Connection, Connections};
use headers::encode_headers;
use held::HeldResponses;
#[cfg(feature = "webhook")]
pub(crate) use keys::delivery;
use lookup::{Lookup, MARK_TTL_MILLIS};
use replies::{CircuitReply, QuotaReply, quota_snapshots};

/// Breakers, quotas, cached responses and leases on a Redis server.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use calcom::state::{RedisStore, Store};
///
/// # fn main() -> calcom::Result<()> {
/// let redis = Arc::new(RedisStore::open("redis://localhost:6379/0")?);
/// let store = Store::shared(redis, 8 << 20);
/// # let _ = store;
/// # Ok(()) }
/// ```
pub struct RedisStore {
    connections: Connections,
    circuit: Script,
    quota: Script,
    cache: Script,
    lease: Script,
    held: HeldResponses,
    /// Replaces the server's clock if it is not 0.
    #[cfg(test)]
    now: std::sync::atomic::AtomicU64,
}

impl RedisStore {
    /// Creates a store on the server at `url`: `redis://[user:password@]host[:port][/database]`, with a feature for TLS also
    /// `rediss://`, which trusts the system's certificates. Several URLs, separated by commas, name servers of one cluster. The
    /// first step opens the connection.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used. The error does not repeat it.
    pub fn open(url: &str) -> Result<Self> {
        Connections::open(url, None).map(Self::with_connections)
    }

    /// As [`open`](Self::open), but trusts the certificates in `roots` (PEM) and no others.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL or a certificate that cannot be used.
    #[cfg(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring"))]
    pub fn open_trusting(url: &str, roots: Vec<u8>) -> Result<Self> {
        Connections::open(url, Some(roots)).map(Self::with_connections)
    }

    fn with_connections(connections: Connections) -> Self {
        Self {
            connections,
            circuit: Script::new(include_str!("circuit.lua")),
            quota: Script::new(include_str!("quota.lua")),
            cache: Script::new(include_str!("cache.lua")),
            lease: Script::new(include_str!("lease.lua")),
            held: HeldResponses::default(),
            #[cfg(test)]
            now: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// Returns the connection, which reconnects by itself. Opened at the first use, because it needs a runtime.
    pub(crate) async fn connection(&self) -> Result<Connection, StoreError> {
        self.connections.get().await.map_err(store_error)
    }

    fn run<'a, T, U>(
        &'a self,
        script: &'a Script,
        keys: Vec<String>,
        args: Vec<Vec<u8>>,
        read: impl FnOnce(T) -> U + Send + 'a,
    ) -> StoreFuture<'a, U>
    where
        T: FromRedisValue + Send + 'a,
    {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let mut call = script.prepare_invoke();
            keys.iter().for_each(|key| _ = call.key(key));
            args.iter().for_each(|arg| _ = call.arg(arg.as_slice()));
            match call.invoke_async(&mut connection).await {
                Ok(reply) => Ok(read(reply)),
                Err(error) if is_value_error(&error) => delete_and_retry(&call, &keys, &mut connection).await.map(read),
                Err(error) => Err(store_error(error)),
            }
        })
    }

    /// The time argument of the scripts: 0 tells a script to use the server's clock.
    fn now(&self) -> u64 {
        #[cfg(test)]
        return self.now.load(std::sync::atomic::Ordering::Relaxed);
        #[cfg(not(test))]
        0
    }

    fn on_circuit<'a, U>(
        &'a self,
        circuit: &CircuitId,
        command: &str,
        admission: Option<(Admission, HealthSignal)>,
        read: impl FnOnce((Result<Admission, CircuitRejection>, CircuitSnapshots)) -> U + Send + 'a,
    ) -> StoreFuture<'a, U> {
        let settings = &circuit.settings;
        let (admission, signal) = admission.unwrap_or((Admission { generation: 0, probe: 0 }, HealthSignal::Ignored));
        let signal = match signal {
            HealthSignal::Success => "success",
            HealthSignal::Failure => "failure",
            HealthSignal::Ignored => "neither",
        };
        let args = arguments(&[
            &command,
            &settings.failure_threshold.max(1),
            &settings.success_threshold.max(1),
            &settings.open_millis(),
            &settings.max_probes.max(1),
            &admission.generation,
            &admission.probe,
            &signal,
            &self.now(),
            &circuit.operation.unwrap_or_default(),
        ]);
        self.run(&self.circuit, keys::circuit(circuit), args, |reply: CircuitReply| read(reply.decode()))
    }
}

impl StateStore for RedisStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let reply: Result<(), RedisError> = redis::cmd("PING").query_async(&mut connection).await;
            reply.map_err(store_error)
        })
    }

    fn reconnect(&self) {
        self.connections.disconnect();
    }

    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        self.on_circuit(circuit, "admit", None, |reply| reply)
    }

    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots> {
        self.on_circuit(circuit, "settle", Some((admission, signal)), |(_, snapshot)| snapshot)
    }

    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        self.on_circuit(circuit, "view", None, |(_, snapshot)| snapshot)
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        self.on_circuit(circuit, "reset", None, |(_, snapshot)| snapshot)
    }

    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        exported: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)> {
        let hard = u8::from(rule.hard);
        let args = arguments(&[
            &"ask",
            &self.now(),
            &exported,
            &rule.per_minute.max(1),
            &rule.burst.max(1),
            &hard,
            &rule.max_wait_millis(),
        ]);
        let read = |(decision, number, id, in_flight): (String, u64, u64, u64)| {
            let decision = match decision.as_str() {
                "go" => QuotaDecision::Granted(QuotaGrant { at: number, id }),
                "in" => QuotaDecision::RetryAfter(number),
                _ => QuotaDecision::RetryAfterResponse(number),
            };
            (decision, in_flight)
        };
        self.run(&self.quota, keys::quota(quota), args, read)
    }

    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()> {
        let grant = grant.unwrap_or(QuotaGrant { at: 0, id: 0 });
        let feedback = feedback.map(encode_feedback).unwrap_or_default();
        let args = arguments(&[&"settle", &self.now(), &grant.at, &grant.id, &feedback]);
        self.run(&self.quota, keys::quota(quota), args, |_: redis::Value| ())
    }

    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
        self.run(&self.quota, keys::quotas(tenant), arguments(&[&"reset", &self.now()]), |_: redis::Value| ())
    }

    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
        let args = arguments(&[&"view", &self.now()]);
        self.run(&self.quota, keys::quotas(tenant), args, |quotas: Vec<QuotaReply>| quota_snapshots(quotas))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
        Box::pin(async move {
            let keys = keys::response(key, tags);
            let mut connection = self.connection().await?;
            let now = Some(self.now()).filter(|now| *now != 0);
            let mut lookup = Lookup { connection: &mut connection, keys: &keys, now };
            let keep = |identity, response: &_| self.held.put(key, identity, response);
            match lookup.find(self.held.get(key), keep).await {
                Err(error) if is_value_error(&error) => {
                    delete(&keys, lookup.connection).await?;
                    lookup.find(None, keep).await.map_err(store_error)
                }
                found => found.map_err(store_error),
            }
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        tags: &'a [String],
        versions: &'a TagVersions,
        freshness: Freshness,
    ) -> StoreFuture<'a, ()> {
        let (fresh, stale) = (bounded_millis(freshness.fresh_for), bounded_millis(freshness.stale_for));
        let headers = encode_headers(&response.headers);
        let expires_after = (fresh + stale).max(1);
        let identity = fastrand::u64(1..);
        let mut args = arguments(&[
            &"put",
            &self.now(),
            &identity,
            &fresh,
            &expires_after,
            &MARK_TTL_MILLIS,
            &response.status,
            &headers,
        ]);
        args.push(response.body.to_vec());
        args.extend(versions.0.iter().map(|mark| mark.to_string().into_bytes()));
        self.run(&self.cache, keys::response(key, tags), args, move |stored: u8| {
            if stored == 1 {
                self.held.put(key, identity, response);
            }
        })
    }

    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
        let args = arguments(&[&"flush", &self.now()]);
        self.run(&self.cache, keys::marks(tenant, tags), args, |_: redis::Value| ())
    }
}

/// Whether a step failed because of the values under its keys: another type, another form, or text in place of a number.
fn is_value_error(error: &RedisError) -> bool {
    let is_of_value = |code: &str| matches!(code, "ERR" | "WRONGTYPE");
    matches!(error.kind(), ErrorKind::Parse | ErrorKind::UnexpectedReturnType)
        || error.code().is_some_and(is_of_value)
        // Commands that were sent together have an error each.
        || error.clone().into_server_errors().is_some_and(|errors| errors.iter().any(|(_, error)| is_of_value(error.code())))
}

/// Deletes keys, all of one tenant.
#[cold]
async fn delete(keys: &[String], connection: &mut Connection) -> Result<(), StoreError> {
    let deleted: Result<(), _> = redis::cmd("DEL").arg(keys).query_async(connection).await;
    deleted.map_err(store_error)
}

/// Deletes the keys of a script, and runs it once more.
#[cold]
async fn delete_and_retry<T: FromRedisValue>(
    call: &ScriptInvocation<'_>,
    keys: &[String],
    connection: &mut Connection,
) -> Result<T, StoreError> {
    delete(keys, connection).await?;
    call.invoke_async(connection).await.map_err(store_error)
}

/// Milliseconds that a server can add to its clock: at most ten years.
fn bounded_millis(time: Duration) -> u64 {
    const MAX_MILLIS: u64 = 10 * 366 * 24 * 3_600_000;
    crate::sync::millis(time).min(MAX_MILLIS)
}

fn arguments(arguments: &[&dyn fmt::Display]) -> Vec<Vec<u8>> {
    arguments.iter().map(|argument| argument.to_string().into_bytes()).collect()
}

/// Feedback as the script reads it.
fn encode_feedback(feedback: &QuotaFeedback) -> String {
    #[derive(Serialize)]
    struct WireFeedback<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        limits: Vec<WireLimit<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    }

    #[derive(Serialize)]
    struct WireLimit<'a> {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        remaining: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reset: Option<u64>,
    }

    let limits = feedback.limits.iter().map(|limit| WireLimit {
        name: &limit.name,
        limit: limit.limit,
        remaining: limit.remaining,
        reset: limit.reset.map(bounded_millis),
    });
    let retry_after = feedback.retry_after.map(bounded_millis);
    let feedback = WireFeedback { status: feedback.status, limits: limits.collect(), retry_after };
    serde_json::to_string(&feedback).unwrap_or_default()
}

fn store_error(error: RedisError) -> StoreError {
    let detail = error.code().map(|code| format!(" {code}")).unwrap_or_default();
    StoreError(format!("{:?}{detail}", error.kind()))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("address", &self.connections).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
