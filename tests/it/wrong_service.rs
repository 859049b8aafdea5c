//! Errors of a client that is set to the other service.

use calcom::{ApiKey, Client, Error, config::ServiceKind, facade::BookingFilter};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::support::client;

#[tokio::test]
async fn an_error_that_the_wrong_service_causes_names_the_setting() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": {"eventTypeGroups": []}});
    Mock::given(path("/v2/bookings"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body.clone()))
        .mount(&server)
        .await;
    Mock::given(path("/v2/webhooks")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let missing =
        json!({"status": "error", "error": {"code": "NotFoundException", "message": "Cannot GET /v2/event-types"}});
    Mock::given(path("/v2/event-types"))
        .respond_with(ResponseTemplate::new(404).set_body_json(missing))
        .mount(&server)
        .await;
    let mut config = client(&server).config().clone();
    config.service = ServiceKind::Hosted;
    let hosted = Client::builder().config(config).credentials(ApiKey::new("cal_live_wrong")).build().unwrap();
    let clients = [(client(&server), "self-hosted", "2024-06-14"), (hosted, "hosted", "2026-06-12")];
    for (client, service, version) in clients {
        let form = format!("in the form of the {service} service (`ClientBuilder::service` names another service)");
        for error in [
            client.raw().list_bookings().await.unwrap_err(),
            client.bookings().list(&BookingFilter::default()).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Decode(..)) && error.to_string().contains(&form), "{error}");
        }
        // Both services have one form of it, so that another setting does not help.
        let error = client.webhooks().list().await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)) && !error.to_string().contains("service"), "{error}");
        let error = client.raw().list_event_types().await.unwrap_err();
        let needed = format!(
            "there is no such route in this cal-api-version ({service} services need {version}); `ClientBuilder::service` says \
             which service it is"
        );
        assert!(matches!(error, Error::NotFound(_)) && error.to_string().contains(&needed), "{error}");
    }
}
