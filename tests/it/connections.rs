//! Connections that cannot be established, and pooled ones that are closed.

mod announced;
mod hook;
mod http2;
mod idle;
mod odd_http1;
mod odd_http2;
mod random_close;
mod reuse;
mod warm_up;

use std::time::Duration;

use calcom::{Client, operation::Resend};
use serde_json::json;

use crate::support::{
    classes::{CLASSES, call, success},
    kind,
    socket::{Service, Step},
};

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_tried_again_whatever_is_to_be_sent_and_leaves_nothing_unclear() {
    for class in CLASSES {
        let (service, _port) = Service::refusing();
        let error = call(&service.client(), class).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts(), error.status()), ("Transport", 3, None), "{error}");
        assert!(!error.may_have_been_applied() && error.is_retryable(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_comes_back_between_attempts_gets_the_request() {
    for class in CLASSES {
        let (refusing, port) = Service::refusing();
        // The delays add up to at most ten seconds; the service listens again before all of them have ended.
        let config = json!({"api_url": refusing.url(), "retry": {"times": 4, "delay": 10_000}});
        let builder = Client::builder().config(serde_json::from_value(config).unwrap());
        let client = builder.credentials(calcom::Credentials::Anonymous).build().unwrap();
        let calling = tokio::spawn(async move { call(&client, class).await });
        tokio::time::sleep(Duration::from_millis(40)).await;
        let service = Service::on(port, [vec![Step::Request, Step::Write(success(class))]]);
        calling.await.unwrap().unwrap();
        assert_eq!(service.requests().len(), 1, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn connections_are_used_again() {
    let twice = |class| vec![Step::Request, Step::Write(success(class)), Step::Request, Step::Write(success(class))];
    for class in CLASSES {
        let service = Service::start([twice(class)]).await;
        let client = service.client();
        call(&client, class).await.unwrap();
        call(&client.clone(), class).await.unwrap();
        assert_eq!((service.connections(), service.requests().len()), (1, 2), "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_service_closed_is_not_used_for_anything() {
    for class in CLASSES {
        let service = Service::start([
            vec![Step::Request, Step::Write(success(class)), Step::Close],
            vec![Step::Request, Step::Write(success(class))],
        ])
        .await;
        let client = service.client();
        call(&client, class).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        call(&client, class).await.unwrap();
        assert_eq!((service.connections(), service.requests().len()), (2, 2), "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_dropped_before_the_service_would_close_it() {
    // The service closes the connection after 5 s. The outcome of a request that crosses the close is not defined.
    for class in CLASSES {
        let service = Service::start([(); 2].map(|()| {
            vec![Step::Request, Step::Write(success(class)), Step::Wait(Duration::from_secs(5)), Step::Reset]
        }))
        .await;
        let client = service.client();
        call(&client, class).await.unwrap();
        tokio::time::sleep(Duration::from_millis(4_500)).await;
        call(&client, class).await.unwrap();
        assert_eq!(service.connections(), 2, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_during_a_request_is_an_error_only_if_the_request_may_not_be_repeated() {
    for end in [Step::Close, Step::Reset] {
        for class in CLASSES {
            let service = Service::start([
                vec![Step::Request, Step::Write(success(class)), Step::Head, end.clone()],
                vec![Step::Request, Step::Write(success(class))],
            ])
            .await;
            let client = service.client();
            call(&client, class).await.unwrap();
            let second = call(&client, class).await;
            if class == Resend::Unsafe {
                let error = second.unwrap_err();
                assert_eq!((kind(&error), error.attempts()), ("Transport", 1), "{error}");
                assert!(error.may_have_been_applied() && !error.is_retryable(), "{error}");
                assert_eq!(service.connections(), 1);
            } else {
                second.unwrap();
                assert_eq!(service.connections(), 2, "{class:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_before_the_request_is_distinguished_from_one_that_ends_after_it() {
    for class in CLASSES {
        let service = Service::start([vec![Step::Close], vec![Step::Close], vec![Step::Close]]).await;
        let error = call(&service.client(), class).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts() as usize), ("Transport", service.connections()), "{error}");
        // Which of the two happens depends on timing; the error has to match it.
        if class == Resend::Unsafe && error.attempts() < 3 {
            assert!(error.may_have_been_applied() && !error.is_retryable(), "{error}");
        } else {
            assert_eq!(error.attempts(), 3, "{error}");
        }
    }
}
