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
        Scope,
        circuit::{CircuitRules, CircuitState},
        lease::{LeaseAnswer, LeaseStore, LeaseTable},
        quota::Lane,
    },
};

mod circuit;
mod clock;
mod lane;
mod values;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../tests/it/redis_server.rs"]
mod redis_server;
use redis_server::RedisServer;

/// Any time will do, but the scripts take 0 for "look at the clock".
const START: u64 = 1_700_000_000_000;

/// Runs `test` for many random histories, each under another name on one server.
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
async fn leases_on_the_server_keep_the_rules_by_its_clock() {
    with_store(async |store| crate::state::check_lease_store(&store, "k").await.unwrap()).await;
}

#[tokio::test]
async fn the_quota_by_rule_is_kept_for_all() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = LaneId { scope: Scope::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 60, burst: 5, firm: true, max_wait: Duration::from_secs(300) };
        let known = Lane::default().export(START);
        for _ in 0..5 {
            assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::Go(_)));
        }
        assert_eq!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::In(1_000));
        store.now.store(START + 1_000, Ordering::Relaxed);
        assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::Go(_)));
    })
    .await;
}

#[test]
fn the_quota_by_rule_lets_no_minute_have_more_than_the_burst() {
    let calls = prop::collection::vec((0..20_000_u64, 1..40_usize, any::<bool>()), 1..60);
    for_histories(30, (1..60u32, 1..90u32, calls), async |store, name, (per_minute, burst, calls)| {
        let rule = QuotaRule { per_minute, burst, firm: true, max_wait: Duration::from_secs(300) };
        let lane = |operation| LaneId { scope: Scope::new(name, &[]), operation };
        let known = Lane::default().export(START);
        let (mut now, mut times) = (START, Vec::new());
        for (pause, wanted, is_own) in calls {
            now += pause;
            store.now.store(now, Ordering::Relaxed);
            let id = lane(is_own.then_some("update_booking_location"));
            for _ in 0..wanted {
                match store.ask_quota(&id, &known, &rule).await.unwrap().0 {
                    Turn::Go(grant) => {
                        times.push(now);
                        let answer = Answer { status: Some(200), ..Answer::default() };
                        store.settle_quota(&id, Some(grant), Some(&answer)).await.unwrap();
                    }
                    Turn::In(wait) => {
                        prop_assert!(wait > 0 && wait <= 120_010);
                        break;
                    }
                    turn @ Turn::AfterAnswer(_) => return Err(TestCaseError::fail(format!("{turn:?}"))),
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
async fn the_documented_quota_is_150_in_any_minute_for_all() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = LaneId { scope: Scope::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, firm: true, max_wait: Duration::from_secs(300) };
        let known = Lane::default().export(START);
        let take = async || {
            let mut taken = 0;
            loop {
                let Turn::Go(grant) = store.ask_quota(&id, &known, &rule).await.unwrap().0 else { return taken };
                let answer = Answer { status: Some(200), ..Answer::default() };
                store.settle_quota(&id, Some(grant), Some(&answer)).await.unwrap();
                taken += 1;
            }
        };
        assert_eq!(take().await, 150);
        assert_eq!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::In(60_010));
        for (after, expected) in [(59_999, 0), (60_599, 0), (60_600, 1), (120_000, 99), (270_000, 150)] {
            store.now.store(START + after, Ordering::Relaxed);
            assert_eq!(take().await, expected, "after {after} ms");
        }
    })
    .await;
}

#[tokio::test]
async fn a_process_that_died_gives_back_what_it_held() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let id = LaneId { scope: Scope::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, firm: false, max_wait: Duration::from_secs(300) };
        let known = Lane::default().export(START);
        for _ in 0..10 {
            assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::Go(_)));
        }
        assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::AfterAnswer(_)));
        store.now.store(START + 60_000, Ordering::Relaxed);
        assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::Go(_)));

        let rules = CircuitRules { failures: 1, successes: 1, open_for: Duration::from_secs(1), probes: 1 };
        let circuit = CircuitId { key: "key".into(), scope: Scope::new("base", &[]), operation: None, rules };
        let pass = store.admit(&circuit).await.unwrap().0.unwrap();
        store.settle_circuit(&circuit, pass, Verdict::Failure).await.unwrap();
        store.now.store(START + 121_000, Ordering::Relaxed);
        assert!(store.admit(&circuit).await.unwrap().0.is_ok());
        assert!(store.admit(&circuit).await.unwrap().0.is_err());
        store.now.store(START + 181_000, Ordering::Relaxed);
        assert!(store.admit(&circuit).await.unwrap().0.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_lane_that_is_not_known_there_begins_with_what_is_known_here() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let mut lane = Lane::default();
        let limit = RateLimit {
            limit: Some(120),
            remaining: Some(2),
            reset: Some(Duration::from_secs(30)),
            ..RateLimit::named("Default")
        };
        lane.learn(0, &Answer { status: Some(200), limits: vec![limit], retry_after: None }, 0);
        let id = LaneId { scope: Scope::new("base", &[]), operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, firm: false, max_wait: Duration::from_secs(300) };
        let known = lane.export(0);
        for _ in 0..2 {
            assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::Go(_)));
        }
        assert!(matches!(store.ask_quota(&id, &known, &rule).await.unwrap().0, Turn::AfterAnswer(30_010)));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_a_lane_or_a_breaker_under_their_keys_is_as_good_as_nothing() {
    with_store(async |store| {
        let scope = Scope::new("base", &[]);
        let id = LaneId { scope, operation: None };
        let rule = QuotaRule { per_minute: 100, burst: 150, firm: false, max_wait: Duration::from_secs(300) };
        let known = Lane::default().export(0);
        let rules = CircuitRules { failures: 1, successes: 1, open_for: Duration::from_secs(60), probes: 1 };
        let circuit = |operation| CircuitId { key: "calcom:circuit:state".into(), scope, operation, rules };
        let keys: Vec<_> = keys::lane(&id).into_iter().take(2).chain(keys::circuit(&circuit(None))).collect();
        let mut connection = store.connection().await.unwrap();
        let unending =
            r#"{"b":9e18,"k":99,"p":0,"q":false,"x":0,"y":0,"t":0,"n":1,"w":[{"n":"default","l":5,"u":99}]}"#;
        for (command, value) in [("SET", "{"), ("SET", "[]"), ("SET", unending), ("LPUSH", "1"), ("SADD", "1")] {
            for key in &keys {
                let _: () = redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
                let _: () = redis::cmd(command).arg(key).arg(value).query_async(&mut connection).await.unwrap();
            }
            let (Turn::Go(grant), _) = store.ask_quota(&id, &known, &rule).await.unwrap() else { panic!("closed") };
            store.settle_quota(&id, Some(grant), Some(&Answer::default())).await.unwrap();
            assert_eq!(store.view_circuit(&circuit(None)).await.unwrap().tenant.state, CircuitState::Closed);
            for operation in [None, Some("get_me")] {
                let pass = store.admit(&circuit(operation)).await.unwrap().0.unwrap();
                store.settle_circuit(&circuit(operation), pass, Verdict::Failure).await.unwrap();
                assert!(store.admit(&circuit(operation)).await.unwrap().0.is_err());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn answers_are_kept_until_they_are_flushed_or_expire() {
    with_store(async |store| {
        store.now.store(START, Ordering::Relaxed);
        let key = CacheKey::new(Scope::new("base", &["cal_live_planted"]), "calcom:slots:1|...");
        let other = CacheKey::new(Scope::new("base", &["another"]), key.name.clone());
        let tags = ["calcom", "slots", "slots:1"].map(str::to_owned);
        let life = Lifetime { fresh: Duration::from_secs(60), stale: Duration::from_secs(600) };
        let headers = vec![(http::header::ETAG, HeaderValue::from_static("\"1\""))];
        let kept = Arc::new(Kept::new(200, headers, vec![b'{', 0, 0xff, b'}'].into(), 0));

        let (lookup, seen) = store.lookup(&key, &tags).await.unwrap();
        assert!(matches!(lookup, Lookup::Missing));
        store.put(&key, &kept, &tags, &seen, life).await.unwrap();
        let (lookup, _) = store.lookup(&key, &tags).await.unwrap();
        let Lookup::Fresh(found) = lookup else { panic!("{lookup:?}") };
        assert_eq!((found.status, &found.headers, &found.body), (200, &kept.headers, &kept.body));
        assert!(matches!(store.lookup(&other, &tags).await.unwrap().0, Lookup::Missing));

        store.now.store(START + 60_000, Ordering::Relaxed);
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Stale(_)));

        store.now.store(START, Ordering::Relaxed);
        store.flush(&other.scope, &tags).await.unwrap();
        store.flush(&key.scope, &["slots:2".to_owned()]).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Fresh(_)));
        store.flush(&key.scope, &["slots:1".to_owned()]).await.unwrap();
        let (lookup, now) = store.lookup(&key, &tags).await.unwrap();
        assert!(matches!(lookup, Lookup::Stale(_)), "the service may say that it is still good");
        // What was on its way during the flush is not kept.
        store.put(&key, &kept, &tags, &seen, life).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Stale(_)));
        store.put(&key, &kept, &tags, &now, life).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Fresh(_)));
    })
    .await;
}

#[test]
fn a_url_that_cannot_be_used_is_refused_without_being_repeated() {
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
    /// The holder so many grants ago.
    Renew(u64, u64),
    Release(u64, Option<String>),
}

#[test]
fn the_lease_in_the_script_is_the_one_in_memory() {
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
                    let here = table.acquire(name, ttl, now);
                    if let LeaseAnswer::Granted(lease) = &here {
                        last = lease.token;
                    }
                    prop_assert_eq!(here, store.acquire(name, millis(ttl)).await.unwrap());
                }
                LeaseStep::Renew(ago, ttl) => {
                    let token = last.saturating_sub(ago).max(1);
                    let there = store.renew(name, token, millis(ttl)).await.unwrap();
                    prop_assert_eq!(table.renew(name, token, ttl, now), there);
                }
                LeaseStep::Release(ago, note) => {
                    let token = last.saturating_sub(ago).max(1);
                    let there = store.release(name, token, note.as_deref()).await.unwrap();
                    prop_assert_eq!(table.release(name, token, note.as_deref(), now), there);
                }
            }
        }
        Ok(())
    });
}
