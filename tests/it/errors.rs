//! The texts of errors and their accessors, for every form of error body that the service sends, for the documented form,
//! and for the bodies of gateways.

use std::time::Duration;

use calcom::{
    AccessToken, Client, Error, ErrorCode,
    operation::{Operation, Resend},
};
use serde_json::{Value, json};

use crate::support::{
    classes::call,
    kind, recording, socket,
    socket::{Service, answer, head},
};

/// The error of a recorded response, to the recorded request of its operation. The responses of other routes are returned to
/// `get_me`.
async fn recorded_failure(name: &str) -> Error {
    let recording = recording(name);
    let request = &recording["request"];
    let text = |key: &str| request[key].as_str().unwrap();
    let known = Operation::route(text("method"), text("path"));
    let operation = known.unwrap_or_else(|| Operation::find("get_me").unwrap());
    let path = if known.is_some() { text("path") } else { operation.path };

    let service = Service::answering([socket::recorded(&recording)]).await;
    let client = service.builder().max_attempts(1).build().unwrap();
    let sent = client.raw().operation::<Value>(operation, path);
    let pairs = url::form_urlencoded::parse(text("query").as_bytes()).collect::<Vec<_>>();
    let sent = pairs.iter().fold(sent, |sent, (name, value)| sent.query(name, value));
    let sent = if request["body"].is_null() { sent } else { sent.body(&request["body"]) };
    sent.await.map(drop).expect_err("it is an error")
}

/// The error of a call whose response is `bytes`: of reading the caller's profile, or of booking.
async fn answered(class: Resend, bytes: Vec<u8>) -> Error {
    let service = Service::answering([bytes]).await;
    call(&service.builder().max_attempts(1).build().unwrap(), class).await.unwrap_err()
}

fn shown(name: &str, error: &Error) -> String {
    let mut text = format!("## {name}\n{error}\n{error:?}\n");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!("because: {cause}\n");
        source = cause.source();
    }
    text
}

async fn recorded_failures(names: &[&str]) -> String {
    let mut text = Vec::new();
    for name in names {
        text.push(shown(name, &recorded_failure(name).await));
    }
    text.join("\n")
}

#[tokio::test(start_paused = true)]
async fn refused_fields_in_a_tree_become_validation_errors() {
    let text = recorded_failures(&[
        "bookings-2024-08-13/attendees-add-missing",
        "bookings-2024-08-13/list-after-start-raw-plus",
        "bookings-2024-08-13/list-status-bogus",
        "bookings-2024-08-13/location-update-bad",
        "event-types/create-2024-06-14-wrong-types",
        "schedules/create-2024-06-11-bad-time",
        "schedules/create-2024-06-11-missing-fields",
        "webhooks/create-bad-trigger",
        "me/patch-bad-timeformat",
        "private-links/ok-create-bad",
        "bookings-2024-04-15/create-missing",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn refused_fields_in_one_text_become_validation_errors() {
    let text = recorded_failures(&[
        "bookings-2024-08-13/create-bad-language",
        "bookings-2024-08-13/create-custom-fields-missing-required",
        "bookings-2024-08-13/create-phone-only-attendee",
        "bookings-2024-08-13/create-unknown-nested-property",
        "bookings-2024-08-13/cancel-wrong-types",
        "bookings-2024-08-13/error-missing-event",
        "bookings-2024-08-13/error-wrong-types",
        "once-marker/limit-number-value",
        "slots/get-2024-09-04-format-bad",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn refusals_without_fields_become_errors_of_their_kind() {
    let text = recorded_failures(&[
        "bookings-2024-08-13/attendees-add-duplicate",
        "bookings-2024-08-13/cancel-again",
        "bookings-2024-08-13/cancel-nobody",
        "bookings-2024-08-13/error-past",
        "bookings-2024-08-13/reschedule-old-uid-again",
        "bookings-2024-08-13/references-someone-elses",
        "bookings-2024-04-15/cancel-wrong-reason-field",
        "errors/bad-percent",
        "errors/malformed-json-2024-08-13",
        "errors/payload-too-large-200kb",
        "event-types/create-2024-06-14-duplicate-slug",
        "oauth2/token-code-reused",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn recorded_conflicts_become_conflict_errors() {
    let text = recorded_failures(&[
        "bookings-2024-08-13/reschedule-taken-slot",
        "bookings-2024-08-13/create-concurrent-1",
        "bookings-2024-08-13/create-seated-full",
        "bookings-2024-04-15/create-double",
        "once-repeat/seated-2-again",
        "slots/reservation-create-same-slot-again",
        "webhooks/create-duplicate-url",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn recorded_refusals_of_credentials_become_authentication_or_permission_errors() {
    let text = recorded_failures(&[
        "errors/bad-key-on-bookings",
        "errors/noauth-v2-me",
        "errors/auth-lowercase-bearer",
        "bookings-2024-08-13/confirm-someone-elses",
        "platform-oauth-clients/managed-user-expired-access-token-498",
        "oauth2/token-unknown-client",
        "errors/bad-token-on-bookings",
        "errors/noauth-v2-bookings-2024-08-13",
        "bookings-2024-08-13/attendees-list-someone-elses",
        "event-types/delete-2024-06-14-someone-elses",
        "webhooks/get-someone-elses",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn recorded_answers_for_missing_resources_become_errors() {
    let text = recorded_failures(&[
        "bookings-2024-08-13/get-unknown",
        "bookings-2024-08-13/get-by-seat-unknown",
        "errors/unicode-uid",
        "once-concurrent/reschedule-seat-lag0-1",
        "once-concurrent/reschedule-seat-lag100-2",
        "event-types/list-2024-08-13",
        "bookings-2024-04-15/confirm-not-in-this-version",
        "slots/available-2024-09-04",
        "slots/get-2024-04-15-by-event-type-id",
        "private-links/create-empty",
        "errors/double-slash",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn recorded_limits_and_failures_of_the_service_become_errors_of_their_kind() {
    let text = recorded_failures(&[
        "rate-limit/api-key-429-first",
        "rate-limit/endpoint-throttle-location-7",
        "rate-limit/two-limits-request-8",
        "errors/huge-id",
        "bookings-2024-04-15/create-unknown-event",
        "schedules/get-2024-04-15-someone-elses",
    ])
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn responses_of_gateways_become_errors_of_their_status() {
    let page = "<!DOCTYPE html>\n<html><head><title> 502 Bad\u{a0}Gateway </title></head><body>cloud</body></html>";
    let mut text = Vec::new();
    for (name, status, body) in [
        ("a page", 502, page),
        ("a page without a title", 503, "<html><body>Down for maintenance"),
        ("words", 504, "upstream request timeout"),
        ("nothing", 500, ""),
        ("blanks", 404, " \n"),
        ("nothing, forbidden", 403, ""),
        ("bytes", 520, "\u{1}\u{2}\u{3}"),
        ("half an object", 400, r#"{"status":"error","error":{"code":"Bad"#),
        ("a text", 400, r#""no""#),
        ("a number", 418, "7"),
        ("a list", 409, r#"["no"]"#),
        ("an empty object", 401, "{}"),
        ("strange kinds", 400, r#"{"status":"error","error":{"code":7,"message":{"a":1},"details":[1,null,"x"]}}"#),
    ] {
        text.push(shown(name, &answered(Resend::Safe, answer(status, &[], body)).await));
    }
    insta::assert_snapshot!(text.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn documented_error_bodies_become_errors_of_their_kind() {
    let documented = |code: &str| {
        json!({"status": "error", "error": {"code": code, "message": "Invalid request parameters",
            "details": [{"field": "startTime", "message": "Must be in the future"}]}})
    };
    let table = [
        ("UNAUTHORIZED", 401, ErrorCode::Unauthorized, "Authentication"),
        ("FORBIDDEN", 403, ErrorCode::Forbidden, "Permission"),
        ("NOT_FOUND", 404, ErrorCode::NotFound, "NotFound"),
        ("VALIDATION_ERROR", 422, ErrorCode::ValidationError, "Validation"),
        ("RATE_LIMITED", 429, ErrorCode::RateLimited, "RateLimit"),
        ("SERVER_ERROR", 500, ErrorCode::ServerError, "Server"),
        ("SERVICE_UNAVAILABLE", 503, ErrorCode::ServiceUnavailable, "Unavailable"),
    ];
    let mut text = Vec::new();
    for (code, status, expected, expected_kind) in table {
        let error = answered(Resend::Unsafe, socket::json(status, &[], documented(code).to_string())).await;
        assert_eq!((error.code(), kind(&error)), (&expected, expected_kind));
        assert_eq!(error.field_errors().len(), 1);
        let field = serde_json::to_value(&error.field_errors()[0]).unwrap();
        assert_eq!(field, json!({"field": "startTime", "message": "Must be in the future"}));
        assert_eq!(error.service_message(), Some("Invalid request parameters"));
        text.push(shown(code, &error));
        // If the body has no documented code, the status decides.
        for other in [json!({"error": {"code": "SomeException", "message": "x"}}), Value::Null] {
            let error = answered(Resend::Unsafe, socket::json(status, &[], other.to_string())).await;
            assert_eq!((error.code(), kind(&error)), (&expected, expected_kind));
        }
        assert_eq!(serde_json::to_value(&expected).unwrap(), code);
        assert_eq!(serde_json::from_value::<ErrorCode>(json!(code)).unwrap(), expected);
    }
    insta::assert_snapshot!(text.join("\n"));
    assert_eq!(ErrorCode::from("TEAPOT"), ErrorCode::Other("TEAPOT".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn failures_without_a_response_become_errors_of_their_kind() {
    let (refusing, _port) = Service::refusing();
    let refused = call(&refusing.client(), Resend::Unsafe).await.unwrap_err();
    let silent = Service::start([vec![]]).await;
    let timeout = call(&silent.client(), Resend::Unsafe).await.unwrap_err();
    let no_time = call(&silent.client().with_deadline(Duration::ZERO), Resend::Unsafe).await.unwrap_err();
    let path = silent.client().raw().get_booking("..").await.unwrap_err();
    let id = [("x-request-id", "5a1f")];
    let setting =
        Client::builder().api_url("http://api.cal.com").credentials(AccessToken::new("t")).build().unwrap_err();
    let mut text = vec![
        // The system's message on a connection differs between systems: the cause is left out.
        format!("## refused\n{refused}\n{refused:?}\n"),
        shown("no response", &timeout),
        shown("no time", &no_time),
        shown("a path", &path),
        shown("a setting", &setting),
        shown("a credential", &Client::new(AccessToken::new("")).unwrap_err()),
    ];
    for (name, class, bytes) in [
        ("cut off", Resend::Unsafe, [head(201, &id, 100), b"{".to_vec()].concat()),
        ("too large", Resend::Unsafe, head(201, &id, 1 << 30)),
        ("unreadable", Resend::Unsafe, socket::json(201, &id, r#"{"data":{"id":"seven"}}"#)),
        ("unreadable list", Resend::Safe, socket::json(200, &id, r#"{"data":[{"id":"a"},{"id":5}]}"#)),
        ("a page", Resend::Safe, answer(200, &id, "<html>")),
        ("nothing", Resend::Safe, answer(200, &id, "")),
        ("elsewhere", Resend::Safe, answer(301, &[("location", "https://example.org/?planted")], "")),
        (
            "error in a success",
            Resend::Safe,
            socket::json(200, &id, r#"{"status":"error","error":{"message":"oops"}}"#),
        ),
    ] {
        text.push(shown(name, &answered(class, bytes).await));
    }
    insta::assert_snapshot!(text.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn methods_of_an_error_return_its_details() {
    let error = recorded_failure("event-types/create-2024-06-14-wrong-types").await;
    assert_eq!((kind(&error), error.status(), error.code()), ("Validation", Some(400), &ErrorCode::ValidationError));
    assert_eq!((error.operation(), error.attempts()), (Some("create_event_type"), 1));
    assert!(error.request_id().is_some_and(|id| id.len() == 36), "{:?}", error.request_id());
    assert_eq!(error.rate_limits()[0].limit, Some(120));
    assert_eq!((error.retry_after(), error.is_retryable(), error.may_have_been_applied()), (None, false, false));
    let fields: Vec<&str> = error.field_errors().iter().map(|field| field.field.as_str()).collect();
    assert!(fields.contains(&"lengthInMinutes"), "{fields:?}");
    assert!(!error.details().is_circuit_open());

    let error = recorded_failure("platform-oauth-clients/managed-user-expired-access-token-498").await;
    assert!(error.is_token_expired() && !error.is_retryable());
    assert_eq!(error.code(), &ErrorCode::Unauthorized);
    let error = recorded_failure("errors/bad-key-on-bookings").await;
    assert!(!error.is_token_expired());

    // The message is unchanged; the text lacks the values of the request.
    let error = recorded_failure("errors/unicode-uid").await;
    assert_eq!(error.service_message(), Some("Booking with uid=😀 was not found in the database"));
    assert!(!error.to_string().contains('😀'), "{error}");

    for taken in ["bookings-2024-08-13/reschedule-taken-slot", "slots/reservation-create-same-slot-again"] {
        let error = recorded_failure(taken).await;
        assert_eq!((kind(&error), error.code()), ("Conflict", &ErrorCode::Conflict), "{taken}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_route_hints_at_the_version_and_an_unknown_thing_does_not() {
    for (name, version) in [
        ("event-types/list-2024-08-13", Some("2024-06-14")),
        ("slots/get-2024-06-14-by-event-type-id", Some("2024-09-04")),
        ("private-links/create-empty", None),
    ] {
        let text = recorded_failure(name).await.to_string();
        assert!(text.contains("cal-api-version"), "{text}");
        assert!(version.is_none_or(|version| text.contains(version)), "{text}");
    }
    for name in ["bookings-2024-08-13/get-unknown", "schedules/get-2024-06-11-unknown", "errors/negative-id"] {
        let text = recorded_failure(name).await.to_string();
        assert!(!text.contains("cal-api-version"), "{text}");
    }
    let words = json!({"error": {"message": "Cannot find the webhook"}}).to_string();
    let error = answered(Resend::Safe, socket::json(404, &[], words)).await;
    assert!(error.to_string().ends_with("Cannot find the webhook"), "{error}");
}

#[tokio::test]
async fn a_taken_slot_or_a_reached_limit_is_a_conflict_with_any_status() {
    for (status, message) in [
        (400, "An error occurred while querying the database."),
        (401, "booking_limit_reached"),
        (401, "duration_limit_reached"),
        (422, "Can't reserve a slot if the event is already booked."),
        (422, "Booking with id=77 at 2027-03-02T09:00:00.000Z has no more seats left."),
    ] {
        let body = json!({ "statusCode": status, "message": message }).to_string();
        let error = answered(Resend::Unsafe, answer(status, &[("content-type", "application/json")], body)).await;
        assert!(matches!(error, Error::Conflict(_)), "{message}: {error:?}");
        assert_eq!((error.status(), error.code()), (Some(status), &ErrorCode::Conflict));
        assert!(!error.may_have_been_applied() && !error.is_token_expired());
    }
    // The text says so only of operations that take a slot.
    let body = json!({ "statusCode": 400, "message": "An error occurred while querying the database." }).to_string();
    let error = answered(Resend::Safe, answer(400, &[("content-type", "application/json")], body)).await;
    assert!(matches!(error, Error::Validation(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_401_about_a_thing_of_another_user_is_not_about_the_credential() {
    for name in [
        "bookings-2024-08-13/confirm-someone-elses",
        "single-orgs-teams-workflows/form-create-unknown-form",
        "calendars/busy-times",
        "single-calendars-2/google-events-not-connected",
    ] {
        let error = recorded_failure(name).await;
        assert!(matches!(error, Error::Permission(_)), "{name}: {error:?}");
        assert_eq!((error.status(), error.code()), (Some(401), &ErrorCode::Forbidden), "{name}");
    }
    // The same code from an operation that needs no credential can be about a missing one.
    let service = Service::answering([socket::json(
        401,
        &[],
        json!({"status": "error", "error": {"code": "TRPCError", "message": "UNAUTHORIZED"}}).to_string(),
    )])
    .await;
    let client = service.builder().max_attempts(1).build().unwrap();
    let operation = Operation::find("calculate_routing_form_slots").unwrap();
    let path = "/v2/routing-forms/11111111-1111-4111-8111-111111111111/calculate-slots";
    let error = client.raw().operation::<Value>(operation, path).await.map(drop).unwrap_err();
    assert!(matches!(error, Error::Authentication(_)), "{error:?}");
}

#[tokio::test]
async fn a_limit_of_the_attendee_is_invalid_input_and_nothing_was_executed() {
    let message = "Attendee with this email can't book because the maximum number of active bookings has been reached. \
                   You can reschedule your existing booking (kJ2vT9) to a new timeslot instead.";
    let body = json!({"status": "error", "error": {"code": "BadRequestException", "message": message}}).to_string();
    let error = answered(Resend::Unsafe, answer(400, &[("content-type", "application/json")], body)).await;
    assert!(matches!(error, Error::Validation(_)), "{error:?}");
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, false));
}
