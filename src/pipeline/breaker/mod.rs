//! The circuit breaker's station: refuses what would only wait for a service that is down, and learns from every call.
//!
//! Calls that get no answer open the tenant's circuit; those that are answered with 5xx open that of their operation, and
//! no other. The rules are [`Circuit`](crate::state::circuit::Circuit)'s. With a shared store the store's breakers decide;
//! how they stand is read at most every [`READ_AGAIN`], and while one is known to be open nothing is asked at all. The
//! breakers in this process learn along, and decide while the store is away.

mod health;
mod report;
mod there;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    pipeline::observe::{events, metrics},
    state::{
        CircuitId, CircuitState, CircuitView, CircuitViews, Store,
        circuit::{Circuit, Pass, Verdict},
        memory::Circuits,
    },
    sync::lock,
};
pub(crate) use health::Health;
use health::{Passes, Side};
pub use report::{CircuitChange, OpenCircuit};

/// How old what is known of a shared breaker may be.
const READ_AGAIN: Duration = Duration::from_millis(25);

/// Called on every change.
pub(crate) type CircuitHook = Arc<dyn Fn(CircuitChange) + Send + Sync>;

/// The circuit is open: nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) retry_after: Duration,
}

impl Open {
    fn after(millis: u64) -> Self {
        Self { retry_after: Duration::from_millis(millis) }
    }
}

/// The breakers of a tenant. Clones are the same breakers.
#[derive(Clone)]
pub(crate) struct Breaker(Arc<Station>);

struct Station {
    enabled: bool,
    id: CircuitId,
    store: Store,
    here: Arc<Circuits>,
    there: Mutex<Known>,
    /// One at a time asks the shared store how the breakers stand.
    reading: tokio::sync::Mutex<()>,
    hook: Option<CircuitHook>,
    last: Mutex<CircuitState>,
    /// The last state of operations' breakers that were not closed.
    last_of_operations: Mutex<HashMap<&'static str, CircuitState>>,
}

/// What is known of the shared breakers.
struct Known {
    views: CircuitViews,
    at: Instant,
}

impl Breaker {
    pub(crate) fn new(store: Store, id: CircuitId, enabled: bool, hook: Option<CircuitHook>) -> Self {
        let here = store.here().circuits(id.scope, id.rules);
        let views = CircuitViews { tenant: CircuitView::CLOSED, operations: Vec::new() };
        // Never read: as old as can be.
        let at = Instant::now().checked_sub(READ_AGAIN).unwrap_or_else(Instant::now);
        Self(Arc::new(Station {
            enabled,
            id,
            here,
            there: Mutex::new(Known { views, at }),
            reading: tokio::sync::Mutex::default(),
            hook,
            last: Mutex::new(CircuitState::Closed),
            last_of_operations: Mutex::default(),
            store,
        }))
    }

    /// Leave to send one request of `operation` at `now`, where that is given here.
    pub(crate) fn at_once(&self, now: Instant, operation: &'static str) -> Option<Leave<'_>> {
        if !self.0.enabled {
            return Some(Leave::without_breaker(operation));
        }
        if self.0.store.there().is_some_and(|shared| !shared.is_away()) {
            return None;
        }
        self.admit_here(now, operation).ok()
    }

    /// Leave to send one request of `operation` at `now`, or the time after which to ask again.
    pub(crate) async fn admit(&self, now: Instant, operation: &'static str) -> Result<Leave<'_>, Open> {
        if !self.0.enabled {
            return Ok(Leave::without_breaker(operation));
        }
        if let Some(shared) = self.0.store.there().filter(|shared| !shared.is_away())
            && let Some(admitted) = Box::pin(self.admit_there(shared, operation)).await
        {
            return admitted.map(|passes| Leave::of(self, operation, Side::There, passes));
        }
        self.admit_here(now, operation)
    }

    fn admit_here(&self, now: Instant, operation: &'static str) -> Result<Leave<'_>, Open> {
        let refused = |refused: crate::state::circuit::Refused| Open::after(refused.retry_after);
        let tenant = self.at(now, Circuit::admit).map_err(refused)?;
        let mut passes = Passes { tenant, operation: None };
        if self.0.here.has_operations() {
            let millis = self.0.store.here().millis(now);
            let admitted = self.0.here.admit(operation, millis);
            self.tell_operations(&self.0.here.views(millis));
            match admitted {
                Ok(pass) => passes.operation = pass,
                Err(error) => {
                    self.at(now, |circuit, now| circuit.settle(tenant, Verdict::Neither, now));
                    return Err(refused(error));
                }
            }
        }
        Ok(Leave::of(self, operation, Side::Here, passes))
    }

    /// Does something with the tenant's breaker in this process, and tells how it stands then.
    fn at<T>(&self, now: Instant, act: impl FnOnce(&mut Circuit, u64) -> T) -> T {
        let now = self.0.store.here().millis(now);
        let (done, state) = self.0.here.with_tenant(|circuit| (act(circuit, now), circuit.state(now)));
        self.tell(state);
        done
    }

    /// Gives passes back at `now`, with what was told.
    fn settle(&self, operation: &'static str, place: Side, passes: Passes, health: Health, now: Instant) {
        let here = &self.0.here;
        let (of_tenant, of_operation) = health.verdicts();
        match place {
            Side::Here => self.at(now, |circuit, now| circuit.settle(passes.tenant, of_tenant, now)),
            Side::There => {
                let now = self.0.store.here().millis(now);
                here.with_tenant(|circuit| circuit.observe(of_tenant, now));
            }
        }
        if of_operation == Verdict::Failure || here.has_operations() {
            self.settle_operation(operation, place, passes.operation, of_operation, now);
        }
        if place == Side::There {
            self.settle_there(operation, passes, of_tenant, of_operation);
        }
    }

    #[cold]
    fn settle_operation(
        &self,
        operation: &'static str,
        place: Side,
        pass: Option<Pass>,
        verdict: Verdict,
        now: Instant,
    ) {
        let now = self.0.store.here().millis(now);
        self.0.here.with(operation, now, |circuit| match place {
            Side::Here => circuit.settle(pass.unwrap_or(Pass::UNKNOWN), verdict, now),
            Side::There => circuit.observe(verdict, now),
        });
        if place == Side::Here {
            self.tell_operations(&self.0.here.views(now));
        }
    }

    fn learn(&self, views: CircuitViews) {
        self.tell(views.tenant.state);
        self.tell_operations(&views);
        *lock(&self.0.there) = Known { views, at: Instant::now() };
    }

    /// Calls the hook, if this is news.
    fn tell(&self, to: CircuitState) {
        let from = std::mem::replace(&mut *lock(&self.0.last), to);
        if from != to {
            self.tell_change(CircuitChange { operation: None, from, to });
        }
    }

    fn tell_operations(&self, views: &CircuitViews) {
        let mut last = lock(&self.0.last_of_operations);
        if last.is_empty() && views.operations.is_empty() {
            return;
        }
        let state_of = |operation| views.operation(operation).map_or(CircuitState::Closed, |view| view.state);
        let mut changes = Vec::new();
        last.retain(|operation, from| {
            let to = state_of(operation);
            if to != *from {
                changes.push(CircuitChange { operation: Some(operation), from: *from, to });
                *from = to;
            }
            to != CircuitState::Closed
        });
        for (operation, view) in &views.operations {
            if view.state != CircuitState::Closed && !last.contains_key(operation) {
                changes.push(CircuitChange { operation: Some(operation), from: CircuitState::Closed, to: view.state });
                last.insert(operation, view.state);
            }
        }
        drop(last);
        changes.into_iter().for_each(|change| self.tell_change(change));
    }

    #[cold]
    fn tell_change(&self, change: CircuitChange) {
        let CircuitChange { operation, from, to } = change;
        metrics::circuit(&self.0.id.scope, operation, to);
        events::circuit(&self.0.id.scope, operation, [from, to]);
        if let Some(hook) = &self.0.hook {
            hook(change);
        }
    }

    /// How the breakers stand. With a shared store this asks the store.
    async fn views(&self) -> CircuitViews {
        if let Some(shared) = self.0.store.there()
            && let Some(views) = shared.view_circuit(&self.0.id).await
        {
            self.learn(views.clone());
            return views;
        }
        self.0.here.views(self.0.store.here().now())
    }

    /// Where the tenant's breaker stands.
    pub(crate) async fn state(&self) -> CircuitState {
        self.views().await.tenant.state
    }

    /// The operations whose breakers are not closed, by name.
    pub(crate) async fn open_operations(&self) -> Vec<OpenCircuit> {
        let views = self.views().await.operations.into_iter();
        let open = views.filter(|(_, view)| view.state != CircuitState::Closed);
        open.map(|(operation, view)| OpenCircuit { operation, state: view.state, retry_after: view.open_for }).collect()
    }

    /// Closes the breakers, whatever they know.
    pub(crate) async fn reset(&self) {
        self.0.here.reset();
        let there = match self.0.store.there() {
            Some(shared) => shared.reset_circuit(&self.0.id).await,
            None => None,
        };
        match there {
            Some(views) => self.learn(views),
            None => {
                self.tell(CircuitState::Closed);
                self.tell_operations(&self.0.here.views(self.0.store.here().now()));
            }
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let views = self.0.here.views(self.0.store.here().now());
        f.debug_struct("Breaker").field("id", &self.0.id).field("state", &views.tenant.state).finish_non_exhaustive()
    }
}

/// The leave to send one request. Dropped, it goes back without having told anything.
#[derive(Debug)]
#[must_use]
pub(crate) struct Leave<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    place: Side,
    passes: Passes,
}

impl<'a> Leave<'a> {
    fn of(breaker: &'a Breaker, operation: &'static str, place: Side, passes: Passes) -> Self {
        Self { breaker: Some(breaker), operation, place, passes }
    }

    /// Where there is no breaker.
    fn without_breaker(operation: &'static str) -> Self {
        Self { breaker: None, operation, place: Side::Here, passes: Passes { tenant: Pass::UNKNOWN, operation: None } }
    }

    /// Gives the leave back at `now`, with what the call told.
    pub(crate) fn settle(mut self, health: Health, now: Instant) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.operation, self.place, self.passes, health, now);
        }
    }

    /// Gives the leave back, for the call goes on with another attempt. If there is none after all, this one was the last.
    #[cold]
    pub(crate) fn give_back(self, health: Health) -> Unsettled<'a> {
        Unsettled { breaker: self.breaker, operation: self.operation, place: self.place, passes: self.passes, health }
    }

    /// It does not go back: another holds its passes.
    fn keep(mut self) {
        self.breaker = None;
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.operation, self.place, self.passes, Health::Unknown, Instant::now());
        }
    }
}

/// What an attempt told that may have been the last of its call.
#[derive(Debug)]
#[must_use]
pub(crate) struct Unsettled<'a> {
    breaker: Option<&'a Breaker>,
    operation: &'static str,
    place: Side,
    passes: Passes,
    health: Health,
}

impl Unsettled<'_> {
    /// It was the last.
    pub(crate) fn settle(self, now: Instant) {
        if let Some(breaker) = self.breaker {
            breaker.settle(self.operation, self.place, self.passes, self.health, now);
        }
    }
}

#[cfg(test)]
mod tests;
