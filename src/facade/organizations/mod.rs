//! Organizations: their teams, users, memberships, bookings, attributes, absences and routing forms.

mod out_of_office;
mod user;

pub use out_of_office::OrganizationOutOfOffice;
pub use user::OrganizationUserApi;

use crate::{
    Client,
    model::{OrganizationId, UserId},
};

/// One organization; from [`Client::organization`].
///
/// Most operations need the role of an administrator of the organization ([`Error::Permission`](crate::Error::Permission)).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::OutOfOfficeFilter;
///
/// let organization = client.organization(1);
/// for absence in &organization.out_of_office().list(&OutOfOfficeFilter::default()).await? {
///     println!("{:?}: {} to {}", absence.user_id, absence.first_day(), absence.last_day());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationApi {
    client: Client,
    id: OrganizationId,
}

impl Client {
    /// One organization. No request is sent.
    ///
    /// Cargo feature: `organizations`.
    #[must_use]
    pub fn organization(&self, id: impl Into<OrganizationId>) -> OrganizationApi {
        OrganizationApi { client: self.clone(), id: id.into() }
    }
}

impl OrganizationApi {
    /// The number of the organization.
    #[must_use]
    pub fn id(&self) -> OrganizationId {
        self.id
    }

    /// One user of the organization. No request is sent.
    #[must_use]
    pub fn user(&self, user: impl Into<UserId>) -> OrganizationUserApi {
        OrganizationUserApi { client: self.client.clone(), organization: self.id, user: user.into() }
    }

    /// One team of the organization. No request is sent.
    ///
    /// Cargo feature: `organization-teams`.
    #[cfg(feature = "organization-teams")]
    #[must_use]
    pub fn team(&self, id: impl Into<crate::model::TeamId>) -> crate::facade::TeamApi {
        let route = crate::facade::teams::TeamRoute::OfOrganization(self.id);
        crate::facade::TeamApi { client: self.client.clone(), id: id.into(), route }
    }

    /// The absences of all users of the organization.
    #[must_use]
    pub fn out_of_office(&self) -> OrganizationOutOfOffice {
        OrganizationOutOfOffice { client: self.client.clone(), organization: self.id, email: None }
    }
}
