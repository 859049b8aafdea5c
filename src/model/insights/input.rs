//! The bookings that figures are about.

use jiff::civil::Date;

use crate::{
    Error, Result,
    error::{FieldError, refused},
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
/// let (first, last) = (jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 31));
/// let own = InsightsQuery::new(InsightsScope::User, "Europe/Berlin").created_between(first, last);
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
    /// The first and the last day on which the bookings were made. Default: the service's own period, which it does not
    /// document, unless [`starting`](Self::starting) is set.
    pub created: Option<(Date, Date)>,
    /// The first and the last day on which the bookings start.
    pub starting: Option<(Date, Date)>,
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

impl InsightsScope {
    /// The scope of a body, with the team.
    pub(crate) fn wire(self) -> (types::BookingInsightsScope, Option<i64>) {
        match self {
            Self::User => ("user".into(), None),
            Self::Team(team) => ("team".into(), Some(team.0)),
            Self::Organization => ("org".into(), None),
        }
    }
}

impl InsightsQuery {
    /// These bookings, with days that begin in this time zone.
    pub fn new(scope: InsightsScope, time_zone: impl Into<TimeZoneName>) -> Self {
        Self { scope, time_zone: TimeZoneName::text(time_zone), created: None, starting: None }
    }

    /// Counts only bookings that were made on these days, the last one included.
    #[must_use]
    pub fn created_between(mut self, first: Date, last: Date) -> Self {
        self.created = Some((first, last));
        self
    }

    /// Counts only bookings that start on these days, the last one included.
    #[must_use]
    pub fn starting_between(mut self, first: Date, last: Date) -> Self {
        self.starting = Some((first, last));
        self
    }
}

/// The filter of a column by days.
fn days(column: &str, (first, last): (Date, Date)) -> types::BookingInsightsColumnFilter {
    let data = [("startDate", first.to_string()), ("endDate", last.to_string()), ("preset", "custom".to_owned())];
    let mut value = types::BookingInsightsColumnFilterValue::new();
    value.type_ = Some("dr".into());
    value.data = data.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut filter = types::BookingInsightsColumnFilter::new();
    filter.id = Some(column.to_owned());
    filter.value = Some(value);
    filter
}

impl TryFrom<&InsightsQuery> for types::BookingInsights {
    type Error = Error;

    fn try_from(input: &InsightsQuery) -> Result<Self> {
        let ranges = [("createdAt", "created", input.created), ("startTime", "starting", input.starting)];
        let mut problems: Vec<_> = check_time_zone("timeZone", &input.time_zone).into_iter().collect();
        for (_, field, range) in ranges {
            if range.is_some_and(|(first, last)| last < first) {
                problems.push(FieldError::new(field, "must not end before it begins"));
            }
        }
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let (scope, team) = input.scope.wire();
        let mut body = Self::new(scope, input.time_zone.clone());
        body.selected_team_id = team;
        body.column_filters = ranges.into_iter().filter_map(|(column, _, range)| Some(days(column, range?))).collect();
        Ok(body)
    }
}
