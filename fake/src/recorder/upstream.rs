//! The recorder's connection to the service. It follows no redirect and retries nothing, so that exchanges are recorded as
//! they are.

use std::io;
use std::time::Duration;

use url::{Host, Url};

/// An HTTP client for `service`, and its base URL without a trailing slash.
pub(super) fn connect(service: &str) -> io::Result<(reqwest::Client, String)> {
    let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
    let base = Url::parse(service.trim()).map_err(|error| invalid(format!("not a URL: {error}")))?;
    if !matches!(base.scheme(), "http" | "https") || base.query().is_some() || base.fragment().is_some() {
        return Err(invalid("the service's URL must be http or https, without a query".to_owned()));
    }
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10));
    // An HTTP proxy cannot reach the loopback of this machine.
    let builder = if is_loopback(&base) { builder.no_proxy() } else { builder };
    let client =
        tls(builder, &base).and_then(|builder| builder.build().map_err(|error| error.without_url().to_string()));
    let client = client.map_err(|error| invalid(format!("no HTTP client: {error}")))?;
    Ok((client, base.as_str().trim_end_matches('/').to_owned()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// TLS with the system's certificates. They are not read for plain HTTP on this machine.
#[cfg(feature = "rustls")]
fn tls(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder, String> {
    let builder = builder.tls_backend_rustls();
    Ok(if base.scheme() == "http" && is_loopback(base) { builder.tls_certs_only([]) } else { builder })
}

#[cfg(not(feature = "rustls"))]
fn tls(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder, String> {
    if base.scheme() == "https" {
        return Err("the service is https, and calcom-fake is built without the feature `rustls`".to_owned());
    }
    Ok(builder)
}
