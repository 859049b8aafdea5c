//! Overview, authentication, base configuration, service classes.

use std::time::Duration;

use calcom::{ApiKey, Client, Config, operation::Operation, service::Service};
use serde_json::json;

use super::{answering, answering_with, config, differs, holds, last};
use crate::support::{
    classes::{booking, call, success},
    socket,
};
use calcom::operation::Resend;

const ME: &str = include_str!("me.json");

#[test]
fn overview_every_endpoint_is_an_operation() {
    holds("Overview");
    for (method, path) in [
        ("GET", "/v2/me"),
        ("GET", "/v2/event-types"),
        ("GET", "/v2/event-types/2026361"),
        ("GET", "/v2/schedules"),
        ("GET", "/v2/slots"),
        ("GET", "/v2/slots/available"),
        ("GET", "/v2/bookings"),
        ("POST", "/v2/bookings"),
        ("GET", "/v2/bookings/abc-def-ghi"),
        ("POST", "/v2/bookings/abc-def-ghi/reschedule"),
        ("POST", "/v2/bookings/abc-def-ghi/cancel"),
    ] {
        assert!(Operation::route(method, path).is_some(), "{method} {path}");
    }
}

#[tokio::test]
async fn authentication_is_a_bearer_token() {
    holds("Authentication");
    let (server, client) = answering(ME).await;
    client.me().get().await.unwrap();
    assert_eq!(last(&server).await.headers["authorization"], "Bearer cal_live_planted");
}

#[tokio::test]
async fn authentication_the_version_is_that_of_the_operation() {
    differs("Authentication", "versions");
    let (server, client) = answering_with(404, json!({})).await;
    for (path, version) in [
        ("/v2/bookings", Some("2024-08-13")),
        ("/v2/event-types", Some("2024-06-14")),
        ("/v2/schedules", Some("2024-06-11")),
        ("/v2/slots", Some("2024-09-04")),
        ("/v2/me", None),
    ] {
        let operation = Operation::route("GET", path).unwrap();
        let _ = client.raw().operation::<serde_json::Value>(operation, path).await;
        let request = last(&server).await;
        assert_eq!(request.headers.get("cal-api-version").map(|value| value.to_str().unwrap()), version, "{path}");
    }
}

#[tokio::test]
async fn authentication_a_body_is_json() {
    holds("Authentication");
    let (server, client) = answering_with(404, json!({})).await;
    client.raw().create_booking(&booking()).await.unwrap_err();
    assert_eq!(last(&server).await.headers["content-type"], "application/json");
}

#[tokio::test]
async fn authentication_without_a_body_there_is_no_content_type() {
    differs("Authentication", "content-type");
    let (server, client) = answering(ME).await;
    client.me().get().await.unwrap();
    assert!(!last(&server).await.headers.contains_key("content-type"));
}

#[test]
fn base_configuration_api_url() {
    holds("Base Configuration");
    assert_eq!(Config::default().api_url, "https://api.cal.com/v2");
}

#[tokio::test]
async fn base_configuration_api_version() {
    differs("Base Configuration", "versions");
    let (server, _) = answering_with(404, json!({})).await;
    let documented = Some("2024-08-13");
    for (service, set, expected) in
        [("self-hosted", None, "2024-08-13"), ("hosted", None, "2026-02-25"), ("hosted", documented, "2024-08-13")]
    {
        let read = config(json!({"api_url": server.uri(), "service": service, "api_version": set}));
        let client = Client::builder().credentials(calcom::Credentials::Anonymous).config(read).build().unwrap();
        client.raw().get_booking("abc-def-ghi").await.unwrap_err();
        assert_eq!(last(&server).await.headers["cal-api-version"], expected, "{service}, {set:?}");
    }
}

#[test]
fn base_configuration_timeout_connect() {
    holds("Base Configuration");
    assert_eq!(Config::default().timeout.connect, Duration::from_secs(10));
}

#[test]
fn base_configuration_timeout_request() {
    holds("Base Configuration");
    assert_eq!(Config::default().timeout.request, Duration::from_secs(30));
}

#[test]
fn base_configuration_retry_times() {
    holds("Base Configuration");
    assert_eq!(Config::default().retry.times, 3);
}

#[test]
fn base_configuration_retry_delay_in_milliseconds() {
    holds("Base Configuration");
    assert_eq!(Config::default().retry.delay, Duration::from_millis(100));
}

#[test]
fn base_configuration_is_read_under_its_keys() {
    holds("Base Configuration");
    let read = config(json!({
        "api_url": "https://api.cal.com/v2",
        "api_version": "2024-08-13",
        "timeout": {"connect": 10, "request": 30},
        "retry": {"times": 3, "delay": 100},
    }));
    let mut expected = Config::default();
    expected.api_version = Some("2024-08-13".to_owned());
    assert_eq!(read, expected);
}

#[tokio::test(start_paused = true)]
async fn base_configuration_what_may_be_done_twice_is_sent_three_times() {
    holds("Base Configuration");
    let service = socket::Service::answering([0; 3].map(|_| socket::answer(500, &[], "{}"))).await;
    let error = call(&service.client(), Resend::Safe).await.unwrap_err();
    assert_eq!((error.attempts(), service.requests().len()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn base_configuration_a_booking_is_never_sent_again_on_a_guess() {
    differs("Base Configuration", "retry-safe");
    let service = socket::Service::answering([socket::answer(500, &[], "{}"), success(Resend::Unsafe)]).await;
    let error = call(&service.client(), Resend::Unsafe).await.unwrap_err();
    assert_eq!((error.attempts(), service.requests().len()), (1, 1));
    assert!(error.may_have_been_applied());
}

#[tokio::test(start_paused = true)]
async fn base_configuration_the_wait_between_attempts_doubles_and_is_random() {
    differs("Base Configuration", "retry-delay");
    let mut waits = Vec::new();
    for _ in 0..16 {
        let service = socket::Service::answering([0; 3].map(|_| socket::answer(500, &[], "{}"))).await;
        let began = tokio::time::Instant::now();
        call(&service.client(), Resend::Safe).await.unwrap_err();
        waits.push(began.elapsed().as_millis());
    }
    // Up to 100 ms, and up to 200 ms.
    assert!(waits.iter().all(|wait| *wait < 320), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > 100), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
}

#[tokio::test]
async fn calcom_v2_client_is_made_of_a_key() {
    differs("CalcomV2Client", "names");
    let client = Client::new(ApiKey::new("cal_live_xxxxxxxxxxxxxx")).unwrap();
    assert_eq!(client.config(), &Config::default());
}

#[tokio::test]
async fn calcom_v2_service_is_made_of_a_client_who_is_the_tenant() {
    differs("CalcomV2Service", "company");
    let client = Client::new(ApiKey::new("cal_live_xxxxxxxxxxxxxx")).unwrap();
    let service = Service::new(client);
    assert_eq!(service.client().config(), &Config::default());
}
