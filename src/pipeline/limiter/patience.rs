//! How long a caller waits for the limiter, and what it is told instead.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::RateLimit;

/// What the caller wants while the quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// To wait, at the longest until then.
    Until(Instant),
    /// To be told when, at once. Where nobody knows, it still waits until then for somebody to find out.
    TellMe(Instant),
}

impl Patience {
    pub(super) fn deadline(self) -> Instant {
        match self {
            Self::Until(deadline) | Self::TellMe(deadline) => deadline,
        }
    }

    pub(super) fn allows(self, wait: Duration) -> bool {
        matches!(self, Self::Until(deadline) if Instant::now() + wait < deadline)
    }
}

/// There is no room within the time that the caller has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoRoom {
    /// When there will be, as far as anybody knows.
    pub(crate) retry_after: Option<Duration>,
    /// The limits that this process knows of.
    pub(crate) limits: Vec<RateLimit>,
}
