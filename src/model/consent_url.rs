//! Addresses of consent pages.

use std::fmt;

/// The address of a page where a user lets Cal.com use an account: a calendar, a conferencing app.
///
/// It is opened at the top level of a browser, within 10 minutes. It is a secret: its `state` can hold the credential of the
/// caller. `Debug` does not show it.
///
/// ```no_run
/// # #[cfg(feature = "calendars")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let page = client.calendars().connect("google", None).await?;
/// let html = format!("<a href=\"{}\" target=\"_top\">Connect</a>", page.as_str());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentUrl(String);

impl ConsentUrl {
    #[cfg(any(feature = "calendars", feature = "conferencing", feature = "organization-teams"))]
    pub(crate) fn new(url: String) -> Self {
        Self(url)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConsentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsentUrl([redacted])")
    }
}
