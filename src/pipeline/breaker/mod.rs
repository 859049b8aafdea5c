//! The circuit breaker's station: refuses what would only wait for a service that is down, and learns from every call.
//!
//! Calls that get no answer open the tenant's circuit; those that are answered with 5xx open that of their operation, and
//! no other. The rules are [`Circuit`](crate::state::circuit::Circuit)'s. With a shared store the store's breakers decide;
//! how they stand is read at most every [`READ_AGAIN`], and while one is known to be open nothing is asked at all. The
//! breakers in this process learn along, and decide while the store is away.

mod leave;
mod report;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    pipeline::observe::metrics,
    state::{
        CircuitId, CircuitState, CircuitView, CircuitViews, Shared, Store,
        circuit::{Circuit, Pass, Verdict},
        memory::Circuits,
    },
    sync::lock,
};
pub(crate) use leave::{Health, Leave, Told};
use leave::{Passes, Place};
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
            return admitted.map(|passes| Leave::of(self, operation, Place::There, passes));
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
        Ok(Leave::of(self, operation, Place::Here, passes))
    }

    /// Does something with the tenant's breaker in this process, and tells how it stands then.
    fn at<T>(&self, now: Instant, act: impl FnOnce(&mut Circuit, u64) -> T) -> T {
        let now = self.0.store.here().millis(now);
        let (done, state) = self.0.here.with_tenant(|circuit| (act(circuit, now), circuit.state(now)));
        self.tell(state);
        done
    }

    /// The shared breakers' word; nothing where they do not answer.
    async fn admit_there(&self, shared: &Shared, operation: &'static str) -> Option<Result<Passes, Open>> {
        loop {
            let (tenant, own, at) = {
                let known = lock(&self.0.there);
                (known.views.tenant, known.views.operation(operation), known.at)
            };
            let age = at.elapsed();
            let left = [Some(tenant), own].into_iter().flatten().map(|view| view.open_for.saturating_sub(age)).max();
            if let Some(retry_after) = left.filter(|left| !left.is_zero()) {
                if age >= READ_AGAIN {
                    self.read_again_soon();
                }
                return Some(Err(Open { retry_after }));
            }
            if age < READ_AGAIN || tenant.state != CircuitState::Closed {
                return self.ask_there(shared, operation, tenant, own).await;
            }
            let _reading = self.0.reading.lock().await;
            if lock(&self.0.there).at.elapsed() >= READ_AGAIN {
                let views = shared.view_circuit(&self.0.id).await?;
                self.learn(views);
            }
        }
    }

    /// Asks those of the two breakers that are not closed.
    async fn ask_there(
        &self,
        shared: &Shared,
        operation: &'static str,
        tenant: CircuitView,
        own: Option<CircuitView>,
    ) -> Option<Result<Passes, Open>> {
        let is_closed = |view: &CircuitView| view.state == CircuitState::Closed;
        let mut passes = Passes { tenant: Pass { generation: tenant.generation, probe: 0 }, operation: None };
        if !is_closed(&tenant) {
            let (admitted, views) = shared.admit(&self.0.id).await?;
            self.learn(views);
            match admitted {
                Ok(pass) => passes.tenant = pass,
                Err(refused) => return Some(Err(Open::after(refused.retry_after))),
            }
        }
        let Some(own) = own else { return Some(Ok(passes)) };
        passes.operation = Some(Pass { generation: own.generation, probe: 0 });
        if !is_closed(&own) {
            // Given back if the store does not answer, or the operation's breaker refuses.
            let leave = Leave::of(self, operation, Place::There, Passes { operation: None, ..passes });
            let (admitted, views) = shared.admit(&self.id_of(operation)).await?;
            self.learn(views);
            match admitted {
                Ok(pass) => passes.operation = Some(pass),
                Err(refused) => return Some(Err(Open::after(refused.retry_after))),
            }
            leave.keep();
        }
        Some(Ok(passes))
    }

    fn id_of(&self, operation: &'static str) -> CircuitId {
        CircuitId { operation: Some(operation), ..self.0.id.clone() }
    }

    fn read_again_soon(&self) {
        let Ok(reading) = self.0.reading.try_lock() else { return };
        drop(reading);
        let breaker = self.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let Ok(_reading) = breaker.0.reading.try_lock() else { return };
                if let Some(shared) = breaker.0.store.there()
                    && let Some(views) = shared.view_circuit(&breaker.0.id).await
                {
                    breaker.learn(views);
                }
            });
        }
    }

    /// Gives passes back at `now`, with what was told.
    fn settle(&self, operation: &'static str, place: Place, passes: Passes, health: Health, now: Instant) {
        let here = &self.0.here;
        let (of_tenant, of_operation) = health.verdicts();
        match place {
            Place::Here => self.at(now, |circuit, now| circuit.settle(passes.tenant, of_tenant, now)),
            Place::There => {
                let now = self.0.store.here().millis(now);
                here.with_tenant(|circuit| circuit.observe(of_tenant, now));
            }
        }
        if of_operation == Verdict::Failure || here.has_operations() {
            self.settle_operation(operation, place, passes.operation, of_operation, now);
        }
        if place == Place::There {
            self.settle_there(operation, passes, of_tenant, of_operation);
        }
    }

    #[cold]
    fn settle_operation(
        &self,
        operation: &'static str,
        place: Place,
        pass: Option<Pass>,
        verdict: Verdict,
        now: Instant,
    ) {
        let now = self.0.store.here().millis(now);
        self.0.here.with(operation, now, |circuit| match place {
            Place::Here => circuit.settle(pass.unwrap_or(Pass::UNKNOWN), verdict, now),
            Place::There => circuit.observe(verdict, now),
        });
        if place == Place::Here {
            self.tell_operations(&self.0.here.views(now));
        }
    }

    fn settle_there(&self, operation: &'static str, passes: Passes, of_tenant: Verdict, of_operation: Verdict) {
        let Some(shared) = self.0.store.there() else { return };
        let (tenant, own) = {
            let known = lock(&self.0.there);
            (known.views.tenant, known.views.operation(operation))
        };
        // A success while closed changes nothing that anybody could see, unless there were failures before it.
        let is_news = |pass: Pass, verdict: Verdict, known: CircuitView| {
            pass.probe != 0
                || verdict == Verdict::Failure
                || (verdict == Verdict::Success && (known.state != CircuitState::Closed || known.has_failures))
        };
        let settle = |id: CircuitId, pass: Pass, verdict: Verdict| {
            let breaker = self.clone();
            shared.settle_circuit(id, pass, verdict, move |views| breaker.learn(views));
        };
        if is_news(passes.tenant, of_tenant, tenant) {
            settle(self.0.id.clone(), passes.tenant, of_tenant);
        }
        let pass = passes.operation.unwrap_or(Pass::UNKNOWN);
        if is_news(pass, of_operation, own.unwrap_or(CircuitView::CLOSED)) {
            settle(self.id_of(operation), pass, of_operation);
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
        tracing::info!(target: "calcom", operation, from = from.as_str(), to = to.as_str(), "circuit breaker");
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

#[cfg(test)]
mod tests;
