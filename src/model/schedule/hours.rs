//! Hours of weekdays and of single dates, and how they are written: days as numbers from Sunday, 0, times as `HH:MM`.

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ToWireJson, weekday};

/// Hours that repeat every week: `{"days": [1, 2, 3, 4, 5], "startTime": "09:00", "endTime": "17:00"}`.
///
/// Days are written as numbers, Sunday is 0. The times are those of the schedule's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Availability {
    /// The days of the week.
    #[serde(with = "days")]
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<u8>", inner(range(min = 0, max = 6))))]
    pub days: Vec<Weekday>,
    /// From this time.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start_time: Time,
    /// To this time.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub end_time: Time,
}

impl Availability {
    /// These days, from one time to another, in whole minutes.
    pub fn new(days: impl IntoIterator<Item = Weekday>, start: Time, end: Time) -> Self {
        Self { days: days.into_iter().collect(), start_time: start, end_time: end }
    }

    /// Monday to Friday, from one time to another.
    #[must_use]
    pub fn weekdays(start: Time, end: Time) -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self::new([Monday, Tuesday, Wednesday, Thursday, Friday], start, end)
    }
}

/// Hours of one date, in the place of those of its weekday:
/// `{"date": "2026-12-24", "startTime": "10:00", "endTime": "12:00"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DateOverride {
    /// The date.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub date: Date,
    /// From this time.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start_time: Time,
    /// To this time.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub end_time: Time,
}

impl DateOverride {
    /// This date, from one time to another, in whole minutes.
    #[must_use]
    pub fn new(date: Date, start: Time, end: Time) -> Self {
        Self { date, start_time: start, end_time: end }
    }
}

impl ToWireJson for DateOverride {
    fn to_wire_json(&self) -> Value {
        serde_json::json!({
            "date": self.date.to_string(),
            "startTime": text(self.start_time),
            "endTime": text(self.end_time),
        })
    }
}

/// `09:00`; the first version of the service writes a time of the first day of 1970, in UTC.
fn time(text: &str) -> Option<Time> {
    let instant =
        || text.parse().ok().map(|instant: jiff::Timestamp| instant.to_zoned_datetime(jiff::tz::TimeZone::UTC).time());
    text.parse().ok().or_else(instant)
}

/// `09:00`, and seconds where there are any.
pub(super) fn text(time: Time) -> String {
    if time.second() == 0 && time.subsec_nanosecond() == 0 {
        format!("{:02}:{:02}", time.hour(), time.minute())
    } else {
        time.to_string()
    }
}

mod time_of_day {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::text(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        super::time(&text).ok_or_else(|| D::Error::custom("not a time of day, HH:MM"))
    }
}

mod days {
    use jiff::civil::Weekday;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Day {
        Number(i8),
        Name(String),
    }

    pub(super) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(|day| day.to_sunday_zero_offset()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let day = |day| match day {
            Day::Number(number) => Weekday::from_sunday_zero_offset(number).ok(),
            Day::Name(name) => super::weekday::named(&name),
        };
        let days = Vec::deserialize(deserializer)?;
        days.into_iter().map(day).collect::<Option<_>>().ok_or_else(|| D::Error::custom("not a weekday, 0 to 6"))
    }
}

#[cfg(feature = "schedules")]
mod from_wire {
    use super::*;
    use crate::generated::types;

    impl Availability {
        /// From today's form, or the name of the field that cannot be read.
        pub(crate) fn parse_wire(hours: types::ScheduleAvailability) -> Result<Self, &'static str> {
            Ok(Self {
                days: hours.days.iter().map(|day| weekday::named(day)).collect::<Option<_>>().ok_or("days")?,
                start_time: hours.start_time.as_deref().and_then(time).ok_or("startTime")?,
                end_time: hours.end_time.as_deref().and_then(time).ok_or("endTime")?,
            })
        }
    }

    impl DateOverride {
        /// From today's form, or the name of the field that cannot be read.
        pub(crate) fn parse_wire(hours: types::ScheduleOverride) -> Result<Self, &'static str> {
            Ok(Self {
                date: hours.date.and_then(|date| date.parse().ok()).ok_or("date")?,
                start_time: hours.start_time.as_deref().and_then(time).ok_or("startTime")?,
                end_time: hours.end_time.as_deref().and_then(time).ok_or("endTime")?,
            })
        }
    }
}
