//! Deliveries are read as events without loss.

use std::collections::BTreeSet;

use calcom::{
    model::BookingStatus,
    webhook::{BookingPayload, Event, Payload, TimeFormat, Trigger},
};
use serde_json::{Value, json};

use super::{all_events, events, made, of_organization, one, recorded, time};

fn booking(event: &Event) -> &BookingPayload {
    event.booking().unwrap()
}

fn of(body: Value) -> Event {
    Event::parse(body.to_string()).unwrap()
}

#[test]
fn every_recorded_delivery_is_the_event_it_says_and_encodes_back_to_itself() {
    let deliveries = events();
    assert_eq!(deliveries.len(), 78);
    for delivery in deliveries {
        let event = Event::parse(delivery.bytes()).unwrap();
        assert_eq!(event.trigger().as_str(), delivery.kind(), "{}", delivery.name);
        assert_eq!(event.payload().trigger(), *event.trigger());
        assert!(!matches!(event.payload(), Payload::Unknown(_)), "{}", delivery.name);
        assert!(event.booking_uid().is_some(), "{}", delivery.name);
        assert_eq!(event.body(), &delivery.body);
        assert_eq!(serde_json::to_string(&event).unwrap(), delivery.body);
        assert_eq!(serde_json::to_value(&event).unwrap(), delivery.json());
        let again: Event = serde_json::from_value(delivery.json()).unwrap();
        assert_eq!(again.payload(), event.payload());
    }
}

#[test]
fn there_is_a_delivery_of_every_published_trigger() {
    let kinds: BTreeSet<String> = recorded().iter().chain(&made()).map(|delivery| delivery.kind().to_owned()).collect();
    for trigger in Trigger::KNOWN {
        assert!(kinds.contains(trigger.as_str()), "no delivery of {trigger}");
    }
    for delivery in of_organization().into_iter().chain(made()) {
        let event = Event::parse(delivery.bytes()).unwrap();
        assert_eq!(event.trigger().as_str(), delivery.kind());
        let is_open = *event.trigger() == Trigger::CalendarEntryRejected;
        assert_eq!(matches!(event.payload(), Payload::Unknown(_)), is_open, "{}", delivery.name);
        assert_eq!(serde_json::to_string(&event).unwrap(), delivery.body, "{}", delivery.name);
    }
}

/// Checks that lenient reading drops nothing: each value of the body is in a field or in the extras.
#[test]
fn what_has_a_field_is_in_it_and_what_has_none_is_among_the_extras() {
    for delivery in all_events() {
        let event = Event::parse(delivery.bytes()).unwrap();
        let body = delivery.json();
        let payload = body.get("payload").unwrap_or(&body).as_object().unwrap();
        let typed = serde_json::to_value(event.payload()).unwrap();
        let extras = event.extras();
        for (key, value) in payload {
            let envelope = body.get("payload").is_none() && matches!(key.as_str(), "triggerEvent" | "createdAt");
            match (typed.get(key), extras.get(key)) {
                (Some(typed), None) => assert_agree(typed, value, &format!("{} {key}", delivery.name)),
                (None, Some(extra)) => assert_eq!(extra, value),
                (None, None) => assert!(envelope || is_nothing(value), "{}: {key} is lost: {value}", delivery.name),
                (Some(_), Some(_)) if matches!(event.payload(), Payload::Unknown(_)) => {}
                (Some(typed), Some(extra)) => {
                    assert!(LATER_FIELDS.contains(&key.as_str()), "{}: {key} is in both", delivery.name);
                    assert_agree(typed, value, &format!("{} {key}", delivery.name));
                    assert_eq!(extra, value);
                }
            }
            assert_eq!(event.extra(key), Some(value), "{}: {key}", delivery.name);
        }
    }
}

/// Keys that stay among the extras although they have a field by now.
const LATER_FIELDS: [&str; 10] = [
    "addedHostUserIds",
    "assignmentReason",
    "attendeeIcsContent",
    "organizerIcsContent",
    "paymentData",
    "previousLocation",
    "removedHostUserIds",
    "schedulingType",
    "smsReminderNumber",
    "team",
];

fn is_nothing(value: &Value) -> bool {
    value.is_null() || *value == json!({}) || *value == json!([])
}

fn assert_agree(typed: &Value, raw: &Value, place: &str) {
    match (typed, raw) {
        (Value::Object(typed), Value::Object(raw)) => {
            for (key, typed) in typed {
                assert_agree(typed, &raw[key], &format!("{place}.{key}"));
            }
        }
        (Value::Array(typed), Value::Array(raw)) => {
            assert_eq!(typed.len(), raw.len(), "{place}");
            typed.iter().zip(raw).for_each(|(typed, raw)| assert_agree(typed, raw, &format!("{place}[]")));
        }
        (Value::Array(typed), one @ Value::Object(_)) => assert_agree(&typed[0], one, place),
        (Value::String(typed), Value::String(raw)) if typed != raw => {
            assert_eq!(time(typed), time(raw), "{place}");
        }
        (typed, raw) => assert_eq!(typed, raw, "{place}"),
    }
}

#[test]
fn a_booking_is_understood() {
    let event = Event::parse(recorded().remove(1).bytes()).unwrap();
    let booking = booking(&event);
    assert!(matches!(event.payload(), Payload::BookingCreated(_)));
    assert_eq!(event.booking_uid(), Some("3SiCmcQn828nSiTte59a6R"));
    assert_eq!(event.previous_uid(), None);
    assert_eq!(event.status(), Some(&BookingStatus::Accepted));
    assert_eq!(event.occurred_at(), Some(time("2026-11-23T02:14:42.165Z")));
    assert_eq!(booking.booking_id, Some(1));
    assert_eq!(booking.event_type_slug.as_deref(), Some("30min"));
    assert_eq!(booking.start_time, Some(time("2026-12-01T09:00:00Z")));
    assert_eq!(booking.organizer.as_ref().unwrap().username.as_deref(), Some("johndoe"));
    assert_eq!(booking.attendees.len(), 2);
    assert_eq!(booking.attendees[0].language_tag(), Some("it"));
    assert_eq!(booking.responses.text("name"), Some("Alice Attendee"));
    assert_eq!(booking.responses.text("location"), Some("https://meet.example.com/johndoe"));
    assert_eq!(booking.responses.get("guests").unwrap().value, Some(json!(["guest1@example.org"])));
    assert_eq!(booking.responses.get("notes").unwrap().value, None);
    assert_eq!(booking.video_call_url(), Some("https://meet.example.com/johndoe"));
    assert_eq!(booking.metadata["crm"], "42");
    assert_eq!(event.extra("hashedLink"), Some(&Value::Null));
    assert_eq!(event.extra("hideBranding"), Some(&json!(false)));
    assert_eq!(event.extra("nothing"), None);
    assert_eq!(event.json().pointer("/payload/attendees/1/email"), Some(&json!("guest1@example.org")));
}

#[test]
fn a_reschedule_event_has_both_uids() {
    let event = Event::parse(one("BOOKING_RESCHEDULED").bytes()).unwrap();
    assert_eq!(event.booking_uid(), Some("kgiKeoVgk6NpALrVxDhWeY"));
    assert_eq!(event.previous_uid(), Some("3SiCmcQn828nSiTte59a6R"));
    let booking = booking(&event);
    assert_eq!(booking.reschedule_start_time, Some(time("2026-12-01T09:00:00Z")));
    assert_eq!(booking.rescheduled_by.as_deref(), Some("alice@example.org"));
}

#[test]
fn a_meeting_is_read_flat_and_its_time_is_the_meetings() {
    let started = Event::parse(one("MEETING_STARTED").bytes()).unwrap();
    let ended = Event::parse(one("MEETING_ENDED").bytes()).unwrap();
    assert_eq!(started.booking_uid(), Some("cPPBKkvdh6dvkDkfMajyUA"));
    assert_eq!(started.created_at(), Some(time("2026-11-23T02:14:44.001Z")), "the booking's");
    assert_eq!(started.occurred_at(), Some(time("2026-12-02T13:00:00Z")));
    assert_eq!(ended.occurred_at(), Some(time("2026-12-01T12:30:00Z")));
    let meeting = started.meeting().unwrap();
    assert_eq!(meeting.attendees[0].language_tag(), Some("en"));
    assert_eq!(meeting.attendees[0].no_show, Some(false));
    assert_eq!(started.extra("userUuid"), Some(&json!("11111111-1111-4111-8111-111111111111")));
    assert_eq!(started.envelope_value("rating"), Some(&Value::Null));
    assert!(started.envelope_extras().is_empty());
    assert!(!started.extras().contains_key("triggerEvent"));
}

#[test]
fn the_three_forms_of_a_time_are_one_time() {
    let forms = ["2026-12-10T09:00:00Z", "2026-12-10T09:00:00.000Z", "2026-12-10T09:00:00+00:00"];
    for form in forms {
        let event = of(json!({"triggerEvent": "BOOKING_CREATED", "createdAt": form, "payload": {"startTime": form}}));
        assert_eq!(event.created_at(), Some(time(forms[0])));
        assert_eq!(booking(&event).start_time, Some(time(forms[0])));
    }
}

#[test]
fn both_forms_of_the_time_format_are_read() {
    let organizer = |event: &Event| booking(event).organizer.clone().unwrap().time_format.unwrap();
    let pattern = organizer(&Event::parse(one("BOOKING_REQUESTED").bytes()).unwrap());
    let hours = organizer(&Event::parse(one("BOOKING_PAID").bytes()).unwrap());
    assert_eq!(pattern, TimeFormat::Pattern("HH:mm".to_owned()));
    assert_eq!(hours, TimeFormat::Hours(12));
    assert!(!pattern.is_twelve_hours() && hours.is_twelve_hours());
    assert!(TimeFormat::Pattern("h:mma".to_owned()).is_twelve_hours());
}

#[test]
fn every_form_of_the_destination_calendar_is_a_list() {
    let calendar = json!({"id": 10, "integration": "apple_calendar"});
    for (form, ids) in [
        (Value::Null, vec![]),
        (json!([]), vec![]),
        (calendar.clone(), vec![Some(10)]),
        (json!([calendar, {"id": 11}]), vec![Some(10), Some(11)]),
    ] {
        let event = of(json!({"triggerEvent": "BOOKING_CREATED", "payload": {"destinationCalendar": form}}));
        let read: Vec<_> = booking(&event).destination_calendars.iter().map(|calendar| calendar.id).collect();
        assert_eq!(read, ids);
    }
}

#[test]
fn every_form_of_the_answers_is_read() {
    let answers = |event: &Event| match event.payload() {
        Payload::InstantMeeting(meeting) => meeting.responses.clone(),
        Payload::FormSubmitted(form) => form.responses.clone(),
        payload => payload.booking().unwrap().responses.clone(),
    };
    let plain = answers(&Event::parse(one("INSTANT_MEETING").bytes()).unwrap());
    assert_eq!(plain.text("name"), Some("Alice Attendee"));
    assert!(plain.get("name").unwrap().is_plain);
    assert_eq!(plain.text("location"), Some("integrations:daily"));
    assert_eq!(plain.get("location").unwrap().value, Some(json!({"value": "integrations:daily", "optionValue": ""})));

    let form = answers(&Event::parse(one("FORM_SUBMITTED").bytes()).unwrap());
    let need = form.get("What do you need").unwrap();
    assert_eq!(need.value, Some(json!(["Advice"])));
    assert_eq!(need.response.as_ref().unwrap()[0]["label"], "Advice");

    let values = [json!("text"), json!(true), json!(2.5), json!(["a", "b"]), json!({"firstName": "A"}), Value::Null];
    for value in values {
        let labelled = json!({"label": "Q", "value": value, "isHidden": false});
        for (form, is_plain) in [(labelled, false), (value.clone(), true)] {
            let event = of(json!({"triggerEvent": "BOOKING_CREATED", "payload": {"responses": {"q": form}}}));
            let read = answers(&event);
            let answer = read.get("q").unwrap();
            assert_eq!(answer.is_plain, is_plain, "{form}");
            assert_eq!(answer.value.clone().unwrap_or_default(), value);
            let mut changed = read.clone();
            changed.insert("q", answer.clone());
            let written = serde_json::to_value(&changed).unwrap();
            assert_agree(&written["q"], &form, "a changed answer is written in its form");
        }
    }
    for no_answers in [json!(null), json!([]), json!("?"), json!({})] {
        let event = of(json!({"triggerEvent": "BOOKING_CREATED", "payload": {"responses": no_answers}}));
        assert!(answers(&event).is_empty());
    }
}

#[test]
fn statuses_are_one_type_in_either_case() {
    for status in ["ACCEPTED", "accepted"] {
        let event = of(json!({"triggerEvent": "BOOKING_CREATED", "payload": {"status": status}}));
        assert_eq!(event.status(), Some(&BookingStatus::Accepted));
    }
}

#[test]
fn the_payload_of_the_reference_is_read() {
    let delivery = made().into_iter().find(|delivery| delivery.name == "reference-BOOKING_CREATED").unwrap();
    let event = Event::parse(delivery.bytes()).unwrap();
    let booking = booking(&event);
    assert_eq!(booking.booking_id, Some(987_654));
    assert_eq!(event.previous_uid(), Some("rst-uvw-xyz"));
    assert_eq!(booking.attendees[0].email.as_deref(), Some("john@example.com"));
    assert_eq!(booking.metadata["askproai_appointment_id"], "12345");
    assert_eq!(event.booking_uid(), None, "the reference's payload has none");
}

#[test]
fn a_form_keeps_its_fields_beside_the_trigger() {
    let event = Event::parse(one("FORM_SUBMITTED").bytes()).unwrap();
    assert_eq!(event.envelope_value("Email"), Some(&json!("alice@example.org")));
    assert_eq!(event.envelope_extras().len(), 2);
    let event = of(json!({"aField": 1, "payload": {"formId": "f"}, "triggerEvent": "FORM_SUBMITTED_NO_EVENT"}));
    assert!(matches!(event.payload(), Payload::FormSubmittedNoEvent(form) if form.form_id.as_deref() == Some("f")));
}

#[test]
fn every_made_up_delivery_has_its_booking() {
    let uid = |kind: &str| Event::parse(one(kind).bytes()).unwrap().booking_uid().map(str::to_owned);
    for kind in ["AFTER_HOSTS_CAL_VIDEO_NO_SHOW", "AFTER_GUESTS_CAL_VIDEO_NO_SHOW", "RECORDING_READY"] {
        assert_eq!(uid(kind).as_deref(), Some("cPPBKkvdh6dvkDkfMajyUA"), "{kind}");
    }
    assert_eq!(uid("WRONG_ASSIGNMENT_REPORT").as_deref(), Some("cPPBKkvdh6dvkDkfMajyUA"));
    assert_eq!(uid("BOOKING_NO_SHOW_UPDATED").as_deref(), Some("9uGGACyDgoxRkyFbFnaVfE"));
    assert_eq!(uid("INSTANT_MEETING").as_deref(), Some("mN4kQ8sV2xB6tY1wR7pL5d"));
    assert_eq!(uid("OOO_CREATED"), None);
}

#[test]
fn an_unknown_trigger_keeps_its_json() {
    let unknown = |event: &Event| match event.payload() {
        Payload::Unknown(unknown) => unknown.clone(),
        payload => panic!("{payload:?}"),
    };
    let body = json!({"triggerEvent": "BOOKING_FORGOTTEN", "createdAt": "2026-11-23T09:00:00.000Z",
        "payload": {"uid": "u1", "addedHostUserIds": [2]}});
    let event = of(body.clone());
    assert_eq!(event.trigger(), &Trigger::Other("BOOKING_FORGOTTEN".to_owned()));
    assert_eq!(unknown(&event).json, body["payload"]);
    assert_eq!(event.booking_uid(), Some("u1"));
    assert_eq!(event.extras().len(), 2);

    let flat = json!({"triggerEvent": "SOMETHING_NEW", "bookingUid": "u2", "uid": null});
    let event = of(flat.clone());
    assert_eq!(unknown(&event).json, flat);
    assert_eq!(event.booking_uid(), Some("u2"));
}

#[test]
fn a_delivery_has_one_key_and_no_two_deliveries_share_it() {
    let keys: BTreeSet<String> = recorded()
        .iter()
        .filter(|delivery| delivery.is_event())
        .map(|delivery| Event::parse(delivery.bytes()).unwrap().dedupe_key().to_string())
        .collect();
    assert_eq!(keys.len(), 78);
    let event = Event::parse("{\"triggerEvent\":\"X\"}").unwrap();
    let sha256 = "7125a2d4beb7d590a6cf383266377ce468157f835e0187b5e156d78931c61dd7";
    assert_eq!(event.dedupe_key().to_string(), sha256);
}
