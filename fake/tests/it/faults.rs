//! Every fault, done by the fake itself and by the proxy in front of it: what the client gets, and what the ledger says
//! that really happened.

use std::{io::ErrorKind, net::SocketAddr, time::Duration};

use calcom_conformance::wire::{Answer, Call};
use calcom_fake::{Answered, FakeCalcom, Fault, FaultProxy, Ledger, Moment};
use serde_json::json;

/// A request for a booking, as the first user of the recordings' server.
pub fn booking(fake: &FakeCalcom, start: &str) -> Call {
    let body = json!({ "start": start, "eventTypeId": 1,
        "attendee": { "name": "Ada Test", "email": "ada@example.org", "timeZone": "Europe/Rome" } });
    Call::new("POST", "/v2/bookings").key(&fake.api_key()).version("2024-08-13").json(&body)
}

const NINE: &str = "2026-12-01T09:00:00Z";

/// What came of one request for a booking.
struct Met {
    /// Status, content type, and whether the body came whole; or how the connection ended.
    told: String,
    answer: Option<Answer>,
    ledger: Ledger,
    way: &'static str,
    _fake: FakeCalcom,
}

impl Met {
    /// What happened, and what the client got, without ids.
    fn truth(&self) -> String {
        let entries = self.ledger.entries().iter().map(|entry| {
            let changes: Vec<String> =
                entry.changes().map(|change| change.to_string().split(' ').next().unwrap().to_owned()).collect();
            format!("{}; {}; {}", changes.join(", "), entry.answered, entry.fault.as_deref().unwrap_or("no fault"))
        });
        entries.collect::<Vec<_>>().join("\n")
    }
}

/// One request for a booking meets the fault: in the fake, and on the way to it.
async fn met(fault: Fault) -> Vec<Met> {
    let mut all = Vec::new();
    for way in ["in the fake", "on the wire"] {
        let fake = FakeCalcom::recorded_seed().await;
        let proxy = FaultProxy::in_front_of(&fake).await;
        let address = if way == "in the fake" {
            fake.fault(fault.clone());
            fake.address()
        } else {
            proxy.fault(fault.clone());
            proxy.address()
        };
        let (told, answer) = ask(&booking(&fake, NINE), address).await;
        proxy.idle().await;
        if way == "in the fake" {
            fake.expect_faults_struck()
        } else {
            proxy.expect_faults_struck()
        }
        all.push(Met { told, answer, ledger: fake.ledger(), way, _fake: fake });
    }
    all
}

async fn ask(call: &Call, address: SocketAddr) -> (String, Option<Answer>) {
    // Longer than any client waits, by paused time.
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
    let proxy = FaultProxy::in_front_of(&fake).await;
    let (told, answer) = ask(&booking(&fake, NINE), proxy.address()).await;
    assert_eq!(told, BOOKED);
    let ledger = fake.ledger();
    let uid = answer.unwrap().json()["data"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(ledger.to_string(), format!("#1 create_booking: booked {uid}; answered 201\n"));
    assert_eq!(ledger.of(1), ledger.entries().first());
    assert_eq!(ledger.unheard().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_status_without_effect() {
    for met in met(Fault::status(503).on("POST /v2/bookings")).await {
        assert_eq!(met.told, "503 application/json whole", "{}", met.way);
        let body = met.answer.as_ref().unwrap().json();
        assert_eq!(body, json!({ "statusCode": 503, "message": "Service Unavailable" }), "{}", met.way);
        assert_eq!(met.truth(), "", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_with_effect() {
    for met in met(Fault::status(500).on("create_booking").after_effect()).await {
        assert_eq!(met.told, "500 application/json whole", "{}", met.way);
        assert_eq!(met.truth(), "booked; answered 500 instead; 500 after the effect", "{}", met.way);
        assert_eq!(met.ledger.unheard().count(), 1, "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_with_headers() {
    for met in met(Fault::status(429).header("Retry-After", "7")).await {
        assert_eq!(met.answer.as_ref().unwrap().header("retry-after"), Some("7"), "{}", met.way);
        assert_eq!(met.truth(), "", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateways_page() {
    for met in met(Fault::html(502)).await {
        assert_eq!(met.told, "502 text/html whole", "{}", met.way);
        let body = String::from_utf8(met.answer.as_ref().unwrap().body.clone()).unwrap();
        assert!(body.contains("<title>502 Bad Gateway</title>"), "{}: {body}", met.way);
        assert_eq!(met.truth(), "", "{}", met.way);
    }
    for met in met(Fault::html(200).after_effect()).await {
        assert_eq!(met.told, "200 text/html whole", "{}", met.way);
        assert_eq!(met.truth(), "booked; answered 200 instead; 200 as text/html after the effect", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_body() {
    for met in met(Fault::empty(200).after_effect()).await {
        assert_eq!(met.told, "200 no type whole", "{}", met.way);
        assert_eq!(met.answer.as_ref().unwrap().body, b"", "{}", met.way);
        assert_eq!(met.truth(), "booked; answered 200 instead; 200 without a body after the effect", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_ones_own() {
    for met in met(Fault::answer(200, "application/json", r#"{"status":"success"}"#)).await {
        assert_eq!(met.told, "200 application/json whole", "{}", met.way);
        assert_eq!(met.answer.as_ref().unwrap().json(), json!({ "status": "success" }), "{}", met.way);
        assert_eq!(met.truth(), "", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_cut_off() {
    for met in met(Fault::truncated(20)).await {
        assert_eq!(met.told, "201 application/json cut off", "{}", met.way);
        assert_eq!(met.answer.as_ref().unwrap().body.len(), 20, "{}", met.way);
        assert_eq!(met.truth(), "booked; a damaged answer 201; answer cut off after 20 bytes", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn another_content_type() {
    for met in met(Fault::content_type("text/plain")).await {
        assert_eq!(met.told, "201 text/plain whole", "{}", met.way);
        assert_eq!(met.answer.as_ref().unwrap().json()["data"]["status"], "accepted", "{}", met.way);
        assert_eq!(met.truth(), "booked; a damaged answer 201; answer as text/plain", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_request() {
    for met in met(Fault::reset(Moment::BeforeRequest)).await {
        assert_eq!((met.told.as_str(), met.truth().as_str()), ("broken", ""), "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_mid_request() {
    for met in met(Fault::reset(Moment::MidRequest)).await {
        assert_eq!((met.told.as_str(), met.truth().as_str()), ("broken", ""), "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_flight() {
    for met in met(Fault::reset(Moment::InFlight)).await {
        assert_eq!(met.told, "broken", "{}", met.way);
        assert_eq!(met.truth(), "booked; no answer; reset in flight", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_after_the_effect() {
    for met in met(Fault::reset(Moment::AfterEffect)).await {
        assert_eq!(met.told, "broken", "{}", met.way);
        assert_eq!(met.truth(), "booked; no answer; reset after the effect", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_mid_answer() {
    for met in met(Fault::reset(Moment::MidAnswer)).await {
        assert!(met.told == "broken" || met.told.ends_with("cut off"), "{}: {}", met.way, met.told);
        assert_eq!(met.truth(), "booked; a damaged answer 201; reset in mid-answer", "{}", met.way);
    }
}

#[tokio::test(start_paused = true)]
async fn silence() {
    for met in met(Fault::silence()).await {
        assert_eq!((met.told.as_str(), met.truth().as_str()), ("nothing", ""), "{}", met.way);
    }
    for met in met(Fault::silence().after_effect()).await {
        assert_eq!(met.told, "nothing", "{}", met.way);
        assert_eq!(met.truth(), "booked; no answer; silence after the effect", "{}", met.way);
    }
}

#[tokio::test]
async fn delays_go_by_the_fakes_clock() {
    let hour = Duration::from_secs(3_600);
    for fault in [Fault::delay(hour), Fault::delay(hour).after_effect()] {
        for on_the_wire in [false, true] {
            let fake = FakeCalcom::recorded_seed().await;
            let proxy = FaultProxy::in_front_of(&fake).await;
            let address = if on_the_wire {
                proxy.fault(fault.clone());
                proxy.address()
            } else {
                fake.fault(fault.clone());
                fake.address()
            };
            let call = booking(&fake, NINE);
            let waiting = tokio::spawn(async move { ask(&call, address).await.0 });
            // Until the request has come to where it waits, and its clock is set too late for it to be over by itself.
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
            assert_eq!(fake.ledger().unheard().count(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_left_has_not_heard() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::in_front_of(&fake).await;
    for (address, start) in [(fake.address(), NINE), (proxy.address(), "2026-12-01T10:00:00Z")] {
        fake.fault(Fault::delay(Duration::from_secs(60)).after_effect());
        let call = booking(&fake, start);
        assert!(tokio::time::timeout(Duration::from_secs(30), call.send(address)).await.is_err());
    }
    proxy.idle().await;
    let answered: Vec<Answered> = fake.ledger().entries().iter().map(|entry| entry.answered).collect();
    assert_eq!(answered, [Answered::Lost, Answered::Lost], "{}", fake.ledger());
    fake.expect_booked(2);
}

#[tokio::test(start_paused = true)]
async fn connections_are_refused_for_as_long_as_it_is_said() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::in_front_of(&fake).await;
    let open = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
    proxy.refuse().await;
    proxy.refuse().await;
    assert_eq!(ask(&booking(&fake, NINE), proxy.address()).await.0, "refused");
    assert!(!open.peek(&mut [0]).await.is_ok_and(|read| read > 0), "an open connection has not ended");
    proxy.listen().await;
    assert_eq!(ask(&booking(&fake, NINE), proxy.address()).await.0, BOOKED);
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stands_still_goes_on_with_everything() {
    let fake = FakeCalcom::recorded_seed().await;
    let proxy = FaultProxy::in_front_of(&fake).await;
    proxy.stall(Duration::from_secs(40));
    let before = tokio::time::Instant::now();
    let (nine, ten) = (booking(&fake, NINE), booking(&fake, "2026-12-01T10:00:00Z"));
    let (one, other) = tokio::join!(ask(&nine, proxy.address()), ask(&ten, proxy.address()));
    assert_eq!((one.0.as_str(), other.0.as_str()), (BOOKED, BOOKED));
    assert!(before.elapsed() >= Duration::from_secs(40), "{:?}", before.elapsed());
    fake.expect_booked(2);
}

#[tokio::test(start_paused = true)]
async fn faults_choose_their_requests_by_route_and_count() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.fault(Fault::status(503).on("GET /v2/event-types/{id}").nth(2).times(2));
    fake.fault(Fault::status(500).on("get_me"));
    let mut told = Vec::new();
    for path in [
        "/v2/event-types",
        "/v2/me",
        "/v2/event-types/1",
        "/v2/event-types/1",
        "/v2/event-types/2",
        "/v2/event-types/1",
        "/v2/me",
    ] {
        let call = Call::new("GET", path).key(&fake.api_key()).version("2024-06-14");
        told.push(call.send(fake.address()).await.unwrap().status);
    }
    assert_eq!(told, [200, 500, 200, 503, 503, 200, 200]);
    fake.expect_faults_struck();
}

#[tokio::test(start_paused = true)]
async fn chance_strikes_the_same_requests_in_every_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let fake = FakeCalcom::recorded_seed().await;
        fake.fault(Fault::status(503).chance(0.5, 7));
        let mut told = Vec::new();
        for _ in 0..20 {
            let call = Call::new("GET", "/v2/me").key(&fake.api_key());
            told.push(call.send(fake.address()).await.unwrap().status);
        }
        assert!(told.contains(&200) && told.contains(&503), "{told:?}");
        runs.push(told);
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
