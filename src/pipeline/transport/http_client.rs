//! Builds the HTTP clients: one for each pool of connections.

use std::{error::Error as StdError, fmt::Write as _, sync::Arc, time::Duration};

use url::Url;

use crate::{Config, Error, Result, config::is_loopback};

pub(in crate::pipeline) const USER_AGENT: &str = concat!("calcom-rust/", env!("CARGO_PKG_VERSION"));

/// Changes the builder of an HTTP client.
pub(crate) type HttpHook = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// Interval of pings on an HTTP/2 connection with requests in flight, and how long their answer may take. Together they are
/// shorter than an attempt: a request that is out of time leaves its connection open, and the next one would take it.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Longer than any attempt, because a timeout that the hook has set can only be replaced. reqwest adds it to the present instant.
const NO_TIMEOUT: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

/// Upper bound of the idle time, which is added to the present instant.
const MAX_IDLE: Duration = NO_TIMEOUT;

/// Shorter than an attempt: the request of a connection that is not established in time was never sent, and the error says so.
fn connect_timeout(config: &Config) -> Duration {
    config.timeout.connect.min(config.timeout.request / 10 * 9)
}

/// What the HTTP clients of one service have in common.
pub(super) struct HttpClients {
    base: Url,
    hook: Option<HttpHook>,
    connect_timeout: Duration,
}

impl HttpClients {
    pub(super) fn new(config: &Config, base: &Url, hook: Option<&HttpHook>) -> Self {
        Self { base: base.clone(), hook: hook.cloned(), connect_timeout: connect_timeout(config) }
    }

    /// Whether the caller changes the HTTP clients.
    pub(super) fn has_hook(&self) -> bool {
        self.hook.is_some()
    }

    /// A client that keeps idle connections for `idle`; none if that is zero.
    pub(super) fn build(&self, idle: Duration) -> Result<reqwest::Client> {
        let builder = builder(&self.base, self.hook.as_ref())?
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(idle.min(MAX_IDLE));
        let builder = if idle.is_zero() { builder.pool_max_idle_per_host(0) } else { builder };
        builder.build().map_err(|error| Error::configuration(format!("no HTTP client: {}", text(&error.without_url()))))
    }
}

fn builder(base: &Url, hook: Option<&HttpHook>) -> Result<reqwest::ClientBuilder> {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_TIMEOUT);
    // A proxy cannot reach the loopback addresses of this machine.
    let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
    let builder = tls(builder, base, hook.is_some())?;
    let builder = match hook {
        // The pipeline bounds the time of attempts.
        Some(hook) => hook(builder).timeout(NO_TIMEOUT).read_timeout(NO_TIMEOUT),
        None => builder,
    };
    // Redirects and retries are the pipeline's, whatever the hook sets.
    Ok(builder
        .redirect(reqwest::redirect::Policy::none())
        // With a limit of zero reqwest makes no copy of every request for a retry.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .referer(false))
}

/// The error and its causes.
fn text(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// TLS with the system's certificates. No certificate is read if no connection can need one.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn tls(builder: reqwest::ClientBuilder, base: &Url, has_hook: bool) -> Result<reqwest::ClientBuilder> {
    // reqwest has a provider with the feature `rustls`.
    #[cfg(not(feature = "rustls"))]
    crate::tls::ensure_provider();
    Ok(without_certificates(builder.tls_backend_rustls(), base, has_hook))
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "rustls-ring"))))]
fn tls(builder: reqwest::ClientBuilder, base: &Url, has_hook: bool) -> Result<reqwest::ClientBuilder> {
    Ok(without_certificates(builder.tls_backend_native(), base, has_hook))
}

#[cfg(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring"))]
fn without_certificates(builder: reqwest::ClientBuilder, base: &Url, has_hook: bool) -> reqwest::ClientBuilder {
    let needs_none = base.scheme() == "http" && is_loopback(base) && !has_hook;
    if needs_none { builder.tls_certs_only([]) } else { builder }
}

#[cfg(not(any(feature = "native-tls", feature = "rustls", feature = "rustls-ring")))]
fn tls(builder: reqwest::ClientBuilder, base: &Url, _: bool) -> Result<reqwest::ClientBuilder> {
    if base.scheme() == "https" {
        return Err(Error::configuration(
            "api_url is https, and the crate is built without the features `rustls`, `rustls-ring` and `native-tls`",
        ));
    }
    Ok(builder)
}
