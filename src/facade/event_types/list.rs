//! Lists of event types, with filters of the service and local ones.

use serde::{Deserialize, Serialize};

use super::EventTypes;
use crate::{
    Result,
    error::{FieldError, refused},
    facade::{CheckBefore, fetch_by, setters::filter_setters},
    model::{EventType, EventTypeGroups, OrganizationId, SortOrder, TeamId, UserId},
    raw::types,
    redact::debug_shows,
};

/// The filter and the sort order of a list of event types. Without a user name or a team, those of the caller are listed.
///
/// It has the [documented](crate::model#the-documented-interface) fields, and further ones that the service takes.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::EventTypeFilter;
///
/// for event_type in &client.event_types().list(&EventTypeFilter::default().username("johndoe")).await? {
///     println!("{}: {} min", event_type.slug, event_type.length);
/// }
/// # Ok(()) }
/// ```
///
/// The service has no filter for `userId` and `active`, and one for `eventSlug` only with a user name or a team; what it gives
/// for `teamId` is compared too. This crate
/// drops event types that do not match these from the response. An event type is kept if the response does not have the field
/// to compare: the documented form has no owner.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EventTypeFilter {
    /// Only event types of this team. It cannot be combined with user names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Only event types that this user owns or hosts. This crate drops the others from the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// `true`: only event types that are not hidden; this crate drops the others from the response. `false` is the same as
    /// `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Only event types of the user with this name. Hidden ones are listed for their owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Only the event type with this slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_slug: Option<String>,
    /// The event type that these users share: a meeting with all of them, which the service makes up for the list.
    #[serde(deserialize_with = "crate::model::null_as_none", skip_serializing_if = "Vec::is_empty")]
    pub usernames: Vec<String>,
    /// The slug of the organization of the user or the users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_slug: Option<String>,
    /// The number of the organization of the user or the users; it takes precedence over the slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrganizationId>,
    /// The sort order by the time of creation; default: that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_created_at: Option<SortOrder>,
}

filter_setters!(EventTypeFilter {
    team_id: TeamId,
    user_id: UserId,
    active: bool,
    username: String,
    event_slug: String,
    org_slug: String,
    org_id: OrganizationId,
    sort_created_at: SortOrder,
});

impl EventTypeFilter {
    /// Sets [`usernames`](field@Self::usernames).
    #[must_use]
    pub fn usernames(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.usernames = names.into_iter().map(Into::into).collect();
        self
    }
}

debug_shows!(EventTypeFilter { team_id, user_id, active, org_id, sort_created_at });

impl EventTypes {
    /// Lists event types, all in one response (`GET /v2/event-types`, with a team `GET /v2/teams/{teamId}/event-types`;
    /// [documented](crate::model#the-documented-interface) as `getEventTypes`).
    ///
    /// For an unknown user, and for a caller without a credential, the list is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for filters that the service would ignore.
    pub async fn list(&self, filter: &EventTypeFilter) -> Result<EventTypeGroups> {
        let operation = if filter.team_id.is_some() { "list_team_event_types" } else { "list_event_types" };
        filter.validate().before(operation)?;
        let (raw, sort, slug) = (self.client.raw(), filter.sort_created_at, filter.event_slug.as_deref());
        let request = match filter.team_id {
            Some(team) => {
                let request = raw.list_team_event_types(team.0).set(slug, |request, slug| request.event_slug(slug));
                request.set(sort, |request, order| request.sort_created_at(order)).erase()
            }
            None => raw
                .list_event_types()
                .set(slug.filter(|_| filter.username.is_some()), |request, slug| request.event_slug(slug))
                .set(filter.org_id, |request, id| request.org_id(id.0))
                .set(filter.org_slug.as_deref(), |request, slug| request.org_slug(slug))
                .set(sort, |request, order| request.sort_created_at(order))
                .set(filter.username.as_deref(), |request, name| request.username(name))
                .set(Some(filter.usernames.join(",")).filter(|names| !names.is_empty()), |request, names| {
                    request.usernames(names)
                })
                .erase(),
        };
        let data = |answer: types::EventTypeListResponseParts| answer.data;
        let mut groups = fetch_by(request, EventTypeGroups::read_response, data).await?;
        if filter.filters_locally() {
            groups.retain(|team, event_type| filter.matches(team, event_type));
        }
        Ok(groups)
    }

    /// Reads the event type that a user has under this slug (`GET /v2/event-types?username=..&eventSlug=..`); it needs
    /// no credential. `None` if there is no such user or event type.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for an empty name or slug.
    pub async fn find(&self, username: impl Into<String>, slug: impl Into<String>) -> Result<Option<EventType>> {
        let filter = EventTypeFilter {
            username: Some(username.into()),
            event_slug: Some(slug.into()),
            ..EventTypeFilter::default()
        };
        Ok(self.list(&filter).await?.into_iter().next())
    }
}

impl EventTypeFilter {
    /// Refuses filters that the service ignores: it would list more event types than match.
    fn validate(&self) -> Result<()> {
        let names = self.username.is_some() || !self.usernames.is_empty();
        let mut problems = Vec::new();
        let mut refuse = |wrong: bool, field: &str, message: &str| {
            if wrong {
                problems.push(FieldError::new(field, message));
            }
        };
        let blank = |text: &String| text.trim().is_empty();
        refuse(self.username.as_ref().is_some_and(blank), "username", "must not be empty");
        refuse(self.event_slug.as_ref().is_some_and(blank), "eventSlug", "must not be empty");
        refuse(
            self.usernames.iter().any(|name| blank(name) || name.contains(',')),
            "usernames",
            "must not be empty or have a comma",
        );
        refuse(self.username.is_some() && !self.usernames.is_empty(), "usernames", "cannot be combined with username");
        refuse(self.team_id.is_some() && names, "teamId", "cannot be combined with username or usernames");
        refuse(self.org_slug.is_some() && !names, "orgSlug", "needs username or usernames");
        refuse(self.org_id.is_some() && !names, "orgId", "needs username or usernames");
        if problems.is_empty() { Ok(()) } else { Err(refused(problems)) }
    }

    /// The slug, if the service ignores it.
    fn slug_filtered_locally(&self) -> Option<&String> {
        self.event_slug.as_ref().filter(|_| self.username.is_none() && self.team_id.is_none())
    }

    /// Whether a filter is set that the service cannot apply, or may not have applied.
    fn filters_locally(&self) -> bool {
        self.team_id.is_some()
            || self.user_id.is_some()
            || self.active == Some(true)
            || self.slug_filtered_locally().is_some()
    }

    /// Whether an event type of a group with this team matches the filter; fields that the response lacks match.
    fn matches(&self, team: Option<TeamId>, event_type: &EventType) -> bool {
        let is_of_team = || self.team_id.is_none() || team.is_none() || self.team_id == team;
        let is_of_user = || self.user_id.is_none_or(|user| event_type.names_user(user) != Some(false));
        let is_active = || self.active != Some(true) || !event_type.hidden();
        is_of_team()
            && self.slug_filtered_locally().is_none_or(|slug| *slug == event_type.slug)
            && is_active()
            && is_of_user()
    }
}
