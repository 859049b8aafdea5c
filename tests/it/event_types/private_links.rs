use calcom::{
    Client, Error,
    model::{PrivateLink, PrivateLinkLimit},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::support::{bodies, client, recorded_body, round_trip};

async fn answering(verb: &str, at: &str, status: u16, answer: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(method(verb))
        .and(path(at))
        .and(header("authorization", "Bearer cal_live_planted"))
        .respond_with(ResponseTemplate::new(status).set_body_json(recorded_body(&format!("private-links/{answer}"))))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    (server, client)
}

/// A version header makes the service answer 404 here.
async fn no_version_was_sent(server: &MockServer) {
    for request in server.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("cal-api-version"));
    }
}

#[tokio::test]
async fn a_link_is_created_with_a_number_of_uses_or_a_time() {
    let (server, api) = answering("POST", "/v2/event-types/1/private-links", 201, "ok-create-max-usage").await;
    let link = api.event_types().create_private_link(1, PrivateLinkLimit::Uses(5)).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"maxUsageCount": 5})]);
    assert_eq!((link.max_usage_count, link.usage_count, link.expires_at), (Some(5), Some(0), None));
    assert_eq!(link.booking_url.as_deref(), Some("http://localhost:3000/d/fS8C93T7ChMuiHNfSppy9h"));
    no_version_was_sent(&server).await;

    let until = "2026-12-31T23:59:59Z".parse().unwrap();
    let (server, api) = answering("POST", "/v2/event-types/1/private-links", 201, "ok-create-expires").await;
    let link = api.event_types().create_private_link(1, PrivateLinkLimit::Until(until)).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"expiresAt": "2026-12-31T23:59:59Z"})]);
    assert_eq!((link.expires_at, link.is_expired, link.max_usage_count), (Some(until), false, None));
    assert_eq!(link.extra("eventTypeId"), Some(&json!(1)));
}

#[tokio::test]
async fn a_link_without_uses_is_refused_before_it_is_sent() {
    let server = MockServer::start().await;
    let api = client(&server).event_types();
    for error in [
        api.create_private_link(1, PrivateLinkLimit::Uses(0)).await.unwrap_err(),
        api.update_private_link(1, "x", PrivateLinkLimit::Uses(0)).await.unwrap_err(),
    ] {
        assert_eq!(error.field_errors()[0].to_string(), "maxUsageCount: must be at least 1");
    }
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn all_links_are_listed_expired_ones_too() {
    let (server, api) = answering("GET", "/v2/event-types/1/private-links", 200, "ok-list").await;
    let links = api.event_types().private_links(1).await.unwrap();
    assert_eq!(links.iter().map(|link| link.is_expired).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(links[2].extra("linkId"), Some(&json!(links[2].link_id)));
    no_version_was_sent(&server).await;

    let shown = format!("{links:?}");
    assert!(!shown.contains("6sxW") && !shown.contains("localhost"), "{shown}");
    for (link, answer) in links.iter().zip(recorded_body("private-links/ok-list")["data"].as_array().unwrap()) {
        let mut answer = answer.clone();
        if let Some(Value::String(time)) = answer.get_mut("expiresAt") {
            *time = time.replace(".000Z", "Z");
        }
        assert_eq!(
            serde_json::to_value(round_trip::<PrivateLink>(&answer.to_string())).unwrap(),
            serde_json::to_value(link).unwrap()
        );
    }
}

#[tokio::test]
async fn a_link_is_changed_and_deleted_by_its_id() {
    let at = "/v2/event-types/1/private-links/fS8C93T7ChMuiHNfSppy9h";
    let (server, api) = answering("PATCH", at, 200, "ok-create-max-usage").await;
    let link =
        api.event_types().update_private_link(1, "fS8C93T7ChMuiHNfSppy9h", PrivateLinkLimit::Uses(5)).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"maxUsageCount": 5})]);
    no_version_was_sent(&server).await;

    let server = MockServer::start().await;
    let gone = json!({"status": "success", "data": {"linkId": link.link_id, "message": "Private link deleted"}});
    Mock::given(method("DELETE"))
        .and(path(at))
        .respond_with(ResponseTemplate::new(200).set_body_json(gone))
        .expect(1)
        .mount(&server)
        .await;
    client(&server).event_types().delete_private_link(1, &link.link_id).await.unwrap();
    no_version_was_sent(&server).await;
}

#[tokio::test]
async fn an_unknown_link_and_one_of_another_user_are_not_found() {
    let (_server, api) = answering("PATCH", "/v2/event-types/1/private-links/nope", 404, "ok-update-unknown").await;
    let error = api.event_types().update_private_link(1, "nope", PrivateLinkLimit::Uses(9)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");

    let (_server, api) = answering("DELETE", "/v2/event-types/1/private-links/gone", 404, "ok-delete-again").await;
    let error = api.event_types().delete_private_link(1, "gone").await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");

    let (_server, api) = answering("POST", "/v2/event-types/9/private-links", 404, "ok-create-someone-elses").await;
    let error = api.event_types().create_private_link(9, PrivateLinkLimit::Uses(1)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
}
