//! Schedules: the hours in which a user can be booked.

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
    /// A schedule, in the [documented form](crate::model#the-two-forms-of-json): the hours in which a user can be booked.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for schedule in &client.schedules().list().await? {
    ///     for hours in &schedule.schedule {
    ///         println!("{}: {:?} {} to {}", schedule.name, hours.days, hours.start_time, hours.end_time);
    ///     }
    ///     for other in schedule.overrides() {
    ///         println!("{}: {} to {}", other.date, other.start_time, other.end_time);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Schedule {
        /// The id of the schedule.
        pub id: ScheduleId,
        /// The name.
        pub name: String,
        /// The time zone of all hours and dates, an IANA name.
        pub time_zone: String,
        /// Whether event types without a schedule of their own use it; `false` if the response does not say, as in the response
        /// to a change in the first version of the service (recording `schedules/update-2024-04-15`).
        #[serde(default)]
        pub is_default: bool,
        /// The weekly hours.
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
    /// The hours of single dates, which replace those of the weekday.
    #[must_use]
    pub fn overrides(&self) -> &[DateOverride] {
        &self.overrides
    }

    /// The user that owns it.
    #[must_use]
    pub fn owner_id(&self) -> Option<UserId> {
        self.extra("ownerId").or_else(|| self.extra("userId"))?.as_i64().map(UserId)
    }
}

/// Reads the rows for weekdays; in the first version of the service the list has rows for single dates too.
fn weekly<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Availability>, D::Error> {
    #[derive(Deserialize)]
    struct AvailabilityRow {
        #[serde(flatten)]
        hours: Availability,
        #[serde(default)]
        date: Option<IgnoredAny>,
    }

    let rows = Vec::<AvailabilityRow>::deserialize(deserializer)?;
    Ok(rows.into_iter().filter(|row| row.date.is_none()).map(|row| row.hours).collect())
}

#[cfg(feature = "schedules")]
mod from_wire {
    use serde_json::Value;

    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, InvalidValue, RawValueRef},
    };

    impl FromWire for Schedule {
        type Wire = Self;

        fn from_wire(mut wire: Self, extra: RawValueRef) -> Self {
            wire.extra = extra;
            wire
        }

        fn from_first_version(json: &Value, extra: &RawValueRef) -> Option<Self> {
            Self::read_first_version(json, extra)
        }
    }

    impl Schedule {
        pub(super) fn read_wire(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
            if let Some(schedule) = Self::read_first_version(json, extra) {
                return Ok(schedule);
            }
            let schedule =
                Self::parse_wire(Deserialize::deserialize(json)?, "").map_err(InvalidValue::into_json_error)?;
            Ok(Self::from_wire(schedule, extra.clone()))
        }

        /// Converts the wire form, which is at `path` in the response. The result does not refer to the response yet.
        pub(crate) fn parse_wire(wire: types::Schedule, path: &str) -> Result<Self, InvalidValue> {
            let schedule = wire.availability.into_iter().enumerate().map(|(at, hours)| {
                Availability::parse_wire(hours).map_err(|field| invalid_value(path, "availability", at, field))
            });
            let overrides = wire.overrides.into_iter().enumerate().map(|(at, hours)| {
                DateOverride::parse_wire(hours).map_err(|field| invalid_value(path, "overrides", at, field))
            });
            Ok(Self {
                id: ScheduleId(wire.id),
                name: wire.name,
                time_zone: wire.time_zone,
                is_default: wire.is_default,
                schedule: schedule.collect::<Result<_, _>>()?,
                overrides: overrides.collect::<Result<_, _>>()?,
                extra: RawValueRef::default(),
            })
        }
    }

    fn invalid_value(path: &str, list: &str, at: usize, field: &str) -> InvalidValue {
        let expected = match field {
            "days" => "weekdays",
            "date" => "a date",
            _ => "a time of day",
        };
        InvalidValue::new(format!("{path}.{list}[{at}].{field}"), expected)
    }
}
