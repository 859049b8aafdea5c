//! Reading times the way the service does: ISO 8601 with an offset, without one (then it is UTC), or a bare date.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

/// The instant that a text means; a bare date is its midnight in UTC.
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

/// `2026-12-01` and nothing more.
pub(crate) fn bare_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// The time zone of a name; UTC for one that is unknown.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// `2026-12-01T17:00:00.000+09:00`, or `...Z` in UTC: the way slots are written in a zone.
pub(crate) fn local_millis(at: &ZonedDateTime) -> String {
    if at.time_zone() == &TimeZone::UTC {
        return super::reply::millis(at.timestamp());
    }
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
}

/// `by` minutes later.
pub fn plus_minutes(at: Timestamp, by: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_mins(by)).unwrap_or(Timestamp::MAX)
}
