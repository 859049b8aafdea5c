use tokio::time::advance;

use super::*;
use crate::state::{TenantId, circuit::CircuitSettings};

fn breaker() -> (Breaker, Arc<Mutex<Vec<String>>>) {
    let settings = CircuitSettings {
        failure_threshold: 5,
        success_threshold: 2,
        open_duration: Duration::from_secs(60),
        max_probes: 3,
    };
    let id = CircuitId {
        key_prefix: "calcom:circuit:state".into(),
        tenant: TenantId::new("https://api.cal.com", &["key"]),
        operation: None,
        settings,
    };
    let changes = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&changes);
    let hook = move |change: CircuitTransition| lock(&log).push(format!("{} -> {}", change.from, change.to));
    (Breaker::new(Store::memory(1 << 20), id, true, Some(Arc::new(hook))), changes)
}

async fn calls(breaker: &Breaker, health: Health, times: usize) {
    for _ in 0..times {
        breaker.acquire(Instant::now(), "get_me").await.unwrap().complete(health, Instant::now());
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_opens_probes_and_closes_and_reports_every_transition() {
    let (breaker, changes) = breaker();
    calls(&breaker, Health::Unreachable, 4).await;
    calls(&breaker, Health::Up, 1).await;
    calls(&breaker, Health::Unreachable, 4).await;
    assert_eq!(breaker.state().await, CircuitState::Closed, "a success in between starts the count anew");
    calls(&breaker, Health::Unreachable, 1).await;
    assert_eq!(breaker.state().await, CircuitState::Open);
    assert_eq!(breaker.acquire(Instant::now(), "get_me").await.unwrap_err().retry_after, Duration::from_secs(60));
    advance(Duration::from_secs(60)).await;
    assert_eq!(breaker.state().await, CircuitState::HalfOpen);
    calls(&breaker, Health::Up, 1).await;
    calls(&breaker, Health::Unreachable, 1).await;
    assert_eq!(breaker.state().await, CircuitState::Open);
    advance(Duration::from_secs(60)).await;
    calls(&breaker, Health::Up, 2).await;
    assert_eq!(breaker.state().await, CircuitState::Closed);
    let expected =
        ["CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED"];
    assert_eq!(*lock(&changes), expected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_is_released() {
    let (breaker, _) = breaker();
    calls(&breaker, Health::Unreachable, 5).await;
    advance(Duration::from_secs(60)).await;
    for _ in 0..100 {
        let probe = || breaker.acquire(Instant::now(), "get_me");
        let probes = (probe().await.unwrap(), probe().await.unwrap(), probe().await.unwrap());
        assert!(probe().await.is_err(), "three at once and no more");
        drop(probes);
    }
    assert_eq!(breaker.state().await, CircuitState::HalfOpen);
}

#[tokio::test(start_paused = true)]
async fn a_reset_closes_the_breaker() {
    let (breaker, changes) = breaker();
    calls(&breaker, Health::Unreachable, 5).await;
    breaker.reset().await;
    assert_eq!(breaker.state().await, CircuitState::Closed);
    assert!(breaker.acquire(Instant::now(), "get_me").await.is_ok());
    assert_eq!(*lock(&changes), ["CLOSED -> OPEN", "OPEN -> CLOSED"]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_the_operations_circuit_rejects_is_released() {
    let (breaker, _) = breaker();
    calls(&breaker, Health::Unreachable, 5).await;
    advance(Duration::from_secs(60)).await;
    // The tenant's circuit stays half-open, the operation's opens.
    calls(&breaker, Health::Failing, 5).await;
    for _ in 0..10 {
        assert_eq!(breaker.acquire(Instant::now(), "get_me").await.unwrap_err().retry_after, Duration::from_secs(60));
    }
    assert_eq!(breaker.state().await, CircuitState::HalfOpen);
    assert!(breaker.acquire(Instant::now(), "get_booking").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn shared_breakers_that_were_closed_are_read_beside_other_steps_and_an_open_one_is_noticed_before_the_request() {
    let settings = CircuitSettings {
        failure_threshold: 1,
        success_threshold: 1,
        open_duration: Duration::from_secs(60),
        max_probes: 1,
    };
    let tenant = TenantId::new("https://api.cal.com", &["key"]);
    let id = CircuitId { key_prefix: "calcom:circuit:state".into(), tenant, operation: None, settings };
    let shared = Arc::new(crate::state::MemoryStore::new(0));
    let of_process = || Breaker::new(Store::shared(shared.clone(), 0), id.clone(), true, None);
    let (one, other) = (of_process(), of_process());
    assert!(one.begin_refresh(), "never read");
    tokio::task::yield_now().await;
    assert!(!one.begin_refresh(), "just read");
    calls(&one, Health::Up, 1).await;

    calls(&other, Health::Unreachable, 1).await;
    advance(SNAPSHOT_TTL).await;
    assert!(one.begin_refresh(), "it was closed, as far as this process knows");
    assert!(one.acquire(Instant::now(), "get_me").await.is_err());
    advance(SNAPSHOT_TTL).await;
    assert!(!one.begin_refresh(), "an open one rejects at once");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ended_before_a_transition_and_is_recorded_after_it_reports_no_earlier_state() {
    let (breaker, changes) = breaker();
    for health in [Health::Unreachable, Health::Failing] {
        lock(&changes).clear();
        let acquire = || breaker.try_acquire(Instant::now(), "get_me").unwrap();
        let (permits, late) = (std::array::from_fn::<_, 6, _>(|_| acquire()), acquire());
        calls(&breaker, health, 5).await;
        assert_eq!(*lock(&changes), ["CLOSED -> OPEN"], "{health:?}");
        advance(Duration::from_secs(59)).await;
        let ended = Instant::now();
        advance(Duration::from_secs(1)).await;
        permits.into_iter().for_each(|permit| permit.complete(Health::Up, Instant::now()));
        late.complete(Health::Up, ended);
        assert_eq!(*lock(&changes), ["CLOSED -> OPEN", "OPEN -> HALF_OPEN"], "{health:?}");
        breaker.reset().await;
        assert_eq!(*lock(&changes), ["CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED"], "{health:?}");
    }
}

#[test]
fn threads_that_fail_at_once_report_one_transition() {
    for health in [Health::Unreachable, Health::Failing] {
        for round in 0..300 {
            let (breaker, changes) = breaker();
            std::thread::scope(|scope| {
                for _ in 0..5 {
                    scope.spawn(|| {
                        let permit = breaker.try_acquire(Instant::now(), "get_me").unwrap();
                        permit.complete(health, Instant::now());
                    });
                }
            });
            assert_eq!(*lock(&changes), ["CLOSED -> OPEN"], "{health:?}, {round}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_a_store_that_another_one_has_overtaken_changes_nothing() {
    let (breaker, changes) = breaker();
    let answer = |state, generation| {
        let open_for = if state == CircuitState::Open { Duration::from_secs(60) } else { Duration::ZERO };
        let tenant = CircuitSnapshot { state, generation, open_for, has_failures: false };
        breaker.update_snapshot(CircuitSnapshots { tenant, operations: Vec::new() });
    };
    answer(CircuitState::Closed, 1);
    answer(CircuitState::Open, 2);
    answer(CircuitState::Closed, 1);
    answer(CircuitState::HalfOpen, 2);
    answer(CircuitState::Open, 2);
    answer(CircuitState::HalfOpen, 3);
    answer(CircuitState::Closed, 4);
    assert_eq!(*lock(&changes), ["CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED"]);
    // Emptied meanwhile.
    advance(SNAPSHOT_TTL).await;
    answer(CircuitState::Open, 2);
    assert_eq!(lock(&changes).last().unwrap(), "CLOSED -> OPEN");
}
