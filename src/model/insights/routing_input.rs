//! The responses of routing forms that figures are about.

use jiff::civil::Date;

use super::InsightsScope;
use crate::{Error, Result, generated::types};

/// The largest page that the service returns.
const MAX_PAGE_SIZE: i64 = 100;

/// The responses of routing forms that figures are about: whose they are, and the days on which they were stored.
///
/// Filters by columns are in the generated requests, which this type converts into.
///
/// ```
/// use calcom::{model::{InsightsScope, RoutingInsightsQuery}, raw::types};
///
/// # fn main() -> calcom::Result<()> {
/// let (first, last) = (jiff::civil::date(2027, 3, 1), jiff::civil::date(2027, 3, 31));
/// let of_team = RoutingInsightsQuery::new(InsightsScope::Team(4.into()), first, last);
/// let request = types::RoutingInsightsBase::try_from(&of_team)?;
/// // client.insights().routing_stats(request).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoutingInsightsQuery {
    /// Whose routing forms they are.
    pub scope: InsightsScope,
    /// The first day.
    pub first: Date,
    /// The last day, which counts.
    pub last: Date,
}

/// The length of the spans that figures are counted in.
///
/// ```
/// use calcom::model::InsightsPeriod;
///
/// assert_ne!(InsightsPeriod::Day, InsightsPeriod::Week);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsightsPeriod {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl RoutingInsightsQuery {
    /// The responses of these days, the last one included.
    pub fn new(scope: InsightsScope, first: Date, last: Date) -> Self {
        Self { scope, first, last }
    }

    /// The days, as bodies name them.
    fn days(&self) -> Result<(String, String)> {
        if self.last < self.first {
            return Err(Error::invalid("last", "must not be before the first day"));
        }
        Ok((self.first.to_string(), self.last.to_string()))
    }

    /// The body of `POST /v2/insights/routings/routed-to-per-period`.
    pub(crate) fn per_period(&self, period: InsightsPeriod) -> Result<types::RoutedToPerPeriod> {
        let ((first, last), (scope, team)) = (self.days()?, self.scope.wire());
        let period: types::RoutedToPerPeriodPeriod = match period {
            InsightsPeriod::Day => "perDay",
            InsightsPeriod::Week => "perWeek",
            InsightsPeriod::Month => "perMonth",
        }
        .into();
        let mut body = types::RoutedToPerPeriod::new(scope, first, last, period, MAX_PAGE_SIZE);
        body.selected_team_id = team;
        Ok(body)
    }
}

impl TryFrom<&RoutingInsightsQuery> for types::RoutingInsightsBase {
    type Error = Error;

    fn try_from(query: &RoutingInsightsQuery) -> Result<Self> {
        let ((first, last), (scope, team)) = (query.days()?, query.scope.wire());
        let mut body = Self::new(scope, first, last);
        body.selected_team_id = team;
        Ok(body)
    }
}

impl TryFrom<&RoutingInsightsQuery> for types::RoutingInsightsPaginated {
    type Error = Error;

    fn try_from(query: &RoutingInsightsQuery) -> Result<Self> {
        let ((first, last), (scope, team)) = (query.days()?, query.scope.wire());
        let mut body = Self::new(scope, first, last, 0, MAX_PAGE_SIZE);
        body.selected_team_id = team;
        Ok(body)
    }
}
