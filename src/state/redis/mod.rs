//! The state on a Redis server, shared by every process that is given the same one.
//!
//! Every step is one script, so nobody sees it half done; the server's clock counts, and every key expires. If that clock is
//! set back, no wait, lease or time to live gets longer. Nothing there names a credential: callers are hashes. A script that finds something else under its keys than it writes removes it and
//! begins anew. What happens while the server does not answer is the business of the guard
//! before it ([`Shared`](super::Shared)).

mod connection;
mod keys;
mod lease;
mod replies;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue};
use redis::{ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation};
use serde::Serialize;

use super::{
    Scope,
    circuit::{CircuitViews, Pass, Refused, Verdict},
    future::{StoreError, StoreFuture},
    kept::{CacheKey, Kept, Lifetime, Lookup, Seen},
    quota::{Answer, Grant, LaneViews, QuotaRule, Turn},
    store::{CircuitId, LaneId, StateStore},
};
use crate::Result;
use connection::{Connection, Connections};
#[cfg(feature = "webhook")]
pub(crate) use keys::delivery;
use replies::{CircuitReply, LaneReply, lane_views};

/// Breakers, quotas, answers and leases on a Redis server.
pub struct RedisStore {
    connections: Connections,
    circuit: Script,
    quota: Script,
    cache: Script,
    lease: Script,
    /// In place of the server's clock.
    #[cfg(test)]
    now: std::sync::atomic::AtomicU64,
}

impl RedisStore {
    /// The server at `url`: `redis://[user:password@]host[:port][/database]`, with the feature `rustls` also `rediss://`,
    /// which trusts the system's certificates. Several URLs, separated by commas, name servers of one cluster. No
    /// connection is made yet.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used. The error does not repeat it.
    pub fn open(url: &str) -> Result<Self> {
        Connections::open(url, None).map(Self::with)
    }

    /// The same over TLS, trusting the certificates in `roots` (PEM) and no others.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL or a certificate that cannot be used.
    #[cfg(feature = "rustls")]
    pub fn open_trusting(url: &str, roots: Vec<u8>) -> Result<Self> {
        Connections::open(url, Some(roots)).map(Self::with)
    }

    fn with(connections: Connections) -> Self {
        Self {
            connections,
            circuit: Script::new(include_str!("circuit.lua")),
            quota: Script::new(include_str!("quota.lua")),
            cache: Script::new(include_str!("cache.lua")),
            lease: Script::new(include_str!("lease.lua")),
            #[cfg(test)]
            now: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// The connection, which mends itself. Made at the first use, because it needs a runtime.
    pub(crate) async fn connection(&self) -> Result<Connection, StoreError> {
        self.connections.get().await.map_err(failed)
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
                Err(error) if is_about_values(&error) => begin_anew(&call, &keys, &mut connection).await.map(read),
                Err(error) => Err(failed(error)),
            }
        })
    }

    /// What scripts take for the time: nothing, and they look at their clock.
    fn now(&self) -> u64 {
        #[cfg(test)]
        return self.now.load(std::sync::atomic::Ordering::Relaxed);
        #[cfg(not(test))]
        0
    }

    fn on_circuit<'a, U>(
        &'a self,
        circuit: &CircuitId,
        act: &str,
        pass: Option<(Pass, Verdict)>,
        read: impl FnOnce((Result<Pass, Refused>, CircuitViews)) -> U + Send + 'a,
    ) -> StoreFuture<'a, U> {
        let rules = &circuit.rules;
        let (pass, verdict) = pass.unwrap_or((Pass { generation: 0, probe: 0 }, Verdict::Neither));
        let verdict = match verdict {
            Verdict::Success => "success",
            Verdict::Failure => "failure",
            Verdict::Neither => "neither",
        };
        let args = arguments(&[
            &act,
            &rules.failures.max(1),
            &rules.successes.max(1),
            &rules.open_for_millis(),
            &rules.probes.max(1),
            &pass.generation,
            &pass.probe,
            &verdict,
            &self.now(),
            &circuit.operation.unwrap_or_default(),
        ]);
        self.run(&self.circuit, keys::circuit(circuit), args, |reply: CircuitReply| read(reply.read()))
    }
}

impl super::store::Sealed for RedisStore {}

impl StateStore for RedisStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let answer: Result<(), RedisError> = redis::cmd("PING").query_async(&mut connection).await;
            answer.map_err(failed)
        })
    }

    fn reconnect(&self) {
        self.connections.forget();
    }

    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitViews)> {
        self.on_circuit(circuit, "admit", None, |reply| reply)
    }

    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitViews> {
        self.on_circuit(circuit, "settle", Some((pass, verdict)), |(_, view)| view)
    }

    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        self.on_circuit(circuit, "view", None, |(_, view)| view)
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        self.on_circuit(circuit, "reset", None, |(_, view)| view)
    }

    fn ask_quota<'a>(&'a self, lane: &'a LaneId, known: &'a str, rule: &'a QuotaRule) -> StoreFuture<'a, (Turn, u64)> {
        let firm = u8::from(rule.firm);
        let args = arguments(&[
            &"ask",
            &self.now(),
            &known,
            &rule.per_minute.max(1),
            &rule.burst.max(1),
            &firm,
            &rule.max_wait_millis(),
        ]);
        let read = |(turn, number, id, under_way): (String, u64, u64, u64)| {
            let turn = match turn.as_str() {
                "go" => Turn::Go(Grant { at: number, id }),
                "in" => Turn::In(number),
                _ => Turn::AfterAnswer(number),
            };
            (turn, under_way)
        };
        self.run(&self.quota, keys::lane(lane), args, read)
    }

    fn settle_quota<'a>(
        &'a self,
        lane: &'a LaneId,
        grant: Option<Grant>,
        answer: Option<&'a Answer>,
    ) -> StoreFuture<'a, ()> {
        let grant = grant.unwrap_or(Grant { at: 0, id: 0 });
        let answer = answer.map(told).unwrap_or_default();
        let args = arguments(&[&"settle", &self.now(), &grant.at, &grant.id, &answer]);
        self.run(&self.quota, keys::lane(lane), args, |_: redis::Value| ())
    }

    fn reset_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, ()> {
        self.run(&self.quota, keys::lanes(scope), arguments(&[&"reset", &self.now()]), |_: redis::Value| ())
    }

    fn view_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, LaneViews> {
        let args = arguments(&[&"view", &self.now()]);
        self.run(&self.quota, keys::lanes(scope), args, |lanes: Vec<LaneReply>| lane_views(lanes))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (Lookup, Seen)> {
        let args = arguments(&[&"get", &self.now(), &fastrand::u64(1..)]);
        self.run(&self.cache, keys::answer(key, tags), args, |reply: (u8, u16, String, Vec<u8>, Vec<u64>)| {
            let (found, status, headers, body, marks) = reply;
            let kept = || Arc::new(Kept::new(status, read_headers(&headers), body.into(), 0));
            let lookup = match found {
                2 => Lookup::Fresh(kept()),
                1 => Lookup::Stale(kept()),
                _ => Lookup::Missing,
            };
            (lookup, Seen(marks))
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        kept: &'a Arc<Kept>,
        tags: &'a [String],
        seen: &'a Seen,
        life: Lifetime,
    ) -> StoreFuture<'a, ()> {
        let (fresh, stale) = (millis(life.fresh), millis(life.stale));
        let headers = written_headers(&kept.headers);
        let kept_for = (fresh + stale).max(1);
        let mut args = arguments(&[&"put", &self.now(), &0, &fresh, &kept_for, &kept.status, &headers]);
        args.push(kept.body.to_vec());
        args.extend(seen.0.iter().map(|mark| mark.to_string().into_bytes()));
        self.run(&self.cache, keys::answer(key, tags), args, |_: redis::Value| ())
    }

    fn flush<'a>(&'a self, scope: &'a Scope, tags: &'a [String]) -> StoreFuture<'a, ()> {
        let args = arguments(&[&"flush", &self.now()]);
        self.run(&self.cache, keys::marks(scope, tags), args, |_: redis::Value| ())
    }
}

/// Whether a script failed for what it found under its keys: another type, another form, a number that is none.
fn is_about_values(error: &RedisError) -> bool {
    matches!(error.code(), Some("ERR" | "WRONGTYPE"))
        || matches!(error.kind(), ErrorKind::Parse | ErrorKind::UnexpectedReturnType)
}

/// Removes what stands under the keys of a script, all of one tenant, and runs it once more.
#[cold]
async fn begin_anew<T: FromRedisValue>(
    call: &ScriptInvocation<'_>,
    keys: &[String],
    connection: &mut Connection,
) -> Result<T, StoreError> {
    let removed: Result<(), _> = redis::cmd("DEL").arg(keys).query_async(connection).await;
    removed.map_err(failed)?;
    call.invoke_async(connection).await.map_err(failed)
}

/// Milliseconds that a server can add to its clock: at most ten years.
fn millis(time: Duration) -> u64 {
    const LONGEST: u64 = 10 * 366 * 24 * 3_600_000;
    crate::sync::millis(time).min(LONGEST)
}

fn arguments(arguments: &[&dyn fmt::Display]) -> Vec<Vec<u8>> {
    arguments.iter().map(|argument| argument.to_string().into_bytes()).collect()
}

fn written_headers(headers: &[(HeaderName, HeaderValue)]) -> String {
    let pairs: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

fn read_headers(text: &str) -> Vec<(HeaderName, HeaderValue)> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
    let read = |(name, value): (String, String)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?));
    pairs.into_iter().filter_map(read).collect()
}

/// An answer as the script reads it.
fn told(answer: &Answer) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        limits: Vec<Limit<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    }

    #[derive(Serialize)]
    struct Limit<'a> {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        remaining: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reset: Option<u64>,
    }

    let limits = answer.limits.iter().map(|limit| Limit {
        name: &limit.name,
        limit: limit.limit,
        remaining: limit.remaining,
        reset: limit.reset.map(millis),
    });
    let told = Told { status: answer.status, limits: limits.collect(), retry_after: answer.retry_after.map(millis) };
    serde_json::to_string(&told).unwrap_or_default()
}

fn failed(error: RedisError) -> StoreError {
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
