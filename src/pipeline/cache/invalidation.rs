//! Invalidates what a write makes stale, if the write has succeeded or may have been executed.

use super::{ResponseCache, key::stale_tags};
use crate::{
    Error,
    pipeline::{request::ApiRequest, response::ApiResponse},
    state::TenantId,
};

/// A write in flight. If it is dropped before it is finished, it counts as executed.
pub(in crate::pipeline) struct InvalidationGuard<'a>(Option<PendingInvalidation<'a>>);

#[derive(Clone, Copy)]
struct PendingInvalidation<'a> {
    cache: &'a ResponseCache,
    tenant: &'a TenantId,
    request: &'a ApiRequest,
}

impl<'a> InvalidationGuard<'a> {
    /// Begins a write. The guard of an operation that invalidates nothing is empty.
    pub(in crate::pipeline) fn begin(cache: &'a ResponseCache, tenant: &'a TenantId, request: &'a ApiRequest) -> Self {
        let makes_stale = !request.operation.invalidates.is_empty();
        Self(makes_stale.then_some(PendingInvalidation { cache, tenant, request }))
    }

    /// Invalidates in memory what the write makes stale. Returns the tags that
    /// [`invalidate_remote`](Self::invalidate_remote) has to be called with.
    pub(in crate::pipeline) fn finish(&mut self, result: &Result<Box<ApiResponse>, Error>) -> Option<Vec<String>> {
        let pending = self.0?;
        let makes_stale = match result {
            Ok(_) => true,
            // After a conflict the cached slots are wrong.
            Err(error) => error.may_have_been_applied() || matches!(error, Error::Conflict(_)),
        };
        if !makes_stale {
            self.0 = None;
            return None;
        }
        let tags = stale_tags(pending.request);
        pending.cache.invalidate_local(pending.tenant, &tags);
        if pending.cache.is_shared() {
            return Some(tags);
        }
        self.0 = None;
        None
    }

    pub(in crate::pipeline) async fn invalidate_remote(&mut self, tags: &[String]) {
        if let Some(PendingInvalidation { cache, tenant, .. }) = self.0 {
            cache.invalidate_remote(tenant, tags).await;
            self.0 = None;
        }
    }
}

/// A dropped call may have been sent. Invalidation then runs in the background, because `drop` cannot wait for a shared store.
impl Drop for InvalidationGuard<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            pending.cache.invalidate_in_background(*pending.tenant, stale_tags(pending.request));
        }
    }
}
