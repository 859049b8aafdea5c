//! Read-only state of quotas.

use std::time::Duration;

use crate::error::RateLimit;

/// State of a quota at one time.
///
/// [`QuotaId`](crate::state::QuotaId) has an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaSnapshot {
    /// The limits that the service has reported, the one with the least remaining first. Requests in flight count as used.
    pub limits: Vec<RateLimit>,
    /// How long the quota is certainly exhausted or blocked; `None` if it is not.
    pub exhausted_for: Option<Duration>,
}

/// A tenant's quotas that have state, by operation; `None` is the quota of all operations without limits of their own.
///
/// [`QuotaId`](crate::state::QuotaId) has an example.
pub type QuotaSnapshots = Vec<(Option<&'static str>, QuotaSnapshot)>;

/// State of one of the service's windows.
#[derive(Debug, Clone)]
pub(crate) struct WindowSnapshot {
    pub(crate) name: String,
    pub(crate) limit: u64,
    /// Requests counted in the window.
    pub(crate) counted: u64,
    /// Milliseconds until the window ends; 0 if it has ended or not started.
    pub(crate) remaining_millis: u64,
}

impl QuotaSnapshot {
    /// Snapshot of a quota that is blocked for `blocked` milliseconds and has these windows.
    pub(crate) fn new(blocked: u64, in_flight: u64, windows: impl IntoIterator<Item = WindowSnapshot>) -> Self {
        let (mut limits, mut exhausted_for) = (Vec::new(), blocked);
        for WindowSnapshot { name, limit, counted, remaining_millis } in windows {
            let counted = if remaining_millis == 0 { 0 } else { counted };
            if counted >= limit {
                exhausted_for = exhausted_for.max(remaining_millis);
            }
            limits.push(RateLimit {
                limit: Some(limit),
                remaining: Some(limit.saturating_sub(counted).saturating_sub(in_flight)),
                reset: Some(Duration::from_millis(remaining_millis)).filter(|reset| !reset.is_zero()),
                ..RateLimit::named(&name)
            });
        }
        limits.sort_by_key(|limit| limit.remaining);
        Self { limits, exhausted_for: Some(Duration::from_millis(exhausted_for)).filter(|wait| !wait.is_zero()) }
    }

    /// Whether there is no state.
    pub(crate) fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.exhausted_for.is_none()
    }
}
