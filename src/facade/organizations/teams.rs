//! The teams of an organization.

use crate::{
    Client, Error, Result,
    facade::{
        CheckBefore, ItemStream, List, fetch_documented,
        items::{collect_items, stream_items},
    },
    model::{OrganizationId, Team},
    raw::types,
};

/// The teams of an organization; from [`OrganizationApi::teams`](super::OrganizationApi::teams).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::CreateTeam;
///
/// let teams = client.organization(1).teams();
/// let sales = teams.create(&CreateTeam::new("Sales").auto_accept_creator(true)).await?;
/// println!("{} is one of {} teams", sales.id, teams.list().await?.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationTeams {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
}

impl OrganizationTeams {
    /// Lists all teams, page by page (`GET /v2/organizations/{orgId}/teams`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] if the caller is no administrator of the organization.
    pub async fn list(&self) -> Result<List<Team>> {
        self.stream().try_collect().await
    }

    /// Streams the teams of [`list`](Self::list), page by page.
    pub fn stream(&self) -> ItemStream<Team> {
        stream_items(self.client.raw().list_organization_teams(self.organization.0))
    }

    /// Lists the teams that the caller is a member of, with the caller's role (`GET /v2/organizations/{orgId}/teams/me`). For an
    /// administrator of the organization these are all teams, those without a role included.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] if the caller is no member of the organization.
    pub async fn list_mine(&self) -> Result<List<Team>> {
        collect_items(self.client.raw().list_my_organization_teams(self.organization.0)).await
    }

    /// Creates a team (`POST /v2/organizations/{orgId}/teams`).
    ///
    /// Takes a [`&CreateTeam`](crate::model::CreateTeam), or the generated request for all fields of the service.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for a name that is empty or too long, an unknown time zone, or a logo
    /// that is no absolute URL. [`Error::Conflict`] for a slug that the organization has already.
    pub async fn create(&self, team: impl TryInto<types::CreateOrganizationTeam, Error: Into<Error>>) -> Result<Team> {
        let body = team.try_into().before("create_organization_team")?;
        fetch_documented(self.client.raw().create_organization_team(self.organization.0, &body)).await
    }
}
