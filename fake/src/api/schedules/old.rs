//! `/v2/schedules` of version 2024-04-15: minutes, day numbers, and times of day in 1970.

use serde_json::{Map, Value, json};

use super::super::super::change::{Change, ResourceKind};
use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Availability, IdKind, Schedule, State};
use super::super::handler::finish;
use super::ownership::{is_default, own_default};
use crate::instant;

/// Writes `1970-01-01T09:00:00.000Z`.
fn in_1970(minutes: u16) -> String {
    format!("1970-01-01T{:02}:{:02}:00.000Z", minutes / 60 % 24, minutes % 60)
}

fn table_rows(schedule: &Schedule) -> Vec<Value> {
    let weekly = schedule.availability.iter().map(|row| {
        json!({
            "id": row.row, "userId": row.user, "eventTypeId": null, "days": row.days,
            "startTime": in_1970(row.start), "endTime": in_1970(row.end), "date": null, "scheduleId": schedule.id,
        })
    });
    let dated = schedule.overrides.iter().map(|o| {
        json!({
            "id": o.row, "userId": null, "eventTypeId": null, "days": [],
            "startTime": in_1970(o.start), "endTime": in_1970(o.end),
            "date": format!("{}T00:00:00.000Z", o.date), "scheduleId": schedule.id,
        })
    });
    weekly.chain(dated).collect()
}

/// Seven lists of times with today's date, Sunday first.
fn week(state: &State, schedule: &Schedule) -> Vec<Value> {
    let today = state.now().to_string();
    let today = today.split('T').next().unwrap_or_default().to_owned();
    let at = |minutes: u16| format!("{today}T{:02}:{:02}:00.000Z", minutes / 60 % 24, minutes % 60);
    (0..7u8)
        .map(|day| {
            let rows = schedule.availability.iter().filter(|row| row.days.contains(&day));
            rows.map(|row| json!({ "start": at(row.start), "end": at(row.end) })).collect::<Vec<_>>().into()
        })
        .collect()
}

fn render(state: &State, schedule: &Schedule) -> Value {
    let working: Vec<Value> = schedule
        .availability
        .iter()
        .map(|row| {
            let mut hours = json!({ "days": row.days, "startTime": row.start, "endTime": row.end });
            if let Some(user) = row.user {
                hours["userId"] = user.into();
            }
            hours
        })
        .collect();
    let today = state.now().to_string();
    let overrides: Vec<Value> = schedule
        .overrides
        .iter()
        .filter(|o| o.date.to_string().as_str() >= today.split('T').next().unwrap_or_default())
        .map(|o| {
            let at = |minutes: u16| format!("{}T{:02}:{:02}:00.000Z", o.date, minutes / 60 % 24, minutes % 60);
            json!({ "ranges": [{ "start": at(o.start), "end": at(o.end) }] })
        })
        .collect();
    let owned = state.schedules.iter().filter(|other| other.owner == schedule.owner).count();
    json!({
        "id": schedule.id,
        "name": schedule.name,
        "isManaged": false,
        "workingHours": working,
        "schedule": table_rows(schedule),
        "availability": week(state, schedule),
        "timeZone": schedule.time_zone,
        "dateOverrides": overrides,
        "isDefault": is_default(state, schedule),
        "isLastSchedule": owned <= 1,
        "readOnly": false,
        "userId": schedule.owner,
    })
}

pub(super) fn default(state: &mut State, request: &Request) -> HandlerOutcome {
    let found = own_default(state, request).map_or(Value::Null, |schedule| render(state, &schedule));
    Reply::ok(found).into()
}

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    let own = state.schedules.iter().filter(|schedule| Some(schedule.owner) == request.user());
    Reply::ok(own.map(|schedule| render(state, schedule)).collect::<Vec<_>>().into()).into()
}

/// The caller's schedule. An unknown schedule and one of another user are an internal error in this version.
fn own(state: &State, request: &Request) -> Result<Schedule, Reply> {
    let found = request.id_param("scheduleId").and_then(|id| state.schedule(id));
    let found = found.filter(|schedule| Some(schedule.owner) == request.user());
    found.cloned().ok_or_else(|| Reply::bare(500, "Internal server error"))
}

pub(super) fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request).map(|schedule| Reply::ok(render(state, &schedule))))
}

/// The time of day of an instant, in minutes since midnight.
fn time_of(row: &Value, name: &str) -> u16 {
    let at = row.get(name).and_then(Value::as_str).and_then(instant::parse);
    at.map_or(0, |at| u16::try_from(at.as_second().rem_euclid(86_400) / 60).unwrap_or(0))
}

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .required("name", &[ValidationRule::String])
        .required("timeZone", &[ValidationRule::TimeZone])
        .each("availabilities", false, &[ValidationRule::Array], |row| {
            row.required("days", &[ValidationRule::Array])
                .required("startTime", &[ValidationRule::Date])
                .required("endTime", &[ValidationRule::Date]);
        })
        .required("isDefault", &[ValidationRule::Boolean])
        .tree()?;
    let owner = request.user().ok_or_else(Reply::internal)?;
    let body = request.fields();
    let mut schedule = Schedule {
        id: state.ids.number(IdKind::Schedule),
        owner,
        name: request.text("name").unwrap_or_default().to_owned(),
        time_zone: request.text("timeZone").unwrap_or_default().to_owned(),
        availability: Vec::new(),
        overrides: Vec::new(),
    };
    let nine_to_five = json!([{ "days": [1, 2, 3, 4, 5], "startTime": in_1970(540), "endTime": in_1970(1020) }]);
    let rows = body.get("availabilities").unwrap_or(&nine_to_five);
    for row in rows.as_array().into_iter().flatten() {
        let days = row.get("days").and_then(Value::as_array).into_iter().flatten();
        schedule.availability.push(Availability {
            row: state.ids.number(IdKind::AvailabilityRow),
            days: days.filter_map(Value::as_u64).filter_map(|day| u8::try_from(day).ok()).collect(),
            start: time_of(row, "startTime"),
            end: time_of(row, "endTime"),
            user: Some(owner),
        });
    }
    make_default(state, &schedule, body);
    state.schedules.push(schedule.clone());
    state.record_change(Change::created(ResourceKind::Schedule, schedule.id));
    Ok(Reply::created(render(state, &schedule)))
}

fn make_default(state: &mut State, schedule: &Schedule, body: &Map<String, Value>) {
    if body.get("isDefault") == Some(&Value::Bool(true))
        && let Some(user) = state.user_mut(schedule.owner)
    {
        user.default_schedule = Some(schedule.id);
    }
}

pub(super) fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    Checker::of(&request.body)
        .optional("timeZone", &[ValidationRule::TimeZone])
        .optional("name", &[ValidationRule::String])
        .optional("isDefault", &[ValidationRule::Boolean])
        .optional("schedule", &[ValidationRule::Array])
        .tree()?;
    let mut schedule = own(state, request)?;
    let before = state.user(schedule.owner).and_then(|user| user.default_schedule);
    let body = request.fields();
    if let Some(name) = request.text("name") {
        schedule.name = name.to_owned();
    }
    if let Some(zone) = request.text("timeZone") {
        schedule.time_zone = zone.to_owned();
    }
    if let Some(days) = body.get("schedule").and_then(Value::as_array) {
        schedule.availability = by_hours(state, days);
    }
    if let Some(place) = state.schedule_mut(schedule.id) {
        *place = schedule.clone();
    }
    make_default(state, &schedule, body);
    state.record_change(Change::updated(ResourceKind::Schedule, schedule.id));
    let now = state.user(schedule.owner).and_then(|user| user.default_schedule);
    let event_types: Vec<Value> = state
        .event_types
        .iter()
        .filter(|event| event.schedule == Some(schedule.id))
        .map(|event| json!({ "id": event.id, "eventName": event.rest.get("customName"), "title": event.title }))
        .collect();
    Ok(Reply::ok(json!({
        "schedule": {
            "id": schedule.id, "userId": schedule.owner, "name": schedule.name,
            "availability": table_rows(&schedule), "timeZone": schedule.time_zone, "eventType": event_types,
        },
        "availability": week(state, &schedule),
        "timeZone": schedule.time_zone,
        "isDefault": is_default(state, &schedule),
        "prevDefaultId": before,
        "currentDefaultId": now,
    })))
}

/// Converts seven lists of ranges, Sunday first, to rows. Days with equal hours share a row.
fn by_hours(state: &mut State, days: &[Value]) -> Vec<Availability> {
    let mut rows: Vec<Availability> = Vec::new();
    for (day, ranges) in (0u8..).zip(days) {
        for range in ranges.as_array().into_iter().flatten() {
            let (start, end) = (time_of(range, "start"), time_of(range, "end"));
            match rows.iter_mut().find(|row| (row.start, row.end) == (start, end)) {
                Some(row) => row.days.push(day),
                None => rows.push(Availability {
                    row: state.ids.number(IdKind::AvailabilityRow),
                    days: vec![day],
                    start,
                    end,
                    user: None,
                }),
            }
        }
    }
    rows
}
