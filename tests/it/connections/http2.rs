//! Over HTTP/2 the service says which requests it has not processed. Everything else is unknown.

use std::{sync::Arc, time::Duration};

use calcom::{ApiKey, Client, operation::Resend, reqwest::Certificate};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::support::{
    classes::{CLASSES, call},
    http2::{Act, CANCEL, ENHANCE_YOUR_CALM, Http2Service, INTERNAL_ERROR, Last, NO_ERROR, REFUSED_STREAM},
    kind, recorded_body,
    socket::let_time_pass,
};

pub(super) fn success(class: Resend) -> Act {
    let (status, recording) = match class {
        Resend::Safe => (200, "webhooks/list"),
        Resend::Idempotent => (200, "webhooks/delete"),
        Resend::Unsafe => (201, "bookings-2024-08-13/create-regular"),
    };
    Act::Respond(status, recorded_body(recording).to_string())
}

pub(super) fn client(service: &Http2Service) -> Client {
    let builder = Client::builder().credentials(ApiKey::new("cal_live_http2"));
    let builder = builder.api_url(format!("http://127.0.0.1:{}", service.port));
    builder.http_client(|http| http.http2_prior_knowledge()).build().unwrap()
}

/// Faults with whether the service says that it has not processed the request.
fn faults() -> Vec<(Act, bool)> {
    let mut faults = vec![
        (Act::Close, false),
        (Act::Reset(REFUSED_STREAM), true),
        (Act::Reset(INTERNAL_ERROR), false),
        (Act::Reset(CANCEL), false),
        (Act::Reset(NO_ERROR), false),
    ];
    for code in [NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM] {
        for last in [Last::Earlier, Last::TheSame, Last::Later] {
            faults.push((Act::GoAway(last, code), last == Last::Earlier));
        }
    }
    faults
}

#[tokio::test]
async fn a_write_is_sent_again_only_if_the_service_says_that_it_has_not_processed_it() {
    for (fault, not_processed) in faults() {
        // The fault meets the first request of a connection, and a later one.
        for before in 0..2 {
            let mut first = vec![success(Resend::Unsafe); before];
            first.push(fault.clone());
            // A stream that is reset leaves the connection to the next request.
            first.push(success(Resend::Unsafe));
            let service = Http2Service::start(vec![first, vec![success(Resend::Unsafe)]]).await;
            let client = client(&service);
            for _ in 0..before {
                call(&client, Resend::Unsafe).await.unwrap();
            }
            let result = call(&client, Resend::Unsafe).await;
            if not_processed {
                result.unwrap();
                assert_eq!(service.requests(), before + 2, "{fault:?}");
            } else {
                let error = result.expect_err(&format!("{fault:?}"));
                assert_eq!((kind(&error), error.attempts()), ("Transport", 1), "{fault:?}: {error}");
                assert!(error.may_have_been_applied() && !error.is_retryable(), "{fault:?}: {error}");
                assert_eq!(service.requests(), before + 1, "nothing below the pipeline sends it again: {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_sent_again_after_every_fault() {
    for class in [Resend::Safe, Resend::Idempotent] {
        for (fault, _) in faults() {
            let service = Http2Service::start(vec![vec![fault.clone(), success(class)], vec![success(class)]]).await;
            call(&client(&service), class).await.unwrap();
            assert_eq!(service.requests(), 2, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn http_2_is_agreed_on_over_tls_and_many_calls_share_a_connection() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let service = Http2Service::with_tls(TlsAcceptor::from(Arc::new(config)), vec![success(Resend::Unsafe)]).await;
    let root = Certificate::from_der(made.cert.der()).unwrap();
    let client = Client::builder()
        .credentials(ApiKey::new("cal_live_http2"))
        .api_url(format!("https://localhost:{}", service.port))
        .http_client(|http| http.tls_certs_only([root]))
        .build()
        .unwrap();
    client.connect().await.unwrap();
    let calls = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { call(&client, Resend::Unsafe).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!((service.connections(), service.requests()), (1, 21));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_detected_within_the_attempt_and_not_used_again() {
    let passing = let_time_pass();
    for class in CLASSES {
        let service = Http2Service::start(vec![vec![Act::NoResponse], vec![success(class)]]).await;
        let client = client(&service);
        let began = tokio::time::Instant::now();
        let first = call(&client, class).await;
        assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
        if class == Resend::Unsafe {
            let error = first.unwrap_err();
            assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true), "{error}");
            call(&client, class).await.unwrap();
        } else {
            first.unwrap();
        }
        assert_eq!((service.connections(), service.requests()), (2, 2), "{class:?}");
    }
    passing.abort();
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_writes_too() {
    let passing = let_time_pass();
    for class in CLASSES {
        let service = Http2Service::start(vec![vec![success(class)], vec![success(class)]]).await;
        let client = client(&service);
        for _ in 0..5 {
            call(&client, class).await.unwrap();
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        // That of the pool for short times, and the one that stays.
        assert_eq!((service.connections(), service.requests()), (2, 5), "{class:?}");
    }
    passing.abort();
}
