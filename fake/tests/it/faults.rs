//! Each fault, injected by the fake and by the proxy in front of it: the response of the client, and the ledger.

use std::{io::ErrorKind, net::SocketAddr, time::Duration};

use calcom_conformance::raw_http::{RawRequest, RawResponse};
use calcom_fake::{FakeCalcom, Fault, FaultProxy, Ledger, ResetPoint, ResponseOutcome};
use serde_json::json;

/// A request that creates a booking, as the first user of the recorded server.
pub fn booking(fake: &FakeCalcom, start: &str) -> RawRequest {
    let body = json!({ "start": start, "eventTypeId": 1,
        "attendee": { "name": "Ada Test", "email": "ada@example.org", "timeZone": "Europe/Rome" } });
    RawRequest::new("POST", "/v2/bookings").key(&fake.api_key()).version("2024-08-13").json(&body)
}

const NINE: &str = "2026-12-01T09:00:00Z";

/// The result of one request with a fault.
struct FaultResult {
    /// Status, content type, and whether the body is complete; or how the connection ended.
    response: String,
    answer: Option<RawResponse>,
    ledger: Ledger,
    injector: &'static str,
    _fake: FakeCalcom,
}

impl FaultResult {
    /// The changes and the response, without ids.
    fn summary(&self) -> String {
        let entries = self.ledger.entries().iter().map(|entry| {
            let changes: Vec<String> =
                entry.changes().map(|change| change.to_string().split(' ').next().unwrap().to_owned()).collect();
            format!("{}; {}; {}", changes.join(", "), entry.response, entry.fault.as_deref().unwrap_or("no fault"))
        });
        entries.collect::<Vec<_>>().join("\n")
    }
}

/// Sends a request that creates a booking with the fault in the fake, and one with the fault in the proxy.
async fn run_with_fault(fault: Fault) -> Vec<FaultResult> {
    let mut all = Vec::new();
    for injector in ["in the fake", "on the wire"] {
        let fake = FakeCalcom::recorded_seed().await;
        let proxy = FaultProxy::for_fake(&fake).await;
        let address = if injector == "in the fake" {
            fake.fault(fault.clone());
            fake.address()
        } else {
            proxy.fault(fault.clone());
            proxy.address()
        };
        let (response, answer) = send(&booking(&fake, NINE), address).await;
        proxy.idle().await;
        if injector == "in the fake" {
            fake.expect_all_faults_injected()
        } else {
            proxy.expect_all_faults_injected()
        }
        all.push(FaultResult { response, answer, ledger: fake.ledger(), injector, _fake: fake });
    }
    all
}

async fn send(call: &RawRequest, address: SocketAddr) -> (String, Option<RawResponse>) {
    // Longer than the time limit of any client, in paused time.
    match tokio::time::timeout(Duration::from_secs(300), call.send(address)).await {
        Err(_) => ("nothing".to_owned(), None),
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => ("refused".to_owned(), None),
        Ok(Err(_)) => ("broken".to_owned(), None),
        Ok(Ok(answer)) => {
            let kind = answer.header("content-type").unwrap_or("no type").split(';').next().unwrap_or_default();
            let announced: usize = answer.header("content-length").unwrap().parse().unwrap();
            let whole = if answer.body.len() == announced { "whole" } else { "cut off" };
            (format!("{} {kind} {whole}", answer.status), Some(answer))
        }
    }
}

const BOOKED: &str = "201 application/json whole";

#[tokio::test(start_paused = true)]
async fn without_a_fault_the_answer_is_the_services() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::for_fake(&fake).await;
    let (response, answer) = send(&booking(&fake, NINE), proxy.address()).await;
    assert_eq!(response, BOOKED);
    let ledger = fake.ledger();
    let uid = answer.unwrap().json()["data"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(ledger.to_string(), format!("#1 create_booking: booked {uid}; answered 201\n"));
    assert_eq!(ledger.entry(1), ledger.entries().first());
    assert_eq!(ledger.unconfirmed().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_status_fault_changes_nothing() {
    for met in run_with_fault(Fault::status(503).on("POST /v2/bookings")).await {
        assert_eq!(met.response, "503 application/json whole", "{}", met.injector);
        let body = met.answer.as_ref().unwrap().json();
        assert_eq!(body, json!({ "statusCode": 503, "message": "Service Unavailable" }), "{}", met.injector);
        assert_eq!(met.summary(), "", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_fault_after_the_effect_changes_the_state() {
    for met in run_with_fault(Fault::status(500).on("create_booking").after_effect()).await {
        assert_eq!(met.response, "500 application/json whole", "{}", met.injector);
        assert_eq!(met.summary(), "booked; answered 500 instead; 500 after the effect", "{}", met.injector);
        assert_eq!(met.ledger.unconfirmed().count(), 1, "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_fault_has_the_headers_that_are_set() {
    for met in run_with_fault(Fault::status(429).header("Retry-After", "7")).await {
        assert_eq!(met.answer.as_ref().unwrap().header("retry-after"), Some("7"), "{}", met.injector);
        assert_eq!(met.summary(), "", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn an_html_fault_answers_the_page_of_a_gateway() {
    for met in run_with_fault(Fault::html(502)).await {
        assert_eq!(met.response, "502 text/html whole", "{}", met.injector);
        let body = String::from_utf8(met.answer.as_ref().unwrap().body.clone()).unwrap();
        assert!(body.contains("<title>502 Bad Gateway</title>"), "{}: {body}", met.injector);
        assert_eq!(met.summary(), "", "{}", met.injector);
    }
    for met in run_with_fault(Fault::html(200).after_effect()).await {
        assert_eq!(met.response, "200 text/html whole", "{}", met.injector);
        assert_eq!(
            met.summary(),
            "booked; answered 200 instead; 200 as text/html after the effect",
            "{}",
            met.injector
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_fault_answers_without_a_body() {
    for met in run_with_fault(Fault::empty(200).after_effect()).await {
        assert_eq!(met.response, "200 no type whole", "{}", met.injector);
        assert_eq!(met.answer.as_ref().unwrap().body, b"", "{}", met.injector);
        assert_eq!(
            met.summary(),
            "booked; answered 200 instead; 200 without a body after the effect",
            "{}",
            met.injector
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_fault_has_the_given_status_type_and_body() {
    for met in run_with_fault(Fault::answer(200, "application/json", r#"{"status":"success"}"#)).await {
        assert_eq!(met.response, "200 application/json whole", "{}", met.injector);
        assert_eq!(met.answer.as_ref().unwrap().json(), json!({ "status": "success" }), "{}", met.injector);
        assert_eq!(met.summary(), "", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_fault_sends_a_part_of_the_body_after_the_effect() {
    for met in run_with_fault(Fault::truncated(20)).await {
        assert_eq!(met.response, "201 application/json cut off", "{}", met.injector);
        assert_eq!(met.answer.as_ref().unwrap().body.len(), 20, "{}", met.injector);
        assert_eq!(met.summary(), "booked; a damaged answer 201; answer cut off after 20 bytes", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_content_type_fault_changes_only_the_content_type() {
    for met in run_with_fault(Fault::content_type("text/plain")).await {
        assert_eq!(met.response, "201 text/plain whole", "{}", met.injector);
        assert_eq!(met.answer.as_ref().unwrap().json()["data"]["status"], "accepted", "{}", met.injector);
        assert_eq!(met.summary(), "booked; a damaged answer 201; answer as text/plain", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_request_has_no_effect() {
    for met in run_with_fault(Fault::reset(ResetPoint::BeforeRequest)).await {
        assert_eq!((met.response.as_str(), met.summary().as_str()), ("broken", ""), "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_mid_request_has_no_effect() {
    for met in run_with_fault(Fault::reset(ResetPoint::MidRequest)).await {
        assert_eq!((met.response.as_str(), met.summary().as_str()), ("broken", ""), "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_flight_has_its_effect() {
    for met in run_with_fault(Fault::reset(ResetPoint::InFlight)).await {
        assert_eq!(met.response, "broken", "{}", met.injector);
        assert_eq!(met.summary(), "booked; no answer; reset in flight", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_after_the_effect_loses_the_response() {
    for met in run_with_fault(Fault::reset(ResetPoint::AfterEffect)).await {
        assert_eq!(met.response, "broken", "{}", met.injector);
        assert_eq!(met.summary(), "booked; no answer; reset after the effect", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_mid_response_truncates_it() {
    for met in run_with_fault(Fault::reset(ResetPoint::MidResponse)).await {
        assert!(met.response == "broken" || met.response.ends_with("cut off"), "{}: {}", met.injector, met.response);
        assert_eq!(met.summary(), "booked; a damaged answer 201; reset in mid-answer", "{}", met.injector);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_response_ends_when_the_client_gives_up() {
    for met in run_with_fault(Fault::no_response()).await {
        assert_eq!((met.response.as_str(), met.summary().as_str()), ("nothing", ""), "{}", met.injector);
    }
    for met in run_with_fault(Fault::no_response().after_effect()).await {
        assert_eq!(met.response, "nothing", "{}", met.injector);
        assert_eq!(met.summary(), "booked; no answer; no response after the effect", "{}", met.injector);
    }
}

#[tokio::test]
async fn delays_go_by_the_fakes_clock() {
    let hour = Duration::from_secs(3_600);
    for fault in [Fault::delay(hour), Fault::delay(hour).after_effect()] {
        for on_the_wire in [false, true] {
            let fake = FakeCalcom::recorded_seed().await;
            let proxy = FaultProxy::for_fake(&fake).await;
            let address = if on_the_wire {
                proxy.fault(fault.clone());
                proxy.address()
            } else {
                fake.fault(fault.clone());
                fake.address()
            };
            let call = booking(&fake, NINE);
            let waiting = tokio::spawn(async move { send(&call, address).await.0 });
            // Wait until the request has reached its delay.
            let began = fake.clock().now();
            let mut asked = 0;
            while !waiting.is_finished() {
                fake.clock().advance(Duration::from_secs(600));
                tokio::task::yield_now().await;
                asked += 1;
            }
            assert_eq!(waiting.await.unwrap(), BOOKED);
            assert!(asked >= 6 && fake.clock().now().duration_since(began) >= jiff::SignedDuration::from_hours(1));
            fake.expect_booked(1);
            assert_eq!(fake.ledger().unconfirmed().count(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_to_a_closed_connection_is_logged_as_not_received() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::for_fake(&fake).await;
    for (address, start) in [(fake.address(), NINE), (proxy.address(), "2026-12-01T10:00:00Z")] {
        fake.fault(Fault::delay(Duration::from_secs(60)).after_effect());
        let call = booking(&fake, start);
        assert!(tokio::time::timeout(Duration::from_secs(30), call.send(address)).await.is_err());
    }
    proxy.idle().await;
    let answered: Vec<ResponseOutcome> = fake.ledger().entries().iter().map(|entry| entry.response).collect();
    assert_eq!(answered, [ResponseOutcome::Lost, ResponseOutcome::Lost], "{}", fake.ledger());
    fake.expect_booked(2);
}

#[tokio::test(start_paused = true)]
async fn connections_are_refused_for_as_long_as_it_is_said() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::for_fake(&fake).await;
    let open = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
    proxy.refuse_connections().await;
    proxy.refuse_connections().await;
    assert_eq!(send(&booking(&fake, NINE), proxy.address()).await.0, "refused");
    assert!(!open.peek(&mut [0]).await.is_ok_and(|read| read > 0), "an open connection has not ended");
    proxy.accept_connections().await;
    assert_eq!(send(&booking(&fake, NINE), proxy.address()).await.0, BOOKED);
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn a_paused_service_processes_all_held_requests_when_it_resumes() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::for_fake(&fake).await;
    proxy.stall(Duration::from_secs(40));
    let before = tokio::time::Instant::now();
    let (nine, ten) = (booking(&fake, NINE), booking(&fake, "2026-12-01T10:00:00Z"));
    let (one, other) = tokio::join!(send(&nine, proxy.address()), send(&ten, proxy.address()));
    assert_eq!((one.0.as_str(), other.0.as_str()), (BOOKED, BOOKED));
    assert!(before.elapsed() >= Duration::from_secs(40), "{:?}", before.elapsed());
    fake.expect_booked(2);
}

#[tokio::test(start_paused = true)]
async fn faults_choose_their_requests_by_route_and_count() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.fault(Fault::status(503).on("GET /v2/event-types/{id}").nth(2).times(2));
    fake.fault(Fault::status(500).on("get_me"));
    let mut response = Vec::new();
    for path in [
        "/v2/event-types",
        "/v2/me",
        "/v2/event-types/1",
        "/v2/event-types/1",
        "/v2/event-types/2",
        "/v2/event-types/1",
        "/v2/me",
    ] {
        let call = RawRequest::new("GET", path).key(&fake.api_key()).version("2024-06-14");
        response.push(call.send(fake.address()).await.unwrap().status);
    }
    assert_eq!(response, [200, 500, 200, 503, 503, 200, 200]);
    fake.expect_all_faults_injected();
}

#[tokio::test(start_paused = true)]
async fn a_random_fault_applies_to_the_same_requests_in_every_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let fake = FakeCalcom::recorded_seed().await;
        fake.fault(Fault::status(503).chance(0.5, 7));
        let mut response = Vec::new();
        for _ in 0..20 {
            let call = RawRequest::new("GET", "/v2/me").key(&fake.api_key());
            response.push(call.send(fake.address()).await.unwrap().status);
        }
        assert!(response.contains(&200) && response.contains(&503), "{response:?}");
        runs.push(response);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
#[should_panic(
    expected = "`create_bookings` is neither a path, as in `POST /v2/bookings`, nor an operation of the fake; \
                           the nearest are `create_booking`"
)]
async fn a_fault_for_an_operation_that_is_none_is_refused() {
    let _ = Fault::status(500).on("create_bookings");
}
