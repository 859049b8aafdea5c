//! Testing.

use calcom::{ApiKey, Client, facade::EventTypeFilter, service::Service, webhook};
use calcom_fake::{FakeCalcom, Fault};

use super::{differs, holds};

const EVENT_TYPES: &str = include_str!("event-types.json");

async fn fake() -> (FakeCalcom, Client) {
    let fake = FakeCalcom::recorded_seed().await;
    let client = Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).build().unwrap();
    (fake, client)
}

#[tokio::test]
async fn mock_responses_a_documented_answer_for_the_documented_pattern() {
    holds("Mock Responses");
    for pattern in ["api.cal.com/v2/event-types*", "/v2/event-types*", "GET https://api.cal.com/v2/event-types*"] {
        let (fake, client) = fake().await;
        fake.fault(Fault::answer(200, "application/json", EVENT_TYPES).on(pattern).always());
        let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
        assert_eq!(groups.iter().map(|it| it.id.0).collect::<Vec<_>>(), [2026361], "{pattern}");
        assert_ne!(client.me().get().await.unwrap().id.0, 2026361, "other requests are not meant");
    }
}

#[tokio::test]
async fn mock_responses_a_pattern_meets_what_begins_like_it() {
    holds("Mock Responses");
    let (fake, client) = fake().await;
    fake.fault(Fault::status(503).on("/v2/event-types*").times(2));
    let client = client.bypass_cache();
    let once =
        Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).max_attempts(1).build().unwrap();
    assert_eq!(once.event_types().get(1).await.unwrap_err().status(), Some(503));
    assert_eq!(once.event_types().find("johndoe", "30min").await.unwrap_err().status(), Some(503));
    assert!(client.event_types().get(1).await.is_ok());
}

#[test]
fn mock_responses_a_pattern_that_can_never_strike_is_refused_with_a_reason() {
    differs("Mock Responses", "mock-targets");
    for (pattern, reason) in [
        ("example.com/v2/event-types*", "not a host"),
        ("/v2/event-types?username=x", "query"),
        ("FETCH /v2/me", "no route of the fake has this method"),
        ("/v2/event-typ", "`GET /v2/event-types`"),
    ] {
        let refused = std::panic::catch_unwind(|| Fault::status(500).on(pattern)).unwrap_err();
        let text = refused.downcast_ref::<String>().unwrap();
        assert!(text.contains(pattern) && text.contains(reason), "{text}");
    }
}

#[test]
fn test_helpers_test_booking_data() {
    holds("Test Helpers");
    let booking = serde_json::to_value(Service::test_booking_data()).unwrap();
    for field in ["start", "eventTypeId", "responses", "metadata", "timeZone", "language"] {
        assert!(!booking[field].is_null(), "{field}");
    }
    for field in ["name", "email", "phone", "notes", "guests"] {
        assert!(!booking["responses"][field].is_null(), "{field}");
    }
}

#[test]
fn test_helpers_validate_webhook_signature_of_the_service_type() {
    differs("Test Helpers", "webhook-secret");
    let signature = webhook::sign("{}", "whsec").unwrap();
    assert!(Service::validate_webhook_signature_with("{}", &signature, "whsec"));
    assert!(!Service::validate_webhook_signature_with("{} ", &signature, "whsec"));
    assert!(!Service::validate_webhook_signature_with("{}", &signature, "other"));
    assert!(!Service::validate_webhook_signature_with("{}", &signature, ""));
    let service = Service::new(Client::new(ApiKey::new("cal_x")).unwrap());
    assert!(!service.validate_webhook_signature("{}", &signature), "no secret is set");
}
