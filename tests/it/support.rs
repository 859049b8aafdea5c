//! What several tests share.

pub mod classes;
pub mod full;
pub mod http2;
pub mod log;
pub mod socket;

use calcom::{ApiKey, Client, Error};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

/// A client of `server`, with a key that stands out.
pub fn client(server: &MockServer) -> Client {
    Client::builder().credentials(ApiKey::new("cal_live_planted")).api_url(server.uri()).build().unwrap()
}

/// A service that expects one request, with this version where there is one, and a client of it.
pub async fn answering(
    version: Option<&str>,
    verb: &str,
    at: &str,
    status: u16,
    body: impl Serialize,
) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let mut expected = Mock::given(method(verb)).and(path(at)).and(header("authorization", "Bearer cal_live_planted"));
    if let Some(version) = version {
        expected = expected.and(header("cal-api-version", version));
    }
    expected.respond_with(ResponseTemplate::new(status).set_body_json(body)).expect(1).mount(&server).await;
    let client = client(&server);
    (server, client)
}

/// The `data` of a documented answer becomes a `T` and comes back the same.
pub fn round_trip<T: DeserializeOwned + Serialize>(answer: &str) -> T {
    let json: Value = serde_json::from_str(answer).unwrap();
    let data = json.get("data").unwrap_or(&json);
    let value: T = serde_json::from_value(data.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&value).unwrap(), data);
    value
}

/// The bodies that `server` got, as JSON; null where there was none.
pub async fn bodies(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap_or(Value::Null)).collect()
}

/// A recorded exchange: `area/case`.
pub fn recording(name: &str) -> Value {
    let path = format!("{}/tests/recordings/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// The body of a recorded answer.
pub fn recorded_body(name: &str) -> Value {
    recording(name)["response"]["body"].clone()
}

/// The name of an error's variant.
pub fn kind(error: &Error) -> &'static str {
    match error {
        Error::Authentication(_) => "Authentication",
        Error::Permission(_) => "Permission",
        Error::NotFound(_) => "NotFound",
        Error::Validation(_) => "Validation",
        Error::Conflict(_) => "Conflict",
        Error::RateLimit(_) => "RateLimit",
        Error::Server(_) => "Server",
        Error::Unavailable(_) => "Unavailable",
        Error::Timeout(_) => "Timeout",
        Error::Transport(..) => "Transport",
        Error::Decode(..) => "Decode",
        Error::Configuration(_) => "Configuration",
        Error::Unsupported(..) => "Unsupported",
        _ => "another",
    }
}

/// The body of a recorded request.
pub fn recorded_request(name: &str) -> Value {
    recording(name)["request"]["body"].clone()
}

/// With which versions the recorded service answered which route: a status each, or `-` where it routed nothing.
pub fn version_matrix() -> Value {
    recording("version-matrix")
}
