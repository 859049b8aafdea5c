//! Quotas and circuits on a server: what one client learns, the others keep to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use calcom::{ApiKey, CircuitState, Client, Config, Error, Quota};
use tokio::time::{sleep, timeout};

use crate::{
    redis_server::RedisServer,
    support::socket::{self, Received, Service},
};

const SECOND: Duration = Duration::from_secs(1);
const USER: &str = r#"{"status":"success","data":{"id":1,"username":"x","email":"x@example.com","timeZone":"UTC",
    "weekStart":"Monday","timeFormat":24,"defaultScheduleId":null,"organizationId":null,"name":null,"avatarUrl":null,
    "bio":null}}"#;

fn client(service: &Service, server: &RedisServer, key: &str) -> Client {
    let mut config = Config::default();
    config.api_url = service.url();
    let builder = Client::builder().config(config).credentials(ApiKey::new(key));
    builder.redis(&server.url()).unwrap().build().unwrap().bypass_cache()
}

async fn call(client: &Client) -> Result<(), Error> {
    client.raw().get_me().await.map(drop)
}

/// A service that does with each key's requests as `answer` says of their number; and when they came.
async fn service(
    answer: impl Fn(&Received, usize) -> Vec<u8> + Send + Sync + 'static,
) -> (Service, Arc<Mutex<HashMap<String, Vec<Instant>>>>) {
    let came: Arc<Mutex<HashMap<String, Vec<Instant>>>> = Arc::default();
    let times = Arc::clone(&came);
    let service = Service::serving_with(move |request| {
        let mut times = times.lock().unwrap();
        let of_key = times.entry(request.header("authorization").unwrap().to_owned()).or_default();
        of_key.push(Instant::now());
        answer(request, of_key.len())
    })
    .await;
    (service, came)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_429_is_not_sent_again_before_its_time() {
    let server = RedisServer::start();
    let limited = [
        ("x-ratelimit-limit-some_operation", "5"),
        ("x-ratelimit-remaining-some_operation", "0"),
        ("x-ratelimit-reset-some_operation", "1"),
    ];
    let (service, came) = service(move |request, number| match number {
        // Of every second key the operation's own limit is used up.
        1 if request.header("authorization").unwrap().ends_with(['0', '2', '4', '6', '8']) => {
            socket::json(429, &limited, "{}")
        }
        1 => socket::json(429, &[("retry-after", "1")], "{}"),
        _ => socket::json(200, &[], USER),
    })
    .await;
    let warm = client(&service, &server, "cal_test_warm");
    call(&warm).await.unwrap();
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let client = client(&service, &server, &format!("cal_test_{n}"));
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let early: Vec<_> = {
        let came = came.lock().unwrap();
        let waits = came.iter().map(|(key, times)| (key.clone(), times[1].duration_since(times[0])));
        waits.filter(|(_, wait)| *wait < SECOND).collect()
    };
    assert!(early.is_empty(), "{early:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_one_forgets_is_open_for_all() {
    let server = RedisServer::start();
    let (service, _) = service(|_, number| match number {
        1 => socket::json(429, &[("retry-after", "200")], "{}"),
        _ => socket::json(200, &[], USER),
    })
    .await;
    let (one, other) = (client(&service, &server, "cal_test"), client(&service, &server, "cal_test"));
    let at_once = |client: &Client| client.wait_for_quota(false);
    call(&at_once(&one)).await.unwrap_err();
    // The server knows in a moment.
    let closed = async {
        while service.requests().len() == 1 && call(&at_once(&other)).await.is_err() {
            sleep(SECOND / 100).await;
            if call(&at_once(&other)).await.is_err() {
                return;
            }
        }
    };
    timeout(5 * SECOND, closed).await.unwrap();
    let before = service.requests().len();
    let waiting = one.with_deadline(250 * SECOND);
    let waiting = tokio::spawn(async move { call(&waiting).await });
    sleep(SECOND / 5).await;
    assert_eq!(service.requests().len(), before);
    other.reset_quota().await;
    timeout(3 * SECOND, waiting).await.expect("it asks again").unwrap().unwrap();
    call(&at_once(&one)).await.unwrap();
    call(&at_once(&other)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_client_on_the_same_server_recovers_from_more_refusals_than_the_limit() {
    let server = RedisServer::start();
    let state = Mutex::new((0, Instant::now()));
    let (service, _) = service(move |_, _| {
        let (hits, began) = &mut *state.lock().unwrap();
        if began.elapsed() >= SECOND {
            (*hits, *began) = (0, Instant::now());
        }
        *hits += 1;
        let left = 2_u32.saturating_sub(*hits).to_string();
        let headers = [
            ("x-ratelimit-limit-default", "2"),
            ("x-ratelimit-remaining-default", &left),
            ("x-ratelimit-reset-default", "1"),
        ];
        let refused = *hits > 2;
        socket::json(if refused { 429 } else { 200 }, &headers, USER)
    })
    .await;
    for round in 0..2 {
        let client = client(&service, &server, "cal_test").with_deadline(30 * SECOND);
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { call(&client).await })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap_or_else(|error| panic!("round {round}: {error}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_fails_for_one_is_stopped_for_all_and_no_other_is() {
    let server = RedisServer::start();
    let (service, _) = service(|request, _| match &*request.line {
        "GET /v2/me" => socket::json(500, &[], "{}"),
        _ => socket::json(404, &[], "{}"),
    })
    .await;
    let (one, other) = (client(&service, &server, "cal_test"), client(&service, &server, "cal_test"));
    for _ in 0..5 {
        call(&one).await.unwrap_err();
    }
    let known = async { while !call(&other).await.unwrap_err().details().is_circuit_open() {} };
    timeout(5 * SECOND, known).await.unwrap();
    for client in [&one, &other] {
        let open = client.circuits().await;
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].operation, open[0].state), ("get_me", CircuitState::Open));
        assert_eq!(client.circuit_state().await, CircuitState::Closed);
        assert_eq!(client.raw().get_booking("uid").await.unwrap_err().status(), Some(404));
    }
    other.reset_circuit().await;
    assert_eq!((one.circuits().await, other.circuits().await), (vec![], vec![]));
    assert_eq!(call(&one).await.unwrap_err().status(), Some(500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reported_quota_applies_to_all_processes() {
    let server = RedisServer::start();
    let (service, _) = service(|request, _| {
        let headers = |limit, left, name: &str| {
            let headers = [("limit", limit), ("remaining", left), ("reset", "50")];
            headers.map(|(kind, value)| (&*format!("x-ratelimit-{kind}-{name}").leak(), value))
        };
        match request.line.contains("conferencing-sessions") {
            true => socket::json(429, &headers("5", "0", "booking_sessions"), "{}"),
            false => socket::json(200, &headers("120", "100", "default"), USER),
        }
    })
    .await;
    let (one, other) = (client(&service, &server, "cal_test"), client(&service, &server, "cal_test"));
    let fresh = client(&service, &server, "cal_test_another");
    call(&one).await.unwrap();
    let at_once = one.wait_for_quota(false);
    at_once.raw().list_booking_sessions("uid").await.map(drop).unwrap_err();
    let refused_here = one.quota().await;
    assert_eq!(refused_here.operations.len(), 1, "a refusal is known here before the server knows");
    // The server knows in a moment.
    let known = async {
        loop {
            let quota = other.quota().await;
            if !quota.limits.is_empty() && !quota.operations.is_empty() {
                return quota;
            }
            sleep(SECOND / 100).await;
        }
    };
    let quota = timeout(5 * SECOND, known).await.unwrap();
    let [limit] = &quota.limits[..] else { panic!("{quota:?}") };
    assert_eq!((&*limit.name, limit.limit, limit.remaining), ("default", Some(120), Some(100)));
    assert!(limit.reset.is_some_and(|reset| reset > 40 * SECOND && reset <= 51 * SECOND), "{limit:?}");
    assert_eq!(quota.retry_after, None);
    let [own] = &quota.operations[..] else { panic!("{quota:?}") };
    assert_eq!((own.operation, own.limits[0].remaining), ("list_booking_sessions", Some(0)));
    assert!(own.retry_after.is_some_and(|wait| wait > 40 * SECOND && wait <= 51 * SECOND), "{own:?}");
    assert_eq!(fresh.quota().await, Quota::default(), "another credential");
    other.reset_quota().await;
    assert_eq!(one.quota().await, Quota::default());
    assert_eq!(service.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_circuit_is_kept_under_the_key_of_the_settings() {
    let server = RedisServer::start();
    let (service, _) = service(|_, _| socket::json(500, &[], "{}")).await;
    for (key, expected) in [(None, "calcom:circuit:state:"), (Some("shop:circuit"), "shop:circuit:")] {
        let mut config = Config::default();
        config.api_url = service.url();
        config.retry.times = 1;
        config.circuit_breaker.failure_threshold = 1;
        key.into_iter().for_each(|key| config.circuit_breaker.redis_key = key.to_owned());
        let builder = Client::builder().config(config).credentials(ApiKey::new(expected));
        let client = builder.redis(&server.url()).unwrap().build().unwrap().bypass_cache();
        let mut raw = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
        let found = async {
            loop {
                let _ = call(&client).await;
                let keys: Vec<String> = redis::cmd("KEYS").arg("*circuit*").query(&mut raw).unwrap();
                if !keys.is_empty() {
                    return keys;
                }
                sleep(SECOND / 100).await;
            }
        };
        let keys = timeout(5 * SECOND, found).await.unwrap();
        assert!(keys.iter().all(|key| key.starts_with(expected)), "{keys:?}");
        redis::cmd("FLUSHALL").exec(&mut raw).unwrap();
    }
}
