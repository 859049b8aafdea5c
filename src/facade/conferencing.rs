//! Conferencing apps: connecting, listing, choosing the default.

use crate::{
    Client, Error, Result,
    facade::{List, fetch_documented, items::fetch_read},
    model::{ConferencingApp, ConsentUrl, DefaultConferencingApp},
};

/// The conferencing apps of the caller; from [`Client::conferencing`].
///
/// An app has a name in paths: `google-meet`, `zoom`, `msteams`. `daily-video`, the video of Cal.com, needs no connection.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let apps = client.conferencing();
/// // The user opens this page, and comes back to the first address, or on a refusal to the second.
/// let page = apps.connect("zoom", "https://app.example.com/done", "https://app.example.com/failed").await?;
/// println!("{} characters", page.as_str().len());
/// apps.set_default("zoom").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Conferencing {
    client: Client,
}

impl Client {
    /// The conferencing apps of the caller.
    ///
    /// Cargo feature: `conferencing`.
    #[must_use]
    pub fn conferencing(&self) -> Conferencing {
        Conferencing { client: self.clone() }
    }
}

impl Conferencing {
    /// Lists the connected apps (`GET /v2/conferencing`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid credential.
    pub async fn list(&self) -> Result<List<ConferencingApp>> {
        fetch_documented(self.client.raw().list_conferencing_apps()).await
    }

    /// Reads the default app (`GET /v2/conferencing/default`); `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn default(&self) -> Result<Option<DefaultConferencingApp>> {
        fetch_read(self.client.raw().get_default_conferencing_app()).await
    }

    /// Returns the address of the page where a user connects `zoom` or `msteams` (`GET /v2/conferencing/{app}/oauth/auth-url`).
    ///
    /// After consent the browser is sent to `return_to`; after a refusal, or if it took longer than 10 minutes, to
    /// `on_error_return_to`. Both are relative paths or absolute addresses. An existing connection is replaced. The address
    /// that the app sends the browser back to, to be registered with it, is
    /// [`RawClient::conferencing_redirect`](crate::raw::RawClient::conferencing_redirect).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an app without such a page, for addresses of another kind, and if the server has no keys for the
    /// app.
    pub async fn connect(
        &self,
        app: impl AsRef<str>,
        return_to: impl AsRef<str>,
        on_error_return_to: impl AsRef<str>,
    ) -> Result<ConsentUrl> {
        let raw = self.client.raw();
        let request = raw.get_conferencing_auth_url(app.as_ref(), return_to.as_ref(), on_error_return_to.as_ref());
        let answer = request.await?.into_inner().data;
        let url = answer.url.or(answer.auth_url);
        url.map(ConsentUrl::new).ok_or_else(|| Error::empty("at `data.url`: an address is missing"))
    }

    /// Connects `google-meet`, through the caller's connected Google Calendar (`POST /v2/conferencing/google-meet/connect`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] without a connected Google Calendar, and if it is connected already.
    pub async fn connect_google_meet(&self) -> Result<ConferencingApp> {
        fetch_documented(self.client.raw().connect_conferencing_app("google-meet")).await
    }

    /// Sets the conferencing app of event types without a location of their own (`POST /v2/conferencing/{app}/default`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an app that is not connected.
    pub async fn set_default(&self, app: impl AsRef<str>) -> Result<()> {
        self.client.raw().set_default_conferencing_app(app.as_ref()).await.map(drop)
    }

    /// Disconnects an app (`DELETE /v2/conferencing/{app}/disconnect`).
    ///
    /// Self-hosted servers then drop the addresses, links and phone numbers of all locations of the caller's event types.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an app that is not connected.
    pub async fn disconnect(&self, app: impl AsRef<str>) -> Result<()> {
        self.client.raw().disconnect_conferencing_app(app.as_ref()).await.map(drop)
    }
}
