use std::sync::Mutex;

use tokio::time::{advance, sleep};

use super::*;
use crate::{
    error::RateLimit,
    state::{Store, TenantId, quota::QuotaRule},
    sync::lock,
};

const RULE: QuotaRule = QuotaRule { per_minute: 100, burst: 150, hard: false, max_wait: Duration::from_secs(300) };

fn limiter(rule: QuotaRule) -> (Limiter, TenantQuotas) {
    let limiter = Limiter::new(Store::memory(1 << 20), rule);
    let tenant = limiter.tenant_quota(TenantId::new("https://api.cal.com", &["key"]));
    (limiter, tenant)
}

fn limit(name: &str, most: u64, left: u64, reset: u64) -> RateLimit {
    RateLimit {
        limit: Some(most),
        remaining: Some(left),
        reset: Some(Duration::from_secs(reset)),
        ..RateLimit::named(name)
    }
}

fn within(seconds: u64) -> WaitPolicy {
    WaitPolicy::Wait(Instant::now() + Duration::from_secs(seconds))
}

fn fail_fast() -> WaitPolicy {
    WaitPolicy::FailFast(Instant::now() + Duration::from_secs(60))
}

/// The service's rule, as recorded: 120 requests in a fixed window of 60 s that begins with the first, then 60 s of 429.
#[derive(Default)]
struct Service(Mutex<Window>);

#[derive(Default)]
struct Window {
    hits: u64,
    ends: Option<Instant>,
    blocked_until: Option<Instant>,
    refused: u64,
    answered: u64,
}

impl Service {
    const LIMIT: u64 = 120;
    const WINDOW: Duration = Duration::from_secs(60);

    fn hit(&self) -> (u16, Vec<RateLimit>) {
        let mut window = lock(&self.0);
        let now = Instant::now();
        if window.ends.is_none_or(|ends| now >= ends) {
            (window.hits, window.ends) = (0, Some(now + Self::WINDOW));
        }
        window.hits += 1;
        let blocked = window.blocked_until.is_some_and(|until| now < until);
        if !blocked && window.hits > Self::LIMIT {
            window.blocked_until = Some(now + Self::WINDOW);
        }
        let seconds = |until: Option<Instant>| {
            until.map_or(0, |until| until.duration_since(now).as_millis().div_ceil(1_000) as u64)
        };
        if window.blocked_until.is_some_and(|until| now < until) {
            window.refused += 1;
            return (429, vec![limit("Default", Self::LIMIT, 0, seconds(window.blocked_until))]);
        }
        window.answered += 1;
        (200, vec![limit("Default", Self::LIMIT, Self::LIMIT - window.hits, seconds(window.ends))])
    }
}

#[tokio::test(start_paused = true)]
async fn two_thousand_calls_of_64_tasks_meet_no_429_and_use_the_quota() {
    let (limiter, tenant) = limiter(RULE);
    let (limiter, service) = (Arc::new(limiter), Arc::new(Service::default()));
    let began = Instant::now();
    let tasks: Vec<_> = (0..64u64)
        .map(|task| {
            let (limiter, tenant, service) = (Arc::clone(&limiter), tenant.clone(), Arc::clone(&service));
            tokio::spawn(async move {
                let calls = 2_000 / 64 + u64::from(task < 2_000 % 64);
                for call in 0..calls {
                    let mut permit = limiter.acquire(&tenant, "get_me", within(3_600)).await.unwrap();
                    permit.mark_sent();
                    sleep(Duration::from_millis(5 + (task * 31 + call * 17) % 200)).await;
                    let (status, limits) = service.hit();
                    sleep(Duration::from_millis(5 + (task * 13 + call * 7) % 200)).await;
                    permit.complete(status, limits, None, Instant::now());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let window = service.0.lock().unwrap();
    assert_eq!((window.refused, window.answered), (0, 2_000));
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    // The last window has not ended when the last call ends: it counts with what the service would have admitted by then.
    let quota = minutes.ceil() * 120.0;
    let used = 2_000.0 / quota.min(minutes * 120.0 + 120.0);
    assert!(used >= 0.95, "{:.1} % of the quota in {minutes:.2} minutes", used * 100.0);
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_are_granted_permits_in_order_of_arrival() {
    let (limiter, tenant) = limiter(RULE);
    let limiter = Arc::new(limiter);
    let mut first = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
    first.complete(200, vec![limit("Default", 120, 0, 30)], None, Instant::now());
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for n in 0..50 {
        let (limiter, tenant, order) = (Arc::clone(&limiter), tenant.clone(), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let permit = limiter.acquire(&tenant, "get_me", within(3_600)).await.unwrap();
            order.lock().unwrap().push(n);
            drop(permit);
        }));
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..50).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn no_call_overtakes_waiting_calls() {
    let (limiter, tenant) = limiter(RULE);
    let mut first = limiter.try_acquire(Instant::now(), &tenant, "get_me").unwrap();
    first.complete(200, vec![limit("Default", 120, 0, 30)], None, Instant::now());
    assert!(limiter.try_acquire(Instant::now(), &tenant, "get_me").is_none(), "the quota is exhausted");
    let mut waits = Box::pin(limiter.acquire(&tenant, "get_me", within(60)));
    assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
    advance(Duration::from_secs(31)).await;
    assert!(
        limiter.try_acquire(Instant::now(), &tenant, "get_me").is_none(),
        "quota is available, and a call waits for it"
    );
    drop(waits.await.unwrap());
    assert!(limiter.try_acquire(Instant::now(), &tenant, "get_me").is_some());
    // A caller that stops waiting blocks no other.
    let mut second = limiter.try_acquire(Instant::now(), &tenant, "get_me").unwrap();
    second.complete(200, vec![limit("Default", 120, 0, 30)], None, Instant::now());
    let mut waits = Box::pin(limiter.acquire(&tenant, "get_me", within(60)));
    assert!(tokio::time::timeout(Duration::ZERO, &mut waits).await.is_err());
    drop(waits);
    advance(Duration::from_secs(31)).await;
    assert!(limiter.try_acquire(Instant::now(), &tenant, "get_me").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_releases_its_place_and_its_permit() {
    let (limiter, tenant) = limiter(RULE);
    let limiter = Arc::new(limiter);
    let mut first = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
    first.complete(200, vec![limit("Default", 3, 2, 30)], None, Instant::now());
    // The quota has room for two more; dropped before they are sent, they release it each time.
    for _ in 0..10 {
        let one = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
        let two = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
        assert!(limiter.acquire(&tenant, "get_me", within(1)).await.is_err());
        drop((one, two));
    }
    // A request that was sent and dropped counts.
    let mut sent = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
    sent.mark_sent();
    drop(sent);
    let last = limiter.acquire(&tenant, "get_me", within(1)).await.unwrap();
    // Waiting calls are dropped at the head and in the middle of the queue: the others get their permits.
    let wait = |seconds| {
        let (limiter, tenant) = (Arc::clone(&limiter), tenant.clone());
        tokio::spawn(async move { limiter.acquire(&tenant, "get_me", within(seconds)).await.is_ok() })
    };
    let queue: Vec<_> = (0..5).map(|_| wait(3_600)).collect();
    tokio::task::yield_now().await;
    queue[0].abort();
    queue[2].abort();
    drop(last);
    let mut went = 0;
    for (n, task) in queue.into_iter().enumerate() {
        match task.await {
            Ok(ok) => went += u32::from(ok),
            Err(aborted) => assert!(aborted.is_cancelled() && (n == 0 || n == 2)),
        }
    }
    assert_eq!(went, 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_wait_gets_the_time_until_the_reset() {
    let (limiter, tenant) = limiter(RULE);
    let mut first = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    first.complete(429, vec![limit("Default", 120, 0, 60)], None, Instant::now());
    let began = Instant::now();
    let refused = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap_err();
    assert_eq!(refused.retry_after.unwrap().as_secs(), 60);
    // A call does not wait if its deadline is earlier than the reset.
    let refused = limiter.acquire(&tenant, "get_me", within(59)).await.unwrap_err();
    assert_eq!(refused.retry_after.unwrap().as_secs(), 60);
    assert_eq!(began.elapsed(), Duration::ZERO);
    // Another tenant has its own quota.
    let other = limiter.tenant_quota(TenantId::new("https://api.cal.com", &["another key"]));
    assert!(limiter.acquire(&other, "get_me", fail_fast()).await.is_ok());
    assert!(limiter.acquire(&tenant, "get_me", within(61)).await.is_ok());
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn an_operation_with_a_limit_of_its_own_queues_by_itself() {
    let (limiter, tenant) = limiter(RULE);
    let mut other = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    other.complete(200, vec![limit("default", 120, 119, 60)], None, Instant::now());
    let mut first = limiter.acquire(&tenant, "update_booking_location", fail_fast()).await.unwrap();
    first.complete(200, vec![limit("booking_location_update", 5, 0, 60)], None, Instant::now());
    let refused = limiter.acquire(&tenant, "update_booking_location", fail_fast()).await.unwrap_err();
    assert_eq!(refused.retry_after.unwrap().as_secs(), 60);
    let mut permit = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    permit.complete(200, vec![limit("default", 120, 0, 20)], None, Instant::now());
    // And the reverse: it does not count against the tenant's limits.
    advance(Duration::from_secs(1)).await;
    assert!(limiter.acquire(&tenant, "get_me", fail_fast()).await.is_err());
    advance(Duration::from_secs(60)).await;
    for left in (0..5).rev() {
        let mut permit = limiter.acquire(&tenant, "update_booking_location", fail_fast()).await.unwrap();
        permit.complete(200, vec![limit("booking_location_update", 5, left, 60)], None, Instant::now());
    }
    assert!(limiter.acquire(&tenant, "update_booking_location", fail_fast()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_response_that_reports_another_quota_is_recorded_in_it() {
    let (limiter, tenant) = limiter(RULE);
    let operation = "update_booking_location";
    let mut first = limiter.acquire(&tenant, operation, fail_fast()).await.unwrap();
    first.complete(200, vec![limit("booking_location_update", 5, 4, 60)], None, Instant::now());
    // From now on it needs no grant of the tenant's quota, until a response reports a limit of the tenant.
    let mut second = limiter.acquire(&tenant, operation, fail_fast()).await.unwrap();
    second.complete(200, vec![limit("default", 120, 0, 30)], None, Instant::now());
    for operation in ["get_me", operation] {
        let refused = limiter.acquire(&tenant, operation, fail_fast()).await.unwrap_err();
        assert_eq!(refused.retry_after.unwrap().as_secs(), 30, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_configured_quota_holds_beside_the_reported_one() {
    let (limiter, tenant) =
        limiter(QuotaRule { per_minute: 60, burst: 5, hard: true, max_wait: Duration::from_secs(300) });
    let mut first = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    first.complete(200, vec![limit("default", 120, 119, 60)], None, Instant::now());
    for _ in 0..4 {
        let mut permit = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
        permit.complete(200, vec![limit("default", 120, 100, 60)], None, Instant::now());
    }
    let refused = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap_err();
    assert_eq!(refused.retry_after.unwrap().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_that_the_configured_quota_rejects_do_not_count_against_the_reported_one() {
    let (limiter, tenant) =
        limiter(QuotaRule { per_minute: 60, burst: 1, hard: true, max_wait: Duration::from_secs(300) });
    let mut first = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    first.complete(200, vec![limit("default", 120, 119, 60)], None, Instant::now());
    for _ in 0..200 {
        limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap_err();
        assert!(limiter.try_acquire(Instant::now(), &tenant, "get_me").is_none());
    }
    advance(Duration::from_secs(1)).await;
    assert!(limiter.try_acquire(Instant::now(), &tenant, "get_me").is_some());
}

/// Four processes, each with its own limiter and memory, and one shared store.
#[tokio::test(start_paused = true)]
async fn four_processes_that_share_a_store_keep_to_the_quota_and_make_progress() {
    for (most, window) in [(1, 5), (2, 60), (3, 7), (5, 60), (10, 30), (20, 60)] {
        let store = Arc::new(crate::state::MemoryStore::new(0));
        let service = Arc::new(Quota { most, window: Duration::from_secs(window), state: Mutex::default() });
        let mut tasks = Vec::new();
        for process in 0..4 {
            let limiter = Arc::new(Limiter::new(Store::shared(store.clone(), 0), RULE));
            let tenant = limiter.tenant_quota(TenantId::new("https://api.cal.com", &["key"]));
            for task in 0..3u64 {
                let (limiter, tenant, service) = (Arc::clone(&limiter), tenant.clone(), Arc::clone(&service));
                tasks.push(tokio::spawn(async move {
                    let mut calls = 0;
                    while calls < 5 {
                        let mut permit = limiter.acquire(&tenant, "get_me", within(86_400)).await.unwrap();
                        let asked = Instant::now();
                        permit.mark_sent();
                        sleep(Duration::from_millis(5 + (task * 31 + calls * 17 + process) % 90)).await;
                        let (status, limits) = service.hit(asked);
                        sleep(Duration::from_millis(5 + (task * 13 + calls * 7) % 90)).await;
                        // Beside the service's own limit, that of a proxy.
                        let limits = [limits, vec![limit("", 1_000, 900 - calls, 3_600)]].concat();
                        permit.complete(status, limits, None, Instant::now());
                        calls += u64::from(status == 200);
                    }
                }));
            }
        }
        let began = Instant::now();
        for task in tasks {
            task.await.unwrap();
        }
        let (refused, knowing) = lock(&service.state).refused;
        assert!(refused <= 10, "{most}: those of the slow start, and no more: {refused}");
        assert_eq!(knowing, 0, "{most}: refused though it was reported_at");
        let windows = began.elapsed().as_secs_f64() / window as f64;
        let needed = (60 / most) as f64;
        assert!(windows <= 2.0 * needed + 2.0, "{most}: {windows} windows for what {needed} have room for");
    }
}

/// A quota with the service's rule, of any size.
struct Quota {
    most: u64,
    window: Duration,
    state: Mutex<QuotaUsage>,
}

#[derive(Default)]
struct QuotaUsage {
    hits: u64,
    ends: Option<Instant>,
    blocked_until: Option<Instant>,
    reported_at: Option<Instant>,
    /// In all, and of requests that were sent long after the limit was reported.
    refused: (u64, u64),
}

impl Quota {
    fn hit(&self, asked: Instant) -> (u16, Vec<RateLimit>) {
        let now = Instant::now();
        let mut state = lock(&self.state);
        if state.ends.is_none_or(|ends| now >= ends) {
            (state.hits, state.ends) = (0, Some(now + self.window));
        }
        state.hits += 1;
        let is_blocked = |state: &QuotaUsage| state.blocked_until.is_some_and(|until| now < until);
        if !is_blocked(&state) && state.hits > self.most {
            state.blocked_until = Some(now + self.window);
        }
        let seconds = |until: Option<Instant>| {
            until.map_or(0, |until| until.duration_since(now).as_millis().div_ceil(1_000) as u64)
        };
        let reported_at = *state.reported_at.get_or_insert(now);
        if is_blocked(&state) {
            state.refused.0 += 1;
            state.refused.1 += u64::from(asked > reported_at + Duration::from_millis(200));
            return (429, vec![limit("Default", self.most, 0, seconds(state.blocked_until))]);
        }
        (200, vec![limit("Default", self.most, self.most - state.hits, seconds(state.ends))])
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_reset_lets_the_first_in_the_queue_ask_again() {
    let (limiter, tenant) = limiter(RULE);
    let mut permit = limiter.acquire(&tenant, "get_me", fail_fast()).await.unwrap();
    permit.complete(429, vec![limit("Default", 120, 0, 100)], None, Instant::now());
    let own = limiter.try_acquire(Instant::now(), &tenant, "get_me").is_some();
    assert!(!own);
    let mut waits = Box::pin(limiter.acquire(&tenant, "get_me", within(200)));
    assert!(tokio::time::timeout(Duration::from_secs(1), &mut waits).await.is_err());
    tenant.reset(&limiter).await;
    let began = Instant::now();
    drop(waits.await.unwrap());
    assert_eq!(began.elapsed(), Duration::ZERO);
}
