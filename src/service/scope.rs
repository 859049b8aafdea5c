//! Whose bookings are listed to find a lost one, and where its event type is read.

use std::ops::Deref;

#[cfg(feature = "organization-teams")]
use crate::model::OrganizationId;
#[cfg(any(feature = "teams", feature = "organization-teams"))]
use crate::model::TeamId;
use crate::{
    Client, Result,
    facade::{BookingFilter, Page},
    model::{Booking, EventTypeId},
    raw::types,
};
#[cfg(any(feature = "teams", feature = "organization-teams"))]
use crate::{Error, facade::BookingSort};

/// The bookings that a [`Service`](super::Service) lists to learn whether a booking with unknown outcome was made.
///
/// A refusal is [`NotDone`](super::Outcome::NotDone) only to a caller whose list shows every booking of the event type. The
/// caller's own list does so for the only host of the event type, and for the attendee. The list of a team does so for the
/// administrators of the team. The event type must then belong to the team, be a managed one, or be made from a managed one of
/// the team.
///
/// ```no_run
/// use calcom::{
///     Client,
///     model::TeamId,
///     service::{BookingScope, Service, Settings},
/// };
///
/// # fn example(client: Client) {
/// let sales = Service::with_settings(client, Settings::default().scope(BookingScope::Team(TeamId(4))));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BookingScope {
    /// The caller's own: those that it hosts or attends (`GET /v2/bookings`).
    #[default]
    Own,
    /// Those of a team without an organization (`GET /v2/teams/{teamId}/bookings`). The caller is its administrator or owner.
    #[cfg(feature = "teams")]
    Team(TeamId),
    /// Those of a team of an organization (`GET /v2/organizations/{orgId}/teams/{teamId}/bookings`). The caller is an
    /// administrator of the team, or an administrator or owner of the organization.
    #[cfg(feature = "organization-teams")]
    OrganizationTeam {
        /// The organization.
        organization: OrganizationId,
        /// Its team.
        team: TeamId,
    },
}

/// The filter for the bookings of a team: self-hosted servers cannot sort these by their last change.
#[cfg(any(feature = "teams", feature = "organization-teams"))]
fn sorted_by_creation(filter: &BookingFilter) -> BookingFilter {
    let sort = match filter.sort {
        Some(BookingSort::UpdatedDescending) => Some(BookingSort::CreatedDescending),
        sort => sort,
    };
    BookingFilter { sort, ..filter.clone() }
}

impl BookingScope {
    /// Reads one page of the bookings, by number.
    pub(super) async fn list(self, client: &Client, filter: &BookingFilter) -> Result<Page<Booking>> {
        match self {
            Self::Own => client.bookings().paged_by_offset().list(filter).await,
            #[cfg(feature = "teams")]
            Self::Team(team) => client.team(team).bookings().list(&sorted_by_creation(filter)).await,
            #[cfg(feature = "organization-teams")]
            Self::OrganizationTeam { organization, team } => {
                client.organization(organization).team(team).bookings().list(&sorted_by_creation(filter)).await
            }
        }
    }

    /// Reads an event type, and says whether the list shows every booking of it to a caller who may read the list. `None` if that
    /// depends on who the caller is.
    pub(super) async fn event_type(self, client: &Client, id: EventTypeId) -> Result<(types::EventType, Option<bool>)> {
        let own = match self.event_type_of_team(client, id).await {
            Ok(Some(event_type)) => return Ok((event_type, Some(true))),
            // The team has no such event type, or this caller may not see it.
            Ok(None) => read_own(client, id).await?,
            Err(error) => return Err(error),
        };
        if self == Self::Own {
            return Ok((own, None));
        }
        // One that was made from a managed event type belongs to its host; the list of the team shows its bookings.
        let parent = own.parent_event_type_id.map(EventTypeId);
        let in_team = match parent {
            Some(parent) => self.event_type_of_team(client, parent).await?.is_some(),
            None => false,
        };
        Ok((own, Some(in_team)))
    }

    /// Reads an event type of the team; `None` if it has none with this id.
    #[cfg(not(any(feature = "teams", feature = "organization-teams")))]
    async fn event_type_of_team(self, _: &Client, _: EventTypeId) -> Result<Option<types::EventType>> {
        Ok(None)
    }

    /// Reads an event type of the team; `None` if it has none with this id.
    #[cfg(any(feature = "teams", feature = "organization-teams"))]
    async fn event_type_of_team(self, client: &Client, id: EventTypeId) -> Result<Option<types::EventType>> {
        let found = match self {
            Self::Own => return Ok(None),
            #[cfg(feature = "teams")]
            Self::Team(team) => client.raw().get_team_event_type(team.0, id.0).self_hosted_form().await,
            #[cfg(feature = "organization-teams")]
            Self::OrganizationTeam { organization, team } => {
                let raw = client.raw();
                raw.get_organization_team_event_type(organization.0, team.0, id.0).self_hosted_form().await
            }
        };
        match found {
            Ok(response) => pick(response.into_inner().data, id).map(Some),
            Err(Error::NotFound(_) | Error::Permission(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A client for lookups, and the bookings that they list.
#[derive(Debug, Clone)]
pub(super) struct LookupClient {
    pub(super) client: Client,
    pub(super) scope: BookingScope,
}

impl LookupClient {
    /// The same with options for its requests.
    pub(super) fn map(self, options: impl FnOnce(Client) -> Client) -> Self {
        Self { client: options(self.client), scope: self.scope }
    }
}

impl Deref for LookupClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The event type `id` of a response, which has a list for a managed one: its parent and those made from it.
#[cfg(any(feature = "teams", feature = "organization-teams"))]
fn pick(data: types::TeamEventTypeOrTypes, id: EventTypeId) -> Result<types::EventType> {
    let found = match data {
        types::TeamEventTypeOrTypes::EventType(one) => Some(one),
        types::TeamEventTypeOrTypes::Array(many) => many.into_iter().find(|event_type| event_type.id == id.0),
    };
    found.ok_or_else(|| Error::empty("the response contains no such event type"))
}

async fn read_own(client: &Client, id: EventTypeId) -> Result<types::EventType> {
    Ok(client.raw().get_event_type(id.0).self_hosted_form().await?.into_inner().data)
}

#[cfg(all(test, feature = "teams"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_type_of_another_id_is_not_the_one_that_was_asked_for() {
        let recorded: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/recordings/event-types/get-2024-06-14-full.json")).unwrap();
        let with_id = |id: i64| {
            let mut event_type = recorded["response"]["body"]["data"].clone();
            event_type["id"] = json!(id);
            event_type
        };
        let read = |data: serde_json::Value| serde_json::from_value::<types::TeamEventTypeOrTypes>(data).unwrap();
        let list = json!([with_id(1), with_id(2), with_id(3)]);
        assert_eq!(pick(read(list.clone()), EventTypeId(2)).unwrap().id, 2);
        assert!(matches!(pick(read(list), EventTypeId(4)), Err(Error::Decode(..))));
    }

    #[test]
    fn bookings_of_a_team_are_sorted_by_creation_if_the_last_change_is_asked_for() {
        let sorted = |sort| sorted_by_creation(&BookingFilter { sort, take: Some(7), ..BookingFilter::default() });
        let change = sorted(Some(BookingSort::UpdatedDescending));
        assert_eq!((change.sort, change.take), (Some(BookingSort::CreatedDescending), Some(7)));
        for sort in [None, Some(BookingSort::StartAscending)] {
            assert_eq!(sorted(sort).sort, sort);
        }
    }
}
