//! `/availability`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Time;
use crate::{
    redact::debug_shows,
    v1::schema::{IssuePath, Issues, JsonObject, request},
};

request! {
    /// The query of `GET /availability`. It names a user, by name or number, or a team.
    ///
    /// ```
    /// use calcom::v1::types::{AvailabilityQuery, Time};
    ///
    /// let (from, to) = (Time::parse("2030-01-15"), Time::parse("2030-01-16"));
    /// let mut query = AvailabilityQuery::of_user(1, from.expect("a date"), to.expect("a date"));
    /// query.event_type_id = Some(3);
    /// ```
    AvailabilityQuery, unknown fields: Ignore;
    required {
        /// The start of the window.
        date_from "dateFrom": Time,
        /// The end of the window.
        date_to "dateTo": Time,
    }
    optional {
        /// The name of the user. V2 returns the availability of the caller only.
        username "username": String,
        /// The id of the user. V2 returns the availability of the caller only.
        user_id "userId": i64,
        /// The team whose members' availability is asked for.
        team_id "teamId": i64,
        /// The event type whose schedule applies. Without it the default schedule applies.
        event_type_id "eventTypeId": i64,
    }
    nullable {}
    check check_availability_query;
}

fn check_availability_query(object: &JsonObject, issues: &mut Issues) {
    if !["username", "userId", "teamId"].iter().any(|name| object.contains_key(*name)) {
        issues.add("custom", &IssuePath::default(), "Either username or userId or teamId should be filled in.");
    }
}

impl AvailabilityQuery {
    /// Creates a query for the availability of a user between two times.
    pub fn of_user(user_id: i64, date_from: impl Into<Time>, date_to: impl Into<Time>) -> Self {
        Self {
            user_id: Some(user_id),
            date_from: date_from.into(),
            date_to: date_to.into(),
            username: None,
            team_id: None,
            event_type_id: None,
        }
    }

    /// Creates a query for the availability of a team's members between two times.
    pub fn of_team(team_id: i64, date_from: impl Into<Time>, date_to: impl Into<Time>) -> Self {
        Self {
            team_id: Some(team_id),
            date_from: date_from.into(),
            date_to: date_to.into(),
            username: None,
            user_id: None,
            event_type_id: None,
        }
    }
}

/// The busy times and working hours of a user, assembled from V2's calendars, bookings and schedule.
///
/// The [losses](crate::v1::Converted::losses) name every field that is derived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Availability {
    /// Bookings, and busy times of the selected calendars.
    pub busy: Vec<BusyTime>,
    /// The zone of the working hours.
    pub time_zone: String,
    /// The free times: the working hours of each date, without the busy times.
    pub date_ranges: Vec<DateRange>,
    /// The free times without days out of office. Equal to `date_ranges`, because V2 does not return days out of office.
    pub ooo_excluded_date_ranges: Vec<DateRange>,
    /// The weekly hours.
    pub working_hours: Vec<WorkingHours>,
    /// The hours of single dates. As in V1 they are local times of the schedule's zone, written as if they were UTC.
    pub date_overrides: Vec<DateRange>,
    /// The taken seats. Always `None`: V2 does not return them.
    pub current_seats: Option<Value>,
    /// The days out of office. Always `None`: V2 does not return them.
    pub dates_out_of_office: Option<Value>,
}

/// The availability of a member of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MemberAvailability {
    /// The member.
    pub user_id: i64,
    /// The member's busy times and working hours.
    pub availability: Availability,
}

/// A busy time.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BusyTime {
    /// The start.
    pub start: Time,
    /// The end.
    pub end: Time,
    /// The title of the booking or calendar event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The source: a calendar, or a booking (`eventType-<id>-booking-<id>`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

debug_shows!(BusyTime { start, end });

/// A range of time.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DateRange {
    /// The start.
    pub start: Time,
    /// The end.
    pub end: Time,
}

/// The working hours of some days of the week.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkingHours {
    /// The days of the week. Sunday is 0.
    pub days: Vec<u8>,
    /// The start, in minutes since midnight in the schedule's zone.
    pub start_time: i64,
    /// The end, in minutes since midnight in the schedule's zone.
    pub end_time: i64,
    /// The id of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
}
