//! Platform clients, the users whom they manage, and what differs between production and development.

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeTeam, FakeUser, Latency};
use serde_json::{Value, json};

use crate::{create, send};

async fn platform() -> (FakeCalcom, String, String) {
    let fake = FakeCalcom::builder()
        .user(FakeUser::new("ada"))
        .team(FakeTeam::new("platform").organization().owner("ada"))
        .start()
        .await;
    let body = json!({ "name": "Desk", "redirectUris": ["https://example.org/cb"], "permissions": ["*"] });
    let call = RawRequest::new("POST", "/v2/oauth-clients").key(&fake.api_key()).json(&body);
    let (status, body) = send(&fake, call).await;
    assert_eq!(status, 201, "{body}");
    let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
    (fake, text("clientId"), text("clientSecret"))
}

fn by_client(method: &str, target: &str, id: &str, secret: &str) -> RawRequest {
    RawRequest::new(method, target).header("x-cal-client-id", id).header("x-cal-secret-key", secret)
}

#[tokio::test(start_paused = true)]
async fn a_managed_user_acts_with_its_token_until_a_forced_refresh() {
    let (fake, id, secret) = platform().await;
    let users = format!("/v2/oauth-clients/{id}/users");
    let body = json!({ "email": "eva@example.org", "name": "Eva", "timeZone": "Europe/Berlin" });
    let (status, made) = send(&fake, by_client("POST", &users, &id, &secret).json(&body)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["data"]["user"]["email"], format!("eva+{id}@example.org"));
    let token = made["data"]["accessToken"].as_str().unwrap().to_owned();
    let me = || send(&fake, RawRequest::new("GET", "/v2/me").key(&token));
    assert_eq!(me().await.1["data"]["organization"]["isPlatform"], true);

    let refresh = json!({ "refreshToken": made["data"]["refreshToken"] });
    let path = format!("/v2/oauth/{id}/refresh");
    let (status, _) = send(&fake, by_client("POST", &path, &id, &secret).json(&refresh)).await;
    assert_eq!(status, 200);
    let (status, _) = send(&fake, by_client("POST", &path, &id, &secret).json(&refresh)).await;
    assert_eq!(status, 400, "a refresh token is valid once");
    assert_eq!(me().await.0, 200, "the access token keeps its time");
    let force = format!("{users}/{}/force-refresh", made["data"]["user"]["id"]);
    assert_eq!(send(&fake, by_client("POST", &force, &id, &secret)).await.0, 200);
    assert_eq!(me().await.0, 401);
    let again = by_client("POST", &users, &id, &secret).json(&body);
    assert_eq!(send(&fake, again).await.0, 409);
}

#[tokio::test(start_paused = true)]
async fn a_user_without_an_organization_has_no_clients() {
    let fake = FakeCalcom::start().await;
    let call = RawRequest::new("GET", "/v2/oauth-clients").key(&fake.api_key());
    assert_eq!(send(&fake, call).await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn the_loser_of_a_race_gets_the_refusal_of_the_mode() {
    for (production, status, message) in
        [(false, 409, "booking_conflict_error"), (true, 400, "An error occurred while querying the database.")]
    {
        let builder = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).latency(Latency::recorded());
        let fake = if production { builder.production() } else { builder }.start().await;
        let book = |email| send(&fake, create(&fake, 1, email, "2026-11-24T09:00:00Z"));
        let (one, other) = tokio::join!(book("one@example.org"), book("two@example.org"));
        let lost = if one.0 == 201 { other } else { one };
        assert_eq!((lost.0, &lost.1["message"]), (status, &Value::from(message)));
        fake.expect_booked(1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_database_cannot_store_is_refused_with_500() {
    let fake = FakeCalcom::start().await;
    let book = |name: &str, metadata: Value, event: i64| {
        let body = json!({ "start": "2030-04-01T09:00:00Z", "eventTypeId": event, "metadata": metadata,
            "attendee": { "name": name, "email": "eva@example.org", "timeZone": "UTC" } });
        send(&fake, RawRequest::new("POST", "/v2/bookings").version("2024-08-13").json(&body))
    };
    for (name, metadata, event) in [
        ("a\0b", json!({}), 1),
        ("Eva", json!({ "constructor": "x" }), 1),
        ("Eva", json!({ "key": "a\0b" }), 1),
        ("Eva", json!({}), 1 << 31),
    ] {
        assert_eq!(book(name, metadata, event).await.0, 500, "{name:?} {event}");
    }
    fake.expect_booked(0);
}
