//! Checks of the values of a seed: a value that could not be played is an error that names its field.

use http::HeaderName;
use serde_json::{Value, json};

use super::super::api::event_types::input;
use super::super::api::webhooks::is_trigger;
use super::super::check::rule::{is_time_zone, is_url};
use super::super::reply::{Reply, ReplyBody};
use super::super::state::schedule::{DAY_NAMES, minutes};
use super::fixtures::{SeedAbsence, SeedHours, SeedSchedule, SeedUser, SeedWebhook};

/// A seed that cannot be used. The text names the field.
///
/// ```
/// use calcom_fake::Seed;
///
/// let error = Seed::from_json(r#"{"bookings": [], "users": [{"name": "Ada"}]}"#).unwrap_err();
/// assert!(error.to_string().contains("username"), "{error}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SeedError(pub(super) String);

/// The error of a field.
pub(super) fn wrong(field: &str, what: &str) -> SeedError {
    SeedError(format!("{field}: {what}"))
}

pub(super) fn require(is_right: bool, field: &str, what: &str) -> Result<(), SeedError> {
    if is_right { Ok(()) } else { Err(wrong(field, what)) }
}

/// A name that is given, and not given to another fixture.
pub(super) fn own_name(name: &str, is_new: bool, field: &str) -> Result<(), SeedError> {
    require(!name.trim().is_empty(), field, "must not be empty")?;
    require(is_new, field, &format!("`{name}` is there already"))
}

fn zone(zone: Option<&str>, field: &str) -> Result<(), SeedError> {
    require(zone.is_none_or(is_time_zone), field, "must be an IANA name such as `Europe/Berlin`")
}

pub(super) fn user(user: &SeedUser, field: &str) -> Result<(), SeedError> {
    zone(user.time_zone.as_deref(), &format!("{field}.timeZone"))?;
    let is_day = user.week_start.as_deref().is_none_or(|day| DAY_NAMES.contains(&day));
    require(is_day, &format!("{field}.weekStart"), "must be a day such as `Monday`")?;
    let key = user.api_key.as_deref().unwrap_or("cal_");
    let is_key = key.starts_with("cal_") && key.chars().all(|c| c.is_ascii_graphic());
    require(is_key, &format!("{field}.apiKey"), "must begin with `cal_`, and have letters that a header can hold")?;
    for (at, schedule) in user.schedules.iter().enumerate() {
        check_schedule(schedule, &format!("{field}.schedules[{at}]"))?;
    }
    for (at, SeedAbsence { from, to }) in user.out_of_office.iter().enumerate() {
        require(from <= to, &format!("{field}.outOfOffice[{at}].to"), "must not be before `from`")?;
    }
    Ok(())
}

fn check_schedule(schedule: &SeedSchedule, field: &str) -> Result<(), SeedError> {
    zone(schedule.time_zone.as_deref(), &format!("{field}.timeZone"))?;
    for (at, SeedHours { days, start_time, end_time }) in schedule.availability.iter().enumerate() {
        let field = |name: &str| format!("{field}.availability[{at}].{name}");
        require(days.iter().all(|day| *day < 7), &field("days"), "must be from 0, which is Sunday, to 6")?;
        let start = minutes(start_time).ok_or_else(|| wrong(&field("startTime"), "must be a time such as `09:00`"))?;
        let end = if end_time == "24:00" { Some(1440) } else { minutes(end_time) };
        let end = end.ok_or_else(|| wrong(&field("endTime"), "must be a time such as `17:00`, at most `24:00`"))?;
        require(start < end, &field("endTime"), "must be after `startTime`")?;
    }
    Ok(())
}

pub(super) fn webhook(webhook: &SeedWebhook, field: &str) -> Result<(), SeedError> {
    require(is_url(&webhook.subscriber_url), &format!("{field}.subscriberUrl"), "must be a URL")?;
    let unknown = webhook.triggers.iter().find(|trigger| !is_trigger(trigger));
    let what = unknown.map(|trigger| format!("there is no trigger `{trigger}`")).unwrap_or_default();
    require(unknown.is_none(), &format!("{field}.triggers"), &what)
}

/// The name of a limit is a part of the names of headers.
pub(super) fn limit(name: &str, field: &str) -> Result<(), SeedError> {
    let is_name = HeaderName::try_from(format!("x-ratelimit-limit-{name}")).is_ok();
    require(is_name, field, "must be a word that the name of a header can have")
}

/// A property of an event type, as the route that creates one checks it.
pub(super) fn property(name: &str, value: &Value, field: &str) -> Result<(), SeedError> {
    let is_in_range = value.as_f64().is_none_or(|number| number.abs() <= f64::from(i32::MAX));
    require(is_in_range, field, "is out of range")?;
    input::check(&json!({ name: value }), false).map_err(|refusal| wrong(field, &reason(&refusal)))
}

/// What a refusal of the service says of one property.
fn reason(refusal: &Reply) -> String {
    let ReplyBody::Error(error) = &refusal.body else { return "is not valid".to_owned() };
    let found = error.details.as_ref().and_then(|details| details.get("errors")).and_then(constraint);
    found.unwrap_or_else(|| error.message.clone())
}

/// The first constraint that is violated, also one of a part of the value.
fn constraint(errors: &Value) -> Option<String> {
    errors.as_array()?.iter().find_map(|error| {
        let own = error.get("constraints").and_then(Value::as_object).and_then(|it| it.values().next()?.as_str());
        own.map(str::to_owned).or_else(|| constraint(error.get("children")?))
    })
}
