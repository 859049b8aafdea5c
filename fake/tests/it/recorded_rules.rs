//! Rules that recordings show: platforms, older routes of OAuth 2, event types of teams, verified contacts.

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeOAuthApp, FakeTeam, FakeUser};
use serde_json::{Value, json};

use crate::send;

async fn start() -> FakeCalcom {
    FakeCalcom::builder()
        .user(FakeUser::new("ada"))
        .user(FakeUser::new("bob"))
        .team(FakeTeam::new("desk").organization().owner("ada"))
        .team(FakeTeam::new("sales").of_organization("desk").owner("ada"))
        .contract(calcom::Contract::SelfHosted)
        .oauth_app(FakeOAuthApp::confidential("shop", "s3cret", "https://example.org/back"))
        .start()
        .await
}

fn call(fake: &FakeCalcom, user: &str, method: &str, target: &str) -> RawRequest {
    RawRequest::new(method, target).key(&fake.api_key_of(user))
}

fn constraints(body: &Value) -> Vec<&str> {
    let found = body.pointer("/error/details/errors/0/constraints").and_then(Value::as_object);
    found.map(|found| found.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_client_of_the_path_is_read_in_place_of_the_header() {
    let fake = start().await;
    let (status, body) = send(&fake, RawRequest::new("GET", "/v2/oauth-clients/none")).await;
    assert_eq!(status, 401);
    assert!(body["error"]["message"].as_str().unwrap().contains("Only 'x-cal-client-id' header provided"), "{body}");
    let wrong = RawRequest::new("GET", "/v2/oauth-clients/none").header("x-cal-client-id", "other");
    let (status, body) = send(&fake, wrong.header("x-cal-secret-key", "key")).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (401, &json!("ApiAuthStrategy - oAuth client - Client with ID none not found"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_single_value_is_an_error_of_the_list_alone() {
    let fake = start().await;
    let body = json!({ "name": "Desk", "redirectUris": "https://example.org/cb", "permissions": ["*"] });
    let (status, body) = send(&fake, call(&fake, "ada", "POST", "/v2/oauth-clients").json(&body)).await;
    assert_eq!((status, constraints(&body)), (400, vec!["isArray"]));
}

#[tokio::test(start_paused = true)]
async fn a_managed_user_needs_an_address_and_a_number_in_the_path() {
    let fake = start().await;
    let body = json!({ "name": "Desk", "redirectUris": [], "permissions": ["*"] });
    let (status, _) = send(&fake, call(&fake, "bob", "POST", "/v2/oauth-clients").json(&body)).await;
    assert_eq!(status, 403, "the user has no organization");
    let (_, made) = send(&fake, call(&fake, "ada", "POST", "/v2/oauth-clients").json(&body)).await;
    let users = format!("/v2/oauth-clients/{}/users", made["data"]["clientId"].as_str().unwrap());
    let bad = json!({ "email": "eva", "name": "Eva" });
    let (status, body) = send(&fake, call(&fake, "ada", "POST", &users).json(&bad)).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("TRPCError")));
    let (status, body) = send(&fake, call(&fake, "ada", "GET", &format!("{users}/eva"))).await;
    assert_eq!((status, &body["error"]["message"]), (400, &json!("Validation failed (numeric string is expected)")));
    let good = json!({ "email": "eva@example.org", "name": "Eva", "metadata": { "desk": "4" } });
    let (_, made) = send(&fake, call(&fake, "ada", "POST", &users).json(&good)).await;
    let user = format!("{users}/{}", made["data"]["user"]["id"]);
    assert_eq!(made["data"]["user"]["metadata"], json!({ "desk": "4" }));
    let (_, body) = send(&fake, call(&fake, "ada", "PATCH", &user).json(&json!({ "metadata": null }))).await;
    assert_eq!(body["data"].get("metadata"), None, "cleared metadata is absent");
    let (_, body) = send(&fake, call(&fake, "ada", "PATCH", &user).json(&json!({ "timeFormat": "x" }))).await;
    assert_eq!(constraints(&body), ["isIn", "isNumber"]);
}

#[tokio::test(start_paused = true)]
async fn older_routes_of_oauth_2_say_only_what_kind_of_error_it_is() {
    let fake = start().await;
    let exchange = |id: &str, body: Value| {
        send(&fake, RawRequest::new("POST", &format!("/v2/auth/oauth2/clients/{id}/exchange")).json(&body))
    };
    let code = json!({ "code": "c", "redirectUri": "https://example.org/back" });
    let with = |secret: &str| json!({ "code": "c", "redirectUri": "https://example.org/back", "clientSecret": secret });
    for (id, body, status, message) in [
        ("none", code.clone(), 404, "unauthorized_client"),
        ("shop", code, 401, "invalid_client"),
        ("shop", with("wrong"), 401, "invalid_client"),
        ("shop", with("s3cret"), 400, "invalid_grant"),
        ("shop", json!({}), 400, "Bad Request Exception"),
    ] {
        let (seen, body) = exchange(id, body).await;
        assert_eq!((seen, &body["error"]["message"]), (status, &json!(message)));
    }
    let authorize = call(&fake, "ada", "POST", "/v2/auth/oauth2/clients/shop/authorize").json(&json!({}));
    assert_eq!(send(&fake, authorize).await.0, 401, "a key gives no consent");
}

#[tokio::test(start_paused = true)]
async fn null_keeps_or_clears_properties_of_a_team_s_event_type() {
    let fake = start().await;
    let (_, teams) = send(&fake, call(&fake, "ada", "GET", "/v2/teams")).await;
    let id = |name: &str| {
        let team = teams["data"].as_array().unwrap().iter().find(|team| team["slug"] == name).unwrap();
        team["id"].clone()
    };
    let events = format!("/v2/organizations/{}/teams/{}/event-types", id("desk"), id("sales"));
    let body = json!({ "title": "Tour", "slug": "tour", "lengthInMinutes": 30, "schedulingType": "collective",
        "lengthInMinutesOptions": [15, 30], "customName": "Tour of {Scheduler}",
        "color": { "lightThemeHex": "#ffffff", "darkThemeHex": "#000000" }, "bookingLimitsCount": { "day": 2 } });
    let (status, made) = send(&fake, call(&fake, "ada", "POST", &events).json(&body)).await;
    assert_eq!(status, 201, "{made}");
    let event = format!("{events}/{}", made["data"]["id"]);
    let patch = |body: Value| send(&fake, call(&fake, "ada", "PATCH", &event).json(&body));
    let off = json!({ "color": null, "customName": null, "bookingLimitsCount": { "disabled": true } });
    let (_, body) = patch(off).await;
    assert_eq!(body["data"]["color"]["darkThemeHex"], "#000000");
    assert_eq!(body["data"].get("customName"), None);
    assert_eq!(body["data"]["bookingLimitsCount"], json!({}));

    let (status, body) = patch(json!({ "lengthInMinutesOptions": null })).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("BAD_REQUEST")));
    assert_eq!(send(&fake, call(&fake, "ada", "GET", &event)).await.0, 400, "it is stored all the same");
    assert_eq!(patch(json!({ "lengthInMinutesOptions": [15, 30] })).await.0, 400);
    assert_eq!(send(&fake, call(&fake, "ada", "GET", &event)).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn codes_are_limited_and_google_meet_needs_a_calendar() {
    let fake = start().await;
    let request = "/v2/verified-resources/emails/verification-code/request";
    for (nth, status) in [(1, 200), (2, 200), (3, 200), (4, 200), (5, 200), (6, 429)] {
        let asked = call(&fake, "ada", "POST", request).json(&json!({ "email": "new@example.org" }));
        assert_eq!(send(&fake, asked).await.0, status, "request {nth}");
    }
    let take = call(&fake, "ada", "GET", "/v2/verified-resources/emails?take=0");
    assert_eq!(send(&fake, take).await.0, 400);
    let (status, body) = send(&fake, call(&fake, "ada", "POST", "/v2/conferencing/google-meet/connect")).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (400, &json!("Google Meet requires a Google Calendar connection."))
    );
    let (status, body) = send(&fake, call(&fake, "ada", "GET", "/v2/calendars/office365/event/e1")).await;
    assert_eq!((status, body["error"]["code"].as_str()), (400, Some("BadRequestException")));
    let (status, body) =
        send(&fake, call(&fake, "ada", "POST", "/v2/calendars/ics-feed/save").json(&json!({ "urls": [] }))).await;
    assert_eq!((status, constraints(&body)), (400, vec!["arrayNotEmpty"]));
}

#[tokio::test(start_paused = true)]
async fn google_meet_is_connected_once_through_a_calendar() {
    let fake = FakeCalcom::builder().user(FakeUser::new("ada").calendar("ada@example.com")).start().await;
    let connect = || send(&fake, call(&fake, "ada", "POST", "/v2/conferencing/google-meet/connect"));
    let (status, body) = connect().await;
    assert_eq!((status, &body["data"]["type"], &body["data"]["key"]), (200, &json!("google_video"), &json!({})));
    assert_eq!(connect().await.0, 400);
    let (_, body) = send(&fake, call(&fake, "ada", "GET", "/v2/conferencing")).await;
    assert_eq!(body["data"][0]["appId"], "google-meet");
}
