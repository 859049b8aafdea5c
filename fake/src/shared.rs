//! The parts that all connections of a fake share: state and log behind one lock, clock, faults and tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::{sync::watch, task::JoinSet};

use super::clock::Clock;
use super::deliveries::DeliveryLog;
use super::fault::FaultPlan;
use super::log::RequestLog;
use super::playback::Playback;
use super::state::State;

/// State and logs, behind one lock.
#[derive(Debug)]
pub(crate) struct ServerCore {
    pub(crate) state: State,
    pub(crate) log: RequestLog,
    pub(crate) deliveries: DeliveryLog,
    /// The recordings, if the fake plays recordings.
    pub(crate) playback: Option<Playback>,
}

/// The parts that all connections share.
pub(crate) struct FakeServer {
    core: Mutex<ServerCore>,
    pub(crate) clock: Clock,
    pub(crate) faults: FaultPlan,
    tasks: Mutex<JoinSet<()>>,
    /// The number of requests in progress.
    in_flight: watch::Sender<usize>,
    deliveries: watch::Sender<()>,
}

impl FakeServer {
    pub(crate) fn new(state: State, playback: Option<Playback>) -> Self {
        Self {
            clock: state.clock.clone(),
            core: Mutex::new(ServerCore {
                state,
                log: RequestLog::default(),
                deliveries: DeliveryLog::default(),
                playback,
            }),
            faults: FaultPlan::default(),
            tasks: Mutex::new(JoinSet::new()),
            in_flight: watch::Sender::default(),
            deliveries: watch::Sender::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ServerCore> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request as in progress.
    pub(crate) fn begin(&self) {
        self.in_flight.send_modify(|number| *number += 1);
    }

    /// Counts a request as finished.
    pub(crate) fn end(&self) {
        self.in_flight.send_modify(|number| *number -= 1);
    }

    /// Waits until no request is in progress.
    pub(crate) async fn idle(&self) {
        // It cannot fail: `self` holds the sender.
        let _ = self.in_flight.subscribe().wait_for(|number| *number == 0).await;
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Notifies the waiting calls that a delivery is finished.
    pub(crate) fn delivered(&self) {
        self.deliveries.send_replace(());
    }

    /// Waits until no delivery is in progress or due.
    pub(crate) async fn wait_for_deliveries(&self) {
        let mut deliveries = self.deliveries.subscribe();
        while !self.lock().deliveries.is_idle(self.clock.now()) {
            // It cannot fail: `self` holds the sender.
            let _ = deliveries.changed().await;
        }
    }

    /// Aborts all tasks.
    pub(crate) fn abort(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}
