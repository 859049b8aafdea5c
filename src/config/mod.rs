//! The settings of a client, with the [documented](crate::model#the-documented-interface) keys and defaults. They come from code,
//! from the environment, or from any format that serde reads. They hold no secret: credentials are
//! [`Credentials`](crate::Credentials).

mod by_path;
mod durations;
mod resilience;
mod service_kind;
mod setters;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use resilience::{CacheConfig, CircuitBreakerConfig, RateLimitConfig};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{
    Error, Result,
    contract::Contract,
    env::{VariableReader, environment},
    operation::Operation,
    redact::Redacted,
};
use by_path::deserialized_by_path;
use durations::{milliseconds, optional_seconds, seconds};
use setters::setters;

pub use service_kind::ServiceKind;

deserialized_by_path! {
    /// The settings of a client.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config: calcom::Config = serde_json::from_str(r#"{"timeout": {"request": 10}, "retry": {"times": 2}}"#)?;
    /// assert_eq!(config.timeout.request.as_secs(), 10);
    /// assert_eq!(config.timeout.connect.as_secs(), 10);
    ///
    /// let config = config.cache(calcom::config::CacheConfig::default().enabled(false)).api_url("https://cal.example.com");
    /// assert!(!config.cache.enabled);
    /// # Ok(()) }
    /// ```
    #[derive(Clone, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Config {
        /// Address of the service; default `https://api.cal.com/v2`. With or without `/v2` and a trailing slash.
        pub api_url: String,
        /// Kind of the service; by default derived from the address. With [`ServiceKind::SelfHosted`] the hosted service is
        /// called in its versions of 2024.
        pub service: ServiceKind,
        /// The `cal-api-version` of the bookings' operations; by default the service's own for each.
        ///
        /// Every other operation keeps the version that it needs: the service answers one version for all operations with 404.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub api_version: Option<String>,
        /// The `cal-api-version` of single operations, by their ids. Takes precedence over the versions of this type;
        /// `Client::with_version` and a request's own version take precedence over it. For an operation with two bodies
        /// ([`raw::FormOf`](crate::raw::FormOf)), the type of the body chooses between the versions of the two forms; any other
        /// version that is set here is sent.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub versions: BTreeMap<String, String>,
        /// Time limits.
        pub timeout: Timeouts,
        /// Retries.
        pub retry: RetryConfig,
        /// Circuit breakers.
        pub circuit_breaker: CircuitBreakerConfig,
        /// Rate limit.
        pub rate_limit: RateLimitConfig,
        /// Cache.
        pub cache: CacheConfig,
        /// Debug record and events.
        pub debug: DebugConfig,
        /// Allows `http://` to other hosts than this machine; default `false`. Keys are then sent in clear text.
        pub allow_http: bool,
        /// The largest response body that is read, in bytes; default 8 MiB.
        pub max_response_bytes: usize,
    }
}

/// Version of the bookings' operations on self-hosted servers, unless [`Config::api_version`] is set.
pub(crate) const DEFAULT_BOOKINGS_VERSION: &str = "2024-08-13";

impl Default for Config {
    fn default() -> Self {
        Self {
            api_url: "https://api.cal.com/v2".to_owned(),
            service: ServiceKind::default(),
            api_version: None,
            versions: BTreeMap::new(),
            timeout: Timeouts::default(),
            retry: RetryConfig::default(),
            circuit_breaker: CircuitBreakerConfig::default(),
            rate_limit: RateLimitConfig::default(),
            cache: CacheConfig::default(),
            debug: DebugConfig::default(),
            allow_http: false,
            max_response_bytes: 8 * 1024 * 1024,
        }
    }
}

setters!(Config {
    api_url: String,
    service: ServiceKind,
    timeout: Timeouts,
    retry: RetryConfig,
    circuit_breaker: CircuitBreakerConfig,
    rate_limit: RateLimitConfig,
    cache: CacheConfig,
    debug: DebugConfig,
    allow_http: bool,
    max_response_bytes: usize,
} optional {
    api_version: String,
});

/// Masks `api_url` if it is not a valid base URL: it may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api_url, api_version, timeout, retry, .. } = self;
        let mut out = f.debug_struct("Config");
        match self.base_url() {
            Ok(_) => out.field("api_url", api_url),
            Err(_) => out.field("api_url", &Redacted),
        };
        out.field("service", &self.service).field("api_version", api_version).field("versions", &self.versions);
        out.field("timeout", timeout).field("retry", retry);
        out.field("circuit_breaker", &self.circuit_breaker).field("rate_limit", &self.rate_limit);
        out.field("cache", &self.cache).field("debug", &self.debug);
        out.field("allow_http", &self.allow_http).field("max_response_bytes", &self.max_response_bytes).finish()
    }
}

/// Time limits; in JSON and in the environment in seconds, fractions allowed.
///
/// ```
/// use std::time::Duration;
///
/// let timeouts = calcom::config::Timeouts::default().request(Duration::from_secs(5));
/// assert_eq!(timeouts.total, Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Timeouts {
    /// For opening a connection; default 10 s.
    #[serde(with = "seconds")]
    pub connect: Duration,
    /// For one attempt, from its start to the last byte of the response; default 30 s.
    #[serde(with = "seconds")]
    pub request: Duration,
    /// For a whole call, with all attempts and the waits between them; default 60 s.
    #[serde(with = "seconds")]
    pub total: Duration,
    /// For which a connection without requests is kept; default: what the service shows.
    ///
    /// By default a connection is kept for 4 s, because self-hosted servers close theirs after 5 s. It is kept for up to 90 s
    /// if the service speaks HTTP/2, is the hosted one, or announces no close. If it announces one (`Keep-Alive: timeout=60`),
    /// the connection is kept until one second before it. Unsafe requests then take a connection that was idle for more than 4
    /// s only if an earlier request has shown that connections stay open that long. A value that is set holds for all requests.
    #[serde(with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub idle: Option<Duration>,
}

setters!(Timeouts { connect: Duration, request: Duration, total: Duration } optional { idle: Duration });

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            total: Duration::from_secs(60),
            idle: None,
        }
    }
}

/// The settings of retries.
///
/// Two things decide: how an attempt ends, and what a repetition of the operation does
/// ([`Operation::resend`](crate::operation::Operation::resend)):
///
#[doc = include_str!("../retry_policy.md")]
///
/// An attempt follows only if one is left and the call's time is not over: [`Timeouts::total`]. The wait before it is the
/// longer of the backoff ([`delay`](Self::delay)) and the response's `Retry-After`. After a 429 the limiter decides
/// ([`RateLimitConfig`]); without the limiter a 429 ends the call. After a rejected token one attempt more than
/// [`times`](Self::times) is made, once in a call and without a wait. `executed` is what [`Error::may_have_been_applied`] says
/// of all attempts of a call: it is `true` if one was `unknown` or `yes`, unless the operation is safe. A DELETE whose retry
/// finds nothing left has succeeded.
///
/// ```
/// use std::time::Duration;
///
/// let retry = calcom::config::RetryConfig::default().times(5u32);
/// assert_eq!((retry.times, retry.delay), (5, Duration::from_millis(100)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Largest number of attempts, the first included; default 3, at least 1. An attempt with a new access token is not counted.
    pub times: u32,
    /// Upper bound of the first wait, doubled from attempt to attempt, up to 10 s. The wait is a random part of it ("full
    /// jitter"). Default 100 ms. In JSON and in the environment in milliseconds.
    #[serde(with = "milliseconds")]
    pub delay: Duration,
}

setters!(RetryConfig { times: u32, delay: Duration });

impl Default for RetryConfig {
    fn default() -> Self {
        Self { times: 3, delay: Duration::from_millis(100) }
    }
}

/// The settings of the request record and of the log; see [`observe`](crate::observe). Neither contains a credential or
/// personal data.
///
/// ```
/// let debug = calcom::config::DebugConfig::default().enabled(true).log_requests(true);
/// assert!(debug.enabled && !debug.log_responses);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DebugConfig {
    /// Whether [`Client::last_request_debug`](crate::Client::last_request_debug) returns a record; default `false`.
    pub enabled: bool,
    /// Whether every request that is sent emits an event of `tracing`; default `false`.
    pub log_requests: bool,
    /// Whether every response emits an event of `tracing`; default `false`.
    pub log_responses: bool,
}

setters!(DebugConfig { enabled: bool, log_requests: bool, log_responses: bool });

impl Config {
    /// Sets the `cal-api-version` of one operation, by its id; see [`versions`](field@Self::versions).
    #[must_use]
    pub fn version(mut self, operation: impl Into<String>, version: impl Into<String>) -> Self {
        self.versions.insert(operation.into(), version.into());
        self
    }

    /// Reads the settings from the environment. Variables that are not set keep their defaults.
    ///
    /// `CALCOM_API_URL`, `CALCOM_SERVICE` (`hosted` or `self-hosted`), `CALCOM_API_VERSION`, `CALCOM_TIMEOUT_CONNECT`,
    /// `CALCOM_TIMEOUT_REQUEST`, `CALCOM_TIMEOUT_TOTAL`, `CALCOM_TIMEOUT_IDLE` (seconds), `CALCOM_RETRY_TIMES`,
    /// `CALCOM_RETRY_DELAY` (milliseconds), `CALCOM_ALLOW_HTTP` (`true` or `false`), `CALCOM_MAX_RESPONSE_BYTES`.
    /// `CALCOM_CIRCUIT_BREAKER_ENABLED`, `.._FAILURE_THRESHOLD`, `.._SUCCESS_THRESHOLD`, `.._TIMEOUT` (seconds),
    /// `.._HALF_OPEN_REQUESTS`, `.._REDIS_KEY`. `CALCOM_RATE_LIMIT_ENABLED`, `.._PER_MINUTE`, `.._BURST`, `.._WAIT`,
    /// `.._MAX_WAIT` (seconds). `CALCOM_CACHE_ENABLED`, `.._MAX_BYTES`. `CALCOM_V2_DEBUG`, `CALCOM_V2_LOG_REQUESTS`,
    /// `CALCOM_V2_LOG_RESPONSES`. Other names are not read: a misspelt one changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`], naming the variable that cannot be read.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(environment)
    }

    /// As [`from_env`](Self::from_env), but looks variables up with `var`.
    ///
    /// ```
    /// let config = calcom::Config::from_vars(|name| (name == "CALCOM_RETRY_TIMES").then(|| "5".to_owned()))?;
    /// assert_eq!(config.retry.times, 5);
    /// # Ok::<(), calcom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`], naming the variable that cannot be read.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut config = Self::default();
        let vars = VariableReader(&var);
        vars.text("CALCOM_API_URL", &mut config.api_url);
        let mut version = String::new();
        vars.text("CALCOM_API_VERSION", &mut version);
        config.api_version = Some(version).filter(|version| !version.is_empty());
        let mut service = String::new();
        vars.text("CALCOM_SERVICE", &mut service);
        config.service = match &*service {
            "" => ServiceKind::ByAddress,
            "hosted" => ServiceKind::Hosted,
            "self-hosted" => ServiceKind::SelfHosted,
            _ => return Err(Error::configuration("CALCOM_SERVICE must be `hosted` or `self-hosted`")),
        };
        vars.duration("CALCOM_TIMEOUT_CONNECT", 1.0, &mut config.timeout.connect)?;
        vars.duration("CALCOM_TIMEOUT_REQUEST", 1.0, &mut config.timeout.request)?;
        vars.duration("CALCOM_TIMEOUT_TOTAL", 1.0, &mut config.timeout.total)?;
        vars.optional_duration("CALCOM_TIMEOUT_IDLE", 1.0, &mut config.timeout.idle)?;
        vars.parse("CALCOM_RETRY_TIMES", "a whole number", &mut config.retry.times)?;
        vars.duration("CALCOM_RETRY_DELAY", 1e-3, &mut config.retry.delay)?;
        vars.flag("CALCOM_ALLOW_HTTP", &mut config.allow_http)?;
        resilience::from_vars(&vars, &mut config.circuit_breaker, &mut config.rate_limit, &mut config.cache)?;
        vars.flag("CALCOM_V2_DEBUG", &mut config.debug.enabled)?;
        vars.flag("CALCOM_V2_LOG_REQUESTS", &mut config.debug.log_requests)?;
        vars.flag("CALCOM_V2_LOG_RESPONSES", &mut config.debug.log_responses)?;
        vars.parse("CALCOM_MAX_RESPONSE_BYTES", "a whole number", &mut config.max_response_bytes)?;
        Ok(config)
    }

    /// Rejects settings that cannot work, with an error that names the setting.
    pub(crate) fn validate(&self) -> Result<()> {
        for (name, value) in [
            ("timeout.connect", self.timeout.connect),
            ("timeout.request", self.timeout.request),
            ("timeout.total", self.timeout.total),
        ] {
            if value.is_zero() {
                return Err(Error::configuration(format!("{name} is zero: no request could succeed")));
            }
        }
        if self.retry.times == 0 {
            return Err(Error::configuration("retry.times is 0: nothing would ever be sent"));
        }
        if self.max_response_bytes == 0 {
            return Err(Error::configuration("max_response_bytes is 0: no response could be read"));
        }
        if self.api_version.as_ref().is_some_and(|version| version_header(version).is_none()) {
            return Err(Error::configuration("api_version cannot stand in a header"));
        }
        for (id, version) in &self.versions {
            if Operation::find(id).is_none() {
                return Err(Error::configuration(format!("versions.{id}: there is no operation of this name")));
            }
            if version_header(version).is_none() {
                return Err(Error::configuration(format!("versions.{id} cannot stand in a header")));
            }
        }
        resilience::validate(&self.circuit_breaker, &self.rate_limit, &self.cache)
    }

    /// Returns the service that the client calls: as set, or derived from the address.
    #[must_use]
    pub fn contract(&self) -> Contract {
        match self.service {
            ServiceKind::Hosted => Contract::Hosted,
            ServiceKind::SelfHosted => Contract::SelfHosted,
            ServiceKind::ByAddress => match Url::parse(self.api_url.trim()).as_ref().map(Url::host_str) {
                Ok(Some("api.cal.com" | "api.cal.eu" | "api.cal.com." | "api.cal.eu.")) => Contract::Hosted,
                _ => Contract::SelfHosted,
            },
        }
    }

    /// Parses `api_url` and removes `/v2` and slashes at its end.
    pub(crate) fn base_url(&self) -> Result<Url> {
        let mut url = Url::parse(self.api_url.trim()).map_err(|error| {
            Error::configuration(format!("api_url is not a URL such as https://api.cal.com: {error}"))
        })?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http || is_loopback(&url) => {}
            "http" => {
                return Err(Error::configuration(
                    "api_url is http: keys would travel readable (allow_http permits it)",
                ));
            }
            _ => return Err(Error::configuration("api_url must be https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::configuration("api_url must not hold a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::configuration("api_url must not have a query or a fragment"));
        }
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/v1") {
            let text = "api_url is that of version 1: it ends in /v2 or in no version; calcom::v1 makes V1's calls";
            return Err(Error::configuration(text));
        }
        let path = path.strip_suffix("/v2").unwrap_or(path).trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(url)
    }
}

/// Converts a version to a header value. Returns `None` if it is empty or has other than visible ASCII characters.
pub(crate) fn version_header(version: &str) -> Option<http::HeaderValue> {
    let can_be_sent = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic());
    http::HeaderValue::from_str(version).ok().filter(|_| can_be_sent)
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
