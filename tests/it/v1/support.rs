//! A service with the recorded responses, and a V1 client for it.

use calcom::v1::{
    self,
    ids::UidMap,
    serve::{self, GatewayResponse},
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::support::recorded_body;

/// The booking number and uid that the tests use.
pub const ID: i64 = 7;
pub const UID: &str = "3SiCmcQn828nSiTte59a6R";

/// A V1 client for a service. It has no key of its own: `ask` puts one into the query.
pub fn v1(server: &MockServer) -> v1::V1Client {
    let v2 = calcom::Client::builder()
        .api_url(server.uri())
        .credentials(calcom::Credentials::Anonymous)
        .max_attempts(1)
        .build()
        .unwrap();
    v1::V1Client::from(v2).uid_resolver([(ID, UID)].into_iter().collect::<UidMap>())
}

/// Executes a V1 request with a planted key.
pub async fn ask(client: &v1::V1Client, method: &str, path: &str, query: &str, body: &Value) -> GatewayResponse {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let query = format!("apiKey=cal_live_planted&{query}");
    let request = serve::GatewayRequest::new(method, path, query.trim_end_matches('&'), &body);
    serve::handle(client, &request).await
}

/// Has no recording: all recorded meetings took place outside Cal Video, and their responses are 404.
const NO_CAL_VIDEO: &str = "no cal video";

/// The name of the recording that answers a request.
pub fn recorded_for(request: &Request) -> &'static str {
    let path = request.url.path();
    let parts: Vec<&str> = path.trim_start_matches("/v2/").split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        (_, ["me"]) => "me/get-2024-06-14",
        ("GET", ["event-types"]) => "event-types/list-2024-06-14",
        (_, ["event-types"]) => "event-types/create-2024-06-14-plain30",
        ("DELETE", ["event-types", _]) => "event-types/delete-2024-06-14",
        ("PATCH", ["event-types", _]) => "event-types/update-2024-06-14",
        (_, ["event-types", "6"]) => "event-types/get-2024-06-14-variable",
        (_, ["event-types", _]) => "event-types/get-2024-06-14-plain",
        ("GET", ["schedules"]) => "schedules/list-2024-06-11",
        ("GET", ["schedules", "default"]) => "schedules/default-2024-06-11",
        (_, ["schedules"]) => "schedules/create-2024-06-11",
        (_, ["schedules", _]) => "schedules/get-2024-06-11",
        (_, ["slots"]) => "slots/get-2024-09-04-by-event-type-id",
        ("GET", ["bookings"]) => "bookings-2024-08-13/list-take-1",
        (_, ["bookings"]) => "bookings-2024-08-13/create-regular",
        ("GET", ["bookings", _]) => "bookings-2024-08-13/get-regular",
        (_, ["bookings", _, "reschedule"]) => "bookings-2024-08-13/reschedule",
        (_, ["bookings", _, "cancel"]) => "bookings-2024-08-13/cancel",
        (_, ["bookings", _, "confirm"]) => "bookings-2024-08-13/confirm",
        (_, ["bookings", _, "decline"]) => "bookings-2024-08-13/decline-ok",
        (_, ["bookings", _, "reassign", _]) => "bookings-2024-08-13/reassign-user",
        (_, ["bookings", _, "recordings" | "transcripts"]) => NO_CAL_VIDEO,
        (_, ["bookings", _, "location"]) => "bookings-2024-08-13/location-update",
        ("GET", ["webhooks"]) => "webhooks/list",
        ("POST", ["webhooks"]) => "webhooks/create-with-version",
        (_, ["webhooks", _]) => "webhooks/get",
        (_, ["event-types", _, "webhooks"]) => "webhooks/event-type-create-2",
        (_, ["event-types", _, "webhooks", _]) => "webhooks/event-type-get",
        (_, ["calendars"]) => "calendars/list-2024-06-14",
        (_, ["calendars", "busy-times"]) => "calendars/busy-times-connected",
        _ => panic!("an unexpected request: {} {path}", request.method),
    }
}

/// A service that answers every request with success.
pub async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let mut body = match recorded_for(request) {
            // No recording has its success.
            "event-types/delete-2024-06-14" => {
                json!({"status": "success", "data": {"id": 1, "lengthInMinutes": 30, "title": "T", "slug": "t"}})
            }
            NO_CAL_VIDEO => json!({"status": "success", "data": []}),
            name => recorded_body(name),
        };
        if body["pagination"].is_object() {
            body["pagination"]["hasNextPage"] = false.into();
        }
        ResponseTemplate::new(200).set_body_json(body)
    };
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

/// The received requests, one line each: method, path with query, version, body.
pub async fn arrived(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(line).collect()
}

fn line(request: &Request) -> String {
    assert!(!request.url.as_str().contains("planted"), "the key is in {}", request.url);
    assert_eq!(request.headers.get("authorization").unwrap(), "Bearer cal_live_planted");
    let mut query: Vec<String> = request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    query.sort();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let version = request.headers.get("cal-api-version").map_or("-", |version| version.to_str().unwrap());
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let body = if body.is_null() { String::new() } else { format!(" {body}") };
    format!("{} {}{query} ({version}){body}", request.method, request.url.path())
}
