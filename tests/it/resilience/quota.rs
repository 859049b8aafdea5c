//! The quota as `Client::quota` and errors of the limiter report it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use calcom::{ApiKey, Client, Error, OperationQuota, Quota, error::RateLimit};
use tokio::time::advance;

use super::recovery::{Headers, answer, call, first, once, owned};
use crate::support::socket::{self, Service};

const SECOND: Duration = Duration::from_secs(1);

fn limit_headers(limit: &str, left: &str, reset: &str, name: &str) -> Headers {
    [("limit", limit), ("remaining", left), ("reset", reset)]
        .map(|(kind, value)| (&*format!("x-ratelimit-{kind}{name}").leak(), value.to_owned()))
        .to_vec()
}

/// Name, limit, remaining, and whole seconds to the reset.
type LimitRow = (String, Option<u64>, Option<u64>, Option<u64>);

fn shown(limits: &[RateLimit]) -> Vec<LimitRow> {
    let shown = |limit: &RateLimit| {
        (limit.name.clone(), limit.limit, limit.remaining, limit.reset.map(|reset| reset.as_secs()))
    };
    limits.iter().map(shown).collect()
}

fn limit(name: &str, most: u64, left: u64, reset: Option<u64>) -> LimitRow {
    (name.to_owned(), Some(most), Some(left), reset)
}

#[tokio::test(start_paused = true)]
async fn a_quota_has_no_limits_until_one_is_reported_and_reading_it_sends_nothing() {
    let service = first(200, Headers::new()).await;
    let client = once(&service);
    assert_eq!(client.quota().await, Quota::default());
    call(&client).await.unwrap();
    assert_eq!(client.quota().await, Quota::default());
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_limit_is_reported_with_its_rest_and_its_reset() {
    let headers = [limit_headers("2000", "1930", "50", ""), limit_headers("120", "2", "42", "-default")].concat();
    let service = first(200, headers).await;
    let client = once(&service);
    call(&client).await.unwrap();
    let quota = client.quota().await;
    assert_eq!(shown(&quota.limits), [limit("default", 120, 2, Some(42)), limit("", 2000, 1930, Some(50))]);
    assert_eq!((quota.retry_after, &quota.operations), (None, &Vec::<OperationQuota>::new()));
    // The responses to these report nothing: the limiter counts them.
    call(&client).await.unwrap();
    let quota = client.quota().await;
    assert_eq!(shown(&quota.limits)[0], limit("default", 120, 1, Some(42)));
    assert_eq!(quota.retry_after, None);
    call(&client).await.unwrap();
    let quota = client.quota().await;
    assert_eq!(shown(&quota.limits)[0], limit("default", 120, 0, Some(42)));
    assert_eq!(quota.retry_after.map(|wait| wait.as_secs()), Some(42));
    // Another credential has its own quota.
    let other = client.with_credentials(ApiKey::new("cal_live_other")).unwrap();
    assert_eq!(other.quota().await, Quota::default());
    advance(43 * SECOND).await;
    let quota = client.quota().await;
    assert_eq!(shown(&quota.limits), [limit("default", 120, 120, None), limit("", 2000, 1928, Some(7))]);
    assert_eq!(quota.retry_after, None, "its window is over");
    client.reset_quota().await;
    assert_eq!(client.quota().await, Quota::default());
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_limit_with_the_fewest_requests_left_comes_first() {
    let count = AtomicUsize::new(0);
    let service = Service::serving_with(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => answer(
            200,
            &[limit_headers("120", "50", "42", "-default"), limit_headers("2000", "1930", "50", "")].concat(),
        ),
        _ => {
            answer(200, &[limit_headers("120", "49", "42", "-default"), limit_headers("2000", "7", "50", "")].concat())
        }
    })
    .await;
    let client = once(&service);
    for expected in [["default", ""], ["", "default"]] {
        call(&client).await.unwrap();
        let names: Vec<_> = client.quota().await.limits.into_iter().map(|limit| limit.name).collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn requests_in_flight_are_subtracted_from_the_rest() {
    let headers = limit_headers("120", "100", "40", "-default");
    let service = Service::serving_after(5 * SECOND, move |_| answer(200, &headers)).await;
    let client = once(&service);
    call(&client).await.unwrap();
    let calls: Vec<_> = (0..7)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await })
        })
        .collect();
    while service.requests().len() < 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.quota().await.limits[0].remaining, Some(93));
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_without_limits_is_reported_as_a_wait() {
    let service = first(429, owned(&[("retry-after", "30")])).await;
    let client = once(&service);
    let refused = call(&client).await.unwrap_err();
    assert_eq!((refused.attempts(), refused.rate_limits()), (1, &[][..]));
    let quota = client.quota().await;
    assert_eq!((quota.limits.len(), quota.retry_after.map(|wait| wait.as_secs())), (0, Some(30)));
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_one_operation_are_reported_beside_the_credentials() {
    let own = limit_headers("5", "0", "17", "-booking_sessions");
    let others = limit_headers("120", "100", "40", "-default");
    let service = Service::serving_with(move |request| match request.line.contains("conferencing-sessions") {
        true => socket::json(200, &borrowed(&own), r#"{"status":"success","data":[]}"#),
        false => answer(200, &others),
    })
    .await;
    let client = once(&service);
    call(&client).await.unwrap();
    client.raw().list_booking_sessions("uid").await.map(drop).unwrap();
    let quota = client.quota().await;
    assert_eq!((shown(&quota.limits), quota.retry_after), (vec![limit("default", 120, 100, Some(40))], None));
    let [OperationQuota { operation, limits, retry_after, .. }] = &quota.operations[..] else { panic!("{quota:?}") };
    assert_eq!((*operation, shown(limits)), ("list_booking_sessions", vec![limit("booking_sessions", 5, 0, Some(17))]));
    assert_eq!(retry_after.map(|wait| wait.as_secs()), Some(17));
    // A call that the limiter does not send reports the same.
    let refused = client.raw().list_booking_sessions("uid").await.map(drop).unwrap_err();
    assert_eq!((refused.attempts(), shown(refused.rate_limits())), (0, shown(limits)));
}

fn borrowed(headers: &Headers) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_call_that_the_limiter_did_not_send_reports_the_limits() {
    for (status, wait) in [(200, false), (200, true), (429, false), (429, true)] {
        let headers = [limit_headers("120", "0", "42", "-default"), limit_headers("2000", "1930", "50", "")].concat();
        let service = first(status, headers).await;
        let client = once(&service).wait_for_quota(wait).with_deadline(20 * SECOND);
        assert_eq!(call(&client).await.is_ok(), status == 200);
        let refused = call(&client).await.unwrap_err();
        assert!(matches!(refused, Error::RateLimit(_)) && refused.attempts() == 0, "{refused:?}");
        let expected = [limit("default", 120, 0, Some(42)), limit("", 2000, 1930, Some(50))];
        assert_eq!(shown(refused.rate_limits()), expected, "{status}, {wait}");
        assert_eq!(refused.retry_after().map(|wait| wait.as_secs()), Some(42));
        assert_eq!(service.requests().len(), 1);
    }
}

/// Calls that are rejected while another is first in the queue report the known limits too.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_rejected_in_the_queue_reports_the_limits() {
    let count = AtomicUsize::new(0);
    let headers = limit_headers("120", "0", "42", "-default");
    let service = Service::serving_with(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => answer(200, &headers),
        _ => answer(200, &Headers::new()),
    })
    .await;
    let client: Client = once(&service).wait_for_quota(true).with_deadline(60 * SECOND);
    call(&client).await.unwrap();
    let waits = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await }
    });
    tokio::task::yield_now().await;
    let refused = call(&client.with_deadline(5 * SECOND)).await.unwrap_err();
    assert_eq!(shown(refused.rate_limits()), [limit("default", 120, 0, Some(42))]);
    waits.await.unwrap().unwrap();
    assert_eq!(service.requests().len(), 2);
}
