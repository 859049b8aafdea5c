//! The members of a team.

use super::{TeamApi, of_team};
use crate::{
    Result,
    facade::{ItemStream, List, fetch_documented, items::stream_items},
    model::{CreateMembership, MembershipId, TeamMembership, UpdateMembership},
    raw::types,
};

/// The members of a team, and those invited; from [`TeamApi::members`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{CreateMembership, MembershipRole, UpdateMembership};
///
/// let members = client.team(4).members();
/// let membership = members.add(&CreateMembership::new(7).accepted(true)).await?;
/// members.update(membership.id, &UpdateMembership::new().role(MembershipRole::Admin)).await?;
/// members.remove(membership.id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TeamMembers {
    team: TeamApi,
}

impl TeamApi {
    /// The members of the team.
    #[must_use]
    pub fn members(&self) -> TeamMembers {
        TeamMembers { team: self.clone() }
    }
}

impl TeamMembers {
    /// Lists all memberships, page by page (`GET .../memberships`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator of the team.
    pub async fn list(&self) -> Result<List<TeamMembership>> {
        self.stream().try_collect().await
    }

    /// Streams the memberships of [`list`](Self::list), page by page.
    pub fn stream(&self) -> ItemStream<TeamMembership> {
        stream_items(of_team!(self.team, list_team_memberships | list_organization_team_memberships()))
    }

    /// Reads one membership (`GET .../memberships/{membershipId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one; else as [`list`](Self::list).
    pub async fn get(&self, id: impl Into<MembershipId>) -> Result<TeamMembership> {
        let id = id.into();
        fetch_documented(of_team!(self.team, get_team_membership | get_organization_team_membership(id.0))).await
    }

    /// Adds a user to the team (`POST .../memberships`). The user is invited, unless the request says that the membership is
    /// accepted; a member of the organization is a member of its team at once.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) for a member; [`Error::Validation`](crate::Error::Validation) for an unknown
    /// user, or for one outside the organization of the team.
    pub async fn add(&self, membership: &CreateMembership) -> Result<TeamMembership> {
        let raw = self.team.client.raw();
        let request = match self.team.route {
            super::TeamRoute::Alone => raw.create_team_membership(self.team.id.0, &membership.into()),
            #[cfg(feature = "organization-teams")]
            super::TeamRoute::OfOrganization(organization) => {
                raw.create_organization_team_membership(organization.0, self.team.id.0, &membership.into())
            }
        };
        fetch_documented(request).await
    }

    /// Changes a membership (`PATCH .../memberships/{membershipId}`).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn update(&self, id: impl Into<MembershipId>, changes: &UpdateMembership) -> Result<TeamMembership> {
        let (id, body) = (id.into(), types::UpdateTeamMembership::from(changes));
        let request = of_team!(self.team, update_team_membership | update_organization_team_membership(id.0, &body));
        fetch_documented(request).await
    }

    /// Removes a member from the team (`DELETE .../memberships/{membershipId}`), and returns the membership as it was.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn remove(&self, id: impl Into<MembershipId>) -> Result<TeamMembership> {
        let id = id.into();
        fetch_documented(of_team!(self.team, delete_team_membership | delete_organization_team_membership(id.0))).await
    }
}
