//! The memory store as a [`StateStore`]: several clients of one process can share it as they would share a server.

use std::{future::ready, sync::Arc, time::Duration};

use super::{Circuits, MemoryStore};
use crate::state::{
    Scope,
    circuit::{CircuitViews, Pass, Refused, Verdict},
    future::StoreFuture,
    kept::{CacheKey, Kept, Lifetime, Lookup, Seen},
    lease::{LeaseAnswer, LeaseStore},
    quota::{Answer, Grant, LaneViews, QuotaRule, Turn},
    store::{CircuitId, LaneId, Sealed, StateStore},
};

impl Sealed for MemoryStore {}

impl MemoryStore {
    fn on_circuits<'a, T: Send + 'a>(
        &self,
        id: &CircuitId,
        act: impl FnOnce(&Circuits, u64) -> T,
    ) -> StoreFuture<'a, (T, CircuitViews)> {
        let now = self.now();
        let circuits = self.circuits(id.scope, id.rules);
        let done = act(&circuits, now);
        Box::pin(ready(Ok((done, circuits.views(now)))))
    }
}

impl LeaseStore for MemoryStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer> {
        Box::pin(ready(Ok(self.acquire_lease(name, ttl))))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.renew_lease(name, token, ttl))))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.release_lease(name, token, note))))
    }
}

impl StateStore for MemoryStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn reconnect(&self) {}

    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitViews)> {
        self.on_circuits(circuit, |circuits, now| match circuit.operation {
            None => circuits.with_tenant(|circuit| circuit.admit(now)),
            Some(operation) => circuits.admit(operation, now).map(|pass| pass.unwrap_or(Pass::UNKNOWN)),
        })
    }

    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitViews> {
        views(self.on_circuits(circuit, |circuits, now| match circuit.operation {
            None => circuits.with_tenant(|circuit| circuit.settle(pass, verdict, now)),
            Some(operation) => circuits.with(operation, now, |circuit| circuit.settle(pass, verdict, now)),
        }))
    }

    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        views(self.on_circuits(circuit, |_, _| ()))
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        views(self.on_circuits(circuit, |circuits, _| circuits.reset()))
    }

    fn ask_quota<'a>(&'a self, lane: &'a LaneId, _: &'a str, rule: &'a QuotaRule) -> StoreFuture<'a, (Turn, u64)> {
        let turn = self.ask(lane, rule);
        let under_way = self.gates(lane.scope).gate(lane).with(|lane| lane.under_way());
        Box::pin(ready(Ok((turn, under_way))))
    }

    fn settle_quota<'a>(
        &'a self,
        lane: &'a LaneId,
        grant: Option<Grant>,
        answer: Option<&'a Answer>,
    ) -> StoreFuture<'a, ()> {
        let now = self.now();
        self.gates(lane.scope).gate(lane).with(|lane| match (grant, answer) {
            (Some(grant), Some(answer)) => lane.settle(grant, answer, now),
            (Some(_), None) => lane.give_back(),
            (None, Some(answer)) => lane.learn(now, answer, now),
            (None, None) => {}
        });
        Box::pin(ready(Ok(())))
    }

    fn reset_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, ()> {
        self.gates(*scope).reset();
        Box::pin(ready(Ok(())))
    }

    fn view_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, LaneViews> {
        let views = self.gates(*scope).view(self.now());
        Box::pin(ready(Ok(views)))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (Lookup, Seen)> {
        let (found, sought) = self.find(key, tags);
        Box::pin(ready(Ok((found, sought.seen))))
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        kept: &'a Arc<Kept>,
        _: &'a [String],
        seen: &'a Seen,
        life: Lifetime,
    ) -> StoreFuture<'a, ()> {
        self.keep(key.clone(), Arc::clone(kept), seen.clone(), life);
        Box::pin(ready(Ok(())))
    }

    fn flush<'a>(&'a self, scope: &'a Scope, tags: &'a [String]) -> StoreFuture<'a, ()> {
        self.forget(scope, tags);
        Box::pin(ready(Ok(())))
    }
}

fn views<'a, T: Send + 'a>(done: StoreFuture<'a, (T, CircuitViews)>) -> StoreFuture<'a, CircuitViews> {
    Box::pin(async move { done.await.map(|(_, views)| views) })
}
