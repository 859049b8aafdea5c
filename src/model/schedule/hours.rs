//! Hours of weekdays and of single dates. In JSON days are numbers from Sunday, 0, and times are `HH:MM`.

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ToWireJson, weekday};

/// Weekly hours: `{"days": [1, 2, 3, 4, 5], "startTime": "09:00", "endTime": "17:00"}`.
///
/// In JSON days are numbers, Sunday is 0. The times are those of the schedule's time zone.
///
/// ```
/// use calcom::model::Availability;
/// use jiff::civil::{Weekday, time};
///
/// let week = Availability::weekdays(time(9, 0, 0, 0), time(17, 0, 0, 0));
/// let saturday = Availability::new([Weekday::Saturday], time(10, 0, 0, 0), time(12, 0, 0, 0));
/// assert_eq!(serde_json::to_string(&saturday).unwrap(), r#"{"days":[6],"startTime":"10:00","endTime":"12:00"}"#);
/// # let _ = week;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Availability {
    /// The days of the week.
    #[serde(with = "days")]
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<u8>", inner(range(min = 0, max = 6))))]
    pub days: Vec<Weekday>,
    /// The start of the hours.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start_time: Time,
    /// The end of the hours.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub end_time: Time,
}

impl Availability {
    /// Hours on these days, in whole minutes.
    pub fn new(days: impl IntoIterator<Item = Weekday>, start: Time, end: Time) -> Self {
        Self { days: days.into_iter().collect(), start_time: start, end_time: end }
    }

    /// Hours on Monday to Friday, in whole minutes.
    #[must_use]
    pub fn weekdays(start: Time, end: Time) -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self::new([Monday, Tuesday, Wednesday, Thursday, Friday], start, end)
    }
}

/// Hours of one date, which replace those of its weekday:
/// `{"date": "2026-12-24", "startTime": "10:00", "endTime": "12:00"}`.
///
/// ```
/// use calcom::model::DateOverride;
/// use jiff::civil::{date, time};
///
/// let christmas_eve = DateOverride::new(date(2026, 12, 24), time(10, 0, 0, 0), time(12, 0, 0, 0));
/// # let json = r#"{"date":"2026-12-24","startTime":"10:00","endTime":"12:00"}"#;
/// # assert_eq!(serde_json::to_string(&christmas_eve).unwrap(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DateOverride {
    /// The date.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub date: Date,
    /// The start of the hours.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub start_time: Time,
    /// The end of the hours.
    #[serde(with = "time_of_day")]
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub end_time: Time,
}

impl DateOverride {
    /// Hours on this date, in whole minutes.
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

/// Reads `09:00`, or the form of the service's first version: a time on the first day of 1970, in UTC.
fn time(text: &str) -> Option<Time> {
    let instant =
        || text.parse().ok().map(|instant: jiff::Timestamp| instant.to_zoned_datetime(jiff::tz::TimeZone::UTC).time());
    text.parse().ok().or_else(instant)
}

/// Writes `09:00`, with seconds if the time has any.
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
    enum WeekdayJson {
        Number(i8),
        Name(String),
    }

    pub(super) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(|day| day.to_sunday_zero_offset()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let day = |day| match day {
            WeekdayJson::Number(number) => Weekday::from_sunday_zero_offset(number).ok(),
            WeekdayJson::Name(name) => super::weekday::from_name(&name),
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
        /// Converts the wire form; the error is the name of the field that cannot be read.
        pub(crate) fn parse_wire(hours: types::ScheduleAvailability) -> Result<Self, &'static str> {
            Ok(Self {
                days: hours.days.iter().map(|day| weekday::from_name(day)).collect::<Option<_>>().ok_or("days")?,
                start_time: hours.start_time.as_deref().and_then(time).ok_or("startTime")?,
                end_time: hours.end_time.as_deref().and_then(time).ok_or("endTime")?,
            })
        }
    }

    impl DateOverride {
        /// Converts the wire form; the error is the name of the field that cannot be read.
        pub(crate) fn parse_wire(hours: types::ScheduleOverride) -> Result<Self, &'static str> {
            Ok(Self {
                date: hours.date.and_then(|date| date.parse().ok()).ok_or("date")?,
                start_time: hours.start_time.as_deref().and_then(time).ok_or("startTime")?,
                end_time: hours.end_time.as_deref().and_then(time).ok_or("endTime")?,
            })
        }
    }
}
