//! What is in the store when a process starts: a valid token, an older pair, something damaged, the refresh of another process.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn key(subject: &str) -> SessionKey {
    SessionKey::new("https://api.example.org", &TokenSubject::new("client", subject))
}

#[tokio::test(start_paused = true)]
async fn a_process_that_starts_uses_a_valid_token_without_waiting_for_the_lock() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let first = consented(&service, &store, "ada").await;
    let _lock = first.state().lock().await.unwrap();
    let started = Instant::now();
    let token = session(&service, &store, "ada").token().await.unwrap();
    assert!(token.is_same(&first.token().await.unwrap()));
    assert_eq!((started.elapsed(), service.requests()), (Duration::ZERO, 0));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_starts_while_another_one_refreshes_uses_the_valid_token_after_five_seconds() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let other = consented(&service, &store, "ada").await;
    advance(1750 * SECOND).await;
    let _lock = other.state().lock().await.unwrap();
    let intended = stored(&other).await.in_phase(SessionPhase::Refreshing);
    other.state().save(&intended).await.unwrap();
    let (session, started) = (session(&service, &store, "ada"), Instant::now());
    let token = session.token().await.unwrap();
    assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
    assert_eq!((started.elapsed(), service.requests()), (5 * SECOND, 0));
    assert!(session.token().await.unwrap().is_same(&token));
    assert_eq!(started.elapsed(), 5 * SECOND, "the next call knows it");
}

#[tokio::test(start_paused = true)]
async fn the_first_call_of_a_process_uses_a_valid_token_if_the_refresh_fails() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    consented(&service, &store, "ada").await;
    advance(1795 * SECOND).await;
    for reply in [Reply::NotSent, Reply::Refused, Reply::Unknown { executed: false }] {
        service.answer([reply]);
        let token = session(&service, &store, "ada").token().await.unwrap();
        assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
    }
    assert_eq!(service.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_call_waits_for_a_refresh_while_the_token_is_valid_for_more_than_ten_seconds() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    let old = session.token().await.unwrap();
    for (at, waits) in [(1745, false), (1794, true)] {
        advance(Duration::from_secs(at) - Duration::from_secs(if waits { 1745 } else { 0 })).await;
        service.before_next(|| Box::pin(tokio::time::sleep(600 * SECOND)));
        let started = Instant::now();
        assert!(session.token().await.unwrap().is_same(&old));
        assert_eq!(started.elapsed(), if waits { 5 * SECOND } else { Duration::ZERO });
    }
    assert_eq!(service.requests(), 1, "the refresh goes on");
    advance(600 * SECOND).await;
    let fresh = session.token().await.unwrap();
    assert!(!fresh.is_same(&old) && service.owner(fresh.secret()).is_some());
    assert_eq!(service.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_the_store_has_lost_is_written_again() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    session.refresh().await.unwrap();
    let latest = stored(&session).await;
    // The store has the first pair, and says that its refresh token is about to be used.
    store.lose_last_write();
    assert!(latest.is_newer_than(&stored(&session).await));
    // Another process loses the session by it.
    advance(1801 * SECOND).await;
    let other = super::session(&service, &store, "ada");
    assert_eq!(other.token().await.unwrap_err(), TokenError::ConsentRequired("revoked".to_owned()));
    let token = session.token().await.unwrap();
    assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
    assert!(stored(&session).await.is_newer_than(&latest));
    advance(2 * SECOND).await;
    assert!(other.token().await.unwrap().is_same(&token));
    assert_eq!(service.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_older_pair_of_the_store_does_not_replace_a_later_one_that_the_service_rejects() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    let older = stored(&session).await;
    session.refresh().await.unwrap();
    let (rejected, latest) = (session.token().await.unwrap(), stored(&session).await);
    store.put(&key("ada"), older.write().unwrap());
    let fresh = session.replace(&rejected).await.unwrap().unwrap();
    assert!(!fresh.is_same(&older.provided().unwrap()));
    assert!(stored(&session).await.is_newer_than(&latest));
    assert_eq!(service.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_session_is_one_that_needs_a_consent_and_a_process_that_knows_it_writes_it_again() {
    for text in ["", "{", "null", "[]", r#"{"format":1}"#, r#"{"format":"1"}"#, "\u{fffd}\u{fffd}"] {
        let (service, store) = (TokenService::strict(), FailingTokenStore::new());
        let knows = consented(&service, &store, "ada").await;
        store.put(&key("ada"), text.into());
        let other = session(&service, &store, "ada");
        let error = other.token().await.unwrap_err();
        assert!(matches!(error, TokenError::ConsentRequired(_)), "{text}: {error:?}");
        assert!(matches!(knows.state().load().await.unwrap(), StoredSession::Damaged), "it is not overwritten");
        advance(1801 * SECOND).await;
        let token = knows.token().await.unwrap();
        assert!(other.token().await.unwrap().is_same(&token));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_of_another_version_is_left_as_it_is_and_needs_no_consent() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let text = r#"{"format":2,"everything":"else"}"#;
    store.put(&key("ada"), text.into());
    let error = session(&service, &store, "ada").token().await.unwrap_err();
    let TokenError::Unavailable(why) = error else { panic!("{error:?}") };
    assert!(why.contains("its form is 2, not 1"), "{why}");
    let kept = store.load(&key("ada")).await.unwrap().unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&kept), text);
    assert_eq!(service.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_removed_is_not_used_by_a_process_that_knows_it_for_longer_than_its_token_is_fresh() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    store.remove(&key("ada")).await.unwrap();
    assert!(session.token().await.is_ok());
    advance(1795 * SECOND).await;
    assert!(matches!(session.token().await, Err(TokenError::ConsentRequired(_))));
    assert!(matches!(session.state().load().await.unwrap(), StoredSession::Nothing));
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_ends_no_session_that_changed_meanwhile() {
    for phase in [SessionPhase::Refreshing, SessionPhase::Ended("another reason".to_owned())] {
        let (service, store) = (TokenService::strict(), FailingTokenStore::new());
        let session = consented(&service, &store, "ada").await;
        advance(1801 * SECOND).await;
        let (other, other_service, meanwhile) = (session.clone(), service.clone(), phase.clone());
        service.before_next(move || {
            let (other, service, phase) = (other.clone(), other_service.clone(), meanwhile.clone());
            Box::pin(async move {
                let found = stored(&other).await;
                let renewed = found.renewed(service.refresh_now(&found.tokens).unwrap());
                advance(1801 * SECOND).await;
                other.state().save(&renewed.in_phase(phase)).await.unwrap();
            })
        });
        let error = session.token().await.unwrap_err();
        assert_eq!(stored(&session).await.phase, phase);
        match phase {
            SessionPhase::Ended(why) => assert_eq!(error, TokenError::ConsentRequired(why)),
            _ => assert!(matches!(error, TokenError::Unavailable(_)), "{error:?}"),
        }
    }
    // One that was removed stays removed.
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(1801 * SECOND).await;
    service.revoke("ada");
    let removed = Arc::clone(&store);
    service.before_next(move || {
        let store = Arc::clone(&removed);
        Box::pin(async move { store.remove(&key("ada")).await.unwrap() })
    });
    assert!(matches!(session.token().await, Err(TokenError::ConsentRequired(_))));
    assert!(matches!(session.state().load().await.unwrap(), StoredSession::Nothing));
}

/// The clock of the machine that wrote the session was a year ahead, or behind.
#[tokio::test(start_paused = true)]
async fn a_session_that_was_written_by_a_wrong_clock_costs_one_refresh() {
    for years in [-1, 1] {
        let (service, store) = (TokenService::strict(), FailingTokenStore::new());
        let first = consented(&service, &store, "ada").await;
        let mut found = stored(&first).await;
        for time in [&mut found.tokens.issued, &mut found.tokens.expires] {
            *time = time.checked_add(jiff::SignedDuration::from_hours(years * 366 * 24)).unwrap();
        }
        first.state().save(&found).await.unwrap();
        // The service goes by its own clock.
        advance(1801 * SECOND).await;
        let session = session(&service, &store, "ada");
        let mut token = session.token().await.unwrap();
        if service.owner(token.secret()).is_none() {
            token = session.replace(&token).await.unwrap().unwrap();
        }
        assert_eq!((service.owner(token.secret()).as_deref(), service.requests()), (Some("ada"), 1), "{years}");
        let left = token.expires_at().unwrap().duration_since(service.clock.now()).as_secs();
        assert!((1790..=1800).contains(&left), "{left}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_issues_the_rejected_token_again_is_asked_once() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    let rejected = session.token().await.unwrap();
    service.answer([Reply::Same; 9]);
    let mut calls = JoinSet::new();
    for _ in 0..16 {
        let (session, rejected) = (session.clone(), rejected.clone());
        calls.spawn(async move { session.replace(&rejected).await.unwrap() });
    }
    for replaced in calls.join_all().await {
        assert!(replaced.is_none_or(|token| token.is_same(&rejected)));
    }
    assert_eq!(service.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_goes_on_if_the_call_that_began_it_is_dropped() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(1801 * SECOND).await;
    service.before_next(|| Box::pin(tokio::time::sleep(3 * SECOND)));
    let impatient = timeout(SECOND, session.token()).await;
    assert!(impatient.is_err());
    let patient = session.token().await.unwrap();
    assert_eq!((service.owner(patient.secret()).as_deref(), service.requests()), (Some("ada"), 1));
}

#[test]
fn a_refresh_whose_runtime_has_ended_is_begun_again_in_another() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let first = runtime();
    let (service, store, session) = first.block_on(async {
        let (service, store) = (TokenService::lenient(), FailingTokenStore::new());
        let session = consented(&service, &store, "ada").await;
        advance(1801 * SECOND).await;
        service.before_next(|| Box::pin(std::future::pending()));
        assert!(timeout(SECOND, session.token()).await.is_err());
        (service, store, session)
    });
    // The time of the second runtime begins anew: what has passed is not known there.
    drop(first);
    runtime().block_on(async {
        let found = stored(&session).await;
        assert_eq!(found.phase, SessionPhase::Refreshing);
        let token = super::session(&service, &store, "ada").token().await.unwrap();
        assert_eq!((service.owner(token.secret()).as_deref(), service.requests()), (Some("ada"), 2));
        assert!(session.replace(&found.provided().unwrap()).await.unwrap().unwrap().is_same(&token));
    });
}
