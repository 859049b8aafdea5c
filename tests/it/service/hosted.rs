//! Lookups on the hosted service: the list whose behaviour was recorded, and not the list by cursor.

use std::time::Duration;

use calcom::{
    ApiKey, Client, Config,
    config::ServiceKind,
    model::CreateBooking,
    service::{Appointment, Outcome, Service},
};
use serde_json::{Value, json};

use crate::support::socket;

fn booking(status: &str) -> Value {
    json!({
        "id": 1, "uid": "u1", "title": "t", "status": status, "hosts": [], "duration": 30, "eventTypeId": 1,
        "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:30:00Z", "absentHost": false, "location": null,
        "attendees": [{"name": "A", "email": "a@example.org", "timeZone": "UTC", "absent": false}],
        "metadata": {"idempotencyKey": "k"}, "createdAt": "2029-01-01T09:00:00Z", "updatedAt": "2029-01-01T09:00:00Z",
    })
}

/// A hosted service with this list; every other request but the reading of the booking fails.
async fn hosted(listed: Vec<Value>) -> (socket::Service, Service) {
    let answer = move |request: &socket::Received| {
        if request.line.starts_with("GET /v2/bookings?") {
            let body = json!({"status": "success", "data": listed, "pagination": {
                "returnedItems": listed.len(), "totalItems": listed.len(), "hasNextPage": false}});
            return socket::json(200, &[], body.to_string());
        }
        match request.line.as_str() {
            "GET /v2/bookings/u1" => {
                socket::json(200, &[], json!({"status": "success", "data": booking("accepted")}).to_string())
            }
            line if line.starts_with("POST ") => socket::json(500, &[], "{}"),
            _ => socket::json(404, &[], "{}"),
        }
    };
    let server = socket::Service::serving_after(Duration::ZERO, answer).await;
    let mut config = Config::default();
    (config.api_url, config.service) = (server.url(), ServiceKind::Hosted);
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(ApiKey::new("cal_live_x")).build().unwrap();
    (server, Service::new(client).with_deadline(Duration::from_secs(30)))
}

fn appointment() -> Appointment {
    let start = "2030-01-01T09:00:00Z".parse().unwrap();
    Appointment::new(CreateBooking::new(1, start, "A", "a@example.org")).key("k")
}

fn assert_recorded_list(server: &socket::Service) {
    let requests = server.requests();
    let lists: Vec<_> = requests.iter().filter(|request| request.line.starts_with("GET /v2/bookings?")).collect();
    assert!(!lists.is_empty());
    for list in lists {
        assert_eq!(list.header("cal-api-version"), Some("2024-08-13"), "{}", list.line);
        assert!(list.line.contains("take=") && !list.line.contains("limit=") && !list.line.contains("cursor="));
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_of_an_earlier_call_is_found_in_the_list_of_2024() {
    let (server, service) = hosted(vec![booking("accepted")]).await;
    let booked = service.book(appointment()).await.done().unwrap();
    assert!(booked.found && booked.booking.uid.as_str() == "u1");
    assert_recorded_list(&server);
    let reconciled = service.reconcile(&appointment().ticket()).await.done().unwrap();
    assert_eq!(reconciled.booking.uid.as_str(), "u1");
    assert!(service.find(&appointment().ticket()).await.unwrap().is_some());
    assert_recorded_list(&server);
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_response_is_lost_is_looked_up_in_the_list_of_2024() {
    let (server, service) = hosted(Vec::new()).await;
    let outcome = service.book(appointment()).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert!(server.requests().iter().any(|request| request.line.starts_with("POST /v2/bookings")));
    assert_recorded_list(&server);
}
