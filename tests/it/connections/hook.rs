//! The hook on the builder of the HTTP client.

use std::{error::Error as _, time::Duration};

use calcom::{
    Client,
    operation::Resend,
    reqwest::{Proxy, header::HeaderMap, redirect, retry},
};

use crate::support::{
    classes::{CLASSES, call, line, success},
    kind,
    log::Log,
    socket::{Received, Service, Step, answer},
};

/// A client whose hook sets what the client decides itself.
fn meddling(service: &Service) -> Client {
    let builder = service.builder().http_client(|http| {
        http.redirect(redirect::Policy::limited(10))
            .retry(retry::for_host("127.0.0.1").max_retries_per_request(5).classify_fn(|it| it.retryable()))
            .timeout(Duration::from_millis(1))
            .read_timeout(Duration::from_millis(1))
            .connect_timeout(Duration::from_nanos(1))
            .pool_idle_timeout(Duration::from_secs(60))
            .referer(true)
    });
    builder.build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed_whatever_the_hook_sets() {
    for class in CLASSES {
        let service = Service::serving_with(|request| {
            let body = format!("{} is elsewhere", request.line);
            answer(307, &[("location", "/v2/elsewhere")], body)
        })
        .await;
        for client in [service.client(), meddling(&service)] {
            let before = service.requests().len();
            let error = call(&client, class).await.unwrap_err();
            assert_eq!((error.status(), error.attempts()), (Some(307), 1), "{error}");
            let sent = &service.requests()[before..];
            assert_eq!(sent.iter().map(|request| &*request.line).collect::<Vec<_>>(), [line(class)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_of_unknown_outcome_is_not_sent_again_whatever_the_hook_sets() {
    let service = Service::start((0..8).map(|_| vec![Step::Request, Step::Close])).await;
    for client in [service.client(), meddling(&service)] {
        let before = service.requests().len();
        let error = call(&client, Resend::Unsafe).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts()), ("Transport", 1), "{error}");
        assert!(error.may_have_been_applied());
        assert_eq!(service.requests().len(), before + 1);
    }
    let service = Service::serving_with(|_| answer(503, &[], "")).await;
    for client in [service.client(), meddling(&service)] {
        let before = service.requests().len();
        call(&client, Resend::Unsafe).await.unwrap_err();
        assert_eq!(service.requests().len(), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_those_of_the_settings_whatever_the_hook_sets() {
    let slow = vec![Step::Request, Step::Wait(Duration::from_secs(20)), Step::Write(success(Resend::Unsafe))];
    let again = vec![Step::Request, Step::Write(success(Resend::Unsafe))];
    let service = Service::start([[slow, again.clone()].concat(), again]).await;
    let client = meddling(&service);
    call(&client, Resend::Unsafe).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    call(&client, Resend::Unsafe).await.unwrap();
    assert_eq!(service.connections(), 2, "an idle connection is not kept for longer either");
}

#[tokio::test(start_paused = true)]
async fn the_hook_sets_user_agent_and_default_headers_and_keeps_ours() {
    let service = Service::serving_with(|_| success(Resend::Safe)).await;
    let builder = service.builder().http_client(|http| {
        let headers = [("x-clinic", "north"), ("authorization", "Bearer other"), ("cal-api-version", "1999-01-01")];
        let pairs = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        http.user_agent("clinic/1.0").default_headers(HeaderMap::from_iter(pairs))
    });
    call(&builder.build().unwrap(), Resend::Safe).await.unwrap();
    call(&service.client(), Resend::Safe).await.unwrap();
    let requests = service.requests();
    assert_eq!(requests[0].header("user-agent"), Some("clinic/1.0"));
    assert_eq!(requests[0].header("x-clinic"), Some("north"));
    assert!(requests[1].header("user-agent").unwrap().starts_with("calcom-rust/"));
    for name in ["authorization", "accept"] {
        assert_eq!(requests[0].header(name), requests[1].header(name), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_of_the_hook_gets_the_requests() {
    let proxy = Service::serving_with(|_| success(Resend::Unsafe)).await;
    let through = Proxy::all(proxy.url()).unwrap().basic_auth("clinic", "secret");
    let client = Client::builder()
        .credentials(calcom::ApiKey::new("cal_live_proxied"))
        .api_url("http://127.0.0.1:9")
        .http_client(|http| http.proxy(through))
        .build()
        .unwrap();
    call(&client, Resend::Unsafe).await.unwrap();
    let request = proxy.requests().remove(0);
    assert_eq!(request.line, "POST http://127.0.0.1:9/v2/bookings");
    assert_eq!(request.header("proxy-authorization"), Some("Basic Y2xpbmljOnNlY3JldA=="));
}

#[tokio::test(start_paused = true)]
async fn the_credentials_of_a_proxy_are_in_no_text() {
    let text = |error: &calcom::Error| {
        let mut text = format!("{error} {error:?} {error:#?}");
        let mut source = error.source();
        while let Some(cause) = source {
            text += &format!(" {cause} {cause:?} {cause:#?}");
            source = cause.source();
        }
        text
    };
    let echo = |request: &Received| {
        let sent = format!("{} {}", request.line, request.header("proxy-authorization").unwrap_or_default());
        answer(407, &[("proxy-authenticate", &*sent)], &sent)
    };
    let (refusing, _port) = Service::refusing();
    let asking = Service::serving_with(echo).await;
    for proxy in [&refusing, &asking] {
        for target in ["http://127.0.0.1:9", "https://localhost:9"] {
            let url = proxy.url().replace("http://", "http://planted-user:planted-password@");
            let log = Log::start();
            let builder = Client::builder().credentials("cal_live_proxied").api_url(target).no_retries();
            let through = Proxy::all(url).unwrap();
            let builder = builder.debug(true).http_client(move |http| http.proxy(through));
            let client = builder.clone().build().unwrap();
            let error = call(&client, Resend::Unsafe).await.unwrap_err();
            assert!(!error.may_have_been_applied(), "{error}");
            let connect = client.connect().await.map_or_else(|error| text(&error), |()| String::new());
            let shown = format!("{} {connect} {builder:?} {client:?} {}", text(&error), log.of_calcom());
            for planted in ["planted", "cGxhbnRlZC"] {
                assert!(!shown.contains(planted), "{target}: {shown}");
            }
        }
    }
    assert!(asking.requests().iter().all(|sent| sent.header("proxy-authorization").is_some()));
}

#[tokio::test]
async fn an_address_of_ipv6_and_a_port_of_any_number_are_called_as_they_are_written() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else { return };
    let port = listener.local_addr().unwrap().port();
    let server = wiremock::MockServer::builder().listener(listener).start().await;
    let body = crate::support::recorded_body("me/get-2024-06-14");
    let response = wiremock::ResponseTemplate::new(200).set_body_json(body);
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(response).mount(&server).await;
    for url in [format!("http://[::1]:{port}/v2/"), format!("http://[0:0:0:0:0:0:0:1]:{port}")] {
        let client = Client::builder().credentials("cal_live_v6").api_url(url).debug(true).build().unwrap();
        client.me().get().await.unwrap();
        let curl = client.last_request_debug().unwrap().curl;
        assert!(curl.contains(&format!("'http://[::1]:{port}/v2/me'")), "{curl}");
    }
    let hosts: Vec<_> = server.received_requests().await.unwrap().iter().map(|it| it.headers["host"].clone()).collect();
    assert_eq!(hosts, vec![format!("[::1]:{port}"); 2]);
}
