//! The bookings that figures are about.

use crate::{
    Error, Result,
    error::refused,
    generated::types,
    model::{
        TeamId,
        zone::{TimeZoneName, check_time_zone},
    },
};

/// The bookings that figures are about, and the time zone in which their days begin.
///
/// Filters by columns are in the generated request, which this type converts into.
///
/// ```
/// use calcom::{model::{InsightsQuery, InsightsScope}, raw::types};
///
/// # fn main() -> calcom::Result<()> {
/// let own = InsightsQuery::new(InsightsScope::User, "Europe/Berlin");
/// let request = types::BookingInsights::try_from(&own)?;
/// // client.insights().booking_stats(request).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsightsQuery {
    /// Whose bookings they are.
    pub scope: InsightsScope,
    /// The time zone in which days begin, an IANA name.
    pub time_zone: String,
}

/// Whose bookings figures are about.
///
/// ```
/// use calcom::model::InsightsScope;
///
/// let team = InsightsScope::Team(4.into());
/// # assert_ne!(team, InsightsScope::User);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsightsScope {
    /// The caller's.
    User,
    /// Those of a team.
    Team(TeamId),
    /// Those of the caller's organization.
    Organization,
}

impl InsightsQuery {
    /// These bookings, with days that begin in this time zone.
    pub fn new(scope: InsightsScope, time_zone: impl Into<TimeZoneName>) -> Self {
        Self { scope, time_zone: TimeZoneName::text(time_zone) }
    }
}

impl TryFrom<&InsightsQuery> for types::BookingInsights {
    type Error = Error;

    fn try_from(input: &InsightsQuery) -> Result<Self> {
        if let Some(problem) = check_time_zone("timeZone", &input.time_zone) {
            return Err(refused(vec![problem]));
        }
        let (scope, team) = match input.scope {
            InsightsScope::User => ("user", None),
            InsightsScope::Team(team) => ("team", Some(team.0)),
            InsightsScope::Organization => ("org", None),
        };
        let scope: types::BookingInsightsScope = scope.into();
        let mut body = Self::new(scope, input.time_zone.clone());
        body.selected_team_id = team;
        Ok(body)
    }
}
