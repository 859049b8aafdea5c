//! Stores of a program's own that panic, lie, or return numbers of any size: no call fails because of them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{
    Client,
    model::SlotQuery,
    operation::Resend,
    state::{
        Admission, CacheKey, CacheLookup, CachedResponse, CircuitId, CircuitRejection, CircuitSnapshots, CircuitState,
        Freshness, HealthSignal, LeaseDecision, LeaseStore, MemoryStore, QuotaDecision, QuotaFeedback, QuotaGrant,
        QuotaId, QuotaRule, QuotaSnapshots, StateStore, Store, StoreFuture, TagVersions, TenantId,
    },
};

use crate::support::{
    classes::{CLASSES, call, line, success},
    recorded_body,
    socket::{Received, Service, answer, json},
};

const WORKS: u8 = 0;
/// Panics when a step is called.
const PANICS: u8 = 1;
/// Panics when the future of a step is polled.
const PANICS_LATER: u8 = 2;
/// Quotas are exhausted for no time.
const BUSY: u8 = 3;
/// Every number is as large as it can be, and every breaker is open.
const HUGE: u8 = 4;
/// Cached responses are not those that were stored.
const LIES: u8 = 5;

#[derive(Debug)]
struct OddStore {
    inner: MemoryStore,
    mode: AtomicU8,
    steps: AtomicUsize,
    keys: Mutex<Vec<CacheKey>>,
}

impl OddStore {
    fn new() -> Arc<Self> {
        let (inner, mode, steps) = (MemoryStore::new(1 << 20), AtomicU8::new(WORKS), AtomicUsize::new(0));
        Arc::new(Self { inner, mode, steps, keys: Mutex::default() })
    }

    fn mode(&self) -> u8 {
        self.mode.load(Ordering::Relaxed)
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::Relaxed);
    }

    fn steps(&self) -> usize {
        self.steps.load(Ordering::Relaxed)
    }

    fn client(self: &Arc<Self>, service: &Service) -> Client {
        service.builder().store(Store::shared(Arc::clone(self) as Arc<dyn StateStore>, 1 << 20)).build().unwrap()
    }

    fn step<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&'a MemoryStore) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        match self.mode() {
            PANICS => panic!("as the test wants it"),
            PANICS_LATER => Box::pin(async { panic!("as the test wants it") }),
            _ => work(&self.inner),
        }
    }
}

impl LeaseStore for OddStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.step(|inner| inner.acquire(name, ttl))
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.step(|inner| inner.renew(name, token, ttl))
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.step(|inner| inner.release(name, token, note))
    }
}

fn huge(mut snapshots: CircuitSnapshots) -> CircuitSnapshots {
    snapshots.tenant.state = CircuitState::Open;
    (snapshots.tenant.open_for, snapshots.tenant.generation) = (Duration::MAX, u64::MAX);
    snapshots
}

impl StateStore for OddStore {
    fn ping(&self) -> StoreFuture<'_, ()> {
        self.step(|inner| inner.ping())
    }

    fn reconnect(&self) {
        assert!(self.mode() != PANICS, "as the test wants it");
    }

    fn admit<'a>(
        &'a self,
        circuit: &'a CircuitId,
    ) -> StoreFuture<'a, (Result<Admission, CircuitRejection>, CircuitSnapshots)> {
        let is_huge = self.mode() == HUGE;
        let admitted = self.step(|inner| inner.admit(circuit));
        Box::pin(async move {
            let (admission, snapshots) = admitted.await?;
            Ok(match is_huge {
                true => (Err(CircuitRejection { retry_after: u64::MAX }), huge(snapshots)),
                false => (admission, snapshots),
            })
        })
    }

    fn record_circuit<'a>(
        &'a self,
        circuit: &'a CircuitId,
        admission: Admission,
        signal: HealthSignal,
    ) -> StoreFuture<'a, CircuitSnapshots> {
        self.step(|inner| inner.record_circuit(circuit, admission, signal))
    }

    fn inspect_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        let is_huge = self.mode() == HUGE;
        let known = self.step(|inner| inner.inspect_circuit(circuit));
        Box::pin(async move { known.await.map(|known| if is_huge { huge(known) } else { known }) })
    }

    fn reset_circuit<'a>(&'a self, circuit: &'a CircuitId) -> StoreFuture<'a, CircuitSnapshots> {
        self.step(|inner| inner.reset_circuit(circuit))
    }

    fn acquire_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        exported: &'a str,
        rule: &'a QuotaRule,
    ) -> StoreFuture<'a, (QuotaDecision, u64)> {
        let mode = self.mode();
        let decided = self.step(|inner| inner.acquire_quota(quota, exported, rule));
        Box::pin(async move {
            let decided = decided.await?;
            Ok(match mode {
                BUSY => (QuotaDecision::RetryAfter(0), 0),
                HUGE => (QuotaDecision::RetryAfter(u64::MAX), u64::MAX),
                _ => decided,
            })
        })
    }

    fn record_quota<'a>(
        &'a self,
        quota: &'a QuotaId,
        grant: Option<QuotaGrant>,
        feedback: Option<&'a QuotaFeedback>,
    ) -> StoreFuture<'a, ()> {
        self.step(|inner| inner.record_quota(quota, grant, feedback))
    }

    fn reset_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, ()> {
        self.step(|inner| inner.reset_quota(tenant))
    }

    fn inspect_quota<'a>(&'a self, tenant: &'a TenantId) -> StoreFuture<'a, QuotaSnapshots> {
        self.step(|inner| inner.inspect_quota(tenant))
    }

    fn lookup<'a>(&'a self, key: &'a CacheKey, tags: &'a [String]) -> StoreFuture<'a, (CacheLookup, TagVersions)> {
        let lies = self.mode() == LIES;
        self.keys.lock().unwrap().push(key.clone());
        let found = self.step(|inner| StateStore::lookup(inner, key, tags));
        Box::pin(async move {
            let found = found.await?;
            let bodies: [&'static [u8]; 3] =
                [b"", b"\xff\xfe", b"{\"status\": \"success\", \"data\": {\"id\": \"planted\"}}"];
            let body = bodies[fastrand::usize(..bodies.len())];
            let planted = || Arc::new(CachedResponse::from_parts(599, Vec::new(), body.into()));
            Ok(if lies { (CacheLookup::Fresh(planted()), TagVersions(vec![u64::MAX; 50])) } else { found })
        })
    }

    fn put<'a>(
        &'a self,
        key: &'a CacheKey,
        response: &'a Arc<CachedResponse>,
        tags: &'a [String],
        versions: &'a TagVersions,
        freshness: Freshness,
    ) -> StoreFuture<'a, ()> {
        self.step(|inner| inner.put(key, response, tags, versions, freshness))
    }

    fn invalidate<'a>(&'a self, tenant: &'a TenantId, tags: &'a [String]) -> StoreFuture<'a, ()> {
        self.step(|inner| inner.invalidate(tenant, tags))
    }
}

async fn service() -> Service {
    Service::serving_with(|request: &Received| {
        let class = CLASSES.into_iter().find(|class| line(*class) == request.line);
        class.map_or_else(|| json(200, &[], recorded_body("me/get-2024-06-14").to_string()), success)
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_fails_no_call_and_is_used_again_later() {
    for mode in [PANICS, PANICS_LATER] {
        let (service, store) = (service().await, OddStore::new());
        let client = store.client(&service);
        call(&client, Resend::Safe).await.unwrap();
        store.set(mode);
        for _ in 0..3 {
            for class in CLASSES {
                call(&client, class).await.unwrap();
            }
            client.me().get().await.unwrap();
            client.reset_quota().await;
            client.reset_circuit().await;
            assert_eq!(client.quota().await.limits, []);
            assert_eq!(client.circuits().await, []);
            client.cache().flush_all().await;
        }
        store.set(WORKS);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let before = store.steps();
        call(&client, Resend::Unsafe).await.unwrap();
        assert!(store.steps() > before, "{mode}: the store is used again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_while_the_store_panics_makes_its_responses_stale_later() {
    for mode in [PANICS, PANICS_LATER] {
        let (service, store) = (service().await, OddStore::new());
        let client = store.client(&service);
        client.me().get().await.unwrap();
        client.me().get().await.unwrap();
        assert_eq!(service.requests().len(), 1, "{mode}: it is cached");
        store.set(mode);
        client.cache().flush_all().await;
        store.set(WORKS);
        tokio::time::sleep(Duration::from_secs(3)).await;
        client.me().get().await.unwrap();
        assert_eq!(service.requests().len(), 2, "{mode}: it was stale");
    }
}

#[tokio::test]
async fn a_store_that_says_to_ask_again_at_once_is_not_asked_without_a_pause() {
    let (service, store) = (service().await, OddStore::new());
    store.set(BUSY);
    let client = store.client(&service).with_deadline(Duration::from_millis(400));
    let began = std::time::Instant::now();
    let error = call(&client, Resend::Safe).await.unwrap_err();
    assert!(matches!(error, calcom::Error::RateLimit(_)), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2) && store.steps() < 150, "{} steps", store.steps());
    assert_eq!(service.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn numbers_of_any_size_of_a_store_are_no_panic() {
    let (service, store) = (service().await, OddStore::new());
    store.set(HUGE);
    for class in CLASSES {
        let shared = Store::shared(Arc::clone(&store) as Arc<dyn StateStore>, 0);
        let open = service.builder().no_rate_limit().store(shared).build().unwrap();
        let error = call(&open, class).await.unwrap_err();
        assert!(error.is_circuit_open() && error.retry_after().is_some(), "{error}");
        assert!(!error.may_have_been_applied() && !error.to_string().is_empty());
        let shared = Store::shared(Arc::clone(&store) as Arc<dyn StateStore>, 0);
        let exhausted = service.builder().no_circuit_breaker().store(shared).build().unwrap();
        for client in [exhausted.clone(), exhausted.wait_for_quota(false), exhausted.with_deadline(Duration::MAX)] {
            let error = call(&client, class).await.unwrap_err();
            assert!(matches!(error, calcom::Error::RateLimit(_)), "{error}");
            assert!(error.retry_after() > Some(Duration::from_secs(1 << 40)), "{error}");
        }
    }
    assert_eq!(service.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn a_cached_response_that_is_none_is_requested_anew() {
    let (service, store) = (service().await, OddStore::new());
    store.set(LIES);
    let client = store.client(&service);
    for number in 1..20 {
        let me = client.me().get().await.unwrap();
        assert!(!format!("{me:?}").contains("planted"));
        assert_eq!(service.requests().len(), number);
    }
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_cached_response_shows_neither_path_nor_query_in_debug() {
    let (service, store) = (service().await, OddStore::new());
    let [start, end] = ["2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"].map(|time| time.parse().unwrap());
    let query = SlotQuery::for_user("planted-user", "planted-slug", start, end).to_reschedule("planteduid7kgiKeoVgk6N");
    let _ = store.client(&service).slots().list(&query).await;
    let keys = store.keys.lock().unwrap().clone();
    assert!(!keys.is_empty());
    for key in keys {
        assert!(key.to_string().contains("planted"), "the text names the response: {key}");
        let debug = format!("{key:?} {key:#?}");
        assert!(!debug.contains("planted") && debug.contains("calcom:slots"), "{debug}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_response_reports_while_the_store_panics_arrives_later() {
    for mode in [PANICS, PANICS_LATER] {
        let store = OddStore::new();
        let shared = Arc::clone(&store);
        let limits =
            [("x-ratelimit-limit-default", "5"), ("x-ratelimit-remaining-default", "0"), ("retry-after", "60")];
        let service = Service::serving_with(move |_| {
            shared.set(mode);
            answer(429, &limits, "{}")
        })
        .await;
        let client = store.client(&service).wait_for_quota(false);
        call(&client, Resend::Safe).await.unwrap_err();
        tokio::time::sleep(Duration::from_millis(50)).await;
        store.set(WORKS);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let quota = store.client(&service).quota().await;
        assert!(quota.retry_after > Some(Duration::from_secs(30)), "{mode}: {quota:?}");
    }
}
