//! Schedules in the form of the service's first version: one list has rows for weekdays and for single dates, and the response
//! to a change nests the schedule in other fields.

use serde_json::{Map, Value};

use super::{DateOverride, Schedule};
use crate::model::{FromDocumented, RawValueRef};

/// Fields that only the first version has.
const FIRST_VERSION_ONLY: [&str; 2] = ["workingHours", "dateOverrides"];

impl Schedule {
    /// Reads a schedule, with its rows for single dates as overrides. `None` if the JSON is not of the first version.
    ///
    /// In the response to a change the fields beside the schedule become fields of it, as in other responses of the version:
    /// `availability` is then the weekly grid and `schedule` the rows.
    pub(super) fn read_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
        let fields = json.as_object()?;
        if let Some(Value::Object(within)) = fields.get("schedule") {
            let extra = RawValueRef::of_value(Value::Object(join_fields(fields, within)));
            return split_rows(extra.value()?.as_object()?, &extra);
        }
        let is_row = |row: &Value| row.is_array() || row.get("date").is_some();
        let has_rows = |name| fields.get(name).and_then(Value::as_array).is_some_and(|rows| rows.iter().any(is_row));
        let is_first = FIRST_VERSION_ONLY.iter().any(|name| fields.contains_key(*name));
        (is_first || has_rows("availability") || has_rows("schedule")).then(|| split_rows(fields, extra)).flatten()
    }
}

/// Merges the fields beside the schedule with its own, which take precedence.
fn join_fields(beside: &Map<String, Value>, within: &Map<String, Value>) -> Map<String, Value> {
    let mut all = beside.clone();
    all.remove("schedule");
    for (name, value) in within {
        let name = if name == "availability" { "schedule" } else { name };
        all.insert(name.to_owned(), value.clone());
    }
    all
}

/// Reads the rows for weekdays as the hours, and the rows for single dates as the overrides.
fn split_rows(fields: &Map<String, Value>, extra: &RawValueRef) -> Option<Schedule> {
    let rows = fields.get("schedule").or_else(|| fields.get("availability"))?.as_array()?;
    let (of_dates, of_weekdays): (Vec<_>, Vec<_>) =
        rows.iter().cloned().partition(|row| row.get("date").is_some_and(|date| !date.is_null()));
    let mut plain = fields.clone();
    plain.insert("schedule".to_owned(), of_weekdays.into());
    let mut schedule = Schedule::from_documented(&Value::Object(plain), extra).ok()?;
    for row in of_dates {
        schedule.overrides.push(date_override(row)?);
    }
    Some(schedule)
}

/// Reads a row for a single date, which the version writes as midnight in UTC.
fn date_override(mut row: Value) -> Option<DateOverride> {
    row["date"] = row["date"].as_str()?.get(..10)?.into();
    serde_json::from_value(row).ok()
}
