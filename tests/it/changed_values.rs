//! Changed values are written in the wire form, and take over nothing of other values; lists and pages with odd parts are read
//! again.

use calcom::{
    facade::{BookingFilter, EventTypeFilter, List, Page},
    model::{Booking, EventType, Location, ToWireJson},
};
use serde_json::{Value, json};

use crate::support::answering;

fn booking(uid: &str) -> Value {
    json!({
        "id": 1, "uid": uid, "title": "t", "status": "accepted", "duration": 30, "eventTypeId": 1,
        "hosts": [{"id": 3, "name": "H", "email": "h@example.org", "timeZone": "UTC", "username": "h"}],
        "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "absentHost": false, "location": null,
        "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "seatUid": "s1"}],
        "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z", "metadata": {},
    })
}

fn event_type(locations: Value) -> Value {
    json!({
        "id": 1, "lengthInMinutes": 30, "title": "t", "slug": "s", "ownerId": 3, "locations": locations,
        "bookingFields": [], "hidden": true, "recurrence": {"interval": 1, "occurrences": 4, "frequency": "weekly"},
        "confirmationPolicy": {"type": "time", "noticeThreshold": {"unit": "hours", "count": 2}, "blockUnconfirmedBookingsInBooker": false},
    })
}

fn read<T: serde::de::DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap()
}

fn both_times_changed(hosts: Value) -> Value {
    let mut sent = booking("u");
    sent["hosts"] = hosts;
    let mut changed: Booking = read(&sent);
    changed.start_time = "2031-01-01T10:00:00Z".parse().unwrap();
    changed.end_time = "2031-01-01T10:30:00Z".parse().unwrap();
    let written = changed.to_wire_json();
    assert!(read::<Booking>(&written) == changed);
    written
}

#[test]
fn both_times_are_changed_in_the_wire_form() {
    for hosts in [booking("u")["hosts"].clone(), json!([])] {
        let written = both_times_changed(hosts);
        assert_eq!(
            (&written["start"], &written["end"]),
            (&json!("2031-01-01T10:00:00Z"), &json!("2031-01-01T10:30:00Z")),
            "{written}"
        );
    }
}

#[test]
fn no_former_time_stays_beside_the_new_ones() {
    let written = both_times_changed(json!([]));
    assert!(!written.to_string().contains("2030-01-01"), "{written}");
}

#[test]
fn a_new_location_has_nothing_of_one_that_was_removed() {
    let sent = event_type(
        json!([{"type": "link", "link": "https://a", "public": true}, {"type": "link", "link": "https://b", "public": false}]),
    );
    let mut changed: EventType = read(&sent);
    changed.locations.remove(0);
    changed.locations.push(Location::new("link", "https://c"));
    let written = changed.to_wire_json();
    assert!(read::<EventType>(&written) == changed);
    assert_eq!(written["locations"][0]["public"], json!(false), "{written}");
    assert_eq!(written["locations"][1].get("public"), None, "{written}");
}

#[test]
fn a_cleared_link_costs_the_other_locations_and_options_nothing() {
    let sent = event_type(
        json!([{"type": "link", "link": "https://a", "public": true}, {"type": "address", "address": "b", "public": true}]),
    );
    let mut changed: EventType = read(&sent);
    changed.locations[0].address = None;
    let written = changed.to_wire_json();
    assert!(read::<EventType>(&written) == changed);
    assert_eq!(written["locations"][1]["public"], json!(true), "{written}");
    assert_eq!(written["confirmationPolicy"], sent["confirmationPolicy"], "{written}");
}

#[tokio::test]
async fn lists_and_pages_with_odd_parts_round_trip() {
    let mut odd = booking("a");
    odd["hosts"][0]["name"] = json!(7);
    let body = json!({"status": "success", "data": [odd, 7, booking("b"), {"unread": [], "items": []}, null],
        "pagination": {"hasNextPage": false, "totalItems": 5}});
    let (_server, client) = answering(None, "GET", "/v2/bookings", 200, &body).await;
    let page = client.bookings().list(&BookingFilter::default()).await.unwrap();
    assert_eq!((page.items.len(), page.unread.len()), (2, 4), "{page:?}");
    for json in [serde_json::to_value(&page).unwrap(), page.to_wire_json()] {
        let again: Page<Booking> = serde_json::from_str(&json.to_string()).unwrap();
        assert!(again.unread == page.unread && again.items.len() == 2 && again.next_skip == page.next_skip);
        assert_eq!(
            again.unread.iter().map(|item| item.is_part()).collect::<Vec<_>>(),
            page.unread.iter().map(|item| item.is_part()).collect::<Vec<_>>()
        );
    }
    assert!(serde_json::from_value::<Page<Booking>>(page.to_wire_json()).unwrap() == page);
    let body = json!({"status": "success", "data": [event_type(json!([7, {"type": "link", "link": "l", "public": true}])), 7, event_type(json!([]))]});
    let (_server, client) = answering(None, "GET", "/v2/event-types", 200, &body).await;
    let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    let groups_again: calcom::model::EventTypeGroups =
        serde_json::from_str(&groups.to_wire_json().to_string()).unwrap();
    assert!(groups_again == groups && groups_again.unread() == groups.unread() && groups.unread().len() == 2);
    let body =
        json!({"status": "success", "data": [7, booking("b")], "pagination": {"hasNextPage": false, "totalItems": 5}});
    let (_server, client) = answering(None, "GET", "/v2/bookings", 200, &body).await;
    let list = client.bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    let again: List<Booking> = serde_json::from_str(&list.to_wire_json().to_string()).unwrap();
    assert!(again == list && list.unread().len() == 1);
    let nested: Vec<List<Booking>> = serde_json::from_value(json!([list.to_wire_json(), []])).unwrap();
    assert!(nested[0] == list && nested[1].is_empty());
}

#[test]
fn a_removed_and_a_changed_location_keep_apart() {
    let sent = event_type(json!([
        {"type": "link", "link": "https://a", "public": true, "x": "of a"}, {"type": "phone", "phone": "+1", "public": false, "x": "of b"},
        {"type": "integration", "integration": "zoom", "credentialId": 5}, {"type": "link", "link": "https://a", "public": false, "x": "of d"},
    ]));
    let mut changed: EventType = read(&sent);
    changed.locations.swap(0, 1);
    changed.locations[2].kind = "integrations:daily".into();
    let written = changed.to_wire_json();
    assert!(read::<EventType>(&written) == changed);
    assert_eq!(
        (&written["locations"][0]["x"], &written["locations"][1]["x"]),
        (&json!("of b"), &json!("of a")),
        "{written}"
    );
    assert_eq!(written["locations"][2].get("credentialId"), None, "{written}");
    assert_eq!(written["locations"][3]["x"], json!("of d"), "{written}");
}
