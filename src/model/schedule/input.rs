//! Requests to create and to change a schedule.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::hours::{self, Availability, DateOverride};
use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::{
        nulls::null_as_none,
        weekday,
        zone::{TimeZoneName, check_time_zone},
    },
    redact::debug_shows,
};

/// The request to create a schedule.
///
/// ```
/// use calcom::model::{Availability, CreateSchedule};
/// use jiff::civil::time;
///
/// let schedule = CreateSchedule::new("Working Hours", "Europe/Berlin")
///     .hours(Availability::weekdays(time(9, 0, 0, 0), time(17, 0, 0, 0)))
///     .as_default();
/// # let _ = schedule;
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateSchedule {
    /// The name.
    pub name: String,
    /// The time zone of all hours and dates, an IANA name.
    pub time_zone: String,
    /// Whether event types without a schedule of their own use it; default `false`.
    #[serde(default, deserialize_with = "null_as_none")]
    pub is_default: bool,
    /// The weekly hours. Default: Monday to Friday from 09:00 to 17:00. An empty list means no hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<Availability>>,
    /// The hours of single dates, which replace those of the weekday.
    #[serde(default, deserialize_with = "null_as_none", skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<DateOverride>,
}

/// The request to change a schedule. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::model::{DateOverride, UpdateSchedule};
/// use jiff::civil::{date, time};
///
/// let christmas_eve = DateOverride::new(date(2026, 12, 24), time(10, 0, 0, 0), time(12, 0, 0, 0));
/// let changes = UpdateSchedule::default().time_zone("Europe/Vienna").overrides([christmas_eve]);
/// // client.schedules().update(5, &changes).await?;
/// # let _ = changes;
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateSchedule {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The time zone of all hours and dates, an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether event types without a schedule of their own use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// All weekly hours, which replace the old ones. An empty list means no hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<Availability>>,
    /// The hours of all single dates, which replace the old ones. An empty list removes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<DateOverride>>,
}

debug_shows!(CreateSchedule { time_zone, is_default, schedule, overrides });
debug_shows!(UpdateSchedule { time_zone, is_default, schedule, overrides });

impl CreateSchedule {
    /// A schedule in this time zone (an IANA name or a [`TimeZone`](jiff::tz::TimeZone)), with the service's default hours.
    pub fn new(name: impl Into<String>, time_zone: impl Into<TimeZoneName>) -> Self {
        Self {
            name: name.into(),
            time_zone: TimeZoneName::text(time_zone),
            is_default: false,
            schedule: None,
            overrides: Vec::new(),
        }
    }

    /// Adds weekly hours; the first call replaces the default hours.
    #[must_use]
    pub fn hours(mut self, hours: Availability) -> Self {
        self.schedule.get_or_insert_default().push(hours);
        self
    }

    /// Adds hours of a single date.
    #[must_use]
    pub fn date_override(mut self, hours: DateOverride) -> Self {
        self.overrides.push(hours);
        self
    }

    /// Makes it the schedule of event types without one of their own.
    #[must_use]
    pub fn as_default(mut self) -> Self {
        self.is_default = true;
        self
    }

    /// The body of `POST /v2/schedules`.
    pub(crate) fn to_wire(&self) -> Result<types::CreateSchedule> {
        let mut problems: Vec<_> = check_time_zone("timeZone", &self.time_zone).into_iter().collect();
        let mut body = types::CreateSchedule::new(self.name.clone(), self.time_zone.clone(), self.is_default);
        body.availability = self.schedule.as_deref().map(|hours| weekly(hours, &mut problems));
        body.overrides = dates(&self.overrides, &mut problems);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

impl UpdateSchedule {
    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the time zone, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone). The hours keep their times of day.
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Makes it the schedule of event types without one of their own.
    #[must_use]
    pub fn as_default(mut self) -> Self {
        self.is_default = Some(true);
        self
    }

    /// Replaces all weekly hours.
    #[must_use]
    pub fn schedule(mut self, hours: impl IntoIterator<Item = Availability>) -> Self {
        self.schedule = Some(hours.into_iter().collect());
        self
    }

    /// Replaces the hours of all single dates.
    #[must_use]
    pub fn overrides(mut self, hours: impl IntoIterator<Item = DateOverride>) -> Self {
        self.overrides = Some(hours.into_iter().collect());
        self
    }

    /// The body of `PATCH /v2/schedules/{scheduleId}`.
    pub(crate) fn to_wire(&self) -> Result<types::UpdateSchedule> {
        let mut problems: Vec<_> =
            self.time_zone.as_deref().and_then(|zone| check_time_zone("timeZone", zone)).into_iter().collect();
        let mut body = types::UpdateSchedule::new();
        body.name.clone_from(&self.name);
        body.time_zone.clone_from(&self.time_zone);
        body.is_default = self.is_default;
        body.availability = self.schedule.as_deref().map(|hours| weekly(hours, &mut problems));
        body.overrides = self.overrides.as_deref().map(|hours| dates(hours, &mut problems));
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

fn weekly(hours: &[Availability], problems: &mut Vec<FieldError>) -> Vec<types::ScheduleAvailabilityInput> {
    let one = |(at, hours): (usize, &Availability)| types::ScheduleAvailabilityInput {
        days: hours.days.iter().map(|day| weekday::to_wire(*day)).collect(),
        start_time: time(&format!("schedule[{at}].startTime"), hours.start_time, problems),
        end_time: time(&format!("schedule[{at}].endTime"), hours.end_time, problems),
    };
    hours.iter().enumerate().map(one).collect()
}

fn dates(hours: &[DateOverride], problems: &mut Vec<FieldError>) -> Vec<types::ScheduleOverrideInput> {
    let one = |(at, hours): (usize, &DateOverride)| types::ScheduleOverrideInput {
        date: hours.date.to_string(),
        start_time: time(&format!("overrides[{at}].startTime"), hours.start_time, problems),
        end_time: time(&format!("overrides[{at}].endTime"), hours.end_time, problems),
    };
    hours.iter().enumerate().map(one).collect()
}

fn time(field: &str, time: Time, problems: &mut Vec<FieldError>) -> String {
    if time.second() != 0 || time.subsec_nanosecond() != 0 {
        problems.push(FieldError::new(field, "must be a whole minute"));
    }
    hours::text(time)
}
