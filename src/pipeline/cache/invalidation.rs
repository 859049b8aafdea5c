//! What a write makes stale. It is invalidated if the write has succeeded or may have been executed.

use super::{ResponseCache, key::stale_tags};
use crate::{
    Error,
    pipeline::{request::ApiRequest, response::ApiResponse},
    state::TenantId,
};

/// A write in progress. If it is dropped before it is finished, it counts as executed.
pub(in crate::pipeline) struct InvalidationGuard<'a>(Option<Pending<'a>>);

#[derive(Clone, Copy)]
struct Pending<'a> {
    cache: &'a ResponseCache,
    scope: &'a TenantId,
    request: &'a ApiRequest,
}

impl<'a> InvalidationGuard<'a> {
    /// An empty guard for an operation that makes nothing stale.
    pub(in crate::pipeline) fn begin(cache: &'a ResponseCache, scope: &'a TenantId, request: &'a ApiRequest) -> Self {
        let makes_stale = !request.operation.invalidates.is_empty();
        Self(makes_stale.then_some(Pending { cache, scope, request }))
    }

    /// Invalidates in memory what the write made stale. The tags that it returns are still to be given to
    /// [`invalidate_remote`](Self::invalidate_remote).
    pub(in crate::pipeline) fn finish(&mut self, result: &Result<ApiResponse, Error>) -> Option<Vec<String>> {
        let pending = self.0?;
        let makes_stale = match result {
            Ok(_) => true,
            // After a conflict what is cached of the slots is wrong.
            Err(error) => error.may_have_been_applied() || matches!(error, Error::Conflict(_)),
        };
        if !makes_stale {
            self.0 = None;
            return None;
        }
        let tags = stale_tags(pending.request);
        pending.cache.flush_here(pending.scope, &tags);
        if pending.cache.is_shared() {
            return Some(tags);
        }
        self.0 = None;
        None
    }

    pub(in crate::pipeline) async fn invalidate_remote(&mut self, tags: &[String]) {
        if let Some(Pending { cache, scope, .. }) = self.0 {
            cache.flush_there(scope, tags).await;
            self.0 = None;
        }
    }
}

/// A dropped call may have been sent: invalidation then runs in the background, since `drop` cannot wait for a shared
/// store.
impl Drop for InvalidationGuard<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            pending.cache.flush_soon(*pending.scope, stale_tags(pending.request));
        }
    }
}
