//! Series: V1 took a request for each occurrence, V2 takes one for all.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, v1};
use crate::support::recorded_body;

/// The starts of the recorded series.
fn starts() -> Vec<String> {
    let series = recorded_body("bookings-2024-08-13/create-recurring")["data"].clone();
    series.as_array().unwrap().iter().map(|booking| booking["start"].as_str().unwrap().to_owned()).collect()
}

fn occurrence(start: &str) -> Value {
    json!({
        "eventTypeId": 3, "start": start, "timeZone": "UTC", "language": "en", "metadata": {},
        "responses": {"name": "Erika", "email": "e@example.com"},
        "recurringEventId": "series-1", "recurringCount": starts().len(), "allRecurringDates": starts(),
    })
}

async fn service(responses: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let next = AtomicUsize::new(0);
    let answer = move |_: &Request| responses[next.fetch_add(1, Ordering::SeqCst).min(responses.len() - 1)].clone();
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

fn created() -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(recorded_body("bookings-2024-08-13/create-recurring"))
}

#[tokio::test]
async fn the_requests_of_a_series_send_one_v2_request() {
    let server = service(vec![created()]).await;
    let client = v1(&server);
    let starts = starts();
    assert!(starts.len() > 2);
    // The order is not that of time, and two requests run at once.
    let order: Vec<&String> = starts.iter().rev().collect();
    let bodies: Vec<Value> = order.iter().map(|start| occurrence(start)).collect();
    let (first, second) = tokio::join!(
        ask(&client, "POST", "/v1/bookings", "", &bodies[0]),
        ask(&client, "POST", "/v1/bookings", "", &bodies[1]),
    );
    let mut answers = vec![first, second];
    for body in &bodies[2..] {
        answers.push(ask(&client, "POST", "/v1/bookings", "", body).await);
    }
    for (answer, start) in answers.iter().zip(order) {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["startTime"], json!(start));
    }
    let arrived = arrived(&server).await;
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    assert!(arrived[0].contains(&format!("\"recurrenceCount\":{}", starts.len())), "{arrived:?}");
    assert!(arrived[0].contains(&format!("\"start\":\"{}", starts[0].trim_end_matches(".000Z"))), "{arrived:?}");
}

#[tokio::test]
async fn a_rejected_series_can_be_retried_and_an_unknown_one_is_not_booked_twice() {
    let refused = ResponseTemplate::new(409).set_body_json(json!({"error": {"message": "booking_conflict_error"}}));
    let server = service(vec![refused, created()]).await;
    let client = v1(&server);
    let body = occurrence(&starts()[0]);
    assert_eq!(ask(&client, "POST", "/v1/bookings", "", &body).await.status, 409);
    assert_eq!(ask(&client, "POST", "/v1/bookings", "", &body).await.status, 200);

    let server = service(vec![ResponseTemplate::new(502), created()]).await;
    let client = v1(&server);
    for _ in 0..2 {
        assert_eq!(ask(&client, "POST", "/v1/bookings", "", &body).await.status, 503);
    }
    assert_eq!(arrived(&server).await.len(), 1);
}

#[tokio::test]
async fn an_occurrence_outside_the_series_is_rejected() {
    let server = service(vec![created()]).await;
    let answer = ask(&v1(&server), "POST", "/v1/bookings", "", &occurrence("2031-01-01T09:00:00Z")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["message"], "the event type repeats in another way: no occurrence starts then");
}
