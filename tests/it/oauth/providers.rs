//! Providers of tokens: a fixed one, a function, and ones that misbehave.

use std::sync::atomic::{AtomicUsize, Ordering};

use calcom::{
    AccessToken, ClientBuilder, Credentials,
    auth::{FixedToken, ProvidedToken, TokenError, TokenFn, TokenFuture, TokenProvider, TokenSubject},
};
use calcom_fake::{FakeCalcom, FakeUser};

use super::*;

const TOKENS: [&str; 2] = ["jwt_planted_one", "jwt_planted_two"];

/// A fake in which the second token is valid, and the first one has expired (498).
async fn service() -> FakeCalcom {
    let past = "2020-01-01T00:00:00Z".parse().unwrap();
    let user = FakeUser::new("ada").access_token(TOKENS[0], Some(past)).access_token(TOKENS[1], None);
    FakeCalcom::builder().user(user).start().await
}

fn client(fake: &FakeCalcom) -> ClientBuilder {
    Client::builder().api_url(fake.url())
}

fn subject() -> TokenSubject {
    TokenSubject::new("client", "planted subject")
}

fn token(text: &str) -> ProvidedToken {
    ProvidedToken::new(&AccessToken::new(text)).unwrap()
}

#[tokio::test]
async fn a_fixed_token_is_sent_and_never_replaced() {
    let fake = service().await;
    for (text, status) in [(TOKENS[1], None), (TOKENS[0], Some(498))] {
        let provider = FixedToken::new(subject(), &AccessToken::new(text)).unwrap();
        let client = client(&fake).credentials(Credentials::provider(provider)).build().unwrap();
        let result = client.raw().get_me().await;
        assert_eq!(result.as_ref().err().and_then(Error::status), status);
        let sent = fake.requests_of("get_me").pop().unwrap();
        assert_eq!(sent.headers["authorization"], format!("Bearer {text}"));
    }
    assert_eq!(fake.requests_of("get_me").len(), 2);
}

#[tokio::test]
async fn a_function_is_asked_again_after_498_and_the_request_is_sent_once_more() {
    let fake = service().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let provider = TokenFn::new(subject(), move || {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        async move { Ok(token(TOKENS[call.min(1)])) }
    });
    let client = client(&fake).credentials(Credentials::provider(provider)).build().unwrap();
    assert_eq!(client.raw().get_me().await.unwrap().data.username.as_deref(), Some("ada"));
    assert_eq!((fake.requests_of("get_me").len(), calls.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test]
async fn a_request_is_not_repeated_with_a_token_of_another_consent() {
    let fake = service().await;
    let calls = AtomicUsize::new(0);
    let provider = TokenFn::new(subject(), move || {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        let token = token(TOKENS[call.min(1)]).consent(format!("consent {call}"));
        async move { Ok(token) }
    });
    let client = client(&fake).credentials(Credentials::provider(provider)).build().unwrap();
    let error = client.raw().get_me().await.unwrap_err();
    assert!(error.is_token_expired(), "{error:?}");
    assert_eq!(fake.requests_of("get_me").len(), 1);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_error_says_why() {
    let fake = service().await;
    let cases: [(TokenError, bool, bool); 3] = [
        (TokenError::ConsentRequired("why".to_owned()), true, false),
        (TokenError::ClientRefused("why".to_owned()), false, false),
        (TokenError::Unavailable("why".to_owned()), false, true),
    ];
    for (reason, is_consent_required, is_retryable) in cases {
        let given = reason.clone();
        let provider = TokenFn::new(subject(), move || {
            let given = given.clone();
            async move { Err(given) }
        });
        let client = client(&fake).credentials(Credentials::provider(provider)).build().unwrap();
        let error = client.raw().get_me().await.unwrap_err();
        assert_eq!((error.is_consent_required(), error.is_retryable()), (is_consent_required, is_retryable));
        assert!(error.to_string().contains(&reason.to_string()) && error.attempts() == 0, "{error}");
    }
    assert!(fake.requests().is_empty());
}

/// Gives no token, ever.
#[derive(Debug)]
struct Silent;

impl TokenProvider for Silent {
    fn subject(&self) -> TokenSubject {
        subject()
    }

    fn token(&self) -> TokenFuture<'_, ProvidedToken> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_gives_nothing_is_waited_for_until_the_deadline() {
    let client = Client::builder().credentials(Arc::new(Silent)).build().unwrap();
    let started = tokio::time::Instant::now();
    let error = client.raw().get_me().deadline(Duration::from_secs(7)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && error.is_retryable(), "{error:?}");
    assert_eq!(started.elapsed().as_secs(), 7);
}

#[test]
fn no_debug_shows_a_token_or_a_subject() {
    let provider = FixedToken::new(subject(), &AccessToken::new(TOKENS[0])).unwrap();
    let text = format!("{provider:?} {:?} {:?}", token(TOKENS[0]), subject());
    let client = Client::builder().credentials(Credentials::provider(provider)).build().unwrap();
    let text = format!("{text} {client:?}");
    assert!(!text.contains("planted"), "{text}");
}
