//! A server whose clock is set back: every remaining time stays the same, or is no longer than its bound.

use super::*;

const HOUR: u64 = 3_600_000;
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn quota(name: &str) -> QuotaId {
    QuotaId { tenant: TenantId::new(name, &[]), operation: None }
}

fn rule(per_minute: u32, burst: u32, hard: bool) -> QuotaRule {
    QuotaRule { per_minute, burst, hard, max_wait: FIVE_MINUTES }
}

/// Feedback of a 429 without a limit and without a time.
fn bare_rejection() -> QuotaFeedback {
    QuotaFeedback { status: Some(429), ..QuotaFeedback::default() }
}

fn feedback(status: u16, left: u64) -> QuotaFeedback {
    let reset = Some(Duration::from_secs(30));
    let limit = RateLimit { limit: Some(5), remaining: Some(left), reset, ..RateLimit::named("default") };
    QuotaFeedback { status: Some(status), limits: vec![limit], retry_after: None }
}

async fn ask(store: &RedisStore, id: &QuotaId, rule: &QuotaRule, now: u64) -> QuotaDecision {
    store.now.store(now, Ordering::Relaxed);
    store.acquire_quota(id, &QuotaState::default().export(now), rule).await.unwrap().0
}

async fn acquire(store: &RedisStore, id: &QuotaId, rule: &QuotaRule, now: u64) -> QuotaGrant {
    match ask(store, id, rule, now).await {
        QuotaDecision::Granted(grant) => grant,
        decision => panic!("{decision:?}"),
    }
}

#[tokio::test]
async fn the_quota_by_rule_keeps_its_waits() {
    with_store(async |store| {
        let (id, rule) = (quota("rule"), rule(60, 5, true));
        for _ in 0..5 {
            acquire(&store, &id, &rule, START).await;
        }
        assert_eq!(ask(&store, &id, &rule, START - HOUR).await, QuotaDecision::RetryAfter(1_000));
        acquire(&store, &id, &rule, START - HOUR + 1_000).await;
        assert!(matches!(ask(&store, &id, &rule, START - HOUR + 1_000).await, QuotaDecision::RetryAfter(wait) if wait <= 1_000));
    })
    .await;
}

#[tokio::test]
async fn a_quota_keeps_its_reported_times_and_accepts_the_next_report() {
    with_store(async |store| {
        let (id, rule) = (quota("reported"), rule(60_000, 60_000, false));
        let grant = acquire(&store, &id, &rule, START).await;
        let late = acquire(&store, &id, &rule, START).await;
        store.record_quota(&id, Some(grant), Some(&feedback(200, 0))).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, START).await, QuotaDecision::RetryAfter(30_010));
        store.now.store(START - HOUR, Ordering::Relaxed);
        let snapshots = store.inspect_quota(&id.tenant).await.unwrap();
        assert_eq!(
            snapshots[0].1.exhausted_for,
            Some(Duration::from_millis(30_010)),
            "visible before the next request"
        );
        assert_eq!(ask(&store, &id, &rule, START - HOUR).await, QuotaDecision::RetryAfter(30_010));
        // This request was sent before the clock was set back.
        store.record_quota(&id, Some(late), Some(&feedback(200, 0))).await.unwrap();
        let next = START - HOUR + 30_010;
        let grant = acquire(&store, &id, &rule, next).await;
        store.record_quota(&id, Some(grant), Some(&feedback(200, 0))).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, next).await, QuotaDecision::RetryAfter(30_010));
    })
    .await;
}

#[tokio::test]
async fn rejections_without_a_reset_block_a_quota_and_a_success_ends_the_block() {
    with_store(async |store| {
        let (id, rule) = (quota("bare"), rule(60_000, 60_000, false));
        let grant = acquire(&store, &id, &rule, START).await;
        store.record_quota(&id, Some(grant), Some(&bare_rejection())).await.unwrap();
        let back = START - HOUR;
        assert_eq!(ask(&store, &id, &rule, back).await, QuotaDecision::RetryAfter(1_000));
        let grant = acquire(&store, &id, &rule, back + 1_000).await;
        store.record_quota(&id, Some(grant), Some(&bare_rejection())).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, back + 1_000).await, QuotaDecision::RetryAfter(2_000));
        let grant = acquire(&store, &id, &rule, back + 3_000).await;
        let success = QuotaFeedback { status: Some(200), ..QuotaFeedback::default() };
        store.record_quota(&id, Some(grant), Some(&success)).await.unwrap();
        for _ in 0..20 {
            acquire(&store, &id, &rule, back + 3_000).await;
        }
    })
    .await;
}

#[tokio::test]
async fn requests_of_a_crashed_process_are_removed_after_their_lease() {
    with_store(async |store| {
        let (id, rule) = (quota("dead"), rule(60_000, 60_000, false));
        for _ in 0..10 {
            acquire(&store, &id, &rule, START).await;
        }
        assert!(matches!(ask(&store, &id, &rule, START - HOUR).await, QuotaDecision::RetryAfterResponse(_)));
        acquire(&store, &id, &rule, START - HOUR + 60_000).await;
    })
    .await;
}

#[tokio::test]
async fn a_circuit_is_open_for_no_longer_than_its_settings_say() {
    with_store(async |store| {
        let settings = CircuitSettings {
            failure_threshold: 1,
            success_threshold: 1,
            open_duration: Duration::from_secs(60),
            max_probes: 1,
        };
        for operation in [None, Some("get_me")] {
            let tenant = TenantId::new("circuit", &[]);
            let id = CircuitId { key_prefix: "calcom:circuit:state".into(), tenant, operation, settings };
            store.now.store(START, Ordering::Relaxed);
            let admission = store.admit(&id).await.unwrap().0.unwrap();
            store.record_circuit(&id, admission, HealthSignal::Failure).await.unwrap();
            store.now.store(START - HOUR, Ordering::Relaxed);
            let refused = store.admit(&id).await.unwrap().0.unwrap_err();
            assert_eq!(refused.retry_after, 60_000, "{operation:?}");
            store.now.store(START - HOUR + 60_000, Ordering::Relaxed);
            // The only probe. Its process dies without recording an outcome.
            store.admit(&id).await.unwrap().0.unwrap();
            assert!(store.admit(&id).await.unwrap().0.is_err());
            store.now.store(START - 2 * HOUR, Ordering::Relaxed);
            assert!(store.admit(&id).await.unwrap().0.is_ok(), "{operation:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_held_for_no_longer_than_its_ttl() {
    with_store(async |store| {
        let ttl = Duration::from_secs(3);
        store.now.store(START, Ordering::Relaxed);
        let LeaseDecision::Granted(first) = store.acquire("k", ttl).await.unwrap() else { panic!() };
        store.now.store(START - HOUR, Ordering::Relaxed);
        let short = Duration::from_secs(1);
        assert_eq!(store.acquire("k", short).await.unwrap(), LeaseDecision::Held { expires_in: ttl });
        assert!(store.renew("k", first.token, ttl).await.unwrap());
        store.now.store(START - HOUR + 2_999, Ordering::Relaxed);
        assert!(matches!(store.acquire("k", short).await.unwrap(), LeaseDecision::Held { .. }));
        store.now.store(START - HOUR + 3_000, Ordering::Relaxed);
        assert!(matches!(store.acquire("k", short).await.unwrap(), LeaseDecision::Granted(_)));
    })
    .await;
}

#[tokio::test]
async fn a_response_is_fresh_for_no_longer_than_its_time_to_live() {
    with_store(async |store| {
        let key = CacheKey::new(TenantId::new("answers", &[]), "calcom:user");
        let tags = ["user".to_owned()];
        store.now.store(START, Ordering::Relaxed);
        let (_, versions) = store.lookup(&key, &tags).await.unwrap();
        let response = Arc::new(CachedResponse::new(200, Vec::new(), "{}".to_owned().into(), 0));
        let freshness = Freshness { fresh_for: Duration::from_secs(60), stale_for: Duration::from_secs(60) };
        store.put(&key, &response, &tags, &versions, freshness).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Fresh(_)));
        store.now.store(START - HOUR, Ordering::Relaxed);
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Stale(_)));
    })
    .await;
}
