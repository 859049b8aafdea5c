//! The settings of breaker, limiter and cache, with the [documented](crate::model#the-documented-interface) keys.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    durations::{from_seconds, seconds},
    setters::setters,
};
use crate::{
    Error, Result,
    env::VariableReader,
    state::{circuit::CircuitSettings, quota::QuotaRule},
};

/// Settings of the circuit breakers, which refuse calls while the service is down: one for all calls of a tenant, and one for
/// each operation.
///
/// A call counts once, after all of its attempts. Calls without a response (broken connections, timeouts) open the tenant's
/// breaker. A timeout after less
/// than a thirtieth of [`Timeouts::request`](super::Timeouts::request), because the caller gave the call less time, does not
/// count. Calls with a 5xx response open the breaker of their operation; other operations are sent. Every other response, 4xx
/// included, shows that the service is up. The settings hold for both breakers.
///
/// ```
/// use std::time::Duration;
///
/// let breaker = calcom::config::CircuitBreakerConfig::default().failure_threshold(10u32);
/// assert_eq!(breaker.timeout, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CircuitBreakerConfig {
    /// Whether the breakers are used; default `true`.
    pub enabled: bool,
    /// Consecutive failed calls that open a breaker; default 5.
    pub failure_threshold: u32,
    /// Calls that show, while half-open, that the service is up, and so close a breaker; default 2.
    pub success_threshold: u32,
    /// How long a breaker stays open before it admits probes; default 60 s. In JSON and in the environment in seconds.
    #[serde(with = "seconds")]
    pub timeout: Duration,
    /// Largest number of probes in flight while half-open; default 3.
    pub half_open_requests: u32,
    /// Prefix of the keys in Redis; default `calcom:circuit:state`. A hash of base URL and credential follows, so that every
    /// tenant has breakers of its own. Those of its operations are under the same key with `:operations` at its end, each only
    /// while it has state to keep.
    pub redis_key: String,
}

setters!(CircuitBreakerConfig {
    enabled: bool,
    failure_threshold: u32,
    success_threshold: u32,
    timeout: Duration,
    half_open_requests: u32,
    redis_key: String,
});

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            failure_threshold: 5,
            success_threshold: 2,
            timeout: Duration::from_secs(60),
            half_open_requests: 3,
            redis_key: "calcom:circuit:state".to_owned(),
        }
    }
}

impl CircuitBreakerConfig {
    pub(crate) fn circuit_settings(&self) -> CircuitSettings {
        CircuitSettings {
            failure_threshold: self.failure_threshold,
            success_threshold: self.success_threshold,
            open_duration: self.timeout,
            max_probes: self.half_open_requests,
        }
    }
}

/// Settings of the rate limiter.
///
/// The service reports its limits in every response, and the limiter uses them. Until the first response at most ten requests are
/// in flight, by the documented quota: 100 a minute sustained, and never more than 150 in any 60 s.
///
/// ```
/// let limits = calcom::config::RateLimitConfig::default().per_minute(60u32).wait(false);
/// assert_eq!(limits.per_minute, Some(60));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RateLimitConfig {
    /// Whether the limiter is used; default `true`. If `false`, requests are sent at any rate, and a 429 ends its call with
    /// [`Error::RateLimit`](crate::Error::RateLimit): the caller limits its requests itself.
    pub enabled: bool,
    /// Upper bound of the sustained requests a minute, whatever the service allows; default: what the service allows.
    pub per_minute: Option<u32>,
    /// Upper bound of the requests at once after a pause; default: `per_minute`, if that is set. Any 60 s have at most as many
    /// requests as the larger of the two: with the default burst exactly `per_minute`.
    pub burst: Option<u32>,
    /// Whether a call waits for quota, up to its deadline (default `true`). If `false`, it fails at once with an error that
    /// reports when quota is available.
    pub wait: bool,
    /// Upper bound of every wait that a response asks for; default 5 minutes, five times the service's windows. In JSON and in
    /// the environment in seconds.
    ///
    /// A longer `Retry-After` or reset (of a proxy, or in other units) is logged at WARN, and the limiter waits for `max_wait`.
    #[serde(with = "seconds")]
    pub max_wait: Duration,
}

setters!(RateLimitConfig { enabled: bool, wait: bool, max_wait: Duration } optional { per_minute: u32, burst: u32 });

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self { enabled: true, per_minute: None, burst: None, wait: true, max_wait: Duration::from_secs(300) }
    }
}

/// The documented quota.
const DOCUMENTED_PER_MINUTE: u32 = 100;
const DOCUMENTED_BURST: u32 = 150;

impl RateLimitConfig {
    pub(crate) fn quota_rule(&self) -> QuotaRule {
        let max_wait = self.max_wait;
        match (self.per_minute, self.burst) {
            (None, None) => {
                QuotaRule { per_minute: DOCUMENTED_PER_MINUTE, burst: DOCUMENTED_BURST, hard: false, max_wait }
            }
            (per_minute, burst) => {
                let per_minute = per_minute.unwrap_or(DOCUMENTED_PER_MINUTE);
                QuotaRule { per_minute, burst: burst.unwrap_or(per_minute), hard: true, max_wait }
            }
        }
    }
}

/// Settings of the response cache.
///
/// ```
/// use std::time::Duration;
///
/// let cache = calcom::config::CacheConfig::default().ttl("slots", Duration::from_secs(5)).max_bytes(8u64 << 20);
/// assert_eq!(cache.ttl["slots"], 5.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CacheConfig {
    /// Whether responses are cached; default `true`.
    pub enabled: bool,
    /// Capacity in bytes of memory; default 32 MiB. Decoded values are held beside their JSON. Their size is an estimate: three
    /// times that of the JSON, 96 bytes for each object in it, and 2 KiB.
    pub max_bytes: u64,
    /// Times to live by tag, in seconds, in place of the documented ones (`event_types` 300 s, `slots` 60 s, `user` 600 s,
    /// `schedules` 300 s). An empty list of slots is cached for at most 5 s.
    pub ttl: BTreeMap<String, f64>,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 32 * 1024 * 1024, ttl: BTreeMap::new() }
    }
}

setters!(CacheConfig { enabled: bool, max_bytes: u64 });

impl CacheConfig {
    /// Sets the time to live of a tag; see [`ttl`](field@Self::ttl).
    #[must_use]
    pub fn ttl(mut self, tag: impl Into<String>, ttl: Duration) -> Self {
        self.ttl.insert(tag.into(), ttl.as_secs_f64());
        self
    }

    pub(crate) fn ttl_of(&self, tag: &str) -> Option<Duration> {
        if self.ttl.is_empty() {
            return None;
        }
        from_seconds(*self.ttl.get(tag)?).ok()
    }
}

pub(super) fn from_vars(
    vars: &VariableReader<'_>,
    breaker: &mut CircuitBreakerConfig,
    limits: &mut RateLimitConfig,
    caching: &mut CacheConfig,
) -> Result<()> {
    vars.flag("CALCOM_CIRCUIT_BREAKER_ENABLED", &mut breaker.enabled)?;
    vars.parse("CALCOM_CIRCUIT_BREAKER_FAILURE_THRESHOLD", "a whole number", &mut breaker.failure_threshold)?;
    vars.parse("CALCOM_CIRCUIT_BREAKER_SUCCESS_THRESHOLD", "a whole number", &mut breaker.success_threshold)?;
    vars.duration("CALCOM_CIRCUIT_BREAKER_TIMEOUT", 1.0, &mut breaker.timeout)?;
    vars.parse("CALCOM_CIRCUIT_BREAKER_HALF_OPEN_REQUESTS", "a whole number", &mut breaker.half_open_requests)?;
    vars.text("CALCOM_CIRCUIT_BREAKER_REDIS_KEY", &mut breaker.redis_key);
    for (name, into) in
        [("CALCOM_RATE_LIMIT_PER_MINUTE", &mut limits.per_minute), ("CALCOM_RATE_LIMIT_BURST", &mut limits.burst)]
    {
        let mut number = into.unwrap_or(0);
        vars.parse(name, "a whole number", &mut number)?;
        *into = Some(number).filter(|number| *number > 0);
    }
    vars.flag("CALCOM_RATE_LIMIT_ENABLED", &mut limits.enabled)?;
    vars.flag("CALCOM_RATE_LIMIT_WAIT", &mut limits.wait)?;
    vars.duration("CALCOM_RATE_LIMIT_MAX_WAIT", 1.0, &mut limits.max_wait)?;
    vars.flag("CALCOM_CACHE_ENABLED", &mut caching.enabled)?;
    vars.parse("CALCOM_CACHE_MAX_BYTES", "a whole number", &mut caching.max_bytes)
}

pub(super) fn validate(breaker: &CircuitBreakerConfig, limits: &RateLimitConfig, caching: &CacheConfig) -> Result<()> {
    for (name, value) in [
        ("circuit_breaker.failure_threshold", Some(breaker.failure_threshold)),
        ("circuit_breaker.success_threshold", Some(breaker.success_threshold)),
        ("circuit_breaker.half_open_requests", Some(breaker.half_open_requests)),
        ("rate_limit.per_minute", limits.per_minute),
        ("rate_limit.burst", limits.burst),
    ] {
        if value == Some(0) {
            return Err(Error::configuration(format!("{name} is 0: nothing would ever be sent")));
        }
    }
    if limits.max_wait.is_zero() {
        return Err(Error::configuration("rate_limit.max_wait is zero: no refusal would ever be waited out"));
    }
    if breaker.redis_key.is_empty() {
        return Err(Error::configuration("circuit_breaker.redis_key is empty"));
    }
    for (tag, ttl) in &caching.ttl {
        if !["event_types", "slots", "user", "schedules"].contains(&tag.as_str()) {
            return Err(Error::configuration(format!("cache.ttl.{tag}: there is no such tag")));
        }
        if from_seconds(*ttl).is_err() {
            return Err(Error::configuration(format!("cache.ttl.{tag} must be a number that is not negative")));
        }
    }
    Ok(())
}
