//! Local days, computed in another way than by the library. A local day is a number: seconds since 1970 plus the zone's
//! offset, divided by the seconds of a day. The offset comes from the zone's transitions.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::{TimeZone, db},
};

pub(crate) const FIRST: Date = date(2026, 1, 1);
pub(crate) const LAST: Date = date(2027, 12, 31);
pub(crate) const DAY: i64 = 86_400;

/// The offsets of a zone in seconds, with the times from which they apply.
pub(crate) fn offsets(zone: &TimeZone, from: i64, to: i64) -> Vec<(i64, i64)> {
    let begin = Timestamp::from_second(from).unwrap();
    let mut offsets = vec![(from, i64::from(zone.to_offset(begin).seconds()))];
    for transition in zone.following(begin) {
        let at = transition.timestamp().as_second();
        if at > to {
            break;
        }
        offsets.push((at, i64::from(transition.offset().seconds())));
    }
    offsets
}

/// The local day of an instant, as days since 1970.
pub(crate) fn local_day(at: i64, offsets: &[(i64, i64)]) -> i64 {
    let offset = offsets.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, offset)| *offset);
    (at + offset).div_euclid(DAY)
}

pub(crate) fn day_number(date: Date) -> i64 {
    date.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp().as_second().div_euclid(DAY)
}

/// All zones, grouped by their offsets: zones with the same offsets have the same days.
pub(crate) fn zones() -> BTreeMap<Vec<(i64, i64)>, Vec<TimeZone>> {
    let (from, to) = (day_number(FIRST) * DAY - 3 * DAY, day_number(LAST) * DAY + 3 * DAY);
    let mut zones: BTreeMap<_, Vec<TimeZone>> = BTreeMap::new();
    for name in db().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        zones.entry(offsets(&zone, from, to)).or_default().push(zone);
    }
    zones
}
