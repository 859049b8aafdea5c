//! Requests to create and to change an event type of a team.

use serde::{Deserialize, Serialize};

use super::{HostPriority, SchedulingType};
use crate::{
    Error, Result,
    error::FieldError,
    error::refused,
    generated::types,
    model::{CreateEventType, UpdateEventType, UserId},
};

/// The request to create an event type of a team: an event type, and how its hosts share the bookings.
///
/// Further fields of the service are in the generated request, which this type converts into.
///
/// ```
/// use calcom::{model::{CreateEventType, CreateTeamEventType, HostPriority, NewHost}, raw::types};
///
/// # fn main() -> calcom::Result<()> {
/// let call = CreateEventType::new("Sales call", "sales-call", 30);
/// let request = CreateTeamEventType::round_robin(call)
///     .host(31)
///     .host(NewHost::new(32).priority(HostPriority::High));
/// // client.team(4).event_types().create(&request).await?;
///
/// let mut generated = types::CreateTeamEventType::try_from(&request)?;
/// generated.minimum_booking_notice = Some(120);
/// // client.team(4).event_types().create(generated).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateTeamEventType {
    /// The event type.
    pub event_type: CreateEventType,
    /// How its hosts share the bookings.
    pub scheduling_type: SchedulingType,
    /// The hosts, members of the team. Without hosts there are no free slots.
    #[serde(default, deserialize_with = "crate::model::null_as_none", skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<NewHost>,
    /// Whether all members of the team are hosts, later ones too. It cannot be combined with hosts.
    #[serde(default, deserialize_with = "crate::model::null_as_none")]
    pub assign_all_team_members: bool,
}

/// The request to change an event type of a team. Fields that are not set stay unchanged.
///
/// Further fields of the service are in the generated request, which this type converts into.
///
/// ```
/// use calcom::model::{UpdateEventType, UpdateTeamEventType};
///
/// let changes = UpdateTeamEventType::new(UpdateEventType::new().length(45)).hosts([31, 32]);
/// // client.team(4).event_types().update(16, &changes).await?;
/// # assert_eq!(changes.hosts.unwrap().len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateTeamEventType {
    /// The changes of the event type.
    pub event_type: UpdateEventType,
    /// All hosts, which replace the old ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<NewHost>>,
    /// Whether all members of the team are hosts, later ones too. It cannot be combined with hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assign_all_team_members: Option<bool>,
}

/// A host of an event type of a team, in a request. The id of a user converts into it.
///
/// ```
/// use calcom::model::{HostPriority, NewHost};
///
/// let host = NewHost::new(31).mandatory(true).priority(HostPriority::Low);
/// # assert_eq!(NewHost::from(31), NewHost::new(31));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NewHost {
    /// The user, a member of the team.
    pub user_id: UserId,
    /// Whether the host attends every booking. For a round robin only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    /// The priority. For a round robin only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<HostPriority>,
}

impl CreateTeamEventType {
    /// An event type with this scheduling type, without hosts.
    pub fn new(event_type: CreateEventType, scheduling_type: impl Into<SchedulingType>) -> Self {
        Self { event_type, scheduling_type: scheduling_type.into(), hosts: Vec::new(), assign_all_team_members: false }
    }

    /// An event type whose bookings one of the hosts attends.
    #[must_use]
    pub fn round_robin(event_type: CreateEventType) -> Self {
        Self::new(event_type, SchedulingType::RoundRobin)
    }

    /// An event type whose bookings all hosts attend.
    #[must_use]
    pub fn collective(event_type: CreateEventType) -> Self {
        Self::new(event_type, SchedulingType::Collective)
    }

    /// An event type of which each host has an own copy.
    #[must_use]
    pub fn managed(event_type: CreateEventType) -> Self {
        Self::new(event_type, SchedulingType::Managed)
    }

    /// Adds a host.
    #[must_use]
    pub fn host(mut self, host: impl Into<NewHost>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Makes all members of the team hosts, later ones too.
    #[must_use]
    pub fn all_members(mut self) -> Self {
        self.assign_all_team_members = true;
        self
    }
}

impl UpdateTeamEventType {
    /// These changes of an event type of a team.
    #[must_use]
    pub fn new(event_type: UpdateEventType) -> Self {
        Self { event_type, ..Self::default() }
    }

    /// Replaces all hosts.
    #[must_use]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl Into<NewHost>>) -> Self {
        self.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Sets whether all members of the team are hosts.
    #[must_use]
    pub fn all_members(mut self, all: bool) -> Self {
        self.assign_all_team_members = Some(all);
        self
    }
}

impl NewHost {
    /// This user as a host.
    #[must_use]
    pub fn new(user: impl Into<UserId>) -> Self {
        Self { user_id: user.into(), mandatory: None, priority: None }
    }

    /// Sets whether the host attends every booking.
    #[must_use]
    pub fn mandatory(mut self, mandatory: bool) -> Self {
        self.mandatory = Some(mandatory);
        self
    }

    /// Sets the priority.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<HostPriority>) -> Self {
        self.priority = Some(priority.into());
        self
    }
}

impl From<i64> for NewHost {
    fn from(user: i64) -> Self {
        Self::new(user)
    }
}

impl From<UserId> for NewHost {
    fn from(user: UserId) -> Self {
        Self::new(user)
    }
}

impl TryFrom<&CreateTeamEventType> for types::CreateTeamEventType {
    type Error = Error;

    /// The body of `POST .../teams/{teamId}/event-types`.
    fn try_from(input: &CreateTeamEventType) -> Result<Self> {
        check_hosts(&input.hosts, input.assign_all_team_members, Some(&input.scheduling_type))?;
        let base = types::CreateEventType::try_from(&input.event_type)?;
        let scheduling: types::SchedulingType = input.scheduling_type.as_str().into();
        let mut body = Self::new(base.title, base.slug, base.length_in_minutes, scheduling);
        body.description = base.description;
        body.locations = base.locations;
        body.confirmation_policy = base.confirmation_policy;
        body.recurrence = base.recurrence;
        body.hidden = base.hidden;
        body.hosts = (!input.hosts.is_empty()).then(|| hosts(&input.hosts));
        body.assign_all_team_members = input.assign_all_team_members.then_some(true);
        Ok(body)
    }
}

impl TryFrom<&UpdateTeamEventType> for types::UpdateTeamEventType {
    type Error = Error;

    /// The body of `PATCH .../teams/{teamId}/event-types/{eventTypeId}`.
    fn try_from(input: &UpdateTeamEventType) -> Result<Self> {
        check_hosts(input.hosts.as_deref().unwrap_or_default(), input.assign_all_team_members == Some(true), None)?;
        let base = types::UpdateEventType::try_from(&input.event_type)?;
        let mut body = Self::new();
        body.title = base.title;
        body.slug = base.slug;
        body.length_in_minutes = base.length_in_minutes;
        body.description = base.description;
        body.locations = base.locations;
        body.confirmation_policy = base.confirmation_policy;
        body.recurrence = base.recurrence;
        body.hidden = base.hidden;
        body.hosts = input.hosts.as_deref().map(hosts);
        body.assign_all_team_members = input.assign_all_team_members;
        Ok(body)
    }
}

/// Refuses what the service would accept and not do: hosts beside all members, and the settings of a round robin elsewhere.
fn check_hosts(hosts: &[NewHost], all_members: bool, scheduling: Option<&SchedulingType>) -> Result<()> {
    let mut problems = Vec::new();
    if all_members && !hosts.is_empty() {
        problems.push(FieldError::new("hosts", "cannot be combined with assignAllTeamMembers"));
    }
    if matches!(scheduling, Some(SchedulingType::Collective | SchedulingType::Managed)) {
        for (at, host) in hosts.iter().enumerate() {
            for (field, is_set) in [("mandatory", host.mandatory.is_some()), ("priority", host.priority.is_some())] {
                if is_set {
                    problems.push(FieldError::new(format!("hosts[{at}].{field}"), "is for a round robin only"));
                }
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(refused(problems)) }
}

fn hosts(hosts: &[NewHost]) -> Vec<types::TeamHost> {
    let host = |host: &NewHost| types::TeamHost {
        user_id: host.user_id.0,
        mandatory: host.mandatory,
        priority: host.priority.as_ref().map(|priority| priority.as_str().into()),
    };
    hosts.iter().map(host).collect()
}
