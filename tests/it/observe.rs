//! Observation of calls: span and events, the output of `CALCOM_V2_LOG_*` and `last_request_debug`, metrics. `secrets`
//! tests that none of it contains planted values.

mod decisions;
#[cfg(feature = "metrics")]
mod measured;

use std::time::Duration;

use calcom::{ApiKey, Client, Error, PlatformCredentials, RequestDebug, raw::types};
use serde_json::{Value, json};

use crate::support::{
    log::Log,
    recorded_body, recorded_request, socket,
    socket::{Service, Step, answer},
};

const ID: (&str, &str) = ("x-request-id", "2c2e10c7-da22-48e1-a3ef-6f2e1f975166");

fn client(service: &Service, debug: Value) -> Client {
    let config = json!({"api_url": service.url(), "debug": debug});
    let builder = Client::builder().config(serde_json::from_value(config).unwrap());
    builder.credentials(ApiKey::new("cal_live_planted")).build().unwrap()
}

/// Replaces ports and durations, which differ from run to run.
fn steady(text: &str, service: &Service) -> String {
    let port = service.url().rsplit(':').next().unwrap().to_owned();
    let text = text.replace(&port, "PORT");
    let lines = text.lines().map(|line| match line.split_once("duration_ms = ") {
        Some((name, _)) => format!("{name}duration_ms = ..."),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_span_and_an_attempt_one_event() {
    let booking = recorded_body("bookings-2024-08-13/get-regular").to_string();
    let service =
        Service::answering([answer(503, &[ID], "<html>busy</html>"), socket::json(200, &[ID], booking)]).await;
    let log = Log::start();
    client(&service, json!({})).bookings().get("planteduid7kgiKeoVgk6N").await.unwrap();
    insta::assert_snapshot!(steady(&log.of_calcom(), &service));
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_says_of_what_kind() {
    let kinds = async |answers: Vec<Vec<Step>>, act: fn(&Client) -> Client| {
        let service = Service::start(answers).await;
        let log = Log::start();
        let config = json!({"api_url": service.url(), "retry": {"times": 1}});
        let builder = Client::builder().config(serde_json::from_value(config).unwrap());
        let client = builder.credentials(calcom::Credentials::Anonymous).build().unwrap();
        act(&client).raw().get_me().await.unwrap_err();
        let text = log.of_calcom();
        let kinds: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("error.type = ")).collect();
        kinds.join(" then ")
    };
    let same: fn(&Client) -> Client = Client::clone;
    let saying = |status| vec![Step::Request, Step::Write(answer(status, &[], "{}")), Step::Close];
    assert_eq!(kinds(vec![saying(404)], same).await, "\"404\" then \"404\" then \"404\"");
    assert_eq!(kinds(vec![saying(429)], same).await, "\"429\" then \"429\" then \"429\"");
    assert_eq!(
        kinds(vec![vec![Step::Request, Step::Reset]], same).await,
        "\"connection\" then \"connection\" then \"connection\""
    );
    assert_eq!(kinds(vec![vec![Step::Request]], same).await, "\"timeout\" then \"timeout\" then \"timeout\"");
    let late = |client: &Client| client.with_deadline(Duration::ZERO);
    assert_eq!(kinds(vec![], late).await, "\"timeout\" then \"timeout\"");
    let wrong = vec![Step::Request, Step::Write(socket::json(200, &[], "{")), Step::Close];
    // The HTTP exchange succeeded; the span does not cover decoding.
    assert_eq!(kinds(vec![wrong], same).await, "\"decode\"");
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_one_event_at_warn_with_what_the_support_asks_for() {
    let failing = || answer(503, &[ID], "<html>busy</html>");
    let service = Service::answering([failing(), failing(), failing()]).await;
    let log = Log::start();
    client(&service, json!({})).raw().get_me().await.unwrap_err();
    let text = log.of_calcom();
    let events: Vec<_> = text.split("\nWARN event calcom").skip(1).collect();
    assert_eq!(events.len(), 1, "{text}");
    let lines: Vec<_> = events[0].lines().skip(1).collect();
    let id = format!("calcom.request_id = {:?}", ID.1);
    assert_eq!(
        lines,
        [
            "message = call failed",
            "calcom.operation = \"get_me\"",
            "http.response.status_code = 503",
            "error.type = \"503\"",
            &id,
            "calcom.attempts = 3",
            "calcom.may_have_been_applied = false",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_before_it_is_sent_is_an_event_too() {
    let service = Service::answering([]).await;
    for act in [
        |client: Client| client.raw().get_me().header("authorization", "x"),
        |client: Client| client.with_version("no version").raw().get_me(),
    ] {
        let log = Log::start();
        act(client(&service, json!({}))).await.unwrap_err();
        assert_eq!(log.of_calcom().matches("WARN event calcom").count(), 1, "{}", log.of_calcom());
    }
    assert_eq!(service.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_the_cache_is_a_span_without_attempts() {
    let me = recorded_body("me/get-2024-06-14").to_string();
    let service = Service::answering([socket::json(200, &[], me)]).await;
    let client = client(&service, json!({"enabled": true}));
    client.me().get().await.unwrap();
    // The first hit decodes a small body, and its value is kept.
    client.me().get().await.unwrap();
    assert!(client.last_request_debug().unwrap().timings.decode.is_some());
    let log = Log::start();
    client.me().get().await.unwrap();
    let text = log.of_calcom();
    assert!(text.contains("calcom.cache = \"hit\"") && !text.contains("event"), "{text}");
    let debug = client.last_request_debug().unwrap();
    assert_eq!((debug.outcome, debug.attempts, debug.cache, debug.status), ("cached", 0, Some("hit"), Some(200)));
    assert!(debug.timings.attempts.is_empty() && debug.timings.decode.is_none());
}

#[tokio::test(start_paused = true)]
async fn requests_and_responses_are_logged_if_that_is_set() {
    let body = recorded_body("bookings-2024-08-13/create-regular").to_string();
    let create = async |debug: Value| {
        let service = Service::answering([socket::json(201, &[ID], body.clone())]).await;
        let log = Log::start();
        let request: types::CreateBooking =
            serde_json::from_value(recorded_request("bookings-2024-08-13/create-regular")).unwrap();
        client(&service, debug).raw().create_booking(&request).await.unwrap();
        steady(&log.of_calcom(), &service)
    };
    let silent = create(json!({"enabled": true})).await;
    assert!(!silent.contains("calcom::"), "{silent}");
    let requests = create(json!({"log_requests": true})).await;
    assert!(requests.contains("calcom::requests") && !requests.contains("calcom::responses"), "{requests}");
    let both = create(json!({"log_requests": true, "log_responses": true})).await;
    let both: Vec<&str> = both.split("INFO event ").skip(1).collect();
    assert_eq!(both.len(), 2);
    insta::assert_snapshot!(both.join("\n"));
}

/// The record as JSON, without what differs from run to run.
fn record_json(debug: &RequestDebug, service: &Service) -> String {
    let mut json = serde_json::to_value(debug).unwrap();
    let times = json["timings"].as_object_mut().unwrap();
    times.values_mut().for_each(|time| match time {
        Value::Array(times) => times.iter_mut().for_each(|time| *time = json!("...")),
        Value::Null => {}
        time => *time = json!("..."),
    });
    steady(&serde_json::to_string_pretty(&json).unwrap(), service)
}

#[tokio::test(start_paused = true)]
async fn the_record_of_the_last_request_shows_no_secrets() {
    let body = recorded_body("bookings-2024-08-13/create-regular").to_string();
    let page = recorded_body("bookings-2024-08-13/list-take-1").to_string();
    let refused = answer(404, &[ID], json!({"status": "error", "error": {"message": "none"}}).to_string());
    let service = Service::start([
        vec![Step::Request, Step::Write(answer(429, &[("retry-after", "1")], "{}")), Step::Close],
        vec![Step::Request, Step::Write(socket::json(201, &[ID], body)), Step::Close],
        vec![Step::Request, Step::Write(socket::json(200, &[], page)), Step::Close],
        vec![Step::Request, Step::Write(refused), Step::Close],
    ])
    .await;
    let client = client(&service, json!({"enabled": true}));
    assert_eq!(client.last_request_debug(), None, "nothing was sent yet");

    let request: types::CreateBooking =
        serde_json::from_value(recorded_request("bookings-2024-08-13/create-regular")).unwrap();
    client.raw().create_booking(&request).await.unwrap();
    let mut all = vec![record_json(&client.last_request_debug().unwrap(), &service)];

    let mut filter = calcom::facade::BookingFilter::default();
    filter.attendee_email = Some("planted@example.org".to_owned());
    filter.take = Some(1);
    filter.start_time = Some("2026-12-01T09:00:00Z".parse().unwrap());
    client.bookings().list(&filter).await.unwrap();
    all.push(record_json(&client.last_request_debug().unwrap(), &service));

    let tenant = client.with_credentials(PlatformCredentials::new("planted-id", "planted-secret")).unwrap();
    assert_eq!(tenant.last_request_debug(), None, "a tenant's requests are its own");
    assert!(matches!(tenant.raw().get_booking_attendee("planteduid", 7).await, Err(Error::NotFound(_))));
    all.push(record_json(&tenant.last_request_debug().unwrap(), &service));

    let all = all.join("\n");
    assert!(!all.contains("planted"), "{all}");
    insta::assert_snapshot!(all);
}

/// A client without credentials.
fn anonymous(config: serde_json::Value) -> Client {
    let builder = Client::builder().credentials(calcom::Credentials::Anonymous);
    builder.config(serde_json::from_value(config).unwrap()).build().unwrap()
}

/// The response in `last_request_debug` after this response to `get_me`.
async fn recorded_response(status: u16, headers: &[(&str, &str)], body: &str) -> calcom::observe::ResponseDebug {
    let service = Service::answering([answer(status, headers, body)]).await;
    let config =
        json!({"api_url": service.url(), "retry": {"times": 1}, "debug": {"enabled": true, "log_responses": true}});
    let client = anonymous(config);
    client.raw().get_me().await.unwrap_err();
    client.last_request_debug().unwrap().response.unwrap()
}

#[tokio::test(start_paused = true)]
async fn headers_of_the_last_response_are_in_order_and_show_known_values_alone() {
    let headers = [
        ("x-request-id", "2c2e10c7"),
        ("retry-after", "Tue, 15 Jan 2030 10:00:00 GMT"),
        ("content-type", "text/html; boundary=planted"),
        ("location", "https://example.org/planted"),
        ("x-planted", "1"),
        ("age", "7"),
    ];
    let told = recorded_response(503, &headers, "").await;
    let shown: Vec<_> = told.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let expected = [
        "***: ***",
        "age: 7",
        "content-length: 0",
        "content-type: ***",
        "location: ***",
        "retry-after: Tue, 15 Jan 2030 10:00:00 GMT",
        "x-request-id: 2c2e10c7",
    ];
    assert_eq!(shown, expected);
    assert_eq!(told.body, None, "there was none");
}

#[tokio::test(start_paused = true)]
async fn the_body_of_the_last_response_is_cut_off() {
    let body = json!({"data": vec![1; 5_000]}).to_string();
    let told = recorded_response(503, &[("content-type", "application/json")], &body).await.body.unwrap();
    assert_eq!(told.len(), 4_096 + " ...".len());
    assert!(told.starts_with(r#"{"data":[1,1,"#) && told.ends_with(" ..."), "{told}");
}

#[tokio::test(start_paused = true)]
async fn no_address_ends_the_quotes_of_the_command() {
    let service = Service::answering([answer(404, &[], "{}")]).await;
    let config = json!({"api_url": format!("{}/o'clock", service.url()), "debug": {"enabled": true}});
    let client = anonymous(config);
    client.raw().get_me().await.unwrap_err();
    let curl = client.last_request_debug().unwrap().curl;
    assert!(curl.contains("/o%27clock/v2/me'"), "{curl}");
    assert_eq!(curl.matches('\'').count() % 2, 0, "{curl}");
}

#[tokio::test(start_paused = true)]
async fn timings_are_those_of_the_components() {
    let me = recorded_body("me/get-2024-06-14").to_string();
    let slow = vec![Step::Request, Step::Wait(Duration::from_secs(2)), Step::Write(socket::json(200, &[], me))];
    let service = Service::start([slow]).await;
    let client = client(&service, json!({"enabled": true}));
    client.me().get().await.unwrap();
    let timings = client.last_request_debug().unwrap().timings;
    assert!(timings.attempts.len() == 1 && timings.attempts[0] >= Duration::from_secs(2), "{timings:?}");
    assert!(timings.total >= timings.attempts[0] && timings.limiter < Duration::from_secs(1), "{timings:?}");
    assert!(timings.decode.is_some());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_unless_debugging_is_enabled() {
    let service = Service::answering([answer(404, &[], "{}")]).await;
    let client = client(&service, json!({}));
    client.raw().get_me().await.unwrap_err();
    assert_eq!(client.last_request_debug(), None);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_facade_refuses_before_it_is_sent_is_one_event_with_its_operation() {
    use calcom::{facade::BookingFilter, model};

    let service = Service::answering([]).await;
    let client = client(&service, json!({}));
    let start = "2030-01-15T10:00:00Z".parse().unwrap();
    let mut refused = Vec::new();
    let mut check = |operation: &str, log: Log, error: Error| {
        assert_eq!((error.operation(), error.attempts()), (Some(operation), 0), "{error}");
        let text = log.of_calcom();
        assert_eq!(text.matches("WARN event calcom").count(), 1, "{operation}: {text}");
        for line in [format!("calcom.operation = {operation:?}"), "error.type = \"validation\"".to_owned()] {
            assert!(text.contains(&line), "{operation}: {text}");
        }
        assert!(text.contains("calcom.attempts = 0") && !text.contains("planted"), "{text}");
        refused.push(operation.to_owned());
    };
    let wanted = model::CreateBooking::new(1, start, "Planted", "planted");
    let log = Log::start();
    check("create_booking", log, client.bookings().create(&wanted).await.unwrap_err());
    let log = Log::start();
    check("list_bookings", log, client.bookings().list(&BookingFilter::default().take(0u32)).await.unwrap_err());
    let log = Log::start();
    check("add_booking_guests", log, client.bookings().add_guests("uid", &["planted"]).await.unwrap_err());
    let log = Log::start();
    check("list_webhooks", log, client.webhooks().page(0, 0).await.unwrap_err());
    let log = Log::start();
    let query = model::SlotQuery::new(1, start, start).time_zone("Planted/Zone");
    check("list_slots", log, client.slots().list(&query).await.unwrap_err());
    assert_eq!((refused.len(), service.requests()), (5, vec![]));
}
