//! Organizations: their teams, users, memberships, bookings, attributes, absences and routing forms.

mod attributes;
mod conferencing;
mod memberships;
mod out_of_office;
mod routing_forms;
#[cfg(feature = "schedules")]
mod schedules;
mod teams;
mod user;
mod users;

pub use attributes::Attributes;
pub use conferencing::UserConferencing;
pub use memberships::OrganizationMemberships;
pub use out_of_office::OrganizationOutOfOffice;
pub use routing_forms::{RoutingFormFilter, RoutingForms};
#[cfg(feature = "schedules")]
pub use schedules::UserSchedules;
pub use teams::OrganizationTeams;
pub use user::OrganizationUserApi;
pub use users::{OrganizationUserFilter, OrganizationUsers};

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
/// use calcom::facade::{OrganizationUserFilter, OutOfOfficeFilter};
///
/// let organization = client.organization(1);
/// println!("{} users", organization.users().list(&OrganizationUserFilter::default()).await?.len());
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

    /// The teams of the organization.
    #[must_use]
    pub fn teams(&self) -> OrganizationTeams {
        OrganizationTeams { client: self.client.clone(), organization: self.id }
    }

    /// The users of the organization.
    #[must_use]
    pub fn users(&self) -> OrganizationUsers {
        OrganizationUsers { client: self.client.clone(), organization: self.id }
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

    /// The conferencing apps of one team of the organization. No request is sent. Those of a user are in
    /// [`OrganizationUserApi::conferencing`].
    ///
    /// Cargo feature: `organization-teams`.
    #[cfg(feature = "organization-teams")]
    #[must_use]
    pub fn team_conferencing(&self, team: impl Into<crate::model::TeamId>) -> crate::facade::Conferencing {
        let owner = crate::facade::conferencing::AppOwner::OrganizationTeam(self.id, team.into());
        crate::facade::Conferencing::of(&self.client, owner)
    }

    /// The memberships in the organization.
    #[must_use]
    pub fn memberships(&self) -> OrganizationMemberships {
        OrganizationMemberships { client: self.client.clone(), organization: self.id }
    }

    /// The bookings of all members, personal ones too. On the hosted service they are paged by cursor.
    ///
    /// Cargo feature: `bookings`.
    #[cfg(feature = "bookings")]
    #[must_use]
    pub fn bookings(&self) -> crate::facade::BookingList {
        crate::facade::BookingList::of(self.client.raw().list_organization_bookings(self.id.0))
    }

    /// The attributes of the users, and their assignments.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        Attributes { client: self.client.clone(), organization: self.id }
    }

    /// The routing forms of the organization and its teams, and the responses to them.
    #[must_use]
    pub fn routing_forms(&self) -> RoutingForms {
        RoutingForms { client: self.client.clone(), organization: self.id, team: None }
    }

    /// The absences of all users of the organization.
    #[must_use]
    pub fn out_of_office(&self) -> OrganizationOutOfOffice {
        OrganizationOutOfOffice { client: self.client.clone(), organization: self.id, email: None }
    }
}
