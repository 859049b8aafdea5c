//! What the token endpoint can answer: odd values, other forms, errors of both kinds, gateways, bodies that end too early.

use calcom::{
    auth::TokenProvider,
    oauth::{OAuthError, OAuthReason, OAuthSession},
    secrecy::ExposeSecret,
};
use calcom_fake::{Fault, ResetPoint};
use serde_json::{Value, json};

use super::*;

/// The response with the tokens that the fake has issued, changed by `change`.
async fn refreshed_with(change: impl Fn(&mut Value)) -> (FakeCalcom, OAuthSession, Client) {
    let fake = fake().await;
    let app = app(&fake);
    let client = logged_in(&fake, &app, "ada").await;
    // Another login has tokens of the same user, which the answer to the refresh is made of.
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    let other = app.finish(&pending, &location, "another").await.unwrap();
    let access = other.token().await.unwrap().to_access_token().secret().expose_secret().to_owned();
    let mut answer = json!({ "access_token": access, "refresh_token": "planted-refresh-2", "token_type": "bearer",
        "expires_in": 1800, "scope": "PROFILE_READ" });
    change(&mut answer);
    fake.fault(Fault::answer(200, "application/json", answer.to_string()).on("create_oauth2_token"));
    (fake, app.session("ada"), client)
}

#[tokio::test]
async fn an_odd_field_beside_the_tokens_keeps_the_session() {
    let odd = [
        json!(0),
        json!(-1),
        json!(1e18),
        json!(u64::MAX),
        json!("1800"),
        json!("soon"),
        json!(1800.5),
        json!(null),
        json!([1800]),
        json!({ "seconds": 1800 }),
    ];
    for expires_in in odd {
        let shown = expires_in.to_string();
        let (fake, session, client) = refreshed_with(|answer| answer["expires_in"] = expires_in.clone()).await;
        session.refresh().await.unwrap();
        for _ in 0..3 {
            assert_eq!(me(&client).await.unwrap(), "ada", "{shown}");
        }
        assert_eq!(refreshes(&fake), 1, "{shown}");
    }
    for (name, value) in
        [("token_type", json!("MAC")), ("token_type", json!(7)), ("scope", json!({})), ("more", json!([]))]
    {
        let (fake, session, client) = refreshed_with(|answer| answer[name] = value.clone()).await;
        session.refresh().await.unwrap();
        assert_eq!((me(&client).await.unwrap().as_str(), refreshes(&fake)), ("ada", 1), "{name} {value}");
        // What the user consented to is known from the login.
        assert!(session.scopes().is_some());
    }
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    for value in [Value::Null, json!(""), json!(7)] {
        let (fake, session, client) = refreshed_with(|answer| answer["refresh_token"] = value.clone()).await;
        let first = fake.requests_of("create_oauth2_token").len();
        session.refresh().await.unwrap();
        assert_eq!(me(&client).await.unwrap(), "ada");
        session.refresh().await.unwrap();
        let sent = fake.requests_of("create_oauth2_token").split_off(first);
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].body["refresh_token"], sent[1].body["refresh_token"]);
    }
}

/// What a call and the one after it are told if the token endpoint answers the first with `fault`: retryable, consent required.
async fn told(fault: Fault) -> (FakeCalcom, [(bool, bool); 2], String) {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(fault.on("create_oauth2_token"));
    let error = me(&client).await.unwrap_err();
    assert!(!error.may_have_been_applied() && error.attempts() == 1, "{error:?}");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    let next = me(&client).await;
    let classes = |error: &Error| (error.is_retryable(), error.is_consent_required());
    let told = [classes(&error), next.as_ref().err().map_or((false, false), classes)];
    (fake, told, error.to_string())
}

fn answer(status: u16, body: &Value) -> Fault {
    Fault::answer(status, "application/json", body.to_string())
}

#[tokio::test]
async fn what_did_not_use_the_refresh_token_keeps_the_session() {
    let own = json!({ "status": "error", "timestamp": "2026-11-30T10:00:00Z", "path": "/v2/auth/oauth2/token",
        "error": { "code": "UnauthorizedException", "message": "no", "details": {} } });
    let refused = [
        answer(401, &json!({ "error": "invalid_client", "error_description": "invalid_client_credentials" })),
        answer(401, &json!({ "error": "unauthorized_client", "error_description": "client_not_approved" })),
        answer(400, &json!({ "error": "invalid_request" })),
        answer(401, &own),
        answer(403, &own),
        Fault::html(403),
        Fault::status(498),
        Fault::empty(404),
    ];
    for fault in refused {
        let shown = format!("{fault:?}");
        let (fake, told, text) = told(fault).await;
        assert_eq!(told, [(false, false), (false, false)], "{shown}: {text}");
        assert_eq!(refreshes(&fake), 2, "{shown}");
        assert!(!text.contains("planted"), "{text}");
    }
    let (_fake, told, text) = told(Fault::reset(ResetPoint::BeforeRequest).times(9)).await;
    assert_eq!(told[0], (true, false), "{text}");
    assert!(!told[1].1);
}

#[tokio::test]
async fn after_an_answer_that_says_nothing_of_the_refresh_token_it_is_tried_once_more() {
    let nothing = [
        Fault::html(200),
        Fault::empty(200),
        answer(200, &json!([])),
        answer(200, &json!({ "error": "invalid_grant" })),
        answer(200, &json!({ "refresh_token": "planted" })),
        answer(200, &json!({ "access_token": "", "refresh_token": "planted" })),
        Fault::status(500),
        Fault::html(502),
        Fault::status(503),
        Fault::status(408),
        Fault::reset(ResetPoint::MidRequest),
    ];
    for fault in nothing {
        let shown = format!("{fault:?}");
        let (fake, told, text) = told(fault).await;
        assert_eq!(told, [(true, false), (false, false)], "{shown}: {text}");
        assert!((1..=2).contains(&refreshes(&fake)), "{shown}");
        assert!(!text.contains("planted"), "{text}");
    }
    // The service has rotated, and the answer was lost on its way: no process has a valid token then.
    for fault in [Fault::reset(ResetPoint::MidResponse), Fault::truncated(40), Fault::reset(ResetPoint::AfterEffect)] {
        let shown = format!("{fault:?}");
        let (fake, told, text) = told(fault).await;
        assert_eq!(told, [(true, false), (false, true)], "{shown}: {text}");
        assert_eq!(refreshes(&fake), 2, "{shown}");
    }
}

#[tokio::test]
async fn a_429_of_the_token_endpoint_is_waited_for_and_keeps_the_session() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(Fault::status(429).header("retry-after", "1").on("create_oauth2_token"));
    let started = std::time::Instant::now();
    assert_eq!(me(&client).await.unwrap(), "ada");
    assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
    assert_eq!(refreshes(&fake), 2);
}

#[tokio::test]
async fn a_429_that_stays_ends_no_session_whatever_its_body_says() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    let refused = answer(429, &json!({ "error": "invalid_grant", "error_description": "refresh_token_revoked" }));
    fake.fault(refused.header("retry-after", "1").on("create_oauth2_token").always());
    let error = me(&client).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    fake.clear_faults();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(me(&client).await.unwrap(), "ada");
}

#[tokio::test]
async fn an_error_in_a_redirect_shows_no_markup_and_no_secret() {
    let fake = fake().await;
    let app = app(&fake);
    let pending = app.begin(&all_scopes()).unwrap().pending;
    let state = pending.state().expose_secret().to_owned();
    for (error, reason) in [
        ("<script>planted</script>", "<img src=x onerror=planted()>"),
        ("planted-secret-1", "code=planted2"),
        ("access_denied", "jane@planted.example"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("error", error)
            .append_pair("error_description", reason)
            .append_pair("state", &state)
            .finish();
        let refused = app.finish(&pending, &query, "user 17").await.unwrap_err();
        let OAuthError::Refused(refusal) = &refused else { panic!("{refused:?}") };
        let text = format!("{refused} {refused:?} {:?} {} {:?}", refusal.code, refusal.code, refusal.reason);
        assert!(!text.contains("planted") && !text.contains('<'), "{text}");
        // The text is there for a program that asks for it.
        assert_eq!(refusal.reason.as_ref().map(OAuthReason::as_str), Some(reason));
    }
    assert!(fake.requests_of("create_oauth2_token").is_empty());
}
