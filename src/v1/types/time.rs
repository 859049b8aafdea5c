//! V1's forms of time. Reading accepts every form that V1 accepted; writing uses the form of V1's responses.

use std::fmt;

use jiff::{
    Timestamp, Unit,
    civil::{self, DateTime},
    fmt::{rfc2822, strtime},
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use crate::v1::schema::{FieldType, IssuePath, Issues};

/// An instant with a precision of a millisecond. The written form is JavaScript's: `2030-01-15T10:00:00.000Z`.
///
/// It is read from ISO 8601 with any offset, and from RFC 2822. A date (midnight) and a date and time without an offset are in
/// UTC. Milliseconds since 1970 are a number, or a text of 12 to 15 digits.
///
/// ```
/// use calcom::v1::types::Time;
///
/// for text in ["2030-01-15T11:00:00+01:00", "2030-01-15 10:00", "Tue, 15 Jan 2030 10:00:00 GMT"] {
///     assert_eq!(Time::parse(text).map(|time| time.to_string()).as_deref(), Some("2030-01-15T10:00:00.000Z"));
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// Parses a time in any form that V1 accepted.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let in_utc = |time: DateTime| time.to_zoned_datetime(TimeZone::UTC).ok().map(|time| time.timestamp());
        let offset = || strtime::parse("%Y-%m-%dT%H:%M%:z", text).ok()?.to_timestamp().ok();
        let instant = text
            .parse::<Timestamp>()
            .ok()
            .or_else(offset)
            .or_else(|| text.parse::<DateTime>().ok().and_then(in_utc))
            .or_else(|| text.parse::<civil::Date>().ok().and_then(|date| in_utc(date.at(0, 0, 0, 0))))
            .or_else(|| rfc2822::parse(text).ok().map(|time| time.timestamp()))
            .or_else(|| parse_milliseconds(text))?;
        Some(Self::from(instant))
    }

    /// Returns the instant.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Whether the time is midnight in UTC.
    pub(crate) fn is_midnight(self) -> bool {
        Offset::UTC.to_datetime(self.0).time() == civil::Time::midnight()
    }

    /// The date in UTC.
    pub(crate) fn date(self) -> civil::Date {
        Offset::UTC.to_datetime(self.0).date()
    }

    /// Reads a time from JSON: a text, or milliseconds since 1970.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Timestamp::from_millisecond(milliseconds(number)?).ok().map(Self),
            _ => None,
        }
    }
}

/// Parses milliseconds since 1970, which queries contain as a text. Shorter numbers can be dates in ISO 8601's basic
/// form.
fn parse_milliseconds(text: &str) -> Option<Timestamp> {
    let is_number = (12..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    Timestamp::from_millisecond(text.parse().ok().filter(|_| is_number)?).ok()
}

/// A number of milliseconds. A fraction is truncated, as in JavaScript.
#[allow(clippy::cast_possible_truncation)]
fn milliseconds(number: &serde_json::Number) -> Option<i64> {
    /// The largest integer up to which an `f64` represents every integer.
    const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
    let fraction =
        || number.as_f64().filter(|number| number.abs() <= MAX_EXACT_INTEGER).map(|number| number.trunc() as i64);
    number.as_i64().or_else(fraction)
}

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self(Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("expected a time"))
    }
}

impl FieldType for Time {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        match value {
            Value::String(_) | Value::Number(_) if Self::from_json(value).is_some() => {}
            Value::String(_) | Value::Number(_) => issues.add("invalid_string", at, "Invalid ISO 8601 date"),
            value => issues.wrong_type("string", value, at),
        }
    }
}

/// A time of day. The written form is that of V1's schedules: `09:00:00`.
///
/// It is also read from `09:00`, from an instant (V1 used dates of 1970), from minutes since midnight, which V1's
/// working hours use, and from milliseconds since 1970.
///
/// ```
/// use calcom::v1::types::TimeOfDay;
///
/// let nine = TimeOfDay::parse("09:00").expect("a time");
/// assert_eq!((nine.to_string().as_str(), nine.minutes()), ("09:00:00", 540));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(civil::Time);

impl TimeOfDay {
    /// Parses a time of day in any form that V1 accepted as a text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let time = text.parse::<civil::Time>().ok().filter(|_| !text.contains(['T', 't', '-']));
        let time = time.or_else(|| Some(Offset::UTC.to_datetime(text.parse::<Timestamp>().ok()?).time()))?;
        Some(Self(time.round(Unit::Second).unwrap_or(time)))
    }

    /// Creates a time of day from minutes since midnight. `None` if they are not within a day.
    #[must_use]
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        let hour = i8::try_from(minutes.div_euclid(60)).ok()?;
        Some(Self(civil::Time::new(hour, i8::try_from(minutes.rem_euclid(60)).ok()?, 0, 0).ok()?))
    }

    /// Creates a time of day from a number. Below 60,000 it is minutes since midnight, else milliseconds since 1970 in
    /// UTC.
    fn from_number(number: i64) -> Option<Self> {
        if number < 60_000 {
            return Self::from_minutes(number);
        }
        let time = Offset::UTC.to_datetime(Timestamp::from_millisecond(number).ok()?).time();
        Some(Self(time.round(Unit::Second).unwrap_or(time)))
    }

    /// Returns the minutes since midnight.
    #[must_use]
    pub fn minutes(self) -> i64 {
        i64::from(self.0.hour()) * 60 + i64::from(self.0.minute())
    }

    /// Returns the time.
    #[must_use]
    pub fn time(self) -> civil::Time {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.0.hour(), self.0.minute(), self.0.second())
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = match Value::deserialize(deserializer)? {
            Value::String(text) => Self::parse(&text),
            Value::Number(number) => milliseconds(&number).and_then(Self::from_number),
            _ => None,
        };
        time.ok_or_else(|| D::Error::custom("expected a time of day"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_of_v1() {
        let forms = [
            json!("2030-01-15T10:00:00Z"),
            json!("2030-01-15T10:00:00.000Z"),
            json!("2030-01-15T11:00:00+01:00"),
            json!("2030-01-15T11:00+01:00"),
            json!("2030-01-15T10:00:00"),
            json!("2030-01-15T10:00"),
            json!("2030-01-15 10:00:00"),
            json!("Tue, 15 Jan 2030 10:00:00 GMT"),
            json!(1_894_701_600_000_i64),
            json!(1_894_701_600_000.0),
            json!("1894701600000"),
        ];
        for form in forms {
            let time: Time = serde_json::from_value(form.clone()).unwrap_or_else(|_| panic!("{form}"));
            assert_eq!(json!(time), "2030-01-15T10:00:00.000Z", "{form}");
        }
        assert_eq!(json!(Time::parse("2030-01-15").unwrap()), "2030-01-15T00:00:00.000Z");
        assert_eq!(json!(Time::parse("20300115").unwrap()), "2030-01-15T00:00:00.000Z");
        for form in ["", "tomorrow", "2030-13-01", "10:00", "2030", "-1894701600000"] {
            assert_eq!(Time::parse(form), None, "{form}");
        }
    }

    #[test]
    fn a_time_of_day_is_read_in_every_form_of_v1() {
        for form in
            [json!("09:30:00"), json!("09:30"), json!(570), json!("1970-01-01T09:30:00.000Z"), json!(34_200_000)]
        {
            let time: TimeOfDay = serde_json::from_value(form.clone()).unwrap_or_else(|_| panic!("{form}"));
            assert_eq!(json!(time), "09:30:00", "{form}");
            assert_eq!(time.minutes(), 570);
        }
        for form in [json!(1440), json!(-1), json!("9 o'clock"), json!(null)] {
            assert!(serde_json::from_value::<TimeOfDay>(form.clone()).is_err(), "{form}");
        }
    }
}
