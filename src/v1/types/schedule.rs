//! `/schedules`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Time, TimeOfDay};
use crate::v1::shape::{Issues, Kind, Path, nothing_further, request};

/// The hours at which somebody can be booked, in V1's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Schedule {
    /// The number of the schedule.
    pub id: i64,
    /// Whose it is.
    pub user_id: Option<i64>,
    /// Its name.
    pub name: String,
    /// The IANA name of the zone in which its times are meant.
    pub time_zone: Option<String>,
    /// Its hours, a row for every span of every set of days, or of a date.
    #[serde(default)]
    pub availability: Vec<AvailabilityRow>,
}

/// Hours of some days of the week, or of one date, which then replace those of its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AvailabilityRow {
    /// The number of the row. V2 has none.
    pub id: Option<i64>,
    /// An event type for which alone it holds. V2 has none.
    pub event_type_id: Option<i64>,
    /// The days of the week, Sunday 0.
    #[serde(default)]
    pub days: Vec<u8>,
    /// From when.
    pub start_time: TimeOfDay,
    /// Until when.
    pub end_time: TimeOfDay,
    /// The date, at its beginning in UTC.
    pub date: Option<Time>,
}

impl AvailabilityRow {
    /// Hours of these days of the week, Sunday 0.
    pub fn weekly(days: impl Into<Vec<u8>>, start_time: TimeOfDay, end_time: TimeOfDay) -> Self {
        Self { id: None, event_type_id: None, days: days.into(), start_time, end_time, date: None }
    }

    /// Hours of one date.
    pub fn on(date: Time, start_time: TimeOfDay, end_time: TimeOfDay) -> Self {
        Self { id: None, event_type_id: None, days: Vec::new(), start_time, end_time, date: Some(date) }
    }
}

impl Kind for AvailabilityRow {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.type_of("object", value, at) };
        for name in ["startTime", "endTime"] {
            match object.get(name) {
                None => issues.add("invalid_type", &at.key(name), "Required"),
                Some(time) if TimeOfDay::deserialize(time).is_err() => {
                    issues.add("invalid_string", &at.key(name), "Invalid time");
                }
                Some(_) => {}
            }
        }
        if let Some(days) = object.get("days") {
            Vec::<i64>::check(days, &at.key("days"), issues);
        }
        match object.get("date") {
            None | Some(Value::Null) => {}
            Some(date) => Time::check(date, &at.key("date"), issues),
        }
    }
}

request! {
    /// The body of `POST /schedules`.
    ///
    /// V1 ignored hours here and made Monday to Friday from nine to five, as V2 does where none are given; given ones are
    /// sent.
    #[derive(Default)]
    CreateSchedule, unknown fields are Ignored;
    required {
        /// Its name.
        name "name": String,
        /// The IANA name of its zone.
        time_zone "timeZone": String,
    }
    optional {
        /// Whose it is; V2 makes it the caller's.
        user_id "userId": i64,
        /// Its hours.
        availability "availability": Vec<AvailabilityRow>,
    }
    nullable {}
    check nothing_further;
}

request! {
    /// The body of `PATCH /schedules/{id}`. What is left out stays.
    #[derive(Default)]
    PatchSchedule, unknown fields are Ignored;
    required {}
    optional {
        /// Its name.
        name "name": String,
        /// The IANA name of its zone.
        time_zone "timeZone": String,
        /// Whose it is; V2 cannot give it away.
        user_id "userId": i64,
        /// Its hours, all of them.
        availability "availability": Vec<AvailabilityRow>,
    }
    nullable {}
    check nothing_further;
}

impl CreateSchedule {
    /// A schedule of this name in this zone.
    pub fn new(name: impl Into<String>, time_zone: impl Into<String>) -> Self {
        Self { name: name.into(), time_zone: time_zone.into(), ..Self::default() }
    }
}
