//! The circuit breaker's station: refuses what would only wait for a service that is down, and learns from every attempt.
//!
//! The rules are [`Circuit`]'s. With a shared store the store's breaker decides; how it stands is read at most every
//! [`READ_AGAIN`], and while it is known to be open nothing is asked at all. The breaker in this process learns along, and
//! decides while the store is away.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    pipeline::observe::metrics,
    state::{
        CircuitId, CircuitState, CircuitView, Shared, Store,
        circuit::{Circuit, Pass, Verdict},
    },
    sync::lock,
};

/// How old what is known of a shared breaker may be.
const READ_AGAIN: Duration = Duration::from_millis(25);

/// The breaker went from one state to another, as this process has come to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitChange {
    /// Where it stood.
    pub from: CircuitState,
    /// Where it stands.
    pub to: CircuitState,
}

/// Called on every change.
pub(crate) type CircuitHook = Arc<dyn Fn(CircuitChange) + Send + Sync>;

/// The circuit is open: nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) retry_after: Duration,
}

/// The breaker of a tenant. Clones are the same breaker.
#[derive(Clone)]
pub(crate) struct Breaker(Arc<Station>);

struct Station {
    enabled: bool,
    id: CircuitId,
    store: Store,
    here: Arc<Mutex<Circuit>>,
    there: Mutex<Known>,
    /// One at a time asks the shared store how the breaker stands.
    reading: tokio::sync::Mutex<()>,
    hook: Option<CircuitHook>,
    last: Mutex<CircuitState>,
}

/// What is known of the shared breaker.
#[derive(Clone, Copy)]
struct Known {
    view: CircuitView,
    at: Instant,
}

impl Breaker {
    pub(crate) fn new(store: Store, id: CircuitId, enabled: bool, hook: Option<CircuitHook>) -> Self {
        let here = store.here().circuit(id.scope, id.rules);
        let view =
            CircuitView { state: CircuitState::Closed, generation: 0, open_for: Duration::ZERO, has_failures: false };
        // Never read: as old as can be.
        let at = Instant::now().checked_sub(READ_AGAIN).unwrap_or_else(Instant::now);
        Self(Arc::new(Station {
            enabled,
            id,
            here,
            there: Mutex::new(Known { view, at }),
            reading: tokio::sync::Mutex::default(),
            hook,
            last: Mutex::new(CircuitState::Closed),
            store,
        }))
    }

    /// Leave to send one request at `now`, where that is given here.
    pub(crate) fn at_once(&self, now: Instant) -> Option<Leave<'_>> {
        if !self.0.enabled {
            return Some(Leave { breaker: None, here: None, there: None });
        }
        if self.0.store.there().is_some_and(|shared| !shared.is_away()) {
            return None;
        }
        let here = self.at(now, Circuit::admit).ok()?;
        Some(Leave { breaker: Some(self), here: Some(here), there: None })
    }

    /// Leave to send one request at `now`, or the time after which to ask again.
    pub(crate) async fn admit(&self, now: Instant) -> Result<Leave<'_>, Open> {
        if !self.0.enabled {
            return Ok(Leave { breaker: None, here: None, there: None });
        }
        if let Some(shared) = self.0.store.there().filter(|shared| !shared.is_away())
            && let Some(admitted) = Box::pin(self.admit_there(shared)).await
        {
            return admitted.map(|there| Leave { breaker: Some(self), here: None, there: Some(there) });
        }
        match self.at(now, Circuit::admit) {
            Ok(here) => Ok(Leave { breaker: Some(self), here: Some(here), there: None }),
            Err(refused) => Err(Open { retry_after: Duration::from_millis(refused.retry_after) }),
        }
    }

    /// Does something with the breaker in this process, and tells how it stands then.
    fn at<T>(&self, now: Instant, act: impl FnOnce(&mut Circuit, u64) -> T) -> T {
        let now = self.0.store.here().millis(now);
        let mut circuit = lock(&self.0.here);
        let done = act(&mut circuit, now);
        let state = circuit.state(now);
        drop(circuit);
        self.tell(state);
        done
    }

    /// The shared breaker's word; nothing where it does not answer.
    async fn admit_there(&self, shared: &Shared) -> Option<Result<Pass, Open>> {
        loop {
            let known = *lock(&self.0.there);
            let age = known.at.elapsed();
            let left = known.view.open_for.saturating_sub(age);
            if known.view.state == CircuitState::Open && !left.is_zero() {
                if age >= READ_AGAIN {
                    self.read_again_soon();
                }
                return Some(Err(Open { retry_after: left }));
            }
            if known.view.state == CircuitState::Closed && age < READ_AGAIN {
                return Some(Ok(Pass { generation: known.view.generation, probe: 0 }));
            }
            if known.view.state != CircuitState::Closed {
                let (admitted, view) = shared.admit(&self.0.id).await?;
                self.learn(view);
                return Some(
                    admitted.map_err(|refused| Open { retry_after: Duration::from_millis(refused.retry_after) }),
                );
            }
            let _reading = self.0.reading.lock().await;
            if lock(&self.0.there).at.elapsed() >= READ_AGAIN {
                let view = shared.view_circuit(&self.0.id).await?;
                self.learn(view);
            }
        }
    }

    fn read_again_soon(&self) {
        let Ok(reading) = self.0.reading.try_lock() else { return };
        drop(reading);
        let breaker = self.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let Ok(_reading) = breaker.0.reading.try_lock() else { return };
                if let Some(shared) = breaker.0.store.there()
                    && let Some(view) = shared.view_circuit(&breaker.0.id).await
                {
                    breaker.learn(view);
                }
            });
        }
    }

    fn settle(&self, here: Option<Pass>, there: Option<Pass>, verdict: Verdict, now: Instant) {
        let station = &self.0;
        match here {
            Some(pass) => self.at(now, |circuit, now| circuit.settle(pass, verdict, now)),
            None => lock(&station.here).observe(verdict, station.store.here().millis(now)),
        }
        let (Some(shared), Some(pass)) = (station.store.there(), there) else { return };
        // A success while closed changes nothing that anybody could see, unless there were failures before it.
        let known = lock(&station.there).view;
        let is_news = pass.probe != 0
            || verdict == Verdict::Failure
            || (verdict == Verdict::Success && (known.state != CircuitState::Closed || known.has_failures));
        if is_news {
            let breaker = self.clone();
            shared.settle_circuit(station.id.clone(), pass, verdict, move |view| breaker.learn(view));
        }
    }

    fn learn(&self, view: CircuitView) {
        *lock(&self.0.there) = Known { view, at: Instant::now() };
        self.tell(view.state);
    }

    fn state_here(&self) -> CircuitState {
        lock(&self.0.here).state(self.0.store.here().now())
    }

    /// Calls the hook, if this is news.
    fn tell(&self, to: CircuitState) {
        let from = std::mem::replace(&mut *lock(&self.0.last), to);
        if from != to {
            tracing::info!(target: "calcom", from = from.as_str(), to = to.as_str(), "circuit breaker");
            metrics::circuit(&self.0.id.scope, to);
            if let Some(hook) = &self.0.hook {
                hook(CircuitChange { from, to });
            }
        }
    }

    /// Where the breaker stands.
    pub(crate) async fn state(&self) -> CircuitState {
        if let Some(shared) = self.0.store.there()
            && let Some(view) = shared.view_circuit(&self.0.id).await
        {
            self.learn(view);
            return view.state;
        }
        self.state_here()
    }

    /// Closes the breaker, whatever it knows.
    pub(crate) async fn reset(&self) {
        lock(&self.0.here).reset();
        if let Some(shared) = self.0.store.there()
            && let Some(view) = shared.reset_circuit(&self.0.id).await
        {
            self.learn(view);
        } else {
            self.tell(CircuitState::Closed);
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("id", &self.0.id).field("state", &self.state_here()).finish_non_exhaustive()
    }
}

/// The leave to send one request. Dropped, it goes back without having told anything.
#[derive(Debug)]
#[must_use]
pub(crate) struct Leave<'a> {
    breaker: Option<&'a Breaker>,
    here: Option<Pass>,
    there: Option<Pass>,
}

impl Leave<'_> {
    /// Gives the leave back at `now`, with what the attempt told of the service's health.
    pub(crate) fn settle(mut self, verdict: Verdict, now: Instant) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.here, self.there, verdict, now);
        }
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.settle(self.here, self.there, Verdict::Neither, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests;
