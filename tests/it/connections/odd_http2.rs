//! HTTP/2 servers that send what is allowed and rare, or not allowed.

use std::{error::Error as _, time::Duration};

use calcom::{ApiKey, Client, Error, operation::Resend};
use tokio::time::Instant;

use super::http2::{client, success};
use crate::support::{
    classes::{CLASSES, call},
    http2::{Act, ENHANCE_YOUR_CALM, Http2Service, INTERNAL_ERROR, Last, NO_ERROR, REFUSED_STREAM},
    kind, recorded_body,
    socket::let_time_pass,
};

const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;

fn response(class: Resend) -> (u16, String) {
    match success(class) {
        Act::Respond(status, body) => (status, body),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_ends_with_a_code_is_sent_again_only_if_it_was_refused_before_its_response() {
    for code in (0..=13).chain([0xff]) {
        for in_body in [false, true] {
            let (status, body) = response(Resend::Unsafe);
            let fault = if in_body { Act::ResetInBody(status, body, code) } else { Act::Reset(code) };
            let service = Http2Service::start(vec![vec![fault.clone(), success(Resend::Unsafe)]]).await;
            let result = call(&client(&service), Resend::Unsafe).await;
            if code == REFUSED_STREAM && !in_body {
                result.unwrap();
                assert_eq!(service.requests(), 2, "{code}");
            } else {
                let error = result.expect_err(&format!("{fault:?}"));
                assert_eq!((kind(&error), error.attempts()), ("Transport", 1), "{code}, {in_body}: {error}");
                assert!(error.may_have_been_applied() && !error.is_retryable(), "{code}, {in_body}: {error}");
                assert_eq!(service.requests(), 1, "{code}, {in_body}");
            }
        }
    }
}

#[tokio::test]
async fn a_response_with_its_announced_length_is_none_if_its_stream_ends_with_an_error() {
    for code in [INTERNAL_ERROR, ENHANCE_YOUR_CALM] {
        let (status, body) = response(Resend::Unsafe);
        let service = Http2Service::start(vec![vec![Act::ResetAfterBody(status, body, code)]]).await;
        let result = call(&client(&service), Resend::Unsafe).await;
        assert_eq!(service.requests(), 1, "{code}");
        let error = result.expect_err(&code.to_string());
        assert_eq!(kind(&error), "Transport", "{code}: {error}");
        assert!(error.may_have_been_applied() && !error.is_retryable(), "{code}: {error}");
    }
}

#[tokio::test]
async fn a_read_whose_response_ends_early_is_sent_again() {
    for code in (0..=13).chain([0xff]) {
        let (status, body) = response(Resend::Safe);
        let acts = vec![Act::ResetInBody(status, body, code), success(Resend::Safe)];
        let service = Http2Service::start(vec![acts]).await;
        call(&client(&service), Resend::Safe).await.unwrap_or_else(|error| panic!("{code}: {error}"));
        assert_eq!(service.requests(), 2, "{code}");
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_gracefully_loses_no_request() {
    for class in CLASSES {
        let (status, body) = response(class);
        let first = vec![success(class), Act::RespondAndClose(status, body)];
        let second = vec![success(class), Act::GracefulGoAway];
        let service = Http2Service::start(vec![first, second, vec![success(class)]]).await;
        let client = client(&service);
        for number in 0..5 {
            call(&client, class).await.unwrap_or_else(|error| panic!("{class:?}, {number}: {error}"));
        }
        // The request that the second connection has not processed is sent once more.
        assert_eq!((service.connections(), service.requests()), (3, 6), "{class:?}");
    }
}

#[tokio::test]
async fn what_a_server_says_while_it_closes_the_connection_is_in_no_text_of_the_error() {
    for (last, code) in [(Last::Later, ENHANCE_YOUR_CALM), (Last::Earlier, 11), (Last::Earlier, NO_ERROR)] {
        let act = Act::GoAwaySaying(last, code, "authorization: Bearer planted".to_owned());
        let service = Http2Service::start(vec![vec![act]; 4]).await;
        let error = call(&client(&service), Resend::Unsafe).await.unwrap_err();
        let mut text = format!("{error} {error:?} {error:#?}");
        let mut source = error.source();
        while let Some(cause) = source {
            text += &format!(" {cause} {cause:?} {cause:#?}");
            source = cause.source();
        }
        assert_eq!(kind(&error), "Transport", "{text}");
        assert!(!text.contains("planted"), "{text}");
        assert_eq!(error.may_have_been_applied(), last == Last::Later, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_no_streams_or_no_bytes_gets_no_request_and_the_call_ends_in_time() {
    let passing = let_time_pass();
    for settings in [(MAX_CONCURRENT_STREAMS, 0), (INITIAL_WINDOW_SIZE, 0)] {
        let service = Http2Service::with_settings(vec![settings], vec![vec![success(Resend::Unsafe)]]).await;
        let client = client(&service);
        // After this the settings have arrived.
        client.with_timeout(Duration::from_secs(1)).connect().await.map_or_else(drop, drop);
        let (began, client) = (Instant::now(), client.with_timeout(Duration::from_secs(2)));
        let error = call(&client, Resend::Unsafe).await.unwrap_err();
        assert_eq!((kind(&error), began.elapsed().as_secs()), ("Timeout", 2), "{settings:?}: {error}");
        // The requests of `connect` have no body.
        assert!(service.requests() <= 1, "{settings:?}");
    }
    passing.abort();
}

#[tokio::test]
async fn floods_of_pings_and_settings_and_rare_frames_are_no_errors() {
    for class in CLASSES {
        let (status, body) = response(class);
        for act in [
            Act::PingsBefore(10_000, status, body.clone()),
            Act::Rare(status, body.clone(), 100),
            Act::Rare(status, body.clone(), 8_000),
        ] {
            let service = Http2Service::start(vec![vec![act.clone(), success(class)]]).await;
            let client = client(&service);
            call(&client, class).await.unwrap_or_else(|error| panic!("{class:?}, {act:?}: {error}"));
            call(&client, class).await.unwrap();
            assert_eq!((service.connections(), service.requests()), (1, 2), "{class:?}");
        }
    }
}

#[tokio::test]
async fn headers_that_are_too_long_leave_a_write_unclear() {
    let (status, body) = response(Resend::Unsafe);
    let act = Act::Rare(status, body, 200_000);
    let service = Http2Service::start(vec![vec![act, success(Resend::Unsafe)]; 2]).await;
    let error = call(&client(&service), Resend::Unsafe).await.unwrap_err();
    assert_eq!((kind(&error), error.may_have_been_applied()), ("Transport", true), "{error}");
    assert_eq!(service.requests(), 1);
}

#[tokio::test]
async fn ten_thousand_calls_at_once_share_one_connection() {
    let service = Http2Service::with_settings(
        vec![(MAX_CONCURRENT_STREAMS, 10_000)],
        vec![vec![Act::Respond(200, r#"{"status": "success", "data": []}"#.to_owned())]],
    )
    .await;
    let builder = Client::builder().credentials(ApiKey::new("cal_live_http2")).no_rate_limit().no_cache();
    let builder = builder.api_url(format!("http://127.0.0.1:{}", service.port));
    let client = builder.http_client(|http| http.http2_prior_knowledge()).build().unwrap();
    client.connect().await.unwrap();
    let calls: Vec<_> = (0..10_000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client, Resend::Safe).await.map_err(|error: Error| error.to_string()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((service.connections(), service.requests()), (1, 10_001));
}

#[tokio::test]
async fn a_connection_that_the_client_closes_because_the_protocol_is_broken_leaves_a_write_unclear() {
    for class in CLASSES {
        let service = Http2Service::start(vec![vec![Act::Nonsense], vec![success(class)]]).await;
        let result = call(&client(&service), class).await;
        if class == Resend::Unsafe {
            let error = result.unwrap_err();
            assert_eq!((kind(&error), error.attempts()), ("Transport", 1), "{error}");
            assert!(error.may_have_been_applied() && !error.is_retryable(), "{error}");
        } else {
            result.unwrap();
            assert_eq!(service.requests(), 2, "{class:?}");
        }
    }
}

#[tokio::test]
async fn a_304_that_has_the_length_of_the_cached_response_confirms_it() {
    let me = recorded_body("me/get-2024-06-14").to_string();
    let acts = vec![Act::Respond(200, me.clone()), Act::NotModified(me.len())];
    let service = Http2Service::start(vec![acts]).await;
    let client = client(&service);
    let first = client.me().get().await.unwrap();
    let again = client.refresh_cache().me().get().await.unwrap();
    assert!(first == again);
    assert_eq!((service.connections(), service.requests()), (1, 2));
}
