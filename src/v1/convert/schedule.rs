//! Schedules. V1 has one list of rows; V2 has weekly hours and overrides.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ConversionError, convert_by_table,
    table::{ConversionDirection, ConversionOutput, FieldMapping, Purpose, group, name, renamed, same},
    to_object,
};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason,
        schema::JsonObject,
        types::{AvailabilityRow, CreateSchedule, PatchSchedule, Schedule, Time, TimeOfDay},
    },
};

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")).read_only("V2 gives it"),
    renamed(name!("userId"), name!("ownerId")).read_only("V2 makes it the caller's"),
    same(name!("name")),
    group(name!("timeZone"), name!("timeZone"), zone_to_v2, zone_to_v1),
    group(name!("availability"), &["availability", "overrides"], rows_to_v2, rows_to_v1),
    group(name!("isDefault"), name!("isDefault"), default_to_v2, default_to_v1),
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The zone that the service shows for a schedule without a zone.
const FALLBACK_ZONE: &str = "Europe/London";

fn zone_to_v2(schedule: &JsonObject, out: &mut ConversionOutput) {
    match schedule.get("timeZone") {
        Some(Value::String(zone)) => out.put("timeZone", zone.clone()),
        _ if out.is_request() => {}
        _ => {
            out.put("timeZone", FALLBACK_ZONE);
            out.report_loss("timeZone", LossReason::MadeUp("V2 shows Europe/London for a schedule without a zone"));
        }
    }
}

fn zone_to_v1(schedule: &JsonObject, out: &mut ConversionOutput) {
    out.put("timeZone", schedule.get("timeZone").cloned().unwrap_or_default());
}

/// V1 has `defaultScheduleId` on the user instead of a flag on the schedule.
const DEFAULT_IN_USER: &str = "V1 returns it as the user's defaultScheduleId";

fn default_to_v2(schedule: &JsonObject, out: &mut ConversionOutput) {
    match schedule.get("isDefault") {
        Some(default) => out.put("isDefault", default.clone()),
        None if out.is_request() => {}
        None => {
            out.put("isDefault", false);
            out.report_loss("isDefault", LossReason::MadeUp(DEFAULT_IN_USER));
        }
    }
}

fn default_to_v1(schedule: &JsonObject, out: &mut ConversionOutput) {
    if schedule.get("isDefault") == Some(&Value::Bool(true)) {
        out.report_loss("isDefault", LossReason::Dropped(DEFAULT_IN_USER));
    }
}

fn rows_to_v2(schedule: &JsonObject, out: &mut ConversionOutput) {
    let Some(rows) = schedule.get("availability").and_then(Value::as_array) else { return };
    let (mut weekly, mut overrides) = (Vec::new(), Vec::new());
    for row in rows {
        let Ok(read) = AvailabilityRow::deserialize(row) else {
            out.report_loss("availability[]", LossReason::NotExpressible("it is no span of hours"));
            continue;
        };
        if let Some(row) = row.as_object() {
            let known = ["id", "eventTypeId", "days", "startTime", "endTime", "date"];
            out.report_unmapped("availability[].", row, &known, "V2 does not know this field");
        }
        if read.id.is_some() {
            out.report_loss("availability[].id", LossReason::Dropped("V2's rows have no numbers"));
        }
        if read.event_type_id.is_some() {
            out.report_loss("availability[].eventTypeId", LossReason::Dropped("V2's hours belong to a schedule alone"));
        }
        let span = (hour_and_minute(read.start_time, "startTime", out), hour_and_minute(read.end_time, "endTime", out));
        match read.date {
            Some(date) => push_override(&read, date, span, &mut overrides, out),
            None => {
                if !overrides.is_empty() {
                    out.report_loss(
                        "availability",
                        LossReason::NotExpressible("V2 keeps no order between days and dates"),
                    );
                }
                push_weekly(&read, span, &mut weekly, out);
            }
        }
    }
    out.put("availability", weekly);
    out.put("overrides", overrides);
}

fn push_override(
    row: &AvailabilityRow,
    date: Time,
    (start, end): (String, String),
    overrides: &mut Vec<Value>,
    out: &mut ConversionOutput,
) {
    if !row.days.is_empty() {
        out.report_loss("availability[].days", LossReason::Dropped("V2's hours of a date have no days"));
    }
    if !date.is_midnight() {
        out.report_loss("availability[].date", LossReason::NotExpressible("V2's dates have no time"));
    }
    overrides.push(json!({"date": date.date().to_string(), "startTime": start, "endTime": end}));
}

fn push_weekly(
    row: &AvailabilityRow,
    (start, end): (String, String),
    weekly: &mut Vec<Value>,
    out: &mut ConversionOutput,
) {
    let days: Vec<&str> = row.days.iter().filter_map(|day| WEEKDAYS.get(usize::from(*day)).copied()).collect();
    if days.len() < row.days.len() {
        out.report_loss("availability[].days", LossReason::NotExpressible("the week has the days 0 to 6"));
    }
    weekly.push(json!({"days": days, "startTime": start, "endTime": end}));
}

/// The time as `HH:mm`, which is V2's form. Seconds are reported as lost.
fn hour_and_minute(time: TimeOfDay, name: &str, out: &mut ConversionOutput) -> String {
    if time.time().second() != 0 {
        out.report_loss(&format!("availability[].{name}"), LossReason::NotExpressible("V2's hours have no seconds"));
    }
    format!("{:02}:{:02}", time.time().hour(), time.time().minute())
}

fn rows_to_v1(schedule: &JsonObject, out: &mut ConversionOutput) {
    let list = |name: &str| schedule.get(name).and_then(Value::as_array).into_iter().flatten();
    let weekly = list("availability").map(|row| (row, false));
    let mut rows = Vec::new();
    for (row, is_dated) in weekly.chain(list("overrides").map(|row| (row, true))) {
        let time = |name: &str| row.get(name).and_then(Value::as_str).and_then(TimeOfDay::parse);
        let (Some(start), Some(end)) = (time("startTime"), time("endTime")) else {
            out.report_loss("availability[]", LossReason::NotExpressible("it is no span of hours"));
            continue;
        };
        let names = row.get("days").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let days = names.filter_map(|name| WEEKDAYS.iter().position(|day| *day == name));
        let date = row.get("date").and_then(Time::from_json);
        if is_dated && date.is_none() {
            out.report_loss("overrides[].date", LossReason::NotExpressible("it is no date"));
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
        out.report_loss("availability[].id", LossReason::MadeUp("V2's rows have no numbers"));
    }
    out.put("availability", rows);
}

/// Converts a schedule of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(schedule: &types::Schedule) -> Result<Converted<Schedule>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, schedule)
}

/// Converts a schedule of V1 to V2's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V2 requires is missing.
pub fn to_v2(schedule: &Schedule) -> Result<Converted<types::Schedule>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Read, schedule)
}

/// Converts the body of `POST /schedules`. The new schedule does not become the default schedule, as in V1.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn create(schedule: &CreateSchedule) -> Result<Converted<types::CreateSchedule>, ConversionError> {
    let mut schedule = to_object(schedule);
    schedule.insert("isDefault".to_owned(), false.into());
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Create, &schedule)
}

/// Converts the body of `PATCH /schedules/{id}`.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(schedule: &PatchSchedule) -> Result<Converted<types::UpdateSchedule>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Update, schedule)
}
