//! The breakers of a shared store: asked at most every [`READ_AGAIN`] while they are closed, and told what is news.

use super::{
    Breaker, Leave, Open, READ_AGAIN,
    health::{Passes, Side},
};
use crate::{
    state::{
        CircuitId, CircuitSnapshot, CircuitState, GuardedStore,
        circuit::{Admission, HealthSignal},
    },
    sync::lock,
};

impl Breaker {
    /// The shared breakers' word; nothing where they do not answer.
    pub(super) async fn admit_there(
        &self,
        shared: &GuardedStore,
        operation: &'static str,
    ) -> Option<Result<Passes, Open>> {
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
                let views = shared.inspect_circuit(&self.0.id).await?;
                self.learn(views);
            }
        }
    }

    /// Asks those of the two breakers that are not closed.
    async fn ask_there(
        &self,
        shared: &GuardedStore,
        operation: &'static str,
        tenant: CircuitSnapshot,
        own: Option<CircuitSnapshot>,
    ) -> Option<Result<Passes, Open>> {
        let is_closed = |view: &CircuitSnapshot| view.state == CircuitState::Closed;
        let mut passes = Passes { tenant: Admission { generation: tenant.generation, probe: 0 }, operation: None };
        if !is_closed(&tenant) {
            let (admitted, views) = shared.admit(&self.0.id).await?;
            self.learn(views);
            match admitted {
                Ok(pass) => passes.tenant = pass,
                Err(refused) => return Some(Err(Open::after(refused.retry_after))),
            }
        }
        let Some(own) = own else { return Some(Ok(passes)) };
        passes.operation = Some(Admission { generation: own.generation, probe: 0 });
        if !is_closed(&own) {
            // Given back if the store does not answer, or the operation's breaker refuses.
            let leave = Leave::of(self, operation, Side::There, Passes { operation: None, ..passes });
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
                if let Some(shared) = breaker.0.store.remote()
                    && let Some(views) = shared.inspect_circuit(&breaker.0.id).await
                {
                    breaker.learn(views);
                }
            });
        }
    }

    pub(super) fn settle_there(
        &self,
        operation: &'static str,
        passes: Passes,
        of_tenant: HealthSignal,
        of_operation: HealthSignal,
    ) {
        let Some(shared) = self.0.store.remote() else { return };
        let (tenant, own) = {
            let known = lock(&self.0.there);
            (known.views.tenant, known.views.operation(operation))
        };
        // A success while closed changes nothing that anybody could see, unless there were failures before it.
        let is_news = |pass: Admission, verdict: HealthSignal, known: CircuitSnapshot| {
            pass.probe != 0
                || verdict == HealthSignal::Failure
                || (verdict == HealthSignal::Success && (known.state != CircuitState::Closed || known.has_failures))
        };
        let settle = |id: CircuitId, pass: Admission, verdict: HealthSignal| {
            let breaker = self.clone();
            shared.record_circuit(id, pass, verdict, move |views| breaker.learn(views));
        };
        if is_news(passes.tenant, of_tenant, tenant) {
            settle(self.0.id.clone(), passes.tenant, of_tenant);
        }
        let pass = passes.operation.unwrap_or(Admission::UNTRACKED);
        if is_news(pass, of_operation, own.unwrap_or(CircuitSnapshot::CLOSED)) {
            settle(self.id_of(operation), pass, of_operation);
        }
    }
}
