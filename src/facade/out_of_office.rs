//! Absences: days on which a user is out of office.

use crate::{
    Client, Result,
    facade::{CheckBefore, ItemStream, List, fetch_documented, setters::filter_setters},
    model::{CreateOutOfOffice, OutOfOfficeEntry, OutOfOfficeId, SortOrder, UpdateOutOfOffice},
    raw::{Request, types},
};

/// The absences of one user, days without free slots; from [`Client::out_of_office`], which is the caller's.
///
/// ```no_run
/// # #[cfg(feature = "out-of-office")]
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::OutOfOfficeFilter, model::{CreateOutOfOffice, OutOfOfficeReason}};
/// use jiff::civil::date;
///
/// let absences = client.out_of_office();
/// let vacation = CreateOutOfOffice::new(date(2027, 5, 1), date(2027, 5, 10)).reason(OutOfOfficeReason::Vacation);
/// let entry = absences.create(&vacation).await?;
/// for entry in &absences.list(&OutOfOfficeFilter::default()).await? {
///     println!("{} to {}", entry.first_day(), entry.last_day());
/// }
/// absences.delete(entry.id).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OutOfOffice {
    client: Client,
    user: AbsentUser,
}

/// The user whose absences they are, as the routes name the user.
#[derive(Debug, Clone, Copy)]
pub(super) enum AbsentUser {
    /// The caller.
    #[cfg(feature = "out-of-office")]
    Caller,
    /// A user of an organization.
    #[cfg(feature = "organizations")]
    OfOrganization(crate::model::OrganizationId, crate::model::UserId),
    /// A member of a team.
    #[cfg(feature = "teams")]
    OfTeam(crate::model::TeamId, crate::model::UserId),
}

impl AbsentUser {
    /// The id of the operation that the user's route leads to: of the caller, a user of an organization, a member of a team.
    fn pick(self, operations: [&'static str; 3]) -> &'static str {
        match self {
            #[cfg(feature = "out-of-office")]
            Self::Caller => operations[0],
            #[cfg(feature = "organizations")]
            Self::OfOrganization(..) => operations[1],
            #[cfg(feature = "teams")]
            Self::OfTeam(..) => operations[2],
        }
    }
}

/// The sort order of a list of absences; default: that of the service.
///
/// ```
/// use calcom::{facade::OutOfOfficeFilter, model::SortOrder};
///
/// let filter = OutOfOfficeFilter::default().sort_start(SortOrder::Asc);
/// // let absences = client.out_of_office().list(&filter).await?;
/// # assert_eq!(filter.sort_start, Some(SortOrder::Asc));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutOfOfficeFilter {
    /// The sort order by the first day.
    pub sort_start: Option<SortOrder>,
    /// The sort order by the last day.
    pub sort_end: Option<SortOrder>,
}

filter_setters!(OutOfOfficeFilter { sort_start: SortOrder, sort_end: SortOrder });

/// Streams the absences of a request in the sort order of the filter.
macro_rules! stream_sorted {
    ($filter:ident, $request:expr) => {
        crate::facade::items::stream_items(
            $request
                .set($filter.sort_end, |request, order| request.sort_end(order))
                .set($filter.sort_start, |request, order| request.sort_start(order)),
        )
    };
}

#[cfg(feature = "organizations")]
pub(super) use stream_sorted;

impl Client {
    /// The caller's absences, days without free slots.
    ///
    /// Cargo feature: `out-of-office`.
    #[cfg(feature = "out-of-office")]
    #[must_use]
    pub fn out_of_office(&self) -> OutOfOffice {
        OutOfOffice::of(self, AbsentUser::Caller)
    }
}

impl OutOfOffice {
    pub(super) fn of(client: &Client, user: AbsentUser) -> Self {
        Self { client: client.clone(), user }
    }

    /// Lists all absences, page by page (`GET /v2/me/ooo`, `/v2/organizations/{orgId}/users/{userId}/ooo` or
    /// `/v2/teams/{teamId}/users/{userId}/ooo`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for a user that is unknown or outside the organization;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers, except for users of an organization.
    pub async fn list(&self, filter: &OutOfOfficeFilter) -> Result<List<OutOfOfficeEntry>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the absences of [`list`](Self::list), page by page.
    pub fn stream(&self, filter: &OutOfOfficeFilter) -> ItemStream<OutOfOfficeEntry> {
        let raw = self.client.raw();
        match self.user {
            #[cfg(feature = "out-of-office")]
            AbsentUser::Caller => stream_sorted!(filter, raw.list_out_of_office_entries()),
            #[cfg(feature = "organizations")]
            AbsentUser::OfOrganization(organization, user) => {
                stream_sorted!(filter, raw.list_organization_user_out_of_office_entries(organization.0, user.0))
            }
            #[cfg(feature = "teams")]
            AbsentUser::OfTeam(team, user) => {
                stream_sorted!(filter, raw.list_team_member_out_of_office_entries(team.0, user.0))
            }
        }
    }

    /// Creates an absence (`POST .../ooo`). It does not send the webhook `OOO_CREATED` on self-hosted servers.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, if the last day is before the first; from the
    /// service if the other user is unknown, the absent user or outside the team, or refers back.
    /// [`Error::Conflict`](crate::Error::Conflict) if the user has an absence of exactly these days.
    pub async fn create(&self, absence: &CreateOutOfOffice) -> Result<OutOfOfficeEntry> {
        let operation = self.user.pick([
            "create_out_of_office_entry",
            "create_organization_user_out_of_office_entry",
            "create_team_member_out_of_office_entry",
        ]);
        let (body, raw) = (absence.to_wire().before(operation)?, self.client.raw());
        fetch_entry(match self.user {
            #[cfg(feature = "out-of-office")]
            AbsentUser::Caller => raw.create_out_of_office_entry(&body),
            #[cfg(feature = "organizations")]
            AbsentUser::OfOrganization(organization, user) => {
                raw.create_organization_user_out_of_office_entry(organization.0, user.0, &body)
            }
            #[cfg(feature = "teams")]
            AbsentUser::OfTeam(team, user) => raw.create_team_member_out_of_office_entry(team.0, user.0, &body),
        })
        .await
    }

    /// Changes an absence (`PATCH .../ooo/{oooId}`).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); [`Error::Validation`](crate::Error::Validation), before anything is sent, for one day
    /// without the other; [`Error::Permission`](crate::Error::Permission) for an absence that is unknown or another user's.
    pub async fn update(&self, id: impl Into<OutOfOfficeId>, changes: &UpdateOutOfOffice) -> Result<OutOfOfficeEntry> {
        let operation = self.user.pick([
            "update_out_of_office_entry",
            "update_organization_user_out_of_office_entry",
            "update_team_member_out_of_office_entry",
        ]);
        let (id, body, raw) = (id.into(), changes.to_wire().before(operation)?, self.client.raw());
        fetch_entry(match self.user {
            #[cfg(feature = "out-of-office")]
            AbsentUser::Caller => raw.update_out_of_office_entry(id.0, &body),
            #[cfg(feature = "organizations")]
            AbsentUser::OfOrganization(organization, user) => {
                raw.update_organization_user_out_of_office_entry(organization.0, user.0, id.0, &body)
            }
            #[cfg(feature = "teams")]
            AbsentUser::OfTeam(team, user) => raw.update_team_member_out_of_office_entry(team.0, user.0, id.0, &body),
        })
        .await
    }

    /// Deletes an absence (`DELETE .../ooo/{oooId}`), and returns what it was.
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) for an absence that is unknown, deleted already or another user's.
    pub async fn delete(&self, id: impl Into<OutOfOfficeId>) -> Result<OutOfOfficeEntry> {
        let (id, raw) = (id.into(), self.client.raw());
        fetch_entry(match self.user {
            #[cfg(feature = "out-of-office")]
            AbsentUser::Caller => raw.delete_out_of_office_entry(id.0),
            #[cfg(feature = "organizations")]
            AbsentUser::OfOrganization(organization, user) => {
                raw.delete_organization_user_out_of_office_entry(organization.0, user.0, id.0)
            }
            #[cfg(feature = "teams")]
            AbsentUser::OfTeam(team, user) => {
                raw.delete_team_member_out_of_office_entry(team.0, &user.to_string(), id.0)
            }
        })
        .await
    }
}

async fn fetch_entry(request: Request<types::OutOfOfficeEntryResponse>) -> Result<OutOfOfficeEntry> {
    fetch_documented(request).await
}
