//! Invalid and unusual bodies: errors, and fields that cannot be read.

use calcom::webhook::{Event, ParseErrorKind, Payload, Trigger};
use serde_json::json;

use super::recorded;

#[test]
fn a_templated_body_is_a_clear_error_that_carries_it() {
    for delivery in recorded().into_iter().filter(|delivery| !delivery.is_event()) {
        let error = Event::parse(delivery.bytes()).unwrap_err();
        match delivery.kind() {
            "template" => assert_eq!(error.kind(), &ParseErrorKind::NoTrigger),
            _ => assert!(matches!(error.kind(), ParseErrorKind::NotJson { line: 1, .. })),
        }
        assert!(error.to_string().contains("payload template"), "{error}");
        assert_eq!(error.body(), &delivery.body);
        assert!(!format!("{error:?}").contains("John"));
    }
    let zapier = r#"{"title":"30 Minutes","startTime":"2026-12-01T09:00:00Z","user":{},"createdAt":"x"}"#;
    for (body, kind) in [
        ("false", ParseErrorKind::NoTrigger),
        (zapier, ParseErrorKind::NoTrigger),
        (r#"{"triggerEvent":7}"#, ParseErrorKind::NoTrigger),
        (r#"[{"triggerEvent":"BOOKING_CREATED"}]"#, ParseErrorKind::NoTrigger),
        (r#"{"triggerEvent":"BOOKING_PAID","payload":[]}"#, ParseErrorKind::NoPayload(Trigger::BookingPaid)),
        (r#"{"triggerEvent":"OOO_CREATED","name":"x"}"#, ParseErrorKind::NoPayload(Trigger::OooCreated)),
        ("", ParseErrorKind::NotJson { line: 1, column: 0 }),
        ("{\"triggerEvent\":\"OOO_CREATED\",\n ,", ParseErrorKind::NotJson { line: 2, column: 2 }),
    ] {
        assert_eq!(Event::parse(body).unwrap_err().kind(), &kind, "{body}");
    }
    let not_text = Event::parse(&b"{\n\"triggerEvent\":\"\xff\"}"[..]).unwrap_err();
    assert_eq!(not_text.kind(), &ParseErrorKind::NotJson { line: 2, column: 17 });
}

#[test]
fn a_field_of_the_wrong_kind_is_left_out_of_the_event() {
    let odd = r#"{"triggerEvent":"BOOKING_CREATED","createdAt":17,"payload":{"uid":{"a":1},"bookingId":"one","price":1.5,
        "startTime":"tomorrow","attendees":[null,{"email":"a@example.org"},[1]],"organizer":"John","length":30,
        "metadata":[1],"status":true,"uid":"the last one counts","iCalSequence":99999999999999999999}}"#;
    let event = Event::parse(odd).unwrap();
    let booking = event.booking().unwrap();
    assert_eq!(event.created_at(), None);
    assert_eq!(event.booking_uid(), Some("the last one counts"));
    assert_eq!((booking.booking_id, booking.price, booking.ical_sequence), (None, None, None));
    assert_eq!((booking.start_time, booking.length), (None, Some(30)));
    assert_eq!(booking.attendees.len(), 1);
    assert!(booking.organizer.is_none() && booking.metadata.is_empty() && booking.status.is_none());
    assert_eq!(event.extra("startTime"), Some(&json!("tomorrow")), "still there");
}

/// Bodies that JavaScript can write and serde_json cannot read.
#[test]
fn an_event_is_not_lost_for_what_cannot_be_read_in_it() {
    let deep = format!("{}1{}", r#"{"a":["#.repeat(200), "]}".repeat(200));
    let parts = [
        (r#""cut \\ud83d""#, "half a pair"),
        (r#""\\uDC00 and \\ud83d\\ude00""#, "the other half"),
        ("1e999", "a number beyond 64 bits"),
        ("[-9e4000, {}]", "one in a list"),
        (&deep, "deep"),
    ];
    for (value, what) in parts {
        for body in [
            format!(
                r#"{{"triggerEvent":"BOOKING_CREATED","createdAt":"2027-04-01T08:00:00Z","payload":{{"uid":"planted",
                "title":{value},"metadata":{{"note":{value}}},"responses":{{"name":{{"label":"n","value":{value}}},
                "topic":{{"label":"t","value":"teeth"}}}},"newKey":{value},"bookingId":7}}}}"#
            ),
            format!(
                r#"{{"{{","x":{value},"payload":{{"uid":"planted","title":{value},"bookingId":7,"responses":
                {{"topic":{{"value":"teeth"}},"more":{value}}}}},"triggerEvent":"BOOKING_CREATED"}}"#
            )
            .replacen(r#""{","#, "", 1),
        ] {
            let event = Event::parse(body.clone()).unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert_eq!(event.booking_uid(), Some("planted"), "{what}");
            let booking = event.booking().unwrap();
            assert_eq!((booking.booking_id, booking.responses.text("topic")), (Some(7), Some("teeth")), "{what}");
            assert_eq!(event.json()["payload"]["bookingId"], 7, "{what}");
            assert_eq!(event.body(), body.as_bytes(), "{what}: it keeps what was sent");
            let changed = event.edit(|payload| {
                if let Payload::BookingCreated(booking) = payload {
                    booking.uid = Some("another".to_owned());
                }
            });
            assert_eq!(
                (changed.booking_uid(), changed.json()["payload"]["bookingId"].as_i64()),
                (Some("another"), Some(7))
            );
        }
    }
    assert!(
        Event::parse(r#"{"triggerEvent":"BOOKING_CREATED","payload":{"title":"\\ud83d"#).is_err(),
        "it ends too early"
    );
}

#[test]
fn values_that_a_template_writes_as_texts_are_read_by_their_type() {
    let body = r#"{"triggerEvent":"BOOKING_CREATED","createdAt":"2027-04-01T08:00:00Z","payload":{"uid":"planted",
        "bookingId":"41","eventTypeId":" 7 ","length":"30.0","price":"1e3","organizationId":"","iCalSequence":"two",
        "seatsPerTimeSlot":3.0,"paymentId":2.5,"rescheduleId":"-1","requiresConfirmation":"true","requestReschedule":"False",
        "addedHostUserIds":["2","x",3],"removedHostUserIds":4,"attendees":[{"noShow":"true","bookingId":"41"}],
        "organizer":{"utcOffset":"60"},"team":{"id":"12","members":"[object Object]"}}}"#;
    let event = Event::parse(body).unwrap();
    let booking = event.booking().unwrap();
    assert_eq!((booking.booking_id, booking.event_type_id, booking.length), (Some(41), Some(7), Some(30)));
    assert_eq!((booking.seats_per_time_slot, booking.reschedule_id), (Some(3), Some(-1)));
    assert_eq!((booking.requires_confirmation, booking.request_reschedule), (Some(true), Some(false)));
    assert_eq!((&*booking.added_host_user_ids, &*booking.removed_host_user_ids), (&[2, 3][..], &[4][..]));
    assert_eq!((booking.attendees[0].no_show, booking.attendees[0].booking_id), (Some(true), Some(41)));
    assert_eq!(booking.organizer.as_ref().unwrap().utc_offset, Some(60));
    assert_eq!(booking.team.as_ref().map(|team| (team.id, team.members.len())), Some((Some(12), 0)));
    let none = (booking.price, booking.organization_id, booking.ical_sequence, booking.payment_id);
    assert_eq!(none, (None, None, None, None), "what is no whole number is left out");
    assert_eq!(event.extra("price"), Some(&json!("1e3")), "still there");
}

#[test]
fn a_template_can_write_a_booking_beside_the_trigger() {
    let body = r#"{"triggerEvent":"BOOKING_CANCELLED","createdAt":"2027-04-01T08:00:00Z","uid":"planted","bookingId":"41",
        "status":"CANCELLED","startTime":"2027-04-02T08:00:00+00:00","clinic":"north"}"#;
    let event = Event::parse(body).unwrap();
    let Payload::BookingCancelled(booking) = event.payload() else { panic!("{event:?}") };
    assert_eq!((event.booking_uid(), booking.booking_id), (Some("planted"), Some(41)));
    assert_eq!(booking.start_time, Some("2027-04-02T08:00:00Z".parse().unwrap()));
    assert_eq!(event.extras(), *json!({"clinic": "north"}).as_object().unwrap());
    let moved = event.edit(|payload| {
        let Payload::BookingCancelled(booking) = payload else { panic!("{payload:?}") };
        booking.uid = Some("another".to_owned());
    });
    assert_eq!(moved.json()["uid"], "another");
    assert_eq!(Event::parse(moved.body().clone()).unwrap().payload(), moved.payload());

    for (body, trigger) in [
        (r#"{"triggerEvent":"BOOKING_CANCELLED","title":"no booking"}"#, Trigger::BookingCancelled),
        (r#"{"triggerEvent":"BOOKING_CANCELLED","uid":"planted","payload":null}"#, Trigger::BookingCancelled),
        (r#"{"triggerEvent":"OOO_CREATED","uid":"planted","status":"ACCEPTED"}"#, Trigger::OooCreated),
    ] {
        let error = Event::parse(body).unwrap_err();
        assert_eq!(error.kind(), &ParseErrorKind::NoPayload(trigger), "{body}");
        assert!(error.to_string().contains("payload object"), "{error}");
    }
}

#[test]
fn members_of_a_team_whom_a_template_names_are_kept() {
    let members = |json: serde_json::Value| {
        let body = json!({"triggerEvent": "BOOKING_CREATED",
            "payload": {"uid": "u", "team": {"name": "Sales", "members": json}}});
        let event = Event::parse(body.to_string()).unwrap();
        let team = event.booking().unwrap().team.clone().unwrap();
        assert!(!format!("{team:?}").contains("Jane"), "{team:?}");
        team.members.into_iter().map(|member| (member.id, member.name)).collect::<Vec<_>>()
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(members(json!(["Jane Roe", " Max Muster "])), [(None, name("Jane Roe")), (None, name("Max Muster"))]);
    assert_eq!(
        members(json!(["Jane Roe", {"id": 7, "name": "Max"}, "", null])),
        [(None, name("Jane Roe")), (Some(7), name("Max"))]
    );
    assert_eq!(members(json!("Jane Roe")), [(None, name("Jane Roe"))]);
}

#[test]
fn whole_numbers_are_exact_as_texts_and_up_to_two_to_the_53_as_floats() {
    let read = |value: &str| {
        let body = format!(r#"{{"triggerEvent":"BOOKING_CREATED","payload":{{"uid":"u","price":{value}}}}}"#);
        Event::parse(body).unwrap().booking().unwrap().price
    };
    for (value, expected) in [
        ("9007199254740992", Some(9_007_199_254_740_992)),
        ("9007199254740993", Some(9_007_199_254_740_993)),
        ("\"9007199254740993\"", Some(9_007_199_254_740_993)),
        ("\"9007199254740993.0\"", Some(9_007_199_254_740_993)),
        ("\"-9223372036854775808\"", Some(i64::MIN)),
        ("9007199254740992.0", Some(9_007_199_254_740_992)),
        ("-9007199254740992.0", Some(-9_007_199_254_740_992)),
        ("9007199254740994.0", None),
        ("-9007199254740994.0", None),
        ("9.1e15", None),
        ("4.9e3", Some(4_900)),
        ("4.5", None),
        ("\"4900.\"", None),
        ("\"9223372036854775808\"", None),
    ] {
        assert_eq!(read(value), expected, "{value}");
    }
}

#[test]
fn only_an_attendee_with_the_id_of_the_booking_is_a_cancelled_seat() {
    let holder = |attendees: serde_json::Value, status: &str, seats: serde_json::Value| {
        let body = json!({"triggerEvent": "BOOKING_CANCELLED", "payload":
            {"uid": "u", "status": status, "seatsPerTimeSlot": seats, "attendees": attendees}});
        let event = Event::parse(body.to_string()).unwrap();
        event.booking().unwrap().cancelled_seat().and_then(|seat| seat.id)
    };
    let one = json!([{"id": 7, "bookingId": 3, "email": "a@example.org"}]);
    assert_eq!(holder(one.clone(), "CANCELLED", json!(4)), Some(7));
    assert_eq!(holder(json!([{"id": 7, "email": "a@example.org"}]), "CANCELLED", json!(4)), None);
    assert_eq!(holder(one.clone(), "ACCEPTED", json!(4)), None);
    assert_eq!(holder(one.clone(), "CANCELLED", json!(null)), None);
    let two = json!([{"id": 7, "bookingId": 3}, {"id": 8, "bookingId": 3}]);
    assert_eq!(holder(two, "CANCELLED", json!(4)), None);
}
