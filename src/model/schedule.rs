//! The hours at which somebody can be booked.

#[cfg(feature = "schedules")]
mod first_version;
mod hours;
#[cfg(feature = "schedules")]
mod input;

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    ScheduleId, UserId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

pub use self::hours::{Availability, DateOverride};
#[cfg(feature = "schedules")]
pub use self::input::{CreateSchedule, UpdateSchedule};

documented! {
    /// A schedule, in the [documented form](crate::model#the-documented-interface).
    #[serde(rename_all = "camelCase")]
    pub struct Schedule {
        /// The number of the schedule.
        pub id: ScheduleId,
        /// Its name.
        pub name: String,
        /// The zone that all its hours and dates are meant in, an IANA name.
        pub time_zone: String,
        /// Whether event types without a schedule of their own use it; `false` if the answer does not say, as in the answer to
        /// a change in the first version of the service (recording `schedules/update-2024-04-15`).
        #[serde(default)]
        pub is_default: bool,
        /// The hours that repeat every week.
        #[serde(deserialize_with = "weekly")]
        pub schedule: Vec<Availability>,
        #[serde(default, skip_serializing)]
        #[cfg_attr(feature = "schemars", schemars(skip))]
        overrides: Vec<DateOverride>,
    }
    wire_names: ["availability", "workingHours", "dateOverrides"],
    nested: [overrides as "overrides"],
    read_wire: ("schedules", Self::read_wire),
}

reads_wire!("schedules", Schedule => crate::generated::types::Schedule);
debug_shows!(Schedule { id, time_zone, is_default, schedule, overrides });

impl Schedule {
    /// The dates that have other hours than their weekday.
    #[must_use]
    pub fn overrides(&self) -> &[DateOverride] {
        &self.overrides
    }

    /// Whose schedule it is.
    #[must_use]
    pub fn owner_id(&self) -> Option<UserId> {
        self.extra("ownerId").or_else(|| self.extra("userId"))?.as_i64().map(UserId)
    }
}

/// The first version of the service lists rows for single dates among those for weekdays.
fn weekly<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Availability>, D::Error> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(flatten)]
        hours: Availability,
        #[serde(default)]
        date: Option<IgnoredAny>,
    }

    let rows = Vec::<Row>::deserialize(deserializer)?;
    Ok(rows.into_iter().filter(|row| row.date.is_none()).map(|row| row.hours).collect())
}

#[cfg(feature = "schedules")]
mod from_wire {
    use serde_json::Value;

    use super::*;
    use crate::{
        generated::types,
        model::{Extra, FromWire, InvalidValue},
    };

    impl FromWire for Schedule {
        type Wire = Self;

        fn from_wire(mut today: Self, extra: Extra) -> Self {
            today.extra = extra;
            today
        }

        fn from_first_version(json: &Value, extra: &Extra) -> Option<Self> {
            Self::read_first_version(json, extra)
        }
    }

    impl Schedule {
        pub(super) fn read_wire(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
            if let Some(schedule) = Self::read_first_version(json, extra) {
                return Ok(schedule);
            }
            let schedule =
                Self::parse_wire(Deserialize::deserialize(json)?, "").map_err(InvalidValue::into_json_error)?;
            Ok(Self::from_wire(schedule, extra.clone()))
        }

        /// From today's form, which stood at `path` in the answer; still without its place.
        pub(crate) fn parse_wire(today: types::Schedule, path: &str) -> Result<Self, InvalidValue> {
            let schedule = today.availability.into_iter().enumerate().map(|(at, hours)| {
                Availability::parse_wire(hours).map_err(|field| unreadable(path, "availability", at, field))
            });
            let overrides = today.overrides.into_iter().enumerate().map(|(at, hours)| {
                DateOverride::parse_wire(hours).map_err(|field| unreadable(path, "overrides", at, field))
            });
            Ok(Self {
                id: ScheduleId(today.id),
                name: today.name,
                time_zone: today.time_zone,
                is_default: today.is_default,
                schedule: schedule.collect::<Result<_, _>>()?,
                overrides: overrides.collect::<Result<_, _>>()?,
                extra: Extra::default(),
            })
        }
    }

    fn unreadable(path: &str, list: &str, at: usize, field: &str) -> InvalidValue {
        let expected = match field {
            "days" => "weekdays",
            "date" => "a date",
            _ => "a time of day",
        };
        InvalidValue::new(format!("{path}.{list}[{at}].{field}"), expected)
    }
}
