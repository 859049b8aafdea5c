//! Bookings in payloads: of teams, with payments and calendar entries, and under any trigger.

use calcom::{
    model::BookingStatus,
    webhook::{BookingPayload, Event, Payload, SIGNATURE_HEADER, VERSION_HEADER, Verifier, sign},
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{Delivery, made, of_organization, one, time};

fn made_delivery(name: &str) -> Delivery {
    made().into_iter().find(|delivery| delivery.name == name).unwrap()
}

fn parsed(name: &str) -> Event {
    Event::parse(made_delivery(name).bytes()).unwrap()
}

fn of(trigger: &str, payload: &Value) -> Event {
    Event::parse(json!({"triggerEvent": trigger, "payload": payload}).to_string()).unwrap()
}

#[test]
fn deliveries_of_an_organization_are_signed_and_encode_back_to_themselves() {
    for delivery in of_organization() {
        let verifier = Verifier::new(delivery.secret.clone().unwrap()).unwrap();
        let event = verifier.read(&delivery.header_map(), delivery.bytes(), time("2026-11-28T23:12:00Z")).unwrap();
        assert_eq!(event.trigger().as_str(), delivery.kind());
        assert_eq!(event.version(), Some("2021-10-20"));
        assert_eq!(serde_json::to_string(&event).unwrap(), delivery.body);
        assert_eq!(event.booking().is_some(), event.payload().booking().is_some(), "{}", delivery.name);
    }
}

#[test]
fn the_further_hosts_of_a_team_are_its_members() {
    let collective = of_organization().into_iter().find(|delivery| delivery.name.starts_with("002")).unwrap();
    let event = Event::parse(collective.bytes()).unwrap();
    let booking = event.booking().unwrap();
    assert_eq!(booking.scheduling_type.as_deref(), Some("COLLECTIVE"));
    let team = booking.team.as_ref().unwrap();
    let [member] = team.members.as_slice() else { panic!("{team:?}") };
    let raw = &collective.json()["payload"]["team"];
    assert_eq!((team.id, team.name.as_deref()), (raw["id"].as_i64(), raw["name"].as_str()));
    assert_eq!(
        (member.id, member.email.as_deref()),
        (raw["members"][0]["id"].as_i64(), raw["members"][0]["email"].as_str())
    );
    assert!(member.email.is_some() && member.time_zone.is_some() && member.language.is_some());
    assert_ne!(member.id, booking.organizer.as_ref().unwrap().id, "the organizer is none of them");
    assert_eq!(event.extras()["team"], *raw, "a key that got its field later stays among the extras");
}

#[test]
fn a_reassigned_booking_names_its_hosts() {
    let event = Event::parse(one("BOOKING_REASSIGNED").bytes()).unwrap();
    let Payload::BookingReassigned(booking) = event.payload() else { panic!("{event:?}") };
    assert_eq!((&*booking.added_host_user_ids, &*booking.removed_host_user_ids), (&[4][..], &[1][..]));
    assert_eq!(booking.organizer.as_ref().unwrap().id, Some(4));
    assert_eq!(event.status(), Some(&BookingStatus::Accepted));

    let moved = Event::parse(one("BOOKING_LOCATION_UPDATED").bytes()).unwrap();
    let Payload::BookingLocationUpdated(booking) = moved.payload() else { panic!("{moved:?}") };
    assert_eq!(booking.previous_location.as_deref(), Some("https://meet.example.com/old-room"));
    assert_eq!(moved.video_call_url(), Some("https://video.example.com/room-70"));
}

#[test]
fn calendar_entries_and_payments_are_typed() {
    for (name, method) in [
        ("v2026-BOOKING_CREATED", "METHOD:REQUEST"),
        ("v2026-BOOKING_RESCHEDULED", "METHOD:REQUEST"),
        ("v2026-BOOKING_REASSIGNED", "METHOD:REQUEST"),
        ("v2026-BOOKING_PAID", "METHOD:REQUEST"),
        ("v2026-BOOKING_CANCELLED", "METHOD:CANCEL"),
    ] {
        let event = parsed(name);
        let booking = event.booking().unwrap();
        let uid = format!("UID:{}\n", booking.ical_uid.as_ref().unwrap());
        for entry in [&booking.attendee_ics_content, &booking.organizer_ics_content] {
            let entry = entry.as_ref().unwrap();
            assert!(entry.starts_with("BEGIN:VCALENDAR\n") && entry.contains(method) && entry.contains(&uid), "{name}");
        }
        assert!(!format!("{event:?}").contains("VCALENDAR"), "{name}");
        assert_eq!(booking.start_time, Some(time("2026-12-03T09:00:00Z")), "{name}");
        assert_eq!(booking.end_time, Some(time("2026-12-03T09:30:00Z")), "{name}");
    }
    let paid = parsed("v2026-BOOKING_PAID");
    let payment = paid.booking().unwrap().payment_data.as_ref().unwrap();
    assert_eq!((payment.amount, payment.currency.as_deref(), payment.success), (Some(4500), Some("eur"), Some(true)));
    assert_eq!((payment.payment_option.as_deref(), payment.booking_id), (Some("ON_BOOKING"), Some(70)));
    let shown = format!("{paid:?}");
    assert!(
        shown.contains("amount: Some(4500)") && !shown.contains("pi_made_up") && !shown.contains("pk_test"),
        "{shown}"
    );

    let cancelled = parsed("v2026-BOOKING_CANCELLED");
    let booking = cancelled.booking().unwrap();
    assert_eq!((booking.request_reschedule, booking.price), (Some(false), None));
}

#[test]
fn a_link_to_the_call_is_found_wherever_it_is() {
    let call = "https://meet.example.com/aaa-bbbb";
    for payload in [
        json!({"uid": "u", "videoCallData": {"url": call}, "metadata": {"videoCallUrl": "https://other.example"}}),
        json!({"uid": "u", "videoCallData": {"url": ""}, "metadata": {"videoCallUrl": call}, "location": "Main St 1"}),
        json!({"uid": "u", "metadata": {"videoCallUrl": null}, "location": call}),
    ] {
        for trigger in [
            "BOOKING_CANCELLED",
            "BOOKING_REASSIGNED",
            "INSTANT_MEETING_ACCEPTED",
            "BOOKING_FORGOTTEN",
            "RECORDING_READY",
        ] {
            assert_eq!(of(trigger, &payload).video_call_url(), Some(call), "{trigger} {payload}");
        }
    }
    for location in ["integrations:daily", "Main St 1", "+49301234567", "httpsonly"] {
        assert_eq!(of("BOOKING_CREATED", &json!({"uid": "u", "location": location})).video_call_url(), None);
    }
    let references =
        json!([{"type": "google_calendar", "meetingUrl": null}, {"type": "daily_video", "meetingUrl": call}]);
    let meeting = json!({"triggerEvent": "MEETING_STARTED", "uid": "u", "location": "integrations:daily",
        "references": references, "payment": [{"amount": 5, "success": "false"}, null]});
    let event = Event::parse(meeting.to_string()).unwrap();
    assert_eq!(event.video_call_url(), Some(call));
    let payment = &event.meeting().unwrap().payment;
    assert_eq!((payment.len(), payment[0].amount, payment[0].success), (1, Some(5), Some(false)));
}

#[test]
fn a_booking_is_read_under_any_trigger() {
    let known = Event::parse(one("BOOKING_CREATED").bytes()).unwrap();
    let mut body = one("BOOKING_CREATED").json();
    body["triggerEvent"] = "BOOKING_FORGOTTEN".into();
    let unknown = Event::parse(body.to_string()).unwrap();
    assert!(matches!(unknown.payload(), Payload::Unknown(_)));
    assert_eq!(unknown.booking(), known.booking());
    assert_eq!((unknown.booking_uid(), unknown.status()), (known.booking_uid(), known.status()));
    assert_eq!(unknown.video_call_url(), known.video_call_url());
    assert_eq!(serde_json::to_value(&unknown).unwrap(), body);

    let accepted = Event::parse(one("INSTANT_MEETING_ACCEPTED").bytes()).unwrap();
    let booking = accepted.booking().unwrap();
    assert_eq!((booking.uid.as_deref(), booking.booking_id), (Some("mN4kQ8sV2xB6tY1wR7pL5d"), Some(71)));
    assert_eq!(booking.responses.text("name"), Some("Alice Attendee"));

    let started = Event::parse(one("MEETING_STARTED").bytes()).unwrap();
    let booking = started.booking().unwrap();
    assert_eq!(
        (booking.booking_id, booking.start_time),
        (started.meeting().unwrap().id, started.meeting().unwrap().start_time)
    );

    for (payload, is_booking) in [
        (json!({"uid": "u", "startTime": "2026-12-01T09:00:00Z"}), true),
        (json!({"bookingUid": "u", "status": "PENDING"}), true),
        (json!({"bookingId": 7, "organizer": {}}), true),
        (json!({"booking": {"uid": "u", "id": 7, "status": "ACCEPTED"}, "entry": {}}), true),
        (json!({"uid": "u", "title": "?"}), false),
        (json!({"id": 7, "status": "ACCEPTED"}), false),
        (json!({"startTime": "2026-12-01T09:00:00Z", "status": "ACCEPTED"}), false),
        (json!([{"uid": "u", "status": "ACCEPTED"}]), false),
        (json!("text"), false),
        (Value::Null, false),
    ] {
        let event = of("BOOKING_FORGOTTEN", &payload);
        assert_eq!(event.booking().is_some(), is_booking, "{payload}");
        assert_eq!(
            event.status().is_some(),
            payload.to_string().contains("status") && payload.is_object(),
            "{payload}"
        );
        assert_eq!(event.extra("uid"), payload.get("uid"), "{payload}");
    }
}

#[test]
fn the_version_is_that_of_the_header() {
    let body = made_delivery("v2026-BOOKING_CREATED").bytes();
    let verifier = Verifier::new("planted").unwrap();
    let read = |version: Option<&[u8]>| {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, sign(&body, "planted").unwrap().parse().unwrap());
        if let Some(version) = version {
            headers.insert(VERSION_HEADER, http::HeaderValue::from_bytes(version).unwrap());
        }
        verifier.read(&headers, body.clone(), time("2026-11-24T09:00:00Z")).unwrap()
    };
    let event = read(Some(b" 2026-07-27 "));
    assert_eq!(event.version(), Some("2026-07-27"));
    let edited = event.edit(|payload| *payload = Payload::BookingPaid(BookingPayload::default().into()));
    assert_eq!(edited.version(), Some("2026-07-27"));
    assert_eq!(event.with_created_at(time("2026-11-25T09:00:00Z")).version(), Some("2026-07-27"));
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        made_delivery("v2026-BOOKING_CREATED").json(),
        "no part of the body"
    );
    let too_long = [b'1'; 40];
    for odd in [None, Some(&b""[..]), Some(&b"\xe4"[..]), Some(&b"a b@example.org"[..]), Some(&too_long[..])] {
        assert_eq!(read(odd).version(), None, "an odd version costs no delivery");
    }
}

#[test]
fn a_booking_under_an_unknown_trigger_has_one_uid_whichever_key_has_it() {
    let booking = json!({"uid": "inner", "startTime": "2030-01-01T09:00:00Z", "status": "ACCEPTED"});
    for (payload, uid) in [
        (json!({"uid": "other", "bookingUid": "u1", "startTime": "2030-01-01T09:00:00Z"}), "u1"),
        (json!({"uid": "u1", "startTime": "2030-01-01T09:00:00Z"}), "u1"),
        (json!({"bookingId": 7, "uid": null, "bookingUid": "u1", "status": "ACCEPTED"}), "u1"),
        (json!({"bookingUid": null, "booking": booking}), "inner"),
        (json!({"booking": booking}), "inner"),
    ] {
        let event = of("BOOKING_OF_TOMORROW", &payload);
        let read = event.booking().unwrap_or_else(|| panic!("{payload}"));
        assert_eq!(read.uid.as_deref(), Some(uid), "{payload}");
        if payload.get("booking").is_none() {
            assert_eq!(event.booking_uid(), Some(uid), "{payload}");
        }
    }
    let numbered = of("BOOKING_OF_TOMORROW", &json!({"bookingId": 7, "status": "ACCEPTED"}));
    assert_eq!(numbered.booking().and_then(|booking| booking.booking_id), Some(7));
}

#[test]
fn a_link_may_have_spaces_before_it() {
    let payload = json!({"uid": "u1", "status": "ACCEPTED", "startTime": "2030-01-01T09:00:00Z", "location": "  https://video.example.org/1"});
    let event = of("BOOKING_OF_TOMORROW", &payload);
    assert_eq!(event.video_call_url().map(str::trim), Some("https://video.example.org/1"));
}
