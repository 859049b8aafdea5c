//! The limiter: lets a request go when the caller's quota has room for it, in the order of coming.
//!
//! What is left of a quota is the business of a [`Lane`](crate::state::quota::Lane), here or in a shared store; this is
//! the queue before it. Whoever is first holds the lane's turn, asks, and waits until the reset or until an answer has
//! made room; the others wait for the turn. A future that is dropped gives back whatever it holds: its place, its turn,
//! or the room that it was granted.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{
    error::RateLimit,
    state::{
        LaneId, Scope, Store,
        memory::{Gate, Gates},
        quota::{Answer, Grant, Lane, QuotaRule, Turn},
    },
};

/// How often the first in the queue asks a shared store whether other processes' answers have made room.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// What the caller wants while the quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// To wait, at the longest until then.
    Until(Instant),
    /// To be told when, at once. Where nobody knows, it still waits until then for somebody to find out.
    TellMe(Instant),
}

impl Patience {
    fn deadline(self) -> Instant {
        match self {
            Self::Until(deadline) | Self::TellMe(deadline) => deadline,
        }
    }

    fn allows(self, wait: Duration) -> bool {
        matches!(self, Self::Until(deadline) if Instant::now() + wait < deadline)
    }
}

/// There is no room within the time that the caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom {
    /// When there will be, as far as anybody knows.
    pub(crate) retry_after: Option<Duration>,
}

/// The limiter of a client.
#[derive(Debug)]
pub(crate) struct Limiter {
    store: Store,
    rule: QuotaRule,
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
        let own = caller.gates.own(operation);
        let also_shared = own.as_ref().is_none_or(|own| own.also_shared.load(Ordering::Acquire));
        if let Some(gate) = own {
            let lane = LaneId { scope: caller.scope, operation: Some(operation) };
            permit.own = Some(self.enter(caller, gate, lane, patience).await?);
        }
        if also_shared {
            let lane = LaneId { scope: caller.scope, operation: None };
            permit.shared = Some(self.enter(caller, Arc::clone(&caller.gates.shared), lane, patience).await?);
        }
        Ok(permit)
    }

    async fn enter(&self, caller: &Caller, gate: Arc<Gate>, lane: LaneId, patience: Patience) -> Result<Place, NoRoom> {
        let queued = Queued::at(&gate);
        let turn = match gate.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                if let Some(wait) = self.closed_for(&gate)
                    && !patience.allows(wait)
                {
                    return Err(NoRoom { retry_after: Some(wait) });
                }
                let turn = timeout_at(patience.deadline(), gate.turn.lock()).await;
                turn.map_err(|_| NoRoom { retry_after: self.closed_for(&gate) })?
            }
        };
        let (grant, remote) = loop {
            let wait = match self.ask(caller, &gate, &lane).await {
                (Turn::Go(grant), remote) => break (grant, remote),
                (Turn::In(wait), _) => {
                    let wait = Duration::from_millis(wait);
                    if !patience.allows(wait) {
                        return Err(NoRoom { retry_after: Some(wait) });
                    }
                    wait
                }
                // Answers to other processes wake nobody here.
                (Turn::AfterAnswer(_), _) if self.shares() => ASK_AGAIN,
                (Turn::AfterAnswer(wait), _) => Duration::from_millis(wait),
            };
            let deadline = patience.deadline();
            let until = deadline.min(Instant::now() + wait);
            if timeout_at(until, gate.answered.notified()).await.is_err() && Instant::now() >= deadline {
                return Err(NoRoom { retry_after: self.closed_for(&gate) });
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

    /// Asks the shared store, or where there is none, or it does not answer, the lane in this process.
    async fn ask(&self, caller: &Caller, gate: &Gate, id: &LaneId) -> (Turn, Option<Grant>) {
        if let Some(shared) = self.store.there() {
            let known = gate.with(|lane| lane.export(self.store.here().now()));
            if let Some((turn, everywhere)) = shared.ask_quota(*id, known, self.rule).await {
                return gate.with(|lane| match turn {
                    Turn::Go(remote) => {
                        let grant = lane.begin(self.store.here().now());
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
        let told = Answer { status: Some(status), limits, retry_after };
        if self.own.is_none() && !told.limits.iter().any(|limit| is_own(&limit.name)) {
            self.leave(false, Some(&told));
        } else {
            self.settle_each(told);
        }
    }

    /// As [`settle`](Self::settle), where the operation has limits of its own.
    #[cold]
    fn settle_each(&mut self, Answer { status, limits, retry_after }: Answer) {
        let (own, shared): (Vec<_>, Vec<_>) = limits.into_iter().partition(|limit| is_own(&limit.name));
        let (has_own, has_shared) = (!own.is_empty(), !shared.is_empty());
        let answer = |limits| Answer { status, limits, retry_after };
        let (own, shared) = (answer(own), answer(shared));
        if has_own {
            let gate = self.caller.gates.make_own(self.operation);
            gate.also_shared.store(has_shared, Ordering::Release);
            if self.own.is_none() {
                let store = &self.limiter.store;
                let now = store.here().now();
                gate.with(|lane| lane.learn(now, &own, now));
                if let Some(shared) = store.there() {
                    shared.settle_quota(self.lane(true), None, Some(own.clone()));
                }
            }
        }
        // An answer that tells the operation's own limits alone was not counted against the others.
        self.leave(true, (has_own || !has_shared).then_some(&own));
        self.leave(false, (has_shared || !has_own).then_some(&shared));
    }

    /// Gives back the place in one of the lanes: with the answer to the request, or as that of one that was not counted.
    fn leave(&mut self, is_own: bool, answer: Option<&Answer>) {
        let place = if is_own { self.own.take() } else { self.shared.take() };
        let Some(Place { gate, grant, remote }) = place else { return };
        let store = &self.limiter.store;
        match answer {
            Some(answer) => gate.with(|lane| lane.settle(grant, answer, store.here().now())),
            None => gate.with(Lane::give_back),
        }
        gate.answered.notify_one();
        if let (Some(shared), Some(remote)) = (store.there(), remote) {
            shared.settle_quota(self.lane(is_own), Some(remote), answer.cloned());
        }
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
