//! The memberships in an organization.

use crate::{
    Client, Result,
    facade::{ItemStream, List, fetch_documented, items::stream_items},
    model::{CreateMembership, MembershipId, OrganizationId, OrganizationMembership, UpdateMembership},
};

/// The memberships in an organization; from [`OrganizationApi::memberships`](super::OrganizationApi::memberships).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{MembershipRole, UpdateMembership};
///
/// let memberships = client.organization(1).memberships();
/// for membership in &memberships.list().await? {
///     println!("{}: {}", membership.user_id, membership.role);
/// }
/// memberships.update(106, &UpdateMembership::new().role(MembershipRole::Admin)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationMemberships {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
}

impl OrganizationMemberships {
    /// Lists all memberships, page by page (`GET /v2/organizations/{orgId}/memberships`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator of the organization.
    pub async fn list(&self) -> Result<List<OrganizationMembership>> {
        self.stream().try_collect().await
    }

    /// Streams the memberships of [`list`](Self::list), page by page.
    pub fn stream(&self) -> ItemStream<OrganizationMembership> {
        stream_items(self.client.raw().list_organization_memberships(self.organization.0))
    }

    /// Reads one membership (`GET .../memberships/{membershipId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one; else as [`list`](Self::list).
    pub async fn get(&self, id: impl Into<MembershipId>) -> Result<OrganizationMembership> {
        fetch_documented(self.client.raw().get_organization_membership(self.organization.0, id.into().0)).await
    }

    /// Adds a user to the organization (`POST .../memberships`). The membership of a member is changed.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn add(&self, membership: &CreateMembership) -> Result<OrganizationMembership> {
        let request = self.client.raw().create_organization_membership(self.organization.0, &membership.into());
        fetch_documented(request).await
    }

    /// Changes a membership (`PATCH .../memberships/{membershipId}`). An administrator can make members owners.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn update(
        &self,
        id: impl Into<MembershipId>,
        changes: &UpdateMembership,
    ) -> Result<OrganizationMembership> {
        let (id, body) = (id.into(), changes.into());
        fetch_documented(self.client.raw().update_organization_membership(self.organization.0, id.0, &body)).await
    }

    /// Removes a user from the organization (`DELETE .../memberships/{membershipId}`), and returns the membership as it was.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn remove(&self, id: impl Into<MembershipId>) -> Result<OrganizationMembership> {
        fetch_documented(self.client.raw().delete_organization_membership(self.organization.0, id.into().0)).await
    }
}
