//! Every zone that jiff knows, every day of two years: slots made in UTC land on the local day that they belong to.
//!
//! The expectation is not computed the way the crate does it. Here a local day is a number: seconds since 1970 plus the
//! zone's offset, divided by the seconds of a day; and the offset comes from a walk along the zone's transitions. The crate
//! converts instants to zoned times and compares their dates.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::{TimeZone, db},
};

use super::{Days, Found, by_local_day};
use crate::{
    ApiKey, Client, Config,
    service::{Service, Settings},
    testing::{FakeCalcom, FakeEventType, FakeSchedule, FakeUser},
};

const FIRST: Date = date(2026, 1, 1);
const LAST: Date = date(2027, 12, 31);
const DAY: i64 = 86_400;

/// The offsets of a zone in seconds, from when on they hold.
fn offsets(zone: &TimeZone, from: i64, to: i64) -> Vec<(i64, i64)> {
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
fn local_day(at: i64, offsets: &[(i64, i64)]) -> i64 {
    let offset = offsets.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, offset)| *offset);
    (at + offset).div_euclid(DAY)
}

fn day_number(date: Date) -> i64 {
    date.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp().as_second().div_euclid(DAY)
}

/// A host who is free around the clock, every quarter of an hour.
async fn never_closed() -> (FakeCalcom, Service, i64) {
    let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    let fake = FakeCalcom::builder()
        .at("2025-12-01T00:00:00Z".parse().unwrap())
        .user(FakeUser::named("johndoe").time_zone("UTC").schedule(hours))
        .event_type(FakeEventType::new("johndoe", "always", 15))
        .rate_limits(Vec::new())
        .start()
        .await;
    let mut config = Config { api_url: fake.url(), ..Config::default() };
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(ApiKey::new(fake.api_key())).build().unwrap();
    let id = fake.event_type_id("johndoe", "always");
    let service = Service::with(client, Settings::default());
    (fake, service, id)
}

/// All slots that the fake makes in UTC, some days more at either end.
async fn all_slots(service: &Service, id: i64) -> Vec<i64> {
    let mut starts = Vec::new();
    let mut from = FIRST.checked_sub(jiff::Span::new().days(3)).unwrap();
    let end = LAST.checked_add(jiff::Span::new().days(3)).unwrap();
    while from <= end {
        let to = from.checked_add(jiff::Span::new().days(59)).unwrap().min(end);
        for day in service.find_slots(id, from..=to, &TimeZone::UTC).await.unwrap() {
            starts.extend(day.slots.iter().map(|slot| slot.start.timestamp().as_second()));
        }
        from = to.tomorrow().unwrap();
    }
    starts
}

/// What differs between two zones is when their offsets change; those that have the same ones have the same days.
fn zones() -> BTreeMap<Vec<(i64, i64)>, Vec<TimeZone>> {
    let (from, to) = (day_number(FIRST) * DAY - 3 * DAY, day_number(LAST) * DAY + 3 * DAY);
    let mut zones: BTreeMap<_, Vec<TimeZone>> = BTreeMap::new();
    for name in db().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        zones.entry(offsets(&zone, from, to)).or_default().push(zone);
    }
    zones
}

/// Whether an instant is within half an hour of a local midnight, where a slot may go wrong, or at noon, where it may not.
fn is_near_midnight_or_noon(at: i64, offsets: &[(i64, i64)]) -> bool {
    let offset = offsets.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, offset)| *offset);
    let time = (at + offset).rem_euclid(DAY);
    !(1800..DAY - 1800).contains(&time) || time == DAY / 2
}

#[tokio::test]
async fn every_slot_lands_on_its_local_day_in_every_zone_on_every_day_of_two_years() {
    let (_fake, service, id) = never_closed().await;
    let starts = all_slots(&service, id).await;
    assert!(starts.len() > 730 * 96);
    let (first, last) = (day_number(FIRST), day_number(LAST));
    let two_years = Days::Dates(FIRST..=LAST);
    let mut seen = 0;
    for (offsets, zones) in &zones() {
        let near: Vec<i64> = starts.iter().copied().filter(|at| is_near_midnight_or_noon(*at, offsets)).collect();
        let mut expected: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for start in &near {
            let day = local_day(*start, offsets);
            if (first..=last).contains(&day) {
                expected.entry(day).or_default().push(*start);
            }
        }
        assert_eq!(expected.len(), 730);
        for zone in zones {
            seen += 1;
            let found = near.iter().map(|start| Found {
                start: Timestamp::from_second(*start).unwrap(),
                end: None,
                seats: None,
            });
            let days = by_local_day(found, &two_years, zone);
            assert_eq!(days.len(), 730, "{zone:?}");
            for day in days {
                let starts: Vec<i64> = day.slots.iter().map(|slot| slot.start.timestamp().as_second()).collect();
                assert!(starts == expected[&day_number(day.date)], "{zone:?} on {}", day.date);
            }
        }
    }
    assert!(seen > 400, "only {seen} zones");
}

#[tokio::test]
async fn the_days_around_every_change_of_the_clock_are_asked_for_whole() {
    let (_fake, service, id) = never_closed().await;
    let mut asked = 0;
    for (offsets, zones) in zones() {
        for (change, _) in offsets.iter().skip(1) {
            let zone = &zones[0];
            let date = Timestamp::from_second(*change).unwrap().to_zoned_datetime(zone.clone()).date();
            let days = [date.yesterday().unwrap(), date, date.tomorrow().unwrap()];
            let found = service.find_slots(id, days[0]..=days[2], zone).await.unwrap();
            for (day, date) in found.iter().zip(days) {
                assert_eq!(day.date, date, "{zone:?}");
                let number = day_number(date);
                let expected = (number * 96 - 200..number * 96 + 296)
                    .map(|quarter| quarter * 900)
                    .filter(|start| local_day(*start, &offsets) == number)
                    .collect::<Vec<_>>();
                let starts: Vec<i64> = day.slots.iter().map(|slot| slot.start.timestamp().as_second()).collect();
                assert_eq!(starts, expected, "{zone:?} on {date}");
            }
            assert_eq!(found.len(), 3, "{zone:?}");
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} changes");
}
