//! `Client::connect` with the options of a call, and its errors.

use std::time::Duration;

use calcom::operation::Resend;
use tokio::time::Instant;

use crate::support::{
    classes::{call, success},
    kind,
    socket::{Service, Step, answer},
};

#[tokio::test(start_paused = true)]
async fn connect_ends_after_the_time_of_an_attempt_or_of_the_call_whichever_is_shorter() {
    let service = Service::start([vec![Step::Request], vec![Step::Request], vec![Step::Request]]).await;
    let client = service.client();
    for (client, seconds) in [
        (client.with_timeout(Duration::from_secs(2)), 2),
        (client.with_deadline(Duration::from_secs(3)), 3),
        (client.with_deadline(Duration::from_secs(9)).with_timeout(Duration::from_secs(4)), 4),
    ] {
        let began = Instant::now();
        let error = client.connect().await.unwrap_err();
        assert_eq!(kind(&error), "Timeout", "{error}");
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connect_that_failed_can_be_repeated() {
    let (refusing, _port) = Service::refusing();
    let refused = refusing.client().connect().await.unwrap_err();
    let silent = Service::start([vec![Step::Request]]).await;
    let late = silent.client().with_deadline(Duration::from_secs(1)).connect().await.unwrap_err();
    let closing = Service::start([vec![Step::Request, Step::Reset]]).await;
    let broken = closing.client().connect().await.unwrap_err();
    for error in [refused, late, broken] {
        assert!(error.is_retryable() && !error.may_have_been_applied(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_without_end_does_not_keep_connect_and_its_connection_is_not_used() {
    let head = b"HTTP/1.1 204 -\r\n\r\n".to_vec();
    let endless = answer(200, &[], vec![b'x'; 1 << 20]);
    for first in [head, endless] {
        let again = vec![Step::Request, Step::Write(success(Resend::Unsafe))];
        let service = Service::start([[vec![Step::Request, Step::Write(first)], again.clone()].concat(), again]).await;
        let client = service.client();
        client.connect().await.unwrap();
        call(&client, Resend::Unsafe).await.unwrap();
        assert_eq!(service.requests().len(), 2);
    }
}
