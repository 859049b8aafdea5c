//! Error handling.

use std::time::Duration;

use calcom::{Error, ErrorCode};
use serde_json::{Value, json};

use super::{answering_with, differs, holds};
use crate::support::{kind, socket};

fn documented(code: &str) -> Value {
    json!({"status": "error", "error": {
        "code": code,
        "message": "Invalid request parameters",
        "details": [{"field": "startTime", "message": "Must be in the future"}],
    }})
}

/// What reading the profile fails with, after one attempt.
async fn failure(status: u16, body: Value) -> Error {
    let (server, _client) = answering_with(status, body).await;
    let client = calcom::Client::builder()
        .api_url(server.uri())
        .credentials(calcom::Credentials::Anonymous)
        .max_attempts(1)
        .build()
        .unwrap();
    client.raw().get_booking("abc-def-ghi").await.unwrap_err()
}

#[tokio::test]
async fn exception_types_are_variants_of_one_error() {
    differs("Exception Types", "error-type");
    for (status, code, variant) in [
        (401, "UNAUTHORIZED", "Authentication"),
        (429, "RATE_LIMITED", "RateLimit"),
        (422, "VALIDATION_ERROR", "Validation"),
        (500, "SERVER_ERROR", "Server"),
    ] {
        let error = failure(status, documented(code)).await;
        assert_eq!(kind(&error), variant);
        // What every exception has, whichever it is.
        assert_eq!(error.service_message(), Some("Invalid request parameters"));
    }
}

#[tokio::test]
async fn error_response_code_and_message() {
    holds("Error Response Format");
    let error = failure(422, documented("VALIDATION_ERROR")).await;
    assert_eq!(error.code(), &ErrorCode::ValidationError);
    assert_eq!(error.service_message(), Some("Invalid request parameters"));
}

#[tokio::test]
async fn error_response_details_name_fields() {
    holds("Error Response Format");
    let error = failure(422, documented("VALIDATION_ERROR")).await;
    let [field] = error.field_errors() else { panic!("{error:?}") };
    assert_eq!((field.field.as_str(), field.message.as_str()), ("startTime", "Must be in the future"));
}

async fn code(status: u16, name: &str, variant: &str) {
    // By the code in the body, and by the status alone.
    for body in [documented(name), json!({})] {
        let error = failure(status, body).await;
        assert_eq!((error.code().as_str(), error.status(), kind(&error)), (name, Some(status), variant));
    }
    assert_eq!(ErrorCode::from(name).as_str(), name);
    assert!(!matches!(ErrorCode::from(name), ErrorCode::Other(_)));
}

#[tokio::test]
async fn error_codes_unauthorized_401() {
    holds("Error Codes");
    code(401, "UNAUTHORIZED", "Authentication").await;
}

#[tokio::test]
async fn error_codes_forbidden_403() {
    holds("Error Codes");
    code(403, "FORBIDDEN", "Permission").await;
}

#[tokio::test]
async fn error_codes_not_found_404() {
    holds("Error Codes");
    code(404, "NOT_FOUND", "NotFound").await;
}

#[tokio::test]
async fn error_codes_validation_error_422() {
    holds("Error Codes");
    code(422, "VALIDATION_ERROR", "Validation").await;
}

#[tokio::test]
async fn error_codes_the_service_refuses_input_with_400() {
    differs("Error Codes", "error-400");
    let body = json!({"status": "error", "error": {"code": "BadRequestException", "message": "no"}});
    let error = failure(400, body).await;
    assert_eq!((error.code(), kind(&error)), (&ErrorCode::ValidationError, "Validation"));
}

#[tokio::test]
async fn error_codes_rate_limited_429() {
    holds("Error Codes");
    code(429, "RATE_LIMITED", "RateLimit").await;
}

#[tokio::test]
async fn error_codes_server_error_500() {
    holds("Error Codes");
    code(500, "SERVER_ERROR", "Server").await;
}

#[tokio::test]
async fn error_codes_service_unavailable_503() {
    holds("Error Codes");
    code(503, "SERVICE_UNAVAILABLE", "Unavailable").await;
}

#[tokio::test]
async fn error_handling_an_authentication_error_has_a_message() {
    holds("Error Handling Examples");
    let error = failure(401, documented("UNAUTHORIZED")).await;
    assert!(matches!(error, Error::Authentication(_)) && error.to_string().contains("authentication failed"));
}

#[tokio::test]
async fn error_handling_a_validation_error_lists_fields_and_messages() {
    holds("Error Handling Examples");
    let error = failure(422, documented("VALIDATION_ERROR")).await;
    let lines: Vec<String> =
        error.field_errors().iter().map(|error| format!("Field {}: {}", error.field, error.message)).collect();
    assert_eq!(lines, ["Field startTime: Must be in the future"]);
}

#[tokio::test(start_paused = true)]
async fn error_handling_a_rate_limit_says_after_how_many_seconds() {
    holds("Error Handling Examples");
    let service = socket::Service::answering([socket::answer(429, &[("retry-after", "17")], "{}")]).await;
    let client = service.builder().max_attempts(1).build().unwrap();
    let error = client.raw().get_me().await.unwrap_err();
    assert!(matches!(error, Error::RateLimit(_)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(17)));
}

#[tokio::test(start_paused = true)]
async fn error_handling_a_429_is_waited_for_first() {
    differs("Error Handling Examples", "rate-limit-waits");
    let me = include_str!("me.json");
    let refused = socket::answer(429, &[("retry-after", "2")], "{}");
    let service = socket::Service::answering([refused, socket::json(200, &[], me)]).await;
    assert_eq!(service.client().me().get().await.unwrap().id.0, 12345);
    assert_eq!(service.requests().len(), 2);
}

#[tokio::test]
async fn error_handling_any_other_error_has_a_message() {
    holds("Error Handling Examples");
    for status in [403, 404, 409, 418, 500, 502] {
        let error = failure(status, documented("SOMETHING_ELSE")).await;
        assert!(error.status() == Some(status) && !error.to_string().is_empty(), "{error}");
    }
}
