//! The service's rate limits: fixed windows per caller, a block after an exceeded limit, and the rate-limit headers.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

/// A named rate limit: the number of requests in a window, and the time for which a caller is blocked after exceeding it.
///
/// ```
/// # async fn example() {
/// use std::time::Duration;
///
/// use calcom_fake::{FakeCalcom, FakeRateLimit};
///
/// let limit = FakeRateLimit::new("default", 10, Duration::from_secs(60));
/// let fake = FakeCalcom::builder().rate_limits(vec![limit]).start().await;
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeRateLimit {
    /// The name at the end of the headers, in lower case: `default` gives `X-FakeRateLimit-Limit-Default`.
    pub name: String,
    /// The number of requests in a window.
    pub limit: u64,
    /// The length of the window.
    pub window: Duration,
    /// The time for which a caller is blocked after exceeding the limit.
    pub block: Duration,
}

impl FakeRateLimit {
    /// Creates a limit of `limit` requests in `window`. The block is as long as the window.
    pub fn new(name: impl Into<String>, limit: u64, window: Duration) -> Self {
        Self { name: name.into(), limit, window, block: window }
    }

    /// The default of the service: 120 requests in a minute, then 429 for a minute.
    pub fn service_default() -> Self {
        Self::new("default", 120, Duration::from_secs(60))
    }
}

#[derive(Clone, Debug)]
struct RateWindow {
    hits: u64,
    ends: Timestamp,
    blocked_until: Option<Timestamp>,
}

/// The rate limits, and the windows in which the requests of each caller are counted.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// Empty: no limits and no headers.
    pub(crate) default_limits: Vec<FakeRateLimit>,
    /// Callers with limits of their own, by tracker.
    pub by_tracker: HashMap<String, Vec<FakeRateLimit>>,
    windows: HashMap<(String, String), RateWindow>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            default_limits: vec![FakeRateLimit::service_default()],
            by_tracker: HashMap::new(),
            windows: HashMap::new(),
        }
    }
}

/// The result of counting a request.
pub(crate) struct RateLimitCheck {
    pub(crate) headers: HeaderMap,
    pub(crate) refused: bool,
}

impl RateLimits {
    /// Sets a window to its state before a request at `now`: the number of requests, and the time until it or its block ends.
    pub fn set_window(&mut self, tracker: &str, name: &str, hits: u64, now: Timestamp, left: Duration, blocked: bool) {
        let end = now.checked_add(left).unwrap_or(Timestamp::MAX);
        let window = RateWindow { hits, ends: end, blocked_until: blocked.then_some(end) };
        self.windows.insert((tracker.to_owned(), name.to_owned()), window);
    }

    /// Counts a request of `tracker` in `own` (the limit of the route), or else in the limits of the caller.
    pub(crate) fn count(&mut self, tracker: &str, own: Option<&FakeRateLimit>, now: Timestamp) -> RateLimitCheck {
        let limits: Vec<FakeRateLimit> = match own {
            Some(limit) => vec![limit.clone()],
            None => self.by_tracker.get(tracker).unwrap_or(&self.default_limits).clone(),
        };
        let mut headers = HeaderMap::new();
        let mut exceeded = 0;
        for limit in &limits {
            let key = (tracker.to_owned(), limit.name.clone());
            let window = self.windows.entry(key).or_insert(RateWindow { hits: 0, ends: now, blocked_until: None });
            let (blocked, left) = window.hit(limit, now);
            exceeded += usize::from(blocked);
            let remaining = if blocked { 0 } else { limit.limit.saturating_sub(window.hits) };
            put(&mut headers, "limit", &limit.name, limit.limit);
            put(&mut headers, "remaining", &limit.name, remaining);
            put(&mut headers, "reset", &limit.name, left);
        }
        RateLimitCheck { headers, refused: !limits.is_empty() && exceeded == limits.len() }
    }
}

impl RateWindow {
    /// Counts a request. Returns whether the caller is blocked, and the seconds that remain of the block or the window.
    fn hit(&mut self, limit: &FakeRateLimit, now: Timestamp) -> (bool, u64) {
        if now >= self.ends {
            self.hits = 0;
            self.ends = now.checked_add(limit.window).unwrap_or(Timestamp::MAX);
        }
        if self.blocked_until.is_some_and(|until| now >= until) {
            self.blocked_until = None;
        }
        self.hits += 1;
        if self.blocked_until.is_none() && self.hits > limit.limit {
            self.blocked_until = Some(now.checked_add(limit.block).unwrap_or(Timestamp::MAX));
        }
        let until = self.blocked_until.unwrap_or(self.ends);
        let left = until.as_millisecond() - now.as_millisecond();
        (self.blocked_until.is_some(), u64::try_from(left).unwrap_or(0).div_ceil(1000))
    }
}

fn put(headers: &mut HeaderMap, what: &str, name: &str, value: u64) {
    if let Ok(header) = HeaderName::try_from(format!("x-ratelimit-{what}-{name}")) {
        headers.insert(header, HeaderValue::from(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_block_lasts_its_time_and_hits_during_it_count_for_the_next_window() {
        let mut limits = RateLimits::default();
        for _ in 0..120 {
            assert!(!limits.count("key", None, at(0)).refused);
        }
        let first = limits.count("key", None, at(2));
        assert!(first.refused);
        assert_eq!(first.headers["x-ratelimit-reset-default"], "60");
        assert_eq!(limits.count("key", None, at(5)).headers["x-ratelimit-reset-default"], "57");
        // The window ends at 60, the block at 62. 121 requests between them block the key again.
        for _ in 0..121 {
            assert!(limits.count("key", None, at(61)).refused);
        }
        assert!(limits.count("key", None, at(63)).refused);
        assert!(!limits.count("key", None, at(124)).refused);
    }

    #[test]
    fn a_key_with_two_limits_is_blocked_only_if_both_are_exceeded() {
        let mut limits = RateLimits::default();
        let two = vec![
            FakeRateLimit::new("burst", 2, Duration::from_secs(10)),
            FakeRateLimit::new("long", 5, Duration::from_secs(60)),
        ];
        limits.by_tracker.insert("key".into(), two);
        let refused: Vec<bool> = (0..6).map(|_| limits.count("key", None, at(0)).refused).collect();
        assert_eq!(refused, [false, false, false, false, false, true]);
    }
}
