//! Circuit breaker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use calcom::{ApiKey, CircuitState, Client, Config};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{config, differs, holds};

/// In the place of a status: no answer at all.
const NEVER: u16 = 0;

/// A server that answers with the status that it is told.
struct Setup {
    server: MockServer,
    status: Arc<AtomicU16>,
    client: Client,
}

async fn setup() -> Setup {
    let server = MockServer::start().await;
    let status = Arc::new(AtomicU16::new(200));
    let told = Arc::clone(&status);
    let me: Value = serde_json::from_str(include_str!("me.json")).unwrap();
    let answer = move |_: &Request| match told.load(Ordering::Relaxed) {
        NEVER => ResponseTemplate::new(200).set_delay(Duration::from_secs(3_600)),
        200 => ResponseTemplate::new(200).set_body_json(&me),
        status => ResponseTemplate::new(status),
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = Client::builder().credentials(ApiKey::new("cal_live_planted")).api_url(server.uri()).max_attempts(1);
    let client = client.request_timeout(Duration::from_millis(600));
    Setup { client: client.build().unwrap(), server, status }
}

impl Setup {
    async fn call(&self, status: u16) -> bool {
        self.status.store(status, Ordering::Relaxed);
        let client = self.client.bypass_cache();
        let client = if status == NEVER { client.with_deadline(Duration::from_millis(60)) } else { client };
        client.me().get().await.is_ok()
    }

    async fn open(&self) {
        for _ in 0..5 {
            assert!(!self.call(NEVER).await);
        }
    }

    async fn state(&self) -> CircuitState {
        self.client.circuit_state().await
    }

    async fn sent(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[test]
fn circuit_breaker_enabled() {
    holds("Circuit Breaker: Configuration");
    assert!(Config::default().circuit_breaker.enabled);
}

#[test]
fn circuit_breaker_failure_threshold() {
    holds("Circuit Breaker: Configuration");
    assert_eq!(Config::default().circuit_breaker.failure_threshold, 5);
}

#[test]
fn circuit_breaker_success_threshold() {
    holds("Circuit Breaker: Configuration");
    assert_eq!(Config::default().circuit_breaker.success_threshold, 2);
}

#[test]
fn circuit_breaker_timeout_in_seconds() {
    holds("Circuit Breaker: Configuration");
    assert_eq!(Config::default().circuit_breaker.timeout, Duration::from_secs(60));
}

#[test]
fn circuit_breaker_redis_key() {
    holds("Circuit Breaker: Configuration");
    assert_eq!(Config::default().circuit_breaker.redis_key, "calcom:circuit:state");
}

#[test]
fn circuit_breaker_is_read_under_its_keys() {
    holds("Circuit Breaker: Configuration");
    let read = config(json!({"circuit_breaker": {
        "enabled": true, "failure_threshold": 5, "success_threshold": 2, "timeout": 60,
        "redis_key": "calcom:circuit:state",
    }}));
    assert_eq!(read, Config::default());
}

#[tokio::test]
async fn circuit_breaker_every_tenant_has_one() {
    differs("Circuit Breaker: Configuration", "redis-tenants");
    let setup = setup().await;
    setup.open().await;
    let other = setup.client.with_credentials(ApiKey::new("cal_live_other")).unwrap();
    assert_eq!((setup.state().await, other.circuit_state().await), (CircuitState::Open, CircuitState::Closed));
}

#[tokio::test]
async fn states_closed_is_normal_operation() {
    holds("States");
    let setup = setup().await;
    assert!(setup.call(200).await);
    for _ in 0..4 {
        assert!(!setup.call(NEVER).await);
    }
    assert_eq!((setup.state().await, setup.state().await.as_str()), (CircuitState::Closed, "CLOSED"));
    assert_eq!(setup.sent().await, 5);
}

#[tokio::test]
async fn states_open_lets_all_requests_fail_immediately() {
    holds("States");
    let setup = setup().await;
    setup.open().await;
    assert_eq!((setup.state().await, setup.state().await.as_str()), (CircuitState::Open, "OPEN"));
    for _ in 0..10 {
        assert!(!setup.call(200).await);
    }
    assert_eq!(setup.sent().await, 5, "nothing is sent");
}

#[tokio::test]
async fn states_open_after_errors_of_one_operation_is_that_operations() {
    differs("States", "circuit-scope");
    let setup = setup().await;
    for _ in 0..5 {
        assert!(!setup.call(503).await);
    }
    let open: Vec<_> = setup.client.circuits().await.iter().map(|it| (it.operation, it.state)).collect();
    assert_eq!((setup.state().await, open), (CircuitState::Closed, vec![("get_me", CircuitState::Open)]));
    assert!(!setup.call(200).await);
    assert_eq!(setup.sent().await, 5, "calls of the operation are refused");
    setup.client.schedules().list().await.unwrap_err();
    assert_eq!(setup.sent().await, 6, "others are sent");
    setup.client.reset_circuit().await;
    assert!(setup.call(200).await);
}

#[tokio::test]
async fn states_open_still_gives_what_is_cached() {
    differs("States", "open-cached");
    let setup = setup().await;
    setup.client.me().get().await.unwrap();
    setup.open().await;
    assert_eq!(setup.client.me().get().await.unwrap().id.0, 12345);
}

#[tokio::test]
async fn states_half_open_lets_limited_requests_test_recovery() {
    holds("States");
    let setup = setup().await;
    setup.open().await;
    pass(Duration::from_secs(60)).await;
    assert_eq!((setup.state().await, setup.state().await.as_str()), (CircuitState::HalfOpen, "HALF_OPEN"));
    assert!(setup.call(200).await);
    assert_eq!(setup.state().await, CircuitState::HalfOpen);
    assert!(setup.call(200).await);
    assert_eq!(setup.state().await, CircuitState::Closed, "after two successes");
}

#[tokio::test]
async fn states_half_open_lets_no_more_than_three_requests_go_at_once() {
    holds("States");
    let setup = setup().await;
    setup.open().await;
    pass(Duration::from_secs(60)).await;
    setup.status.store(NEVER, Ordering::Relaxed);
    let client = setup.client.bypass_cache().with_deadline(Duration::from_millis(500));
    let call = async || client.me().get().await.unwrap_err().attempts();
    let sent = tokio::join!(call(), call(), call(), call(), call());
    assert_eq!(sent.0 + sent.1 + sent.2 + sent.3 + sent.4, 3, "{sent:?}");
    assert_eq!(setup.sent().await, 5 + 3);
}

#[tokio::test]
async fn states_half_open_a_failure_opens_it_again() {
    holds("States");
    let setup = setup().await;
    setup.open().await;
    pass(Duration::from_secs(60)).await;
    assert!(!setup.call(NEVER).await);
    assert_eq!(setup.state().await, CircuitState::Open);
}

#[tokio::test]
async fn usage_the_state_can_be_asked_for() {
    holds("Usage");
    let setup = setup().await;
    assert_eq!(setup.client.circuit_state().await, CircuitState::Closed);
    setup.open().await;
    assert_eq!(setup.client.circuit_state().await, CircuitState::Open);
}

#[tokio::test]
async fn usage_it_is_reset_by_force() {
    holds("Usage");
    let setup = setup().await;
    setup.open().await;
    setup.client.reset_circuit().await;
    assert_eq!(setup.state().await, CircuitState::Closed);
    assert!(setup.call(200).await);
}
