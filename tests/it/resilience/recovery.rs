//! No quota is blocked for longer than the service's windows can be, whatever a response reports.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{Client, Error};
use tokio::time::{Instant, advance, sleep, timeout};

use super::user;
use crate::support::{
    log::Log,
    socket::{self, Received, Service},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

pub(super) type Headers = Vec<(&'static str, String)>;

pub(super) fn answer(status: u16, headers: &Headers) -> Vec<u8> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    socket::json(status, &headers, user(1).to_string())
}

/// A service whose first response is `status` with `headers`, and every other one 200 without headers.
pub(super) async fn first(status: u16, headers: Headers) -> Service {
    let count = AtomicUsize::new(0);
    Service::serving_with(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => answer(status, &headers),
        _ => answer(200, &Vec::new()),
    })
    .await
}

pub(super) fn once(service: &Service) -> Client {
    service.builder().max_attempts(1).build().unwrap().bypass_cache().wait_for_quota(false)
}

pub(super) async fn call(client: &Client) -> Result<(), Error> {
    client.raw().get_me().await.map(drop)
}

pub(super) fn owned(headers: &[(&'static str, &str)]) -> Headers {
    headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_quota_used_up_without_a_reset_is_asked_for_after_a_minute() {
    for headers in [
        owned(&[("x-ratelimit-limit-minute", "5"), ("x-ratelimit-remaining-minute", "0")]),
        owned(&[("x-ratelimit-limit", "5"), ("x-ratelimit-remaining", "0")]),
        owned(&[
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "2026-11-28T22:00:00Z"),
        ]),
        owned(&[("x-ratelimit-remaining-default", "0"), ("x-ratelimit-reset-default", "-5")]),
        owned(&[("x-ratelimit-remaining-default", "0"), ("x-ratelimit-reset-default", "NaN")]),
    ] {
        let service = first(200, headers.clone()).await;
        let client = once(&service);
        call(&client).await.unwrap();
        let wait = call(&client).await.unwrap_err().retry_after().unwrap();
        assert!(wait > 59 * SECOND && wait < 61 * SECOND, "{headers:?}: {wait:?}");
        assert_eq!(service.requests().len(), 1);
        advance(61 * SECOND).await;
        for _ in 0..20 {
            call(&client).await.unwrap_or_else(|error| panic!("{headers:?}: {error}"));
        }
        assert_eq!(service.requests().len(), 21);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_without_a_reset_in_every_response_admit_one_request_a_minute() {
    let headers = owned(&[("x-ratelimit-limit-minute", "5"), ("x-ratelimit-remaining-minute", "0")]);
    let service = Service::serving_with(move |_| answer(200, &headers)).await;
    let client = once(&service).with_deadline(5 * MINUTE).wait_for_quota(true);
    let began = Instant::now();
    for _ in 0..4 {
        call(&client).await.unwrap();
    }
    let took = began.elapsed();
    assert!(took > 3 * MINUTE && took < 3 * MINUTE + SECOND, "{took:?}");
}

/// A service with a quota: `limit` requests in a window, 429 beyond.
fn quota(limit: u64, window: Duration, name: &'static str) -> impl Fn(&Received) -> Vec<u8> + Send + Sync {
    let state = Mutex::new((0, None::<Instant>));
    move |_| {
        let (hits, ends) = &mut *state.lock().unwrap();
        let now = Instant::now();
        if ends.is_none_or(|ends| now >= ends) {
            (*hits, *ends) = (0, Some(now + window));
        }
        *hits += 1;
        let header = |kind: &str| &*format!("x-ratelimit-{kind}{name}").leak();
        let left = ends.unwrap().duration_since(now).as_secs_f64().ceil();
        let headers = vec![
            (header("limit"), limit.to_string()),
            (header("remaining"), limit.saturating_sub(*hits).to_string()),
            (header("reset"), left.to_string()),
        ];
        answer(if *hits > limit { 429 } else { 200 }, &headers)
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_more_than_the_quota_is_spread_over_windows_and_leaves_nothing_closed() {
    for (limit, name) in [(1, "-default"), (3, "-default"), (3, ""), (5, "-own_limit")] {
        let service = Service::serving_with(quota(limit, 2 * SECOND, name)).await;
        let client = service.builder().build().unwrap().bypass_cache().with_deadline(MINUTE);
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { call(&client).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap_or_else(|error| panic!("{limit} {name}: {error}"));
        }
        sleep(6 * SECOND).await;
        for _ in 0..2 {
            let began = Instant::now();
            call(&client).await.unwrap();
            assert!(began.elapsed() < 3 * SECOND, "{limit} {name}: {:?}", began.elapsed());
        }
    }
}

/// Waits that no window of the service can have.
fn far() -> Vec<(u16, Headers)> {
    let now = jiff::Timestamp::now().as_second();
    let used_up = |reset: String| {
        vec![
            ("x-ratelimit-limit", "100".to_owned()),
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", reset),
        ]
    };
    let mut far = vec![
        (200, used_up((now + 366 * 86_400).to_string())),
        (200, used_up("3600000".to_owned())),
        (200, used_up("59000.5".to_owned())),
        (200, used_up(u64::MAX.to_string())),
        (200, used_up("1000000000".to_owned())),
        (429, used_up("99999999".to_owned())),
    ];
    for wait in ["99999999", "18446744073709551615", "Fri, 31 Dec 9998 23:59:59 GMT"] {
        far.push((429, owned(&[("retry-after", wait)])));
    }
    far
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_longer_than_five_minutes_and_a_longer_one_is_logged() {
    for (status, headers) in far() {
        let log = Log::start();
        let service = first(status, headers.clone()).await;
        let client = once(&service);
        let told = call(&client).await;
        if let Err(error) = &told {
            assert!(error.retry_after().unwrap() <= 5 * MINUTE, "{headers:?}: {error}");
        }
        let wait = call(&client).await.unwrap_err().retry_after().unwrap();
        assert!(wait > 290 * SECOND && wait <= 5 * MINUTE + SECOND, "{headers:?}: {wait:?}");
        let logged = log.of_calcom();
        assert_eq!(logged.matches("rate_limit.max_wait").count(), 1, "{headers:?}: {logged}");
        assert!(logged.contains("WARN"), "{logged}");
        advance(5 * MINUTE + SECOND).await;
        call(&client).await.unwrap();
        assert_eq!(service.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_the_longest_wait_is_can_be_set() {
    for (status, headers) in far() {
        let service = first(status, headers).await;
        let mut config = calcom::Config::default();
        config.api_url = service.url();
        config.retry.times = 1;
        config.rate_limit.max_wait = 7 * SECOND;
        let client = Client::builder().config(config).credentials(calcom::ApiKey::new("k")).build().unwrap();
        let client = client.bypass_cache().wait_for_quota(false);
        let _ = call(&client).await;
        let wait = call(&client).await.unwrap_err().retry_after().unwrap();
        assert!(wait > 6 * SECOND && wait <= 8 * SECOND, "{wait:?}");
        // A call with enough time waits, and is sent.
        call(&client.wait_for_quota(true).with_deadline(9 * SECOND)).await.unwrap();
        assert_eq!(service.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_within_the_windows_of_the_service_is_used_and_not_logged() {
    let log = Log::start();
    let headers = owned(&[
        ("x-ratelimit-limit-day", "5000"),
        ("x-ratelimit-remaining-day", "4000"),
        ("x-ratelimit-reset-day", "80000"),
        ("x-ratelimit-limit-default", "120"),
        ("x-ratelimit-remaining-default", "0"),
        ("x-ratelimit-reset-default", "59"),
    ]);
    let service = first(200, headers).await;
    let client = once(&service);
    call(&client).await.unwrap();
    let wait = call(&client).await.unwrap_err().retry_after().unwrap();
    assert!(wait > 58 * SECOND && wait < MINUTE, "{wait:?}");
    assert!(!log.of_calcom().contains("max_wait"), "{}", log.of_calcom());
}

#[tokio::test(start_paused = true)]
async fn reset_quota_sends_the_waiting_calls() {
    let service = first(429, owned(&[("retry-after", "200")])).await;
    let client = once(&service);
    call(&client).await.unwrap_err();
    client.reset_circuit().await;
    assert!(matches!(call(&client).await, Err(Error::RateLimit(_))), "that is another matter");
    let waiting = client.wait_for_quota(true).with_deadline(5 * MINUTE);
    let waiting = tokio::spawn(async move { call(&waiting).await });
    sleep(SECOND).await;
    assert_eq!(service.requests().len(), 1);
    client.reset_quota().await;
    timeout(SECOND, waiting).await.expect("it is let go").unwrap().unwrap();
    call(&client).await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_number_in_a_header_makes_a_call_fail() {
    let numbers = [
        "18446744073709551615",
        "18446744073709551614.9",
        "9223372036854775808",
        "99999999999999999999999",
        "-5",
        "NaN",
        "1e400",
        "inf",
        "",
        "10, 10;w=60",
        "0.5",
        ".5",
        "5.",
        "0x10",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "9999999999999",
    ];
    let names = [
        "x-ratelimit-remaining",
        "x-ratelimit-limit",
        "x-ratelimit-reset",
        "x-ratelimit-reset-default",
        "retry-after",
        "x-ratelimit-",
        "x-ratelimit-limit-default",
    ];
    for number in numbers {
        for name in names {
            for status in [200, 429, 503] {
                let usual = [("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "60")];
                let mut headers: Headers = owned(&usual);
                headers.retain(|(known, _)| *known != name);
                headers.push((name, number.to_owned()));
                let count = AtomicUsize::new(0);
                let service = Service::serving_with(move |_| {
                    let status = if count.fetch_add(1, Ordering::Relaxed) == 0 { 200 } else { status };
                    answer(status, &headers)
                })
                .await;
                let client = once(&service);
                call(&client).await.unwrap();
                for sent in 2..5 {
                    if let Err(error) = call(&client).await {
                        assert!(
                            error.status() == Some(status) || error.retry_after().unwrap() <= 5 * MINUTE + SECOND,
                            "{name}: {number}, {status}: {error}"
                        );
                    }
                    client.reset_quota().await;
                    let _ = call(&client).await;
                    client.reset_quota().await;
                    assert!(service.requests().len() >= sent, "{name}: {number}, {status}");
                }
            }
        }
    }
}
