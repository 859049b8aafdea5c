//! The settings of breaker, limiter and cache, under the [documented](crate::model#the-documented-interface) keys.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::durations::seconds;
use crate::{
    Error, Result,
    env::Vars,
    state::{circuit::CircuitSettings, quota::QuotaRule},
};

/// When calls are refused because the service is down: all of a tenant's, or those of one operation.
///
/// What counts is a call, after all of its attempts. Calls that get no answer (broken connections, timeouts) open the
/// tenant's circuit. Calls that are answered with 5xx open that of their operation; other operations are sent. Every other
/// answer, 4xx among them, shows that the service is up. The settings hold for both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CircuitBreaker {
    /// Whether there is one; default `true`.
    pub enabled: bool,
    /// So many failed calls in a row open it; default 5.
    pub failure_threshold: u32,
    /// So many calls that are answered while half-open close it; default 2.
    pub success_threshold: u32,
    /// How long it stays open before it lets requests try again; default 60 s. In JSON and in the environment in
    /// seconds.
    #[serde(with = "seconds")]
    pub timeout: Duration,
    /// How many requests may be under way at once while half-open; default 3.
    pub half_open_requests: u32,
    /// What the keys begin with under which processes share it in Redis; default `calcom:circuit:state`. After it stands
    /// a hash of base URL and credential: every tenant has a breaker of its own. Those of its operations are under the same
    /// key with `:operations` at its end, each only while it has failures to remember.
    pub redis_key: String,
}

impl Default for CircuitBreaker {
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

impl CircuitBreaker {
    pub(crate) fn circuit_settings(&self) -> CircuitSettings {
        CircuitSettings {
            failure_threshold: self.failure_threshold,
            success_threshold: self.success_threshold,
            open_duration: self.timeout,
            max_probes: self.half_open_requests,
        }
    }
}

/// How many requests are sent, and what happens to those that are too many.
///
/// The service tells its limits in every answer, and what it tells wins. Until its first answer at most ten requests are
/// under way at once, by the documented quota: 100 a minute sustained, and never more than 150 in any 60 s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RateLimits {
    /// Never more than so many a minute for long, whatever the service allows; default: what the service allows.
    pub per_minute: Option<u32>,
    /// Never more than so many at once after a pause; default: the same as `per_minute` where that is set. Any 60 s have at
    /// most so many requests as the larger of the two says: with the default burst exactly `per_minute`.
    pub burst: Option<u32>,
    /// Whether a call waits for its turn, up to its deadline (default `true`), or fails at once with an error that says
    /// when.
    pub wait: bool,
    /// The longest wait that the limiter believes; default 5 minutes, five times the service's windows. In JSON and in the
    /// environment in seconds.
    ///
    /// A `Retry-After` or a reset that is longer (a proxy's, or one in other units) is logged at WARN, and the limiter
    /// waits this long in its place.
    #[serde(with = "seconds")]
    pub max_wait: Duration,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { per_minute: None, burst: None, wait: true, max_wait: Duration::from_secs(300) }
    }
}

/// The documented quota.
const PER_MINUTE: u32 = 100;
const BURST: u32 = 150;

impl RateLimits {
    pub(crate) fn rule(&self) -> QuotaRule {
        let max_wait = self.max_wait;
        match (self.per_minute, self.burst) {
            (None, None) => QuotaRule { per_minute: PER_MINUTE, burst: BURST, hard: false, max_wait },
            (per_minute, burst) => {
                let per_minute = per_minute.unwrap_or(PER_MINUTE);
                QuotaRule { per_minute, burst: burst.unwrap_or(per_minute), hard: true, max_wait }
            }
        }
    }
}

/// Which answers are kept, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Caching {
    /// Whether answers are kept; default `true`.
    pub enabled: bool,
    /// How many bytes of memory they may take; default 32 MiB. Decoded answers are kept beside their JSON, and counted as
    /// three times its size.
    pub max_bytes: u64,
    /// Other times to live than the documented ones (`event_types` 300 s, `slots` 60 s, `user` 600 s, `schedules` 300 s),
    /// by tag, in seconds.
    pub ttl: BTreeMap<String, f64>,
}

impl Default for Caching {
    fn default() -> Self {
        Self { enabled: true, max_bytes: 32 * 1024 * 1024, ttl: BTreeMap::new() }
    }
}

impl Caching {
    pub(crate) fn ttl(&self, tag: &str) -> Option<Duration> {
        if self.ttl.is_empty() {
            return None;
        }
        Duration::try_from_secs_f64(*self.ttl.get(tag)?).ok()
    }
}

pub(super) fn from_vars(
    vars: &Vars<'_>,
    breaker: &mut CircuitBreaker,
    limits: &mut RateLimits,
    caching: &mut Caching,
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
    vars.flag("CALCOM_RATE_LIMIT_WAIT", &mut limits.wait)?;
    vars.duration("CALCOM_RATE_LIMIT_MAX_WAIT", 1.0, &mut limits.max_wait)?;
    vars.flag("CALCOM_CACHE_ENABLED", &mut caching.enabled)?;
    vars.parse("CALCOM_CACHE_MAX_BYTES", "a whole number", &mut caching.max_bytes)
}

pub(super) fn check(breaker: &CircuitBreaker, limits: &RateLimits, caching: &Caching) -> Result<()> {
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
        if Duration::try_from_secs_f64(*ttl).is_err() {
            return Err(Error::configuration(format!("cache.ttl.{tag} must be a number that is not negative")));
        }
    }
    Ok(())
}
