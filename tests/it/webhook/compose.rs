//! Created and edited events have the form of the service.

use calcom::{
    model::BookingStatus,
    webhook::{BookingPayload, Event, FormResponse, FormResponses, MeetingPayload, Payload, Trigger, UnknownPayload},
};
use serde_json::json;

use super::{all_events, one, time};

#[test]
fn an_event_of_ones_own_is_written_as_the_service_writes_it() {
    let mut booking = BookingPayload::default();
    booking.uid = Some("u1".to_owned());
    booking.status = Some(BookingStatus::Accepted);
    booking.start_time = Some(time("2026-12-01T09:00:00Z"));
    booking.responses.insert("name", FormResponse::labelled("your_name", "Alice"));
    let event = Event::new(time("2026-11-23T09:00:00.5Z"), Payload::BookingCreated(booking.into()));
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        json!({"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-11-23T09:00:00.5Z", "payload": {
            "uid": "u1", "status": "ACCEPTED", "startTime": "2026-12-01T09:00:00Z",
            "responses": {"name": {"label": "your_name", "value": "Alice", "isHidden": false}}}})
    );
    let again = Event::parse(event.body().clone()).unwrap();
    assert_eq!(again.payload(), event.payload());
    assert_eq!(again.dedupe_key(), event.dedupe_key());

    let mut meeting = MeetingPayload::default();
    meeting.uid = Some("u2".to_owned());
    let event = Event::new(time("2026-11-23T09:00:00Z"), Payload::MeetingEnded(meeting.into()));
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        json!({"triggerEvent": "MEETING_ENDED", "createdAt": "2026-11-23T09:00:00Z", "uid": "u2"})
    );
    assert_eq!(Event::parse(event.body().clone()).unwrap().payload(), event.payload());

    let unknown = UnknownPayload { trigger: "NEW".to_owned(), json: json!([1]) };
    let event = Event::new(time("2026-11-23T09:00:00Z"), Payload::Unknown(unknown));
    assert_eq!(Event::parse(event.body().clone()).unwrap().payload(), event.payload());
}

#[test]
fn every_payload_written_anew_reads_as_it_was() {
    for delivery in all_events() {
        let event = Event::parse(delivery.bytes()).unwrap();
        let anew = Event::new(time("2026-11-23T09:00:00Z"), event.payload().clone());
        let read = Event::parse(anew.body().clone()).unwrap();
        assert_eq!(read.payload(), event.payload(), "{}", delivery.name);
        assert_eq!(event.clone().into_payload(), *read.payload());
    }
}

#[test]
fn a_changed_event_is_written_with_the_change_and_all_other_fields() {
    for kind in ["BOOKING_CREATED", "MEETING_STARTED"] {
        let delivery = one(kind);
        let event = Event::parse(delivery.bytes()).unwrap();
        assert_eq!(serde_json::to_value(event.edit(|_| {})).unwrap(), delivery.json(), "no change");

        let changed = event.edit(|payload| match payload {
            Payload::BookingCreated(booking) => {
                booking.uid = Some("u9".to_owned());
                booking.attendees[0].name = Some("Somebody".to_owned());
                booking.price = None;
            }
            Payload::MeetingStarted(meeting) => meeting.uid = Some("u9".to_owned()),
            other => panic!("{other:?}"),
        });
        let mut expected = delivery.json();
        if kind == "BOOKING_CREATED" {
            expected["payload"]["uid"] = "u9".into();
            expected["payload"]["attendees"][0]["name"] = "Somebody".into();
            expected["payload"].as_object_mut().unwrap().remove("price");
        } else {
            expected["uid"] = "u9".into();
        }
        assert_eq!(serde_json::to_value(&changed).unwrap(), expected);
        assert_eq!(Event::parse(changed.body().clone()).unwrap().payload(), changed.payload());
        assert_ne!(changed.dedupe_key(), event.dedupe_key());

        let later = event.with_created_at(time("2027-01-01T00:00:00Z"));
        assert_eq!(Event::parse(later.body().clone()).unwrap().created_at(), Some(time("2027-01-01T00:00:00Z")));
    }
}

#[test]
fn an_edit_can_make_another_trigger_of_it() {
    let event = Event::parse(one("BOOKING_REQUESTED").bytes()).unwrap();
    let confirmed = event.edit(|payload| {
        let Payload::BookingRequested(booking) = payload.clone() else { panic!("{payload:?}") };
        *payload = Payload::BookingCreated(booking);
    });
    assert_eq!(confirmed.trigger(), &Trigger::BookingCreated);
    let read = Event::parse(confirmed.body().clone()).unwrap();
    assert_eq!(read.trigger(), &Trigger::BookingCreated);
    assert_eq!(read.extra("platformClientId"), Some(&json!("")), "kept");

    let mut meeting = MeetingPayload::default();
    meeting.uid = event.booking_uid().map(str::to_owned);
    let started = event.edit(|payload| *payload = Payload::MeetingStarted(meeting.into()));
    let read = Event::parse(started.body().clone()).unwrap();
    assert_eq!((read.trigger(), read.booking_uid()), (&Trigger::MeetingStarted, event.booking_uid()));
    assert_eq!(read.created_at(), event.created_at());
}

#[test]
fn answers_can_be_built() {
    let mut responses = FormResponses::default();
    assert!(responses.is_empty());
    responses.insert("name", FormResponse::plain("A"));
    responses.insert("name", FormResponse::plain("B"));
    responses.insert("agree", FormResponse::labelled("Agree", true));
    assert_eq!(responses.len(), 2);
    assert_eq!(
        serde_json::to_value(&responses).unwrap(),
        json!({"name": "B", "agree": {"label": "Agree", "value": true, "isHidden": false}})
    );
    assert_eq!(responses.iter().map(|(slug, _)| slug).collect::<Vec<_>>(), ["name", "agree"]);
}
