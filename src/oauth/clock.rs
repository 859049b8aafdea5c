//! The time by which tokens expire.

use jiff::Timestamp;
use tokio::time::Instant;

/// Clock that is not set back and does not stop: the later of the machine's clock and of the time that has passed since its own
/// was made. The former counts the sleep of the machine, the latter is not changed by setting the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenClock {
    base: Timestamp,
    since: Instant,
}

impl TokenClock {
    pub(crate) fn start() -> Self {
        Self { base: Timestamp::now(), since: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let run = self.base.checked_add(self.since.elapsed()).unwrap_or(Timestamp::MAX);
        run.max(Timestamp::now())
    }
}
