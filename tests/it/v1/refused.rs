//! Invalid requests get 400 with V1's texts, and nothing is sent. Other rejections get V1's status.

use calcom::v1;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::support::{arrived, ask, service, v1};

/// The status and message of a request that must not be sent.
async fn rejection(method: &str, path: &str, query: &str, body: Value) -> String {
    let server = service().await;
    let answer = ask(&v1(&server), method, path, query, &body).await;
    assert_eq!(arrived(&server).await, [""; 0], "something was sent");
    let path = path.strip_prefix("/v1").unwrap();
    let message = answer.body["message"].as_str().unwrap().to_owned();
    if answer.status == 400 {
        assert_eq!(answer.body, json!({"message": message, "url": path, "method": method, "data": null}));
    }
    format!("{} {message}", answer.status)
}

fn booking(changes: Value) -> Value {
    let mut body = json!({
        "eventTypeId": 1, "start": "2030-01-15T10:00:00Z", "timeZone": "UTC", "language": "en", "metadata": {},
        "responses": {"name": "Erika", "email": "e@example.com"},
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn unknown_fields_are_rejected_if_v1_rejected_them() {
    let event_type = json!({"title": "T", "slug": "t", "length": 30, "foo": 1, "bar": 2});
    assert_eq!(
        rejection("POST", "/v1/event-types", "", event_type).await,
        "400 Unrecognized key(s) in object: 'bar', 'foo'"
    );
    assert_eq!(
        rejection("PATCH", "/v1/event-types/1", "", json!({"lengthInMinutes": 30})).await,
        "400 Unrecognized key(s) in object: 'lengthInMinutes'"
    );
    assert_eq!(
        rejection("PATCH", "/v1/bookings/7", "", json!({"start": "2030-01-15T10:00:00Z"})).await,
        "400 Unrecognized key(s) in object: 'start'"
    );
    let webhook = json!({"subscriberUrl": "https://example.com", "eventTriggers": [], "active": true, "triggers": []});
    assert_eq!(rejection("POST", "/v1/webhooks", "", webhook).await, "400 Unrecognized key(s) in object: 'triggers'");
}

#[tokio::test]
async fn the_two_forms_of_a_booking_request_cannot_be_mixed() {
    assert_eq!(
        rejection("POST", "/v1/bookings", "", booking(json!({"name": "Erika", "notes": "x"}))).await,
        "400 Legacy Props: name,notes. They can't be used with `responses`"
    );
}

#[tokio::test]
async fn all_missing_fields_are_named() {
    assert_eq!(
        rejection("POST", "/v1/bookings", "", json!({})).await,
        "400 invalid_type in 'eventTypeId': Required; invalid_type in 'start': Required; invalid_type in 'timeZone': \
         Required; invalid_type in 'language': Required; invalid_type in 'metadata': Required; invalid_type in \
         'responses': Required"
    );
    assert_eq!(
        rejection("POST", "/v1/bookings", "", booking(json!({"responses": {}}))).await,
        "400 custom in 'responses': {name}error_required_field; custom in 'responses': {email}error_required_field"
    );
    assert_eq!(
        rejection("POST", "/v1/event-types", "", json!({"title": "T"})).await,
        "400 invalid_type in 'slug': Required; invalid_type in 'length': Required"
    );
    assert_eq!(
        rejection("POST", "/v1/schedules", "", json!({"name": "N"})).await,
        "400 invalid_type in 'timeZone': Required"
    );
    assert_eq!(
        rejection("GET", "/v1/slots", "eventTypeId=1&startTime=2030-01-15", Value::Null).await,
        "400 invalid_type in 'endTime': Required"
    );
    assert_eq!(
        rejection("GET", "/v1/slots", "startTime=2030-01-15&endTime=2030-01-16", Value::Null).await,
        "400 Either usernameList and eventTypeSlug, or eventTypeId must be provided"
    );
    assert_eq!(
        rejection("GET", "/v1/availability", "dateFrom=2030-01-15&dateTo=2030-01-16", Value::Null).await,
        "400 Either username or userId or teamId should be filled in."
    );
}

#[tokio::test]
async fn wrong_types_are_named_with_their_path() {
    let wrong = booking(json!({
        "eventTypeId": "1", "start": "tomorrow", "timeZone": 1, "metadata": [],
        "responses": {"name": 1, "email": "e@example.com", "guests": ["a@example.com", 2], "location": {"value": 1}},
    }));
    assert_eq!(
        rejection("POST", "/v1/bookings", "", wrong).await,
        "400 invalid_type in 'eventTypeId': Expected number, received string; invalid_string in 'start': Invalid ISO 8601 \
         date; invalid_type in 'timeZone': Expected string, received number; invalid_type in 'metadata': Expected object, \
         received array; invalid_type in 'responses,guests,1': Expected string, received number; invalid_type in \
         'responses,location,value': Expected string, received number; invalid_type in 'responses,name': Expected string, \
         received number"
    );
    assert_eq!(
        rejection("POST", "/v1/event-types", "", json!({"title": "T", "slug": "t", "length": 30.5, "hidden": "no"}))
            .await,
        "400 invalid_type in 'length': Expected integer, received float; invalid_type in 'hidden': Expected boolean, \
         received string"
    );
    assert_eq!(
        rejection("PATCH", "/v1/schedules/1", "", json!({"availability": [{"days": ["Monday"], "startTime": "9 am"}]}))
            .await,
        "400 invalid_string in 'availability,0,startTime': Invalid time; invalid_type in 'availability,0,endTime': \
         Required; invalid_type in 'availability,0,days,0': Expected number, received string"
    );
    assert_eq!(
        rejection("PATCH", "/v1/event-types/1", "", json!({"title": null})).await,
        "400 invalid_type in 'title': Expected string, received null"
    );
    assert_eq!(
        rejection("GET", "/v1/bookings", "page=0&take=x&status=past", Value::Null).await,
        "400 invalid_type in 'take': Expected number, received string; invalid_enum_value in 'status': Invalid enum value. \
         Expected 'upcoming', received 'past'; too_small in 'page': Number must be greater than or equal to 1"
    );
    assert_eq!(
        rejection("GET", "/v1/event-types/thirty", "", Value::Null).await,
        "400 invalid_type in 'id': Expected number, received nan"
    );
    assert_eq!(
        rejection("PATCH", "/v1/bookings/7", "", json!({"status": "cancelled"})).await,
        "400 invalid_enum_value in 'status': Invalid enum value. Expected 'CANCELLED' | 'ACCEPTED' | 'REJECTED' | 'PENDING' \
         | 'AWAITING_HOST', received 'cancelled'"
    );
    let webhook = json!({"subscriberUrl": "https://example.com", "eventTriggers": ["NOTHING"], "active": true});
    assert_eq!(
        rejection("POST", "/v1/webhooks", "", webhook).await,
        "400 invalid_enum_value in 'eventTriggers,0': Invalid enum value, received 'NOTHING'"
    );
    assert_eq!(rejection("POST", "/v1/schedules", "", json!([])).await, "400 Expected object, received array");
}

#[tokio::test]
async fn what_v2_cannot_do_at_all_is_refused() {
    assert_eq!(
        rejection("PATCH", "/v1/bookings/7", "", json!({"title": "T", "description": null})).await,
        "400 version 2 cannot change this of a booking: title, description"
    );
    assert_eq!(
        rejection("POST", "/v1/bookings", "", booking(json!({"_isDryRun": true}))).await,
        "400 version 2 has no dry run, and so nothing was sent"
    );
    assert_eq!(rejection("GET", "/v1/bookings/8", "", Value::Null).await, "404 Booking with id: 8 not found");
}

#[tokio::test]
async fn paths_methods_keys_and_bodies_are_rejected_as_by_v1() {
    assert_eq!(rejection("GET", "/v1/payments", "", Value::Null).await, "404 Not Found");
    assert_eq!(rejection("PUT", "/v1/me", "", Value::Null).await, "405 Only GET Method allowed");
    assert_eq!(rejection("PATCH", "/v1/bookings", "", Value::Null).await, "405 Only GET,POST Method allowed");
    let server = service().await;
    let client = v1(&server);
    let keyless = v1::serve::GatewayRequest::get("/v1/me", "take=1");
    let answer = v1::serve::handle(&client, &keyless).await;
    assert_eq!((answer.status, answer.body), (401, json!({"message": "No apiKey provided"})));
    let broken = v1::serve::GatewayRequest::new("POST", "/v1/schedules", "apiKey=cal_live_planted", b"{");
    let answer = v1::serve::handle(&client, &broken).await;
    assert_eq!((answer.status, &answer.body["message"]), (400, &json!("Invalid JSON")));
    assert_eq!(arrived(&server).await, [""; 0]);
}

#[tokio::test]
async fn an_empty_key_counts_as_missing() {
    let server = service().await;
    let empty = v1::serve::GatewayRequest::get("/v1/me", "apiKey=");
    let answer = v1::serve::handle(&v1(&server), &empty).await;
    assert_eq!((answer.status, answer.body), (401, json!({"message": "No apiKey provided"})));
}

/// V1's response if the service answers with this status and message.
async fn translated(status: u16, message: &str) -> (u16, Value) {
    let server = MockServer::start().await;
    let body = json!({"status": "error", "error": {"code": "X", "message": message, "details": {}}});
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
    let answer = ask(&v1(&server), "POST", "/v1/bookings", "", &booking(json!({}))).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn failures_of_the_service_have_v1s_status_and_text() {
    let (status, body) = translated(400, "User either already has booking at this time or is not available").await;
    assert_eq!(status, 409);
    assert_eq!(body["message"], "User either already has booking at this time or is not available");
    assert_eq!(translated(409, "booking_conflict_error").await.0, 409);
    let (status, body) = translated(400, "no_available_users_found_error").await;
    assert_eq!((status, &body["message"]), (400, &json!("no_available_users_found_error")));
    assert_eq!(translated(400, "Attempting to book a meeting in the past.").await.0, 400);
    assert_eq!(translated(401, "Invalid API Key").await, (401, json!({"error": "Your API key is not valid."})));
    assert_eq!(translated(401, "Your api key is expired").await, (401, json!({"error": "This API key is expired."})));
    assert_eq!(translated(403, "Forbidden").await.0, 403);
    assert_eq!(translated(404, "Event type not found").await.0, 404);
    let (status, body) = translated(429, "Too many requests").await;
    assert_eq!((status, body), (429, json!({"message": "Rate limit exceeded"})));
    assert_eq!(translated(500, "Internal server error").await.0, 500);
    assert_eq!(translated(503, "").await.0, 503);
}

#[tokio::test]
async fn a_typed_call_is_validated() {
    let server = service().await;
    let wrong = v1::types::CreateBooking::default();
    let error = v1(&server).create_booking(&wrong).await.unwrap_err();
    assert_eq!(error.status(), 400);
    assert!(error.message().starts_with("invalid_type in 'eventTypeId': Required; "), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
}
