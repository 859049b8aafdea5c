//! A service that answers as the recorded one, and V1 in front of it.

use calcom::v1::{
    self,
    ids::OwnMap,
    serve::{self, Answer},
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::support::recorded_body;

/// The numbers and uids that all tests know.
pub const ID: i64 = 7;
pub const UID: &str = "3SiCmcQn828nSiTte59a6R";

/// V1 over this service, with a key that stands out in the query of each request.
pub fn v1(server: &MockServer) -> v1::Client {
    let v2 = calcom::Client::builder()
        .api_url(server.uri())
        .credentials(calcom::Credentials::Anonymous)
        .attempts(1)
        .build()
        .unwrap();
    v1::Client::from(v2).ids([(ID, UID)].into_iter().collect::<OwnMap>())
}

/// Answers one V1 request.
pub async fn ask(client: &v1::Client, method: &str, path: &str, query: &str, body: &Value) -> Answer {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let query = format!("apiKey=cal_live_planted&{query}");
    let request = serve::Request::new(method, path, query.trim_end_matches('&'), &body);
    serve::answer(client, &request).await
}

/// Recorded are only meetings that were not held on Cal Video, and so answers with 404.
const NOTHING_HELD: &str = "nothing was held";

/// The answer of the recorded service to a request, by its operation.
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
        (_, ["bookings", _, "recordings" | "transcripts"]) => NOTHING_HELD,
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

/// A service that answers every request of V1's areas with success.
pub async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let mut body = match recorded_for(request) {
            // Its success was kept aside.
            "event-types/delete-2024-06-14" => {
                json!({"status": "success", "data": {"id": 1, "lengthInMinutes": 30, "title": "T", "slug": "t"}})
            }
            NOTHING_HELD => json!({"status": "success", "data": []}),
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

/// What arrived: method, path with query, version, body, a line each.
pub async fn arrived(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(line).collect()
}

fn line(request: &Request) -> String {
    assert!(!request.url.as_str().contains("planted"), "the key stands in {}", request.url);
    assert_eq!(request.headers.get("authorization").unwrap(), "Bearer cal_live_planted");
    let mut query: Vec<String> = request.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    query.sort();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let version = request.headers.get("cal-api-version").map_or("-", |version| version.to_str().unwrap());
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let body = if body.is_null() { String::new() } else { format!(" {body}") };
    format!("{} {}{query} ({version}){body}", request.method, request.url.path())
}
