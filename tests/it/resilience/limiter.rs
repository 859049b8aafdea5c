//! The limiter, against the service's rule as the fake enforces it.

use std::time::Duration;

use calcom::{ApiKey, Client, Error, model::Location};
use calcom_fake::FakeCalcom;
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{once, user};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn two_thousand_calls_of_64_tasks_meet_no_429_and_use_the_quota() {
    let fake = FakeCalcom::start().await;
    let client = Client::builder()
        .credentials(ApiKey::new(fake.api_key()))
        .api_url(fake.url())
        .total_timeout(HOUR)
        .build()
        .unwrap()
        .bypass_cache();
    let began = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..2_000 / 64 + i32::from(task < 2_000 % 64) {
                    client.raw().get_me().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    let requests = fake.requests_of("get_me");
    assert_eq!(requests.len(), 2_000);
    assert!(requests.iter().all(|request| request.status == Some(200)), "a 429 among them");
    // All windows that have ended, and the elapsed part of the last one.
    let (windows, rest) = (2_000 / 120, 2_000 % 120);
    assert_eq!(rest, 80);
    let needed = f64::from(windows);
    assert!(needed / minutes >= 0.95, "{minutes:.2} minutes for what {needed} have room for");
    println!("limiter, quota used: {:.1} % (aim 95)", 100.0 * needed / minutes);
}

#[tokio::test(start_paused = true)]
async fn all_calls_wait_out_a_429_and_send_nothing() {
    let fake = FakeCalcom::start().await;
    let client =
        Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).total_timeout(HOUR).build();
    let client = client.unwrap().bypass_cache();
    // Another client has exhausted the key's quota, unknown to this one.
    for _ in 0..130 {
        let other =
            Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).max_attempts(1).build();
        let _ = other.unwrap().raw().get_me().await;
    }
    let refused = |fake: &FakeCalcom| fake.requests().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused(&fake), 10);
    let began = Instant::now();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.raw().get_me().await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let waited = began.elapsed().as_secs_f64();
    assert!((59.0..62.0).contains(&waited), "{waited}");
    assert!(refused(&fake) <= 20, "only those of the slow start can have met it: {}", refused(&fake) - 10);
}

/// The service allows five changes of locations a minute, and reports that as the endpoint's own limit.
#[tokio::test(start_paused = true)]
async fn more_calls_than_an_operation_may_make_are_made_in_time_and_close_nothing_for_ever() {
    let fake = FakeCalcom::recorded_seed().await;
    let client =
        Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).total_timeout(HOUR).build();
    let client = client.unwrap();
    client.me().get().await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move {
                let place = Location::new("attendeeAddress", "1 Main St");
                client.bookings().update_location(format!("booking{n}").as_str(), &place).await.unwrap_err()
            })
        })
        .collect();
    let began = Instant::now();
    for task in tasks {
        let error = task.await.unwrap();
        assert!(matches!(error, Error::NotFound(_)), "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(4 * 62), "{:?}", began.elapsed());
    tokio::time::sleep(HOUR).await;
    let before = fake.requests_of("update_booking_location").len();
    let place = Location::new("attendeeAddress", "1 Main St");
    let error = client.wait_for_quota(false).bookings().update_location("booking", &place).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    assert_eq!(fake.requests_of("update_booking_location").len(), before + 1);
}

/// A server that returns the given headers.
async fn server_with_limits(headers: &'static [(&'static str, &'static str)], status: u16) -> MockServer {
    let server = MockServer::start().await;
    let answer = move |_: &Request| {
        let template = ResponseTemplate::new(status).set_body_json(user(1));
        headers.iter().fold(template, |template, (name, value)| template.insert_header(*name, *value))
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn rejected_call(headers: &'static [(&'static str, &'static str)], status: u16) -> (Error, usize) {
    let server = server_with_limits(headers, status).await;
    let client = once(server.uri()).build().unwrap().bypass_cache().wait_for_quota(false);
    let _ = client.raw().get_me().await;
    let error = client.raw().get_me().await.unwrap_err();
    (error, server.received_requests().await.unwrap().len())
}

#[tokio::test]
async fn a_call_that_does_not_wait_reports_when_quota_is_available() {
    let (error, sent) = rejected_call(
        &[
            ("X-RateLimit-Limit-Burst", "2"),
            ("X-RateLimit-Remaining-Burst", "0"),
            ("X-RateLimit-Reset-Burst", "10"),
            ("X-RateLimit-Limit-Long", "5"),
            ("X-RateLimit-Remaining-Long", "0"),
            ("X-RateLimit-Reset-Long", "60"),
        ],
        200,
    )
    .await;
    assert_eq!(sent, 1, "the second was not sent");
    assert!(matches!(error, Error::RateLimit(_)) && error.is_retryable() && error.attempts() == 0);
    let wait = error.retry_after().unwrap();
    assert!(wait > Duration::from_secs(59) && wait < Duration::from_secs(61), "{wait:?}");
}

#[tokio::test]
async fn a_reset_may_be_a_date() {
    let (error, sent) = rejected_call(
        &[
            ("X-RateLimit-Limit-Default", "120"),
            ("X-RateLimit-Remaining-Default", "0"),
            ("X-RateLimit-Reset-Default", "4102444800"),
        ],
        200,
    )
    .await;
    assert_eq!(sent, 1);
    let wait = error.retry_after().unwrap();
    assert!(
        wait > Duration::from_secs(299) && wait <= Duration::from_secs(301),
        "the year 2100 is not believed: {wait:?}"
    );
}

#[tokio::test]
async fn a_429_without_headers_is_waited_out_too() {
    let (error, sent) = rejected_call(&[], 429).await;
    assert_eq!((sent, error.attempts()), (1, 0));
    assert!(error.retry_after().unwrap() <= Duration::from_secs(1));
    let (error, sent) = rejected_call(&[("Retry-After", "7")], 429).await;
    assert_eq!(sent, 1);
    assert_eq!(error.retry_after().unwrap().as_secs(), 7);
}

#[tokio::test]
async fn a_call_whose_deadline_is_nearer_than_the_reset_does_not_wait() {
    let server = server_with_limits(
        &[
            ("X-RateLimit-Limit-Default", "120"),
            ("X-RateLimit-Remaining-Default", "0"),
            ("X-RateLimit-Reset-Default", "30"),
        ],
        200,
    )
    .await;
    let client = once(server.uri()).build().unwrap().bypass_cache();
    client.raw().get_me().await.unwrap();
    let began = std::time::Instant::now();
    let error = client.with_deadline(Duration::from_secs(29)).raw().get_me().await.unwrap_err();
    assert!(matches!(error, Error::RateLimit(_)) && began.elapsed() < Duration::from_secs(5));
    // Another tenant of the same pool has its own quota.
    let other = client.with_credentials(ApiKey::new("cal_live_another")).unwrap();
    other.raw().get_me().await.unwrap();
}
