//! What a store shared between processes must be able to do. Every step is atomic; its clock is its own, so that
//! processes whose clocks differ agree.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use super::{
    Scope,
    circuit::{CircuitRules, CircuitState, Pass, Refused, Verdict},
    kept::{CacheKey, Kept, Lifetime, Lookup, Seen},
    quota::{Answer, Grant, QuotaRule, Turn},
};

/// What a store is doing, and whether it could.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store could not do what it was asked for. No call fails because of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// Which breaker, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitId {
    /// What its key in the store begins with; the reference's key is `calcom:circuit:state`.
    pub key: Arc<str>,
    /// Whose it is.
    pub scope: Scope,
    /// Its rules.
    pub rules: CircuitRules,
}

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitView {
    /// Where it stands.
    pub state: CircuitState,
    /// How often it has changed.
    pub generation: u64,
    /// How long it stays open, where it is.
    pub open_for: Duration,
    /// Whether failures have been counted since the last success.
    pub has_failures: bool,
}

/// Which lane: a caller's, or that of one operation with limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneId {
    /// Whose.
    pub scope: Scope,
    /// Which operation's, where it has limits of its own.
    pub operation: Option<&'static str>,
}

mod sealed {
    /// The trait is open to new methods; stores outside of this crate would break by them.
    pub trait Sealed {}
}
pub(crate) use sealed::Sealed;

/// A place where several clients, and several processes, keep breakers, quotas and answers together.
///
/// There are two: [`MemoryStore`](super::MemoryStore) for the clients of one process, and `RedisStore` (feature `redis`)
/// for those of several. The trait cannot be implemented outside of this crate.
pub trait StateStore: Sealed + fmt::Debug + Send + Sync + 'static {
    /// Whether the store is there.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Gives up the connection, if there is one: it may be a dead one. The next question makes another.
    fn reconnect(&self);

    /// Asks a breaker for leave to send one request.
    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitView)>;

    /// Gives the leave back, with what the attempt told.
    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitView>;

    /// Looks how a breaker stands.
    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitView>;

    /// Closes a breaker.
    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitView>;

    /// Asks for room in a quota; gives the turn, and how many requests are under way in all. `known` is what the caller
    /// knows of the lane, for a store that knows nothing of it.
    fn ask_quota<'a>(&'a self, lane: &'a LaneId, known: &'a str, rule: &'a QuotaRule) -> StoreFuture<'a, (Turn, u64)>;

    /// Gives the room back, with what the answer told; without an answer the request was not sent. Without a grant the
    /// request went out without this lane's leave.
    fn settle_quota<'a>(
        &'a self,
        lane: &'a LaneId,
        grant: Option<Grant>,
        answer: Option<&'a Answer>,
    ) -> StoreFuture<'a, ()>;

    /// Looks an answer up, and where it is not fresh how often its tags have been flushed.
    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (Lookup, Seen)>;

    /// Keeps an answer, unless one of its tags has been flushed since `seen`.
    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        kept: &'a Arc<Kept>,
        tags: &'a [String],
        seen: &'a Seen,
        life: Lifetime,
    ) -> StoreFuture<'a, ()>;

    /// Drops every answer of a scope with one of these tags.
    fn flush<'a>(&'a self, scope: &'a Scope, tags: &'a [String]) -> StoreFuture<'a, ()>;
}
