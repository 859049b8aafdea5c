//! How long connections without requests are kept, and for what they are used.

use std::{
    future::Future,
    task::{Context, Waker},
    time::Duration,
};

use calcom::{
    ClientBuilder, Contract,
    config::Config,
    intercept::{Interceptor, OutgoingAttempt},
    operation::Resend,
};

use crate::support::{
    classes::{CLASSES, call, line},
    recorded_body,
    socket::{Received, Service, answer, json},
};

fn response(request: &Received, headers: &[(&str, &str)]) -> Vec<u8> {
    let class = CLASSES.into_iter().find(|class| line(*class) == request.line);
    let (status, recording) = match class {
        Some(Resend::Unsafe) => (201, "bookings-2024-08-13/create-regular"),
        Some(Resend::Idempotent) => (200, "webhooks/delete"),
        Some(Resend::Safe) => (200, "webhooks/list"),
        None => return answer(204, headers, ""),
    };
    json(status, headers, recorded_body(recording).to_string())
}

pub(super) async fn service(headers: &'static [(&'static str, &'static str)]) -> Service {
    Service::serving_with(move |request| response(request, headers)).await
}

/// The connections of calls of these classes, one every so many seconds.
pub(super) async fn connections(service: &Service, builder: ClientBuilder, every: u64, classes: &[Resend]) -> usize {
    let client = builder.build().unwrap();
    let before = service.connections();
    for class in classes {
        call(&client, *class).await.unwrap();
        tokio::time::sleep(Duration::from_secs(every)).await;
    }
    service.connections() - before
}

#[tokio::test(start_paused = true)]
async fn a_server_that_announces_five_seconds_gets_a_new_connection_after_four() {
    let service = service(&[("connection", "keep-alive"), ("keep-alive", "timeout=5")]).await;
    for class in CLASSES {
        assert_eq!(connections(&service, service.builder(), 1, &[class; 10]).await, 1, "{class:?}");
        assert_eq!(connections(&service, service.builder(), 6, &[class; 10]).await, 10, "{class:?}");
        let hosted = service.builder().service(Contract::Hosted);
        assert_eq!(connections(&service, hosted, 6, &[class; 10]).await, 10, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_announced_time_is_used_up_to_a_second_before_its_end_by_writes_too() {
    let service = service(&[("keep-alive", "max=100, timeout=61")]).await;
    for class in CLASSES {
        assert_eq!(connections(&service, service.builder(), 58, &[class; 4]).await, 2, "{class:?}");
        assert_eq!(connections(&service, service.builder(), 61, &[class; 3]).await, 3, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_announces_nothing_keeps_the_connection_of_reads() {
    let service = service(&[]).await;
    for (class, expected) in [(Resend::Safe, 2), (Resend::Idempotent, 2), (Resend::Unsafe, 5)] {
        let found = connections(&service, service.builder(), 30, &[class; 5]).await;
        assert_eq!(found, expected, "{class:?}");
    }
    let hosted = service.builder().service(Contract::Hosted);
    assert_eq!(connections(&service, hosted, 30, &[Resend::Safe; 5]).await, 1, "expected of the hosted one");
}

#[tokio::test(start_paused = true)]
async fn writes_use_a_connection_as_old_as_one_that_a_read_has_found_open() {
    let service = service(&[]).await;
    let mut classes = vec![Resend::Safe; 3];
    classes.extend([Resend::Unsafe; 10]);
    assert_eq!(connections(&service, service.builder(), 6, &classes).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_set_idle_time_applies_to_all_requests() {
    let service = service(&[("keep-alive", "timeout=5")]).await;
    for class in CLASSES {
        for (idle, every, expected) in [("60", 50, 1), ("60", 70, 5), ("0.5", 1, 5)] {
            let set = |name: &str| (name == "CALCOM_TIMEOUT_IDLE").then(|| idle.to_owned());
            let builder = service.builder().config(Config::from_vars(set).unwrap());
            let builder = builder.api_url(service.url()).credentials(calcom::Credentials::Anonymous);
            assert_eq!(connections(&service, builder, every, &[class; 5]).await, expected, "{class:?}, {idle}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn connect_opens_the_connection_of_the_next_call_and_sends_no_credential() {
    let service = service(&[("keep-alive", "timeout=5")]).await;
    for class in CLASSES {
        let client = service.client();
        let (connections, requests) = (service.connections(), service.requests().len());
        client.connect().await.unwrap();
        assert_eq!(service.connections(), connections + 1);
        call(&client, class).await.unwrap();
        assert_eq!(service.connections(), connections + 1, "{class:?}");
        let sent = &service.requests()[requests..];
        assert_eq!(sent.iter().map(|request| &*request.line).collect::<Vec<_>>(), ["OPTIONS /v2/me", line(class)]);
        assert_eq!((sent[0].header("authorization"), sent[0].body.len()), (None, 0));
        assert_eq!(client.quota().await.limits, []);
    }
}

#[tokio::test(start_paused = true)]
async fn connect_fails_if_there_is_no_connection_and_takes_any_response_for_one() {
    let (refusing, _port) = Service::refusing();
    let error = refusing.client().connect().await.unwrap_err();
    assert_eq!((crate::support::kind(&error), error.may_have_been_applied()), ("Transport", false), "{error}");
    assert_eq!(error.to_string(), "connection failed: the connection could not be made");
    let (full, _held) = Service::full().await;
    let client = full.client().with_deadline(Duration::from_secs(2));
    assert_eq!(crate::support::kind(&client.connect().await.unwrap_err()), "Timeout");
    let service = Service::answering([answer(503, &[], "down")]).await;
    service.client().connect().await.unwrap();
}

/// Takes time before each attempt, on the clock of the test.
struct Slow(Duration);

impl Interceptor for Slow {
    fn before_attempt(&self, _: &mut OutgoingAttempt<'_>) {
        let mut waits = std::pin::pin!(tokio::time::advance(self.0));
        // The time passes when it is polled for the first time.
        let _ = waits.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_gets_old_while_an_interceptor_runs_takes_no_write() {
    let service = service(&[]).await;
    for (slow, expected) in [(0, 2), (5, 3)] {
        let client = service.builder().interceptor(Slow(Duration::from_secs(slow))).build().unwrap();
        let before = service.connections();
        // The first response shows that the server may keep connections for long; the second call opens one of these.
        call(&client, Resend::Safe).await.unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
        call(&client, Resend::Safe).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        call(&client, Resend::Unsafe).await.unwrap();
        assert_eq!(service.connections() - before, expected, "{slow} s");
    }
}
