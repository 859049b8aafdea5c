//! A test of every zone that jiff knows, on every day of two years: slots in UTC are assigned to their local day.
//!
//! The expectation is not computed by zoned times, as the library does it: see [`local_days`].

mod local_days;

use std::collections::BTreeMap;

use jiff::Timestamp;
use local_days::{DAY, FIRST, LAST, day_number, local_day, zones};

use super::{SlotRange, UtcSlot, group_by_local_day};

/// Whether an instant is within half an hour of a local midnight, where an error would show, or at noon.
fn is_near_midnight_or_noon(at: i64, offsets: &[(i64, i64)]) -> bool {
    let offset = offsets.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, offset)| *offset);
    let time = (at + offset).rem_euclid(DAY);
    !(1800..DAY - 1800).contains(&time) || time == DAY / 2
}

#[test]
fn every_slot_lands_on_its_local_day_in_every_zone_on_every_day_of_two_years() {
    let (first, last) = (day_number(FIRST), day_number(LAST));
    // Every quarter of an hour, with some days more at either end.
    let starts: Vec<i64> = ((first - 3) * 96..(last + 4) * 96).map(|quarter| quarter * 900).collect();
    let two_years = SlotRange::Dates(FIRST..=LAST);
    let mut count = 0;
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
            count += 1;
            let found = near.iter().map(|start| UtcSlot {
                start: Timestamp::from_second(*start).unwrap(),
                end: None,
                seats: None,
            });
            let days = group_by_local_day(found, &two_years, zone);
            assert_eq!(days.len(), 730, "{zone:?}");
            for day in days {
                let starts: Vec<i64> = day.slots.iter().map(|slot| slot.start.timestamp().as_second()).collect();
                assert!(starts == expected[&day_number(day.date)], "{zone:?} on {}", day.date);
            }
        }
    }
    assert!(count > 400, "only {count} zones");
}
