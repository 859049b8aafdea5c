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
fn what_is_not_as_it_should_be_costs_its_field_and_not_the_event() {
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
fn what_a_template_writes_as_text_is_what_it_says() {
    let body = r#"{"triggerEvent":"BOOKING_CREATED","createdAt":"2027-04-01T08:00:00Z","payload":{"uid":"planted",
        "bookingId":"41","eventTypeId":" 7","length":"30","price":"1e3","requiresConfirmation":"true"}}"#;
    let event = Event::parse(body).unwrap();
    let booking = event.booking().unwrap();
    assert_eq!((booking.booking_id, booking.length, booking.requires_confirmation), (Some(41), Some(30), Some(true)));
    assert_eq!((booking.event_type_id, booking.price), (None, None), "what is no number is left out");
}
