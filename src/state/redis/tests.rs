use std::sync::atomic::Ordering;

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{TestCaseError, TestRunner},
};
use tokio::runtime::Runtime;

use super::*;
use crate::{
    Error,
    error::RateLimit,
    state::{
        TenantId,
        circuit::{CircuitSettings, CircuitState},
        lease::{LeaseDecision, LeaseStore, LeaseTable},
        quota::QuotaState,
    },
};

mod circuit;
mod clock;
mod lookups;
mod quota;
mod races;
mod values;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../tests/it/redis_server.rs"]
mod redis_server;
use redis_server::RedisServer;

/// Any time but 0, which tells the scripts to use the server's clock.
const START: u64 = 1_700_000_000_000;

/// Runs `test` for many random histories on one server, each with a name of its own.
fn for_histories<S: Strategy>(
    cases: u32,
    strategy: S,
    test: impl AsyncFn(&RedisStore, &str, S::Value) -> Result<(), TestCaseError>,
) {
    let server = RedisServer::start();
    let runtime = Runtime::new().unwrap();
    let store = RedisStore::open(&server.url()).unwrap();
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() };
    let mut runs = std::sync::atomic::AtomicU64::new(0);
    let result = TestRunner::new(config).run(&strategy, |history| {
        let name = format!("run {}", runs.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(test(&store, &name, history))
    });
    assert!(*runs.get_mut() >= u64::from(cases) || result.is_err());
    result.unwrap();
}

async fn with_store(test: impl AsyncFnOnce(RedisStore)) {
    let server = RedisServer::start();
    test(RedisStore::open(&server.url()).unwrap()).await;
}

#[tokio::test]
async fn leases_on_the_server_follow_the_rules_by_its_clock() {
    with_store(async |store| crate::state::check_lease_store(&store, "k").await.unwrap()).await;
}

#[tokio::test]
async fn the_state_on_the_server_follows_the_rules() {
    with_store(async |store| crate::state::check_state_store(&store, "k").await.unwrap()).await;
}

#[tokio::test]
async fn the_quota_by_rule_holds_for_all_processes() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = QuotaId { tenant: TenantId::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 60, burst: 5, hard: true, max_wait: Duration::from_secs(300) };
        let exported = QuotaState::default().export(START);
        for _ in 0..5 {
            assert!(matches!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));
        }
        assert_eq!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::RetryAfter(1_000));
        store.now.store(START + 1_000, Ordering::Relaxed);
        assert!(matches!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));
    })
    .await;
}

#[test]
fn the_quota_by_rule_allows_no_minute_more_than_the_burst() {
    let calls = prop::collection::vec((0..20_000_u64, 1..40_usize, any::<bool>()), 1..60);
    for_histories(30, (1..60u32, 1..90u32, calls), async |store, name, (per_minute, burst, calls)| {
        let rule = QuotaRule { per_minute, burst, hard: true, max_wait: Duration::from_secs(300) };
        let quota = |operation| QuotaId { tenant: TenantId::new(name, &[]), operation };
        let exported = QuotaState::default().export(START);
        let (mut now, mut times) = (START, Vec::new());
        for (pause, wanted, is_own) in calls {
            now += pause;
            store.now.store(now, Ordering::Relaxed);
            let id = quota(is_own.then_some("update_booking_location"));
            for _ in 0..wanted {
                match store.acquire_quota(&id, &exported, &rule).await.unwrap().0 {
                    QuotaDecision::Granted(grant) => {
                        times.push(now);
                        let feedback = QuotaFeedback { status: Some(200), ..QuotaFeedback::default() };
                        store.record_quota(&id, Some(grant), Some(&feedback)).await.unwrap();
                    }
                    QuotaDecision::RetryAfter(wait) => {
                        prop_assert!(wait > 0 && wait <= 120_010);
                        break;
                    }
                    decision @ QuotaDecision::RetryAfterResponse(_) => {
                        return Err(TestCaseError::fail(format!("{decision:?}")));
                    }
                }
            }
        }
        for (at, first) in times.iter().enumerate() {
            let most = f64::from(per_minute.max(burst));
            for (others, time) in times[at..].iter().enumerate() {
                let (minutes, count) = ((time - first) as f64 / 60_000.0, (others + 1) as f64);
                let sustained = most + (minutes - 1.0).max(0.0) * f64::from(per_minute);
                let at_once = f64::from(burst) + minutes * f64::from(per_minute);
                prop_assert!(count <= sustained.min(at_once) + 1.0, "{count} in {minutes} minutes");
                prop_assert!(minutes > 1.0 || count <= most, "{count} in {minutes} minutes");
            }
        }
        Ok(())
    });
}

#[tokio::test]
async fn the_documented_quota_is_150_in_any_minute_for_all_processes() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = QuotaId { tenant: TenantId::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, hard: true, max_wait: Duration::from_secs(300) };
        let exported = QuotaState::default().export(START);
        let take = async || {
            let mut taken = 0;
            loop {
                let QuotaDecision::Granted(grant) = store.acquire_quota(&id, &exported, &rule).await.unwrap().0 else {
                    return taken;
                };
                let feedback = QuotaFeedback { status: Some(200), ..QuotaFeedback::default() };
                store.record_quota(&id, Some(grant), Some(&feedback)).await.unwrap();
                taken += 1;
            }
        };
        assert_eq!(take().await, 150);
        assert_eq!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::RetryAfter(60_010));
        for (after, expected) in [(59_999, 0), (60_599, 0), (60_600, 1), (120_000, 99), (270_000, 150)] {
            store.now.store(START + after, Ordering::Relaxed);
            assert_eq!(take().await, expected, "after {after} ms");
        }
    })
    .await;
}

#[tokio::test]
async fn grants_and_probes_of_a_crashed_process_expire() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = QuotaId { tenant: TenantId::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };
        let exported = QuotaState::default().export(START);
        for _ in 0..10 {
            assert!(matches!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));
        }
        assert!(matches!(
            store.acquire_quota(&id, &exported, &rule).await.unwrap().0,
            QuotaDecision::RetryAfterResponse(_)
        ));
        store.now.store(START + 60_000, Ordering::Relaxed);
        assert!(matches!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));

        let settings = CircuitSettings {
            failure_threshold: 1,
            success_threshold: 1,
            open_duration: Duration::from_secs(1),
            max_probes: 1,
        };
        let circuit =
            CircuitId { key_prefix: "key".into(), tenant: TenantId::new("base", &[]), operation: None, settings };
        let admission = store.admit(&circuit).await.unwrap().0.unwrap();
        store.record_circuit(&circuit, admission, HealthSignal::Failure).await.unwrap();
        store.now.store(START + 121_000, Ordering::Relaxed);
        assert!(store.admit(&circuit).await.unwrap().0.is_ok());
        assert!(store.admit(&circuit).await.unwrap().0.is_err());
        store.now.store(START + 181_000, Ordering::Relaxed);
        assert!(store.admit(&circuit).await.unwrap().0.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_quota_without_remote_state_starts_with_the_local_one() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let mut quota = QuotaState::default();
        let limit = RateLimit {
            limit: Some(120),
            remaining: Some(2),
            reset: Some(Duration::from_secs(30)),
            ..RateLimit::named("Default")
        };
        quota.record(0, &QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None }, 0);
        let id = QuotaId { tenant: TenantId::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };
        let exported = quota.export(0);
        for _ in 0..2 {
            assert!(matches!(store.acquire_quota(&id, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));
        }
        assert!(matches!(
            store.acquire_quota(&id, &exported, &rule).await.unwrap().0,
            QuotaDecision::RetryAfterResponse(30_010)
        ));
    })
    .await;
}

#[tokio::test]
async fn foreign_values_under_the_keys_of_quotas_and_breakers_are_ignored() {
    with_store(async |store| {
        let tenant = TenantId::new("base", &[]);
        let id = QuotaId { tenant, operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };
        let exported = QuotaState::default().export(0);
        let settings = CircuitSettings {
            failure_threshold: 1,
            success_threshold: 1,
            open_duration: Duration::from_secs(60),
            max_probes: 1,
        };
        let circuit = |operation| CircuitId { key_prefix: "calcom:circuit:state".into(), tenant, operation, settings };
        let keys: Vec<_> = keys::quota(&id).into_iter().take(2).chain(keys::circuit(&circuit(None))).collect();
        let mut connection = store.connection().await.unwrap();
        let endless = r#"{"b":9e18,"k":99,"p":0,"q":false,"x":0,"y":0,"t":0,"n":1,"w":[{"n":"default","l":5,"u":99}]}"#;
        for (command, value) in [("SET", "{"), ("SET", "[]"), ("SET", endless), ("LPUSH", "1"), ("SADD", "1")] {
            for key in &keys {
                let _: () = redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
                let _: () = redis::cmd(command).arg(key).arg(value).query_async(&mut connection).await.unwrap();
            }
            let (QuotaDecision::Granted(grant), _) = store.acquire_quota(&id, &exported, &rule).await.unwrap() else {
                panic!("not granted")
            };
            store.record_quota(&id, Some(grant), Some(&QuotaFeedback::default())).await.unwrap();
            assert_eq!(store.inspect_circuit(&circuit(None)).await.unwrap().tenant.state, CircuitState::Closed);
            for operation in [None, Some("get_me")] {
                let admission = store.admit(&circuit(operation)).await.unwrap().0.unwrap();
                store.record_circuit(&circuit(operation), admission, HealthSignal::Failure).await.unwrap();
                assert!(store.admit(&circuit(operation)).await.unwrap().0.is_err());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn responses_are_cached_until_they_are_invalidated_or_expire() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let key = CacheKey::new(TenantId::new("base", &["cal_live_planted"]), "calcom:slots:1|...");
        let other = CacheKey::new(TenantId::new("base", &["another"]), key.name.clone());
        let tags = ["calcom", "slots", "slots:1"].map(str::to_owned);
        let freshness = Freshness { fresh_for: Duration::from_secs(60), stale_for: Duration::from_secs(600) };
        let headers = vec![(http::header::ETAG, http::HeaderValue::from_static("\"1\""))];
        let response = Arc::new(CachedResponse::new(200, headers, vec![b'{', 0, 0xff, b'}'].into(), 0));

        let (lookup, versions) = store.lookup(&key, &tags).await.unwrap();
        assert!(matches!(lookup, CacheLookup::Missing));
        store.put(&key, &response, &tags, &versions, freshness).await.unwrap();
        let (lookup, _) = store.lookup(&key, &tags).await.unwrap();
        let CacheLookup::Fresh(found) = lookup else { panic!("{lookup:?}") };
        assert_eq!((found.status, &found.headers, &found.body), (200, &response.headers, &response.body));
        assert!(matches!(store.lookup(&other, &tags).await.unwrap().0, CacheLookup::Missing));

        store.now.store(START + 60_000, Ordering::Relaxed);
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Stale(_)));

        store.now.store(START, Ordering::Relaxed);
        store.invalidate(&other.tenant, &tags).await.unwrap();
        store.invalidate(&key.tenant, &["slots:2".to_owned()]).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Fresh(_)));
        store.invalidate(&key.tenant, &["slots:1".to_owned()]).await.unwrap();
        let (lookup, now) = store.lookup(&key, &tags).await.unwrap();
        assert!(matches!(lookup, CacheLookup::Stale(_)), "the service may say that it is still good");
        // A response that was in flight during the invalidation is not stored.
        store.put(&key, &response, &tags, &versions, freshness).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Stale(_)));
        store.put(&key, &response, &tags, &now, freshness).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, CacheLookup::Fresh(_)));
    })
    .await;
}

#[test]
fn a_url_that_cannot_be_used_is_rejected_without_being_repeated() {
    for url in [
        "",
        "redis://a/,",
        "redis://a/,http://user:planted@host/",
        "http://user:planted@host/",
        "redis://user:planted@host:port/",
        "rediss+x://:planted@host",
    ] {
        let error = RedisStore::open(url).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("planted") && matches!(error, Error::Configuration(_)), "{text}");
    }
    let store = RedisStore::open("redis://user:planted@localhost/").unwrap();
    assert!(!format!("{store:?}").contains("planted"));
    let cluster = RedisStore::open("redis://user:planted@one:1/, redis://user:planted@two:2/").unwrap();
    assert!(format!("{cluster:?}").contains("one:1") && !format!("{cluster:?}").contains("planted"));
}

#[derive(Debug, Clone)]
enum LeaseStep {
    Wait(u64),
    Acquire(u64),
    /// By the holder of so many grants ago.
    Renew(u64, u64),
    Release(u64, Option<String>),
}

#[test]
fn the_lease_in_the_script_behaves_as_the_one_in_memory() {
    let note = prop::option::of("[a-z]{0,4}");
    let step = prop_oneof![
        3 => (0..80u64).prop_map(LeaseStep::Wait),
        4 => (0..60u64).prop_map(LeaseStep::Acquire),
        2 => (0..3u64, 0..60u64).prop_map(|(ago, ttl)| LeaseStep::Renew(ago, ttl)),
        3 => (0..3u64, note).prop_map(|(ago, note)| LeaseStep::Release(ago, note)),
    ];
    for_histories(150, prop::collection::vec(step, 1..60), async |store, name, steps| {
        let mut table = LeaseTable::default();
        let (mut now, mut last) = (START, 0_u64);
        for step in steps {
            store.now.store(now, Ordering::Relaxed);
            let millis = Duration::from_millis;
            match step {
                LeaseStep::Wait(by) => now += by,
                LeaseStep::Acquire(ttl) => {
                    let local = table.acquire(name, ttl, now);
                    if let LeaseDecision::Granted(lease) = &local {
                        last = lease.token;
                    }
                    prop_assert_eq!(local, store.acquire(name, millis(ttl)).await.unwrap());
                }
                LeaseStep::Renew(ago, ttl) => {
                    let token = last.saturating_sub(ago).max(1);
                    let remote = store.renew(name, token, millis(ttl)).await.unwrap();
                    prop_assert_eq!(table.renew(name, token, ttl, now), remote);
                }
                LeaseStep::Release(ago, note) => {
                    let token = last.saturating_sub(ago).max(1);
                    let remote = store.release(name, token, note.as_deref()).await.unwrap();
                    prop_assert_eq!(table.release(name, token, note.as_deref(), now), remote);
                }
            }
        }
        Ok(())
    });
}
