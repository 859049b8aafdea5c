use std::sync::atomic::AtomicU8;

use tokio::time::{Instant, advance};

use super::*;
use crate::{
    error::RateLimit,
    pipeline::{Breaker, Found, Health, Limiter, Patience, ResponseCache},
    state::{CircuitState, Scope, Store, circuit::CircuitRules, future::StoreFuture, lease::LeaseStore, store::Sealed},
};

/// A store that works, fails, or never answers.
#[derive(Debug)]
struct Moody {
    inner: MemoryStore,
    mood: AtomicU8,
    asked: AtomicU8,
}

const WORKS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;
const LATE: u8 = 3;
const REFUSES: u8 = 4;

impl Moody {
    fn new() -> Arc<Self> {
        Arc::new(Self { inner: MemoryStore::new(1 << 20), mood: AtomicU8::new(WORKS), asked: AtomicU8::new(0) })
    }

    fn is(&self, mood: u8) {
        self.mood.store(mood, Ordering::Relaxed);
    }

    fn or<'a, T: Send + 'a>(
        &'a self,
        answer: impl FnOnce(&'a MemoryStore) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.mood.load(Ordering::Relaxed) {
            WORKS => answer(&self.inner),
            FAILS | REFUSES => Box::pin(async { Err(StoreError("down".to_owned())) }),
            LATE => {
                let answer = answer(&self.inner);
                Box::pin(async {
                    sleep(2 * PATIENCE).await;
                    answer.await
                })
            }
            _ => Box::pin(std::future::pending()),
        }
    }
}

impl Sealed for Moody {}

impl LeaseStore for Moody {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseAnswer> {
        self.or(move |inner| inner.acquire(name, ttl))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.or(move |inner| inner.renew(name, token, ttl))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.or(move |inner| inner.release(name, token, note))
    }
}

impl StateStore for Moody {
    fn ping(&self) -> StoreFuture<'_, ()> {
        if self.mood.load(Ordering::Relaxed) == REFUSES {
            return self.inner.ping();
        }
        self.or(|inner| inner.ping())
    }

    fn reconnect(&self) {}

    fn admit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, (Result<Pass, Refused>, CircuitViews)> {
        self.or(|inner| inner.admit(circuit))
    }

    fn settle_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        pass: Pass,
        verdict: Verdict,
    ) -> StoreFuture<'a, CircuitViews> {
        self.or(|inner| inner.settle_circuit(circuit, pass, verdict))
    }

    fn view_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        self.or(|inner| inner.view_circuit(circuit))
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitViews> {
        self.or(|inner| inner.reset_circuit(circuit))
    }

    fn ask_quota<'a>(&'a self, lane: &'a LaneId, known: &'a str, rule: &'a QuotaRule) -> StoreFuture<'a, (Turn, u64)> {
        self.or(|inner| inner.ask_quota(lane, known, rule))
    }

    fn settle_quota<'a>(
        &'a self,
        lane: &'a LaneId,
        grant: Option<Grant>,
        answer: Option<&'a Answer>,
    ) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.settle_quota(lane, grant, answer))
    }

    fn reset_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.reset_quota(scope))
    }

    fn view_quota<'a>(&'a self, scope: &'a Scope) -> StoreFuture<'a, LaneViews> {
        self.or(|inner| inner.view_quota(scope))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (Lookup, Seen)> {
        self.or(|inner| StateStore::lookup(inner, key, tags))
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        kept: &'a Arc<Kept>,
        tags: &'a [String],
        seen: &'a Seen,
        life: Lifetime,
    ) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.put(key, kept, tags, seen, life))
    }

    fn flush<'a>(&'a self, scope: &'a Scope, tags: &'a [String]) -> StoreFuture<'a, ()> {
        self.or(|inner| inner.flush(scope, tags))
    }
}

fn circuit() -> CircuitId {
    let rules = CircuitRules { failures: 2, successes: 1, open_for: Duration::from_secs(60), probes: 1 };
    CircuitId { key: "calcom:circuit:state".into(), scope: Scope::new("base", &[]), operation: None, rules }
}

async fn settle(breaker: &Breaker, health: Health) {
    breaker.admit(Instant::now(), "get_me").await.unwrap().settle(health, Instant::now());
    // What is told to the shared store is told in the background.
    tokio::task::yield_now().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_or_hangs_holds_nobody_up_and_is_picked_up_again() {
    for mood in [FAILS, HANGS] {
        let store = Moody::new();
        let breaker = Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
        settle(&breaker, Health::Up).await;
        store.is(mood);
        advance(Duration::from_secs(1)).await;
        let began = Instant::now();
        settle(&breaker, Health::Up).await;
        assert!(began.elapsed() <= PATIENCE + Duration::from_millis(1), "{:?}", began.elapsed());
        // From now on nobody asks.
        let began = Instant::now();
        store.asked.store(0, Ordering::Relaxed);
        for _ in 0..100 {
            settle(&breaker, Health::Up).await;
        }
        assert_eq!((began.elapsed(), store.asked.load(Ordering::Relaxed)), (Duration::ZERO, 0));
        // And the breaker in this process does its work.
        settle(&breaker, Health::Unreachable).await;
        settle(&breaker, Health::Unreachable).await;
        assert!(breaker.admit(Instant::now(), "get_me").await.is_err());
        assert_eq!(breaker.state().await, CircuitState::Open);
        store.is(WORKS);
        sleep(LOOK + LOOK_AGAIN).await;
        settle(&breaker, Health::Up).await;
        assert_eq!(breaker.state().await, CircuitState::Closed, "the shared one knows of no failure");
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_opened_by_one_is_open_for_all() {
    let store = Moody::new();
    let breaker = || Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
    let (one, other) = (breaker(), breaker());
    settle(&one, Health::Up).await;
    settle(&other, Health::Up).await;
    settle(&one, Health::Unreachable).await;
    settle(&one, Health::Unreachable).await;
    assert!(one.admit(Instant::now(), "get_me").await.is_err());
    advance(Duration::from_millis(50)).await;
    assert_eq!(other.admit(Instant::now(), "get_me").await.unwrap_err().retry_after, Duration::from_millis(59_950));
    // Half-open lets one through, whoever it is.
    advance(Duration::from_secs(60)).await;
    let probe = other.admit(Instant::now(), "get_me").await.unwrap();
    assert!(one.admit(Instant::now(), "get_me").await.is_err());
    probe.settle(Health::Up, Instant::now());
    tokio::task::yield_now().await;
    assert_eq!(one.state().await, CircuitState::Closed);
    assert!(one.admit(Instant::now(), "get_me").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_one_tells_of_an_operation_counts_for_all() {
    let store = Moody::new();
    let breaker = || Breaker::new(Store::shared(store.clone(), 1 << 20), circuit(), true, None);
    let (one, other) = (breaker(), breaker());
    for _ in 0..3 {
        // Two in a row would open it.
        settle(&one, Health::Failing).await;
        settle(&one, Health::Up).await;
        assert_eq!(one.open_operations().await, []);
    }
    settle(&one, Health::Failing).await;
    advance(Duration::from_millis(50)).await;
    settle(&other, Health::Failing).await;
    advance(Duration::from_millis(50)).await;
    for breaker in [&one, &other] {
        assert!(breaker.admit(Instant::now(), "get_me").await.is_err());
        assert!(breaker.admit(Instant::now(), "get_booking").await.is_ok());
        assert_eq!(breaker.open_operations().await.len(), 1);
    }
    // Half-open lets one through, whoever it is, and its success closes it for all.
    advance(Duration::from_secs(60)).await;
    let probe = other.admit(Instant::now(), "get_me").await.unwrap();
    assert!(one.admit(Instant::now(), "get_me").await.is_err());
    probe.settle(Health::Up, Instant::now());
    tokio::task::yield_now().await;
    assert_eq!(one.open_operations().await, []);
    assert!(one.admit(Instant::now(), "get_me").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_write_while_the_store_is_away_reaches_it_when_it_is_back() {
    let store = Moody::new();
    let answers = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let other = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let key = CacheKey::new(Scope::new("base", &["key"]), "calcom:user");
    let tags = ["user".to_owned()];
    let life = Lifetime { fresh: Duration::from_secs(600), stale: Duration::ZERO };
    let kept = Arc::new(Kept::new(200, Vec::new(), "{}".into(), 0));
    let seen = store.inner.find(&key, &tags).1;
    store.inner.keep(key.clone(), kept, seen, life);
    let is_fresh = || matches!(store.inner.lookup(&key), Lookup::Fresh(_));
    store.is(HANGS);
    answers.flush(&key.scope, &tags).await;
    assert!(is_fresh(), "it could not be told");
    store.is(WORKS);
    sleep(LOOK + LOOK_AGAIN).await;
    assert!(!is_fresh());
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn many_missed_writes_become_one() {
    let store = Moody::new();
    let shared = Shared::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    store.is(FAILS);
    let scope = Scope::new("base", &["key"]);
    for n in 0..10 * MOST_MISSED {
        shared.flush(&scope, &[format!("slots:{n}")]).await;
    }
    let missed = lock(&shared.0.missed);
    assert!(missed.len() <= MOST_MISSED);
    assert_eq!(missed[0], Report::Flush(scope, vec![EVERYTHING.to_owned()]));
}

const RULE: QuotaRule = QuotaRule { per_minute: 100, burst: 150, firm: false, max_wait: Duration::from_secs(300) };

#[tokio::test(start_paused = true)]
async fn room_that_was_given_too_late_or_to_nobody_goes_back() {
    let store = Moody::new();
    let shared = Shared::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let lane = LaneId { scope: Scope::new("base", &["key"]), operation: None };
    let under_way = || store.inner.gates(lane.scope).shared.with(|lane| lane.under_way());
    // The caller is gone before the answer is there.
    for _ in 0..100 {
        let mut asked = Box::pin(shared.ask_quota(lane, String::new(), RULE));
        let _ = poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
        drop(asked);
        yield_now().await;
        yield_now().await;
    }
    assert_eq!(under_way(), 0);
    // The answer comes after the caller has gone on without it.
    store.is(LATE);
    assert_eq!(shared.ask_quota(lane, String::new(), RULE).await, None);
    assert_eq!(under_way(), 1);
    store.is(WORKS);
    sleep(LOOK + LOOK_AGAIN).await;
    assert_eq!(under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_while_the_store_is_away_reaches_it_when_it_is_back() {
    let store = Moody::new();
    let shared = Shared::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let lane = LaneId { scope: Scope::new("base", &["key"]), operation: None };
    let (Turn::Go(grant), _) = shared.ask_quota(lane, String::new(), RULE).await.unwrap() else { panic!("no room") };
    store.is(FAILS);
    assert_eq!(shared.view_circuit(&circuit()).await, None);
    shared.settle_quota(lane, Some(grant), Some(Answer { status: Some(429), ..Answer::default() }), None);
    store.is(WORKS);
    sleep(LOOK_AGAIN * 2).await;
    let (turn, under_way) = shared.ask_quota(lane, String::new(), RULE).await.unwrap();
    assert!(matches!((turn, under_way), (Turn::In(_), 0)), "{turn:?}, {under_way} under way");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_the_store_does_not_know_yet_closes_the_gate_here() {
    let store = Moody::new();
    let limiter = Limiter::new(Store::shared(store.clone(), 0), RULE);
    let caller = limiter.caller(Scope::new("base", &["key"]));
    let at_once = || Patience::TellMe(Instant::now() + Duration::from_secs(60));
    for operation in ["get_me", "list_booking_sessions"] {
        let permit = limiter.acquire(&caller, operation, at_once()).await.unwrap();
        let reset = Some(Duration::from_secs(30));
        let name = if operation == "get_me" { "default" } else { "booking_sessions" };
        let limit = RateLimit { limit: Some(5), remaining: Some(0), reset, ..RateLimit::named(name) };
        store.is(HANGS);
        permit.settle(429, vec![limit], None);
        // The report is on its way.
        yield_now().await;
        store.is(WORKS);
        let refused = limiter.acquire(&caller, operation, at_once()).await.unwrap_err();
        assert_eq!(refused.retry_after.unwrap().as_secs(), 30, "{operation}");
        let quota = caller.quota(&limiter).await;
        let told = quota.operations.iter().map(|of| (of.operation, of.retry_after));
        let told: Vec<_> = told.chain([("get_me", quota.retry_after)]).collect();
        assert!(told.iter().any(|(of, wait)| *of == operation && *wait == refused.retry_after), "{told:?}");
        // Then it is given up, and the store is picked up again.
        sleep(LOOK + LOOK_AGAIN + Duration::from_secs(31)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_looked_for_in_a_store_that_has_gone_is_not_kept_elsewhere() {
    let store = Moody::new();
    let answers = ResponseCache::new(Store::shared(store.clone(), 1 << 20));
    let key = CacheKey::new(Scope::new("base", &["key"]), "calcom:user");
    let tags: Arc<[String]> = Arc::new(["user".to_owned()]);
    let fetch = |found| if let Found::Fetch(fetch) = found { fetch } else { panic!("nothing is kept") };
    let until = Instant::now() + LOOK;
    let there = fetch(answers.find(key.clone(), Arc::clone(&tags), false, until).await.unwrap());
    store.is(HANGS);
    answers.flush(&key.scope, &["slots".to_owned()]).await; // Now it is known to have gone.
    let kept = there.fetched(200, Vec::new(), "{}".into());
    there.put(&kept, LOOK).expect("the store is to be told").await;
    // Its count of flushes means nothing here.
    let here = fetch(answers.at_once(&key, || Arc::clone(&tags), false).expect("the store is away"));
    // What is looked for here is kept here.
    let kept = here.fetched(200, Vec::new(), "{}".into());
    assert!(here.put(&kept, LOOK).is_none());
    assert!(matches!(answers.at_once(&key, || Arc::clone(&tags), false), Some(Found::Answer(_))));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_refused_is_left_out_and_is_no_outage() {
    let store = Moody::new();
    let shared = Shared::new(store.clone(), Arc::new(MemoryStore::new(1 << 20)));
    let key = CacheKey::new(Scope::new("base", &[]), "calcom:user");
    store.is(REFUSES);
    for _ in 0..3 {
        assert!(shared.lookup(&key, &[]).await.is_none());
        assert!(shared.admit(&circuit()).await.is_none());
        shared.settle_circuit(circuit(), Pass { generation: 1, probe: 0 }, Verdict::Success, |_| {});
        yield_now().await;
        assert!(!shared.is_away());
    }
    store.is(WORKS);
    assert!(shared.lookup(&key, &[]).await.is_some(), "it is asked again at once");
    store.is(FAILS);
    assert!(shared.lookup(&key, &[]).await.is_none() && shared.is_away());
}
