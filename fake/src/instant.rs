//! Parses times as the service does: ISO 8601 with an offset, without one (then UTC), or a date.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

/// Parses an instant. A date is its midnight in UTC.
pub fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(date) = bare_date(text) {
        return Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    }
    if text.contains(' ') {
        return None;
    }
    text.parse::<DateTime>().ok().and_then(|at| Offset::UTC.to_timestamp(at).ok())
}

/// Parses `2026-12-01`, and no other form.
pub(crate) fn bare_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// The first millisecond of a day in UTC.
pub(crate) fn day_start(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// The last millisecond of a day in UTC.
pub(crate) fn day_end(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.at(23, 59, 59, 999_000_000)).unwrap_or(Timestamp::MAX)
}

/// The time zone of a name. UTC if the name is unknown.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Writes `2026-12-01T17:00:00.000+09:00`, or `...Z` in UTC: the form of slots in a zone.
pub(crate) fn local_millis(at: &ZonedDateTime) -> String {
    if at.time_zone() == &TimeZone::UTC {
        return super::reply::millis(at.timestamp());
    }
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
}

/// Adds `by` minutes. The ends of time are not passed.
pub fn plus_minutes(at: Timestamp, by: i64) -> Timestamp {
    let end = if by < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(jiff::SignedDuration::from_secs(by.saturating_mul(60))).unwrap_or(end)
}
