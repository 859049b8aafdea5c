//! Listing event types, by what the service filters and by what it does not.

use serde::{Deserialize, Serialize};

use super::EventTypes;
use crate::{
    Result,
    error::{FieldError, refused},
    facade::read_by,
    facade::setters::filter_setters,
    model::{EventType, EventTypeGroups, OrganizationId, SortOrder, TeamId, UserId},
    raw::types,
    redact::debug_shows,
};

/// Which event types to list, as [documented](crate::model#the-documented-interface), and what the service offers
/// besides.
///
/// Without a user's name or a team those of the caller are listed. The service has no filter for `userId` and `active`,
/// and one for `eventSlug` only with a user's name or a team: what it cannot filter, this crate drops after the service has
/// answered. An event type stays in the list if the answer does not say whether the filter lets it: the documented form
/// names no owner.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EventTypeFilter {
    /// Those of this team. It excludes everything that names users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Only those that this user owns or hosts. This crate drops the others after the service has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// With `true` only those that are not hidden: this crate drops the others after the service has answered. `false` is
    /// the same as `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Those of the user with this name. Hidden ones are listed for their owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Only the one with this slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_slug: Option<String>,
    /// The one that these users share on the fly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub usernames: Vec<String>,
    /// The slug of the organization of the user or the users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_slug: Option<String>,
    /// The number of the organization of the user or the users; takes the place of the slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrganizationId>,
    /// The order, by when they were made; the service's own where nothing is said.
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
    /// Lists event types, all in one answer (`GET /v2/event-types`, with a team `GET /v2/teams/{teamId}/event-types`;
    /// [documented](crate::model#the-documented-interface) as `getEventTypes`).
    ///
    /// An unknown user has none, and neither has a caller without a credential.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for filters that the service would take no notice of.
    pub async fn list(&self, filter: &EventTypeFilter) -> Result<EventTypeGroups> {
        filter.check()?;
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
        let data = |answer: types::EventTypeListAnswer| answer.data;
        let mut groups = read_by(request, EventTypeGroups::read_response, data).await?;
        if filter.leaves_out() {
            groups.retain(|team, event_type| filter.lets(team, event_type));
        }
        Ok(groups)
    }

    /// Reads the event type that a user has under this slug (`GET /v2/event-types?username=..&eventSlug=..`); it needs
    /// no credential. `None` where there is no such user or event type.
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
    /// Refuses what the service takes no notice of: it would list more than was asked for.
    fn check(&self) -> Result<()> {
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

    /// The slug, where the service takes no notice of it.
    fn slug_here(&self) -> Option<&String> {
        self.event_slug.as_ref().filter(|_| self.username.is_none() && self.team_id.is_none())
    }

    /// Whether there is something to filter that the service cannot, or may not have filtered.
    fn leaves_out(&self) -> bool {
        self.team_id.is_some() || self.user_id.is_some() || self.active == Some(true) || self.slug_here().is_some()
    }

    /// Whether the filter lets an event type of a group with this team; what the answer does not tell is let.
    fn lets(&self, team: Option<TeamId>, event_type: &EventType) -> bool {
        let is_of_team = || self.team_id.is_none() || team.is_none() || self.team_id == team;
        let is_of_user = || self.user_id.is_none_or(|user| event_type.names_user(user) != Some(false));
        let is_active = || self.active != Some(true) || !event_type.hidden();
        is_of_team() && self.slug_here().is_none_or(|slug| *slug == event_type.slug) && is_active() && is_of_user()
    }
}
