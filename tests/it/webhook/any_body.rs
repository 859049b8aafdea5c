//! Any JSON body with a good signature is an event, or an error that names what it lacks.

use bytes::Bytes;
use calcom::webhook::{Event, Payload, Rejection, SIGNATURE_HEADER, Trigger, Verifier, sign};
use http::HeaderMap;
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

const SECRET: &str = "planted-secret";

/// Keys of payloads, so that values of any type meet every kind of field.
const KEYS: [&str; 40] = [
    "uid",
    "bookingUid",
    "bookingId",
    "id",
    "status",
    "startTime",
    "endTime",
    "title",
    "organizer",
    "attendees",
    "responses",
    "metadata",
    "location",
    "videoCallData",
    "videoCallUrl",
    "references",
    "meetingUrl",
    "team",
    "members",
    "paymentData",
    "payment",
    "amount",
    "success",
    "assignmentReason",
    "addedHostUserIds",
    "attendeeIcsContent",
    "destinationCalendar",
    "delegationCredential",
    "error",
    "fallbackAction",
    "booking",
    "oooEntry",
    "label",
    "value",
    "webhook",
    "eventTriggers",
    "payload",
    "createdAt",
    "triggerEvent",
    "newKey",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|halves| Value::from(f64::from(halves) / 2.0)),
        select(vec!["", "true", "7", "7.0", "ACCEPTED", "2026-12-01T09:00:00Z", "https://meet.example.com/a", "text"])
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 48, 8, |inner| {
        let key = prop_oneof![4 => select(KEYS.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..8).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

fn trigger() -> impl Strategy<Value = String> {
    let known: Vec<String> = Trigger::KNOWN.iter().map(ToString::to_string).collect();
    prop_oneof![6 => select(known), 1 => Just("BOOKING_FORGOTTEN".to_owned()), 1 => any::<String>()]
}

fn read(body: &str) -> Result<Event, Rejection> {
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, sign(body, SECRET).unwrap().parse().unwrap());
    let verifier = Verifier::new(SECRET).unwrap();
    verifier.read(&headers, Bytes::from(body.to_owned()), super::time("2026-12-01T09:00:00Z"))
}

/// Calls everything that an event tells.
fn check(event: &Event, body: &Value) {
    assert_eq!(event.json(), body);
    assert_eq!(&serde_json::to_value(event).unwrap(), body);
    let holder = body.get("payload").unwrap_or(body);
    for (key, value) in holder.as_object().into_iter().flatten() {
        assert_eq!(event.extra(key), Some(value));
    }
    let told = (event.booking_uid(), event.previous_uid(), event.status(), event.video_call_url(), event.occurred_at());
    let _ = (told, event.extras(), event.envelope_extras(), event.meeting(), format!("{event:?}"));
    if let Some(booking) = event.booking() {
        let _ = (booking.cancelled_seat(), booking.responses.len(), format!("{booking:?}"));
    }
    let unchanged = event.edit(|_| {});
    assert_eq!(unchanged.body(), event.body());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_payload_of_any_trigger_is_an_event_or_lacks_its_payload(trigger in trigger(), payload in option::of(any_json())) {
        let mut body = json!({"triggerEvent": trigger, "createdAt": "2026-12-01T09:00:00.000Z"});
        if let Some(payload) = payload {
            body["payload"] = payload;
        }
        let is_open = matches!(
            &Trigger::from(trigger.as_str()),
            Trigger::Other(_) | Trigger::CalendarEntryRejected | Trigger::RoutingFormFallbackHit
        );
        match read(&body.to_string()) {
            Ok(event) => {
                prop_assert_eq!(event.trigger().as_str(), &trigger);
                check(&event, &body);
                let anew = Event::new(super::time("2026-12-01T09:00:00Z"), event.payload().clone());
                let again = Event::parse(anew.body().clone()).unwrap();
                prop_assert_eq!(again.trigger(), event.trigger());
            }
            Err(Rejection::InvalidPayload(error)) => {
                prop_assert!(!is_open && !body["payload"].is_object(), "{}", body);
                prop_assert!(error.to_string().contains("payload object"), "{}", error);
            }
            Err(rejection) => prop_assert!(false, "{rejection}: {body}"),
        }
    }

    #[test]
    fn any_json_is_an_event_or_lacks_a_key_that_the_error_names(body in any_json()) {
        match read(&body.to_string()) {
            Ok(event) => check(&event, &body),
            Err(Rejection::InvalidPayload(error)) => {
                let named = ["triggerEvent", "payload object"].iter().any(|named| error.to_string().contains(named));
                prop_assert!(named, "{error}");
                prop_assert_eq!(error.body(), &body.to_string());
            }
            Err(rejection) => prop_assert!(false, "{rejection}: {body}"),
        }
    }

    #[test]
    fn an_odd_field_costs_that_field_alone(key in select(KEYS[3..36].to_vec()), odd in any_json()) {
        let mut payload = json!({"uid": "planted", "bookingId": 7, "attendees": [{"email": "alice@example.org"}]});
        payload[key] = odd;
        let event = read(&json!({"triggerEvent": "BOOKING_CREATED", "payload": payload}).to_string()).unwrap();
        prop_assert!(matches!(event.payload(), Payload::BookingCreated(_)));
        prop_assert_eq!(event.booking_uid(), Some("planted"));
        prop_assert_eq!(event.booking().unwrap().booking_id, Some(7));
        prop_assert_eq!(event.extra(key), Some(&payload[key]));
    }
}
