//! The updates that wait until the store is available again.

use crate::state::{
    TenantId,
    cached_response::ROOT_TAG,
    circuit::{Admission, HealthSignal},
    quota::{QuotaFeedback, QuotaGrant},
    store::{CircuitId, QuotaId},
};

/// Largest number of updates that are queued while the store is unavailable.
pub(super) const MAX_BACKLOG: usize = 4_096;

/// Update of the store that no call waits for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StateUpdate {
    Invalidate(TenantId, Vec<String>),
    Quota(QuotaId, Option<QuotaGrant>, Option<QuotaFeedback>),
    Circuit(CircuitId, Admission, HealthSignal),
}

/// Queues an update.
pub(super) fn push(backlog: &mut Vec<StateUpdate>, update: StateUpdate) {
    if backlog.len() >= MAX_BACKLOG {
        // Grants and admissions that are not taken back expire. Invalidations must not be lost: one for each tenant covers all of
        // its tags.
        let mut tenants: Vec<TenantId> = Vec::new();
        for update in backlog.drain(..) {
            match update {
                StateUpdate::Invalidate(tenant, _) if !tenants.contains(&tenant) => tenants.push(tenant),
                _ => {}
            }
        }
        let everything = |tenant| StateUpdate::Invalidate(tenant, vec![ROOT_TAG.to_owned()]);
        backlog.extend(tenants.into_iter().map(everything));
    }
    backlog.push(update);
}
