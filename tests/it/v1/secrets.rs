//! URLs, logs, `Debug` and error texts contain neither the key nor personal data.

use calcom::v1::{self, serve};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::support::{arrived, ask, service, v1};
use crate::support::log::Log;

const SECRETS: [&str; 4] = ["planted", "Erika", "erika@example.com", "4930123456"];

fn assert_clean(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
}

fn booking() -> Value {
    json!({
        "eventTypeId": 1, "start": "2030-01-15T10:00:00Z", "timeZone": "UTC", "language": "en", "metadata": {},
        "responses": {"name": "Erika Muster", "email": "erika@example.com", "attendeePhoneNumber": "+4930123456"},
    })
}

#[tokio::test]
async fn neither_key_nor_personal_data_are_logged_or_printed() {
    let log = Log::start();
    let server = service().await;
    let client = v1(&server);
    let body = booking().to_string();
    let request = serve::GatewayRequest::new("POST", "/v1/bookings", "apiKey=cal_live_planted", body.as_bytes());
    assert_clean(&format!("{request:?} {client:?}"));
    let answer = serve::handle(&client, &request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_clean(&format!("{answer:?}"));
    let created: v1::types::CreatedBooking = serde_json::from_value(answer.body).unwrap();
    assert_clean(&format!("{created:?}"));
    let request: v1::types::CreateBooking = serde_json::from_value(booking()).unwrap();
    assert_clean(&format!("{request:?}"));
    // `arrived` checks that no URL contains the key.
    assert_eq!(arrived(&server).await.len(), 1);
    assert_clean(&log.text());
}

#[tokio::test]
async fn no_error_repeats_what_the_request_carried() {
    let server = MockServer::start().await;
    let message = "erika@example.com with cal_live_planted is not welcome, Erika Muster";
    let refusal = json!({"status": "error", "error": {"code": "X", "message": message}});
    for status in [400, 401, 403, 404, 409, 422, 500] {
        server.reset().await;
        let answer = ResponseTemplate::new(status).set_body_json(&refusal);
        Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
        let client = v1(&server).with_credentials(calcom::ApiKey::new("cal_live_planted")).unwrap();
        let request = serde_json::from_value(booking()).unwrap();
        let error = client.create_booking(&request).await.unwrap_err();
        assert_clean(&format!("{error} {error:?} {}", error.body("POST", "/bookings")));
        let answer = ask(&v1(&server), "POST", "/v1/bookings", "", &booking()).await;
        assert_clean(&answer.body.to_string());
    }
}

#[test]
fn the_key_of_a_v1_base_url_is_not_shown() {
    let client = v1::V1Client::from_url("https://api.cal.com/v1?apiKey=cal_live_planted").unwrap();
    assert_clean(&format!("{client:?}"));
    assert_eq!(client.v2_client().config().api_url, "https://api.cal.com/");
    for wrong in ["api.cal.com/v1?apiKey=cal_live_planted", "https://api.cal.com/v1?apiKey=cal_live_planted&team=1"] {
        let error = v1::V1Client::from_url(wrong).unwrap_err();
        assert_clean(&format!("{error} {error:?}"));
    }
    assert_eq!(v1::V1Client::from_url("https://api.cal.com/v1").unwrap_err().status(), 401);
}
