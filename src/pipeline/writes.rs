//! What a write makes stale: flushed when it has succeeded, and whenever it may have been carried out.

use super::{Call, Exchange, Outgoing, cache_key::stale_tags};
use crate::{Error, client::Core};

/// A write that is under way. Dropped before it is settled, it counts as carried out.
pub(super) struct Written<'a>(Option<Pending<'a>>);

#[derive(Clone, Copy)]
struct Pending<'a> {
    core: &'a Core,
    request: &'a Outgoing,
}

impl<'a> Written<'a> {
    /// Nothing for an operation that makes nothing stale.
    pub(super) fn expect(call: &'a Call, request: &'a Outgoing) -> Self {
        let makes_stale = !request.operation.invalidates.is_empty();
        Self(makes_stale.then_some(Pending { core: &call.core, request }))
    }

    /// Flushes what the write made stale; in a shared store it is left to [`flush_there`](Self::flush_there).
    pub(super) fn settle(&mut self, result: &Result<Exchange, Error>) -> Option<Vec<String>> {
        let pending = self.0?;
        let answer = match result {
            Ok(exchange) => &*exchange.body,
            // Somebody else was faster: what is known of the slots is wrong.
            Err(error) if error.may_have_been_applied() || matches!(error, Error::Conflict(_)) => &[],
            Err(_) => {
                self.0 = None;
                return None;
            }
        };
        let tags = pending.tags(answer);
        let answers = &pending.core.stations.answers;
        answers.flush_here(&pending.core.tenant.scope, &tags);
        if answers.is_shared() {
            return Some(tags);
        }
        self.0 = None;
        None
    }

    pub(super) async fn flush_there(&mut self, tags: &[String]) {
        if let Some(Pending { core, .. }) = self.0 {
            core.stations.answers.flush_there(&core.tenant.scope, tags).await;
            self.0 = None;
        }
    }
}

impl Pending<'_> {
    fn tags(&self, answer: &[u8]) -> Vec<String> {
        stale_tags(self.request, answer)
    }
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.0.take() {
            let tags = pending.tags(&[]);
            pending.core.stations.answers.flush_soon(pending.core.tenant.scope, tags);
        }
    }
}
