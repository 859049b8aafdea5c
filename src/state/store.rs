//! What a store shared between processes must be able to do. Every step is atomic; its clock is its own, so that
//! processes whose clocks differ agree.

use std::{fmt, sync::Arc};

use super::{
    Scope,
    circuit::{CircuitRules, CircuitViews, Pass, Refused, Verdict},
    future::StoreFuture,
    kept::{CacheKey, Kept, Lifetime, Lookup, Seen},
    lease::LeaseStore,
    quota::{Answer, Grant, LaneViews, QuotaRule, Turn},
};

/// Which breaker, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitId {
    /// What its key in the store begins with; the [documented](crate::model#the-documented-interface) key is
    /// `calcom:circuit:state`.
    pub key: Arc<str>,
    /// Whose it is.
    pub scope: Scope,
    /// Which operation's, where it is not that of all of the tenant's requests.
    pub operation: Option<&'static str>,
    /// Its rules.
    pub rules: CircuitRules,
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

/// A place where several clients, and several processes, keep breakers, quotas, answers and leases together.
///
/// There are two: [`MemoryStore`](super::MemoryStore) for the clients of one process, and `RedisStore` (feature `redis`)
/// for those of several. The trait cannot be implemented outside of this crate; its leases can: [`LeaseStore`].
pub trait StateStore: Sealed + LeaseStore + fmt::Debug + Send + Sync + 'static {
    /// Whether the store is there.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Gives up the connection, if there is one: it may be a dead one. The next question makes another.
    fn reconnect(&self);

    /// Asks a breaker for leave to send one request.
    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitViews)>;

    /// Gives the leave back, with what was told.
    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitViews>;

    /// Looks how the breakers of a tenant stand.
    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews>;

    /// Closes the breakers of a tenant.
    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews>;

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

    /// Forgets what the service has told of a caller's quotas; what is under way stays so.
    fn reset_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, ()>;

    /// Looks what is known of a caller's lanes; those of which nothing is known are left out.
    fn view_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, LaneViews>;

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
