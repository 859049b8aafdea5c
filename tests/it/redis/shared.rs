//! What processes that share a server know of each other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use calcom_fake::{FakeCalcom, FakeEventType, FakeRateLimit, FakeUser};
use redis::Commands;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::process::{Ended, Order, Process};
use crate::redis_server::RedisServer;

const KEY: &str = "cal_test_planted";
const PROCESSES: usize = 4;

fn processes(config: &Value, server: &RedisServer) -> Vec<Process> {
    (0..PROCESSES).map(|_| Process::start(config, KEY, &server.url())).collect()
}

/// All of them at once.
fn all<T: for<'de> serde::Deserialize<'de>>(processes: &mut [Process], order: &Order) -> Vec<T> {
    processes.iter_mut().for_each(|process| process.tell(order));
    processes.iter_mut().map(Process::answer).collect()
}

/// Runs what blocks beside the servers that this process runs.
async fn beside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(what).await.unwrap()
}

/// What came of a story of several processes, the first time that none of them gave the server up in it: one that did,
/// because this machine was too busy for an answer in time, shared nothing.
async fn shared<T>(story: impl AsyncFn() -> (T, Vec<Process>, RedisServer)) -> T {
    for _ in 0..10 {
        let (told, mut processes, _server) = story().await;
        let alone: Vec<usize> = beside(move || processes.iter_mut().map(|it| it.ask(&Order::Alone)).collect()).await;
        if alone.iter().all(|times| *times == 0) {
            return told;
        }
    }
    panic!("this machine is too busy to find out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_with_one_key_meet_no_429() {
    let (ended, took, requests) = shared(async || {
        let server = RedisServer::start();
        // The service's rule at thirty times its speed.
        let limit = FakeRateLimit::new("default", 100, Duration::from_secs(2));
        let user = FakeUser::new("johndoe").api_key(KEY);
        let fake = FakeCalcom::builder().user(user).rate_limits(vec![limit]).start().await;
        let config = json!({"api_url": fake.url(), "timeout": {"total": 120}});
        let began = Instant::now();
        let (ended, processes, server) = beside(move || {
            let mut processes = processes(&config, &server);
            let ended: Vec<Ended> = all(&mut processes, &Order::Call { times: 90, tasks: 8 });
            (ended, processes, server)
        })
        .await;
        ((ended, began.elapsed(), fake.requests_of("get_me")), processes, server)
    })
    .await;
    assert!(ended.iter().all(|ended| ended.well == 90 && ended.badly.is_empty()), "{ended:?}");
    let refused = requests.iter().filter(|request| request.status != Some(200)).count();
    assert_eq!((requests.len(), refused), (360, 0));
    // Three windows must be over, and some of the fourth.
    assert!(took >= Duration::from_secs(6), "{took:?}: they went faster than the rule allows");
}

/// A service that is told how it is.
struct Service {
    server: MockServer,
    status: Arc<AtomicU16>,
}

/// Answers well, after a while.
const SLOWLY: u16 = 1;

impl Service {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let status = Arc::new(AtomicU16::new(200));
        let told = Arc::clone(&status);
        let answer = move |_: &Request| match told.load(Ordering::Relaxed) {
            SLOWLY => ResponseTemplate::new(200).set_body_json(user()).set_delay(Duration::from_secs(2)),
            status => ResponseTemplate::new(status).set_body_json(user()),
        };
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self { server, status }
    }

    fn is(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

fn user() -> Value {
    json!({"status": "success", "data": {
        "id": 1, "username": "x", "email": "x@example.com", "timeZone": "UTC", "weekStart": "Monday", "timeFormat": 24,
        "defaultScheduleId": null, "organizationId": null, "name": null, "avatarUrl": null, "bio": null
    }})
}

/// Has the first process open the circuit, and measures until it is open for the last of the others; and how it stands
/// then for each.
fn open_for_all(mut processes: Vec<Process>) -> (Vec<Process>, Duration, Vec<String>) {
    let _: Value = processes[0].ask(&Order::ResetCircuit);
    processes.iter_mut().for_each(|process| while process.ask::<Value>(&Order::Circuit) != json!("CLOSED") {});
    let failed: Ended = processes[0].ask(&Order::Call { times: 5, tasks: 1 });
    let opened = Instant::now();
    assert_eq!(failed.badly.len(), 5, "{failed:?}");
    let slowest = std::thread::scope(|scope| {
        let asking = processes[1..].iter_mut().map(|process| {
            scope.spawn(move || {
                while process.ask::<Ended>(&Order::Call { times: 1, tasks: 1 }).refused == 0 {}
                opened.elapsed()
            })
        });
        let asking: Vec<_> = asking.collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).max().unwrap()
    });
    let states = all(&mut processes, &Order::Circuit);
    (processes, slowest, states)
}

/// What was seen of a circuit that four processes share.
#[derive(Debug, Default)]
struct Seen {
    delays: Vec<Duration>,
    states: Vec<String>,
    while_probing: Vec<Ended>,
    probes: usize,
    closed_again: Vec<Ended>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circuit_opened_by_one_process_is_open_for_all_and_only_the_probes_pass() {
    let seen = shared(async || {
        let (server, service) = (RedisServer::start(), Service::start().await);
        let config = json!({
            "api_url": service.server.uri(),
            "retry": {"times": 1},
            "circuit_breaker": {"timeout": 4, "half_open_requests": 3},
        });
        let mut processes = processes(&config, &server);
        let mut seen = Seen::default();
        for _ in 0..3 {
            service.is(500);
            let (opened, delay, states) = beside(move || open_for_all(processes)).await;
            processes = opened;
            seen.delays.push(delay);
            seen.states.extend(states);
        }
        // Its time is up: of 80 calls at once by four processes three go through, and hold their places for a while.
        service.is(SLOWLY);
        let before = service.requests().await;
        let (processes, ended) = beside(move || {
            while processes[0].ask::<Value>(&Order::Circuit) == json!("OPEN") {}
            let ended = all::<Ended>(&mut processes, &Order::Call { times: 20, tasks: 20 });
            (processes, ended)
        })
        .await;
        seen.while_probing = ended;
        seen.probes = service.requests().await - before;
        // Two successes have closed it, for all.
        let mut processes = processes;
        let (processes, ended) = beside(move || {
            processes.iter_mut().for_each(|process| while process.ask::<Value>(&Order::Circuit) != json!("CLOSED") {});
            let ended = all::<Ended>(&mut processes, &Order::Call { times: 2, tasks: 1 });
            (processes, ended)
        })
        .await;
        seen.closed_again = ended;
        (seen, processes, server)
    })
    .await;
    assert!(seen.states.iter().all(|state| state == "OPEN"), "{seen:?}");
    let (well, refused) = seen.while_probing.iter().fold((0, 0), |sum, it| (sum.0 + it.well, sum.1 + it.refused));
    assert_eq!((well, refused, seen.probes), (3, 77, 3), "{seen:?}");
    assert!(seen.closed_again.iter().all(|ended| ended.well == 2), "{seen:?}");
    // A busy machine may be late itself: the middle one of three.
    let mut delays = seen.delays;
    delays.sort_unstable();
    assert!(delays[1] < Duration::from_millis(100), "open for all only after {delays:?}");
    println!("redis, circuit open for all processes after: {:.1} ms (aim 100)", delays[1].as_secs_f64() * 1e3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_one_process_makes_the_others_answers_stale() {
    let ((first, second, asked), everything) = shared(async || {
        let server = RedisServer::start();
        let fake = FakeCalcom::builder()
            .at("2026-11-23T08:00:00Z".parse().unwrap())
            .user(FakeUser::new("johndoe").api_key(KEY))
            .event_type(FakeEventType::new("johndoe", "30min", 30))
            .start()
            .await;
        let config = json!({"api_url": fake.url()});
        let (first, second, everything, processes, server) = beside(move || {
            let mut processes = processes(&config, &server);
            let slots =
                Order::Slots { event_type: 1, from: "2026-11-30T00:00:00Z".into(), to: "2026-11-30T23:59:59Z".into() };
            let first: Vec<usize> = processes.iter_mut().map(|process| process.ask(&slots)).collect();
            let _: String = processes[0].ask(&Order::Book { event_type: 1, start: "2026-11-30T10:00:00Z".into() });
            let second: Vec<usize> = processes.iter_mut().map(|process| process.ask(&slots)).collect();
            (first, second, everything(&server.url()), processes, server)
        })
        .await;
        let asked = fake.requests().iter().filter(|request| request.path == "/v2/slots").count();
        (((first, second, asked), everything), processes, server)
    })
    .await;
    assert_eq!(first, [16; PROCESSES]);
    assert_eq!(second, [15; PROCESSES]);
    assert_eq!(asked, 2, "one process asks for all of them, before the write and after");

    // What is on the server names no credential, and does not stay for ever.
    assert!(everything.iter().any(|(key, _, _)| key.contains("calcom:slots:1:2026-11-30")), "{everything:?}");
    for (key, value, expires_in) in everything {
        assert!(!key.contains("planted") && !value.contains("planted"), "{key}: {value}");
        assert!(expires_in > 0, "{key} never expires");
    }
}

/// Every key of a server, its value in words, and its time to live in milliseconds.
fn everything(url: &str) -> Vec<(String, String, i64)> {
    let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
    let keys: Vec<String> = connection.keys("*").unwrap();
    let all = keys.into_iter().map(|key| {
        let kind: String = redis::cmd("TYPE").arg(&key).query(&mut connection).unwrap();
        let value: redis::Value = match kind.as_str() {
            "hash" => connection.hgetall(&key).unwrap(),
            "zset" => connection.zrange(&key, 0, -1).unwrap(),
            _ => connection.get(&key).unwrap(),
        };
        let expires_in: i64 = connection.pttl(&key).unwrap();
        (key, format!("{value:?}"), expires_in)
    });
    all.collect()
}
