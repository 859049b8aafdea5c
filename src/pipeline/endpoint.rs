//! The service's address and the credentials.

use http::HeaderMap;
use url::Url;

use crate::{Config, Result, auth::Credentials};

/// The service's address and the caller's credentials.
pub(crate) struct Endpoint {
    /// The base URL, without `/v2`.
    url: Url,
    credentials: Credentials,
    headers: HeaderMap,
}

impl Endpoint {
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL or a credential that cannot be used.
    pub(super) fn new(config: &Config, credentials: Credentials) -> Result<Self> {
        Ok(Self { url: config.base_url()?, headers: credentials.headers()?, credentials })
    }

    /// The same address with other credentials.
    pub(super) fn with_credentials(&self, credentials: Credentials) -> Result<Self> {
        Ok(Self { url: self.url.clone(), headers: credentials.headers()?, credentials })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The headers that carry the credentials.
    pub(crate) fn credential_headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The base URL, without `/v2` and without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The base URL followed by `path`. Copying the parsed base URL is cheaper than parsing the whole for every request.
    pub(super) fn address(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        match self.url.path().trim_end_matches('/') {
            "" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url
    }
}
