//! Options of single calls, switches of the builder, and what is known of a successful call.

use std::{sync::Arc, time::Duration};

use calcom::{
    Error,
    config::{CacheConfig, CircuitBreakerConfig, RateLimitConfig, RetryConfig},
    observe::ResponseLog,
    state::{MemoryStore, Store},
};
use serde_json::json;

use crate::support::{
    recorded_body, socket,
    socket::{Service, Step, answer},
};

fn me() -> Vec<u8> {
    let headers =
        [("x-request-id", "req-1"), ("x-ratelimit-limit-default", "120"), ("x-ratelimit-remaining-default", "7")];
    socket::json(200, &headers, recorded_body("me/get-2024-06-14").to_string())
}

#[tokio::test(start_paused = true)]
async fn an_option_of_a_call_does_not_consume_the_client_and_does_not_change_it() {
    let service = Service::serving_after(Duration::from_secs(3), |_| me()).await;
    let client = service.builder().no_cache().no_retries().build().unwrap();
    let late = client.with_deadline(Duration::from_secs(1)).me().get().await.unwrap_err();
    assert!(matches!(late, Error::Timeout(_)), "{late}");
    let late = client.with_timeout(Duration::from_secs(1)).me().get().await.unwrap_err();
    assert!(matches!(late, Error::Timeout(_)), "{late}");
    client.with_version("2030-01-01").me().get().await.unwrap();
    client.me().get().await.unwrap();
    let versions: Vec<_> =
        service.requests().iter().map(|sent| sent.header("cal-api-version").map(str::to_owned)).collect();
    assert_eq!(versions[2..], [Some("2030-01-01".to_owned()), None]);
}

#[tokio::test(start_paused = true)]
async fn the_switches_of_the_builder_turn_off_cache_breaker_and_retries() {
    let service = Service::serving_with(|_| me()).await;
    let client = service.builder().no_cache().build().unwrap();
    client.me().get().await.unwrap();
    client.me().get().await.unwrap();
    assert_eq!(service.requests().len(), 2, "nothing is cached");

    let failing = Service::serving_with(|_| answer(500, &[], "{}")).await;
    let client = failing.builder().no_retries().no_circuit_breaker().build().unwrap();
    for _ in 0..20 {
        let error = client.me().get().await.unwrap_err();
        assert_eq!((error.attempts(), error.is_circuit_open()), (1, false));
    }
    assert_eq!(failing.requests().len(), 20, "no call is rejected or retried");

    let builder = failing.builder().circuit_breaker(CircuitBreakerConfig::default().failure_threshold(1u32));
    let client = builder.retry(RetryConfig::default().times(2u32)).build().unwrap();
    assert_eq!(client.me().get().await.unwrap_err().attempts(), 2);
    assert!(client.me().get().await.unwrap_err().is_circuit_open());

    let client = service.builder().cache(CacheConfig::default().ttl("user", Duration::ZERO)).build().unwrap();
    client.me().get().await.unwrap();
    client.me().get().await.unwrap();
    assert_eq!(service.requests().len(), 4, "a response is stale at once");
}

#[tokio::test(start_paused = true)]
async fn bounds_of_any_size_of_the_limiter_are_no_error() {
    let service = Service::serving_with(|_| me()).await;
    for (per_minute, burst) in [(1, u32::MAX), (u32::MAX, 1), (u32::MAX, u32::MAX), (1, 1)] {
        let limits = RateLimitConfig::default().per_minute(per_minute).burst(burst).max_wait(Duration::MAX);
        for store in [Store::memory(0), Store::shared(Arc::new(MemoryStore::new(0)), 0)] {
            let client = service.builder().no_cache().rate_limit(limits.clone()).store(store).build().unwrap();
            let client = client.with_deadline(Duration::MAX).with_timeout(Duration::MAX);
            let before = service.requests().len();
            client.me().get().await.unwrap();
            client.me().get().await.unwrap();
            assert_eq!(service.requests().len(), before + 2, "{per_minute}, {burst}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_limiter_requests_are_sent_at_once_with_a_store_of_any_kind() {
    let shared = || Store::shared(Arc::new(MemoryStore::new(1 << 20)), 0);
    for store in [Store::memory(0), shared(), shared()] {
        let service = Service::serving_after(Duration::from_secs(3), |_| me()).await;
        let client = service.builder().no_cache().no_rate_limit().store(store).build().unwrap();
        let began = tokio::time::Instant::now();
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.me().get().await.map(drop) })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        assert_eq!((service.requests().len(), client.quota().await.limits), (50, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_limiter_requests_are_sent_at_any_rate_and_a_429_ends_its_call() {
    let exhausted = [("x-ratelimit-limit-default", "1"), ("x-ratelimit-remaining-default", "0"), ("retry-after", "60")];
    let service = Service::serving_with(move |_| answer(429, &exhausted, "{}")).await;
    let client = service.builder().no_rate_limit().build().unwrap();
    let began = tokio::time::Instant::now();
    for _ in 0..200 {
        let error = client.me().get().await.unwrap_err();
        assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(60))));
    }
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(service.requests().len(), 200);
    assert_eq!(client.quota().await.limits, []);

    let limited = service.builder().rate_limit(RateLimitConfig::default().wait(false)).no_retries().build().unwrap();
    limited.me().get().await.unwrap_err();
    assert_eq!(limited.me().get().await.unwrap_err().attempts(), 0, "the limiter does not send it");
}

#[tokio::test(start_paused = true)]
async fn status_headers_request_id_limits_and_attempts_of_a_successful_call_are_in_its_log() {
    let service = Service::start([
        vec![Step::Request, Step::Write(answer(503, &[("x-request-id", "req-0")], "{}")), Step::Close],
        vec![Step::Request, Step::Write(me()), Step::Close],
        vec![Step::Request, Step::Write(answer(404, &[], "{}")), Step::Close],
    ])
    .await;
    let client = service.client();
    let log = ResponseLog::default();
    let logged = client.with_response_log(&log);
    logged.me().get().await.unwrap();
    let response = log.last().unwrap();
    assert_eq!((response.operation(), response.status(), response.attempts()), ("get_me", 200, 2));
    assert_eq!((response.request_id(), response.is_cached()), (Some("req-1"), false));
    assert_eq!(response.headers()["x-request-id"], "req-1");
    let limits = response.rate_limits();
    assert_eq!((limits[0].name.as_str(), limits[0].limit, limits[0].remaining), ("default", Some(120), Some(7)));

    logged.me().get().await.unwrap();
    let cached = log.last().unwrap();
    assert_eq!((cached.attempts(), cached.is_cached()), (0, true));

    // A call that fails, and a call of the client without the log, are not in it.
    logged.bookings().get("uid").await.unwrap_err();
    client.me().get().await.unwrap();
    assert_eq!(log.take().len(), 2);
    assert!(log.last().is_none());

    let raw = client.raw().get_me().await.unwrap();
    assert_eq!((raw.attempts(), raw.is_cached()), (0, true));
}

#[tokio::test(start_paused = true)]
async fn a_log_has_every_page_of_a_list_and_shows_no_header_that_could_be_personal() {
    let page = |_: &socket::Received| {
        let body = json!({"status": "success", "data": [], "pagination": {"totalItems": 0, "remainingItems": 0,
            "returnedItems": 0, "itemsPerPage": 1, "currentPage": 1, "totalPages": 1, "hasNextPage": false,
            "hasPreviousPage": false}});
        socket::json(200, &[("x-planted", "planted@example.com")], body.to_string())
    };
    let service = Service::serving_with(page).await;
    let log = ResponseLog::default();
    let client = service.client().with_response_log(&log);
    for _ in 0..70 {
        client.bookings().list(&Default::default()).await.unwrap();
    }
    assert!(!format!("{log:?}").contains("planted"));
    assert_eq!(log.take().len(), 64, "a log is bounded");
}
