//! `/v2/schedules`, in the newer and the older version.

mod old;
mod ownership;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::auth::AccessRule;
use super::super::change::{Change, ResourceKind};
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::schedule::{DAY_NAMES, clock_text, minutes};
use super::super::state::{Availability, DateOverride, IdKind, Schedule, State};
use super::super::version::Versions;
use super::handler::{finish, id_of};
use ownership::{is_default, own_default};

const NEW: Versions = Versions::FROM_0611_TO_0614;
const OLD: Versions = Versions::ONLY_0415;
const WEEK: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(crate) const ROUTES: &[Route] = &[
    Route::new("get_default_schedule", "GET", "/schedules/default", NEW, AccessRule::Required, default),
    Route::new("list_schedules", "GET", "/schedules", NEW, AccessRule::Required, list),
    Route::new("create_schedule", "POST", "/schedules", NEW, AccessRule::Required, create),
    Route::new("get_schedule", "GET", "/schedules/{scheduleId}", NEW, AccessRule::Required, get),
    Route::new("update_schedule", "PATCH", "/schedules/{scheduleId}", NEW, AccessRule::Required, update),
    Route::new("delete_schedule", "DELETE", "/schedules/{scheduleId}", NEW, AccessRule::Required, delete),
    Route::new("get_default_schedule_old", "GET", "/schedules/default", OLD, AccessRule::Required, old::default),
    Route::new("list_schedules_old", "GET", "/schedules", OLD, AccessRule::Required, old::list),
    Route::new("create_schedule_old", "POST", "/schedules", OLD, AccessRule::Required, old::create),
    Route::new("get_schedule_old", "GET", "/schedules/{scheduleId}", OLD, AccessRule::Required, old::get),
    Route::new("update_schedule_old", "PATCH", "/schedules/{scheduleId}", OLD, AccessRule::Required, old::update),
    Route::new("delete_schedule_old", "DELETE", "/schedules/{scheduleId}", OLD, AccessRule::Required, delete),
];

pub(crate) fn render(state: &State, schedule: &Schedule) -> Value {
    let availability: Vec<Value> = schedule
        .availability
        .iter()
        .map(|row| {
            let mut days = row.days.clone();
            days.sort_unstable();
            let days: Vec<&str> = days.iter().filter_map(|day| DAY_NAMES.get(usize::from(*day)).copied()).collect();
            json!({ "days": days, "startTime": clock_text(row.start), "endTime": clock_text(row.end) })
        })
        .collect();
    let overrides: Vec<Value> = schedule
        .overrides
        .iter()
        .map(|o| json!({ "date": o.date.to_string(), "startTime": clock_text(o.start), "endTime": clock_text(o.end) }))
        .collect();
    json!({
        "id": schedule.id,
        "ownerId": schedule.owner,
        "name": schedule.name,
        "timeZone": schedule.time_zone,
        "availability": availability,
        "isDefault": is_default(state, schedule),
        "overrides": overrides,
    })
}

/// The caller's schedule. The service has different errors for unknown schedules and for those of other users.
pub(super) fn own(state: &State, request: &Request, unknown: u16) -> Result<Schedule, Reply> {
    let id = id_of(request, "scheduleId")?;
    let user = request.user().unwrap_or_default();
    let schedule = state.schedule(id);
    let schedule =
        schedule.ok_or_else(|| Reply::exception(unknown, format!("Schedule with ID={id} does not exist.")))?;
    if schedule.owner != user {
        return Err(Reply::exception(403, format!("User with ID={user} does not own schedule with ID={id}")));
    }
    Ok(schedule.clone())
}

fn default(state: &mut State, request: &Request) -> HandlerOutcome {
    let found = own_default(state, request).map_or(Value::Null, |schedule| render(state, &schedule));
    Reply::ok(found).into()
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    let own = state.schedules.iter().filter(|schedule| Some(schedule.owner) == request.user());
    Reply::ok(own.map(|schedule| render(state, schedule)).collect::<Vec<_>>().into()).into()
}

fn get(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(own(state, request, 404).map(|schedule| Reply::ok(render(state, &schedule))))
}

fn check(body: &Value, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(body);
    let fields: [(&str, &[ValidationRule]); 3] = [
        ("name", &[ValidationRule::String]),
        ("timeZone", &[ValidationRule::TimeZone]),
        ("isDefault", &[ValidationRule::Boolean]),
    ];
    let check = |checker: &mut Checker<'_>, at: usize| {
        let (name, rules) = fields[at];
        if creating {
            checker.required(name, rules)
        } else {
            checker.optional(name, rules)
        };
    };
    check(&mut checker, 0);
    check(&mut checker, 1);
    checker.each("availability", false, &[ValidationRule::Array], |row| {
        row.required("days", &[ValidationRule::EachIn(WEEK), ValidationRule::Array])
            .required("startTime", &[ValidationRule::TimeOfDay])
            .required("endTime", &[ValidationRule::TimeOfDay]);
    });
    check(&mut checker, 2);
    checker.each("overrides", false, &[ValidationRule::Array], |dated| {
        dated
            .required(
                "date",
                &[ValidationRule::Custom("matches", is_date, "date must be a valid date format YYYY-MM-DD")],
            )
            .required("startTime", &[ValidationRule::TimeOfDay])
            .required("endTime", &[ValidationRule::TimeOfDay]);
    });
    checker.tree()
}

fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 10 && text.parse::<Date>().is_ok())
}

fn rows(state: &mut State, list: &Value) -> Vec<Availability> {
    let rows = list.as_array().into_iter().flatten();
    rows.map(|row| {
        let days = row.get("days").and_then(Value::as_array).into_iter().flatten();
        let number = |day: &Value| DAY_NAMES.iter().position(|name| day.as_str() == Some(name));
        Availability {
            row: state.ids.number(IdKind::AvailabilityRow),
            days: days.filter_map(number).filter_map(|day| u8::try_from(day).ok()).collect(),
            start: time_of(row, "startTime"),
            end: time_of(row, "endTime"),
            user: None,
        }
    })
    .collect()
}

fn dated(state: &mut State, list: &Value) -> Vec<DateOverride> {
    let rows = list.as_array().into_iter().flatten();
    rows.filter_map(|row| {
        let date = row.get("date").and_then(Value::as_str)?.parse().ok()?;
        let number = state.ids.number(IdKind::AvailabilityRow);
        Some(DateOverride { row: number, date, start: time_of(row, "startTime"), end: time_of(row, "endTime") })
    })
    .collect()
}

fn time_of(row: &Value, name: &str) -> u16 {
    row.get(name).and_then(Value::as_str).and_then(minutes).unwrap_or_default()
}

fn apply(state: &mut State, schedule: &mut Schedule, body: &Map<String, Value>) {
    for (name, value) in body {
        match name.as_str() {
            "name" => schedule.name = value.as_str().unwrap_or_default().to_owned(),
            "timeZone" => schedule.time_zone = value.as_str().unwrap_or_default().to_owned(),
            "availability" => schedule.availability = rows(state, value),
            "overrides" => schedule.overrides = dated(state, value),
            _ => {}
        }
    }
    if body.get("isDefault") == Some(&Value::Bool(true))
        && let Some(user) = state.user_mut(schedule.owner)
    {
        user.default_schedule = Some(schedule.id);
    }
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(&request.body, true)?;
    let mut schedule = Schedule {
        id: state.ids.number(IdKind::Schedule),
        owner: request.user().ok_or_else(Reply::internal)?,
        name: String::new(),
        time_zone: String::new(),
        availability: Vec::new(),
        overrides: Vec::new(),
    };
    let mut body = request.fields().clone();
    body.entry("availability").or_insert_with(
        || json!([{ "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"], "startTime": "09:00", "endTime": "17:00" }]),
    );
    apply(state, &mut schedule, &body);
    state.schedules.push(schedule.clone());
    state.record_change(Change::created(ResourceKind::Schedule, schedule.id));
    Ok(Reply::created(render(state, &schedule)))
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    check(&request.body, false)?;
    let mut schedule = own(state, request, 404)?;
    apply(state, &mut schedule, request.fields());
    if let Some(place) = state.schedule_mut(schedule.id) {
        *place = schedule.clone();
    }
    state.record_change(Change::updated(ResourceKind::Schedule, schedule.id));
    Ok(Reply::ok(render(state, &schedule)))
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_delete(state, request))
}

fn try_delete(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let schedule = own(state, request, 400)?;
    state.schedules.retain(|other| other.id != schedule.id);
    let next = state.schedules.iter().find(|other| other.owner == schedule.owner).map(|other| other.id);
    if let Some(user) = state.user_mut(schedule.owner)
        && user.default_schedule == Some(schedule.id)
    {
        user.default_schedule = next;
    }
    for event in state.event_types.iter_mut().filter(|event| event.schedule == Some(schedule.id)) {
        event.schedule = None;
    }
    state.record_change(Change::deleted(ResourceKind::Schedule, schedule.id));
    Ok(Reply::done())
}
