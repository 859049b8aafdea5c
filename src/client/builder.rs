//! Builds a [`Client`] from settings, credentials and a store.

use std::{fmt, sync::Arc, time::Duration};

use super::Client;
use crate::{
    Config, Error, Result,
    auth::Credentials,
    config::ServiceKind,
    pipeline::{CircuitChange, CircuitHook, Pipeline},
    state::Store,
};

const NO_CREDENTIALS: &str = "the client has no credentials: give the builder an ApiKey, an AccessToken or an OAuthClient, \
                              or Credentials::Anonymous for calls without credentials";

impl Client {
    /// A client for these credentials, with the default settings.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty or unusable credential.
    pub fn new(credentials: impl Into<Credentials>) -> Result<Self> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with the settings and credentials that the environment names: see [`Config::from_env`] and
    /// [`Credentials::from_env`]. With the feature `redis`, `CALCOM_REDIS_URL` names the server to share state on,
    /// or several servers of one cluster, separated by commas.
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

    /// Sets a client up piece by piece.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

/// Sets a [`Client`] up piece by piece.
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    credentials: Option<Credentials>,
    store: Option<Store>,
    hook: Option<CircuitHook>,
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
    /// Who is calling; required. [`Credentials::Anonymous`] makes a client without credentials.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = Some(credentials.into());
        self
    }

    /// Replaces all settings, those included that were made on this builder before: call it first.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Where the service is; see [`Config::api_url`].
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.config.api_url = url.into();
        self
    }

    /// Which service that is, the hosted one or a server of one's own; see [`Config::service`].
    pub fn service(mut self, service: ServiceKind) -> Self {
        self.config.service = service;
        self
    }

    /// How long one attempt may take; see [`Timeouts::request`](crate::config::Timeouts::request).
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout.request = timeout;
        self
    }

    /// How long a whole call may take; see [`Timeouts::total`](crate::config::Timeouts::total).
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout.total = timeout;
        self
    }

    /// How often a request is sent at the most; see [`RetryConfig::times`](crate::config::RetryConfig::times).
    pub fn attempts(mut self, times: u32) -> Self {
        self.config.retry.times = times;
        self
    }

    /// Whether [`Client::last_request_debug`] has something to tell; see
    /// [`DebugConfig::enabled`](crate::config::DebugConfig::enabled).
    pub fn debug(mut self, enabled: bool) -> Self {
        self.config.debug.enabled = enabled;
        self
    }

    /// Where breaker, limiter and cache keep their state, and where the leases on idempotency keys are held; default: this
    /// client's own memory.
    ///
    /// Clients that are given clones of one store share it.
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Shares breaker, limiter, cache and the leases on idempotency keys with every process that is given the same Redis
    /// server: `redis://host:6379/`, or `rediss://` for TLS; or the same servers of a cluster, several URLs separated by commas.
    /// No connection is made yet; while the server does not answer, calls go on without it.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL that cannot be used.
    #[cfg(feature = "redis")]
    pub fn redis(self, url: &str) -> Result<Self> {
        let store = Store::redis(url, self.config.cache.max_bytes)?;
        Ok(self.store(store))
    }

    /// Called whenever a circuit breaker of this client, or of another tenant's client made from it, goes from one state
    /// to another. Must not block.
    pub fn on_circuit_change(mut self, hook: impl Fn(CircuitChange) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration), naming the setting that cannot work, or if the builder has no
    /// credentials.
    pub fn build(self) -> Result<Client> {
        let credentials = self.credentials.ok_or_else(|| Error::configuration(NO_CREDENTIALS))?;
        let pipeline = Pipeline::new(self.config, credentials, self.store, self.hook)?;
        Ok(Client::of(pipeline))
    }
}
