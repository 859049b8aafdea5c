//! Limits of several proxies, and of one operation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{Client, Error};
use tokio::time::advance;

use super::recovery::{Headers, answer, call, first, once, owned};
use crate::support::socket::{self, Service};

const SECOND: Duration = Duration::from_secs(1);

/// The service's limit, and that of a proxy before it.
fn two_hops(left_of_service: &str, left_of_proxy: &str) -> [Headers; 2] {
    let service = owned(&[
        ("x-ratelimit-limit-default", "120"),
        ("x-ratelimit-remaining-default", left_of_service),
        ("x-ratelimit-reset-default", "42"),
    ]);
    let proxy =
        owned(&[("x-ratelimit-limit", "2000"), ("x-ratelimit-remaining", left_of_proxy), ("x-ratelimit-reset", "50")]);
    [[service.clone(), proxy.clone()].concat(), [proxy, service].concat()]
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_two_hops_are_separated_in_either_order() {
    for status in [200, 429] {
        for (left_of_service, left_of_proxy, expected) in [("0", "1930", 42), ("17", "0", 50), ("0", "0", 50)] {
            for headers in two_hops(left_of_service, left_of_proxy) {
                let service = first(status, headers.clone()).await;
                let client = once(&service);
                let told = call(&client).await;
                if let Err(error) = &told {
                    assert_eq!(error.retry_after(), Some(expected * SECOND), "{headers:?}");
                    let names: Vec<_> = error.rate_limits().iter().map(|limit| limit.name.as_str()).collect();
                    assert!(names.contains(&"") && names.contains(&"default"), "{names:?}");
                }
                let wait = call(&client).await.unwrap_err().retry_after().unwrap();
                let expected = expected * SECOND;
                assert!(wait > expected - SECOND && wait < expected + SECOND, "{headers:?}: {wait:?}");
            }
        }
    }
    for headers in two_hops("17", "1930") {
        let service = first(200, headers).await;
        let client = once(&service);
        for _ in 0..17 {
            call(&client).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_hops_with_one_name_the_tighter_one_counts() {
    let loose = [("x-ratelimit-limit", "2000"), ("x-ratelimit-remaining", "1930"), ("x-ratelimit-reset", "5")];
    let tight = [("x-ratelimit-limit", "100"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30")];
    for headers in [[loose, tight].concat(), [tight, loose].concat()] {
        let service = first(200, owned(&headers)).await;
        let client = once(&service);
        call(&client).await.unwrap();
        let wait = call(&client).await.unwrap_err().retry_after().unwrap();
        assert!(wait > 29 * SECOND && wait < 31 * SECOND, "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_while_the_credentials_quota_is_not_exhausted_blocks_the_operation_only() {
    let room: [Headers; 3] = [
        owned(&[
            ("retry-after", "17"),
            ("x-ratelimit-limit-default", "120"),
            ("x-ratelimit-remaining-default", "100"),
            ("x-ratelimit-reset-default", "40"),
        ]),
        [owned(&[("retry-after", "17")]), two_hops("3", "1930")[0].clone()].concat(),
        owned(&[
            ("x-ratelimit-limit-default", "120"),
            ("x-ratelimit-remaining-default", "100"),
            ("x-ratelimit-reset-default", "40"),
            ("x-ratelimit-limit-booking_sessions", "3"),
            ("x-ratelimit-remaining-booking_sessions", "0"),
            ("x-ratelimit-reset-booking_sessions", "17"),
        ]),
    ];
    for headers in room {
        let (refusal, room) = (headers.clone(), headers.clone());
        let refused = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&refused);
        let service = Service::serving_with(move |request| {
            let of_sessions = request.line.contains("conferencing-sessions");
            if of_sessions && count.fetch_add(1, Ordering::Relaxed) == 0 {
                return answer(429, &refusal);
            }
            let told = room.iter().filter(|(name, _)| name.ends_with("-default")).cloned().collect();
            if of_sessions {
                let body = r#"{"status":"success","data":[]}"#;
                return socket::json(200, &[], body);
            }
            answer(200, &told)
        })
        .await;
        let client = once(&service);
        let sessions = async |client: &Client| client.raw().list_booking_sessions("uid").await.map(drop);
        let error = sessions(&client).await.unwrap_err();
        assert!(matches!(error, Error::RateLimit(_)));
        for _ in 0..2 {
            call(&client).await.unwrap_or_else(|error| panic!("{headers:?}: {error}"));
        }
        let wait = sessions(&client).await.unwrap_err();
        assert_eq!((wait.attempts(), refused.load(Ordering::Relaxed)), (0, 1), "{headers:?}");
        let wait = wait.retry_after().unwrap();
        assert!(wait > 16 * SECOND && wait <= 18 * SECOND, "{headers:?}: {wait:?}");
        advance(18 * SECOND).await;
        sessions(&client).await.unwrap_or_else(|error| panic!("{headers:?}: {error}"));
        // If the credential's limit is exhausted, all operations stop.
        let error = {
            let service = first(429, two_hops("0", "1930")[0].clone()).await;
            let client = once(&service);
            sessions(&client).await.unwrap_err();
            call(&client).await.unwrap_err()
        };
        assert_eq!(error.attempts(), 0);
    }
}
