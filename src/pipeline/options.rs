//! The options of a single call.

use std::time::Duration;

use super::response_log::ResponseLog;
use crate::operation::Resend;

/// The options of a single call. They replace the client's settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallOptions {
    /// Of the whole call, in place of `timeout.total`.
    pub(crate) deadline: Option<Duration>,
    /// Of one attempt, if that is less than `timeout.request`. Waiting for a permit does not count.
    pub(crate) attempt: Option<Duration>,
    /// The version header, in place of the operation's own.
    pub(crate) version: Option<String>,
    pub(crate) cache: CacheMode,
    /// The time for which a response is cached, in place of the operation's policy.
    pub(crate) cached_for: Option<Duration>,
    /// What a repetition does, in place of the operation's own.
    pub(crate) resend: Option<Resend>,
    /// Whether the call waits for a permit of the limiter, in place of `rate_limit.wait`.
    pub(crate) wait: Option<bool>,
    /// Where the responses of successful calls are written.
    pub(crate) responses: Option<ResponseLog>,
}

/// How a call uses the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CacheMode {
    /// Reads a fresh response from the cache, and caches the service's response.
    #[default]
    ReadWrite,
    /// Requests the response from the service, and caches it.
    Refresh,
    /// Requests the response from the service without the validator of the cached one, and caches it.
    Replace,
    /// Neither reads the cache nor writes it.
    Bypass,
}
