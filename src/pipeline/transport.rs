//! The HTTP client: timeouts, pool and TLS. The pipeline decides on redirects and retries, not the HTTP client.

use std::time::Duration;

use url::Url;

use crate::{Config, Error, Result, config::is_loopback};

pub(super) const USER_AGENT: &str = concat!("calcom-rust/", env!("CARGO_PKG_VERSION"));

/// A self-hosted service closes a connection after 5 s without requests. A pool that holds one longer hands out closed ones.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Shorter than an attempt: the request of a connection that is not established in time was never sent, and the error says so.
fn connect_timeout(config: &Config) -> Duration {
    config.timeout.connect.min(config.timeout.request / 10 * 9)
}

pub(crate) fn build_http_client(config: &Config, base: &Url) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        // With a limit of zero reqwest makes no copy of every request for a retry.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .referer(false)
        .connect_timeout(connect_timeout(config))
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    // A proxy cannot reach the loopback addresses of this machine.
    let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
    tls(builder, base)?
        .build()
        .map_err(|error| Error::configuration(format!("no HTTP client: {}", error.without_url())))
}

/// TLS with the system's certificates. For plain HTTP no certificate is read.
#[cfg(feature = "rustls")]
fn tls(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let failed = |error: rustls::Error| Error::configuration(format!("no TLS: {error}"));
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
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
