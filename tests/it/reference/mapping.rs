//! Migration notes and support.

use calcom::{
    ApiKey, Client,
    operation::Operation,
    v1::{
        self,
        types::{AvailabilityQuery, Time},
    },
};
use calcom_fake::FakeCalcom;
use serde_json::json;

use super::{answering, differs, holds, last};

async fn v1() -> (FakeCalcom, v1::V1Client) {
    let fake = FakeCalcom::recorded_seed().await;
    let client = Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).build().unwrap();
    (fake, v1::V1Client::from(client))
}

fn paths(fake: &FakeCalcom) -> Vec<String> {
    fake.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

#[tokio::test]
async fn mapping_event_types() {
    holds("V1 to V2 Mapping");
    let (fake, v1) = v1().await;
    let event_types = v1.event_types(&v1::types::EventTypesQuery::default()).await.unwrap();
    assert!(paths(&fake).contains(&"GET /v2/event-types".to_owned()));
    // The structure has changed: V1's own is given.
    assert!(!event_types.is_empty() && event_types.iter().all(|it| it.length > 0));
}

#[tokio::test]
async fn mapping_availability_is_todays_slots() {
    differs("V1 to V2 Mapping", "v1-availability");
    let (fake, v1) = v1().await;
    let time = |text| Time::parse(text).unwrap();
    let mut query = AvailabilityQuery::of_user(1, time("2026-12-01"), time("2026-12-02"));
    query.event_type_id = Some(1);
    assert!(!v1.bookable_slots(&query).await.unwrap().slots.is_empty());
    assert_eq!(paths(&fake).last().map(String::as_str), Some("GET /v2/slots"));
    assert!(Operation::route("GET", "/v2/slots/available").is_some(), "the documented route is there");
}

#[tokio::test]
async fn mapping_bookings_with_metadata() {
    holds("V1 to V2 Mapping");
    let (fake, v1) = v1().await;
    let start = "2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let mut wanted = v1::types::CreateBooking::new(1, start, "Erika Muster", "erika@example.com");
    wanted.metadata = json!({"branch_id": "67"}).as_object().cloned();
    let booked = v1.create_booking(&wanted).await.unwrap();
    assert_eq!(booked.booking.metadata.as_ref().unwrap()["branch_id"], "67");
    assert!(paths(&fake).contains(&"POST /v2/bookings".to_owned()));
}

#[tokio::test]
async fn breaking_changes_the_key_goes_from_the_query_into_a_header() {
    holds("Breaking Changes");
    let (server, client) = answering(include_str!("me.json")).await;
    client.me().get().await.unwrap();
    let request = last(&server).await;
    assert_eq!((request.url.query(), request.headers.contains_key("authorization")), (None, true));
    // V1's own form of it is still taken, and the key leaves the URL.
    let v1 = v1::V1Client::from_url(&format!("{}/v1?apiKey=cal_live_xxxxxxxxxxxxxx", server.uri())).unwrap();
    v1.me().await.unwrap();
    let request = last(&server).await;
    assert_eq!((request.url.path(), request.url.query()), ("/v2/me", None));
    assert_eq!(request.headers["authorization"], "Bearer cal_live_xxxxxxxxxxxxxx");
    assert!(!format!("{v1:?}").contains("cal_live_xx"));
}

#[tokio::test]
async fn breaking_changes_the_answer_is_wrapped_and_unwrapped_here() {
    holds("Breaking Changes");
    let (_server, client) = answering(include_str!("me.json")).await;
    assert_eq!(client.me().get().await.unwrap().email, "user@example.com");
}

#[tokio::test]
async fn breaking_changes_errors_are_structured() {
    holds("Breaking Changes");
    let body = json!({"status": "error", "error": {"code": "NOT_FOUND", "message": "none", "details": []}});
    let (_server, client) = super::answering_with(404, body).await;
    let error = client.me().get().await.unwrap_err();
    assert_eq!((error.code().as_str(), error.service_message()), ("NOT_FOUND", Some("none")));
}

#[test]
fn breaking_changes_every_form_of_a_date_becomes_iso_8601() {
    holds("Breaking Changes");
    for form in [
        json!("2030-01-15T10:00:00Z"),
        json!("2030-01-15T11:00:00+01:00"),
        json!("2030-01-15 10:00"),
        json!("Tue, 15 Jan 2030 10:00:00 GMT"),
        json!(1_894_701_600_000_i64),
        json!(1_894_701_600_000.0),
        json!("1894701600000"),
    ] {
        let time: Time = serde_json::from_value(form.clone()).unwrap();
        assert_eq!(json!(time), "2030-01-15T10:00:00.000Z", "{form}");
    }
}

#[test]
fn support_the_addresses_stand_in_the_documentation() {
    holds("Support");
    let readme = include_str!("../../../README.md");
    for address in ["https://cal.com/docs/api-reference/v2", "https://status.cal.com", "api-support@cal.com"] {
        assert!(readme.contains(address), "{address}");
    }
}
