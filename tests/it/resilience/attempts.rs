//! A circuit counts calls, not their attempts.

use std::{sync::atomic::Ordering, time::Duration};

use calcom::{CircuitState, Client, state::Store};

use super::{breaker::state_of, user};
use crate::support::socket::{self, Service, Step};

#[tokio::test(start_paused = true)]
async fn a_call_counts_once_whatever_its_attempts() {
    let failing = socket::json(500, &[], "{}");
    let service = Service::serving_with(move |_| failing.clone()).await;
    let client = service.client().bypass_cache();
    for calls in 1..=5 {
        assert_eq!(state_of(&client, "get_me").await, CircuitState::Closed, "after {} calls", calls - 1);
        assert_eq!(client.raw().get_me().await.unwrap_err().attempts(), 3);
    }
    assert_eq!(state_of(&client, "get_me").await, CircuitState::Open);
    assert_eq!(service.requests().len(), 15);
    // The same holds for connections that break.
    let service = Service::start(std::iter::repeat(vec![Step::Request, Step::Reset])).await;
    let client = service.client().bypass_cache();
    for _ in 0..4 {
        assert_eq!(client.raw().get_me().await.unwrap_err().attempts(), 3);
    }
    assert_eq!(client.circuit_state().await, CircuitState::Closed);
    client.raw().get_me().await.unwrap_err();
    assert_eq!(client.circuit_state().await, CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_succeeds_at_its_last_attempt_is_no_failure() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let (failing, well) = (socket::json(503, &[], "{}"), socket::json(200, &[], user(1).to_string()));
    let service = Service::serving_with(move |_| {
        if count.fetch_add(1, Ordering::Relaxed) % 3 == 2 { well.clone() } else { failing.clone() }
    })
    .await;
    let client = service.client().bypass_cache();
    for _ in 0..10 {
        client.raw().get_me().await.unwrap();
    }
    assert_eq!((client.circuits().await, service.requests().len()), (vec![], 30));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_retried_releases_its_permit() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let (failing, well) = (socket::json(500, &[], "{}"), socket::json(200, &[], user(1).to_string()));
    // Five calls of one attempt fail; then every call fails twice and succeeds at its third attempt.
    let service = Service::serving_with(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        n if n < 5 || (n - 5) % 3 < 2 => failing.clone(),
        _ => well.clone(),
    })
    .await;
    let mut config = calcom::Config::default();
    config.api_url = service.url();
    config.circuit_breaker.half_open_requests = 1;
    let client = |attempts, store: &Store| {
        let builder = Client::builder().config(config.clone()).credentials(calcom::ApiKey::new("k"));
        builder.max_attempts(attempts).store(store.clone()).build().unwrap().bypass_cache()
    };
    let store = Store::memory(1 << 20);
    let once = client(1, &store);
    for _ in 0..5 {
        once.raw().get_me().await.unwrap_err();
    }
    assert_eq!(state_of(&once, "get_me").await, CircuitState::Open);
    tokio::time::advance(Duration::from_secs(60)).await;
    for expected in [CircuitState::HalfOpen, CircuitState::Closed] {
        client(3, &store).raw().get_me().await.unwrap();
        assert_eq!(state_of(&once, "get_me").await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_before_its_next_attempt_failed_all_the_same() {
    // The response that fails blocks the limiter for longer than the call has time.
    let headers = [
        ("x-ratelimit-limit-default", "100"),
        ("x-ratelimit-remaining-default", "0"),
        ("x-ratelimit-reset-default", "100"),
    ];
    let failing = socket::json(500, &headers, "{}");
    let service = Service::serving_with(move |_| failing.clone()).await;
    let client = service.client().bypass_cache();
    for _ in 0..5 {
        let error = client.raw().get_me().await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(500), 1));
        client.reset_quota().await;
    }
    assert_eq!(state_of(&client, "get_me").await, CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn a_retry_asks_the_breaker_for_a_permit() {
    let failing = socket::json(500, &[], "{}");
    let service = Service::serving_with(move |_| failing.clone()).await;
    let store = Store::memory(1 << 20);
    let client = service.builder().max_attempts(100).total_timeout(Duration::from_secs(3_600)).store(store.clone());
    let client = client.build().unwrap();
    let other = service.builder().max_attempts(1).store(store).build().unwrap();
    let call = tokio::spawn(async move { client.raw().get_me().await.unwrap_err() });
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let _ = other.raw().get_me().await;
    }
    assert_eq!(state_of(&other, "get_me").await, CircuitState::Open);
    let error = call.await.unwrap();
    // The service's last error is returned in place of the rejection.
    assert_eq!(error.status(), Some(500));
    assert!((1..100).contains(&error.attempts()), "{}", error.attempts());
}
