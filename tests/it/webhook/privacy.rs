//! `Debug` and error texts contain no personal data and no secrets.

use calcom::{
    Error,
    webhook::{Event, Rejection, Verifier},
};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::{all_events, recorded};

/// The texts of a body that are personal data or secrets.
fn personal(key: &str, value: &Value, found: &mut Vec<String>) {
    const HARMLESS: [&str; 31] = [
        "triggerEvent",
        "createdAt",
        "startTime",
        "endTime",
        "rescheduleStartTime",
        "rescheduleEndTime",
        "start",
        "end",
        "updatedAt",
        "type",
        "status",
        "uid",
        "bookingUid",
        "iCalUID",
        "timeZone",
        "locale",
        "timeFormat",
        "currency",
        "rescheduleUid",
        "id",
        "integration",
        "appName",
        "format",
        "timeUnit",
        "slug",
        "appId",
        "schedulingType",
        "workspacePlatform",
        "secretExpiresAt",
        "code",
        "paymentOption",
    ];
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| personal(key, value, found)),
        Value::Array(items) => items.iter().for_each(|item| personal(key, item, found)),
        Value::String(text) if text.len() > 3 && !HARMLESS.contains(&key) => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn debug_of_an_event_shows_trigger_and_ids_and_no_personal_data() {
    let mut checked = 0;
    for delivery in all_events() {
        let event = Event::parse(delivery.bytes()).unwrap();
        let shown = format!("{event:?}\n{event:#?}\n{:?}\n{:?}", event.payload(), event.booking());
        assert!(shown.contains(event.trigger().as_str()));
        let mut found = Vec::new();
        personal("", &delivery.json(), &mut found);
        for text in found.iter().filter(|text| {
            let is_kept =
                ["API_V2", "reschedule", "INSTANT_MEETING", "CAL_VIDEO_NO_SHOW"].iter().any(|kept| text.contains(kept));
            !is_kept && !is_uuid(text) && !text.starts_with("Calendar")
        }) {
            assert!(!shown.contains(text.as_str()), "{}: {text} in {shown}", delivery.name);
            checked += 1;
        }
        assert!(!shown.contains('@') || !shown.contains("@example"), "{}", delivery.name);
    }
    assert!(checked > 1_000);
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[test]
fn an_event_shows_what_identifies_it() {
    let event = Event::parse(super::one("BOOKING_CANCELLED").bytes()).unwrap();
    insta::assert_debug_snapshot!(event);
}

#[test]
fn no_refusal_shows_the_body_and_no_verifier_its_secret() {
    let verifier = Verifier::new("whsec_test_0123456789").unwrap();
    insta::assert_debug_snapshot!(verifier);
    for delivery in recorded().into_iter().filter(|delivery| !delivery.is_event()) {
        let rejection: Rejection =
            verifier.read(&delivery.header_map(), delivery.bytes(), Timestamp::now()).unwrap_err();
        let status = rejection.status().as_u16();
        let shown = format!("{rejection} {rejection:?}");
        let error = Error::from(rejection);
        let shown = format!("{shown} {error} {error:?}");
        assert!(!shown.contains("John") && !shown.contains("whsec"), "{shown}");
        assert_eq!(error.status(), Some(status));
        assert_eq!(matches!(error, Error::Decode(..)), delivery.secret.is_some());
        assert_eq!(matches!(error, Error::Authentication(..)), delivery.secret.is_none());
    }
    let missing = verifier.read(&HeaderMap::new(), "{}".into(), Timestamp::now()).unwrap_err();
    assert_eq!(missing.to_string(), "forged or damaged delivery: no X-Cal-Signature-256 header");
}
