//! 6. Webhooks.

use calcom::{
    service::{Service, Settings},
    webhook::{Event, Trigger, Verifier, sign, validate_webhook_signature},
};
use serde_json::{Value, json};

use super::{differs, holds};

fn documented() -> Value {
    json!({
        "triggerEvent": "BOOKING_CREATED",
        "createdAt": "2025-01-15T10:00:00Z",
        "payload": {
            "bookingId": 987654,
            "rescheduleUid": "rst-uvw-xyz",
            "eventTypeId": 2026361,
            "title": "30 Min Meeting",
            "startTime": "2025-01-15T10:00:00Z",
            "endTime": "2025-01-15T10:30:00Z",
            "attendees": [{"email": "john@example.com", "name": "John Doe", "timeZone": "Europe/Berlin"}],
            "metadata": {"askproai_appointment_id": "12345"},
        },
    })
}

#[test]
fn webhook_payload_trigger_and_time() {
    holds("Webhook Payload Structure");
    let event = Event::parse(documented().to_string()).unwrap();
    assert_eq!(event.trigger(), &Trigger::BookingCreated);
    assert_eq!(event.created_at(), Some("2025-01-15T10:00:00Z".parse().unwrap()));
}

#[test]
fn webhook_payload_every_documented_field() {
    holds("Webhook Payload Structure");
    let event = Event::parse(documented().to_string()).unwrap();
    let booking = event.booking().unwrap();
    assert_eq!((booking.booking_id, booking.event_type_id), (Some(987654), Some(2026361)));
    assert_eq!(booking.reschedule_uid.as_deref(), Some("rst-uvw-xyz"));
    assert_eq!(booking.title.as_deref(), Some("30 Min Meeting"));
    assert_eq!(booking.start_time, Some("2025-01-15T10:00:00Z".parse().unwrap()));
    assert_eq!(booking.end_time, Some("2025-01-15T10:30:00Z".parse().unwrap()));
    assert_eq!(booking.attendees[0].email.as_deref(), Some("john@example.com"));
    assert_eq!(booking.metadata["askproai_appointment_id"], "12345");
}

#[test]
fn webhook_payload_comes_back_as_it_was() {
    holds("Webhook Payload Structure");
    let event = Event::parse(documented().to_string()).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), documented());
}

#[test]
fn webhook_payload_without_a_reschedule_uid_as_the_service_sends_it() {
    differs("Webhook Payload Structure", "absent-fields");
    let mut body = documented();
    body["payload"].as_object_mut().unwrap().remove("rescheduleUid");
    let event = Event::parse(body.to_string()).unwrap();
    assert_eq!((event.trigger(), event.booking().unwrap().reschedule_uid.as_deref()), (&Trigger::BookingCreated, None));
}

#[test]
fn webhook_signature_is_hmac_sha256_of_the_raw_body_in_hex() {
    holds("Webhook Signature Verification");
    // RFC 4231, test case 2.
    let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(sign("what do ya want for nothing?", "Jefe").unwrap(), signature);
    assert!(validate_webhook_signature("what do ya want for nothing?", signature, "Jefe"));
}

#[test]
fn webhook_signature_of_another_body_or_secret_is_refused() {
    holds("Webhook Signature Verification");
    let body = documented().to_string();
    let signature = sign(&body, "whsec").unwrap();
    let verifier = Verifier::new("whsec").unwrap();
    assert!(verifier.verify(body.as_bytes(), &signature).is_ok());
    assert!(verifier.verify(format!("{body} ").as_bytes(), &signature).is_err());
    assert!(Verifier::new("other").unwrap().verify(body.as_bytes(), &signature).is_err());
    let mut settings = Settings::default();
    settings.webhook_secret = Some("whsec".into());
    let service = Service::with_settings(calcom::Client::new(calcom::ApiKey::new("cal_x")).unwrap(), settings);
    assert!(service.validate_webhook_signature(&body, &signature));
}
