//! What the documented types make of values of the wire form that are empty, off or odd.

use calcom::model::{Booking, Cancellation, EventType, EventTypeGroups, Location, RecurringEvent, VideoSession};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::recorded_body;

fn read<T: DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

#[test]
fn nested_values_keep_their_own_wire_form() {
    let person = |name: &str| json!({"userName": name, "new": name});
    let session: VideoSession = read(&json!({"id": "a", "participants": [person("a"), person("b")]}));
    let names: Vec<_> = session.participants.iter().map(|person| person.extra("new").cloned()).collect();
    assert_eq!(names, [Some(json!("a")), Some(json!("b"))]);

    let mut event_type = recorded_body("event-types/list-2024-06-14")["data"][0].take();
    event_type["teamId"] = json!(9);
    event_type["team"] = json!({"id": 9, "name": "Practice", "logoUrl": "https://example.com/logo", "new": 1});
    let groups: EventTypeGroups = read(&json!([event_type]));
    let profile = &groups.event_type_groups[0].profile;
    assert_eq!((profile.name.as_deref(), profile.extra("new")), (Some("Practice"), Some(&json!(1))));
}

#[test]
fn a_confirmation_is_required_if_a_policy_says_when_and_is_not_off() {
    for (policy, required) in [
        (json!({}), false),
        (json!({"disabled": true}), false),
        (json!({"type": "always"}), true),
        (json!({"type": "always", "disabled": true}), false),
        (json!({"type": "time", "disabled": false}), true),
        (json!({"disabled": false}), true),
    ] {
        let json = json!({"id": 1, "lengthInMinutes": 30, "slug": "s", "title": "t", "confirmationPolicy": policy});
        assert_eq!(read::<EventType>(&json).requires_confirmation, required, "{policy}");
    }
}

#[test]
fn a_recurrence_that_is_off_is_none() {
    let recurrence = |disabled: bool| {
        let recurrence = json!({"disabled": disabled, "interval": 1, "occurrences": 4, "frequency": "weekly"});
        read::<EventType>(&json!({"id": 1, "lengthInMinutes": 30, "slug": "s", "title": "t", "recurrence": recurrence}))
            .recurring_event
    };
    assert_eq!((recurrence(true), recurrence(false)), (None, Some(RecurringEvent::new("weekly".into(), 1, 4))));
}

#[test]
fn event_types_of_one_team_are_one_group_whoever_owns_them() {
    let event_type = |owner: i64, team: Option<i64>| json!({"id": 1, "lengthInMinutes": 30, "slug": "s", "title": "t", "ownerId": owner, "teamId": team});
    let all = json!([event_type(1, Some(9)), event_type(2, None), event_type(2, Some(9)), event_type(3, None)]);
    let groups: EventTypeGroups = read(&all);
    let sizes: Vec<_> = groups.event_type_groups.iter().map(|it| (it.team_id, it.event_types.len())).collect();
    assert_eq!(sizes, [(Some(9.into()), 2), (None, 1), (None, 1)]);
}

#[test]
fn an_empty_text_is_no_uid_and_a_series_is_cancelled_under_the_number_of_its_first_booking() {
    let mut sent = recorded_body("bookings-2024-08-13/create-regular")["data"].take();
    (sent["seatUid"], sent["recurringBookingUid"], sent["rescheduledToUid"]) = (json!(""), json!(""), json!(""));
    let value: Booking = read(&sent);
    assert_eq!((value.seat_uid(), value.recurring_booking_uid(), value.rescheduled_to_uid()), (None, None, None));
    let mut second = sent.clone();
    second["id"] = json!(value.id.0 + 1);
    assert_eq!(read::<Cancellation>(&json!([sent, second])).booking_id, Some(value.id));
}

#[test]
fn a_plus_makes_a_phone_number_only_before_a_digit() {
    let kind = |text: &str| Location::from_text(text.to_owned()).kind;
    assert_eq!(
        (kind("+4930123456"), kind("+ 4930"), kind("+")),
        ("phone".into(), "inPerson".into(), "inPerson".into())
    );
}
