//! The limiter: its store and its rule, and a handle to the quotas of a tenant.

use std::sync::Arc;

use super::report::Quota;
use crate::state::{Store, TenantId, memory::TenantQueues, quota::QuotaRule};

/// The limiter of a client.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(super) store: Store,
    pub(super) rule: QuotaRule,
    /// Whether it limits requests at all.
    pub(crate) enabled: bool,
}

/// A handle to a tenant's queues, each of which holds its quota: the tenant's, and one for each operation with limits of its
/// own. A client looks two up when it is built: that of its credential, and that of calls without one.
#[derive(Debug, Clone)]
pub(crate) struct TenantQuotas {
    pub(super) tenant: TenantId,
    pub(super) queues: Arc<TenantQueues>,
}

impl Limiter {
    pub(crate) fn new(store: Store, rule: QuotaRule) -> Self {
        Self { store, rule, enabled: true }
    }

    /// The same limiter, which limits nothing unless `enabled`.
    pub(crate) fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    pub(crate) fn tenant_quota(&self, tenant: TenantId) -> TenantQuotas {
        TenantQuotas { tenant, queues: self.store.local().queues(tenant) }
    }
}

impl TenantQuotas {
    /// Deletes what the service has reported of this tenant's quotas, in this process and in a shared store.
    pub(crate) async fn reset(&self, limiter: &Limiter) {
        if let Some(shared) = limiter.store.remote() {
            shared.reset_quota(&self.tenant).await;
        }
        self.queues.reset();
    }

    /// The state of this tenant's quotas, from a shared store if there is one. Quotas with rejections that the store does
    /// not know yet are taken from this process.
    pub(crate) async fn quota(&self, limiter: &Limiter) -> Quota {
        let local = || self.queues.snapshots(limiter.store.local().now());
        let Some(shared) = limiter.store.remote() else { return Quota::of(local()) };
        let is_unreported = |operation| self.queues.find(operation).is_some_and(|queue| queue.has_pending_reports());
        let unreported: Vec<_> = local().into_iter().filter(|(operation, _)| is_unreported(*operation)).collect();
        let Some(mut quotas) = shared.inspect_quota(&self.tenant).await else { return Quota::of(local()) };
        quotas.retain(|(known, _)| unreported.iter().all(|(operation, _)| operation != known));
        quotas.extend(unreported);
        Quota::of(quotas)
    }
}
