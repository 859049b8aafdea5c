//! The permit of the limiter: the right to send one request, and what its response reports of quotas.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::Instant;

use super::tenant_quota::{Limiter, TenantQuotas};
use crate::{
    error::RateLimit,
    state::{
        QuotaId,
        memory::{PendingReport, QuotaQueue},
        quota::{QuotaFeedback, QuotaGrant, QuotaState, is_exhausted},
    },
};

/// The permit of one quota.
#[derive(Debug)]
pub(super) struct QuotaPermit {
    pub(super) queue: Arc<QuotaQueue>,
    pub(super) grant: QuotaGrant,
    /// The grant of the shared store, if it gave one.
    pub(super) remote: Option<QuotaGrant>,
}

/// The right to send one request. On drop it is released; a request that was sent by then counts against the quota, because the
/// service may have counted it.
#[derive(Debug)]
#[must_use]
pub(crate) struct LimiterPermit<'a> {
    pub(super) limiter: &'a Limiter,
    pub(super) tenant_quota: &'a TenantQuotas,
    pub(super) operation: &'static str,
    /// Of the operation's own quota.
    pub(super) operation_permit: Option<QuotaPermit>,
    /// Of the tenant's quota.
    pub(super) tenant_permit: Option<QuotaPermit>,
    pub(super) sent: bool,
}

impl<'a> LimiterPermit<'a> {
    /// The permit of a request that counts against no quota.
    pub(super) fn unlimited(limiter: &'a Limiter, tenant_quota: &'a TenantQuotas, operation: &'static str) -> Self {
        Self { limiter, tenant_quota, operation, operation_permit: None, tenant_permit: None, sent: false }
    }

    /// Marks the request as sent: the service may have counted it.
    pub(crate) fn mark_sent(&mut self) {
        self.sent = true;
    }

    /// Marks the request as not sent.
    pub(crate) fn mark_unsent(&mut self) {
        self.sent = false;
    }

    /// Releases the permit of an attempt that ended `at`, and records what the response reports.
    pub(crate) fn complete(&mut self, status: u16, limits: Vec<RateLimit>, retry_after: Option<Duration>, at: Instant) {
        if !self.limiter.enabled {
            return;
        }
        let mut feedback = QuotaFeedback { status: Some(status), limits, retry_after };
        let max_wait = self.limiter.rule.max_wait;
        if let Some(wait) = feedback.clamp(max_wait) {
            self.warn(wait, max_wait);
        }
        if status == 429
            || self.operation_permit.is_some()
            || feedback.limits.iter().any(|limit| is_operation_limit(&limit.name))
        {
            self.complete_each(feedback, at);
        } else {
            self.release(false, Some((&feedback, at)));
        }
    }

    #[cold]
    fn warn(&self, wait: Duration, max_wait: Duration) {
        let (seconds, believed, operation) = (wait.as_secs(), max_wait.as_secs_f64(), self.operation);
        tracing::warn!(
            target: "calcom", operation, seconds, believed,
            "a response asks for a longer wait than rate_limit.max_wait, which is used instead"
        );
    }

    /// As [`complete`](Self::complete), if the operation has limits of its own, or if the response is a 429. A 429 blocks
    /// the quota whose limit is exhausted, and only the operation's if the tenant's limits are not.
    #[cold]
    fn complete_each(&mut self, QuotaFeedback { status, limits, retry_after }: QuotaFeedback, at: Instant) {
        let (own, shared): (Vec<_>, Vec<_>) = limits.into_iter().partition(|limit| is_operation_limit(&limit.name));
        let (has_own, has_shared) = (!own.is_empty(), !shared.is_empty());
        let (refused, tells_nothing) = (status == Some(429), !has_own && !has_shared);
        let shared_refuses = shared.iter().any(is_exhausted) || (tells_nothing && self.tenant_permit.is_some());
        let own_refuses =
            own.iter().any(is_exhausted) || !shared_refuses || (tells_nothing && self.operation_permit.is_some());
        let feedback = |limits, refuses| {
            let concerns = !refused || refuses;
            QuotaFeedback { status: status.filter(|_| concerns), limits, retry_after: retry_after.filter(|_| concerns) }
        };
        if has_own || self.operation_permit.is_some() || (refused && own_refuses) {
            let queue = self.tenant_quota.queues.operation_or_insert(self.operation);
            if has_own || has_shared {
                queue.counts_against_tenant.store(has_shared, Ordering::Release);
            }
            let own = feedback(own, own_refuses);
            if self.operation_permit.is_none() {
                self.record_external(&queue, true, &own, at);
            }
            self.release(true, Some((&own, at)));
        }
        if has_shared || !has_own {
            let shared = feedback(shared, shared_refuses);
            if self.tenant_permit.is_none() && has_shared {
                self.record_external(&self.tenant_quota.queues.tenant, false, &shared, at);
            }
            self.release(false, Some((&shared, at)));
        } else {
            // A response that reports only the operation's own limits was not counted against the tenant's.
            self.release(false, None);
        }
    }

    /// Records a response in a quota that gave no permit for the request.
    fn record_external(&self, queue: &Arc<QuotaQueue>, of_operation: bool, feedback: &QuotaFeedback, at: Instant) {
        let now = self.limiter.store.local().millis_at(at);
        queue.with(|quota| quota.record(now, feedback, now));
        self.report(queue, of_operation, None, Some(feedback));
    }

    /// Releases the permit of one of the quotas: with the response and its time, or as one of a request that was not counted.
    fn release(&mut self, of_operation: bool, feedback: Option<(&QuotaFeedback, Instant)>) {
        let permit = if of_operation { self.operation_permit.take() } else { self.tenant_permit.take() };
        let Some(QuotaPermit { queue, grant, remote }) = permit else { return };
        match feedback {
            Some((feedback, at)) => {
                let now = self.limiter.store.local().millis_at(at);
                queue.with(|quota| quota.complete(grant, feedback, now));
            }
            None => queue.with(QuotaState::cancel),
        }
        if remote.is_some() {
            self.report(&queue, of_operation, remote, feedback.map(|(feedback, _)| feedback));
        }
        queue.changed.notify_one();
    }

    /// Reports to the shared store, if there is one.
    fn report(
        &self,
        queue: &Arc<QuotaQueue>,
        of_operation: bool,
        remote: Option<QuotaGrant>,
        feedback: Option<&QuotaFeedback>,
    ) {
        let Some(shared) = self.limiter.store.remote() else { return };
        let is_refusal = feedback.is_some_and(|feedback| feedback.status == Some(429));
        let unreported = is_refusal.then(|| PendingReport::new(queue));
        shared.record_quota(self.quota_id(of_operation), remote, feedback.cloned(), unreported);
    }

    fn quota_id(&self, of_operation: bool) -> QuotaId {
        QuotaId { tenant: self.tenant_quota.tenant, operation: of_operation.then_some(self.operation) }
    }
}

impl Drop for LimiterPermit<'_> {
    fn drop(&mut self) {
        if self.operation_permit.is_none() && self.tenant_permit.is_none() {
            return;
        }
        let lost = self.sent.then(|| (QuotaFeedback::default(), Instant::now()));
        let lost = lost.as_ref().map(|(feedback, at)| (feedback, *at));
        self.release(true, lost);
        self.release(false, lost);
    }
}

/// Whether a limit is that of an operation. The service names these with words joined by underscores
/// (`Booking_location_update`), and the limits of a credential with one word (`Default`, `Burst`).
fn is_operation_limit(name: &str) -> bool {
    name.contains('_')
}
