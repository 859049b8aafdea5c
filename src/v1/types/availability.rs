//! `/availability`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Time;
use crate::{
    redact::debug_shows,
    v1::shape::{Issues, Object, Path, request},
};

request! {
    /// The query of `GET /availability`: of a user, by name or number, or of a team.
    AvailabilityQuery, unknown fields are Ignored;
    required {
        /// From when.
        date_from "dateFrom": Time,
        /// Until when.
        date_to "dateTo": Time,
    }
    optional {
        /// Whose. V2 tells one's own alone.
        username "username": String,
        /// Whose. V2 tells one's own alone.
        user_id "userId": i64,
        /// Of which team; V2 has no such thing.
        team_id "teamId": i64,
        /// By the schedule of this event type; the default one otherwise.
        event_type_id "eventTypeId": i64,
    }
    nullable {}
    check availability_query;
}

fn availability_query(object: &Object, issues: &mut Issues) {
    if !["username", "userId", "teamId"].iter().any(|name| object.contains_key(*name)) {
        issues.add("custom", &Path::default(), "Either username or userId or teamId should be filled in.");
    }
}

impl AvailabilityQuery {
    /// The availability of this user between two times.
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
}

/// When a user is busy, and when at work: V1's answer, put together from V2's calendars, bookings and schedule.
///
/// The [losses](crate::v1::Converted::losses) name every part that was derived here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Availability {
    /// Bookings, and what the selected calendars hold.
    pub busy: Vec<Busy>,
    /// The zone of the working hours.
    pub time_zone: String,
    /// When there is time: the working hours of each date, without what is busy.
    pub date_ranges: Vec<Range>,
    /// The same without days out of office, which V2 does not tell.
    pub ooo_excluded_date_ranges: Vec<Range>,
    /// The weekly hours.
    pub working_hours: Vec<WorkingHours>,
    /// Hours of single dates. As V1 wrote them: the times of the schedule's zone, written as if they were UTC.
    pub date_overrides: Vec<Range>,
    /// Seats that are taken. V2 does not tell.
    pub current_seats: Option<Value>,
    /// Days out of office. V2 does not tell.
    pub dates_out_of_office: Option<Value>,
}

/// A span that is taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Busy {
    /// From when.
    pub start: Time,
    /// Until when.
    pub end: Time,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who says so: a calendar, or a booking (`eventType-<id>-booking-<id>`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

debug_shows!(Busy { start, end });

/// From one instant to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Range {
    /// From when.
    pub start: Time,
    /// Until when.
    pub end: Time,
}

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkingHours {
    /// The days, Sunday 0.
    pub days: Vec<u8>,
    /// From when, in minutes since midnight in the schedule's zone.
    pub start_time: i64,
    /// Until when, in minutes since midnight in the schedule's zone.
    pub end_time: i64,
    /// Whose they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
}
