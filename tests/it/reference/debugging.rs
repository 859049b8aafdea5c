//! Debugging.

use calcom::{ApiKey, Client, Config, RequestDebug};
use serde_json::{Value, json};

use super::{config, differs, holds};
use crate::support::{
    log::Log,
    socket::{self, Step},
};

const ME: &str = include_str!("me.json");
const BOOKING: &str = include_str!("booking.json");

fn vars(name: &'static str) -> Config {
    Config::from_vars(|asked| (asked == name).then(|| "true".to_owned())).unwrap()
}

/// What is told of reading the documented booking, and what is logged.
async fn read(debug: Value) -> (Option<RequestDebug>, String) {
    let headers = [
        ("x-request-id", "2c2e10c7"),
        ("set-cookie", "session=planted"),
        ("x-planted", "1"),
        ("x-ratelimit-limit-default", "120"),
    ];
    let service = socket::Service::answering([socket::json(200, &headers, BOOKING)]).await;
    let config = config(json!({"api_url": service.url(), "debug": debug}));
    let client = Client::builder().config(config).credentials(ApiKey::new("cal_live_planted")).build().unwrap();
    let log = Log::start();
    client.bookings().get("planted-uid").await.unwrap();
    (client.last_request_debug(), log.of_calcom())
}

#[test]
fn enable_debug_mode_calcom_v2_debug() {
    holds("Enable Debug Mode");
    let debug = vars("CALCOM_V2_DEBUG").debug;
    assert_eq!((debug.enabled, debug.log_requests, debug.log_responses), (true, false, false));
}

#[test]
fn enable_debug_mode_calcom_v2_log_requests() {
    holds("Enable Debug Mode");
    let debug = vars("CALCOM_V2_LOG_REQUESTS").debug;
    assert_eq!((debug.enabled, debug.log_requests, debug.log_responses), (false, true, false));
}

#[test]
fn enable_debug_mode_calcom_v2_log_responses() {
    holds("Enable Debug Mode");
    let debug = vars("CALCOM_V2_LOG_RESPONSES").debug;
    assert_eq!((debug.enabled, debug.log_requests, debug.log_responses), (false, false, true));
}

#[tokio::test(start_paused = true)]
async fn enable_debug_mode_requests_are_logged() {
    holds("Enable Debug Mode");
    let (_, log) = read(json!({"log_requests": true})).await;
    assert!(log.contains("calcom::requests") && !log.contains("calcom::responses"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn enable_debug_mode_responses_are_logged() {
    holds("Enable Debug Mode");
    let (_, log) = read(json!({"log_responses": true})).await;
    assert!(log.contains("calcom::responses") && !log.contains("calcom::requests"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn debug_output_the_last_request() {
    holds("Debug Output");
    let (debug, _) = read(json!({"enabled": true})).await;
    let debug = debug.unwrap();
    assert_eq!((debug.method, debug.path, debug.status), ("GET", "/v2/bookings/{bookingUid}", Some(200)));
    assert!(debug.curl.starts_with("curl -X GET "), "{}", debug.curl);
}

#[tokio::test(start_paused = true)]
async fn debug_output_the_last_response() {
    holds("Debug Output");
    let (debug, _) = read(json!({"enabled": true, "log_responses": true})).await;
    let response = debug.unwrap().response.unwrap();
    assert_eq!(response.status, 200);
    let header =
        |wanted: &str| response.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    assert_eq!(header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!((header("x-request-id"), header("x-ratelimit-limit-default")), (Some("2c2e10c7"), Some("120")));
    let body: Value = serde_json::from_str(&response.body.unwrap()).unwrap();
    assert_eq!((&body["data"]["id"], &body["data"]["status"]), (&json!(987654), &json!("ACCEPTED")));
}

#[tokio::test(start_paused = true)]
async fn debug_output_a_cached_answer_is_the_last_response_too() {
    holds("Debug Output");
    let service = socket::Service::answering([socket::json(200, &[("x-request-id", "2c2e10c7")], ME)]).await;
    let config = config(json!({"api_url": service.url(), "debug": {"enabled": true, "log_responses": true}}));
    let client = Client::builder().config(config).credentials(ApiKey::new("cal_live_planted")).build().unwrap();
    client.me().get().await.unwrap();
    let first = client.last_request_debug().unwrap();
    client.me().get().await.unwrap();
    let second = client.last_request_debug().unwrap();
    assert_eq!((second.outcome, second.attempts, service.requests().len()), ("cached", 0, 1));
    assert_eq!(first.response.unwrap().body, second.response.unwrap().body);
}

#[tokio::test(start_paused = true)]
async fn debug_output_the_status_is_that_of_the_last_answer_if_later_attempts_have_none() {
    holds("Debug Output");
    let refused = vec![Step::Request, Step::Write(socket::answer(503, &[], "{}")), Step::Close];
    let service = socket::Service::start([refused, vec![Step::Request, Step::Close]]).await;
    let config = config(json!({"api_url": service.url(), "debug": {"enabled": true}, "retry": {"times": 2}}));
    let client = Client::builder().credentials(calcom::Credentials::Anonymous).config(config).build().unwrap();
    assert_eq!(client.raw().get_me().await.unwrap_err().status(), None);
    let debug = client.last_request_debug().unwrap();
    assert_eq!((debug.status, debug.attempts), (Some(503), 2));
}

#[tokio::test(start_paused = true)]
async fn debug_output_the_last_response_of_a_failure() {
    holds("Debug Output");
    let service =
        socket::Service::answering([socket::json(404, &[], r#"{"status":"error","error":{"code":"NOT_FOUND"}}"#)])
            .await;
    let config = config(json!({"api_url": service.url(), "debug": {"enabled": true, "log_responses": true}}));
    let client = Client::builder().config(config).credentials(calcom::Credentials::Anonymous).build().unwrap();
    client.raw().get_me().await.unwrap_err();
    let response = client.last_request_debug().unwrap().response.unwrap();
    assert_eq!(response.status, 404);
    assert!(response.body.unwrap().starts_with("{\"error\":{"));
}

#[tokio::test(start_paused = true)]
async fn debug_output_shows_no_credential_and_nobodys_data() {
    differs("Debug Output", "debug-masked");
    let (debug, log) = read(json!({"enabled": true, "log_requests": true, "log_responses": true})).await;
    let text = format!("{}\n{debug:?}\n{log}", serde_json::to_string(&debug).unwrap());
    for planted in ["planted", "john@example.com", "John Doe", "Dr. Smith", "123 Main St", "rst-uvw-xyz"] {
        assert!(!text.contains(planted), "{planted} is in {text}");
    }
    let (debug, _) = read(json!({"enabled": true})).await;
    assert_eq!(debug.unwrap().response, None, "only where the responses may be logged");
}
