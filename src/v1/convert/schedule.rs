//! Schedules: V1 has one list of rows, V2 weekly hours and overrides.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    NoForm, by_table, object,
    table::{Out, Row, Use, Way, name, renamed, same, several},
};
use crate::{
    raw::types,
    v1::{
        Converted, Why,
        shape::Object,
        types::{AvailabilityRow, CreateSchedule, PatchSchedule, Schedule, Time, TimeOfDay},
    },
};

pub(super) const TABLE: &[Row] = &[
    same(name!("id")).read_only("V2 gives it"),
    renamed(name!("userId"), name!("ownerId")).read_only("V2 makes it the caller's"),
    same(name!("name")),
    several(name!("timeZone"), name!("timeZone"), zone_to_v2, zone_to_v1),
    several(name!("availability"), &["availability", "overrides"], rows_to_v2, rows_to_v1),
    several(name!("isDefault"), name!("isDefault"), default_to_v2, default_to_v1),
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// What the service itself shows for a schedule without a zone.
const NO_ZONE: &str = "Europe/London";

fn zone_to_v2(schedule: &Object, out: &mut Out) {
    match schedule.get("timeZone") {
        Some(Value::String(zone)) => out.put("timeZone", zone.clone()),
        _ if out.is_request() => {}
        _ => {
            out.put("timeZone", NO_ZONE);
            out.lose("timeZone", Why::MadeUp("V2 shows Europe/London for a schedule without a zone"));
        }
    }
}

fn zone_to_v1(schedule: &Object, out: &mut Out) {
    out.put("timeZone", schedule.get("timeZone").cloned().unwrap_or_default());
}

/// V1 tells it by the user's `defaultScheduleId`.
const DEFAULT: &str = "V1 tells it by the user's defaultScheduleId";

fn default_to_v2(schedule: &Object, out: &mut Out) {
    match schedule.get("isDefault") {
        Some(default) => out.put("isDefault", default.clone()),
        None if out.is_request() => {}
        None => {
            out.put("isDefault", false);
            out.lose("isDefault", Why::MadeUp(DEFAULT));
        }
    }
}

fn default_to_v1(schedule: &Object, out: &mut Out) {
    if schedule.get("isDefault") == Some(&Value::Bool(true)) {
        out.lose("isDefault", Why::Dropped(DEFAULT));
    }
}

fn rows_to_v2(schedule: &Object, out: &mut Out) {
    let Some(rows) = schedule.get("availability").and_then(Value::as_array) else { return };
    let (mut weekly, mut overrides) = (Vec::new(), Vec::new());
    for row in rows {
        let Ok(read) = AvailabilityRow::deserialize(row) else {
            out.lose("availability[]", Why::NotExpressible("it is no span of hours"));
            continue;
        };
        if let Some(row) = row.as_object() {
            let known = ["id", "eventTypeId", "days", "startTime", "endTime", "date"];
            out.lose_others("availability[].", row, &known, "V2 does not know this field");
        }
        if read.id.is_some() {
            out.lose("availability[].id", Why::Dropped("V2's rows have no numbers"));
        }
        if read.event_type_id.is_some() {
            out.lose("availability[].eventTypeId", Why::Dropped("V2's hours belong to a schedule alone"));
        }
        let span = (minute(read.start_time, "startTime", out), minute(read.end_time, "endTime", out));
        match read.date {
            Some(date) => dated(&read, date, span, &mut overrides, out),
            None => {
                if !overrides.is_empty() {
                    out.lose("availability", Why::NotExpressible("V2 keeps no order between days and dates"));
                }
                by_day(&read, span, &mut weekly, out);
            }
        }
    }
    out.put("availability", weekly);
    out.put("overrides", overrides);
}

fn dated(row: &AvailabilityRow, date: Time, (start, end): (String, String), overrides: &mut Vec<Value>, out: &mut Out) {
    if !row.days.is_empty() {
        out.lose("availability[].days", Why::Dropped("V2's hours of a date have no days"));
    }
    if !date.is_midnight() {
        out.lose("availability[].date", Why::NotExpressible("V2's dates have no time"));
    }
    overrides.push(json!({"date": date.date().to_string(), "startTime": start, "endTime": end}));
}

fn by_day(row: &AvailabilityRow, (start, end): (String, String), weekly: &mut Vec<Value>, out: &mut Out) {
    let days: Vec<&str> = row.days.iter().filter_map(|day| DAYS.get(usize::from(*day)).copied()).collect();
    if days.len() < row.days.len() {
        out.lose("availability[].days", Why::NotExpressible("the week has the days 0 to 6"));
    }
    weekly.push(json!({"days": days, "startTime": start, "endTime": end}));
}

/// V2 has hours and minutes.
fn minute(time: TimeOfDay, name: &str, out: &mut Out) -> String {
    if time.time().second() != 0 {
        out.lose(&format!("availability[].{name}"), Why::NotExpressible("V2's hours have no seconds"));
    }
    format!("{:02}:{:02}", time.time().hour(), time.time().minute())
}

fn rows_to_v1(schedule: &Object, out: &mut Out) {
    let list = |name: &str| schedule.get(name).and_then(Value::as_array).into_iter().flatten();
    let weekly = list("availability").map(|row| (row, false));
    let mut rows = Vec::new();
    for (row, is_dated) in weekly.chain(list("overrides").map(|row| (row, true))) {
        let time = |name: &str| row.get(name).and_then(Value::as_str).and_then(TimeOfDay::parse);
        let (Some(start), Some(end)) = (time("startTime"), time("endTime")) else {
            out.lose("availability[]", Why::NotExpressible("it is no span of hours"));
            continue;
        };
        let names = row.get("days").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let days = names.filter_map(|name| DAYS.iter().position(|day| *day == name));
        let date = row.get("date").and_then(Time::of_json);
        if is_dated && date.is_none() {
            out.lose("overrides[].date", Why::NotExpressible("it is no date"));
            continue;
        }
        rows.push(json!({
            "id": null,
            "eventTypeId": null,
            "days": days.collect::<Vec<_>>(),
            "startTime": start,
            "endTime": end,
            "date": date,
        }));
    }
    if !rows.is_empty() {
        out.lose("availability[].id", Why::MadeUp("V2's rows have no numbers"));
    }
    out.put("availability", rows);
}

/// V2's schedule as V1 told it.
///
/// # Errors
///
/// Where V2's lacks what V1 must have.
pub fn to_v1(schedule: &types::Schedule) -> Result<Converted<Schedule>, NoForm> {
    by_table(TABLE, Way::ToV1, Use::Read, schedule)
}

/// V1's schedule as V2 tells it.
///
/// # Errors
///
/// Where V1's lacks what V2 must have.
pub fn to_v2(schedule: &Schedule) -> Result<Converted<types::Schedule>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Read, schedule)
}

/// What `POST /schedules` becomes. It never becomes the default schedule: V1's did not either.
///
/// # Errors
///
/// Where V2 takes no such schedule.
pub fn create(schedule: &CreateSchedule) -> Result<Converted<types::CreateSchedule>, NoForm> {
    let mut schedule = object(schedule);
    schedule.insert("isDefault".to_owned(), false.into());
    by_table(TABLE, Way::ToV2, Use::Make, &schedule)
}

/// What `PATCH /schedules/{id}` becomes.
///
/// # Errors
///
/// Where V2 takes no such change.
pub fn patch(schedule: &PatchSchedule) -> Result<Converted<types::UpdateSchedule>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Change, schedule)
}
