//! A quota by rule, so many a minute with so many at once: governor's algorithm on tokio's clock.

use std::{fmt, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

use crate::state::quota::QuotaRule;

/// Time since it was made; stands still where tokio's does.
#[derive(Debug, Clone)]
struct Since(Instant);

impl Clock for Since {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

pub(super) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, Since, NoOpMiddleware<Duration>>,
    clock: Since,
}

impl Bucket {
    pub(super) fn new(rule: &QuotaRule) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(rule.per_minute)).allow_burst(at_least_one(rule.burst));
        let clock = Since(Instant::now());
        Self { limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    /// Takes one, or says how long there is none.
    pub(super) fn check(&self) -> Option<Duration> {
        self.limiter.check().err().map(|until| until.wait_time_from(self.clock.now()))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_documented_quota_is_150_at_once_and_100_a_minute() {
        let bucket =
            Bucket::new(&QuotaRule { per_minute: 100, burst: 150, firm: false, max_wait: Duration::from_secs(300) });
        let taken = (0..1_000).filter(|_| bucket.check().is_none()).count();
        assert_eq!(taken, 150);
        let wait = bucket.check().unwrap();
        assert_eq!(wait.as_millis(), 600);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..1_000).filter(|_| bucket.check().is_none()).count(), 100);
    }
}
