//! The options of a single call.

use std::time::Duration;

use crate::operation::Resend;

/// The options of a single call. They replace the client's settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    /// For the whole call, in place of `timeout.total`.
    pub(crate) deadline: Option<Duration>,
    /// For one attempt, if that is less than `timeout.request`. Waiting for a permit does not count.
    pub(crate) attempt: Option<Duration>,
    /// The version header, in place of the operation's own.
    pub(crate) version: Option<String>,
    pub(crate) cache: CacheMode,
    /// How long a response is cached, in place of the operation's own policy.
    pub(crate) cached_for: Option<Duration>,
    /// What a repetition does, in place of the operation's own.
    pub(crate) resend: Option<Resend>,
    /// Whether the call waits for a permit of the limiter, in place of `rate_limit.wait`.
    pub(crate) wait: Option<bool>,
}

/// How a call uses the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CacheMode {
    /// Takes a fresh response from the cache; caches the service's.
    #[default]
    ReadWrite,
    /// Asks the service, and caches its response.
    Refresh,
    /// Asks the service without the validator of what the cache holds, and caches its response.
    Replace,
    /// Neither reads the cache nor writes it.
    Bypass,
}
