//! How long a call waits for the limiter, and the error if it does not get a permit.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::RateLimit;

/// What a call does while the quota is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitPolicy {
    /// Waits, at most until the deadline.
    Wait(Instant),
    /// Fails at once with the time until quota is available. If that time is not known yet, waits, at most until the
    /// deadline, for a response that reports it.
    FailFast(Instant),
}

impl WaitPolicy {
    pub(super) fn deadline(self) -> Instant {
        match self {
            Self::Wait(deadline) | Self::FailFast(deadline) => deadline,
        }
    }

    pub(super) fn allows(self, wait: Duration) -> bool {
        matches!(self, Self::Wait(deadline) if Instant::now() + wait < deadline)
    }
}

/// No permit is available within the time of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuotaExceeded {
    /// The time until a permit is available, if it is known.
    pub(crate) retry_after: Option<Duration>,
    /// The limits that were reported in this process.
    pub(crate) limits: Vec<RateLimit>,
}
