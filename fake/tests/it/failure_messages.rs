//! Failure messages of the assertions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, Fault, FaultProxy, Latency, ResetPoint};
use serde_json::json;

use super::{create, get, post, send};

/// The message of a failing assertion.
fn failure_message(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

/// A fake after several requests, valid and invalid ones.
async fn scene() -> FakeCalcom {
    let fake = FakeCalcom::recorded_seed().await;
    send(&fake, create(&fake, 1, "ada@example.org", "2026-12-01T09:00:00Z")).await;
    send(&fake, create(&fake, 4, "ada@example.org", "2026-12-01T10:00:00Z")).await;
    let (_, seated) = send(&fake, create(&fake, 3, "ada@example.org", "2026-12-01T12:00:00Z")).await;
    let uid = seated["data"]["uid"].as_str().unwrap();
    post(&fake, &format!("/v2/bookings/{uid}/cancel"), &json!({ "cancellationReason": "ill" })).await;
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let lost = create(&fake, 1, "ada@example.org", "2026-12-02T09:00:00Z").send(fake.address()).await;
    assert!(lost.is_err());
    // An unknown version of a route, an unknown method of a path, and an unknown path.
    let old = RawRequest::new("GET", "/v2/slots?eventTypeId=1").key(&fake.api_key());
    assert_eq!(send(&fake, old).await.0, 404);
    assert_eq!(send(&fake, RawRequest::new("PUT", "/v2/me").key(&fake.api_key())).await.0, 404);
    assert_eq!(get(&fake, "/v2/meetings").await.0, 404);
    fake
}

#[tokio::test(start_paused = true)]
async fn assertions_that_fail_say_what_came_instead() {
    let fake = scene().await;
    insta::assert_snapshot!("expect_booked", failure_message(|| fake.expect_booked(1)));
    insta::assert_snapshot!("expect_cancelled", failure_message(|| fake.expect_cancelled(0)));
    insta::assert_snapshot!("expect_requests", failure_message(|| fake.expect_requests("create_booking", 2)));
    insta::assert_snapshot!("expect_all_routed", failure_message(|| fake.expect_all_routed()));
    fake.expect_requests("create_booking", 4);
    fake.expect_requests("cancel_booking", 1);
    insta::assert_snapshot!("expect_no_other_requests", failure_message(|| fake.expect_no_other_requests()));
    fake.fault(Fault::html(502).on("GET /v2/bookings").nth(2).times(3));
    fake.fault(Fault::status(500).on("create_booking").chance(0.25, 1));
    get(&fake, "/v2/bookings").await;
    insta::assert_snapshot!("expect_all_faults_injected", failure_message(|| fake.expect_all_faults_injected()));
    insta::assert_snapshot!("ledger", fake.ledger());
}

#[tokio::test]
async fn requests_of_an_operation_that_does_not_exist_are_not_counted_as_none() {
    let fake = FakeCalcom::start().await;
    let expected = "`create_bookings` is no operation; the nearest are `create_booking`";
    let asked = failure_message(|| drop(fake.requests_of("create_bookings")));
    assert!(asked.starts_with(expected), "{asked}");
    let counted = failure_message(|| fake.expect_requests("create_bookings", 0));
    assert!(counted.starts_with(expected), "{counted}");
    // Operations of the document that nothing plays, and pages of the web application.
    assert!(fake.requests_of("list_organization_roles").is_empty() && fake.requests_of("authorize_oauth2").is_empty());
}

#[tokio::test(start_paused = true)]
async fn assertions_that_hold_do_not_panic() {
    let fake = scene().await;
    fake.expect_booked(4);
    fake.expect_cancelled(1);
    fake.expect_all_faults_injected();
    FaultProxy::for_fake(&fake).await.expect_all_faults_injected();
    let quiet = FakeCalcom::start().await;
    quiet.expect_booked(0);
    quiet.expect_no_other_requests();
    quiet.expect_all_routed();
    assert_eq!(quiet.ledger().to_string(), "");
}

#[tokio::test(start_paused = true)]
async fn a_request_in_flight_is_reported_as_such() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded());
    let call = create(&fake, 1, "ada@example.org", "2026-12-01T09:00:00Z");
    let left = tokio::time::timeout(std::time::Duration::from_millis(100), call.send(fake.address())).await;
    assert!(left.is_err());
    insta::assert_snapshot!("in_flight", failure_message(|| fake.expect_booked(1)));
    fake.idle().await;
    fake.expect_booked(1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nothing_takes_gets_the_services_answer_and_an_explanation_beside_it() {
    let fake = FakeCalcom::recorded_seed().await;
    let call = RawRequest::new("GET", "/v2/slots?eventTypeId=1").key(&fake.api_key()).version("2024-08-13");
    let answer = call.send(fake.address()).await.unwrap();
    let error = &answer.json()["error"];
    assert_eq!((answer.status, error["message"].as_str()), (404, Some("Cannot GET /v2/slots?eventTypeId=1")));
    let hint = "not routed with cal-api-version 2024-08-13; known: list_slots (cal-api-version 2024-09-04)";
    assert_eq!(answer.header("x-fake-hint"), Some(hint));
    assert_eq!(fake.requests()[0].hint.as_deref(), Some(hint));
    let known = get(&fake, "/v2/bookings").await;
    assert_eq!(known.0, 200);
    assert_eq!(fake.requests()[1].hint, None);
}

#[tokio::test(start_paused = true)]
async fn no_output_of_the_fake_contains_a_secret() {
    let fake = FakeCalcom::builder()
        .user(calcom_fake::FakeUser::new("ada").api_key("cal_planted_secret").email("ada.planted@example.org"))
        .event_type(calcom_fake::FakeEventType::new("ada", "30min", 30))
        .start()
        .await;
    let call = RawRequest::new("GET", "/v2/bookings?attendeeEmail=planted@example.org").key(&fake.api_key());
    call.version("2024-08-13").send(fake.address()).await.unwrap();
    let printed =
        format!("{fake:?} {:?} {:?} {}", fake.requests(), fake.ledger(), failure_message(|| fake.expect_booked(1)));
    assert!(!printed.contains("planted"), "{printed}");
}

#[test]
fn the_mock_of_an_error_refuses_the_status_of_a_success() {
    let message = failure_message(|| drop(calcom_fake::MockError::status("create_booking", 201)));
    assert_eq!(message, "HTTP 201 is a success, and no error");
}
