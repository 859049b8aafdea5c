//! Quota, cache and circuit are those of a subject: a refresh loses none of them, and no other subject shares them.

use calcom_fake::{FakeRateLimit, Fault};

use super::*;

/// Clients of ada and grace, each of whose tokens can make three requests in a minute.
async fn limited() -> (FakeCalcom, OAuthApp, Client, Client) {
    let fake = builder().oauth_app(public_app()).start().await;
    let mut settings = config();
    settings.rate_limit.wait = false;
    let app = OAuthApp::public(ID, BACK).urls(urls(&fake)).config(settings).build().unwrap();
    let (ada, grace) = (logged_in(&fake, &app, "ada").await, logged_in(&fake, &app, "grace").await);
    fake.set_rate_limits(vec![FakeRateLimit::new("default", 3, Duration::from_secs(60))]);
    (fake, app, ada, grace)
}

async fn name(client: &Client) -> Result<String, Error> {
    Ok(client.raw().get_me().await?.data.username.clone().unwrap())
}

#[tokio::test]
async fn a_refresh_keeps_the_exhausted_quota_of_a_subject_and_no_other_subject_has_it() {
    let (fake, app, ada, grace) = limited().await;
    for _ in 0..3 {
        assert_eq!(me(&ada).await.unwrap(), "ada");
    }
    let refused = |error: Error| matches!(error, Error::RateLimit(_)) && error.attempts() == 0;
    assert!(refused(me(&ada).await.unwrap_err()));
    app.session("ada").refresh().await.unwrap();
    // Neither the client nor another one of the subject forgets it; the service would count the new token anew.
    for client in [&ada, &app.client("ada").unwrap()] {
        assert!(refused(me(client).await.unwrap_err()));
    }
    assert_eq!(fake.requests_of("get_me").len(), 3);
    for _ in 0..3 {
        assert_eq!(me(&grace).await.unwrap(), "grace");
    }
    assert!(refused(me(&grace).await.unwrap_err()));
    assert_eq!((fake.requests_of("get_me").len(), refreshes(&fake)), (6, 1));
}

#[tokio::test]
async fn a_subject_whose_quota_is_exhausted_is_refreshed_all_the_same() {
    let (fake, app, ada, _) = limited().await;
    for _ in 0..3 {
        me(&ada).await.unwrap();
    }
    assert!(matches!(me(&ada).await.unwrap_err(), Error::RateLimit(_)));
    app.session("ada").refresh().await.unwrap();
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test]
async fn a_refresh_in_the_middle_of_a_call_keeps_the_cache_of_its_subject() {
    let fake = fake().await;
    let app = app(&fake);
    let (ada, grace) = (logged_in(&fake, &app, "ada").await, logged_in(&fake, &app, "grace").await);
    assert_eq!((name(&ada).await.unwrap(), name(&grace).await.unwrap()), ("ada".to_owned(), "grace".to_owned()));
    fake.clock().advance(HALF_AN_HOUR);
    // A write whose first attempt is rejected: the session refreshes, and the write makes its own subject's response stale.
    let changes = calcom::model::UpdateUser::new().time_zone("Europe/Vienna");
    ada.me().update(&changes).await.unwrap();
    assert_eq!((refreshes(&fake), fake.requests_of("update_me").len()), (1, 2));
    let before = fake.requests_of("get_me").len();
    assert_eq!(name(&grace).await.unwrap(), "grace");
    assert_eq!(fake.requests_of("get_me").len(), before, "grace's response is cached still");
    assert_eq!(name(&ada).await.unwrap(), "ada");
    assert_eq!(fake.requests_of("get_me").len(), before + 1);
    app.session("ada").refresh().await.unwrap();
    assert_eq!(name(&app.client("ada").unwrap()).await.unwrap(), "ada");
    assert_eq!(fake.requests_of("get_me").len(), before + 1, "what was read before the refresh is cached after it");
}

#[tokio::test]
async fn a_rejected_token_opens_no_circuit_and_the_circuit_of_the_token_endpoint_is_not_that_of_a_subject() {
    let fake = fake().await;
    let app = app(&fake);
    let (ada, grace) = (logged_in(&fake, &app, "ada").await, logged_in(&fake, &app, "grace").await);
    fake.fault(Fault::status(401).on("get_me").times(40));
    for _ in 0..20 {
        assert!(!me(&ada).await.unwrap_err().is_circuit_open());
    }
    fake.clear_faults();
    assert_eq!(me(&ada).await.unwrap(), "ada");
    // The endpoint fails for all subjects. What is valid still is used.
    fake.fault(Fault::status(503).on("create_oauth2_token").always());
    for _ in 0..12 {
        let _ = app.session("ada").refresh().await;
    }
    assert_eq!((me(&ada).await.unwrap(), me(&grace).await.unwrap()), ("ada".to_owned(), "grace".to_owned()));
}

#[tokio::test]
async fn two_clients_of_one_subject_at_different_oauth_clients_share_nothing() {
    let other = calcom_fake::FakeOAuthApp::public("planted-other-id", BACK)
        .scopes(calcom::operation::Scope::ALL.iter().cloned());
    let fake = builder().oauth_app(public_app()).oauth_app(other).start().await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let one = app_on(&fake, store.clone());
    let two =
        OAuthApp::public("planted-other-id", BACK).urls(urls(&fake)).config(config()).store(store).build().unwrap();
    let (ada, grace) = (logged_in(&fake, &one, "ada").await, {
        let (pending, location) = consent(&fake, &two, "grace", &all_scopes()).await;
        two.finish(&pending, &location, "ada").await.unwrap();
        two.client("ada").unwrap()
    });
    assert_eq!((name(&ada).await.unwrap(), name(&grace).await.unwrap()), ("ada".to_owned(), "grace".to_owned()));
    two.forget("ada").await.unwrap();
    assert!(me(&grace).await.unwrap_err().is_consent_required());
    assert_eq!(me(&ada).await.unwrap(), "ada");
}

#[tokio::test]
async fn one_store_keeps_the_sessions_of_two_services_apart() {
    let (hosted, own) = (fake().await, fake().await);
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::new());
    let (there, here) = (app_on(&hosted, store.clone()), app_on(&own, store));
    let ada = logged_in(&hosted, &there, "ada").await;
    assert!(me(&here.client("ada").unwrap()).await.unwrap_err().is_consent_required());
    // The same subject is another user at the other service.
    let (pending, location) = consent(&own, &here, "grace", &all_scopes()).await;
    here.finish(&pending, &location, "ada").await.unwrap();
    for fake in [&hosted, &own] {
        fake.clock().advance(HALF_AN_HOUR);
    }
    let grace = here.client("ada").unwrap();
    assert_eq!((me(&ada).await.unwrap(), me(&grace).await.unwrap()), ("ada".to_owned(), "grace".to_owned()));
    assert_eq!((refreshes(&hosted), refreshes(&own)), (1, 1));
}
