//! What a write makes stale: flushed when it has succeeded, and whenever it may have been carried out.

use std::sync::Arc;

use bytes::Bytes;

use super::{Call, Exchange, Outgoing, cache_key::stale_tags};
use crate::{Error, client::Core, operation::Operation};

/// A write that is under way. Dropped before it is settled, it counts as carried out.
pub(super) struct Written(Option<Pending>);

struct Pending {
    core: Arc<Core>,
    operation: &'static Operation,
    path: String,
    request: Bytes,
}

impl Written {
    /// Nothing for an operation that makes nothing stale.
    pub(super) fn expect(call: &Call, request: &Outgoing) -> Self {
        let operation = request.operation;
        if operation.invalidates.is_empty() {
            return Self(None);
        }
        let (path, request) = (request.path.clone(), request.body.clone().unwrap_or_default());
        Self(Some(Pending { core: Arc::clone(&call.core), operation, path, request }))
    }

    pub(super) async fn settle(mut self, result: &Result<Exchange, Error>) {
        let Some(pending) = &self.0 else { return };
        let answer = match result {
            Ok(exchange) => &*exchange.body,
            // Somebody else was faster: what is known of the slots is wrong.
            Err(error) if error.may_have_been_applied() || matches!(error, Error::Conflict(_)) => &[],
            Err(_) => {
                self.0 = None;
                return;
            }
        };
        let tags = pending.tags(answer);
        pending.core.stations.answers.flush(&pending.core.tenant.scope, &tags).await;
        self.0 = None;
    }
}

impl Pending {
    fn tags(&self, answer: &[u8]) -> Vec<String> {
        stale_tags(self.operation, &self.path, &self.request, answer)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            let tags = pending.tags(&[]);
            pending.core.stations.answers.flush_soon(pending.core.tenant.scope, tags);
        }
    }
}
