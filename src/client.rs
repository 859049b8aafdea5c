//! The client: who is calling, where to, and over which connections. Cheap to clone; every clone shares the connections.

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderMap;
use url::Url;

use crate::{
    Config, Error, Result,
    auth::Credentials,
    config::is_this_machine,
    observe::{LastRequest, RequestDebug},
    pipeline::{Cache, CacheUse, Call, CallOptions, CircuitChange, CircuitHook, Stations, Templates, Tenant},
    raw,
    state::{CircuitState, Leases, Scope, Store},
};

/// A client of the service.
///
/// Cheap to clone; clones share connections and settings. What differs from call to call (a deadline, another version)
/// is set on a clone: `client.deadline(..).bookings()`.
///
/// ```
/// # fn main() -> calcom::Result<()> {
/// let client = calcom::Client::new(calcom::ApiKey::new("cal_live_xxxxxxxxxxxxxx"))?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    raw: raw::Client,
}

/// What all clones of a client share.
pub(crate) struct Core {
    pub(crate) http: reqwest::Client,
    /// The base URL, without `/v2`.
    pub(crate) url: Url,
    pub(crate) credentials: Credentials,
    pub(crate) credential_headers: HeaderMap,
    pub(crate) config: Config,
    pub(crate) stations: Arc<Stations>,
    pub(crate) tenant: Tenant,
    pub(crate) last: LastRequest,
    pub(crate) templates: Templates,
}

impl Core {
    /// The base URL, without `/v2` and without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        trimmed(&self.url)
    }

    /// The base URL with this path after it, without parsing all of it for every request.
    pub(crate) fn address(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        match self.url.path().trim_end_matches('/') {
            "" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url
    }
}

fn trimmed(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

impl Client {
    /// A client for these credentials, with the default settings.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for an empty or unusable credential.
    pub fn new(credentials: impl Into<Credentials>) -> Result<Self> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with the settings and credentials that the environment names: see [`Config::from_env`] and
    /// [`Credentials::from_env`]. With the feature `redis`, `CALCOM_REDIS_URL` names the server to share state on.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`], naming the variable that is wrong.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder().config(Config::from_env()?).credentials(Credentials::from_env()?);
        #[cfg(feature = "redis")]
        let builder = match std::env::var("CALCOM_REDIS_URL") {
            Ok(url) if !url.trim().is_empty() => builder.redis(url.trim())?,
            _ => builder,
        };
        builder.build()
    }

    /// Sets a client up piece by piece.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The same client for another tenant: it shares the connections, and nothing else. Breaker, quota and answers are the
    /// tenant's own.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for an empty or unusable credential.
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Result<Self> {
        let credentials = credentials.into();
        let core = Core {
            http: self.core().http.clone(),
            url: self.core().url.clone(),
            credential_headers: credentials.headers()?,
            tenant: self.core().stations.tenant(self.core().base(), &credentials, &self.core().config),
            last: LastRequest::default(),
            templates: Templates::default(),
            stations: Arc::clone(&self.core().stations),
            credentials,
            config: self.core().config.clone(),
        };
        Ok(Self { raw: raw::Client(Call { core: Arc::new(core), options: self.raw.0.options.clone() }) })
    }

    fn core(&self) -> &Core {
        &self.raw.0.core
    }

    /// The settings of this client.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.core().config
    }

    /// Every operation of the service, typed, positional, through the same pipeline.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// What the last call of this client and its clones was and how it went; nothing unless
    /// [`debug.enabled`](crate::config::Debugging::enabled) is set (`CALCOM_V2_DEBUG`; the reference's
    /// `getLastRequestDebug`).
    #[must_use]
    pub fn last_request_debug(&self) -> Option<RequestDebug> {
        self.core().last.get()
    }

    /// Where this tenant's circuit breaker stands. With a shared store this asks the store.
    pub async fn circuit_state(&self) -> CircuitState {
        self.core().tenant.breaker.state().await
    }

    /// Closes this tenant's circuit breaker, in every process that shares it: for operators who know better.
    pub async fn reset_circuit(&self) {
        self.core().tenant.breaker.reset().await;
    }

    /// The answers that are kept for this client's credential.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache { answers: self.core().stations.answers.clone(), scope: self.core().tenant.scope }
    }

    /// Where leases are taken.
    pub(crate) fn leases(&self) -> Leases {
        self.core().stations.leases()
    }

    /// The name of a lease on what these parts name at this service: a hash, so that it shows nothing of them.
    pub(crate) fn lease_name(&self, parts: &[&str]) -> String {
        Scope::new(self.core().base(), parts).to_string()
    }

    /// Whose calls these are: a hash of the service's address and the credential.
    #[cfg(feature = "v1-compat")]
    pub(crate) fn scope(&self) -> crate::state::Scope {
        self.core().tenant.scope
    }

    /// Calls of this clone neither read the cache nor write it.
    #[must_use]
    pub fn bypass_cache(mut self) -> Self {
        self.raw.0.options.cache = CacheUse::Bypass;
        self
    }

    /// Calls of this clone ask the service, and keep its answer for others.
    #[must_use]
    pub fn refresh_cache(mut self) -> Self {
        self.raw.0.options.cache = CacheUse::Refresh;
        self
    }

    /// Whether calls of this clone wait for their turn when the quota is used up, in the place of `rate_limit.wait`.
    ///
    /// Those that do not fail with [`Error::RateLimit`], which says when there is room again.
    #[must_use]
    pub fn wait_for_quota(mut self, wait: bool) -> Self {
        self.raw.0.options.wait = Some(wait);
        self
    }

    /// Gives calls of this clone this long, attempts and waiting together, in the place of `timeout.total`.
    #[must_use]
    pub fn deadline(mut self, total: Duration) -> Self {
        self.raw.0.options.deadline = Some(total);
        self
    }

    /// Gives each attempt of this clone's calls so long at the most; the deadline stands over all of them.
    #[must_use]
    pub(crate) fn attempt_timeout(mut self, longest: Duration) -> Self {
        self.raw.0.options.attempt = Some(longest);
        self
    }

    /// Sends calls of this clone with another `cal-api-version` than the operation's own.
    ///
    /// For trying out a version that the document does not know; a version that the route does not know is answered
    /// with 404.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.raw.0.options.version = Some(version.into());
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api_url", &self.core().base())
            .field("credentials", &self.core().credentials)
            .field("options", &self.raw.0.options)
            .finish_non_exhaustive()
    }
}

/// Sets a [`Client`] up piece by piece.
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    credentials: Credentials,
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
    /// Who is calling; anonymous where nothing is said.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// All settings at once.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Where the service is; see [`Config::api_url`].
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.config.api_url = url.into();
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

    /// How often a request is sent at the most; see [`Retry::times`](crate::config::Retry::times).
    pub fn attempts(mut self, times: u32) -> Self {
        self.config.retry.times = times;
        self
    }

    /// Whether [`Client::last_request_debug`] has something to tell; see
    /// [`Debugging::enabled`](crate::config::Debugging::enabled).
    pub fn debug(mut self, enabled: bool) -> Self {
        self.config.debug.enabled = enabled;
        self
    }

    /// Where breaker, limiter and cache keep their state; this client's own memory where nothing is said.
    ///
    /// Clients that are given clones of one store share it.
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Shares breaker, limiter and cache with every process that is given the same Redis server: `redis://host:6379/`, or
    /// `rediss://` for TLS. No connection is made yet; while the server does not answer, calls go on without it.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for a URL that cannot be used.
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
    /// [`Error::Configuration`], naming the setting that cannot work.
    pub fn build(self) -> Result<Client> {
        self.config.check()?;
        let base = self.config.base_url()?;
        let http = connections(&self.config, &base)?;
        let stations = Arc::new(Stations::new(&self.config, self.store, self.hook));
        let core = Core {
            http,
            tenant: stations.tenant(trimmed(&base), &self.credentials, &self.config),
            stations,
            url: base,
            last: LastRequest::default(),
            templates: Templates::default(),
            credential_headers: self.credentials.headers()?,
            credentials: self.credentials,
            config: self.config,
        };
        Ok(Client { raw: raw::Client(Call { core: Arc::new(core), options: CallOptions::default() }) })
    }
}

pub(crate) const USER_AGENT: &str = concat!("calcom-rust/", env!("CARGO_PKG_VERSION"));

/// The service closes a connection that was idle for 5 s; a pool that keeps one longer hands out dead ones.
const IDLE: Duration = Duration::from_secs(4);

/// A connection that is not made in time was never sent on. To be told so, its time must end before the attempt's.
fn connect_timeout(config: &Config) -> Duration {
    config.timeout.connect.min(config.timeout.request / 10 * 9)
}

pub(crate) fn connections(config: &Config, base: &Url) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        // Told that none is allowed it does not keep a copy of every request either.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .referer(false)
        .connect_timeout(connect_timeout(config))
        .pool_idle_timeout(IDLE);
    // A proxy cannot reach this machine's loopback.
    let builder = if is_this_machine(base) { builder.no_proxy() } else { builder };
    tls(builder, base)?
        .build()
        .map_err(|error| Error::configuration(format!("no HTTP client: {}", error.without_url())))
}

/// TLS with the system's certificates; plain HTTP trusts nobody and reads no certificate.
#[cfg(feature = "rustls")]
fn tls(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let failed = |error: rustls::Error| Error::configuration(format!("no TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let tls = if base.scheme() == "https" {
        tls.with_platform_verifier().map_err(failed)?
    } else {
        tls.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(builder.tls_backend_preconfigured(tls.with_no_client_auth()))
}

#[cfg(not(feature = "rustls"))]
fn tls(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder> {
    if base.scheme() == "https" {
        return Err(Error::configuration("api_url is https, and the crate is built without the feature `rustls`"));
    }
    Ok(builder)
}
