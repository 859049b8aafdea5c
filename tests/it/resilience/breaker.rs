//! The circuit breakers: one of the tenant, which calls without a response open, and one of each operation, which 5xx open.
//! Calls count, not attempts.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use calcom::{CircuitState, CircuitTransition, Client, Error, OperationCircuit};
use serde_json::json;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{once, pass, user};
use crate::support::socket::{self, Service, Step};

/// A server that returns the given statuses, and a client that records every transition.
struct Setup {
    server: MockServer,
    status: Arc<AtomicU16>,
    client: Client,
    changes: Arc<Mutex<Vec<String>>>,
}

const NEVER: u16 = 0;

async fn setup() -> Setup {
    let server = MockServer::start().await;
    let status = Arc::new(AtomicU16::new(200));
    let told = Arc::clone(&status);
    let answer = move |_: &Request| match told.load(Ordering::Relaxed) {
        NEVER => ResponseTemplate::new(200).set_delay(Duration::from_secs(3_600)),
        200 => ResponseTemplate::new(200).set_body_json(user(1)),
        status => ResponseTemplate::new(status).set_body_json(json!({"status": "error", "error": {"message": "no"}})),
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let changes = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&changes);
    let hook = move |change: CircuitTransition| {
        let whose = change.operation.unwrap_or("tenant");
        noted.lock().unwrap().push(format!("{whose}: {} -> {}", change.from, change.to));
    };
    let client = once(server.uri())
        .request_timeout(Duration::from_millis(600))
        .on_circuit_change(hook)
        .build()
        .unwrap()
        .bypass_cache();
    Setup { server, status, client, changes }
}

impl Setup {
    async fn call(&self, status: u16) -> Result<(), Error> {
        self.status.store(status, Ordering::Relaxed);
        self.client.raw().get_me().await.map(drop)
    }

    async fn calls(&self, status: u16, times: usize) {
        for _ in 0..times {
            let _ = self.call(status).await;
        }
    }

    /// The state of the circuit of `get_me`; that of the tenant is closed.
    async fn state(&self) -> CircuitState {
        assert_eq!(self.client.circuit_state().await, CircuitState::Closed);
        state_of(&self.client, "get_me").await
    }

    async fn sent(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

pub(super) async fn state_of(client: &Client, operation: &str) -> CircuitState {
    let open: Vec<OperationCircuit> = client.circuits().await;
    assert!(open.iter().all(|open| open.state != CircuitState::Closed), "{open:?}");
    open.iter().find(|open| open.operation == operation).map_or(CircuitState::Closed, |open| open.state)
}

#[tokio::test]
async fn errors_of_the_client_never_open_the_circuit() {
    let setup = setup().await;
    for status in [400, 401, 403, 404, 409, 422, 498] {
        setup.calls(status, 5).await;
    }
    assert_eq!(setup.sent().await, 35);
    // It shows that the service is up: only consecutive failures count.
    setup.calls(500, 4).await;
    setup.calls(404, 1).await;
    setup.calls(500, 4).await;
    assert_eq!(setup.state().await, CircuitState::Closed);
    setup.calls(500, 1).await;
    assert_eq!(setup.state().await, CircuitState::Open);
}

#[tokio::test]
async fn a_429_closes_the_limiter_and_not_the_circuit() {
    let setup = setup().await;
    for _ in 0..10 {
        setup.calls(429, 1).await;
        pass(Duration::from_secs(120)).await;
    }
    assert_eq!((setup.sent().await, setup.state().await), (10, CircuitState::Closed));
}

#[tokio::test]
async fn five_failures_open_the_circuit_and_two_successes_close_it() {
    let setup = setup().await;
    setup.calls(503, 4).await;
    setup.calls(200, 1).await;
    setup.calls(500, 4).await;
    assert_eq!(setup.state().await, CircuitState::Closed);
    setup.calls(502, 1).await;
    assert_eq!(setup.state().await, CircuitState::Open);

    let before = setup.sent().await;
    let error = setup.call(200).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)) && error.details().is_circuit_open());
    assert!(error.is_retryable() && !error.may_have_been_applied());
    assert_eq!((error.attempts(), error.operation()), (0, Some("get_me")));
    let wait = error.retry_after().unwrap();
    assert!(wait > Duration::from_secs(58) && wait <= Duration::from_secs(60), "{wait:?}");
    assert_eq!(setup.sent().await, before, "refused without being sent");

    pass(Duration::from_secs(60)).await;
    assert_eq!(setup.state().await, CircuitState::HalfOpen);
    setup.calls(200, 1).await;
    setup.calls(500, 1).await;
    assert_eq!(setup.state().await, CircuitState::Open);
    pass(Duration::from_secs(60)).await;
    setup.calls(200, 1).await;
    assert_eq!(setup.state().await, CircuitState::HalfOpen, "the old success does not count");
    setup.calls(200, 1).await;
    assert_eq!(setup.state().await, CircuitState::Closed);
    let changes = setup.changes.lock().unwrap().join(", ");
    let expected =
        ["CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED"];
    assert_eq!(changes, expected.map(|change| format!("get_me: {change}")).join(", "));
}

#[tokio::test]
async fn an_open_circuit_does_not_close_without_requests() {
    let setup = setup().await;
    setup.calls(500, 5).await;
    pass(Duration::from_secs(48 * 3_600)).await;
    assert_eq!(setup.state().await, CircuitState::HalfOpen);
    setup.calls(500, 1).await;
    assert_eq!(setup.state().await, CircuitState::Open);
}

#[tokio::test]
async fn a_probe_that_the_caller_drops_is_released() {
    let setup = setup().await;
    setup.calls(500, 5).await;
    pass(Duration::from_secs(60)).await;
    setup.status.store(NEVER, Ordering::Relaxed);
    for round in 1..=3 {
        let probes: Vec<_> = (0..3)
            .map(|_| {
                let client = setup.client.clone();
                tokio::spawn(async move { client.raw().get_me().await.map(drop) })
            })
            .collect();
        while setup.sent().await < 5 + 3 * round {
            tokio::task::yield_now().await;
        }
        let refused = setup.call(NEVER).await.unwrap_err();
        assert!(refused.details().is_circuit_open() && refused.retry_after().is_some());
        for probe in probes {
            probe.abort();
            assert!(probe.await.unwrap_err().is_cancelled());
        }
    }
    assert_eq!(setup.state().await, CircuitState::HalfOpen, "dropped is neither success nor failure");
    setup.calls(200, 2).await;
    assert_eq!(setup.state().await, CircuitState::Closed);
}

#[tokio::test]
async fn timeouts_and_refused_connections_open_the_tenants() {
    let setup = setup().await;
    let client = setup.client.with_deadline(Duration::from_millis(60));
    setup.status.store(NEVER, Ordering::Relaxed);
    for _ in 0..5 {
        assert!(matches!(client.raw().get_me().await, Err(Error::Timeout(_))));
    }
    assert_eq!(client.circuit_state().await, CircuitState::Open);
    assert_eq!(client.circuits().await, [], "no operation's");
    let refused = client.raw().get_booking("uid").await.unwrap_err();
    assert!(refused.details().is_circuit_open(), "the same service does not answer that either");
    assert_eq!(*setup.changes.lock().unwrap(), ["tenant: CLOSED -> OPEN"]);

    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = once(format!("http://{unused}")).build().unwrap();
    for _ in 0..5 {
        assert!(matches!(client.raw().get_me().await, Err(Error::Transport(..))));
    }
    assert_eq!(client.circuit_state().await, CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_ends_early_counts_as_no_response() {
    let begun = [socket::head(200, &[], 1_000), b"{".to_vec()].concat();
    let service =
        Service::start(std::iter::repeat_with(move || vec![Step::Request, Step::Write(begun.clone()), Step::Close]));
    let service = service.await;
    let client = once(service.url()).build().unwrap().bypass_cache();
    for _ in 0..5 {
        assert_eq!(client.circuit_state().await, CircuitState::Closed);
        assert!(matches!(client.raw().get_me().await, Err(Error::Transport(..))));
    }
    assert_eq!(client.circuit_state().await, CircuitState::Open);
}

#[tokio::test]
async fn any_answer_that_shows_the_service_up_closes_the_tenants_again() {
    for (status, closes) in [(200, true), (404, true), (401, true), (429, true), (500, false)] {
        let setup = setup().await;
        let client = setup.client.with_deadline(Duration::from_millis(60));
        setup.status.store(NEVER, Ordering::Relaxed);
        for _ in 0..5 {
            client.raw().get_me().await.unwrap_err();
        }
        pass(Duration::from_secs(60)).await;
        assert_eq!(client.circuit_state().await, CircuitState::HalfOpen);
        setup.calls(status, 1).await;
        pass(Duration::from_secs(120)).await; // After a 429.
        setup.calls(status, 1).await;
        let expected = if closes { CircuitState::Closed } else { CircuitState::HalfOpen };
        assert_eq!(client.circuit_state().await, expected, "{status}");
    }
}

#[tokio::test]
async fn answers_between_calls_without_an_answer_start_the_count_anew() {
    let setup = setup().await;
    let client = setup.client.with_deadline(Duration::from_millis(60));
    for _ in 0..3 {
        setup.status.store(NEVER, Ordering::Relaxed);
        for _ in 0..4 {
            client.raw().get_me().await.unwrap_err();
        }
        setup.calls(404, 1).await;
    }
    assert_eq!(client.circuit_state().await, CircuitState::Closed);
}

#[tokio::test]
async fn an_operation_that_fails_stops_no_other() {
    let setup = setup().await;
    setup.calls(500, 5).await;
    assert!(setup.call(200).await.unwrap_err().details().is_circuit_open());
    setup.status.store(404, Ordering::Relaxed);
    let error = setup.client.raw().get_booking("uid").await.unwrap_err();
    assert_eq!(error.status(), Some(404), "it was sent");
    let open = setup.client.circuits().await;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].operation, open[0].state), ("get_me", CircuitState::Open));
    assert!(open[0].retry_after > Duration::from_secs(58), "{open:?}");
    // A response to another operation does not affect this circuit.
    assert_eq!(setup.state().await, CircuitState::Open);
    setup.client.reset_circuit().await;
    assert_eq!(setup.client.circuits().await, []);
    assert!(setup.call(200).await.is_ok());
    assert_eq!(*setup.changes.lock().unwrap(), ["get_me: CLOSED -> OPEN", "get_me: OPEN -> CLOSED"]);
}

#[tokio::test]
async fn an_operations_circuit_is_closed_by_answers_below_500() {
    let setup = setup().await;
    setup.calls(500, 5).await;
    pass(Duration::from_secs(60)).await;
    assert_eq!(setup.state().await, CircuitState::HalfOpen);
    setup.calls(404, 2).await;
    assert_eq!(setup.state().await, CircuitState::Closed);
}

#[tokio::test]
async fn a_reset_closes_the_circuit_and_a_setting_disables_it() {
    let setup = setup().await;
    setup.calls(500, 5).await;
    setup.client.reset_circuit().await;
    assert_eq!(setup.state().await, CircuitState::Closed);
    assert!(setup.call(200).await.is_ok());

    let config = serde_json::from_value(json!({
        "api_url": setup.server.uri(), "circuit_breaker": {"enabled": false}, "retry": {"times": 1}
    }));
    let client = Client::builder().config(config.unwrap()).credentials(calcom::ApiKey::new("k")).build().unwrap();
    setup.status.store(500, Ordering::Relaxed);
    for _ in 0..20 {
        assert!(!client.raw().get_me().await.unwrap_err().details().is_circuit_open());
    }
}

#[tokio::test]
async fn a_tenant_whose_circuit_is_open_does_not_stop_the_others() {
    let setup = setup().await;
    let other = setup.client.with_credentials(calcom::ApiKey::new("cal_live_another")).unwrap();
    setup.calls(500, 5).await;
    assert_eq!(setup.state().await, CircuitState::Open);
    assert_eq!(state_of(&other, "get_me").await, CircuitState::Closed);
    setup.status.store(200, Ordering::Relaxed);
    assert!(other.raw().get_me().await.is_ok());
    other.reset_circuit().await;
    assert_eq!(setup.state().await, CircuitState::Open, "closed by hand is the tenant's own alone");
    // The same credential over the same store is the same tenant.
    let same = other.with_credentials(calcom::ApiKey::new("cal_live_planted")).unwrap();
    assert!(same.raw().get_me().await.unwrap_err().details().is_circuit_open());
}
