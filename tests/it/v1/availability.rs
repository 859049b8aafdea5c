//! The assembled response to `/availability`, and the bookable slots.

use calcom::{
    model::BookingStatus,
    v1::types::{AvailabilityQuery, Time},
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, recorded_for, v1};
use crate::support::recorded_body;

/// Berlin, in winter: 2026-12-03 is a Thursday.
const QUERY: &str = "userId=1&dateFrom=2026-12-03T00:00:00%2B01:00&dateTo=2026-12-05T00:00:00%2B01:00";

/// A caller with hours, an override, a booking from ten to half past, and a calendar that is busy from three to four.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let body = match recorded_for(request) {
            "schedules/default-2024-06-11" => {
                let mut schedule = recorded_body("schedules/default-2024-06-11");
                schedule["data"]["availability"] =
                    json!([{"days": ["Thursday", "Friday"], "startTime": "09:00", "endTime": "17:00"}]);
                schedule["data"]["overrides"] =
                    json!([{"date": "2026-12-04", "startTime": "12:00", "endTime": "23:59"}]);
                schedule
            }
            "bookings-2024-08-13/list-take-1" => {
                let mut booking = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
                (booking["start"], booking["end"]) =
                    (json!("2026-12-03T09:00:00.000Z"), json!("2026-12-03T09:30:00.000Z"));
                let mut cancelled = booking.clone();
                (cancelled["status"], cancelled["uid"]) = (json!("cancelled"), json!("another"));
                let mut elsewhen = booking.clone();
                (elsewhen["start"], elsewhen["end"]) =
                    (json!("2026-12-02T09:00:00.000Z"), json!("2026-12-02T09:30:00.000Z"));
                let pagination = json!({"totalItems": 3, "returnedItems": 3, "hasNextPage": false});
                json!({"status": "success", "data": [booking, cancelled, elsewhen], "pagination": pagination})
            }
            "calendars/list-2024-06-14" => json!({"status": "success", "data": {
                "connectedCalendars": [{"integration": {}, "credentialId": 1, "calendars": [
                    {"externalId": "http://127.0.0.1:8098/x.ics", "isSelected": true, "readOnly": true, "credentialId": 1},
                    {"externalId": "another", "isSelected": false, "readOnly": true, "credentialId": 1},
                ]}],
                "destinationCalendar": {},
            }}),
            name => recorded_body(name),
        };
        ResponseTemplate::new(200).set_body_json(body)
    };
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn the_response_is_assembled_and_the_losses_name_the_derived_fields() {
    let server = service().await;
    let answer = ask(&v1(&server), "GET", "/v1/availability", QUERY, &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lost: Vec<String> = answer.losses.iter().map(ToString::to_string).collect();
    let sent = arrived(&server).await;
    insta::assert_snapshot!(format!("{}\n{:#}\n- {}", sent.join("\n"), answer.body, lost.join("\n- ")));
}

#[tokio::test]
async fn the_availability_of_another_user_is_not_found() {
    let server = service().await;
    for who in ["userId=2", "username=alice"] {
        let query = QUERY.replace("userId=1", who);
        let answer = ask(&v1(&server), "GET", "/v1/availability", &query, &Value::Null).await;
        assert_eq!(
            (answer.status, &answer.body["message"]),
            (404, &json!("version 2 tells the availability of the caller alone"))
        );
    }
}

#[tokio::test]
async fn bookable_slots_are_those_of_the_event_type() {
    let server = service().await;
    let client = v1(&server);
    let client = client.with_credentials(calcom::ApiKey::new("cal_live_planted")).unwrap();
    let time = |text: &str| Time::parse(text).unwrap();
    let mut query = AvailabilityQuery::of_user(1, time("2026-12-01"), time("2026-12-02"));
    assert_eq!(client.bookable_slots(&query).await.unwrap_err().status(), 400);
    query.event_type_id = Some(1);
    let slots = client.bookable_slots(&query).await.unwrap();
    assert_eq!(slots.slots["2026-12-01"][0].time, "2026-12-01T08:00:00.000Z");
    let sent = arrived(&server).await;
    let expected =
        "GET /v2/slots?end=2026-12-02T00:00:00.000Z&eventTypeId=1&start=2026-12-01T00:00:00.000Z (2024-09-04)";
    assert_eq!(sent, [expected]);
}

#[tokio::test]
async fn a_booking_makes_the_caller_busy() {
    let fake = calcom_fake::FakeCalcom::builder().at("2030-01-07T08:00:00Z".parse().unwrap()).start().await;
    let v2 =
        calcom::Client::builder().api_url(fake.url()).credentials(calcom::ApiKey::new(fake.api_key())).build().unwrap();
    let client = calcom::v1::V1Client::from(v2);
    let start: jiff::Timestamp = "2030-01-14T10:00:00Z".parse().unwrap();
    let event_type = fake.event_type_id("johndoe", "30min");
    let booking = calcom::v1::types::CreateBooking::new(event_type, start, "Erika", "e@example.com");
    assert_eq!(client.create_booking(&booking).await.unwrap().booking.status, BookingStatus::Accepted);
    let time = |text: &str| Time::parse(text).unwrap();
    let query = AvailabilityQuery::of_user(client.me().await.unwrap().id, time("2030-01-14"), time("2030-01-15"));
    let availability = client.availability(&query).await.unwrap();
    assert_eq!(availability.busy.len(), 1);
    let free: Vec<String> =
        availability.date_ranges.iter().map(|range| format!("{} {}", range.start, range.end)).collect();
    assert_eq!(
        free,
        ["2030-01-14T09:00:00.000Z 2030-01-14T10:00:00.000Z", "2030-01-14T10:30:00.000Z 2030-01-14T17:00:00.000Z",]
    );
}
