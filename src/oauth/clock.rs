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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_clock_of_the_machine_can_be_set_back_and_forward_and_the_later_time_holds() {
        let real = Timestamp::now();
        for hours in [-1, 1] {
            let base = real.checked_add(SignedDuration::from_hours(hours)).unwrap_or(real);
            let clock = TokenClock { base, since: Instant::now() };
            let (first, second) = (clock.now(), clock.now());
            assert!(first >= real && first >= base && second >= first, "{hours}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_that_passes_counts_if_the_clock_of_the_machine_stands_still() {
        let clock = TokenClock::start();
        let before = clock.now();
        tokio::time::advance(std::time::Duration::from_secs(1800)).await;
        // The time between the start and the first question is real.
        assert!(clock.now().duration_since(before).as_secs() >= 1799);
    }
}
