//! Conferencing apps of the caller, or of a team of an organization: connecting, listing, choosing the default.

use crate::{
    Client, Error, Result,
    facade::{List, fetch_documented, items::fetch_read},
    model::{ConferencingApp, ConsentUrl, DefaultConferencingApp},
    raw::{Request, types},
};

/// The conferencing apps of the caller, from [`Client::conferencing`], or of a team of an organization, from
/// `OrganizationApi::team_conferencing`.
///
/// An app has a name in paths: `google-meet`, `zoom`, `msteams`. `daily-video`, the video of Cal.com, needs no connection.
///
/// ```no_run
/// # #[cfg(feature = "conferencing")]
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
    owner: AppOwner,
}

/// The owner of the apps, as the routes name it.
#[derive(Debug, Clone, Copy)]
pub(super) enum AppOwner {
    #[cfg(feature = "conferencing")]
    Caller,
    #[cfg(feature = "organization-teams")]
    OrganizationTeam(crate::model::OrganizationId, crate::model::TeamId),
}

/// Makes the request of the operation that the owner's route leads to.
macro_rules! of_owner {
    ($apps:ident, $caller:ident | $organization_team:ident ($($argument:expr),*)) => {{
        let raw = $apps.client.raw();
        match $apps.owner {
            #[cfg(feature = "conferencing")]
            AppOwner::Caller => raw.$caller($($argument),*).erase(),
            #[cfg(feature = "organization-teams")]
            AppOwner::OrganizationTeam(organization, team) => {
                raw.$organization_team(organization.0, team.0 $(, $argument)*).erase()
            }
        }
    }};
}

impl Client {
    /// The conferencing apps of the caller.
    ///
    /// Cargo feature: `conferencing`.
    #[cfg(feature = "conferencing")]
    #[must_use]
    pub fn conferencing(&self) -> Conferencing {
        Conferencing::of(self, AppOwner::Caller)
    }
}

impl Conferencing {
    pub(super) fn of(client: &Client, owner: AppOwner) -> Self {
        Self { client: client.clone(), owner }
    }

    /// Lists the connected apps (`GET /v2/conferencing` or `/v2/organizations/{orgId}/teams/{teamId}/conferencing`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid credential; [`Error::Permission`] if the caller is no administrator of the team.
    pub async fn list(&self) -> Result<List<ConferencingApp>> {
        fetch_documented(of_owner!(self, list_conferencing_apps | list_organization_team_conferencing_apps())).await
    }

    /// Reads the default app (`GET .../conferencing/default`); `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn default(&self) -> Result<Option<DefaultConferencingApp>> {
        let request = of_owner!(self, get_default_conferencing_app | get_organization_team_default_conferencing_app());
        fetch_read(request).await
    }

    /// Returns the address of the page where a user connects `zoom` or `msteams` (`GET .../conferencing/{app}/oauth/auth-url`).
    ///
    /// After consent the browser is sent to `return_to`; after a refusal, or if it took longer than 10 minutes, to
    /// `on_error_return_to`. Both are relative paths or absolute addresses. An existing connection is replaced. The address
    /// that the app sends the browser back to, to be registered with it, is `conferencing_redirect` of
    /// [`RawClient`](crate::raw::RawClient), for a team `organization_team_conferencing_redirect`.
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
        let (app, return_to, on_error) = (app.as_ref(), return_to.as_ref(), on_error_return_to.as_ref());
        let request: Request<types::AuthUrlResponse> = of_owner!(
            self,
            get_conferencing_auth_url | get_organization_team_conferencing_auth_url(app, return_to, on_error)
        );
        let answer = request.await?.into_inner().data;
        let url = answer.url.or(answer.auth_url);
        url.map(ConsentUrl::new).ok_or_else(|| Error::empty("at `data.url`: an address is missing"))
    }

    /// Connects `google-meet`, through the connected Google Calendar (`POST .../conferencing/google-meet/connect`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] without a connected Google Calendar, and if it is connected already.
    pub async fn connect_google_meet(&self) -> Result<ConferencingApp> {
        let request =
            of_owner!(self, connect_conferencing_app | connect_organization_team_conferencing_app("google-meet"));
        fetch_documented(request).await
    }

    /// Sets the conferencing app of event types without a location of their own (`POST .../conferencing/{app}/default`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an app that is not connected.
    pub async fn set_default(&self, app: impl AsRef<str>) -> Result<()> {
        let app = app.as_ref();
        of_owner!(self, set_default_conferencing_app | set_organization_team_default_conferencing_app(app))
            .await
            .map(drop)
    }

    /// Disconnects an app (`DELETE .../conferencing/{app}/disconnect`).
    ///
    /// Self-hosted servers then drop the addresses, links and phone numbers of all locations of the event types of the caller or
    /// the team.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for an app that is not connected.
    pub async fn disconnect(&self, app: impl AsRef<str>) -> Result<()> {
        let app = app.as_ref();
        of_owner!(self, disconnect_conferencing_app | disconnect_organization_team_conferencing_app(app))
            .await
            .map(drop)
    }
}
