//! The users of an organization.

use crate::{
    Client, Error, Result,
    facade::{CheckBefore, ItemStream, List, fetch_documented, items::stream_items},
    model::{AttributeOptionId, OrganizationId, OrganizationUser, TeamId},
    raw::types,
    redact::debug_shows,
};

/// The users of an organization; from [`OrganizationApi::users`](super::OrganizationApi::users).
/// [`OrganizationApi::user`](super::OrganizationApi::user) is one of them.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::OrganizationUserFilter, model::CreateOrganizationUser};
///
/// let users = client.organization(1).users();
/// users.create(&CreateOrganizationUser::new("frieda@example.com").time_zone("Europe/Berlin")).await?;
/// let filter = OrganizationUserFilter::default().email("frieda@example.com");
/// println!("{} users", users.list(&filter).await?.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationUsers {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
}

/// The filter of a list of users of an organization. The default filter lists all.
///
/// ```
/// use calcom::facade::OrganizationUserFilter;
///
/// let filter = OrganizationUserFilter::default().email("john@example.com").email("jane@example.com").team(4);
/// // let users = client.organization(1).users().list(&filter).await?;
/// # assert_eq!(filter.emails.len(), 2);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrganizationUserFilter {
    /// Only users with one of these e-mail addresses.
    pub emails: Vec<String>,
    /// Only users with all of these options of attributes, or with one of them if [`any_option`](Self::any_option) is set.
    pub assigned_option_ids: Vec<AttributeOptionId>,
    /// Whether one of the options is enough.
    pub any_option: bool,
    /// Only members of one of these teams.
    pub team_ids: Vec<TeamId>,
}

debug_shows!(OrganizationUserFilter { assigned_option_ids, any_option, team_ids });

impl OrganizationUserFilter {
    /// Adds an e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.emails.push(email.into());
        self
    }

    /// Adds an option of an attribute.
    #[must_use]
    pub fn assigned_option(mut self, option: impl Into<AttributeOptionId>) -> Self {
        self.assigned_option_ids.push(option.into());
        self
    }

    /// Sets whether one of the options is enough.
    #[must_use]
    pub fn any_option(mut self, any: bool) -> Self {
        self.any_option = any;
        self
    }

    /// Adds a team.
    #[must_use]
    pub fn team(mut self, team: impl Into<TeamId>) -> Self {
        self.team_ids.push(team.into());
        self
    }
}

impl OrganizationUsers {
    /// Lists the users that match the filter, and reads all pages (`GET /v2/organizations/{orgId}/users`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] if the caller is no administrator of the organization.
    pub async fn list(&self, filter: &OrganizationUserFilter) -> Result<List<OrganizationUser>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the users of [`list`](Self::list), page by page.
    pub fn stream(&self, filter: &OrganizationUserFilter) -> ItemStream<OrganizationUser> {
        let mut request = self.client.raw().list_organization_users(self.organization.0);
        for email in &filter.emails {
            request = request.emails(email);
        }
        for option in &filter.assigned_option_ids {
            request = request.assigned_option_ids(option);
        }
        for team in &filter.team_ids {
            request = request.team_ids(team.0);
        }
        let any = filter.any_option.then_some(types::AttributeQueryOperator::Or);
        stream_items(request.set(any, |request, operator| request.attribute_query_operator(operator)))
    }

    /// Creates a user in the organization (`POST /v2/organizations/{orgId}/users`).
    ///
    /// Takes a [`&CreateOrganizationUser`](crate::model::CreateOrganizationUser), or the generated request for all fields of the
    /// service.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone. [`Error::Conflict`] for an e-mail address or a
    /// name in links that is taken. Else as [`list`](Self::list).
    pub async fn create(
        &self,
        user: impl TryInto<types::CreateOrganizationUser, Error: Into<Error>>,
    ) -> Result<OrganizationUser> {
        let body = user.try_into().before("create_organization_user")?;
        fetch_documented(self.client.raw().create_organization_user(self.organization.0, &body)).await
    }
}
