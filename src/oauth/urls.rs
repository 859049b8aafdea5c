//! The addresses of a service: where users consent, and where tokens are issued.

use url::Url;

use crate::{Config, Error, Result, config::is_loopback};

/// Addresses of a service that change together: the page where users consent, and the API, which also issues the tokens.
///
/// ```
/// use calcom::oauth::OAuthUrls;
///
/// let hosted = OAuthUrls::hosted();
/// assert_eq!(hosted.authorize_url(), "https://app.cal.com/auth/oauth2/authorize");
/// assert_eq!(hosted.api_url(), "https://api.cal.com/v2");
/// // A self-hosted server has both, the web application and the API.
/// let own = OAuthUrls::self_hosted("https://cal.example.org", "https://api.cal.example.org/v2");
/// assert_eq!(own.authorize_url(), "https://cal.example.org/auth/oauth2/authorize");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthUrls {
    authorize_url: String,
    api_url: String,
}

impl OAuthUrls {
    /// The hosted service, at `app.cal.com` and `api.cal.com`.
    #[must_use]
    pub fn hosted() -> Self {
        Self::self_hosted("https://app.cal.com", "https://api.cal.com/v2")
    }

    /// The hosted service in the European Union, at `app.cal.eu` and `api.cal.eu`.
    #[must_use]
    pub fn eu() -> Self {
        Self::self_hosted("https://app.cal.eu", "https://api.cal.eu/v2")
    }

    /// A self-hosted server: the base URL of its web application, and that of its API.
    #[must_use]
    pub fn self_hosted(web_url: &str, api_url: &str) -> Self {
        let authorize_url = format!("{}/auth/oauth2/authorize", web_url.trim().trim_end_matches('/'));
        Self { authorize_url, api_url: api_url.trim().to_owned() }
    }

    /// Returns the page where users consent.
    #[must_use]
    pub fn authorize_url(&self) -> &str {
        &self.authorize_url
    }

    /// Returns the base URL of the API.
    #[must_use]
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The settings of clients of this service.
    pub(super) fn configure(&self, mut config: Config) -> Config {
        config.api_url.clone_from(&self.api_url);
        config
    }

    /// The page where users consent.
    pub(super) fn parse_authorize(&self, config: &Config) -> Result<Url> {
        let url = Url::parse(&self.authorize_url)
            .map_err(|error| refused("the web address", &format!("is not a URL: {error}")))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if config.allow_http || is_loopback(&url) => Ok(url),
            _ => Err(refused("the web address", "must be https")),
        }
    }
}

/// Checks the address of the redirect by the rules of the service: https, or http on this machine, without a fragment. It is
/// sent as it is written, because the service compares bytes.
pub(super) fn check_redirect_uri(uri: &str) -> Result<()> {
    let what = "the redirect URI";
    let url = Url::parse(uri).map_err(|error| refused(what, &format!("is not a URL: {error}")))?;
    let is_local = is_loopback(&url) || url.host_str().is_some_and(|host| host.ends_with(".local"));
    match url.scheme() {
        _ if url.fragment().is_some() => Err(refused(what, "must not have a fragment")),
        "https" => Ok(()),
        "http" if is_local => Ok(()),
        "http" => Err(refused(what, "must be https, unless it is on this machine")),
        _ => Err(refused(what, "must be https: the service registers no schemes of apps")),
    }
}

fn refused(what: &str, why: &str) -> Error {
    Error::configuration(format!("{what} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_https_or_on_this_machine() {
        for good in ["https://example.org/back", "http://localhost:3000/back", "http://[::1]/", "http://mac.local/"] {
            assert!(check_redirect_uri(good).is_ok(), "{good}");
        }
        for bad in ["http://example.org/", "app://back", "https://example.org/#x", "/back", ""] {
            let error = check_redirect_uri(bad).expect_err(bad);
            assert!(error.to_string().contains("the redirect URI"), "{error}");
        }
        let error = check_redirect_uri("/back").expect_err("no URL");
        assert_eq!(error.to_string(), "configuration: the redirect URI is not a URL: relative URL without a base");
    }
}
