//! Refreshing: once for all that wait, a request replayed once and where that is safe, and what ends a session.

use calcom::model::{CreateBooking, CreateWebhook, Trigger};
use calcom_fake::{Fault, ResetPoint};
use serde_json::json;
use tokio::task::JoinSet;

use super::*;

async fn sixty_four(client: &Client) -> Vec<Result<String, Error>> {
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let client = client.clone();
        calls.spawn(async move { me(&client).await });
    }
    calls.join_all().await
}

#[tokio::test]
async fn sixty_four_tasks_with_a_rejected_token_make_one_refresh_and_all_are_answered() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    for name in sixty_four(&client).await {
        assert_eq!(name.unwrap(), "ada");
    }
    assert_eq!(refreshes(&fake), 1);
    // Each request was sent at most twice.
    assert!((65..=128).contains(&fake.requests_of("get_me").len()));
}

#[tokio::test]
async fn sixty_four_tasks_with_an_expired_token_make_one_refresh_and_send_no_request_with_it() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    tokio::time::pause();
    tokio::time::advance(HALF_AN_HOUR).await;
    tokio::time::resume();
    for name in sixty_four(&client).await {
        assert_eq!(name.unwrap(), "ada");
    }
    assert_eq!((refreshes(&fake), fake.requests_of("get_me").len()), (1, 64));
}

#[tokio::test]
async fn a_write_that_was_rejected_for_its_token_is_sent_once_more_with_the_new_one() {
    let fake = fake().await;
    // Even if the settings allow one attempt.
    let mut once = config();
    once.retry.times = 1;
    let app = OAuthApp::public(ID, BACK).urls(urls(&fake)).config(once).build().unwrap();
    let client = logged_in(&fake, &app, "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    let webhook = CreateWebhook::new("http://127.0.0.1:9/hook", [Trigger::BookingCreated]);
    client.webhooks().create(&webhook).await.unwrap();
    let sent = fake.requests_of("create_webhook");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body);
    assert_ne!(sent[0].headers["authorization"], sent[1].headers["authorization"]);
    assert_eq!(client.webhooks().list().await.unwrap().len(), 1);
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test]
async fn a_401_about_something_else_refreshes_nothing() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    let body = json!({ "statusCode": 401, "message": "booking_limit_reached" });
    fake.fault(Fault::answer(401, "application/json", body.to_string()).on("create_booking").always());
    let start = fake.clock().now() + jiff_days(8);
    let booking = CreateBooking::new(fake.event_type_id("ada", "30min"), start, "Ada", "ada@example.org");
    let error = client.bookings().create(&booking).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!((fake.requests_of("create_booking").len(), refreshes(&fake)), (1, 0));
}

fn jiff_days(days: i64) -> calcom::jiff::SignedDuration {
    calcom::jiff::SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn a_401_that_stays_ends_after_one_more_attempt_and_refreshes_once() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.fault(Fault::status(401).on("get_me").always());
    for _ in 0..3 {
        let error = me(&client).await.unwrap_err();
        assert!(matches!(error, Error::Authentication(_)) && !error.is_consent_required(), "{error:?}");
    }
    assert_eq!((fake.requests_of("get_me").len(), refreshes(&fake)), (4, 1));
}

#[tokio::test]
async fn a_refresh_loses_no_cached_response_and_no_other_subject_has_it() {
    let fake = fake().await;
    let app = app(&fake);
    let (ada, grace) = (logged_in(&fake, &app, "ada").await, logged_in(&fake, &app, "grace").await);
    let name = async |client: &Client| client.raw().get_me().await.unwrap().data.username.clone().unwrap();
    assert_eq!((name(&ada).await, name(&grace).await), ("ada".to_owned(), "grace".to_owned()));
    assert_eq!(fake.requests_of("get_me").len(), 2);
    app.session("ada").refresh().await.unwrap();
    let another = app.client("ada").unwrap();
    for client in [&ada, &another] {
        assert_eq!(name(client).await, "ada");
    }
    assert_eq!(name(&grace).await, "grace");
    assert_eq!((fake.requests_of("get_me").len(), refreshes(&fake)), (2, 1));
    // An open circuit is one subject's.
    fake.fault(Fault::reset(ResetPoint::MidRequest).on("get_me").times(30));
    for _ in 0..12 {
        let _ = me(&ada).await;
    }
    fake.clear_faults();
    assert!(me(&ada).await.unwrap_err().is_circuit_open());
    assert_eq!(me(&grace).await.unwrap(), "grace");
    app.session("ada").refresh().await.unwrap();
    assert!(me(&another).await.unwrap_err().is_circuit_open(), "a refresh closes no circuit");
}

#[tokio::test]
async fn after_a_revoked_consent_all_calls_fail_until_a_new_consent_serves_the_same_client() {
    let fake = fake().await;
    let app = app(&fake);
    let client = logged_in(&fake, &app, "ada").await;
    fake.revoke_oauth_tokens("ada");
    for result in sixty_four(&client).await {
        let error = result.unwrap_err();
        assert!(error.is_consent_required() && !error.is_retryable(), "{error:?}");
        assert!(!error.may_have_been_applied());
    }
    assert_eq!(refreshes(&fake), 1);
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    app.finish(&pending, &location, "ada").await.unwrap();
    assert_eq!(me(&client).await.unwrap(), "ada");
    app.forget("ada").await.unwrap();
    assert!(me(&client).await.unwrap_err().is_consent_required());
}

#[tokio::test]
async fn a_refresh_whose_response_is_lost_is_no_outcome_of_the_request_that_needed_it() {
    for is_lenient in [false, true] {
        let fake = fake().await;
        fake.set_lenient_refresh(is_lenient);
        let client = logged_in(&fake, &app(&fake), "ada").await;
        fake.clock().advance(HALF_AN_HOUR);
        fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_oauth2_token"));
        let error = me(&client).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)) && error.is_retryable(), "{error:?}");
        assert!(!error.may_have_been_applied(), "{error:?}");
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let next = me(&client).await;
        assert_eq!(refreshes(&fake), 2);
        match is_lenient {
            true => assert_eq!(next.unwrap(), "ada"),
            false => assert!(next.unwrap_err().is_consent_required()),
        }
    }
}

#[tokio::test]
async fn two_stores_of_one_client_and_user_log_each_other_out() {
    let fake = fake().await;
    let one = logged_in(&fake, &app(&fake), "ada").await;
    let two = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    assert_eq!(me(&one).await.unwrap(), "ada");
    let error = me(&two).await.unwrap_err();
    assert!(error.is_consent_required(), "{error:?}");
    assert!(error.to_string().contains("refresh_token_revoked"), "{error}");
    assert_eq!(me(&one).await.unwrap(), "ada");
}
