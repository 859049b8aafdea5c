//! What the client does when it is told that it asks too much: when to come back, in every way to say it.

use std::time::Duration;

use calcom::{ApiKey, Client, Config, Error, operation::Resend};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use tokio::time::Instant;

use crate::support::{
    classes::{CLASSES, call, success},
    kind, recording, socket,
    socket::Service,
};

const SECOND: Duration = Duration::from_secs(1);

/// How long the client waits before its second attempt, when the first is answered so.
async fn wait_after(status: u16, headers: &[(&str, &str)]) -> Duration {
    let service = Service::answering([socket::json(status, headers, "{}"), success(Resend::Safe)]).await;
    let start = Instant::now();
    call(&service.client(), Resend::Safe).await.unwrap();
    assert_eq!(service.requests().len(), 2);
    start.elapsed()
}

async fn refused_with(headers: &[(&str, &str)]) -> Error {
    let service = Service::answering([socket::json(429, headers, "{}")]).await;
    let client = service.builder().max_attempts(1).build().unwrap();
    call(&client, Resend::Safe).await.unwrap_err()
}

#[track_caller]
fn assert_about(wait: Duration, expected: Duration) {
    assert!(wait >= expected && wait < expected + SECOND / 2, "{wait:?} and not {expected:?}");
}

/// A date `seconds` from now, by the clock on the wall, in the three ways to write it.
fn dates(seconds: i64) -> [String; 3] {
    let date = Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let http = DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
    [http, date.as_second().to_string(), date.as_millisecond().to_string()]
}

#[tokio::test(start_paused = true)]
async fn the_reset_of_the_exhausted_limit_is_waited_for() {
    let headers = [
        ("X-RateLimit-Limit-Default", "120"),
        ("X-RateLimit-Remaining-Default", "0"),
        ("X-RateLimit-Reset-Default", "7"),
    ];
    for class in CLASSES {
        let service = Service::answering([socket::json(429, &headers, "{}"), success(class)]).await;
        let start = Instant::now();
        call(&service.client(), class).await.unwrap();
        assert_about(start.elapsed(), 7 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_limits_the_longest_exhausted_one_is_waited_for() {
    let headers = [
        ("X-RateLimit-Remaining-Burst", "0"),
        ("X-RateLimit-Reset-Burst", "3"),
        ("X-RateLimit-Remaining-Long", "0"),
        ("X-RateLimit-Reset-Long", "9"),
        ("X-RateLimit-Remaining-Other", "5"),
        ("X-RateLimit-Reset-Other", "30"),
    ];
    assert_about(wait_after(429, &headers).await, 9 * SECOND);
    let error = refused_with(&headers).await;
    let limits: Vec<_> = error.rate_limits().iter().map(|limit| (limit.name.as_str(), limit.remaining)).collect();
    assert_eq!(limits, [("burst", Some(0)), ("long", Some(0)), ("other", Some(5))]);
}

#[tokio::test(start_paused = true)]
async fn retry_after_comes_first_in_whichever_form() {
    let reset = ("X-RateLimit-Reset-Default", "2");
    assert_about(wait_after(429, &[reset, ("Retry-After", "5")]).await, 5 * SECOND);
    assert_about(wait_after(429, &[("Retry-After", " 5 ")]).await, 5 * SECOND);
    assert_about(wait_after(503, &[("Retry-After", "5")]).await, 5 * SECOND);
    assert_about(wait_after(503, &[("Retry-After", "4.2")]).await, 5 * SECOND);
    assert_about(
        wait_after(429, &[("Retry-After", "0"), ("Retry-After", "soon"), ("Retry-After", "5")]).await,
        5 * SECOND,
    );
    for date in dates(20) {
        // The clock on the wall goes on while the paused one stands, and a date has whole seconds.
        let wait = wait_after(429, &[reset, ("Retry-After", &date)]).await;
        assert!((15 * SECOND..21 * SECOND).contains(&wait), "{date}: {wait:?}");
        let wait = wait_after(429, &[("X-RateLimit-Reset-Default", &date)]).await;
        assert!((15 * SECOND..21 * SECOND).contains(&wait) || date.contains("GMT"), "{date}: {wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_the_past_causes_no_wait() {
    let mut over = vec!["0".to_owned(), "Wed, 21 Oct 2015 07:28:00 GMT".to_owned()];
    over.extend(dates(-20));
    for value in over {
        for status in [429, 503] {
            let wait = wait_after(status, &[("Retry-After", &value)]).await;
            assert!(wait < SECOND / 4, "{value}: {wait:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unreadable_limit_headers_are_ignored() {
    for value in ["-5", "soon", "", "1e3", "99999999999999999999999", "Fri, 32 Dec 2026 23:59:59 GMT"] {
        let wait = wait_after(503, &[("Retry-After", value)]).await;
        assert!(wait < SECOND / 4, "{value}: {wait:?}");
        // After a 429 that does not say, the limiter waits a second before it tries again.
        assert_about(wait_after(429, &[("Retry-After", value)]).await, SECOND);
    }
    assert_about(wait_after(429, &[]).await, SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_limit_header_of_any_size_is_accepted() {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    let numbers = ["1000000000", "99999999999", "99999999999999", "9223372036854775808", "18446744073709551615"];
    let date = "Fri, 31 Dec 9998 23:59:59 GMT";
    for (name, value) in numbers
        .map(|number| ("X-RateLimit-Reset-Default", number))
        .into_iter()
        .chain(numbers.map(|number| ("Retry-After", number)).into_iter().chain([("Retry-After", date)]))
    {
        for status in [429, 503] {
            let refused = socket::json(status, &[(name, value)], "{}");
            let service = Service::answering([refused.clone(), refused]).await;
            let mut config = Config::default();
            config.api_url = service.url();
            config.retry.times = 2;
            config.rate_limit.max_wait = 2 * SECOND;
            let client = Client::builder().config(config).credentials(ApiKey::new("k")).build().unwrap();
            for deadline in [SECOND, Duration::MAX] {
                let error = call(&client.with_deadline(deadline), Resend::Safe).await.unwrap_err();
                let wait = error.retry_after().unwrap_or_default();
                let longest = if status == 429 { 2 * SECOND } else { YEAR };
                assert!(wait <= longest + SECOND, "{name}: {value}: {wait:?}");
                assert!(error.attempts() <= 2, "{name}: {value}: {error}");
            }
        }
    }
    assert_eq!(refused_with(&[("Retry-After", "Fri, 31 Dec 99999 23:59:59 GMT")]).await.retry_after(), None);
}

#[tokio::test(start_paused = true)]
async fn a_block_longer_than_the_deadline_fails_the_call_at_once() {
    for class in CLASSES {
        let recording = recording("rate-limit/api-key-429-first");
        let service = Service::answering([socket::recorded(&recording)]).await;
        let start = Instant::now();
        let error = call(&service.client(), class).await.unwrap_err();
        assert_about(start.elapsed(), Duration::ZERO);
        assert_eq!((kind(&error), error.code().as_str(), error.attempts()), ("RateLimit", "RATE_LIMITED", 1));
        assert_eq!(error.retry_after(), Some(60 * SECOND));
        let limit = &error.rate_limits()[0];
        assert_eq!((limit.name.as_str(), limit.limit, limit.remaining), ("default", Some(120), Some(0)));
        assert_eq!(limit.reset, Some(60 * SECOND));
        assert!(error.is_retryable() && !error.may_have_been_applied());
        assert_eq!(error.request_id(), Some("d8491985-c670-4f68-a29b-2ec2bff62dd1"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_success_are_read_too() {
    let headers = [("X-RateLimit-Limit-Default", "120"), ("X-RateLimit-Remaining-Default", "7")];
    let body = r#"{"status":"success","data":[]}"#;
    let service = Service::answering([socket::json(200, &headers, body)]).await;
    let answer = service.client().raw().list_webhooks().await.unwrap();
    assert_eq!(answer.headers()["x-ratelimit-remaining-default"], "7");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_found_no_connection_takes_nothing_from_the_quota() {
    let limits = [
        ("x-ratelimit-limit-default", "50"),
        ("x-ratelimit-remaining-default", "40"),
        ("x-ratelimit-reset-default", "60"),
    ];
    let service = Service::answering([socket::answer(404, &limits, "{}")]).await;
    let client = service.builder().no_circuit_breaker().build().unwrap();
    client.raw().get_me().await.unwrap_err();
    drop(service);
    for _ in 0..5 {
        let error = client.raw().get_me().await.unwrap_err();
        assert_eq!((error.attempts(), error.may_have_been_applied()), (3, false), "{error}");
    }
    assert_eq!(client.quota().await.limits[0].remaining, Some(40));
}
