//! The life of a booking, with plain HTTP requests.

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::FakeCalcom;
use serde_json::{Value, json};

/// A request with the first user's key.
async fn send(fake: &FakeCalcom, method: &str, path: &str, version: &str, body: Option<Value>) -> (u16, Value) {
    let mut call = RawRequest::new(method, &format!("/v2{path}")).key(&fake.api_key());
    if !version.is_empty() {
        call = call.version(version);
    }
    if let Some(body) = body {
        call = call.json(&body);
    }
    let answer = call.send(fake.address()).await.unwrap();
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_booking_is_made_rescheduled_and_cancelled() {
    let fake = FakeCalcom::recorded_seed().await;
    let (status, me) = send(&fake, "GET", "/me", "", None).await;
    assert_eq!((status, me["data"]["username"].as_str()), (200, Some("johndoe")));

    let (_, events) = send(&fake, "GET", "/event-types", "2024-06-14", None).await;
    assert_eq!(events["data"].as_array().unwrap().len(), 8);

    let (_, slots) =
        send(&fake, "GET", "/slots?eventTypeId=1&start=2026-12-01&end=2026-12-02", "2024-09-04", None).await;
    assert_eq!(slots["data"]["2026-12-01"][0]["start"], "2026-12-01T08:00:00.000Z");
    assert_eq!(slots["data"]["2026-12-01"].as_array().unwrap().len(), 16);

    let body = json!({ "start": "2026-12-01T09:00:00Z", "eventTypeId": 1,
        "attendee": { "name": "Alice", "email": "alice@example.org", "timeZone": "Europe/Rome" } });
    let (status, booked) = send(&fake, "POST", "/bookings", "2024-08-13", Some(body.clone())).await;
    assert_eq!(status, 201, "{booked}");
    let uid = booked["data"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(send(&fake, "POST", "/bookings", "2024-08-13", Some(body)).await.0, 400);

    let path = format!("/bookings/{uid}/reschedule");
    let (status, moved) =
        send(&fake, "POST", &path, "2024-08-13", Some(json!({ "start": "2026-12-01T10:00:00Z" }))).await;
    assert_eq!(status, 201, "{moved}");
    assert_eq!(moved["data"]["rescheduledFromUid"], uid);
    let moved = moved["data"]["uid"].as_str().unwrap();

    let path = format!("/bookings/{moved}/cancel");
    let (status, _) = send(&fake, "POST", &path, "2024-08-13", Some(json!({ "cancellationReason": "ill" }))).await;
    assert_eq!(status, 200);
    let (_, list) = send(&fake, "GET", "/bookings?status=cancelled", "2024-08-13", None).await;
    assert_eq!(list["pagination"]["totalItems"], 2);
    fake.expect_booked(1);
    fake.expect_cancelled(1);
    fake.expect_all_routed();
}

#[tokio::test(start_paused = true)]
async fn paused_time_does_not_run_away_while_an_answer_is_on_its_way() {
    let fake = FakeCalcom::recorded_seed().await;
    let client =
        calcom::Client::builder().credentials(calcom::ApiKey::new(fake.api_key())).api_url(fake.url()).build().unwrap();
    let before = tokio::time::Instant::now();
    for _ in 0..100 {
        client.me().get().await.unwrap();
    }
    assert!(before.elapsed() < std::time::Duration::from_secs(1), "{:?}", before.elapsed());
    fake.set_latency(calcom_fake::Latency::recorded());
}
