//! The rate limiter: grants permits while the tenant's quota lasts, in FIFO order.
//!
//! [`QuotaState`](crate::state::quota::QuotaState) decides what is left of a quota, in this process or in a shared store. This
//! module is the queue before it. The first request in the queue asks for a grant, and waits until the window resets or until a
//! response reports free quota. The other requests wait to become the first. A future that is dropped releases its place in the
//! queue and its grant.

mod permit;
mod report;
mod tenant_quota;
mod wait_policy;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{
    pipeline::observe::events::{LimiterWait, WaitReason},
    state::{
        QuotaId,
        memory::QuotaQueue,
        quota::{QuotaDecision, QuotaGrant},
    },
};
pub(crate) use permit::LimiterPermit;
use permit::QuotaPermit;
pub use report::{OperationQuota, Quota};
pub(crate) use tenant_quota::{Limiter, TenantQuotas};
pub(crate) use wait_policy::{QuotaExceeded, WaitPolicy};

/// The interval at which the first request in the queue asks a shared store whether responses to other processes freed quota.
const IN_FLIGHT_POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The interval at which it asks while the quota is exhausted: another process may have reset it.
const EXHAUSTED_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The request that a permit is acquired for.
#[derive(Clone, Copy)]
struct PermitRequest<'a> {
    tenant_quota: &'a TenantQuotas,
    operation: &'static str,
    wait_policy: WaitPolicy,
}

impl Limiter {
    /// Acquires a permit for one request of `operation` without waiting. `None` if requests are waiting, if the quota is
    /// exhausted, if a shared store decides, or if the operation has limits of its own: then [`acquire`](Self::acquire) is
    /// needed.
    pub(crate) fn try_acquire<'a>(
        &'a self,
        now: Instant,
        tenant_quota: &'a TenantQuotas,
        operation: &'static str,
    ) -> Option<LimiterPermit<'a>> {
        if !self.enabled {
            return Some(LimiterPermit::unlimited(self, tenant_quota, operation));
        }
        if self.uses_remote() || tenant_quota.queues.operation(operation).is_some() {
            return None;
        }
        let queue = &tenant_quota.queues.tenant;
        if queue.waiters.load(Ordering::Acquire) != 0 {
            return None;
        }
        let now = self.store.local().millis_at(now);
        let QuotaDecision::Granted(grant) = tenant_quota.queues.try_acquire(queue, &self.rule, now) else {
            return None;
        };
        let permit = QuotaPermit { queue: Arc::clone(queue), grant, remote: None };
        let mut granted = LimiterPermit::unlimited(self, tenant_quota, operation);
        granted.tenant_permit = Some(permit);
        Some(granted)
    }

    /// Acquires a permit for one request of `operation`, and waits for it as `wait_policy` says.
    ///
    /// Returns [`QuotaExceeded`] if no permit is available in time.
    pub(crate) async fn acquire<'a>(
        &'a self,
        tenant_quota: &'a TenantQuotas,
        operation: &'static str,
        wait_policy: WaitPolicy,
    ) -> Result<LimiterPermit<'a>, QuotaExceeded> {
        let mut permit = LimiterPermit::unlimited(self, tenant_quota, operation);
        if !self.enabled {
            return Ok(permit);
        }
        let request = PermitRequest { tenant_quota, operation, wait_policy };
        let own = tenant_quota.queues.operation(operation);
        let counts_against_tenant = own.as_ref().is_none_or(|own| own.counts_against_tenant.load(Ordering::Acquire));
        if let Some(queue) = own {
            let quota = QuotaId { tenant: tenant_quota.tenant, operation: Some(operation) };
            permit.operation_permit = Some(self.enter(request, queue, quota).await?);
        }
        if counts_against_tenant {
            let quota = QuotaId { tenant: tenant_quota.tenant, operation: None };
            permit.tenant_permit = Some(self.enter(request, Arc::clone(&tenant_quota.queues.tenant), quota).await?);
        }
        Ok(permit)
    }

    async fn enter(
        &self,
        request: PermitRequest<'_>,
        queue: Arc<QuotaQueue>,
        quota: QuotaId,
    ) -> Result<QuotaPermit, QuotaExceeded> {
        let PermitRequest { tenant_quota, operation, wait_policy } = request;
        let entry = QueueEntry::new(&queue);
        let head = match queue.head.try_lock() {
            Ok(head) => head,
            Err(_) => {
                if let Some(wait) = self.exhausted_for(&queue)
                    && !wait_policy.allows(wait)
                {
                    return Err(self.quota_exceeded(&queue, Some(wait)));
                }
                let _waits = LimiterWait::begin(operation, WaitReason::Queue);
                let head = timeout_at(wait_policy.deadline(), queue.head.lock()).await;
                head.map_err(|_| self.quota_exceeded(&queue, self.exhausted_for(&queue)))?
            }
        };
        let mut waits = None;
        let (grant, remote) = loop {
            let (reason, wait) = match self.try_quota(tenant_quota, &queue, &quota).await {
                (QuotaDecision::Granted(grant), remote) => break (grant, remote),
                (QuotaDecision::RetryAfter(wait), _) => {
                    let wait = Duration::from_millis(wait);
                    if !wait_policy.allows(wait) {
                        return Err(self.quota_exceeded(&queue, Some(wait)));
                    }
                    let wait = if self.uses_remote() {
                        // A store of a program's own can ask for no pause at all.
                        wait.clamp(IN_FLIGHT_POLL_INTERVAL, EXHAUSTED_POLL_INTERVAL)
                    } else {
                        wait
                    };
                    (WaitReason::Quota, wait)
                }
                // Responses to other processes do not wake this one.
                (QuotaDecision::RetryAfterResponse(_), _) if self.uses_remote() => {
                    (WaitReason::InFlight, IN_FLIGHT_POLL_INTERVAL)
                }
                (QuotaDecision::RetryAfterResponse(wait), _) => (WaitReason::InFlight, Duration::from_millis(wait)),
            };
            LimiterWait::restart_if_changed(&mut waits, operation, reason);
            let deadline = wait_policy.deadline();
            let until = deadline.min(Instant::now() + wait);
            if timeout_at(until, queue.changed.notified()).await.is_err() && Instant::now() >= deadline {
                return Err(self.quota_exceeded(&queue, self.exhausted_for(&queue)));
            }
        };
        drop(head);
        drop(entry);
        Ok(QuotaPermit { queue, grant, remote })
    }

    fn uses_remote(&self) -> bool {
        self.store.remote().is_some_and(|shared| !shared.is_unavailable())
    }

    /// The time until the quota resets, if it is exhausted as far as this process has recorded it.
    fn exhausted_for(&self, queue: &QuotaQueue) -> Option<Duration> {
        let now = self.store.local().now();
        queue.with(|quota| quota.exhausted_for(now)).map(Duration::from_millis)
    }

    #[cold]
    fn quota_exceeded(&self, queue: &QuotaQueue, retry_after: Option<Duration>) -> QuotaExceeded {
        let now = self.store.local().now();
        QuotaExceeded { retry_after, limits: queue.with(|quota| quota.snapshot(now)).limits }
    }

    /// Asks the shared store for a grant, or the quota in this process if there is no store or it does not answer.
    async fn try_quota(
        &self,
        tenant_quota: &TenantQuotas,
        queue: &QuotaQueue,
        id: &QuotaId,
    ) -> (QuotaDecision, Option<QuotaGrant>) {
        if let Some(shared) = self.store.remote() {
            if queue.has_pending_reports()
                && let Some(wait) = queue.with(|quota| quota.exhausted_for(self.store.local().now()))
            {
                return (QuotaDecision::RetryAfter(wait), None);
            }
            let known = queue.with(|quota| quota.export(self.store.local().now()));
            if let Some((decision, total_in_flight)) = shared.acquire_quota(*id, known, self.rule).await {
                return queue.with(|quota| match decision {
                    QuotaDecision::Granted(remote) => {
                        let grant = quota.start_external(self.store.local().now());
                        quota.set_total_in_flight(total_in_flight);
                        (QuotaDecision::Granted(grant), Some(remote))
                    }
                    decision => {
                        quota.set_total_in_flight(total_in_flight);
                        (decision, None)
                    }
                });
            }
        }
        let decision = tenant_quota.queues.try_acquire(queue, &self.rule, self.store.local().now());
        (decision, None)
    }
}

/// A request that waits in a queue; on drop it leaves the queue.
struct QueueEntry<'a>(&'a QuotaQueue);

impl<'a> QueueEntry<'a> {
    fn new(queue: &'a QuotaQueue) -> Self {
        queue.waiters.fetch_add(1, Ordering::AcqRel);
        Self(queue)
    }
}

impl Drop for QueueEntry<'_> {
    fn drop(&mut self) {
        self.0.waiters.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
