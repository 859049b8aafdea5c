//! The gates in this process: for each caller a lane for its requests, and one for each operation that the service limits
//! by itself. A lane knows what is left and holds the place in which its requests queue.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use super::bucket::Bucket;
use crate::{
    state::{
        quota::{Lane, LaneViews, QuotaRule, Turn},
        store::LaneId,
    },
    sync::lock,
};

/// The requests that count against the same limits, and those that wait to become some.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// The first in the queue holds it; whoever comes later is handed it in the order of coming.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// How many are in the queue, with the first.
    pub(crate) queued: AtomicUsize,
    /// Wakes the first in the queue when an answer has come in.
    pub(crate) answered: Notify,
    /// Whether answers also told a limit that the caller's other requests count against.
    pub(crate) also_shared: AtomicBool,
    /// How many refusals are on their way to a shared store, which does not know yet that the gate is closed.
    unreported: AtomicUsize,
    lane: Mutex<Lane>,
}

impl Gate {
    /// Does something with the lane, which no one else sees half done.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Lane) -> T) -> T {
        act(&mut lock(&self.lane))
    }

    /// Whether a shared store may not know yet that the gate is closed.
    pub(crate) fn has_unreported(&self) -> bool {
        self.unreported.load(Ordering::Acquire) != 0
    }
}

/// A refusal on its way to a shared store; dropped when it is there, or when the store is given up.
#[derive(Debug)]
pub(crate) struct Unreported(Arc<Gate>);

impl Unreported {
    pub(crate) fn at(gate: &Arc<Gate>) -> Self {
        gate.unreported.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(gate))
    }
}

impl Drop for Unreported {
    fn drop(&mut self) {
        self.0.unreported.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The gates of one caller.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    /// For every operation without limits of its own.
    pub(crate) shared: Arc<Gate>,
    has_own: AtomicBool,
    own: Mutex<HashMap<&'static str, Arc<Gate>>>,
    bucket: OnceLock<Bucket>,
}

impl Gates {
    /// The gate of an operation with limits of its own, if it is known to be one.
    pub(crate) fn own(&self, operation: &'static str) -> Option<Arc<Gate>> {
        if !self.has_own.load(Ordering::Acquire) {
            return None;
        }
        lock(&self.own).get(operation).cloned()
    }

    /// The same, and from now on it is known to be one.
    pub(crate) fn make_own(&self, operation: &'static str) -> Arc<Gate> {
        let gate = Arc::clone(lock(&self.own).entry(operation).or_default());
        self.has_own.store(true, Ordering::Release);
        gate
    }

    /// The gate of a lane.
    pub(crate) fn gate(&self, id: &LaneId) -> Arc<Gate> {
        id.operation.map_or_else(|| Arc::clone(&self.shared), |operation| self.make_own(operation))
    }

    /// Asks a gate of this caller for room: what the service has told, and beside it, or before it, the quota by rule.
    pub(crate) fn ask(&self, gate: &Gate, rule: &QuotaRule, now: u64) -> Turn {
        gate.with(|lane| {
            let by_rule = rule.firm || !lane.is_told();
            let turn = lane.ask(now, rule.max_wait_millis());
            if !by_rule || !matches!(turn, Turn::Go(_)) {
                return turn;
            }
            match self.bucket.get_or_init(|| Bucket::new(rule)).check() {
                None => turn,
                Some(wait) => {
                    lane.give_back();
                    Turn::In(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
                }
            }
        })
    }

    /// Forgets what the service has told, and lets those who wait ask again.
    pub(crate) fn reset(&self) {
        let own: Vec<_> = lock(&self.own).values().cloned().collect();
        for gate in own.iter().chain([&self.shared]) {
            gate.with(Lane::reset);
            gate.answered.notify_one();
        }
    }

    /// The gate of a lane, if it is known to be one.
    pub(crate) fn known(&self, operation: Option<&'static str>) -> Option<Arc<Gate>> {
        operation.map_or_else(|| Some(Arc::clone(&self.shared)), |operation| self.own(operation))
    }

    /// What is known of the lanes, those left out of which it is nothing.
    pub(crate) fn view(&self, now: u64) -> LaneViews {
        let own = lock(&self.own);
        let gates = own.iter().map(|(operation, gate)| (Some(*operation), gate)).chain([(None, &self.shared)]);
        let views = gates.map(|(operation, gate)| (operation, gate.with(|lane| lane.view(now))));
        views.filter(|(_, view)| !view.is_empty()).collect()
    }

    pub(super) fn is_idle(&self, now: u64) -> bool {
        let own = lock(&self.own);
        own.values().chain([&self.shared]).all(|gate| gate.with(|lane| lane.is_idle(now)))
    }
}
