//! Deadlines.

use std::time::Duration;

use tokio::time::Instant;

/// `now` plus `time`, at most a year: a longer time would overflow.
pub(super) fn deadline_after(time: Duration, now: Instant) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + time.min(YEAR)
}
