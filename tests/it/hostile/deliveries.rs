//! Deliveries of webhooks with odd bodies.

use calcom::webhook::{Event, ParseErrorKind, Payload, Trigger};
use serde_json::{Value, json};

const BOOKING: &str = r#"{"uid":"planted","bookingId":7,"status":"ACCEPTED","startTime":"2031-03-01T09:00:00Z",
    "endTime":"2031-03-01T09:30:00Z","title":"Check-up","location":"https://meet.example.org/a","rescheduleUid":"before",
    "organizer":{"name":"Dr Muster","email":"host@example.org"},"attendees":[{"name":"Erika","email":"erika@example.org"}]}"#;

fn known() -> Vec<String> {
    Trigger::KNOWN.iter().map(ToString::to_string).collect()
}

/// Every trigger tells of a booking what is in it, wherever its fields are.
#[test]
fn every_trigger_gives_uid_status_and_link_of_a_booking_payload() {
    let payload: Value = serde_json::from_str(BOOKING).unwrap();
    let mut wrong = Vec::new();
    for trigger in known().into_iter().chain(["BRAND_NEW".to_owned(), "booking_created".to_owned(), String::new()]) {
        let flat = {
            let mut flat = payload.clone();
            flat["triggerEvent"] = json!(trigger);
            flat["createdAt"] = json!("2031-01-01T00:00:00Z");
            flat
        };
        for (form, body) in [
            ("payload", json!({"triggerEvent": trigger, "createdAt": "2031-01-01T00:00:00Z", "payload": payload})),
            (
                "payload first",
                serde_json::from_str(&format!(r#"{{"payload":{BOOKING},"triggerEvent":{}}}"#, json!(trigger))).unwrap(),
            ),
            ("flat", flat),
        ] {
            match Event::parse(body.to_string()) {
                Ok(event) => {
                    let booking = event.booking();
                    let told = (
                        event.booking_uid(),
                        event.status().map(|status| status.as_str().to_owned()),
                        event.video_call_url(),
                        booking
                            .map(|booking| (booking.booking_id, booking.attendees.len(), booking.organizer.is_some())),
                    );
                    if told
                        != (
                            Some("planted"),
                            Some("ACCEPTED".to_owned()),
                            Some("https://meet.example.org/a"),
                            Some((Some(7), 1, true)),
                        )
                    {
                        wrong.push(format!("{trigger} {form}: {told:?}"));
                    }
                }
                // Others have fields of their own, which no template writes beside the trigger.
                Err(error)
                    if form == "flat" && (!trigger.starts_with("BOOKING_") || trigger == "BOOKING_NO_SHOW_UPDATED") =>
                {
                    assert!(matches!(error.kind(), ParseErrorKind::NoPayload(_)), "{trigger}: {error}");
                }
                Err(error) => panic!("{trigger} {form}: {error}"),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn null_everywhere_is_an_event_that_says_nothing() {
    for trigger in known().into_iter().chain(["BRAND_NEW".to_owned()]) {
        let mut payload = serde_json::from_str::<Value>(BOOKING).unwrap();
        payload.as_object_mut().unwrap().values_mut().for_each(|field| *field = Value::Null);
        let event =
            Event::parse(json!({"triggerEvent": trigger, "createdAt": null, "payload": payload}).to_string()).unwrap();
        assert_eq!(
            (event.booking_uid(), event.status(), event.video_call_url(), event.created_at()),
            (None, None, None, None),
            "{trigger}"
        );
        assert!(event.booking().is_none_or(|booking| booking.attendees.is_empty()));
        assert_eq!(event.extra("uid"), Some(&Value::Null));
        let again = Event::parse(serde_json::to_string(&event).unwrap()).unwrap();
        assert_eq!((again.dedupe_key(), again.payload()), (event.dedupe_key(), event.payload()));
    }
}

/// The fields that the typed payload is read from are those that the event tells.
#[test]
fn an_event_with_a_null_payload_has_the_fields_beside_it() {
    let mut wrong = Vec::new();
    for trigger in ["MEETING_STARTED", "MEETING_ENDED", "BRAND_NEW"] {
        let mut body = serde_json::from_str::<Value>(BOOKING).unwrap();
        body["triggerEvent"] = json!(trigger);
        body["createdAt"] = json!("2031-01-01T00:00:00Z");
        let absent = Event::parse(body.to_string()).unwrap();
        body["payload"] = Value::Null;
        match Event::parse(body.to_string()) {
            Ok(event) => {
                let told = |event: &Event| {
                    (
                        event.booking_uid().map(str::to_owned),
                        event.status().cloned(),
                        event.extra("title").cloned(),
                        event.booking().is_some(),
                    )
                };
                if told(&event) != told(&absent) {
                    wrong.push(format!("{trigger}: {:?} and not {:?}", told(&event), told(&absent)));
                }
                let changed = event.edit(|payload| {
                    if let Payload::MeetingStarted(meeting) | Payload::MeetingEnded(meeting) = payload {
                        meeting.title = Some("Another".to_owned());
                    }
                });
                let known = matches!(event.payload(), Payload::MeetingStarted(_) | Payload::MeetingEnded(_));
                let title = if known { "Another" } else { "Check-up" };
                assert_eq!(changed.extra("title"), Some(&json!(title)), "{trigger}");
                assert_eq!(Event::parse(changed.body().clone()).unwrap().payload(), changed.payload());
            }
            Err(error) => wrong.push(format!("{trigger}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn numbers_and_flags_that_a_template_wrote_as_texts_are_read_in_every_payload() {
    // A delivery of every trigger with all its numbers and flags as texts says the same.
    fn as_texts(json: &mut Value) {
        match json {
            Value::Object(fields) => fields.values_mut().for_each(as_texts),
            Value::Array(items) => items.iter_mut().for_each(as_texts),
            Value::Number(number) => *json = json!(number.to_string()),
            Value::Bool(flag) => *json = json!(flag.to_string()),
            _ => {}
        }
    }
    let folder = format!("{}/tests/recordings/webhook-deliveries", env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let body = ["body", "rawBody"].iter().find_map(|key| json["request"].get(key).or(json.get(key)));
        let Some(body) = body else { continue };
        let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        let Ok(event) = Event::parse(body.clone()) else { continue };
        read += 1;
        let mut texts: Value = serde_json::from_str(&body).unwrap();
        as_texts(&mut texts);
        let typed = |event: &Event| {
            let mut typed = serde_json::to_value(event.payload()).unwrap();
            if let Payload::Unknown(_) = event.payload() {
                typed = Value::Null;
            }
            typed
        };
        let again = Event::parse(texts.to_string()).unwrap();
        let (before, after) = (typed(&event), typed(&again));
        for (key, value) in before.as_object().into_iter().flatten() {
            if after[key] != *value
                && !["responses", "userFieldsResponses", "metadata", "references"].contains(&key.as_str())
            {
                wrong.push(format!("{} {key}: {value} / {}", event.trigger(), after[key]));
            }
        }
    }
    assert!(read > 20, "{read}");
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_changed_event_keeps_everything_else_and_an_unchanged_one_its_bytes() {
    for trigger in known() {
        let body = format!(
            r#"{{"brandNew":[1.0,1e2],"triggerEvent":{},"payload":{{"uid":"a","x":{{"y":0.10}},"attendees":[{{"z":1}}]}}}}"#,
            json!(trigger)
        );
        let event = Event::parse(body.clone()).unwrap();
        assert_eq!(event.edit(|_| {}).body(), body.as_bytes());
        let changed = event.with_created_at("2031-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(changed.json()["payload"], event.json()["payload"], "{trigger}");
        assert_eq!(
            (changed.trigger(), changed.envelope_value("brandNew")),
            (event.trigger(), event.envelope_value("brandNew"))
        );
    }
}

#[test]
fn a_changed_item_of_a_list_with_an_unreadable_one_is_written_once() {
    let body = r#"{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"a","attendees":[7,{"email":"erika@example.org","z":1}]}}"#;
    let event = Event::parse(body).unwrap();
    let changed = event.edit(|payload| {
        let Payload::BookingCreated(booking) = payload else { panic!("{payload:?}") };
        assert_eq!(booking.attendees.len(), 1);
        booking.attendees[0].email = Some("max@example.org".to_owned());
    });
    let again = Event::parse(changed.body().clone()).unwrap();
    assert_eq!(again.payload(), changed.payload());
    assert_eq!(again.booking().unwrap().attendees.len(), 1);
}

/// What the event tells is what its payload holds.
#[test]
fn the_uid_of_an_event_about_a_booking_is_that_of_its_payload() {
    for payload in [json!({"bookingUid": "b", "status": "ACCEPTED"}), json!({"booking": {"uid": "b"}}), json!({})] {
        let event = Event::parse(json!({"triggerEvent": "BOOKING_PAID", "payload": payload}).to_string()).unwrap();
        assert_eq!(event.booking_uid(), event.booking().and_then(|booking| booking.uid.as_deref()), "{payload}");
        assert_eq!(event.status(), event.booking().and_then(|booking| booking.status.as_ref()), "{payload}");
    }
}
