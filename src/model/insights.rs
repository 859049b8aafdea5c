//! Figures of bookings.

#[cfg(feature = "insights")]
mod input;

use super::one_form::one_form;

#[cfg(feature = "insights")]
pub use self::input::{InsightsQuery, InsightsScope};

one_form! {
    /// A figure, and its change.
    ///
    /// ```
    /// use calcom::model::InsightsMetric;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let metric: InsightsMetric = serde_json::from_str(r#"{"count": 12, "deltaPrevious": -25.0}"#)?;
    /// assert_eq!((metric.count, metric.delta_previous), (12.0, Some(-25.0)));
    /// # Ok(()) }
    /// ```
    pub struct InsightsMetric {
        /// The figure.
        #[serde(default)]
        pub count: f64,
        /// The change since the time before of the same length, in percent.
        #[serde(default)]
        pub delta_previous: Option<f64>,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsMetric,
    shows: { count, delta_previous },
}

one_form! {
    /// How many bookings were made, held, rescheduled and cancelled.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{InsightsQuery, InsightsScope};
    ///
    /// let of_team = InsightsQuery::new(InsightsScope::Team(4.into()), "Europe/Berlin");
    /// let stats = client.insights().booking_stats(&of_team).await?;
    /// println!("{:?} bookings, {:?} cancelled", stats.created, stats.cancelled);
    /// # Ok(()) }
    /// ```
    pub struct BookingStats {
        /// Bookings that were made.
        #[serde(default)]
        pub created: Option<InsightsMetric>,
        /// Bookings that are over.
        #[serde(default)]
        pub completed: Option<InsightsMetric>,
        /// Bookings that were rescheduled.
        #[serde(default)]
        pub rescheduled: Option<InsightsMetric>,
        /// Bookings that were cancelled.
        #[serde(default)]
        pub cancelled: Option<InsightsMetric>,
        /// Bookings whose host was absent.
        #[serde(default, rename = "no_show")]
        pub no_show: Option<InsightsMetric>,
        /// Attendees who were absent.
        #[serde(default, rename = "no_show_guest")]
        pub no_show_guest: Option<InsightsMetric>,
        /// The average rating.
        #[serde(default)]
        pub rating: Option<InsightsMetric>,
    }
    nested: [
        created as "created", completed as "completed", rescheduled as "rescheduled", cancelled as "cancelled",
        no_show as "no_show", no_show_guest as "no_show_guest", rating as "rating"
    ],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsKpiStats,
    shows: { created, completed, rescheduled, cancelled, no_show, no_show_guest, rating },
}
