mod faulty_store;

use tokio::time::{Instant, advance};

use super::{backlog::MAX_BACKLOG, *};
use crate::{
    error::RateLimit,
    pipeline::{Breaker, CacheOutcome, Health, Limiter, ResponseCache, WaitPolicy},
    state::{CircuitState, Store, TenantId, cached_response::ROOT_TAG, circuit::CircuitSettings},
};
use faulty_store::{FAILS, FaultyStore, HANGS, LATE, REJECTS, WORKS};

fn circuit() -> CircuitId {
    let settings = CircuitSettings {
        failure_threshold: 2,
        success_threshold: 1,
        open_duration: Duration::from_secs(60),
        max_probes: 1,
    };
    CircuitId {
        key_prefix: "calcom:circuit:state".into(),
        tenant: TenantId::new("base", &[]),
        operation: None,
        settings,
    }
}

async fn record(breaker: &Breaker, health: Health) {
    breaker.acquire(Instant::now(), "get_me").await.unwrap().complete(health, Instant::now());
    // The shared store is updated in the background.
    tokio::task::yield_now().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_or_hangs_delays_no_call_and_is_used_again_when_it_answers() {
    for mode in [FAILS, HANGS] {
        let store = FaultyStore::new();
        let breaker = Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
        record(&breaker, Health::Up).await;
        store.set(mode);
        advance(Duration::from_secs(1)).await;
        let began = Instant::now();
        record(&breaker, Health::Up).await;
        assert!(began.elapsed() <= QUERY_TIMEOUT + Duration::from_millis(1), "{:?}", began.elapsed());
        // From now on no query is made.
        let began = Instant::now();
        store.queries.store(0, Ordering::Relaxed);
        for _ in 0..100 {
            record(&breaker, Health::Up).await;
        }
        assert_eq!((began.elapsed(), store.queries.load(Ordering::Relaxed)), (Duration::ZERO, 0));
        // The breaker in this process decides.
        record(&breaker, Health::Unreachable).await;
        record(&breaker, Health::Unreachable).await;
        assert!(breaker.acquire(Instant::now(), "get_me").await.is_err());
        assert_eq!(breaker.state().await, CircuitState::Open);
        store.set(WORKS);
        sleep(BACKGROUND_TIMEOUT + RECONNECT_INTERVAL).await;
        record(&breaker, Health::Up).await;
        assert_eq!(breaker.state().await, CircuitState::Closed, "the shared breaker has no failure");
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_opened_by_one_client_is_open_for_all() {
    let store = FaultyStore::new();
    let breaker = || Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
    let (one, other) = (breaker(), breaker());
    record(&one, Health::Up).await;
    record(&other, Health::Up).await;
    record(&one, Health::Unreachable).await;
    record(&one, Health::Unreachable).await;
    assert!(one.acquire(Instant::now(), "get_me").await.is_err());
    advance(Duration::from_millis(50)).await;
    assert_eq!(other.acquire(Instant::now(), "get_me").await.unwrap_err().retry_after, Duration::from_millis(59_950));
    // While half-open, one probe of any client is admitted.
    advance(Duration::from_secs(60)).await;
    let probe = other.acquire(Instant::now(), "get_me").await.unwrap();
    assert!(one.acquire(Instant::now(), "get_me").await.is_err());
    probe.complete(Health::Up, Instant::now());
    tokio::task::yield_now().await;
    assert_eq!(one.state().await, CircuitState::Closed);
    assert!(one.acquire(Instant::now(), "get_me").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn outcomes_of_an_operation_count_for_all_clients() {
    let store = FaultyStore::new();
    let breaker = || Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
    let (one, other) = (breaker(), breaker());
    for _ in 0..3 {
        // Two in a row would open it.
        record(&one, Health::Failing).await;
        record(&one, Health::Up).await;
        assert_eq!(one.open_operations().await, []);
    }
    record(&one, Health::Failing).await;
    advance(Duration::from_millis(50)).await;
    record(&other, Health::Failing).await;
    advance(Duration::from_millis(50)).await;
    for breaker in [&one, &other] {
        assert!(breaker.acquire(Instant::now(), "get_me").await.is_err());
        assert!(breaker.acquire(Instant::now(), "get_booking").await.is_ok());
        assert_eq!(breaker.open_operations().await.len(), 1);
    }
    // While half-open, one probe of any client is admitted, and its success closes the breaker for all.
    advance(Duration::from_secs(60)).await;
    let probe = other.acquire(Instant::now(), "get_me").await.unwrap();
    assert!(one.acquire(Instant::now(), "get_me").await.is_err());
    probe.complete(Health::Up, Instant::now());
    tokio::task::yield_now().await;
    assert_eq!(one.open_operations().await, []);
    assert!(one.acquire(Instant::now(), "get_me").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_write_during_an_outage_invalidates_at_the_store_after_it() {
    let store = FaultyStore::new();
    let answers = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let other = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let key = CacheKey::new(TenantId::new("base", &["key"]), "calcom:user");
    let tags = ["user".to_owned()];
    let freshness = Freshness { fresh_for: Duration::from_secs(600), stale_for: Duration::ZERO };
    let response = Arc::new(CachedResponse::new(200, Vec::new(), "{}".into(), 0));
    let versions = store.inner.lookup_for_fetch(&key, &tags).1;
    store.inner.store_response(key.clone(), response, versions, freshness);
    let is_fresh = || matches!(store.inner.lookup(&key), CacheLookup::Fresh(_));
    store.set(HANGS);
    answers.invalidate(&key.tenant, &tags).await;
    assert!(is_fresh(), "the invalidation has not arrived");
    store.set(WORKS);
    sleep(BACKGROUND_TIMEOUT + RECONNECT_INTERVAL).await;
    assert!(!is_fresh());
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn many_queued_invalidations_become_one() {
    let store = FaultyStore::new();
    let guard = GuardedStore::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    store.set(FAILS);
    let tenant = TenantId::new("base", &["key"]);
    for n in 0..10 * MAX_BACKLOG {
        guard.invalidate(&tenant, &[format!("slots:{n}")]).await;
    }
    let backlog = lock(&guard.0.backlog);
    assert!(backlog.len() <= MAX_BACKLOG);
    assert_eq!(backlog[0], StateUpdate::Invalidate(tenant, vec![ROOT_TAG.to_owned()]));
}

const RULE: QuotaRule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };

#[tokio::test(start_paused = true)]
async fn a_grant_that_arrives_too_late_or_without_a_caller_is_taken_back() {
    let store = FaultyStore::new();
    let guard = GuardedStore::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let quota = QuotaId { tenant: TenantId::new("base", &["key"]), operation: None };
    let in_flight = || store.inner.queues(quota.tenant).tenant.with(|quota| quota.in_flight());
    // The caller is dropped before the result arrives.
    for _ in 0..100 {
        let mut query = Box::pin(guard.acquire_quota(quota, String::new(), RULE));
        let _ = poll_fn(|context| Poll::Ready(query.as_mut().poll(context))).await;
        drop(query);
        yield_now().await;
        yield_now().await;
    }
    assert_eq!(in_flight(), 0);
    // The result arrives after the caller has gone on without it.
    store.set(LATE);
    assert_eq!(guard.acquire_quota(quota, String::new(), RULE).await, None);
    assert_eq!(in_flight(), 1);
    store.set(WORKS);
    sleep(BACKGROUND_TIMEOUT + RECONNECT_INTERVAL).await;
    assert_eq!(in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn feedback_during_an_outage_reaches_the_store_after_it() {
    let store = FaultyStore::new();
    let guard = GuardedStore::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let quota = QuotaId { tenant: TenantId::new("base", &["key"]), operation: None };
    let (QuotaDecision::Granted(grant), _) = guard.acquire_quota(quota, String::new(), RULE).await.unwrap() else {
        panic!("not granted")
    };
    store.set(FAILS);
    assert_eq!(guard.inspect_circuit(&circuit()).await, None);
    guard.record_quota(quota, Some(grant), Some(QuotaFeedback { status: Some(429), ..QuotaFeedback::default() }), None);
    store.set(WORKS);
    sleep(RECONNECT_INTERVAL * 2).await;
    let (decision, in_flight) = guard.acquire_quota(quota, String::new(), RULE).await.unwrap();
    assert!(matches!((decision, in_flight), (QuotaDecision::RetryAfter(_), 0)), "{decision:?}, {in_flight} in flight");
}

#[tokio::test(start_paused = true)]
async fn a_rejection_that_the_store_has_not_received_yet_blocks_the_local_quota() {
    let store = FaultyStore::new();
    let limiter = Limiter::new(Store::shared(store.clone(), 0), RULE);
    let caller = limiter.tenant_quota(TenantId::new("base", &["key"]));
    let at_once = || WaitPolicy::FailFast(Instant::now() + Duration::from_secs(60));
    for operation in ["get_me", "list_booking_sessions"] {
        let mut permit = limiter.acquire(&caller, operation, at_once()).await.unwrap();
        let reset = Some(Duration::from_secs(30));
        let name = if operation == "get_me" { "default" } else { "booking_sessions" };
        let limit = RateLimit { limit: Some(5), remaining: Some(0), reset, ..RateLimit::named(name) };
        store.set(HANGS);
        permit.complete(429, vec![limit], None, tokio::time::Instant::now());
        // The report is in flight.
        yield_now().await;
        store.set(WORKS);
        let refused = limiter.acquire(&caller, operation, at_once()).await.unwrap_err();
        assert_eq!(refused.retry_after.unwrap().as_secs(), 30, "{operation}");
        let quota = caller.quota(&limiter).await;
        let waits = quota.operations.iter().map(|of| (of.operation, of.retry_after));
        let waits: Vec<_> = waits.chain([("get_me", quota.retry_after)]).collect();
        assert!(waits.iter().any(|(of, wait)| *of == operation && *wait == refused.retry_after), "{waits:?}");
        // Then the report is discarded, and the store is used again.
        sleep(BACKGROUND_TIMEOUT + RECONNECT_INTERVAL + Duration::from_secs(31)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_was_looked_up_in_a_store_that_became_unavailable_is_not_stored_elsewhere() {
    let store = FaultyStore::new();
    let answers = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let key = CacheKey::new(TenantId::new("base", &["key"]), "calcom:user");
    let tags: Arc<[String]> = Arc::new(["user".to_owned()]);
    let fetch = |found| if let CacheOutcome::Miss(fetch) = found { fetch } else { panic!("nothing is cached") };
    let until = Instant::now() + BACKGROUND_TIMEOUT;
    let remote = fetch(answers.find(key.clone(), Arc::clone(&tags), false, until).await.unwrap());
    store.set(HANGS);
    answers.invalidate(&key.tenant, &["slots".to_owned()]).await; // Now the store is known to be unavailable.
    let response = remote.new_response(200, Vec::new(), "{}".into());
    remote.put(&response, BACKGROUND_TIMEOUT).expect("the store is still to be updated").await;
    // Its tag versions mean nothing in memory.
    let local = fetch(answers.try_find(&key, || Arc::clone(&tags), false).expect("the store is unavailable"));
    // A response that was looked up in memory is stored in memory.
    let response = local.new_response(200, Vec::new(), "{}".into());
    assert!(local.put(&response, BACKGROUND_TIMEOUT).is_none());
    assert!(matches!(answers.try_find(&key, || Arc::clone(&tags), false), Some(CacheOutcome::Hit(_))));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_step_has_no_result_and_is_no_outage() {
    let store = FaultyStore::new();
    let guard = GuardedStore::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let key = CacheKey::new(TenantId::new("base", &[]), "calcom:user");
    store.set(REJECTS);
    for _ in 0..3 {
        assert!(guard.lookup(&key, &[]).await.is_none());
        assert!(guard.admit(&circuit()).await.is_none());
        guard.record_circuit(circuit(), Admission { generation: 1, probe: 0 }, HealthSignal::Success, |_| {});
        yield_now().await;
        assert!(!guard.is_unavailable());
    }
    store.set(WORKS);
    assert!(guard.lookup(&key, &[]).await.is_some(), "the next query is made at once");
    store.set(FAILS);
    assert!(guard.lookup(&key, &[]).await.is_none() && guard.is_unavailable());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_an_invalidation_gives_no_response_until_it_takes_it() {
    let store = FaultyStore::new();
    let guard = GuardedStore::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let key = CacheKey::new(TenantId::new("base", &["key"]), "calcom:user");
    let tags = ["user".to_owned()];
    let freshness = Freshness { fresh_for: Duration::from_secs(600), stale_for: Duration::ZERO };
    let response = Arc::new(CachedResponse::new(200, Vec::new(), "{}".into(), 0));
    for in_background in [false, true] {
        let (_, versions) = guard.lookup(&key, &tags).await.unwrap();
        guard.put(&key, &response, &tags, &versions, freshness).await;
        assert!(matches!(guard.lookup(&key, &tags).await, Some((CacheLookup::Fresh(_), _))));
        store.set(REJECTS);
        match in_background {
            false => guard.invalidate(&key.tenant, &tags).await,
            true => guard.invalidate_in_background(key.tenant, tags.to_vec()),
        }
        sleep(Duration::from_millis(1)).await;
        store.set(WORKS);
        assert!(guard.lookup(&key, &tags).await.is_none(), "the store does not know yet that it is stale");
        sleep(RECONNECT_INTERVAL * 2).await;
        assert!(matches!(guard.lookup(&key, &tags).await, Some((CacheLookup::Missing | CacheLookup::Stale(_), _))));
    }
}
