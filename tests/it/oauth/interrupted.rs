//! Calls that end before the refresh does: a deadline, a future that is dropped, a login whose browser went away.

use calcom::{
    AccessToken, Credentials,
    auth::{FixedToken, ProvidedToken, TokenFn, TokenSubject},
    oauth::OAuthSession,
};
use calcom_fake::{Fault, ResetPoint};
use tokio::time::timeout;

use super::*;

const SLOW: Duration = Duration::from_millis(600);

/// A client whose access token the service takes no more, and whose next refresh takes a while.
async fn slow_refresh() -> (FakeCalcom, OAuthApp, Client) {
    let fake = fake().await;
    let app = app(&fake);
    let client = logged_in(&fake, &app, "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(Fault::delay(SLOW).on("create_oauth2_token"));
    (fake, app, client)
}

#[tokio::test]
async fn a_deadline_that_is_shorter_than_the_refresh_ends_the_call_and_not_the_refresh() {
    let (fake, _app, client) = slow_refresh().await;
    let request = client.raw().get_me().bypass_cache().deadline(Duration::from_millis(200));
    let error = request.await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && error.is_retryable(), "{error:?}");
    assert!(!error.may_have_been_applied());
    assert_eq!(me(&client).await.unwrap(), "ada");
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_in_the_middle_of_a_refresh_does_not_end_the_refresh_for_those_that_wait() {
    let (fake, _app, client) = slow_refresh().await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { me(&client).await }
    });
    while refreshes(&fake) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { me(&client).await.unwrap() }
            })
        })
        .collect();
    first.abort();
    for call in waiting {
        assert_eq!(call.await.unwrap(), "ada");
    }
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test]
async fn a_login_continues_after_its_future_is_dropped() {
    let fake = fake().await;
    let app = app(&fake);
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    fake.fault(Fault::delay(SLOW).after_effect().on("create_oauth2_token"));
    assert!(timeout(Duration::from_millis(200), app.finish(&pending, &location, "ada")).await.is_err());
    // The first call waits for the session, whose lock the login has.
    assert_eq!(me(&app.client("ada").unwrap()).await.unwrap(), "ada");
    assert_eq!((token_requests(&fake, "authorization_code"), refreshes(&fake)), (1, 0));
}

#[tokio::test]
async fn a_read_whose_first_attempt_has_no_answer_and_whose_second_is_rejected_is_sent_with_a_new_token() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(Fault::reset(ResetPoint::InFlight).on("get_me"));
    assert_eq!(me(&client).await.unwrap(), "ada");
    assert_eq!((fake.requests_of("get_me").len(), refreshes(&fake)), (3, 1));
}

#[tokio::test]
async fn a_write_without_an_answer_is_not_sent_again_even_if_the_token_has_expired_since() {
    let fake = fake().await;
    let client = logged_in(&fake, &app(&fake), "ada").await;
    let webhook =
        calcom::model::CreateWebhook::new("http://127.0.0.1:9/hook", [calcom::model::Trigger::BookingCreated]);
    // Once with the old token, and once after it was rejected, with the new one.
    for (is_expired, sent) in [(false, 1), (true, 2)] {
        let before = fake.requests_of("create_webhook").len();
        if is_expired {
            fake.clock().advance(HALF_AN_HOUR);
        }
        fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_webhook").nth(sent));
        let error = client.webhooks().create(&webhook).await.unwrap_err();
        assert!(error.may_have_been_applied() && !error.is_retryable(), "{error:?}");
        assert_eq!(error.attempts(), sent);
        assert_eq!(fake.requests_of("create_webhook").len() - before, sent as usize);
    }
}

#[tokio::test]
async fn a_new_consent_serves_the_clients_of_a_session_that_ended_in_all_processes() {
    let fake = fake().await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let (one, two) = (app_on(&fake, store.clone()), app_on(&fake, store));
    let here = logged_in(&fake, &one, "ada").await;
    let there = two.client("ada").unwrap();
    assert_eq!(me(&there).await.unwrap(), "ada");
    fake.revoke_oauth_tokens("ada");
    for client in [&here, &there] {
        assert!(me(client).await.unwrap_err().is_consent_required());
    }
    let refused = refreshes(&fake);
    let (pending, location) = consent(&fake, &two, "ada", &all_scopes()).await;
    two.finish(&pending, &location, "ada").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    for client in [&here, &there] {
        assert_eq!(me(client).await.unwrap(), "ada");
    }
    assert_eq!(refreshes(&fake), refused, "the new session is read, and not refreshed");
}

#[tokio::test]
async fn a_request_is_not_repeated_for_another_user_who_consented_under_the_same_subject() {
    let (fake, app, client) = slow_refresh().await;
    let webhook =
        calcom::model::CreateWebhook::new("http://127.0.0.1:9/hook", [calcom::model::Trigger::BookingCreated]);
    fake.clear_faults();
    let (pending, location) = consent(&fake, &app, "grace", &all_scopes()).await;
    fake.revoke_oauth_tokens("ada");
    // The answer to the request with the token of ada arrives after the consent of grace.
    fake.fault(Fault::delay(SLOW).on("create_webhook"));
    let webhooks = client.webhooks();
    let (created, finished) = tokio::join!(webhooks.create(&webhook), async {
        while fake.requests_of("create_webhook").is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        app.finish(&pending, &location, "ada").await
    });
    finished.unwrap();
    let error = created.unwrap_err();
    assert!(matches!(error, Error::Authentication(_)) && !error.may_have_been_applied(), "{error:?}");
    assert_eq!(fake.requests_of("create_webhook").len(), 1);
    assert!(client.webhooks().list().await.unwrap().is_empty());
    assert_eq!(me(&client).await.unwrap(), "grace");
}

#[tokio::test]
async fn a_provider_of_clients_with_several_addresses_is_a_tenant_at_each() {
    let (one, two) = (builder().start().await, builder().start().await);
    let key = AccessToken::new(one.api_key());
    assert_eq!(one.api_key(), two.api_key());
    let provider = Arc::new(FixedToken::new(TokenSubject::new("client", "planted"), &key).unwrap());
    let client = |fake: &FakeCalcom| {
        let mut settings = config();
        settings.api_url = fake.url();
        Client::builder().config(settings).credentials(Arc::clone(&provider)).build().unwrap()
    };
    let (here, there) = (client(&one), client(&two));
    one.fault(Fault::reset(ResetPoint::MidRequest).on("get_me").always());
    for _ in 0..12 {
        let _ = me(&here).await;
    }
    assert!(me(&here).await.unwrap_err().is_circuit_open());
    assert!(me(&there).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_always_returns_a_rejected_or_an_expired_token_ends_the_call() {
    let past = "2020-01-01T00:00:00Z".parse().unwrap();
    let user = calcom_fake::FakeUser::new("eva").access_token("jwt_planted", Some(past));
    let fake = FakeCalcom::builder().user(user).start().await;
    for expires in [None, Some(past)] {
        let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let provider = TokenFn::new(TokenSubject::new("client", "planted"), move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let token = ProvidedToken::new(&AccessToken::new("jwt_planted")).unwrap();
            let token = expires.map_or(token.clone(), |at| token.expires(at));
            async move { Ok(token) }
        });
        let client =
            Client::builder().api_url(fake.url()).credentials(Credentials::provider(provider)).build().unwrap();
        let before = fake.requests_of("get_me").len();
        assert!(client.raw().get_me().await.unwrap_err().is_token_expired());
        assert_eq!(fake.requests_of("get_me").len() - before, 1);
        assert!(calls.load(std::sync::atomic::Ordering::SeqCst) <= 3);
    }
}

/// The session is the provider itself, in whatever client it is.
#[tokio::test]
async fn a_session_of_the_same_subject_is_one_session() {
    let fake = fake().await;
    let app = app(&fake);
    logged_in(&fake, &app, "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    let session: OAuthSession = app.session("ada");
    let mut settings = config();
    settings.api_url = fake.url();
    let own = Client::builder().config(settings).credentials(Credentials::provider(session)).build().unwrap();
    let theirs = app.client("ada").unwrap();
    let (one, two) = tokio::join!(me(&own), me(&theirs));
    assert_eq!((one.unwrap().as_str(), two.unwrap().as_str(), refreshes(&fake)), ("ada", "ada", 1));
}
