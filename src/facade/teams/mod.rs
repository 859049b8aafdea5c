//! Teams: reading and changing them, their members, event types, bookings and schedules.

#[cfg(feature = "event-types")]
mod event_types;
mod members;

#[cfg(feature = "event-types")]
pub use event_types::{TeamEventTypeFilter, TeamEventTypes};
pub use members::TeamMembers;

use crate::{
    Client, Error, Result,
    facade::{
        CheckBefore, List, fetch_documented,
        items::{collect_items, fetch_read},
        out_of_office::{AbsentUser, OutOfOffice},
        routed::submit,
        verified_resources::{ResourceOwner, VerifiedResources},
    },
    model::{CreatedTeam, RoutedForm, RoutingFormId, SubmitRoutingForm, Team, TeamId, TeamInvitation, UserId},
    raw::types,
};

/// The teams that the caller is a member of; from [`Client::teams`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{CreateMembership, CreateTeam};
///
/// let created = client.teams().create(&CreateTeam::new("Sales").auto_accept_creator(true)).await?;
/// let team = client.team(created.team().id);
/// team.members().add(&CreateMembership::new(7)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Teams {
    client: Client,
}

/// One team; from [`Client::team`], or [`OrganizationApi::team`](crate::facade::OrganizationApi::team) for a team of an
/// organization.
///
/// Most operations need the role of an administrator of the team. An administrator of the organization reaches its teams through
/// the organization, without being a member.
///
/// ```no_run
/// # #[cfg(all(feature = "event-types", feature = "bookings"))]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::BookingFilter, model::{CreateEventType, CreateTeamEventType}};
///
/// let team = client.team(4);
/// let call = CreateTeamEventType::round_robin(CreateEventType::new("Sales call", "sales-call", 30)).host(31).host(32);
/// team.event_types().create(&call).await?;
/// println!("{} bookings", team.bookings().stream(&BookingFilter::default()).try_collect().await?.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TeamApi {
    pub(super) client: Client,
    pub(super) id: TeamId,
    pub(super) route: TeamRoute,
}

/// The route that leads to a team.
#[derive(Debug, Clone, Copy)]
pub(super) enum TeamRoute {
    /// `/v2/teams/{teamId}`.
    Alone,
    /// `/v2/organizations/{orgId}/teams/{teamId}`.
    #[cfg(feature = "organization-teams")]
    OfOrganization(crate::model::OrganizationId),
}

impl TeamRoute {
    /// The id of the operation that the route leads to.
    #[cfg_attr(not(feature = "organization-teams"), allow(unused_variables))]
    pub(super) fn pick(self, alone: &'static str, of_organization: &'static str) -> &'static str {
        match self {
            Self::Alone => alone,
            #[cfg(feature = "organization-teams")]
            Self::OfOrganization(_) => of_organization,
        }
    }
}

/// Makes the request of the operation that the route of the team leads to; the expression after `=>` sets its parameters.
macro_rules! of_team {
    ($team:expr, $alone:ident | $of_organization:ident ($($argument:expr),*)) => {
        $crate::facade::teams::of_team!($team, $alone | $of_organization ($($argument),*) => |request| request)
    };
    ($team:expr, $alone:ident | $of_organization:ident ($($argument:expr),*) => |$request:ident| $set:expr) => {{
        let (team, raw) = (&$team, $team.client.raw());
        match team.route {
            $crate::facade::teams::TeamRoute::Alone => {
                let $request = raw.$alone(team.id.0 $(, $argument)*);
                $set.erase()
            }
            #[cfg(feature = "organization-teams")]
            $crate::facade::teams::TeamRoute::OfOrganization(organization) => {
                let $request = raw.$of_organization(organization.0, team.id.0 $(, $argument)*);
                $set.erase()
            }
        }
    }};
}

pub(super) use of_team;

impl Client {
    /// The teams that the caller is a member of.
    ///
    /// Cargo feature: `teams`.
    #[must_use]
    pub fn teams(&self) -> Teams {
        Teams { client: self.clone() }
    }

    /// One team, by its own route. No request is sent.
    ///
    /// Cargo feature: `teams`.
    #[must_use]
    pub fn team(&self, id: impl Into<TeamId>) -> TeamApi {
        TeamApi { client: self.clone(), id: id.into(), route: TeamRoute::Alone }
    }
}

impl Teams {
    /// Lists the caller's teams and organizations, also those whose invitation the caller has not accepted (`GET /v2/teams`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid credential.
    pub async fn list(&self) -> Result<List<Team>> {
        collect_items(self.client.raw().list_teams()).await
    }

    /// Creates a team (`POST /v2/teams`).
    ///
    /// Takes a [`&CreateTeam`](crate::model::CreateTeam), or the generated request for all fields of the service.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for a name that is empty or too long, an unknown time zone, or a logo
    /// that is no absolute URL. The service returns the same error if the caller has a team with this name. [`Error::Conflict`]
    /// for a slug that is taken.
    pub async fn create(&self, team: impl TryInto<types::CreateTeam, Error: Into<Error>>) -> Result<CreatedTeam> {
        let body = team.try_into().before("create_team")?;
        fetch_read(self.client.raw().create_team(&body)).await
    }
}

impl TeamApi {
    /// The id of the team.
    #[must_use]
    pub fn id(&self) -> TeamId {
        self.id
    }

    /// Reads the team (`GET /v2/teams/{teamId}` or `/v2/organizations/{orgId}/teams/{teamId}`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] for an unknown team, and for one that the caller is not a member of; through the organization
    /// [`Error::NotFound`] for a team that the organization does not have.
    pub async fn get(&self) -> Result<Team> {
        fetch_documented(of_team!(self, get_team | get_organization_team())).await
    }

    /// Changes the team (`PATCH ...`), as its owner or as an administrator of its organization.
    ///
    /// Takes an [`&UpdateTeam`](crate::model::UpdateTeam), or the generated request for all fields of the service.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, as for [`Teams::create`]; else as [`get`](Self::get).
    pub async fn update(
        &self,
        changes: impl TryInto<types::UpdateOrganizationTeam, Error: Into<Error>>,
    ) -> Result<Team> {
        let body = changes.try_into().before(self.route.pick("update_team", "update_organization_team"))?;
        fetch_documented(of_team!(self, update_team | update_organization_team(&body))).await
    }

    /// Deletes the team (`DELETE ...`), and returns what it was.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get). The service has a separate limit of one deletion a second: [`Error::RateLimit`].
    pub async fn delete(&self) -> Result<Team> {
        fetch_documented(of_team!(self, delete_team | delete_organization_team())).await
    }

    /// Makes a link with which users join the team (`POST .../invite`). Each call makes a new one.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn invite(&self) -> Result<TeamInvitation> {
        fetch_documented(of_team!(self, create_team_invite | create_organization_team_invite())).await
    }

    /// The bookings of the team, also those of the copies of its managed event types.
    ///
    /// Cargo feature: `bookings`.
    #[cfg(feature = "bookings")]
    #[must_use]
    pub fn bookings(&self) -> crate::facade::BookingList {
        let request = of_team!(self, list_team_bookings | list_organization_team_bookings());
        crate::facade::BookingList::of(request)
    }

    /// Lists the schedules of all members (`GET .../schedules`).
    ///
    /// Cargo feature: `schedules`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[cfg(feature = "schedules")]
    pub async fn schedules(&self) -> Result<List<crate::model::Schedule>> {
        collect_items(of_team!(self, list_team_schedules | list_organization_team_schedules())).await
    }

    /// Submits answers to a routing form of the team, and returns where they lead (`POST
    /// .../routing-forms/{routingFormId}/responses`). Every call stores a response. Forms and responses are listed through
    /// [`RoutingForms`](crate::facade::RoutingForms).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a missing answer, or an e-mail address that is none; [`Error::Permission`] for a form of
    /// another team; [`Error::Unsupported`] on self-hosted servers, unless the team is reached through its organization.
    pub async fn submit_routing_form(
        &self,
        form: impl Into<RoutingFormId>,
        answers: &SubmitRoutingForm,
    ) -> Result<RoutedForm> {
        let (form, start, end) = (form.into(), answers.start.to_string(), answers.end.to_string());
        let (form, body) = (form.as_str(), &answers.answers);
        let raw = self.client.raw();
        match self.route {
            TeamRoute::Alone => {
                submit!(answers, raw.create_team_routing_form_response(self.id.0, form, &start, &end, body))
            }
            #[cfg(feature = "organization-teams")]
            TeamRoute::OfOrganization(organization) => {
                let (organization, team) = (organization.0, self.id.0);
                let request =
                    raw.create_organization_team_routing_form_response(organization, team, form, &start, &end, body);
                submit!(answers, request)
            }
        }
    }

    /// The e-mail addresses and phone numbers that the team has verified.
    #[must_use]
    pub fn verified_resources(&self) -> VerifiedResources {
        let owner = match self.route {
            TeamRoute::Alone => ResourceOwner::Team(self.id),
            #[cfg(feature = "organization-teams")]
            TeamRoute::OfOrganization(organization) => ResourceOwner::OrganizationTeam(organization, self.id),
        };
        VerifiedResources::of(&self.client, owner)
    }

    /// The absences of a member of the team, on the hosted service (`/v2/teams/{teamId}/users/{userId}/ooo`).
    #[must_use]
    pub fn out_of_office(&self, user: impl Into<UserId>) -> OutOfOffice {
        OutOfOffice::of(&self.client, AbsentUser::OfTeam(self.id, user.into()))
    }
}
