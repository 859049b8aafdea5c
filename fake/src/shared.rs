//! What all connections of a fake share: its state and its log behind one lock, and what is under way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::{sync::watch, task::JoinSet};

use super::clock::Clock;
use super::deliveries::Deliveries;
use super::fault::Faults;
use super::log::Log;
use super::playback::Playback;
use super::state::State;

/// State and log, behind the one lock.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) state: State,
    pub(crate) log: Log,
    pub(crate) deliveries: Deliveries,
    /// What is played instead of being worked on.
    pub(crate) playback: Option<Playback>,
}

/// What all connections share.
pub(crate) struct Shared {
    core: Mutex<Core>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    tasks: Mutex<JoinSet<()>>,
    /// How many requests are worked on.
    under_way: watch::Sender<usize>,
    deliveries: watch::Sender<()>,
}

impl Shared {
    pub(crate) fn new(state: State, playback: Option<Playback>) -> Self {
        Self {
            clock: state.clock.clone(),
            core: Mutex::new(Core { state, log: Log::default(), deliveries: Deliveries::default(), playback }),
            faults: Faults::default(),
            tasks: Mutex::new(JoinSet::new()),
            under_way: watch::Sender::default(),
            deliveries: watch::Sender::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more request is worked on.
    pub(crate) fn begin(&self) {
        self.under_way.send_modify(|number| *number += 1);
    }

    /// One request is done with.
    pub(crate) fn end(&self) {
        self.under_way.send_modify(|number| *number -= 1);
    }

    /// Waits until no request is worked on.
    pub(crate) async fn idle(&self) {
        // The sender is this, and stays.
        let _ = self.under_way.subscribe().wait_for(|number| *number == 0).await;
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Tells whoever waits for deliveries that one is done.
    pub(crate) fn delivered(&self) {
        self.deliveries.send_replace(());
    }

    /// Waits until no delivery is under way or due.
    pub(crate) async fn settle_deliveries(&self) {
        let mut deliveries = self.deliveries.subscribe();
        while !self.lock().deliveries.are_settled(self.clock.now()) {
            // The sender is this, and stays.
            let _ = deliveries.changed().await;
        }
    }

    /// Ends everything that is under way.
    pub(crate) fn abort(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}
