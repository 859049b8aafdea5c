//! The service's address and the credentials.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use url::Url;

use crate::{Config, Result, auth::Credentials};

/// The service's address and the caller's credentials.
pub(crate) struct Endpoint {
    /// The base URL, without `/v2`.
    url: Arc<Url>,
    credentials: Credentials,
    headers: Box<[(HeaderName, HeaderValue)]>,
}

impl Endpoint {
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a URL or a credential that cannot be used.
    pub(super) fn new(config: &Config, credentials: Credentials) -> Result<Self> {
        Ok(Self { url: Arc::new(config.base_url()?), headers: pairs(credentials.headers()?), credentials })
    }

    /// The same address with other credentials.
    pub(super) fn with_credentials(&self, credentials: Credentials) -> Result<Self> {
        Ok(Self { url: Arc::clone(&self.url), headers: pairs(credentials.headers()?), credentials })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The headers that carry the credentials.
    pub(crate) fn credential_headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The value of `Authorization`, if that is the only header that carries the credentials.
    pub(super) fn bearer(&self) -> Option<&HeaderValue> {
        match &*self.headers {
            [(name, value)] if name == AUTHORIZATION => Some(value),
            _ => None,
        }
    }

    /// The base URL, without `/v2` and without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The base URL followed by `path`. Copying the parsed base URL is cheaper than parsing the whole for every request.
    pub(super) fn address(&self, path: &str) -> Url {
        let mut url = Url::clone(&self.url);
        match self.url.path().trim_end_matches('/') {
            "" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url
    }
}

/// A map takes more memory.
fn pairs(headers: HeaderMap) -> Box<[(HeaderName, HeaderValue)]> {
    let pairs = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    pairs.collect()
}
