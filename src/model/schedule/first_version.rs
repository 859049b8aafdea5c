//! Schedules as the first version of the service has them: rows for single dates stand among those for weekdays, and the
//! answer to a change has the schedule within what it says beside.

use serde_json::{Map, Value};

use super::{DateOverride, Schedule};
use crate::model::{Extra, FromDocumented};

/// Fields that no later version has.
const FIRST_VERSION_ONLY: [&str; 2] = ["workingHours", "dateOverrides"];

impl Schedule {
    /// The schedule, with its rows for single dates as overrides. `None` if the JSON is not of the first version.
    ///
    /// What stands beside the schedule in the answer to a change is kept as fields of it, as the version's other answers have
    /// them: `availability` is then the week's grid and `schedule` the rows.
    pub(super) fn read_first_version(json: &Value, extra: &Extra) -> Option<Self> {
        let fields = json.as_object()?;
        if let Some(Value::Object(within)) = fields.get("schedule") {
            let extra = Extra::of_value(Value::Object(joined(fields, within)));
            return rows_apart(extra.value()?.as_object()?, &extra);
        }
        let is_row = |row: &Value| row.is_array() || row.get("date").is_some();
        let has_rows = |name| fields.get(name).and_then(Value::as_array).is_some_and(|rows| rows.iter().any(is_row));
        let is_first = FIRST_VERSION_ONLY.iter().any(|name| fields.contains_key(*name));
        (is_first || has_rows("availability") || has_rows("schedule")).then(|| rows_apart(fields, extra)).flatten()
    }
}

/// The fields beside the schedule and those within, of which the latter are the schedule's own.
fn joined(beside: &Map<String, Value>, within: &Map<String, Value>) -> Map<String, Value> {
    let mut all = beside.clone();
    all.remove("schedule");
    for (name, value) in within {
        let name = if name == "availability" { "schedule" } else { name };
        all.insert(name.to_owned(), value.clone());
    }
    all
}

/// Reads the rows for weekdays as the hours, and the rows for single dates as the overrides.
fn rows_apart(fields: &Map<String, Value>, extra: &Extra) -> Option<Schedule> {
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

/// The date is written as its midnight in UTC.
fn date_override(mut row: Value) -> Option<DateOverride> {
    row["date"] = row["date"].as_str()?.get(..10)?.into();
    serde_json::from_value(row).ok()
}
