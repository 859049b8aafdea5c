//! Sessions against a token service and a store that fail in every way.

mod crash;
mod model;
mod service;
mod stored;

use std::{sync::Arc, time::Duration};

use service::{FailingTokenStore, Reply, TokenService};
use tokio::{task::JoinSet, time::advance};

use super::{record::SessionPhase, state::StoredSession, *};
use crate::state::StoreError;

/// A session of a subject on this store, as one process has it.
fn session(service: &TokenService, store: &Arc<FailingTokenStore>, subject: &str) -> OAuthSession {
    let subject = TokenSubject::new("client", subject);
    let key = SessionKey::new("https://api.example.org", &subject);
    OAuthSession::new(subject, key, store.clone(), Box::new(service.clone()), String::new(), service.clock)
}

/// A session with the consent of its subject.
async fn consented(service: &TokenService, store: &Arc<FailingTokenStore>, subject: &str) -> OAuthSession {
    let session = session(service, store, subject);
    let record = SessionRecord::new(service.consent(subject), format!("consent of {subject}"));
    session.state().begin(record).await.unwrap();
    session
}

/// What the store has of a session.
async fn stored(session: &OAuthSession) -> SessionRecord {
    match session.state().load().await.unwrap() {
        StoredSession::Session(found) => found,
        StoredSession::Nothing | StoredSession::Damaged => panic!("the store has no session"),
    }
}

#[tokio::test(start_paused = true)]
async fn many_calls_with_an_expired_token_wait_for_one_refresh() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1801)).await;
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let session = session.clone();
        calls.spawn(async move { session.token().await.unwrap().secret().to_owned() });
    }
    let tokens = calls.join_all().await;
    assert!(tokens.iter().all(|token| *token == tokens[0] && service.owner(token).as_deref() == Some("ada")));
    assert_eq!(service.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_refreshed_a_minute_ahead_and_not_before() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1739)).await;
    assert!(session.current().is_some());
    session.token().await.unwrap();
    assert_eq!(service.requests(), 0);
    advance(Duration::from_secs(2)).await;
    assert!(session.current().is_none());
    let old = session.token().await.unwrap();
    // The call does not wait for it.
    advance(Duration::from_millis(1)).await;
    assert!(session.current().is_some_and(|fresh| !fresh.is_same(&old)));
    assert_eq!(service.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_present_token_is_valid_a_failed_refresh_costs_no_call() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1745)).await;
    service.answer([Reply::NotSent, Reply::Unknown { executed: false }, Reply::Refused]);
    for _ in 0..4 {
        let token = session.token().await.unwrap();
        assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
        tokio::time::sleep(Duration::from_secs(6)).await;
    }
    assert_eq!(service.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn after_a_refresh_that_failed_for_good_every_waiter_has_one_error() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    service.revoke("ada");
    advance(Duration::from_secs(1801)).await;
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let session = session.clone();
        calls.spawn(async move { session.token().await.unwrap_err() });
    }
    let errors = calls.join_all().await;
    assert!(errors.iter().all(|error| *error == TokenError::ConsentRequired("revoked".to_owned())), "{errors:?}");
    assert_eq!(service.requests(), 1);
    // It is known for good, in another process too.
    advance(Duration::from_secs(60)).await;
    let other = super::tests::session(&service, &store, "ada");
    assert!(matches!(other.token().await, Err(TokenError::ConsentRequired(_))));
    assert!(matches!(session.token().await, Err(TokenError::ConsentRequired(_))));
    assert_eq!(service.requests(), 1);
    // Until the user consents again.
    let record = SessionRecord::new(service.consent("ada"), "another".to_owned());
    session.state().begin(record).await.unwrap();
    assert_eq!(service.owner(session.token().await.unwrap().secret()).as_deref(), Some("ada"));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_replaced_once_and_the_new_one_is_not_for_ten_seconds() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    let first = session.token().await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..16 {
        let (session, first) = (session.clone(), first.clone());
        calls.spawn(async move { session.replace(&first).await.unwrap().unwrap() });
    }
    let replaced = calls.join_all().await;
    assert!(replaced.iter().all(|token| token.is_same(&replaced[0]) && !token.is_same(&first)));
    assert_eq!(service.requests(), 1);
    let second = session.token().await.unwrap();
    assert!(second.is_same(&replaced[0]));
    assert!(session.replace(&second).await.unwrap().is_none());
    assert_eq!(service.requests(), 1);
    advance(Duration::from_secs(11)).await;
    assert!(session.replace(&second).await.unwrap().is_some());
    assert_eq!(service.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_the_store_does_not_take_is_written_before_it_is_used() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1801)).await;
    // The intent is written, the pair is not.
    store.fail_saves(1..9);
    assert!(matches!(session.token().await, Err(TokenError::Unavailable(_))));
    assert_eq!(service.requests(), 1);
    advance(Duration::from_secs(2)).await;
    assert!(matches!(session.token().await, Err(TokenError::Unavailable(_))));
    store.fail_saves(0..0);
    advance(Duration::from_secs(2)).await;
    let token = session.token().await.unwrap();
    assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
    assert_eq!(service.requests(), 1, "the pair of the first request is used");
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_the_store_does_not_take_is_written_later_without_a_call() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1801)).await;
    store.fail_saves(1..9);
    assert!(matches!(session.token().await, Err(TokenError::Unavailable(_))));
    drop(session);
    store.fail_saves(0..0);
    tokio::time::sleep(Duration::from_secs(6)).await;
    // The next one finds it, as another process would.
    let next = super::tests::session(&service, &store, "ada");
    let token = next.token().await.unwrap();
    assert_eq!((service.owner(token.secret()).as_deref(), service.requests()), (Some("ada"), 1));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_response_was_lost_is_repeated_with_the_old_token() {
    for is_lenient in [true, false] {
        let service = if is_lenient { TokenService::lenient() } else { TokenService::strict() };
        let store = FailingTokenStore::new();
        let session = consented(&service, &store, "ada").await;
        advance(Duration::from_secs(1801)).await;
        service.answer([Reply::Unknown { executed: true }]);
        assert!(matches!(session.token().await, Err(TokenError::Unavailable(_))));
        advance(Duration::from_secs(2)).await;
        let second = session.token().await;
        assert_eq!(service.requests(), 2);
        match is_lenient {
            true => assert_eq!(service.owner(second.unwrap().secret()).as_deref(), Some("ada")),
            false => assert!(matches!(second, Err(TokenError::ConsentRequired(_)))),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_refreshed_while_the_store_fails() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let session = consented(&service, &store, "ada").await;
    advance(Duration::from_secs(1801)).await;
    store.fail_saves(0..100);
    assert!(matches!(session.token().await, Err(TokenError::Unavailable(_))));
    assert_eq!(service.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_another_process_refreshed_without_the_lock_is_adopted() {
    let (service, store) = (TokenService::strict(), FailingTokenStore::new());
    let one = consented(&service, &store, "ada").await;
    let two = session(&service, &store, "ada");
    two.token().await.unwrap();
    advance(Duration::from_secs(1801)).await;
    // While the request of the one is on its way, the other has refreshed and written.
    let (other, other_service) = (two.clone(), service.clone());
    service.before_next(move || {
        let (other, service) = (other.clone(), other_service.clone());
        Box::pin(async move {
            let found = stored(&other).await;
            let pair = service.refresh_now(&found.tokens).unwrap();
            other.state().save(&found.renewed(pair)).await.unwrap();
        })
    });
    let token = one.token().await.unwrap();
    assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"));
}
