//! One user of an organization.

use crate::{
    Client, Error, Result,
    facade::{
        CheckBefore, fetch_documented,
        out_of_office::{AbsentUser, OutOfOffice},
    },
    model::{OrganizationId, OrganizationUser, UserId},
    raw::types,
};

/// One user of an organization; from [`OrganizationApi::user`](super::OrganizationApi::user).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{CreateOutOfOffice, UpdateOrganizationUser};
/// use jiff::civil::date;
///
/// let user = client.organization(1).user(3);
/// user.update(&UpdateOrganizationUser::new().time_zone("Europe/Vienna")).await?;
/// user.out_of_office().create(&CreateOutOfOffice::new(date(2027, 5, 1), date(2027, 5, 10)).to_user_id(4)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationUserApi {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
    pub(super) user: UserId,
}

impl OrganizationUserApi {
    /// The id of the user.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.user
    }

    /// Changes the user (`PATCH /v2/organizations/{orgId}/users/{userId}`).
    ///
    /// Takes an [`&UpdateOrganizationUser`](crate::model::UpdateOrganizationUser), or the generated request for all fields of the
    /// service.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone; [`Error::Permission`] for a user that is
    /// unknown or outside the organization.
    pub async fn update(
        &self,
        changes: impl TryInto<types::UpdateOrganizationUser, Error: Into<Error>>,
    ) -> Result<OrganizationUser> {
        let body = changes.try_into().before("update_organization_user")?;
        let request = self.client.raw().update_organization_user(self.organization.0, self.user.0, &body);
        fetch_documented(request).await
    }

    /// Deletes the user, not only the membership (`DELETE /v2/organizations/{orgId}/users/{userId}`), and returns what the user
    /// was. [`OrganizationMemberships::remove`](super::OrganizationMemberships::remove) ends a membership.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] for a user that is unknown or outside the organization.
    pub async fn delete(&self) -> Result<OrganizationUser> {
        fetch_documented(self.client.raw().delete_organization_user(self.organization.0, self.user.0)).await
    }

    /// The bookings that the user hosts, personal ones too.
    ///
    /// Cargo feature: `bookings`.
    #[cfg(feature = "bookings")]
    #[must_use]
    pub fn bookings(&self) -> crate::facade::BookingList {
        let request = self.client.raw().list_organization_user_bookings(self.organization.0, self.user.0);
        crate::facade::BookingList::of(request)
    }

    /// The schedules of the user.
    ///
    /// Cargo feature: `schedules`.
    #[cfg(feature = "schedules")]
    #[must_use]
    pub fn schedules(&self) -> super::UserSchedules {
        super::UserSchedules { client: self.client.clone(), organization: self.organization, user: self.user }
    }

    /// The conferencing apps of the user, on the hosted service.
    #[must_use]
    pub fn conferencing(&self) -> super::UserConferencing {
        super::UserConferencing { client: self.client.clone(), organization: self.organization, user: self.user }
    }

    /// The absences of the user.
    #[must_use]
    pub fn out_of_office(&self) -> OutOfOffice {
        OutOfOffice::of(&self.client, AbsentUser::OfOrganization(self.organization, self.user))
    }
}
