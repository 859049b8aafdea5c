//! Timeouts and deadlines, on the paused clock.

use std::time::Duration;

use calcom::operation::Resend;
use tokio::time::Instant;

use crate::support::{
    classes::{CLASSES, call, success},
    kind,
    socket::{Service, Step, answer, head},
};

const SECOND: Duration = Duration::from_secs(1);

/// Asserts that the paused clock is at `expected` after `start`, or at most as much later as it can run ahead.
fn assert_took(start: Instant, expected: Duration) {
    let took = start.elapsed();
    assert!(took >= expected && took < expected + SECOND, "{took:?} and not {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_thirty_seconds_and_a_call_has_sixty() {
    let service = Service::start([(); 3].map(|()| vec![Step::Request])).await;
    let start = Instant::now();
    let error = call(&service.client(), Resend::Safe).await.unwrap_err();
    assert_took(start, 60 * SECOND);
    assert_eq!((kind(&error), error.attempts(), service.connections()), ("Timeout", 2, 2));

    let service = Service::start([vec![Step::Request]]).await;
    let start = Instant::now();
    let error = call(&service.client(), Resend::Unsafe).await.unwrap_err();
    assert_took(start, 30 * SECOND);
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true));
}

#[tokio::test(start_paused = true)]
async fn a_response_just_before_the_timeout_is_a_success() {
    for class in CLASSES {
        let late = vec![Step::Request, Step::Wait(29 * SECOND), Step::Write(success(class))];
        let service = Service::start([late]).await;
        let start = Instant::now();
        call(&service.client(), class).await.unwrap();
        assert_took(start, 29 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_an_attempt_ends_with_the_last_byte_and_not_with_the_first() {
    let mut drops = vec![Step::Request, Step::Write(head(200, &[], 100))];
    for _ in 0..100 {
        drops.extend([Step::Wait(SECOND), Step::Write(b" ".to_vec())]);
    }
    let service = Service::start([drops]).await;
    let client = service.builder().max_attempts(1).build().unwrap();
    let start = Instant::now();
    let error = call(&client, Resend::Safe).await.unwrap_err();
    assert_took(start, 30 * SECOND);
    assert_eq!((kind(&error), error.status()), ("Timeout", Some(200)));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_made_in_time_was_never_used() {
    for class in CLASSES {
        let (service, _held) = Service::full().await;
        let start = Instant::now();
        let error = call(&service.client(), class).await.unwrap_err();
        assert_took(start, 30 * SECOND);
        assert_eq!((kind(&error), error.attempts()), ("Timeout", 3), "{error}");
        assert!(!error.may_have_been_applied() && error.is_retryable(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_longer_than_an_attempt_may_was_never_used_either() {
    let (service, _held) = Service::full().await;
    let client = service.builder().request_timeout(5 * SECOND).build().unwrap();
    let start = Instant::now();
    let error = call(&client, Resend::Unsafe).await.unwrap_err();
    assert_took(start, 3 * Duration::from_millis(4500));
    assert_eq!((kind(&error), error.attempts(), error.may_have_been_applied()), ("Timeout", 3, false), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_all_attempts_and_delays() {
    // The third attempt would begin after 8 s and the delays.
    let service = Service::start([(); 3].map(|()| vec![Step::Request])).await;
    let client =
        service.builder().request_timeout(4 * SECOND).total_timeout(10 * SECOND).max_attempts(10).build().unwrap();
    let start = Instant::now();
    let error = call(&client, Resend::Safe).await.unwrap_err();
    assert_took(start, 10 * SECOND);
    assert_eq!((kind(&error), error.attempts(), service.connections()), ("Timeout", 3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_can_be_given_to_single_calls() {
    let service = Service::start([(); 2].map(|()| vec![Step::Request])).await;
    let client = service.client();
    let start = Instant::now();
    let error = call(&client.with_deadline(2 * SECOND), Resend::Safe).await.unwrap_err();
    assert_took(start, 2 * SECOND);
    assert_eq!((kind(&error), error.attempts()), ("Timeout", 1));
    let start = Instant::now();
    call(&client.with_deadline(33 * SECOND), Resend::Unsafe).await.unwrap_err();
    assert_took(start, 30 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_zero_sends_nothing() {
    let service = Service::start([vec![Step::Request]]).await;
    for class in CLASSES {
        let error = call(&service.client().with_deadline(Duration::ZERO), class).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts()), ("Timeout", 0), "{error}");
        assert!(!error.may_have_been_applied() && error.is_retryable(), "{error}");
    }
    assert_eq!(service.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn unlimited_times_are_accepted() {
    let service = Service::answering([answer(503, &[], ""), success(Resend::Safe)]).await;
    let client = service.builder().request_timeout(Duration::MAX).total_timeout(Duration::MAX).build().unwrap();
    call(&client.with_deadline(Duration::MAX), Resend::Safe).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_begun_that_would_end_after_the_deadline() {
    let service = Service::answering([answer(503, &[("retry-after", "20")], "")]).await;
    let start = Instant::now();
    let error = call(&service.client().with_deadline(20 * SECOND), Resend::Safe).await.unwrap_err();
    assert_took(start, Duration::ZERO);
    assert_eq!((kind(&error), error.attempts()), ("Unavailable", 1));
    assert_eq!(error.retry_after(), Some(20 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_zero_is_refused_before_anything_is_sent() {
    let service = Service::answering([]).await;
    let request = service.client().raw().get_me().timeout(Duration::ZERO);
    let error = request.await.unwrap_err();
    assert_eq!((kind(&error), error.attempts(), error.may_have_been_applied()), ("Timeout", 0, false), "{error}");
    assert_eq!(service.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_little_time_does_not_open_the_circuit_of_the_others() {
    for (given, opens) in [(Duration::from_millis(900), false), (Duration::from_millis(1_100), true)] {
        for by_deadline in [false, true] {
            let service = Service::start([(); 6].map(|()| vec![Step::Request])).await;
            let client = service.client();
            for _ in 0..6 {
                let request = client.request::<serde_json::Value>(calcom::operation::Method::Post, "/v2/x");
                let request = if by_deadline { request.deadline(given) } else { request.timeout(given) };
                request.await.unwrap_err();
            }
            let is_open = client.circuit_state().await != calcom::state::CircuitState::Closed;
            assert_eq!(is_open, opens, "{given:?}, by deadline: {by_deadline}");
        }
    }
}
