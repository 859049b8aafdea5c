//! An unreadable slot, or a date without a list, is left out, and reported beside the others.

use calcom::{
    Client, Error,
    model::{Slots, ToWireJson},
    raw::UnreadItem,
    service::{Service, SlotTarget},
};
use jiff::{civil::date, tz::TimeZone};
use serde_json::{Value, json};
use wiremock::MockServer;

use super::{answering, listing, one_day};

const OLDER: (&str, &str) = ("/v2/slots/available", "2024-08-13");

/// The positions of the unread items.
fn places(unread: &[UnreadItem]) -> Vec<(&str, Option<usize>)> {
    unread.iter().map(|item| (item.key.as_deref().unwrap(), item.index)).collect()
}

/// The starts of the slots that were read.
fn starts(slots: &Slots) -> Vec<String> {
    slots.iter().map(|slot| slot.time.to_string()).collect()
}

/// The paths in the errors.
fn paths(unread: &[UnreadItem]) -> Vec<String> {
    let path = |item: &UnreadItem| {
        assert!(matches!(item.error, Error::Decode(..)), "{}", item.error);
        item.error.to_string().split('`').nth(1).unwrap().to_owned()
    };
    unread.iter().map(path).collect()
}

async fn older(slots: Value) -> (MockServer, Client) {
    answering("GET", OLDER.0, OLDER.1, 200, json!({"status": "success", "data": {"slots": slots}})).await
}

#[tokio::test]
async fn an_unreadable_slot_is_left_out_and_reported_in_both_formats() {
    let odd = [
        json!(null),
        json!(9),
        json!("2026-12-01T09:00:00Z"),
        json!([]),
        json!({}),
        json!({"start": "nine o'clock"}),
        json!({"start": 1_796_000_000}),
        json!({"start": null}),
        json!({"start": "2026-12-01T09:00:00Z", "attendeesCount": "two"}),
    ];
    for odd in odd {
        for end in [None, Some(())] {
            let slot = |start: &str, end_at: &str| match end {
                Some(()) => json!({"start": start, "end": end_at, "seatsTotal": 3}),
                None => json!({"start": start, "seatsTotal": 3}),
            };
            let (first, last) = (
                slot("2026-12-01T08:00:00Z", "2026-12-01T08:30:00Z"),
                slot("2026-12-01T10:00:00Z", "2026-12-01T10:30:00Z"),
            );
            let next = slot("2026-12-02T08:00:00Z", "2026-12-02T08:30:00Z");
            let data = json!({"2026-12-01": [first, odd, last], "2026-12-02": [next]});
            let (server, client) = listing(json!({"status": "success", "data": data, "more": [1]})).await;
            // The second time from the cache.
            for _ in 0..2 {
                let slots = client.slots().list(&one_day()).await.unwrap();
                let expected = ["2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z", "2026-12-02T08:00:00Z"];
                assert_eq!(starts(&slots), expected, "{odd}");
                assert_eq!(places(slots.unread()), [("2026-12-01", Some(1))], "{odd}");
                let restored: Slots = serde_json::from_value(slots.to_wire_json()).unwrap();
                assert!(restored == slots, "{odd}");
                assert_eq!(restored.unread(), slots.unread());
                assert_eq!(paths(restored.unread()), paths(slots.unread()));
                assert_eq!(serde_json::from_str::<Value>(&slots.unread()[0].json).unwrap(), odd);
                assert!(paths(slots.unread())[0].starts_with("data.2026-12-01[1]"), "{:?}", paths(slots.unread()));
                // `extra` reads the fields of its own slot.
                let last_read = slots.iter().nth(1).unwrap();
                assert_eq!(last_read.extra("start"), Some(&json!("2026-12-01T10:00:00Z")));
                assert_eq!((last_read.end().is_some(), last_read.seats().unwrap().total), (end.is_some(), 3));
                let shown = format!("{slots:?}");
                assert!(!shown.contains("nine o'clock") && !shown.contains("two"), "{shown}");
            }
            assert_eq!(server.received_requests().await.unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn the_legacy_route_reports_its_unreadable_slots_in_both_formats() {
    for name in ["time", "startTime"] {
        for odd in
            [json!(null), json!({}), json!({name: "nine"}), json!({name: "2026-12-01T09:00:00Z", "attendees": "x"})]
        {
            let day = json!([{name: "2026-12-01T08:00:00Z"}, odd, {name: "2026-12-01T10:00:00Z", "endTime": "2026-12-01T10:30:00Z"}]);
            let (_server, client) = older(json!({"2026-12-01": day, "2026-12-02": "closed"})).await;
            for _ in 0..2 {
                let slots = client.slots().list_legacy(&one_day()).await.unwrap();
                assert_eq!(starts(&slots), ["2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z"], "{odd}");
                assert_eq!(places(slots.unread()), [("2026-12-01", Some(1)), ("2026-12-02", None)], "{odd}");
                let paths = paths(slots.unread());
                assert!(paths[0].starts_with("data.slots.2026-12-01[1]"), "{paths:?}");
                assert_eq!(paths[1], "data.slots.2026-12-02");
                assert_eq!(slots.iter().nth(1).unwrap().extra("endTime"), Some(&json!("2026-12-01T10:30:00Z")));
                assert!(slots.iter().nth(1).unwrap().end().is_some());
            }
        }
    }
}

#[tokio::test]
async fn a_date_without_a_list_and_a_key_that_is_no_date_are_left_out_and_reported() {
    for (key, odd) in [
        ("2026-12-02", json!(null)),
        ("2026-12-02", json!({"start": "2026-12-02T08:00:00Z"})),
        ("2026-12-02", json!("closed for Erika")),
        ("someday", json!([{"start": "2026-12-02T08:00:00Z"}])),
        ("Erika's day", json!([])),
    ] {
        let data = json!({"2026-12-01": [{"start": "2026-12-01T08:00:00Z"}], key: odd, "2026-12-03": []});
        let (_server, client) = listing(json!({"status": "success", "data": data})).await;
        let slots = client.slots().list(&one_day()).await.unwrap();
        assert_eq!(
            (starts(&slots), places(slots.unread())),
            (vec!["2026-12-01T08:00:00Z".to_owned()], vec![(key, None)])
        );
        assert_eq!(serde_json::from_str::<Value>(&slots.unread()[0].json).unwrap(), odd);
        let shown = format!("{slots:?} {}", slots.unread()[0].error);
        assert!(!shown.contains("Erika"), "{shown}");
        // A date that the service sent without slots is kept.
        assert_eq!(slots.slots.keys().map(ToString::to_string).collect::<Vec<_>>(), ["2026-12-01", "2026-12-03"]);
    }
}

#[tokio::test]
async fn a_date_without_a_readable_slot_is_not_returned_as_one_without_slots() {
    let data = json!({"2026-12-01": [{"start": "2026-12-01T08:00:00Z"}], "2026-12-02": [{"start": "?"}, 7]});
    let (_server, client) = listing(json!({"status": "success", "data": data})).await;
    let slots = client.slots().list(&one_day()).await.unwrap();
    assert_eq!(slots.slots.len(), 1);
    assert_eq!(places(slots.unread()), [("2026-12-02", Some(0)), ("2026-12-02", Some(1))]);
    assert_eq!(paths(slots.unread()), ["data.2026-12-02[0].start", "data.2026-12-02[1]"]);
}

#[tokio::test]
async fn a_response_without_a_readable_slot_fails() {
    for data in
        [json!({"2026-12-01": [{"start": "?"}], "2026-12-02": []}), json!({"2026-12-01": null}), json!([]), json!(null)]
    {
        let (_server, client) = listing(json!({"status": "success", "data": data})).await;
        let error = client.slots().list(&one_day()).await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)), "{error}");
        let (_server, client) = older(data).await;
        let error = client.slots().list_legacy(&one_day()).await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)), "{error}");
    }
}

#[tokio::test]
async fn the_documented_form_on_the_current_route_reports_unreadable_slots_too() {
    let day = json!([{"time": "2026-12-01T08:00:00Z", "users": ["jane"]}, {"time": "later"}]);
    let (_server, client) = listing(json!({"status": "success", "data": {"slots": {"2026-12-01": day}}})).await;
    let slots = client.slots().list(&one_day()).await.unwrap();
    assert_eq!(
        (starts(&slots), places(slots.unread())),
        (vec!["2026-12-01T08:00:00Z".to_owned()], vec![("2026-12-01", Some(1))])
    );
    assert_eq!(slots.first().unwrap().users, ["jane"]);
}

#[tokio::test]
async fn raw_responses_have_unread_items_beside_the_others() {
    let data = json!({"2026-12-01": [{"start": 8}, {"start": "2026-12-01T08:00:00Z"}], "2026-12-02": 7});
    let (_server, client) = listing(json!({"status": "success", "data": data})).await;
    for _ in 0..2 {
        let answer = client.raw().list_slots("2026-12-01", "2026-12-02").event_type_id(1).await.unwrap();
        assert_eq!((answer.data.len(), answer.data["2026-12-01"].len()), (1, 1));
        assert_eq!(places(answer.unread()), [("2026-12-01", Some(0)), ("2026-12-02", None)]);
        assert_eq!(serde_json::from_slice::<Value>(answer.body()).unwrap()["data"], data);
    }
    let (_server, client) = older(json!({"2026-12-01": [{"time": 8}, {"time": "2026-12-01T08:00:00Z"}]})).await;
    let answer = client.raw().list_available_slots("2026-12-01", "2026-12-02").await.unwrap();
    assert_eq!((answer.data.slots["2026-12-01"].len(), places(answer.unread())), (1, vec![("2026-12-01", Some(0))]));
}

#[tokio::test]
async fn the_service_offers_the_slots_that_could_be_read() {
    let data =
        json!({"2026-12-01": [{"start": "2026-12-01T08:00:00Z", "end": "2026-12-01T08:30:00Z"}, {"start": "?"}]});
    let (_server, client) = listing(json!({"status": "success", "data": data})).await;
    let service = Service::new(client);
    let days = service.find_slots(SlotTarget::event_type(1), date(2026, 12, 1), &TimeZone::UTC).await.unwrap();
    assert_eq!((days.len(), days[0].slots.len()), (1, 1));
}

#[tokio::test]
async fn responses_that_differ_in_an_unreadable_slot_differ_and_are_written_with_it() {
    let mut read = Vec::new();
    for (key, odd) in [
        ("2026-12-01", json!([{"start": "2026-12-01T08:00:00Z"}, 7])),
        ("2026-12-01", json!([{"start": "2026-12-01T08:00:00Z"}, {"start": "?", "price": 1.5}])),
        ("2026-12-01", json!([7, {"start": "2026-12-01T08:00:00Z"}])),
        ("2026-12-02", json!([7])),
        ("2026-12-02", json!(7)),
    ] {
        let mut data = json!({"2026-12-01": [{"start": "2026-12-01T08:00:00Z"}]});
        data[key] = odd;
        let (_server, client) = listing(json!({"status": "success", "data": data})).await;
        read.push(client.slots().list(&one_day()).await.unwrap());
    }
    for (at, slots) in read.iter().enumerate() {
        for (other_at, other) in read.iter().enumerate() {
            assert_eq!(slots == other, at == other_at, "{at} {other_at}");
        }
        assert!(&serde_json::from_value::<Slots>(slots.to_wire_json()).unwrap() == slots, "{at}");
    }
    // A field of the service with the same name is a field like others.
    for unread in [json!([]), json!(true), json!([{"index": 1}]), json!({"index": 1})] {
        let json = json!({"slots": {}, "unread": unread});
        let slots: Slots = serde_json::from_value(json.clone()).unwrap();
        assert_eq!((slots.to_wire_json(), slots.unread().len()), (json, 0));
    }
}

#[tokio::test]
async fn a_second_form_of_a_date_does_not_replace_the_slots_of_the_first() {
    let slot = |hour: u8| json!([{"start": format!("2026-12-01T{hour:02}:00:00Z")}]);
    for (key, whole) in [("20261201", slot(9)), ("2026-12-01T00:00:00", slot(10))] {
        let data = json!({"2026-12-01": slot(8), key: whole});
        let (_server, client) = listing(json!({"status": "success", "data": data})).await;
        let slots = client.slots().list(&one_day()).await.unwrap();
        assert_eq!(
            (starts(&slots), places(slots.unread())),
            (vec!["2026-12-01T08:00:00Z".to_owned()], vec![(key, None)])
        );
        for json in [data.clone(), json!({"slots": data})] {
            let error = serde_json::from_value::<Slots>(json).unwrap_err().to_string();
            assert!(error.contains("dates of the form 2025-01-15"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_number_of_seats_that_is_none_is_reported() {
    for (name, count) in
        [("attendeesCount", -3_i64), ("attendeesCount", 5_000_000_000), ("seatsBooked", -1), ("attendees", -1)]
    {
        let day = json!([{"start": "2026-12-01T08:00:00Z"}, {"start": "2026-12-01T09:00:00Z", name: count}]);
        let (_server, client) = listing(json!({"status": "success", "data": {"2026-12-01": day}})).await;
        let slots = client.slots().list(&one_day()).await.unwrap();
        assert_eq!(places(slots.unread()), [("2026-12-01", Some(1))], "{name}: {count}");
        assert_eq!(paths(slots.unread()), [format!("data.2026-12-01[1].{name}")]);
        let cause = std::error::Error::source(&slots.unread()[0].error).unwrap().to_string();
        assert!(cause.contains("a number from 0 to 4294967295"), "{cause}");
    }
}

#[test]
fn a_changed_number_of_seats_is_written_wherever_the_service_sent_it() {
    let sent = json!({"start": "2026-12-01T08:00:00Z", "seatsTotal": 5, "attendeesCount": 2, "seatsBooked": 2, "seatsRemaining": 3});
    let mut slot: calcom::model::Slot = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!((slot.attendees, slot.to_wire_json()), (2, sent.clone()));
    slot.attendees = 4;
    let mut expected = sent;
    expected["attendeesCount"] = json!(4);
    expected["seatsBooked"] = json!(4);
    assert_eq!(slot.to_wire_json(), expected);
    assert!(serde_json::from_value::<calcom::model::Slot>(expected).unwrap() == slot);
}
