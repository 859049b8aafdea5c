//! The gateway of the example in front of the fake, used by a V1 program.

use calcom::{Client, Credentials, v1};
use calcom_fake::FakeCalcom;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[path = "../../../examples/v1_gateway/src/gateway.rs"]
mod gateway;
#[path = "../../../examples/v1_gateway/src/old_program.rs"]
mod old_program;

/// A client without credentials: each V1 request has its own.
fn anonymous(fake: &FakeCalcom) -> Client {
    Client::builder().api_url(fake.url()).credentials(Credentials::Anonymous).build().unwrap()
}

async fn start() -> (FakeCalcom, String) {
    let now: Timestamp = "2030-01-07T08:00:00Z".parse().unwrap();
    let fake = FakeCalcom::builder().at(now).start().await;
    let client = v1::V1Client::from(anonymous(&fake));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, gateway::router(client)).await });
    (fake, host)
}

/// Sends a request over a new connection and returns status, head and body.
async fn send(host: &str, method: &str, target: &str, body: &str) -> (u16, String, Value) {
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_v1_program_lists_books_reschedules_cancels_and_lists() {
    let (fake, host) = start().await;
    let base = format!("http://{host}/v1");
    let event_type = fake.event_type_id("johndoe", "30min");
    let lines = old_program::run(&base, &fake.api_key(), event_type, fake.clock().now()).await.unwrap();
    assert_eq!(
        lines,
        [
            "1 event type(s), the first of 30 minutes",
            "16 slots, the first at \"2030-01-14T09:00:00.000Z\"",
            "booked \"2030-01-14T09:00:00.000Z\", \"ACCEPTED\"",
            "moved to \"2030-01-14T10:00:00.000Z\"",
            "cancelled: \"Booking successfully cancelled.\"",
            "2 bookings in the list",
            "  \"2030-01-14T09:00:00.000Z\" \"CANCELLED\"",
            "  \"2030-01-14T10:00:00.000Z\" \"CANCELLED\"",
        ]
    );
}

#[tokio::test]
async fn the_old_number_of_a_rescheduled_booking_leads_to_the_new_one() {
    let (fake, host) = start().await;
    let key = fake.api_key();
    let booking = json!({
        "eventTypeId": fake.event_type_id("johndoe", "30min"), "start": "2030-01-14T09:00:00Z", "timeZone": "UTC",
        "language": "en", "metadata": {"branch": "67"}, "responses": {"name": "Erika", "email": "e@example.com"},
    });
    let (status, _, booked) = send(&host, "POST", &format!("/v1/bookings?apiKey={key}"), &booking.to_string()).await;
    assert_eq!((status, &booked["status"]), (200, &json!("ACCEPTED")), "{booked}");
    assert_eq!(booked["user"]["email"], Value::Null);
    assert_eq!(booked["metadata"]["branch"], "67");
    let target = format!("/v1/bookings/{}?apiKey={key}", booked["id"]);
    let change = json!({"startTime": "2030-01-14T11:00:00Z"}).to_string();
    let (status, head, moved) = send(&host, "PATCH", &target, &change).await;
    assert_eq!((status, &moved["booking"]["startTime"]), (200, &json!("2030-01-14T11:00:00.000Z")), "{moved}");
    assert!(!head.contains("x-v1-losses: 0"), "{head}");
    let (_, _, read) = send(&host, "GET", &target, "").await;
    assert_eq!(read["booking"]["uid"], moved["booking"]["uid"]);
    assert_eq!(read["booking"]["fromReschedule"], booked["uid"]);
}

#[tokio::test]
async fn rejections_have_v1s_form() {
    let (fake, host) = start().await;
    let key = fake.api_key();
    let (status, _, body) = send(&host, "GET", "/v1/me", "").await;
    assert_eq!((status, body), (401, json!({"message": "No apiKey provided"})));
    let (status, _, body) = send(&host, "GET", "/v1/me?apiKey=cal_live_nobodys", "").await;
    assert_eq!((status, body), (401, json!({"error": "Your API key is not valid."})));
    let (status, _, body) = send(&host, "POST", &format!("/v1/event-types?apiKey={key}"), r#"{"foo": 1}"#).await;
    let message = "invalid_type in 'title': Required; invalid_type in 'slug': Required; invalid_type in 'length': Required; \
                   Unrecognized key(s) in object: 'foo'";
    assert_eq!(status, 400);
    assert_eq!(body, json!({"message": message, "url": "/event-types", "method": "POST", "data": null}));
}

#[tokio::test]
async fn the_log_contains_nothing_of_the_request() {
    let (fake, _) = start().await;
    let client = v1::V1Client::from(anonymous(&fake));
    for (path, expected) in [
        ("/v1/webhooks/erika@example.com", "/webhooks/{id}: 401, 0 losses"),
        ("/v1/erika@example.com", "an unknown path: 404, 0 losses"),
    ] {
        let request = v1::serve::GatewayRequest::get(path, "apiKey=cal_live_planted");
        assert_eq!(gateway::log_line(&v1::serve::handle(&client, &request).await), expected);
    }
}

#[tokio::test]
async fn event_types_schedules_and_webhooks_are_created_updated_and_deleted() {
    let (fake, host) = start().await;
    let key = fake.api_key();
    for (path, name, creation, change, expected) in [
        (
            "event-types",
            "event_type",
            json!({"title": "Long", "slug": "long", "length": 60}),
            json!({"length": 90}),
            json!({"length": 90, "title": "Long"}),
        ),
        (
            "schedules",
            "schedule",
            json!({"name": "Late", "timeZone": "Europe/Berlin"}),
            json!({"availability": [{"days": [1, 2], "startTime": "18:00:00", "endTime": "22:00:00"}]}),
            json!({"name": "Late", "timeZone": "Europe/Berlin"}),
        ),
        (
            "webhooks",
            "webhook",
            json!({"subscriberUrl": "https://example.com/hook", "eventTriggers": ["BOOKING_CREATED"], "active": true}),
            json!({"eventTriggers": ["BOOKING_CANCELLED"]}),
            json!({"eventTriggers": ["BOOKING_CANCELLED"], "subscriberUrl": "https://example.com/hook"}),
        ),
    ] {
        let all = format!("/v1/{path}?apiKey={key}");
        let (status, _, body) = send(&host, "POST", &all, &creation.to_string()).await;
        assert_eq!(status, 200, "{body}");
        assert!(body["message"].as_str().unwrap().ends_with(" created successfully"), "{body}");
        let id = match &body[name]["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        };
        let one = format!("/v1/{path}/{id}?apiKey={key}");
        let (status, _, body) = send(&host, "PATCH", &one, &change.to_string()).await;
        assert_eq!(status, 200, "{body}");
        let (_, _, read) = send(&host, "GET", &one, "").await;
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&read[name][field], value, "{read}");
        }
        let (status, _, body) = send(&host, "DELETE", &one, "").await;
        assert_eq!(status, 200, "{body}");
        assert!(body["message"].as_str().unwrap().ends_with(&format!(" with id: {id} deleted successfully")), "{body}");
        let (status, _, _) = send(&host, "GET", &one, "").await;
        assert!(status >= 400, "{path}");
    }
}
