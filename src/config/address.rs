//! The address of the service.

use url::{Host, Url};

use crate::{Config, Error, Result};

impl Config {
    /// Parses `api_url` and removes `/v2` and slashes at its end.
    pub(crate) fn base_url(&self) -> Result<Url> {
        let mut url = Url::parse(self.api_url.trim())
            .map_err(|error| Error::configuration(format!("api_url is not a URL: {error}")))?;
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

/// Whether the host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
