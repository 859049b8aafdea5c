//! `/schedules`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Time, TimeOfDay};
use crate::v1::schema::{FieldType, IssuePath, Issues, no_further_checks, request};

/// A schedule: the hours at which a user can be booked, in V1's form.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Schedule {
    /// The id of the schedule.
    pub id: i64,
    /// The number of the owner.
    pub user_id: Option<i64>,
    /// The name.
    pub name: String,
    /// The IANA name of the zone of the hours.
    pub time_zone: Option<String>,
    /// The hours. Each row is a range of hours of some days of the week, or of a date.
    #[serde(default)]
    pub availability: Vec<AvailabilityRow>,
}

/// A range of hours of some days of the week, or of one date. The hours of a date replace those of its weekday.
///
/// ```
/// use calcom::v1::types::{AvailabilityRow, Time, TimeOfDay};
///
/// let (from, to) = (TimeOfDay::parse("09:00"), TimeOfDay::parse("17:00:00"));
/// let (from, to) = (from.expect("a time"), to.expect("a time"));
/// let weekdays = AvailabilityRow::weekly([1, 2, 3, 4, 5], from, to);
/// let christmas_eve = AvailabilityRow::on(Time::parse("2030-12-24").expect("a date"), from, to);
/// # let _ = (weekdays, christmas_eve);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AvailabilityRow {
    /// The number of the row. V2 does not have it.
    pub id: Option<i64>,
    /// The event type to which the row is limited. V2 does not have it.
    pub event_type_id: Option<i64>,
    /// The days of the week. Sunday is 0.
    #[serde(default)]
    pub days: Vec<u8>,
    /// The start.
    pub start_time: TimeOfDay,
    /// The end.
    pub end_time: TimeOfDay,
    /// The date, as midnight in UTC.
    pub date: Option<Time>,
}

impl AvailabilityRow {
    /// Creates a row for days of the week. Sunday is 0.
    pub fn weekly(days: impl Into<Vec<u8>>, start_time: TimeOfDay, end_time: TimeOfDay) -> Self {
        Self { id: None, event_type_id: None, days: days.into(), start_time, end_time, date: None }
    }

    /// Creates a row for a date.
    pub fn on(date: Time, start_time: TimeOfDay, end_time: TimeOfDay) -> Self {
        Self { id: None, event_type_id: None, days: Vec::new(), start_time, end_time, date: Some(date) }
    }
}

impl FieldType for AvailabilityRow {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.wrong_type("object", value, at) };
        for name in ["startTime", "endTime"] {
            match object.get(name) {
                None => issues.add("invalid_type", &at.child(name), "Required"),
                Some(time) if TimeOfDay::deserialize(time).is_err() => {
                    issues.add("invalid_string", &at.child(name), "Invalid time");
                }
                Some(_) => {}
            }
        }
        if let Some(days) = object.get("days") {
            Vec::<i64>::check(days, &at.child("days"), issues);
        }
        match object.get("date") {
            None | Some(Value::Null) => {}
            Some(date) => Time::check(date, &at.child("date"), issues),
        }
    }
}

request! {
    /// The body of `POST /schedules`.
    ///
    /// Without hours V2 uses Monday to Friday from 09:00 to 17:00. V1 always did, and ignored hours; this client sends
    /// them.
    ///
    /// ```
    /// use calcom::v1::types::CreateSchedule;
    ///
    /// let schedule = CreateSchedule::new("Late", "Europe/Berlin");
    /// # let _ = schedule;
    /// ```
    #[derive(Default)]
    CreateSchedule, unknown fields: Ignore;
    required {
        /// The name.
        name "name": String,
        /// The IANA name of the zone of the hours.
        time_zone "timeZone": String,
    }
    optional {
        /// The number of the owner. In V2 the caller is the owner.
        user_id "userId": i64,
        /// The hours.
        availability "availability": Vec<AvailabilityRow>,
    }
    nullable {}
    check no_further_checks;
}

request! {
    /// The body of `PATCH /schedules/{id}`. Missing fields stay unchanged.
    ///
    /// ```
    /// use calcom::v1::types::PatchSchedule;
    ///
    /// let changes = PatchSchedule { name: Some("Early".to_owned()), ..Default::default() };
    /// # let _ = changes;
    /// ```
    #[derive(Default)]
    PatchSchedule, unknown fields: Ignore;
    required {}
    optional {
        /// The name.
        name "name": String,
        /// The IANA name of the zone of the hours.
        time_zone "timeZone": String,
        /// The number of the owner. V2 cannot change it.
        user_id "userId": i64,
        /// The hours. They replace all rows.
        availability "availability": Vec<AvailabilityRow>,
    }
    nullable {}
    check no_further_checks;
}

impl CreateSchedule {
    /// Creates a request for a schedule with a name and a zone.
    pub fn new(name: impl Into<String>, time_zone: impl Into<String>) -> Self {
        Self { name: name.into(), time_zone: time_zone.into(), ..Self::default() }
    }
}
