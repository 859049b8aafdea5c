//! A server whose clock is set back: what is left of each time stays what it was, or is no longer than it can be.

use super::*;

const HOUR: u64 = 3_600_000;
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn lane(name: &str) -> LaneId {
    LaneId { scope: Scope::new(name, &[]), operation: None }
}

fn rule(per_minute: u32, burst: u32, firm: bool) -> QuotaRule {
    QuotaRule { per_minute, burst, firm, max_wait: FIVE_MINUTES }
}

/// What a 429 tells that names no limit and no time.
fn bare_refusal() -> Answer {
    Answer { status: Some(429), ..Answer::default() }
}

fn told(status: u16, left: u64) -> Answer {
    let reset = Some(Duration::from_secs(30));
    let limit = RateLimit { limit: Some(5), remaining: Some(left), reset, ..RateLimit::named("default") };
    Answer { status: Some(status), limits: vec![limit], retry_after: None }
}

async fn ask(store: &RedisStore, id: &LaneId, rule: &QuotaRule, now: u64) -> Turn {
    store.now.store(now, Ordering::Relaxed);
    store.ask_quota(id, &Lane::default().export(now), rule).await.unwrap().0
}

async fn go(store: &RedisStore, id: &LaneId, rule: &QuotaRule, now: u64) -> Grant {
    match ask(store, id, rule, now).await {
        Turn::Go(grant) => grant,
        turn => panic!("{turn:?}"),
    }
}

#[tokio::test]
async fn the_quota_by_rule_keeps_its_waits() {
    with_store(async |store| {
        let (id, rule) = (lane("rule"), rule(60, 5, true));
        for _ in 0..5 {
            go(&store, &id, &rule, START).await;
        }
        assert_eq!(ask(&store, &id, &rule, START - HOUR).await, Turn::In(1_000));
        go(&store, &id, &rule, START - HOUR + 1_000).await;
        assert!(matches!(ask(&store, &id, &rule, START - HOUR + 1_000).await, Turn::In(wait) if wait <= 1_000));
    })
    .await;
}

#[tokio::test]
async fn a_lane_keeps_what_it_was_told_and_believes_what_it_is_told_next() {
    with_store(async |store| {
        let (id, rule) = (lane("told"), rule(60_000, 60_000, false));
        let grant = go(&store, &id, &rule, START).await;
        let late = go(&store, &id, &rule, START).await;
        store.settle_quota(&id, Some(grant), Some(&told(200, 0))).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, START).await, Turn::In(30_010));
        store.now.store(START - HOUR, Ordering::Relaxed);
        let views = store.view_quota(&id.scope).await.unwrap();
        assert_eq!(views[0].1.closed_for, Some(Duration::from_millis(30_010)), "seen before it is asked for");
        assert_eq!(ask(&store, &id, &rule, START - HOUR).await, Turn::In(30_010));
        // One that was sent by the clock of before.
        store.settle_quota(&id, Some(late), Some(&told(200, 0))).await.unwrap();
        let next = START - HOUR + 30_010;
        let grant = go(&store, &id, &rule, next).await;
        store.settle_quota(&id, Some(grant), Some(&told(200, 0))).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, next).await, Turn::In(30_010));
    })
    .await;
}

#[tokio::test]
async fn refusals_that_tell_nothing_close_a_lane_and_a_success_opens_it() {
    with_store(async |store| {
        let (id, rule) = (lane("bare"), rule(60_000, 60_000, false));
        let grant = go(&store, &id, &rule, START).await;
        store.settle_quota(&id, Some(grant), Some(&bare_refusal())).await.unwrap();
        let back = START - HOUR;
        assert_eq!(ask(&store, &id, &rule, back).await, Turn::In(1_000));
        let grant = go(&store, &id, &rule, back + 1_000).await;
        store.settle_quota(&id, Some(grant), Some(&bare_refusal())).await.unwrap();
        assert_eq!(ask(&store, &id, &rule, back + 1_000).await, Turn::In(2_000));
        let grant = go(&store, &id, &rule, back + 3_000).await;
        let success = Answer { status: Some(200), ..Answer::default() };
        store.settle_quota(&id, Some(grant), Some(&success)).await.unwrap();
        for _ in 0..20 {
            go(&store, &id, &rule, back + 3_000).await;
        }
    })
    .await;
}

#[tokio::test]
async fn requests_of_a_process_that_died_are_given_up_after_their_lease() {
    with_store(async |store| {
        let (id, rule) = (lane("dead"), rule(60_000, 60_000, false));
        for _ in 0..10 {
            go(&store, &id, &rule, START).await;
        }
        assert!(matches!(ask(&store, &id, &rule, START - HOUR).await, Turn::AfterAnswer(_)));
        go(&store, &id, &rule, START - HOUR + 60_000).await;
    })
    .await;
}

#[tokio::test]
async fn a_circuit_is_open_for_no_longer_than_its_rule_says() {
    with_store(async |store| {
        let rules = CircuitRules { failures: 1, successes: 1, open_for: Duration::from_secs(60), probes: 1 };
        for operation in [None, Some("get_me")] {
            let scope = Scope::new("circuit", &[]);
            let id = CircuitId { key: "calcom:circuit:state".into(), scope, operation, rules };
            store.now.store(START, Ordering::Relaxed);
            let pass = store.admit(&id).await.unwrap().0.unwrap();
            store.settle_circuit(&id, pass, Verdict::Failure).await.unwrap();
            store.now.store(START - HOUR, Ordering::Relaxed);
            let refused = store.admit(&id).await.unwrap().0.unwrap_err();
            assert_eq!(refused.retry_after, 60_000, "{operation:?}");
            store.now.store(START - HOUR + 60_000, Ordering::Relaxed);
            // The only probe, which its process takes with it.
            store.admit(&id).await.unwrap().0.unwrap();
            assert!(store.admit(&id).await.unwrap().0.is_err());
            store.now.store(START - 2 * HOUR, Ordering::Relaxed);
            assert!(store.admit(&id).await.unwrap().0.is_ok(), "{operation:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_lease_is_held_for_no_longer_than_it_was_given() {
    with_store(async |store| {
        let ttl = Duration::from_secs(3);
        store.now.store(START, Ordering::Relaxed);
        let LeaseAnswer::Granted(first) = store.acquire("k", ttl).await.unwrap() else { panic!() };
        store.now.store(START - HOUR, Ordering::Relaxed);
        let short = Duration::from_secs(1);
        assert_eq!(store.acquire("k", short).await.unwrap(), LeaseAnswer::Held { expires_in: ttl });
        assert!(store.renew("k", first.token, ttl).await.unwrap());
        store.now.store(START - HOUR + 2_999, Ordering::Relaxed);
        assert!(matches!(store.acquire("k", short).await.unwrap(), LeaseAnswer::Held { .. }));
        store.now.store(START - HOUR + 3_000, Ordering::Relaxed);
        assert!(matches!(store.acquire("k", short).await.unwrap(), LeaseAnswer::Granted(_)));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_fresh_for_no_longer_than_its_time_to_live() {
    with_store(async |store| {
        let key = CacheKey::new(Scope::new("answers", &[]), "calcom:user");
        let tags = ["user".to_owned()];
        store.now.store(START, Ordering::Relaxed);
        let (_, seen) = store.lookup(&key, &tags).await.unwrap();
        let kept = Arc::new(Kept::new(200, Vec::new(), "{}".to_owned().into(), 0));
        let life = Lifetime { fresh: Duration::from_secs(60), stale: Duration::from_secs(60) };
        store.put(&key, &kept, &tags, &seen, life).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Fresh(_)));
        store.now.store(START - HOUR, Ordering::Relaxed);
        assert!(matches!(store.lookup(&key, &tags).await.unwrap().0, Lookup::Stale(_)));
    })
    .await;
}
