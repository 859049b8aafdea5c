//! The responses that are cached, and the results of calls that wait for a fetch.

use std::time::Duration;

use calcom::{Client, Error, operation::Operation, raw};
use serde_json::Value;
use tokio::time::Instant;

use super::user;
use crate::support::{
    kind,
    socket::{Connections, Service, Step, answer, json},
};

/// Returns the next of these to each connection's requests, and then the last one.
fn then(answers: Vec<Vec<u8>>) -> impl Connections {
    let last = answers.last().cloned();
    let steps = |bytes| vec![Step::Request, Step::Write(bytes), Step::Close];
    answers.into_iter().chain(std::iter::repeat_with(move || last.clone().unwrap())).map(steps)
}

fn me() -> Vec<u8> {
    json(200, &[("etag", "W/\"7\"")], user(7).to_string())
}

/// Responses that are not a profile.
fn unreadable() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("an error without a status", json(200, &[], r#"{"error":"closed for today"}"#)),
        ("cut off", json(200, &[], r#"{"status":"success","data":{"id":"#)),
        ("a brace", json(200, &[], "{")),
        ("another shape", json(200, &[], r#"{"status":"success","data":[1,2]}"#)),
        ("nothing in it", json(200, &[("etag", "W/\"1\"")], r#"{"status":"success","data":null}"#)),
        ("nothing", json(200, &[], "")),
        ("a page", answer(200, &[("content-type", "text/html")], "<!DOCTYPE html><title>Sign in</title>")),
        ("a text", json(200, &[], "\"well\"")),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_fails_once() {
    for (what, bad) in unreadable() {
        let service = Service::start(then(vec![bad, me()])).await;
        let client = service.client();
        assert_eq!(kind(&client.me().get().await.unwrap_err()), "Decode", "{what}");
        for _ in 0..3 {
            assert_eq!(client.me().get().await.unwrap().id, 7, "{what}");
        }
        let requests = service.requests();
        assert_eq!(requests.len(), 2, "{what}");
        assert_eq!(requests[1].header("if-none-match"), None, "{what}: there is nothing to compare with");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cached_response_that_another_caller_cannot_decode_is_fetched_again() {
    // Any JSON is valid for a caller that decodes as a JSON value.
    let untyped = async |client: &Client| -> Result<raw::Response<Value>, Error> {
        client.raw().operation(Operation::find("get_me").unwrap(), "/v2/me").await
    };
    let strange = json(200, &[("etag", "W/\"1\"")], r#"{"status":"success","data":{"id":"seven"}}"#);
    let service = Service::start(then(vec![strange, me()])).await;
    let client = service.client();
    assert_eq!(untyped(&client).await.unwrap()["data"]["id"], "seven");
    assert_eq!(client.me().get().await.unwrap().id, 7);
    assert_eq!(untyped(&client).await.unwrap()["data"]["id"], 7);
    let requests = service.requests();
    assert_eq!((requests.len(), requests[1].header("if-none-match")), (2, None));

    let closed = json(200, &[], r#"{"error":"closed for today"}"#);
    let service = Service::start(then(vec![closed, me()])).await;
    let client = service.client();
    assert_eq!(untyped(&client).await.unwrap()["error"], "closed for today");
    assert_eq!(untyped(&client).await.unwrap()["data"]["id"], 7, "what has no data is no answer to keep");
}

/// Concurrent calls: the time of the slowest, and the errors.
async fn concurrent_calls(client: &Client, calls: usize) -> (Duration, Vec<Option<Error>>) {
    let began = Instant::now();
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { (client.me().get().await.err(), Instant::now()) })
        })
        .collect();
    let (mut slowest, mut errors) = (Duration::ZERO, Vec::new());
    for task in tasks {
        let (error, at) = task.await.unwrap();
        slowest = slowest.max(at - began);
        errors.push(error);
    }
    (slowest, errors)
}

fn slow(wait: Duration, bytes: Vec<u8>) -> impl Connections {
    std::iter::repeat_with(move || vec![Step::Request, Step::Wait(wait), Step::Write(bytes.clone()), Step::Close])
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_get_a_rejection_immediately() {
    let refusal = r#"{"status":"error","error":{"code":"X","message":"no"}}"#;
    let wait = Duration::from_millis(80);
    for (status, expected) in [(400, "Validation"), (401, "Authentication"), (403, "Permission"), (404, "NotFound")] {
        let service = Service::start(slow(wait, json(status, &[], refusal))).await;
        let client = service.client();
        let (slowest, errors) = concurrent_calls(&client, 50).await;
        assert!(errors.iter().all(|error| error.as_ref().is_some_and(|it| kind(it) == expected)), "{errors:?}");
        assert!(slowest < 4 * wait, "{status}: {slowest:?}");
        assert_eq!(service.requests().len(), 1, "{status}");
        // It is returned, and not cached.
        let _ = client.me().get().await;
        assert_eq!(service.requests().len(), 2, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_decode_an_undecodable_response_themselves() {
    let wait = Duration::from_millis(80);
    for (what, bad) in unreadable() {
        let service = Service::start(slow(wait, bad)).await;
        let (slowest, errors) = concurrent_calls(&service.client(), 50).await;
        assert!(errors.iter().all(|error| error.as_ref().is_some_and(|it| kind(it) == "Decode")), "{what}");
        assert!(slowest < 4 * wait && service.requests().len() == 1, "{what}: {slowest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_takes_no_caller_longer_than_its_own_attempts() {
    let service = Service::start(std::iter::repeat_with(|| vec![Step::Request])).await;
    let second = Duration::from_secs(1);
    let builder = service.builder().request_timeout(second).total_timeout(3 * second).max_attempts(1);
    let (slowest, errors) = concurrent_calls(&builder.build().unwrap(), 20).await;
    assert!(errors.iter().flatten().all(|error| kind(error) == "Timeout" && error.attempts() == 1), "{errors:?}");
    assert!(errors.iter().all(Option::is_some) && slowest < 2 * second, "{slowest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_hangs_does_not_use_up_the_time_of_waiting_calls() {
    // The first connection never gets a response; the others do.
    let hangs = std::iter::once(vec![Step::Request]);
    let well = std::iter::repeat_with(|| vec![Step::Request, Step::Write(me()), Step::Close]);
    let service = Service::start(hangs.chain(well)).await;
    let client = service.client();
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.me().get().await }
    });
    while service.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    let (slowest, errors) = concurrent_calls(&client.with_deadline(Duration::from_secs(4)), 30).await;
    assert!(errors.iter().all(Option::is_none), "{errors:?}");
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    assert_eq!(service.requests().len(), 2, "one in the place of the one that hangs, for all of them");
    first.abort();
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_little_time_does_not_fail_the_calls_that_wait_for_its_fetch() {
    let silent = || vec![Step::Request];
    let answers = [silent(), silent(), silent(), vec![Step::Request, Step::Write(me())]];
    let service = Service::start(answers).await;
    let client = service.client();
    let hurried = client.raw().get_me().timeout(Duration::from_secs(2));
    let first = tokio::spawn(async move { hurried.await.map(drop) });
    tokio::task::yield_now().await;
    let second = client.raw().get_me().await;
    assert_eq!(kind(&first.await.unwrap().unwrap_err()), "Timeout");
    assert!(second.is_ok(), "{:?}", second.err());
    assert_eq!(service.requests().len(), 4);
}
