//! Queues of requests in this process: for each tenant one for its requests, and one for each operation that the service limits
//! by itself. A queue holds the state of its quota and the order of the requests that wait for it.

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
        quota::{QuotaDecision, QuotaRule, QuotaSnapshots, QuotaState},
        store::QuotaId,
    },
    sync::{lock, millis},
};

/// A quota and the requests that wait for it.
#[derive(Debug, Default)]
pub(crate) struct QuotaQueue {
    /// Held by the first request in the queue, and handed on in FIFO order.
    pub(crate) head: tokio::sync::Mutex<()>,
    /// Number of requests in the queue, the first included.
    pub(crate) waiters: AtomicUsize,
    /// Wakes the first request in the queue when a response has changed the quota.
    pub(crate) changed: Notify,
    /// Whether responses also reported a limit that the tenant's other requests count against.
    pub(crate) counts_against_tenant: AtomicBool,
    /// Number of rejections that a shared store has not received yet.
    pending_reports: AtomicUsize,
    state: Mutex<QuotaState>,
}

impl QuotaQueue {
    /// Runs `act` on the state, as one atomic step.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut QuotaState) -> T) -> T {
        act(&mut lock(&self.state))
    }

    /// Whether a shared store may not have received a rejection yet.
    pub(crate) fn has_pending_reports(&self) -> bool {
        self.pending_reports.load(Ordering::Acquire) != 0
    }
}

/// A rejection on its way to a shared store. Dropped when the store has it, or when it is discarded.
#[derive(Debug)]
pub(crate) struct PendingReport(Arc<QuotaQueue>);

impl PendingReport {
    pub(crate) fn new(queue: &Arc<QuotaQueue>) -> Self {
        queue.pending_reports.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(queue))
    }
}

impl Drop for PendingReport {
    fn drop(&mut self) {
        self.0.pending_reports.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The queues of one tenant.
#[derive(Debug, Default)]
pub(crate) struct TenantQueues {
    /// The queue of all operations without limits of their own.
    pub(crate) tenant: Arc<QuotaQueue>,
    has_operations: AtomicBool,
    operations: Mutex<HashMap<&'static str, Arc<QuotaQueue>>>,
    bucket: OnceLock<Bucket>,
}

impl TenantQueues {
    /// Returns the queue of an operation, if the operation is known to have limits of its own.
    pub(crate) fn operation(&self, operation: &'static str) -> Option<Arc<QuotaQueue>> {
        if !self.has_operations.load(Ordering::Acquire) {
            return None;
        }
        lock(&self.operations).get(operation).cloned()
    }

    /// Returns the queue of an operation. From now on the operation is known to have limits of its own.
    pub(crate) fn operation_or_insert(&self, operation: &'static str) -> Arc<QuotaQueue> {
        let queue = Arc::clone(lock(&self.operations).entry(operation).or_default());
        self.has_operations.store(true, Ordering::Release);
        queue
    }

    /// Returns the queue of a quota, and creates it if need be.
    pub(crate) fn queue(&self, id: &QuotaId) -> Arc<QuotaQueue> {
        id.operation.map_or_else(|| Arc::clone(&self.tenant), |operation| self.operation_or_insert(operation))
    }

    /// Takes a grant from the quota of `queue`. The configured rate (`bucket`) must allow the request too if the service has
    /// reported no limit of this quota yet, or if the rule is hard; if it does not, the grant is given back.
    pub(crate) fn try_acquire(&self, queue: &QuotaQueue, rule: &QuotaRule, now: u64) -> QuotaDecision {
        queue.with(|quota| {
            let uses_rule = rule.hard || !quota.has_limits();
            let decision = quota.try_acquire(now, rule.max_wait_millis());
            if !uses_rule || !matches!(decision, QuotaDecision::Granted(_)) {
                return decision;
            }
            match self.bucket.get_or_init(|| Bucket::new(rule)).check() {
                None => decision,
                Some(wait) => {
                    quota.cancel();
                    QuotaDecision::RetryAfter(millis(wait).max(1))
                }
            }
        })
    }

    /// Discards what the service has reported, and wakes the first request of each queue.
    pub(crate) fn reset(&self) {
        let operations: Vec<_> = lock(&self.operations).values().cloned().collect();
        for queue in operations.iter().chain([&self.tenant]) {
            queue.with(QuotaState::reset);
            queue.changed.notify_one();
        }
    }

    /// Returns the queue of a quota, if it exists.
    pub(crate) fn find(&self, operation: Option<&'static str>) -> Option<Arc<QuotaQueue>> {
        operation.map_or_else(|| Some(Arc::clone(&self.tenant)), |operation| self.operation(operation))
    }

    /// Snapshots of the quotas that have state.
    pub(crate) fn snapshots(&self, now: u64) -> QuotaSnapshots {
        let operations = lock(&self.operations);
        let queues =
            operations.iter().map(|(operation, queue)| (Some(*operation), queue)).chain([(None, &self.tenant)]);
        let snapshots = queues.map(|(operation, queue)| (operation, queue.with(|quota| quota.snapshot(now))));
        snapshots.filter(|(_, snapshot)| !snapshot.is_empty()).collect()
    }

    pub(super) fn is_idle(&self, now: u64) -> bool {
        let operations = lock(&self.operations);
        self.bucket.get().is_none_or(Bucket::is_idle)
            && operations.values().chain([&self.tenant]).all(|queue| queue.with(|quota| quota.is_idle(now)))
    }
}
