use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    model::{FromWire, RawValueRef},
    raw::types,
};

fn booking(start: Timestamp, end: Timestamp) -> Booking {
    let json = json!({
        "id": 1, "uid": "u", "title": "t", "status": "accepted", "start": start, "end": end, "duration": 30, "hosts": [],
        "attendees": [], "absentHost": false, "metadata": {}, "createdAt": start, "updatedAt": start, "eventTypeId": 1,
        "location": null,
    });
    let today: types::BookingParts = serde_json::from_value(json.clone()).unwrap();
    Booking::from_wire(today, RawValueRef::of_body(json.to_string().into()))
}

fn lookup(minutes: u32) -> BookingLookup {
    let start = "2030-01-07T09:00:00Z".parse().unwrap();
    let ticket =
        Ticket { key: "k".into(), event_type_id: 1.into(), start, email: "a@example.org".into(), occurrences: None };
    BookingLookup::new(&ticket, None, Some(minutes))
}

#[test]
fn a_length_is_limited_to_ten_years_and_an_end_to_the_last_timestamp() {
    assert_eq!(lookup(u32::MAX).length, SignedDuration::from_mins(3_660 * DAY_MINUTES));
    assert_eq!(lookup(45).length, SignedDuration::from_mins(45));
    let mut ticket = Ticket {
        key: "k".into(),
        event_type_id: 1.into(),
        start: Timestamp::MAX,
        email: String::new(),
        occurrences: None,
    };
    assert_eq!(BookingLookup::new(&ticket, None, Some(u32::MAX)).end, Timestamp::MAX);
    ticket.start = Timestamp::MIN;
    assert!(BookingLookup::new(&ticket, None, None).end > Timestamp::MIN);
}

#[test]
fn a_booking_at_the_end_of_time_is_compared_at_once() {
    let interval = SignedDuration::from_secs(1);
    let far = booking(Timestamp::MAX - SignedDuration::from_hours(2), Timestamp::MAX - SignedDuration::from_hours(1));
    let early =
        booking(Timestamp::MIN + SignedDuration::from_hours(25), Timestamp::MIN + SignedDuration::from_hours(26));
    assert!(lookup(30).overlaps_occurrence(&far, interval));
    assert!(!lookup(30).overlaps_occurrence(&early, interval));
}

proptest! {
    #[test]
    fn a_booking_conflicts_with_a_series_if_it_overlaps_an_occurrence(
        from in -3_000_i64..30_000,
        minutes in 1_i64..12_000,
        length in 1_u32..3_000,
        days in 1_i64..15,
    ) {
        let lookup = lookup(length);
        let start = lookup.start + SignedDuration::from_mins(from);
        let interval = SignedDuration::from_hours(24 * days);
        let met = lookup.overlaps_occurrence(&booking(start, start + SignedDuration::from_mins(minutes)), interval);
        let overlaps = (0..60).any(|nth| {
            let at = nth * days * DAY_MINUTES;
            from < at + i64::from(length) && at < from + minutes
        });
        prop_assert_eq!(met, overlaps);
    }
}
