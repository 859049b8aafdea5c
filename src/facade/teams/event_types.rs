//! The event types of a team.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::{TeamApi, TeamRoute, of_team};
use crate::{
    Error, Result,
    facade::{
        BookingForm, CheckBefore, EventTypeInput, List,
        event_types::FormOwner,
        items::{collect_items, fetch_read},
        setters::filter_setters,
    },
    model::{DeletedEventType, EventType, EventTypeId, SortOrder},
    raw::{Request, types},
    redact::debug_shows,
};

/// The event types of a team; from [`TeamApi::event_types`].
///
/// A managed event type has a copy for each host, which is an event type of that host. Methods that return one event type return
/// the managed one, and those with `managed` in their name return it and its copies.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::TeamEventTypeFilter, model::{CreateEventType, CreateTeamEventType}};
///
/// let event_types = client.team(4).event_types();
/// let call = CreateEventType::new("Sales call", "sales-call", 30);
/// let created = event_types.create(&CreateTeamEventType::round_robin(call).host(31).host(32)).await?;
/// for event_type in &event_types.list(&TeamEventTypeFilter::default()).await? {
///     println!("{}: {:?}, {} hosts", event_type.title, event_type.scheduling_type(), event_type.hosts().len());
/// }
/// event_types.delete(created.id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TeamEventTypes {
    team: TeamApi,
}

impl TeamApi {
    /// The event types of the team.
    ///
    /// Cargo feature: `event-types`.
    #[must_use]
    pub fn event_types(&self) -> TeamEventTypes {
        TeamEventTypes { team: self.clone() }
    }
}

/// The filter of a list of event types of a team. The default filter lists all.
///
/// ```
/// use calcom::facade::TeamEventTypeFilter;
///
/// let filter = TeamEventTypeFilter::default().event_slug("sales-call").hosts_limit(3u32);
/// // let event_types = client.team(4).event_types().list(&filter).await?;
/// # assert_eq!(filter.hosts_limit, Some(3));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TeamEventTypeFilter {
    /// Only the event type with this slug.
    pub event_slug: Option<String>,
    /// The largest number of hosts of each event type; default: all hosts.
    pub hosts_limit: Option<u32>,
    /// The sort order by the time of creation; default: none.
    pub sort_created_at: Option<SortOrder>,
}

filter_setters!(TeamEventTypeFilter { event_slug: String, hosts_limit: u32, sort_created_at: SortOrder });
debug_shows!(TeamEventTypeFilter { hosts_limit, sort_created_at });

impl TeamEventTypes {
    /// Lists the event types of the team, without the copies of managed ones (`GET .../event-types`). It needs no credential.
    /// For an unknown team the list is empty.
    ///
    /// # Errors
    ///
    /// Only the errors of every call.
    pub async fn list(&self, filter: &TeamEventTypeFilter) -> Result<List<EventType>> {
        let slug = filter.event_slug.as_deref();
        collect_items(of_team!(self.team, list_team_event_types | list_organization_team_event_types() => |request| {
            request
                .set(slug, |request, slug| request.event_slug(slug))
                .set(filter.hosts_limit, |request, limit| request.hosts_limit(limit.into()))
                .set(filter.sort_created_at, |request, order| request.sort_created_at(order))
        }))
        .await
    }

    /// Reads one event type (`GET .../event-types/{eventTypeId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for one that the team does not have, and for a copy of a managed one; [`Error::Permission`] if the
    /// caller is no administrator of the team.
    pub async fn get(&self, id: impl Into<EventTypeId>) -> Result<EventType> {
        let id = id.into();
        first(of_team!(self.team, get_team_event_type | get_organization_team_event_type(id.0))).await
    }

    /// Creates an event type (`POST .../event-types`).
    ///
    /// Takes a [`&CreateTeamEventType`](crate::model::CreateTeamEventType), or the generated request for all fields of the
    /// service: [`types::CreateTeamEventType`] on both services, [`types::HostedCreateTeamEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for input that the service would refuse for its form, or would take and
    /// not do; from the service for a slug that the team has already. [`Error::NotFound`] for a host who is no member of the
    /// team.
    pub async fn create(&self, event_type: impl EventTypeInput<types::CreateTeamEventType>) -> Result<EventType> {
        first_of(self.create_managed(event_type).await?)
    }

    /// Creates an event type as [`create`](Self::create), and returns it with its copies if it is managed.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn create_managed(
        &self,
        event_type: impl EventTypeInput<types::CreateTeamEventType>,
    ) -> Result<Vec<EventType>> {
        let id = self.team.route.pick("create_team_event_type", "create_organization_team_event_type");
        let body = event_type.into_body().before(id)?;
        all(of_team!(self.team, create_team_event_type | create_organization_team_event_type(&body))).await
    }

    /// Changes an event type (`PATCH .../event-types/{eventTypeId}`).
    ///
    /// Takes an [`&UpdateTeamEventType`](crate::model::UpdateTeamEventType), or the generated request for all fields of the
    /// service: [`types::UpdateTeamEventType`] on both services, [`types::HostedUpdateTeamEventType`] on the hosted one.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::Validation`] for an event type that the team does not have.
    pub async fn update(
        &self,
        id: impl Into<EventTypeId>,
        changes: impl EventTypeInput<types::UpdateTeamEventType>,
    ) -> Result<EventType> {
        first_of(self.update_managed(id, changes).await?)
    }

    /// Changes an event type as [`update`](Self::update), and returns it with its copies if it is managed.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn update_managed(
        &self,
        id: impl Into<EventTypeId>,
        changes: impl EventTypeInput<types::UpdateTeamEventType>,
    ) -> Result<Vec<EventType>> {
        let operation = self.team.route.pick("update_team_event_type", "update_organization_team_event_type");
        let (id, body) = (id.into(), changes.into_body().before(operation)?);
        all(of_team!(self.team, update_team_event_type | update_organization_team_event_type(id.0, &body))).await
    }

    /// The questions of the booking form of an event type, on the hosted service. No request is sent.
    #[must_use]
    pub fn booking_fields(&self, id: impl Into<EventTypeId>) -> BookingForm {
        let owner = match self.team.route {
            TeamRoute::Alone => FormOwner::Team(self.team.id),
            #[cfg(feature = "organization-teams")]
            TeamRoute::OfOrganization(organization) => FormOwner::OrganizationTeam(organization, self.team.id),
        };
        BookingForm::of(&self.team.client, id.into(), owner)
    }

    /// Deletes an event type (`DELETE .../event-types/{eventTypeId}`), and returns its number and title.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, id: impl Into<EventTypeId>) -> Result<DeletedEventType> {
        let id = id.into();
        fetch_read(of_team!(self.team, delete_team_event_type | delete_organization_team_event_type(id.0))).await
    }
}

impl EventTypeInput<types::CreateTeamEventType> for types::HostedCreateTeamEventType {
    type Form = Self;

    fn into_body(self) -> Result<Self> {
        Ok(self)
    }
}

impl EventTypeInput<types::UpdateTeamEventType> for types::HostedUpdateTeamEventType {
    type Form = Self;

    fn into_body(self) -> Result<Self> {
        Ok(self)
    }
}

/// One event type, or a managed one with its copies.
#[derive(Clone)]
struct WithCopies(Vec<EventType>);

impl<'de> Deserialize<'de> for WithCopies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        let read = if json.is_array() {
            Vec::deserialize(json)
        } else {
            EventType::deserialize(json).map(|event_type| vec![event_type])
        };
        read.map(Self).map_err(de::Error::custom)
    }
}

async fn all(request: Request<types::TeamEventTypeResponse>) -> Result<Vec<EventType>> {
    fetch_read::<WithCopies, _, _>(request).await.map(|WithCopies(event_types)| event_types)
}

async fn first(request: Request<types::TeamEventTypeResponse>) -> Result<EventType> {
    first_of(all(request).await?)
}

fn first_of(event_types: Vec<EventType>) -> Result<EventType> {
    event_types.into_iter().next().ok_or_else(|| Error::empty("the response contains no event type"))
}
