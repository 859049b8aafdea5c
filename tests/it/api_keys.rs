use calcom::{ApiKey, Client, Error, facade::RefreshApiKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::support::{bodies, client, recorded_body};

async fn refreshing(status: u16, body: Value) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v2/api-keys/refresh"))
        .and(header("authorization", "Bearer cal_live_planted"))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    let client = client(&server);
    (server, client)
}

#[tokio::test]
async fn a_refreshed_key_is_returned_as_a_secret_and_replaces_the_old_one() {
    let (server, client) = refreshing(200, recorded_body("api-keys/refresh")).await;
    for (life, sent) in [
        (RefreshApiKey::default(), json!({})),
        (RefreshApiKey::days(90), json!({"apiKeyDaysValid": 90})),
        (RefreshApiKey::never_expires(), json!({"apiKeyNeverExpires": true})),
    ] {
        let key = client.api_keys().refresh(&life).await.unwrap();
        assert_eq!(bodies(&server).await.last(), Some(&sent));
        assert_eq!(serde_json::to_value(&life).unwrap(), sent);
        assert_eq!(key.expose_secret(), "cal_redacted_new_key");
        assert!(!format!("{key:?}").contains("new_key"));
    }

    Mock::given(method("GET"))
        .and(header("authorization", "Bearer cal_redacted_new_key"))
        .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("schedules/list-2024-06-11")))
        .expect(1)
        .mount(&server)
        .await;
    let key = client.api_keys().refresh(&RefreshApiKey::default()).await.unwrap();
    client.with_credentials(ApiKey::from(key)).unwrap().schedules().list().await.unwrap();
}

#[tokio::test]
async fn a_refresh_is_never_sent_twice_on_a_guess() {
    let (server, client) = refreshing(500, json!({"statusCode": 500, "message": "Internal server error"})).await;
    let error = client.api_keys().refresh(&RefreshApiKey::default()).await.unwrap_err();
    assert!(error.may_have_been_applied());
    assert_eq!(bodies(&server).await.len(), 1);
}

#[tokio::test]
async fn zero_days_are_refused_before_anything_is_sent() {
    let (server, client) = refreshing(200, recorded_body("api-keys/refresh")).await;
    let error = client.api_keys().refresh(&RefreshApiKey::days(0)).await.unwrap_err();
    assert!(matches!(&error, Error::Validation(_)));
    assert_eq!(error.field_errors()[0].field, "apiKeyDaysValid");
    assert!(bodies(&server).await.is_empty());
}
