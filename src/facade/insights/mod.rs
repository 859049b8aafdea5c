//! Figures of bookings and of routing forms, on the hosted service.

mod routing;

use crate::{
    Client, Error, Result,
    facade::{CheckBefore, List, fetch_documented},
    model::{AverageDuration, BookingStats, BookingTrend, MemberRankings},
    raw::types,
};

/// Figures of bookings and of routing forms, on the hosted service; from [`Client::insights`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{InsightsQuery, InsightsScope};
///
/// let own = InsightsQuery::new(InsightsScope::User, "Europe/Berlin");
/// println!("{:?}", client.insights().booking_stats(&own).await?.created);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Insights {
    client: Client,
}

impl Client {
    /// Figures of bookings and of routing forms, on the hosted service.
    ///
    /// Cargo feature: `insights`.
    #[must_use]
    pub fn insights(&self) -> Insights {
        Insights { client: self.clone() }
    }
}

impl Insights {
    /// Reads how many bookings were made, held, rescheduled and cancelled (`POST /v2/insights/bookings/kpi-stats`).
    ///
    /// Takes an [`&InsightsQuery`](crate::model::InsightsQuery), or the generated request with filters by columns.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone; [`Error::Permission`] for a team or an
    /// organization that the caller does not administrate; [`Error::Unsupported`] on self-hosted servers.
    pub async fn booking_stats(
        &self,
        query: impl TryInto<types::BookingInsights, Error: Into<Error>>,
    ) -> Result<BookingStats> {
        let body = query.try_into().before("get_insights_kpi_stats")?;
        fetch_documented(self.client.raw().get_insights_kpi_stats(&body)).await
    }

    /// Reads how many bookings were made, held, rescheduled and cancelled in each day, week or month
    /// (`POST /v2/insights/bookings/event-trends`).
    ///
    /// # Errors
    ///
    /// As [`booking_stats`](Self::booking_stats).
    pub async fn booking_trends(
        &self,
        query: impl TryInto<types::BookingInsights, Error: Into<Error>>,
    ) -> Result<List<BookingTrend>> {
        let body = query.try_into().before("get_insights_event_trends")?;
        fetch_documented(self.client.raw().get_insights_event_trends(&body)).await
    }

    /// Reads the average length of bookings in each day, week or month (`POST /v2/insights/bookings/average-duration`).
    ///
    /// # Errors
    ///
    /// As [`booking_stats`](Self::booking_stats).
    pub async fn average_durations(
        &self,
        query: impl TryInto<types::BookingInsights, Error: Into<Error>>,
    ) -> Result<List<AverageDuration>> {
        let body = query.try_into().before("get_insights_average_duration")?;
        fetch_documented(self.client.raw().get_insights_average_duration(&body)).await
    }

    /// Reads rankings of the members of a team or an organization (`POST /v2/insights/bookings/members`).
    ///
    /// # Errors
    ///
    /// As [`booking_stats`](Self::booking_stats).
    pub async fn member_stats(
        &self,
        query: impl TryInto<types::BookingInsights, Error: Into<Error>>,
    ) -> Result<MemberRankings> {
        let body = query.try_into().before("get_insights_member_stats")?;
        fetch_documented(self.client.raw().get_insights_member_stats(&body)).await
    }
}
