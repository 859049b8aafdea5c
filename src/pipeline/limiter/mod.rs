//! The limiter: lets a request go when the caller's quota has room for it, in the order of coming.
//!
//! What is left of a quota is the business of a [`Lane`](crate::state::quota::Lane), here or in a shared store; this is
//! the queue before it. Whoever is first holds the lane's turn, asks, and waits until the reset or until an answer has
//! made room; the others wait for the turn. A future that is dropped gives back whatever it holds: its place, its turn,
//! or the room that it was granted.

mod patience;
mod report;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{
    error::RateLimit,
    pipeline::observe::events::{LimiterWait, WaitReason},
    state::{
        LaneId, Scope, Store,
        memory::{Gate, Gates, Unreported},
        quota::{Answer, Grant, Lane, QuotaRule, Turn, is_used_up},
    },
};
pub(crate) use patience::{NoRoom, Patience};
pub use report::{OperationQuota, Quota};

/// How often the first in the queue asks a shared store whether other processes' answers have made room.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// How often the first in the queue asks a shared store whether it is still closed: another process may have reset it.
const ASK_AGAIN_WHILE_CLOSED: Duration = Duration::from_secs(1);

/// The limiter of a client.
#[derive(Debug)]
pub(crate) struct Limiter {
    store: Store,
    rule: QuotaRule,
}

/// A request that asks for a permit.
#[derive(Clone, Copy)]
struct PermitRequest<'a> {
    caller: &'a Caller,
    operation: &'static str,
    patience: Patience,
}

/// One caller's place at the limiter; looked up once for a client.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    scope: Scope,
    gates: Arc<Gates>,
}

impl Limiter {
    pub(crate) fn new(store: Store, rule: QuotaRule) -> Self {
        Self { store, rule }
    }

    pub(crate) fn caller(&self, scope: Scope) -> Caller {
        Caller { scope, gates: self.store.here().gates(scope) }
    }

    /// Leave to send one request of `operation`, where nobody is before it, there is room, and no more is to be asked than
    /// the caller's lane in this process. It is so for most; the others need [`acquire`](Self::acquire), and what it takes
    /// to wait.
    pub(crate) fn at_once<'a>(&'a self, caller: &'a Caller, operation: &'static str) -> Option<Permit<'a>> {
        if self.shares() || caller.gates.own(operation).is_some() {
            return None;
        }
        let gate = &caller.gates.shared;
        if gate.queued.load(Ordering::Acquire) != 0 {
            return None;
        }
        let Turn::Go(grant) = caller.gates.ask(gate, &self.rule, self.store.here().now()) else { return None };
        let place = Place { gate: Arc::clone(gate), grant, remote: None };
        Some(Permit { limiter: self, caller, operation, own: None, shared: Some(place), sent: false })
    }

    /// Waits for leave to send one request of `operation`.
    pub(crate) async fn acquire<'a>(
        &'a self,
        caller: &'a Caller,
        operation: &'static str,
        patience: Patience,
    ) -> Result<Permit<'a>, NoRoom> {
        let mut permit = Permit { limiter: self, caller, operation, own: None, shared: None, sent: false };
        let entry = PermitRequest { caller, operation, patience };
        let own = caller.gates.own(operation);
        let also_shared = own.as_ref().is_none_or(|own| own.also_shared.load(Ordering::Acquire));
        if let Some(gate) = own {
            let lane = LaneId { scope: caller.scope, operation: Some(operation) };
            permit.own = Some(self.enter(entry, gate, lane).await?);
        }
        if also_shared {
            let lane = LaneId { scope: caller.scope, operation: None };
            permit.shared = Some(self.enter(entry, Arc::clone(&caller.gates.shared), lane).await?);
        }
        Ok(permit)
    }

    async fn enter(&self, entry: PermitRequest<'_>, gate: Arc<Gate>, lane: LaneId) -> Result<Place, NoRoom> {
        let PermitRequest { caller, operation, patience } = entry;
        let queued = Queued::at(&gate);
        let turn = match gate.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                if let Some(wait) = self.closed_for(&gate)
                    && !patience.allows(wait)
                {
                    return Err(self.no_room(&gate, Some(wait)));
                }
                let _waits = LimiterWait::begin(operation, WaitReason::Queue);
                let turn = timeout_at(patience.deadline(), gate.turn.lock()).await;
                turn.map_err(|_| self.no_room(&gate, self.closed_for(&gate)))?
            }
        };
        let mut waits = None;
        let (grant, remote) = loop {
            let (reason, wait) = match self.ask(caller, &gate, &lane).await {
                (Turn::Go(grant), remote) => break (grant, remote),
                (Turn::In(wait), _) => {
                    let wait = Duration::from_millis(wait);
                    if !patience.allows(wait) {
                        return Err(self.no_room(&gate, Some(wait)));
                    }
                    let wait = if self.shares() { wait.min(ASK_AGAIN_WHILE_CLOSED) } else { wait };
                    (WaitReason::Quota, wait)
                }
                // Answers to other processes wake nobody here.
                (Turn::AfterAnswer(_), _) if self.shares() => (WaitReason::InFlight, ASK_AGAIN),
                (Turn::AfterAnswer(wait), _) => (WaitReason::InFlight, Duration::from_millis(wait)),
            };
            LimiterWait::go_on(&mut waits, operation, reason);
            let deadline = patience.deadline();
            let until = deadline.min(Instant::now() + wait);
            if timeout_at(until, gate.answered.notified()).await.is_err() && Instant::now() >= deadline {
                return Err(self.no_room(&gate, self.closed_for(&gate)));
            }
        };
        drop(turn);
        drop(queued);
        Ok(Place { gate, grant, remote })
    }

    fn shares(&self) -> bool {
        self.store.there().is_some_and(|shared| !shared.is_away())
    }

    /// How long the gate is closed for certain, as far as this process knows.
    fn closed_for(&self, gate: &Gate) -> Option<Duration> {
        let now = self.store.here().now();
        gate.with(|lane| lane.closed_for(now)).map(Duration::from_millis)
    }

    #[cold]
    fn no_room(&self, gate: &Gate, retry_after: Option<Duration>) -> NoRoom {
        let now = self.store.here().now();
        NoRoom { retry_after, limits: gate.with(|lane| lane.view(now)).limits }
    }

    /// Asks the shared store, or where there is none, or it does not answer, the lane in this process.
    async fn ask(&self, caller: &Caller, gate: &Gate, id: &LaneId) -> (Turn, Option<Grant>) {
        if let Some(shared) = self.store.there() {
            if gate.has_unreported()
                && let Some(wait) = gate.with(|lane| lane.closed_for(self.store.here().now()))
            {
                return (Turn::In(wait), None);
            }
            let known = gate.with(|lane| lane.export(self.store.here().now()));
            if let Some((turn, everywhere)) = shared.ask_quota(*id, known, self.rule).await {
                return gate.with(|lane| match turn {
                    Turn::Go(remote) => {
                        let grant = lane.begin_with_leave(self.store.here().now());
                        lane.hear(everywhere);
                        (Turn::Go(grant), Some(remote))
                    }
                    turn => {
                        lane.hear(everywhere);
                        (turn, None)
                    }
                });
            }
        }
        let turn = caller.gates.ask(gate, &self.rule, self.store.here().now());
        (turn, None)
    }
}

impl Caller {
    /// Forgets what the service has told of this caller's quotas, here and in a shared store.
    pub(crate) async fn reset(&self, limiter: &Limiter) {
        if let Some(shared) = limiter.store.there() {
            shared.reset_quota(&self.scope).await;
        }
        self.gates.reset();
    }

    /// What is known of this caller's quotas: to a shared store, and of refusals that this does not know yet, here.
    pub(crate) async fn quota(&self, limiter: &Limiter) -> Quota {
        let here = || self.gates.view(limiter.store.here().now());
        let Some(shared) = limiter.store.there() else { return Quota::of(here()) };
        let is_unreported = |operation| self.gates.known(operation).is_some_and(|gate| gate.has_unreported());
        let unreported: Vec<_> = here().into_iter().filter(|(operation, _)| is_unreported(*operation)).collect();
        let Some(mut lanes) = shared.view_quota(&self.scope).await else { return Quota::of(here()) };
        lanes.retain(|(known, _)| unreported.iter().all(|(operation, _)| operation != known));
        lanes.extend(unreported);
        Quota::of(lanes)
    }
}

/// Somebody's being in a gate's queue.
struct Queued<'a>(&'a Gate);

impl<'a> Queued<'a> {
    fn at(gate: &'a Gate) -> Self {
        gate.queued.fetch_add(1, Ordering::AcqRel);
        Self(gate)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One lane's leave.
#[derive(Debug)]
struct Place {
    gate: Arc<Gate>,
    grant: Grant,
    /// The shared store's leave, where it gave it.
    remote: Option<Grant>,
}

/// The leave to send one request. Dropped, it gives the room back; a request that was sent by then counts as lost, for
/// the service may have counted it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permit<'a> {
    limiter: &'a Limiter,
    caller: &'a Caller,
    operation: &'static str,
    /// In the operation's own lane.
    own: Option<Place>,
    /// In the caller's lane.
    shared: Option<Place>,
    sent: bool,
}

impl Permit<'_> {
    /// From here on the service may have counted the request.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// The request did not go out after all.
    pub(crate) fn not_sent(&mut self) {
        self.sent = false;
    }

    /// Gives the room back, and passes on what the answer told.
    pub(crate) fn settle(mut self, status: u16, limits: Vec<RateLimit>, retry_after: Option<Duration>) {
        let mut told = Answer { status: Some(status), limits, retry_after };
        let longest = self.limiter.rule.max_wait;
        if let Some(wait) = told.bound(longest) {
            self.warn(wait, longest);
        }
        if status == 429 || self.own.is_some() || told.limits.iter().any(|limit| is_own(&limit.name)) {
            self.settle_each(told);
        } else {
            self.leave(false, Some(&told));
        }
    }

    #[cold]
    fn warn(&self, wait: Duration, longest: Duration) {
        let (seconds, believed, operation) = (wait.as_secs(), longest.as_secs_f64(), self.operation);
        tracing::warn!(
            target: "calcom", operation, seconds, believed,
            "an answer tells to wait longer than rate_limit.max_wait, which is waited in its place"
        );
    }

    /// As [`settle`](Self::settle), where the operation has limits of its own, or the answer is a refusal: that closes the
    /// lane of the limit that is used up, and only the operation's where the caller's limits have room.
    #[cold]
    fn settle_each(&mut self, Answer { status, limits, retry_after }: Answer) {
        let (own, shared): (Vec<_>, Vec<_>) = limits.into_iter().partition(|limit| is_own(&limit.name));
        let (has_own, has_shared) = (!own.is_empty(), !shared.is_empty());
        let (refused, tells_nothing) = (status == Some(429), !has_own && !has_shared);
        let shared_refuses = shared.iter().any(is_used_up) || (tells_nothing && self.shared.is_some());
        let own_refuses = own.iter().any(is_used_up) || !shared_refuses || (tells_nothing && self.own.is_some());
        let answer = |limits, refuses| {
            let concerns = !refused || refuses;
            Answer { status: status.filter(|_| concerns), limits, retry_after: retry_after.filter(|_| concerns) }
        };
        if has_own || self.own.is_some() || (refused && own_refuses) {
            let gate = self.caller.gates.make_own(self.operation);
            if has_own || has_shared {
                gate.also_shared.store(has_shared, Ordering::Release);
            }
            let own = answer(own, own_refuses);
            if self.own.is_none() {
                self.tell(&gate, true, &own);
            }
            self.leave(true, Some(&own));
        }
        if has_shared || !has_own {
            let shared = answer(shared, shared_refuses);
            if self.shared.is_none() && has_shared {
                self.tell(&self.caller.gates.shared, false, &shared);
            }
            self.leave(false, Some(&shared));
        } else {
            // An answer that tells the operation's own limits alone was not counted against the others.
            self.leave(false, None);
        }
    }

    /// Tells a lane without whose leave the request was sent.
    fn tell(&self, gate: &Arc<Gate>, is_own: bool, answer: &Answer) {
        let store = &self.limiter.store;
        let now = store.here().now();
        gate.with(|lane| lane.learn(now, answer, now));
        self.report(gate, is_own, None, Some(answer));
    }

    /// Gives back the place in one of the lanes: with the answer to the request, or as that of one that was not counted.
    fn leave(&mut self, is_own: bool, answer: Option<&Answer>) {
        let place = if is_own { self.own.take() } else { self.shared.take() };
        let Some(Place { gate, grant, remote }) = place else { return };
        match answer {
            Some(answer) => gate.with(|lane| lane.settle(grant, answer, self.limiter.store.here().now())),
            None => gate.with(Lane::give_back),
        }
        if remote.is_some() {
            self.report(&gate, is_own, remote, answer);
        }
        gate.answered.notify_one();
    }

    /// Tells a shared store, if there is one.
    fn report(&self, gate: &Arc<Gate>, is_own: bool, remote: Option<Grant>, answer: Option<&Answer>) {
        let Some(shared) = self.limiter.store.there() else { return };
        let is_refusal = answer.is_some_and(|answer| answer.status == Some(429));
        let unreported = is_refusal.then(|| Unreported::at(gate));
        shared.settle_quota(self.lane(is_own), remote, answer.cloned(), unreported);
    }

    fn lane(&self, is_own: bool) -> LaneId {
        LaneId { scope: self.caller.scope, operation: is_own.then_some(self.operation) }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let lost = self.sent.then(Answer::default);
        self.leave(true, lost.as_ref());
        self.leave(false, lost.as_ref());
    }
}

/// The service names an endpoint's own limit in words joined by underscores (`Booking_location_update`), a credential's
/// with one word (`Default`, `Burst`).
fn is_own(name: &str) -> bool {
    name.contains('_')
}

#[cfg(test)]
mod tests;
