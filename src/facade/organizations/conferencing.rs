//! The conferencing apps of a user of an organization.

use crate::{
    Client, Result,
    facade::{List, fetch_documented},
    model::{OrganizationId, UserConferencingApp, UserId},
    raw::types,
};

/// The conferencing apps of a user of an organization, on the hosted service; from
/// [`OrganizationUserApi::conferencing`](super::OrganizationUserApi::conferencing). A user connects apps alone, through
/// `Client::conferencing`.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// let apps = client.organization(1).user(3).conferencing();
/// if apps.list().await?.iter().any(|app| app.app_slug.as_deref() == Some("zoom")) {
///     apps.set_default("zoom").await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct UserConferencing {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
    pub(super) user: UserId,
}

impl UserConferencing {
    /// Lists the connected apps (`GET /v2/organizations/{orgId}/users/{userId}/conferencing`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for a user that is unknown or outside the organization;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn list(&self) -> Result<List<UserConferencingApp>> {
        let raw = self.client.raw();
        fetch_documented(raw.list_organization_user_conferencing_apps(self.organization.0, self.user.0)).await
    }

    /// Sets the conferencing app of event types without a location of their own (`POST .../conferencing/default`): `google-meet`,
    /// `zoom`, `msteams` or `daily-video`.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an app that is not connected; else as [`list`](Self::list).
    pub async fn set_default(&self, app: impl AsRef<str>) -> Result<()> {
        let body = types::SetDefaultConferencingApp::new(app.as_ref().into());
        let raw = self.client.raw();
        let request = raw.set_organization_user_default_conferencing_app(self.organization.0, self.user.0, &body);
        request.await.map(drop)
    }
}
