//! What a caller may set for single calls.

use std::time::Duration;

use super::CacheUse;

/// What differs for one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    /// For the whole call, in the place of `timeout.total`.
    pub(crate) deadline: Option<Duration>,
    /// For one attempt, where that is less than `timeout.request`. Waiting for a permit does not count.
    pub(crate) attempt: Option<Duration>,
    /// The version header, in the place of the operation's own.
    pub(crate) version: Option<String>,
    /// What it wants of the cache.
    pub(crate) cache: CacheUse,
    /// Whether it waits for its turn at the limiter, in the place of `rate_limit.wait`.
    pub(crate) wait: Option<bool>,
}
