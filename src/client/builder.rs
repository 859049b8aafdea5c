//! Builds a [`Client`] from settings, credentials and a store.

use std::{fmt, sync::Arc, time::Duration};

use super::Client;
use crate::{
    Config, Error, Result,
    auth::Credentials,
    config::{CacheConfig, CircuitBreakerConfig, RateLimitConfig, RetryConfig, ServiceKind},
    pipeline::{CircuitTransition, Hooks, Pipeline, intercept::Interceptor},
    state::Store,
};

const NO_CREDENTIALS: &str = "the client has no credentials: give the builder an ApiKey, an AccessToken or PlatformCredentials, \
                              or Credentials::Anonymous for calls without credentials";

impl Client {
    /// A client for these credentials, with the default settings. A text is an API key.
    ///
    /// ```
    /// # fn main() -> calcom::Result<()> {
    /// let client = calcom::Client::new("cal_live_xxxxxxxxxxxxxx")?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty or unusable credential.
    pub fn new(credentials: impl Into<Credentials>) -> Result<Self> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with the settings and credentials of the environment: see [`Config::from_env`] and
    /// [`Credentials::from_env`]. With the feature `redis`, `CALCOM_REDIS_URL` names the server for shared state, or
    /// several servers of one cluster, separated by commas.
    ///
    /// ```no_run
    /// # fn main() -> calcom::Result<()> {
    /// let client = calcom::Client::from_env()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration), naming the variable that is wrong.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder().config(Config::from_env()?).credentials(Credentials::from_env()?);
        #[cfg(feature = "redis")]
        let builder = match crate::env::environment("CALCOM_REDIS_URL") {
            Some(url) if !url.trim().is_empty() => builder.redis(url.trim())?,
            _ => builder,
        };
        builder.build()
    }

    /// A builder of clients.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

/// Builds a [`Client`] from credentials, settings and a store.
///
/// ```
/// # fn main() -> calcom::Result<()> {
/// use std::time::Duration;
/// use calcom::{ApiKey, Client};
/// let client = Client::builder()
///     .credentials(ApiKey::new("cal_live_xxxxxxxxxxxxxx"))
///     .api_url("https://cal.example.com/api")
///     .request_timeout(Duration::from_secs(5))
///     .max_attempts(2)
///     .no_cache()
///     .on_circuit_change(|transition| eprintln!("{:?}: {} to {}", transition.operation, transition.from, transition.to))
///     .build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    credentials: Option<Credentials>,
    store: Option<Store>,
    hooks: Hooks,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("config", &self.config)
            .field("credentials", &self.credentials)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Sets the credentials; required. [`Credentials::Anonymous`] makes a client without credentials.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(credentials.into());
        self
    }

    /// Replaces all settings, also those that were set on this builder before: call it first.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the address of the service; see [`Config::api_url`].
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.config.api_url = url.into();
        self
    }

    /// Sets which service that is, the hosted one or a self-hosted one; see [`Config::service`].
    pub fn service(mut self, service: impl Into<ServiceKind>) -> Self {
        self.config.service = service.into();
        self
    }

    /// Sets the timeout of one attempt; see [`Timeouts::request`](crate::config::Timeouts::request).
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout.request = timeout;
        self
    }

    /// Sets the timeout of a whole call; see [`Timeouts::total`](crate::config::Timeouts::total).
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout.total = timeout;
        self
    }

    /// Sets the largest number of attempts of a call; see [`RetryConfig::times`](crate::config::RetryConfig::times).
    pub fn max_attempts(mut self, times: u32) -> Self {
        self.config.retry.times = times;
        self
    }

    /// Sets how requests are retried.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.config.retry = retry;
        self
    }

    /// Sends each request once, and once more only with a new access token.
    pub fn no_retries(self) -> Self {
        self.max_attempts(1)
    }

    /// Sets how responses are cached.
    pub fn cache(mut self, cache: CacheConfig) -> Self {
        self.config.cache = cache;
        self
    }

    /// Caches no response.
    pub fn no_cache(mut self) -> Self {
        self.config.cache.enabled = false;
        self
    }

    /// Sets when calls are rejected because the service is down.
    pub fn circuit_breaker(mut self, breaker: CircuitBreakerConfig) -> Self {
        self.config.circuit_breaker = breaker;
        self
    }

    /// Rejects no call because earlier ones failed.
    pub fn no_circuit_breaker(mut self) -> Self {
        self.config.circuit_breaker.enabled = false;
        self
    }

    /// Sets how many requests are sent, and whether calls wait for quota.
    pub fn rate_limit(mut self, limits: RateLimitConfig) -> Self {
        self.config.rate_limit = limits;
        self
    }

    /// Sends requests at any rate; see [`RateLimitConfig::enabled`](field@RateLimitConfig::enabled).
    pub fn no_rate_limit(mut self) -> Self {
        self.config.rate_limit.enabled = false;
        self
    }

    /// Sets whether [`Client::last_request_debug`] records the last call; see
    /// [`DebugConfig::enabled`](crate::config::DebugConfig::enabled).
    pub fn debug(mut self, enabled: bool) -> Self {
        self.config.debug.enabled = enabled;
        self
    }

    /// Sets the store in which breaker, limiter and cache hold their state, and leases on idempotency keys are held;
    /// default: the client's own memory.
    ///
    /// Clients with clones of one store share its state.
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Shares breaker, limiter, cache and the leases on idempotency keys with every process that uses the same Redis server:
    /// `redis://host:6379/`, or `rediss://` for TLS. The servers of a cluster are several URLs, separated by commas. The
    /// connection is made later; while the server does not answer, calls continue without it.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used.
    #[cfg(feature = "redis")]
    pub fn redis(self, url: &str) -> Result<Self> {
        let store = Store::redis(url, self.config.cache.max_bytes)?;
        Ok(self.store(store))
    }

    /// Sets a function that is called on every transition of a circuit of this client, and of clients for other tenants
    /// that are made from it. It must not block.
    pub fn on_circuit_change(mut self, hook: impl Fn(CircuitTransition) + Send + Sync + 'static) -> Self {
        self.hooks.circuit = Some(Arc::new(hook));
        self
    }

    /// Adds code that is called before and after each attempt, also of clients for other tenants that are made from this
    /// client; see [`intercept`](crate::intercept). Several are called in the order in which they were added.
    pub fn interceptor(mut self, interceptor: impl Interceptor) -> Self {
        self.hooks.interceptors.add(interceptor);
        self
    }

    /// Sets a function that changes the builder of the HTTP client: proxies, certificates, user agent, default headers, DNS.
    ///
    /// It is called for each pool of connections: for one with short idle times, for one with long ones, and later for one
    /// without idle connections if the service announces that it closes them after less than 5 s. Afterwards redirects, retries,
    /// timeouts and the idle time of connections are set as [`Config`] says, so that setting them here changes nothing. Without it the proxies of the environment are used, except for addresses of this machine.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use calcom::{Client, reqwest::{Certificate, Proxy}};
    ///
    /// let proxy = Proxy::https("http://proxy.example.com:3128")?.basic_auth("clinic", "secret");
    /// let root = Certificate::from_pem(&std::fs::read("company-root.pem")?)?;
    /// let client = Client::builder()
    ///     .credentials(calcom::ApiKey::new("cal_live_xxxxxxxxxxxxxx"))
    ///     .http_client(move |http| http.proxy(proxy).tls_certs_merge([root]).user_agent("clinic/1.0"))
    ///     .build()?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    pub fn http_client(
        mut self,
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Clone + Send + Sync + 'static,
    ) -> Self {
        self.hooks.http = Some(Arc::new(move |builder| change.clone()(builder)));
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration), naming the setting that is not valid, or if the builder has no
    /// credentials.
    pub fn build(self) -> Result<Client> {
        let credentials = self.credentials.ok_or_else(|| Error::configuration(NO_CREDENTIALS))?;
        let pipeline = Pipeline::new(self.config, credentials, self.store, self.hooks)?;
        Ok(Client::of(pipeline))
    }
}
