//! A quota by rule with three bounds: requests at once after a pause, requests in any minute, and sustained requests a minute.
//! Governor computes the first, the times of the last minute's requests give the second, and the excess of earlier requests
//! over the sustained rate gives the third. All use tokio's clock.

use std::{collections::VecDeque, fmt, num::NonZeroU32, sync::Mutex, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

use crate::{
    state::quota::{MARGIN_MILLIS, QuotaRule, WINDOW_MILLIS},
    sync::{lock, millis},
};

/// A minute with a margin, for a server whose minute starts with another request.
const WINDOW_WITH_MARGIN_MILLIS: u64 = WINDOW_MILLIS + MARGIN_MILLIS;

/// More than are ever sent at once. Governor multiplies the burst by the nanoseconds of a request, in 64 bits.
const MAX_BURST: u32 = 100_000_000;

/// Time since the bucket was created, on tokio's clock, which tests pause.
#[derive(Debug, Clone)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

pub(super) struct Bucket {
    burst: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    history: Mutex<RequestHistory>,
    rule: QuotaRule,
    clock: TokioClock,
}

/// The requests that were granted.
#[derive(Debug, Default)]
struct RequestHistory {
    /// Those of the last minute, the earliest first: the millisecond, and how many were granted in it.
    recent: VecDeque<(u64, u64)>,
    /// Sum of the recent ones.
    count: u64,
    /// By how much those before exceed the sustained rate, in 60,000ths of a request, and the time of the last of them.
    excess: Option<(u64, u64)>,
}

impl Bucket {
    pub(super) fn new(rule: &QuotaRule) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let burst = at_least_one(rule.burst.min(MAX_BURST));
        let quota = Quota::per_minute(at_least_one(rule.per_minute)).allow_burst(burst);
        let clock = TokioClock(Instant::now());
        let burst = RateLimiter::direct_with_clock(quota, clock.clone());
        Self { burst, history: Mutex::default(), rule: *rule, clock }
    }

    /// Takes one request from the bucket, or returns how long it is empty.
    pub(super) fn check(&self) -> Option<Duration> {
        let mut history = lock(&self.history);
        let now = millis(self.clock.now());
        history.expire(now, &self.rule);
        if let Some(wait) = history.wait(now, &self.rule) {
            return Some(Duration::from_millis(wait));
        }
        if let Err(until) = self.burst.check() {
            return Some(until.wait_time_from(self.clock.now()));
        }
        history.take(now);
        None
    }

    /// Whether the bucket is as a new one: a request that it has counted bounds none that follows.
    pub(super) fn is_idle(&self) -> bool {
        let mut history = lock(&self.history);
        let now = millis(self.clock.now());
        history.expire(now, &self.rule);
        let per_minute = u64::from(self.rule.per_minute.max(1));
        let is_over =
            history.excess.is_some_and(|(excess, at)| excess + per_minute * WINDOW_MILLIS > (now - at) * per_minute);
        history.recent.is_empty() && !is_over
    }
}

impl RequestHistory {
    fn take(&mut self, now: u64) {
        self.count += 1;
        match self.recent.back_mut().filter(|(at, _)| *at == now) {
            Some((_, count)) => *count += 1,
            None => self.recent.push_back((now, 1)),
        }
    }

    /// Counts requests that are older than a minute as excess.
    fn expire(&mut self, now: u64, rule: &QuotaRule) {
        while let Some((first, count)) =
            self.recent.front().copied().filter(|(first, _)| first + WINDOW_WITH_MARGIN_MILLIS <= now)
        {
            self.recent.pop_front();
            self.count -= count;
            let left =
                self.excess.map_or(0, |(excess, at)| excess.saturating_sub((first - at) * u64::from(rule.per_minute)));
            self.excess = Some((left + count * WINDOW_MILLIS, first));
        }
    }

    /// How long the last minute is full or the excess too large, in milliseconds.
    fn wait(&self, now: u64, rule: &QuotaRule) -> Option<u64> {
        let max = u64::from(rule.per_minute.max(rule.burst).max(1));
        if let Some((first, _)) = self.recent.front().filter(|_| self.count >= max) {
            return Some(first + WINDOW_WITH_MARGIN_MILLIS - now);
        }
        let (excess, at) = self.excess?;
        let per_minute = u64::from(rule.per_minute.max(1));
        let owed = excess + (self.count + 1) * WINDOW_MILLIS;
        let allowed = (max - per_minute) * WINDOW_MILLIS + (now - at) * per_minute;
        owed.checked_sub(allowed).filter(|over| *over > 0).map(|over| over.div_ceil(per_minute))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCUMENTED: QuotaRule =
        QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };
    const MINUTE: Duration = Duration::from_secs(60);

    fn take(bucket: &Bucket, wanted: usize) -> usize {
        (0..wanted).filter(|_| bucket.check().is_none()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn the_documented_quota_is_150_in_any_minute_and_100_a_minute() {
        let bucket = Bucket::new(&DOCUMENTED);
        assert_eq!(take(&bucket, 1_000), 150);
        assert_eq!(bucket.check(), Some(Duration::from_millis(WINDOW_WITH_MARGIN_MILLIS)));
        let mut taken = 150;
        for tenths in 1..=36_000_usize {
            tokio::time::advance(Duration::from_millis(100)).await;
            taken += take(&bucket, 1_000);
            let begun = tenths / 600 + 1;
            assert!(taken <= begun * 100 + 50, "{taken} in {begun} minutes");
        }
        assert!(taken > 60 * 100, "{taken} in an hour");
        tokio::time::advance(MINUTE * 5 / 2).await;
        assert_eq!(take(&bucket, 1_000), 150, "after a pause");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_is_idle_when_a_new_one_would_grant_no_more() {
        let bucket = Bucket::new(&DOCUMENTED);
        assert!(bucket.is_idle());
        take(&bucket, 150);
        tokio::time::advance(MINUTE * 149 / 60).await;
        assert!(!bucket.is_idle());
        tokio::time::advance(MINUTE / 60).await;
        assert!(bucket.is_idle());
        assert_eq!(take(&bucket, 1_000), 150);
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_burst_does_not_make_the_minute_larger() {
        let bucket =
            Bucket::new(&QuotaRule { per_minute: 60, burst: 5, hard: true, max_wait: Duration::from_secs(300) });
        assert_eq!(take(&bucket, 100), 5);
        assert_eq!(bucket.check(), Some(Duration::from_secs(1)));
        let mut taken = 5;
        for _ in 0..59 {
            tokio::time::advance(Duration::from_secs(1)).await;
            taken += take(&bucket, 100);
        }
        assert_eq!(taken, 60);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn no_minute_has_more_than_the_burst_and_no_hour_more_than_is_sustained(
            per_minute in 1..200_u32,
            burst in 1..300_u32,
            calls in prop::collection::vec((0..20_000_u64, 1..60_usize), 1..200),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let times = runtime.block_on(async {
                let bucket = Bucket::new(&QuotaRule { per_minute, burst, hard: true, max_wait: Duration::from_secs(300) });
                let (began, mut times) = (Instant::now(), Vec::new());
                for (pause, wanted) in calls {
                    tokio::time::advance(Duration::from_millis(pause)).await;
                    for _ in 0..wanted {
                        match bucket.check() {
                            None => times.push(began.elapsed()),
                            Some(wait) => prop_assert!(!wait.is_zero() && wait <= MINUTE + Duration::from_millis(60_010)),
                        }
                    }
                }
                Ok(times)
            })?;
            let most = f64::from(per_minute.max(burst));
            for (at, first) in times.iter().enumerate() {
                for (others, time) in times[at..].iter().enumerate() {
                    let minutes = (*time - *first).as_secs_f64() / 60.0;
                    let sustained = most + (minutes - 1.0).max(0.0) * f64::from(per_minute);
                    let at_once = f64::from(burst) + minutes * f64::from(per_minute);
                    let count = (others + 1) as f64;
                    prop_assert!(count <= sustained.min(at_once) + 1.0, "{count} in {minutes} minutes");
                    prop_assert!(minutes > 1.0 || count <= most, "{count} in {minutes} minutes");
                }
            }
        }
    }
}
