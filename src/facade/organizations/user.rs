//! One user of an organization.

use crate::{
    Client,
    facade::out_of_office::{AbsentUser, OutOfOffice},
    model::{OrganizationId, UserId},
};

/// One user of an organization; from [`OrganizationApi::user`](super::OrganizationApi::user).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::CreateOutOfOffice;
/// use jiff::civil::date;
///
/// let user = client.organization(1).user(3);
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
    /// The number of the user.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.user
    }

    /// The absences of the user.
    #[must_use]
    pub fn out_of_office(&self) -> OutOfOffice {
        OutOfOffice::of(&self.client, AbsentUser::OfOrganization(self.organization, self.user))
    }
}
