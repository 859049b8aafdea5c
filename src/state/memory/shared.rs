//! The memory store as a [`StateStore`]: several clients of one process can share it as they would share a server.

use std::{future::ready, sync::Arc, time::Duration};

use super::MemoryStore;
use crate::{
    state::{
        Scope,
        circuit::{Circuit, CircuitState, Pass, Refused, Verdict},
        future::StoreFuture,
        kept::{CacheKey, Kept, Lifetime, Lookup, Seen},
        lease::{LeaseAnswer, LeaseStore},
        quota::{Answer, Grant, QuotaRule, Turn},
        store::{CircuitId, CircuitView, LaneId, Sealed, StateStore},
    },
    sync::lock,
};

impl Sealed for MemoryStore {}

impl MemoryStore {
    fn on_circuit<'a, T: Send + 'a>(
        &self,
        id: &CircuitId,
        act: impl FnOnce(&mut Circuit, u64) -> T,
    ) -> StoreFuture<'a, (T, CircuitView)> {
        let now = self.now();
        let circuit = self.circuit(id.scope, id.rules);
        let mut circuit = lock(&circuit);
        let done = act(&mut circuit, now);
        let state = circuit.state(now);
        let open_for = Duration::from_millis(circuit.open_for(now));
        let view =
            CircuitView { state, generation: circuit.generation(), open_for, has_failures: circuit.has_failures() };
        debug_assert!(state == CircuitState::Open || open_for.is_zero());
        Box::pin(ready(Ok((done, view))))
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

    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitView)> {
        self.on_circuit(circuit, |circuit, now| circuit.admit(now))
    }

    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitView> {
        view(self.on_circuit(circuit, |circuit, now| circuit.settle(pass, verdict, now)))
    }

    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitView> {
        view(self.on_circuit(circuit, |_, _| ()))
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitView> {
        view(self.on_circuit(circuit, |circuit, _| circuit.reset()))
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

fn view<'a, T: Send + 'a>(done: StoreFuture<'a, (T, CircuitView)>) -> StoreFuture<'a, CircuitView> {
    Box::pin(async move { done.await.map(|(_, view)| view) })
}
