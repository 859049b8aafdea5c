//! Figures of bookings, on the hosted service.

use crate::{Client, Error, Result, facade::fetch_documented, model::BookingStats, raw::types};

/// Figures of bookings, on the hosted service; from [`Client::insights`]. Trends, and figures of members and routing forms, are in
/// [`Client::raw`].
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
    /// Figures of bookings, on the hosted service.
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
    /// [`Error::Validation`], before anything is sent, for an unknown time zone; [`Error::Permission`] for a team or an organization
    /// that the caller does not administrate; [`Error::Unsupported`] on self-hosted servers.
    pub async fn booking_stats(
        &self,
        query: impl TryInto<types::BookingInsights, Error: Into<Error>>,
    ) -> Result<BookingStats> {
        let body = query.try_into().map_err(Into::into)?;
        fetch_documented(self.client.raw().get_insights_kpi_stats(&body)).await
    }
}
