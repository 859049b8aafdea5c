//! Addresses that only a browser visits.

use std::fmt;

use super::encode::encode_path;
use crate::{Error, Result, pipeline::CallContext};

/// An address of the service that a browser is redirected to after consent; from
/// [`RawClient::calendar_redirect`](super::RawClient::calendar_redirect) and its like.
///
/// A provider (Google, Zoom, Stripe) redirects the browser there with `code` and `state`. The service stores the connection and
/// redirects the browser with HTTP 301 to `returnTo`, or to `onErrorReturnTo` on a refusal, or if the consent took longer than
/// 10 minutes. For conferencing both are parameters of `get_conferencing_auth_url`, which returns the address of the consent
/// page; `connect_calendar` and `connect_stripe` return it for calendars and Stripe.
///
/// The address without a query is the redirect URI to register with the provider. It is needed on self-hosted servers.
///
/// ```
/// # #[cfg(feature = "calendars")]
/// # fn example() -> calcom::Result<()> {
/// let client = calcom::Client::builder()
///     .credentials(calcom::ApiKey::new("cal_test_key"))
///     .api_url("https://cal.example.org")
///     .build()?;
/// let address = client.raw().calendar_redirect("google")?;
/// assert_eq!(address.redirect_uri(), "https://cal.example.org/v2/calendars/google/save");
/// # Ok(()) }
/// # #[cfg(feature = "calendars")]
/// # example().unwrap();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserUrl(String);

impl BrowserUrl {
    /// `template` has its parameters in braces.
    pub(super) fn new(call: &CallContext, template: &str, values: &[(&str, String)]) -> Result<Self> {
        let mut path = template.to_owned();
        for (name, value) in values {
            if matches!(value.as_str(), "" | "." | "..") {
                return Err(Error::invalid(*name, "cannot stand in a path"));
            }
            path = path.replace(&format!("{{{name}}}"), &encode_path(value));
        }
        Ok(Self([call.pipeline.endpoint.base(), &path].concat()))
    }

    /// Returns the address without a query, as it is registered with a provider.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.0
    }

    /// Returns the address as a provider redirects to it, with its `code` and the `state` of the consent page. Both are
    /// secrets: the `state` can hold the credential of the caller.
    #[must_use]
    pub fn with_answer(&self, code: &str, state: &str) -> String {
        format!("{}?code={}&state={}", self.0, encode_path(code), encode_path(state))
    }
}

impl fmt::Debug for BrowserUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BrowserUrl").field(&self.0).finish()
    }
}

impl fmt::Display for BrowserUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
