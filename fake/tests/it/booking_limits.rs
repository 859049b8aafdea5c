//! Limits of event types: number of bookings, cancellations, unverified addresses. Recordings `bookings-limits/*`.

use calcom_fake::{FakeCalcom, FakeEventType, FakeUser};
use serde_json::{Value, json};

use super::{create, post, send};

/// An event type with this property.
async fn limited(property: &str, limit: Value) -> FakeCalcom {
    FakeCalcom::builder()
        .at("2029-12-31T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("johndoe"))
        .event_type(FakeEventType::new("johndoe", "limited", 30).with(property, limit))
        .start()
        .await
}

async fn book(fake: &FakeCalcom, email: &str, start: &str) -> (u16, Value) {
    send(fake, create(fake, 1, email, start)).await
}

const MONDAY: &str = "2030-01-07T10:00:00Z";

#[tokio::test]
async fn a_day_that_is_full_is_refused_as_recorded_and_shows_no_slots() {
    for (property, limit, message) in [
        ("bookingLimitsCount", json!({ "day": 1 }), "booking_limit_reached"),
        ("bookingLimitsDuration", json!({ "day": 30 }), "duration_limit_reached"),
    ] {
        let fake = limited(property, limit).await;
        let refused = (401, json!({ "statusCode": 401, "message": message }));
        assert_eq!(book(&fake, "erika@example.com", MONDAY).await.0, 201);
        // The taken time gives the same error.
        for start in ["2030-01-07T12:00:00Z", MONDAY] {
            assert_eq!(book(&fake, "max@example.com", start).await, refused, "{start}");
        }
        let (status, other) = book(&fake, "max@example.com", "2030-01-09T10:00:00Z").await;
        assert_eq!(status, 201);
        let uid = other["data"]["uid"].as_str().unwrap();
        let (path, onto) = (format!("/v2/bookings/{uid}/reschedule"), json!({ "start": "2030-01-07T12:00:00Z" }));
        assert_eq!(post(&fake, &path, &onto).await, refused);
        let slots = calcom_conformance::raw_http::RawRequest::new(
            "GET",
            "/v2/slots?eventTypeId=1&start=2030-01-07&end=2030-01-08",
        );
        let (_, slots) = send(&fake, slots.version("2024-09-04")).await;
        assert!(slots["data"].get("2030-01-07").is_none() && slots["data"].get("2030-01-08").is_some(), "{slots}");
        fake.expect_booked(2);
    }
}

#[tokio::test]
async fn a_week_is_counted_from_monday_to_sunday() {
    let fake = limited("bookingLimitsCount", json!({ "week": 1 })).await;
    assert_eq!(book(&fake, "erika@example.com", MONDAY).await.0, 201);
    assert_eq!(book(&fake, "max@example.com", "2030-01-11T10:00:00Z").await.0, 401);
    assert_eq!(book(&fake, "max@example.com", "2030-01-14T10:00:00Z").await.0, 201);
}

#[tokio::test]
async fn an_attendee_has_no_more_active_bookings_than_one_may_have() {
    for offers in [false, true] {
        let fake =
            limited("bookerActiveBookingsLimit", json!({ "maximumActiveBookings": 1, "offerReschedule": offers }))
                .await;
        let (_, first) = book(&fake, "erika@example.com", MONDAY).await;
        let uid = first["data"]["uid"].as_str().unwrap();
        let mut text =
            "Attendee with this email can't book because the maximum number of active bookings has been reached."
                .to_owned();
        if offers {
            text += &format!(" You can reschedule your existing booking ({uid}) to a new timeslot instead.");
        }
        let (status, refused) = book(&fake, "erika@example.com", "2030-01-08T10:00:00Z").await;
        assert_eq!((status, refused["error"]["message"].as_str()), (400, Some(text.as_str())));
        assert_eq!(book(&fake, "max@example.com", "2030-01-08T11:00:00Z").await.0, 201);
        // A past booking is not active.
        fake.clock().set("2030-01-07T12:00:00Z".parse().unwrap());
        assert_eq!(book(&fake, "erika@example.com", "2030-01-09T10:00:00Z").await.0, 201);
        fake.expect_booked(3);
    }
}

#[tokio::test]
async fn an_event_type_without_cancellations_refuses_its_host_too() {
    let fake = limited("disableCancelling", json!({ "disabled": true })).await;
    let (_, booked) = book(&fake, "erika@example.com", MONDAY).await;
    let path = format!("/v2/bookings/{}/cancel", booked["data"]["uid"].as_str().unwrap());
    let refused = (400, json!({ "statusCode": 400, "message": "This event type does not allow cancellations" }));
    assert_eq!(post(&fake, &path, &json!({ "cancellationReason": "x" })).await, refused);
    fake.expect_cancelled(0);
}

#[tokio::test]
async fn an_event_type_that_verifies_addresses_books_nothing_without_a_code() {
    let fake = limited("requiresBookerEmailVerification", true.into()).await;
    let refused = (400, json!({ "statusCode": 400, "message": "email_verification_required" }));
    assert_eq!(book(&fake, "erika@example.com", MONDAY).await, refused);
    fake.expect_booked(0);
}

#[test]
fn an_event_type_takes_every_property_of_the_document_and_no_other() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/calcom-v2.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let properties = document["components"]["schemas"]["CreateEventType"]["properties"].as_object().unwrap();
    assert!(properties.len() > 40);
    for property in properties.keys() {
        let _ = FakeEventType::new("johndoe", "any", 30).with(property, Value::Null);
    }
    let misspelt = || FakeEventType::new("johndoe", "any", 30).with("bookingLimitCount", json!({ "day": 1 }));
    let said = std::panic::catch_unwind(misspelt).unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(
        said.starts_with("an event type has no property `bookingLimitCount`; the nearest are `bookingLimitsCount`"),
        "{said}"
    );
}
