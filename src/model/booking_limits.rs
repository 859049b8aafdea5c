//! Limits on the bookings of a user.

use super::{
    TeamId,
    one_form::{null_as_default, one_form},
};

#[cfg(feature = "me")]
pub use self::input::UpdateBookingLimits;

one_form! {
    /// The most bookings that a user takes in each of four intervals; `None` is no limit.
    ///
    /// The intervals are those of the user's time zone. They are counted beside the limits of event types: the strictest counts.
    ///
    /// ```
    /// use calcom::model::BookingLimits;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let limits: BookingLimits = serde_json::from_str(r#"{"perDay": 5, "perWeek": null, "perMonth": 60, "perYear": null}"#)?;
    /// assert_eq!((limits.per_day, limits.per_week), (Some(5), None));
    /// # Ok(()) }
    /// ```
    pub struct BookingLimits {
        /// The largest number of bookings in a day; `None` without a limit.
        #[serde(default)]
        pub per_day: Option<i64>,
        /// The largest number of bookings in a week; `None` without a limit.
        #[serde(default)]
        pub per_week: Option<i64>,
        /// The largest number of bookings in a month; `None` without a limit.
        #[serde(default)]
        pub per_month: Option<i64>,
        /// The largest number of bookings in a year; `None` without a limit.
        #[serde(default)]
        pub per_year: Option<i64>,
    }
    nested: [],
    areas: ["me"],
    wire: crate::generated::types::BookingLimits,
    shows: { per_day, per_week, per_month, per_year },
}

one_form! {
    /// The most bookings that a user takes as a host of round robins, by team.
    ///
    /// ```no_run
    /// # #[cfg(feature = "me")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for team in &client.me().team_booking_limits().await?.teams {
    ///     println!("{}: {:?} a day", team.team_id, team.effective_limit.as_ref().and_then(|limit| limit.per_day));
    /// }
    /// # Ok(()) }
    /// ```
    pub struct TeamBookingLimits {
        /// The limits by team.
        #[serde(default, deserialize_with = "null_as_default")]
        pub teams: Vec<TeamBookingLimit>,
        /// The limits over all event types; `None` if there are none.
        #[serde(default)]
        pub global_limit: Option<BookingLimits>,
        /// Whether the limits of the teams together are more than those over all event types.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_overcommitted: bool,
    }
    nested: [teams as "teams", global_limit as "globalLimit"],
    areas: ["me"],
    wire: crate::generated::types::TeamBookingLimitsData,
    shows: { teams, global_limit, is_overcommitted },
}

one_form! {
    /// The most bookings that a user takes as a host of round robins of one team.
    ///
    /// ```
    /// use calcom::model::TeamBookingLimit;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"teamId": 4, "teamName": "Sales", "memberLimit": null, "effectiveLimit": {"perDay": 5}}"#;
    /// let limit: TeamBookingLimit = serde_json::from_str(json)?;
    /// assert_eq!(limit.member_limit, None);
    /// # Ok(()) }
    /// ```
    pub struct TeamBookingLimit {
        /// The team.
        pub team_id: TeamId,
        /// The name of the team.
        #[serde(default)]
        pub team_name: Option<String>,
        /// The default of the team.
        #[serde(default)]
        pub team_limit: Option<BookingLimits>,
        /// The user's own limits for the team; `None` if the default of the team counts.
        #[serde(default)]
        pub member_limit: Option<BookingLimits>,
        /// The limits that count.
        #[serde(default)]
        pub effective_limit: Option<BookingLimits>,
    }
    nested: [team_limit as "teamLimit", member_limit as "memberLimit", effective_limit as "effectiveLimit"],
    areas: ["me"],
    wire: crate::generated::types::TeamBookingLimit,
    shows: { team_id, team_limit, member_limit, effective_limit },
}

#[cfg(feature = "me")]
mod input {
    use std::num::NonZeroU64;

    use serde::{Deserialize, Serialize};

    use crate::{
        Result,
        error::{FieldError, refused},
        generated::types,
        patch::Patch,
    };

    /// The request to change how many bookings a user takes at most. Limits that are not set stay unchanged; `null` removes one.
    ///
    /// ```
    /// use calcom::{Patch, model::UpdateBookingLimits};
    ///
    /// let changes = UpdateBookingLimits::new().per_day(5u32).per_week(Patch::Clear);
    /// // client.me().update_booking_limits(&changes).await?;
    /// # assert_eq!(serde_json::to_string(&changes).unwrap(), r#"{"perDay":5,"perWeek":null}"#);
    /// ```
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    #[non_exhaustive]
    pub struct UpdateBookingLimits {
        /// The largest number of bookings in a day, 1 or more; null removes the limit.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<u32>"))]
        pub per_day: Patch<u32>,
        /// The largest number of bookings in a week, 1 or more; null removes the limit.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<u32>"))]
        pub per_week: Patch<u32>,
        /// The largest number of bookings in a month, 1 or more; null removes the limit.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<u32>"))]
        pub per_month: Patch<u32>,
        /// The largest number of bookings in a year, 1 or more; null removes the limit.
        #[serde(skip_serializing_if = "Patch::is_keep")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<u32>"))]
        pub per_year: Patch<u32>,
    }

    impl UpdateBookingLimits {
        /// A request without changes.
        #[must_use]
        pub fn new() -> Self {
            Self::default()
        }

        /// Sets the largest number of bookings in a day.
        #[must_use]
        pub fn per_day(mut self, limit: impl Into<Patch<u32>>) -> Self {
            self.per_day = limit.into();
            self
        }

        /// Sets the largest number of bookings in a week.
        #[must_use]
        pub fn per_week(mut self, limit: impl Into<Patch<u32>>) -> Self {
            self.per_week = limit.into();
            self
        }

        /// Sets the largest number of bookings in a month.
        #[must_use]
        pub fn per_month(mut self, limit: impl Into<Patch<u32>>) -> Self {
            self.per_month = limit.into();
            self
        }

        /// Sets the largest number of bookings in a year.
        #[must_use]
        pub fn per_year(mut self, limit: impl Into<Patch<u32>>) -> Self {
            self.per_year = limit.into();
            self
        }

        /// The body of `PATCH /v2/me/booking-limits` and of its like for a team.
        pub(crate) fn to_wire(&self) -> Result<types::UpdateBookingLimits> {
            let mut problems = Vec::new();
            let mut limit = |field, limit: &Patch<u32>| match limit {
                Patch::Keep => Patch::Keep,
                Patch::Clear => Patch::Clear,
                Patch::Set(limit) => NonZeroU64::new((*limit).into()).map_or_else(
                    || {
                        problems.push(FieldError::new(field, "must be at least 1"));
                        Patch::Keep
                    },
                    Patch::Set,
                ),
            };
            let mut body = types::UpdateBookingLimits::new();
            body.per_day = limit("perDay", &self.per_day);
            body.per_week = limit("perWeek", &self.per_week);
            body.per_month = limit("perMonth", &self.per_month);
            body.per_year = limit("perYear", &self.per_year);
            if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
        }
    }
}
