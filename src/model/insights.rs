//! Figures of bookings.

#[cfg(feature = "insights")]
mod input;
mod routing;
#[cfg(feature = "insights")]
mod routing_input;

use super::one_form::one_form;

pub use self::routing::{
    RoutedMember, RoutedMemberCount, RoutedMembers, RoutingAnswer, RoutingInsightsField, RoutingInsightsOption,
    RoutingInsightsResponse, RoutingStats,
};
#[cfg(feature = "insights")]
pub use self::{
    input::{InsightsQuery, InsightsScope},
    routing_input::{InsightsPeriod, RoutingInsightsQuery},
};

use super::{UserId, one_form::null_as_default};

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
        #[serde(default, deserialize_with = "null_as_default")]
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
    /// The numbers of bookings that were made, held, rescheduled and cancelled.
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
        /// The number of bookings that were made.
        #[serde(default)]
        pub created: Option<InsightsMetric>,
        /// The number of bookings that are over.
        #[serde(default)]
        pub completed: Option<InsightsMetric>,
        /// The number of bookings that were rescheduled.
        #[serde(default)]
        pub rescheduled: Option<InsightsMetric>,
        /// The number of bookings that were cancelled.
        #[serde(default)]
        pub cancelled: Option<InsightsMetric>,
        /// The number of bookings whose host did not appear.
        #[serde(default, rename = "no_show")]
        pub no_show: Option<InsightsMetric>,
        /// The number of attendees who did not appear.
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

one_form! {
    /// The numbers of bookings that were made, held, rescheduled, cancelled and missed in a day, a week or a month.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{InsightsQuery, InsightsScope};
    ///
    /// for span in &client.insights().booking_trends(&InsightsQuery::new(InsightsScope::User, "Europe/Berlin")).await? {
    ///     println!("{:?}: {} made, {} cancelled", span.label, span.created, span.cancelled);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct BookingTrend {
        /// The name of the span, as the service shows it.
        #[serde(default, rename = "Month")]
        pub label: Option<String>,
        /// The number of bookings that were made.
        #[serde(default, rename = "Created", deserialize_with = "null_as_default")]
        pub created: u64,
        /// The number of bookings that are over.
        #[serde(default, rename = "Completed", deserialize_with = "null_as_default")]
        pub completed: u64,
        /// The number of bookings that were rescheduled.
        #[serde(default, rename = "Rescheduled", deserialize_with = "null_as_default")]
        pub rescheduled: u64,
        /// The number of bookings that were cancelled.
        #[serde(default, rename = "Cancelled", deserialize_with = "null_as_default")]
        pub cancelled: u64,
        /// The number of bookings whose host did not appear.
        #[serde(default, rename = "No-Show (Host)", deserialize_with = "null_as_default")]
        pub no_show: u64,
        /// The number of attendees who did not appear.
        #[serde(default, rename = "No-Show (Guest)", deserialize_with = "null_as_default")]
        pub no_show_guest: u64,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsEventTrend,
    shows: { label, created, completed, rescheduled, cancelled, no_show, no_show_guest },
}

one_form! {
    /// The average length of bookings in a day, a week or a month.
    ///
    /// ```
    /// use calcom::model::AverageDuration;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let span: AverageDuration = serde_json::from_str(r#"{"Date": "Mar 1", "Average": 42.5}"#)?;
    /// assert_eq!((span.label.as_deref(), span.minutes), (Some("Mar 1"), 42.5));
    /// # Ok(()) }
    /// ```
    pub struct AverageDuration {
        /// The name of the span, as the service shows it.
        #[serde(default, rename = "Date")]
        pub label: Option<String>,
        /// The average length in minutes; 0 without bookings.
        #[serde(default, rename = "Average", deserialize_with = "null_as_default")]
        pub minutes: f64,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsAverageDuration,
    shows: { label, minutes },
}

one_form! {
    /// Rankings of members by their bookings.
    ///
    /// ```no_run
    /// # #[cfg(feature = "insights")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{InsightsQuery, InsightsScope};
    ///
    /// let of_team = InsightsQuery::new(InsightsScope::Team(4.into()), "Europe/Berlin");
    /// for member in &client.insights().member_stats(&of_team).await?.most_bookings {
    ///     println!("{:?}: {}", member.user_id, member.count);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct MemberRankings {
        /// The members with the most bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub most_bookings: Vec<MemberStat>,
        /// The members with the fewest bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub least_bookings: Vec<MemberStat>,
        /// The members with the most cancelled bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub most_cancelled: Vec<MemberStat>,
        /// The members with the most bookings that are over.
        #[serde(default, deserialize_with = "null_as_default")]
        pub most_completed: Vec<MemberStat>,
        /// The members with the most bookings that they missed.
        #[serde(default, deserialize_with = "null_as_default")]
        pub most_no_show: Vec<MemberStat>,
    }
    nested: [
        most_bookings as "mostBookings", least_bookings as "leastBookings", most_cancelled as "mostCancelled",
        most_completed as "mostCompleted", most_no_show as "mostNoShow"
    ],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsMemberStats,
    shows: { most_bookings, least_bookings, most_cancelled, most_completed, most_no_show },
}

one_form! {
    /// A figure of one member.
    ///
    /// ```
    /// use calcom::model::MemberStat;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let stat: MemberStat = serde_json::from_str(r#"{"userId": 7, "count": 12}"#)?;
    /// assert_eq!((stat.user_id, stat.count), (Some(7.into()), 12));
    /// # Ok(()) }
    /// ```
    pub struct MemberStat {
        /// The member.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The number of bookings.
        #[serde(default, deserialize_with = "null_as_default")]
        pub count: u64,
    }
    nested: [],
    areas: ["insights"], wire: crate::generated::types::BookingInsightsMemberStat,
    shows: { user_id, count },
}
