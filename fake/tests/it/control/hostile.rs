//! Control requests that no careful test sends, and programs that end in the middle of work.

use std::process::Command;
use std::time::{Duration, Instant};

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::Fault;
use serde_json::{Value, json};

use super::{Program, SEED, book, control, send_to, server};

#[tokio::test]
async fn every_route_answers_every_method_and_every_body_and_keeps_what_is_played() {
    let server = server().await;
    let bodies: [Vec<u8>; 8] = [
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"7".to_vec(),
        vec![0xff, 0xfe, 0x00],
        vec![b'['; 100_000],
        br#"{"now":7,"advance":7,"kind":7,"operation":7,"url":7,"body":7,"users":7}"#.to_vec(),
    ];
    let paths = ["", "clock", "faults", "bookings", "ledger", "log", "deliveries", "deliveries/1", "deliveries/-1"];
    let more = ["answers", "answers/nothing", "answers/get_me/x", "nothing", "/", "..", "%2e%2e", "reset/x"];
    for path in paths.into_iter().chain(more) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"] {
            for body in &bodies {
                let request = RawRequest::new(method, &format!("/__fake/{path}")).bytes(body.clone());
                let answer = request.send(server.fake().address()).await.unwrap();
                let known = [200, 400, 404, 405].contains(&answer.status);
                assert!(known && answer.json().is_object() || answer.json().is_array(), "{method} {path}: {answer:?}");
            }
        }
    }
    assert_eq!(control(&server, "GET", "bookings", None).await.1[0]["uid"], "seeded");
    assert!(server.fake().requests().is_empty(), "no control request is one of the service");
}

#[tokio::test]
async fn a_method_that_a_route_lacks_is_refused_with_those_that_it_has() {
    let server = server().await;
    for (method, path, allowed) in [
        ("PUT", "/__fake/clock", "GET, POST"),
        ("GET", "/__fake/reset", "POST"),
        ("POST", "/__fake/bookings", "GET"),
        ("GET", "/__fake/answers/get_me", "DELETE"),
        ("POST", "/", "GET, HEAD"),
    ] {
        let answer = RawRequest::new(method, path).send(server.fake().address()).await.unwrap();
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = server().await;
    let huge = RawRequest::new("POST", "/__fake/answers").bytes(vec![b' '; 5 * 1024 * 1024]);
    let answer = huge.send(server.fake().address()).await;
    // The refusal can overtake the body, whose connection is closed then.
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 413));
    assert_eq!(control(&server, "GET", "clock", None).await.0, 200);
}

#[tokio::test]
async fn headers_that_frame_a_response_and_statuses_without_a_body_cannot_break_a_connection() {
    let server = server().await;
    for name in ["content-length", "Transfer-Encoding"] {
        let headers = json!({ name: "3" });
        let answer = json!({ "operation": "get_me", "headers": headers, "body": { "a": 1 } });
        let fault = json!({ "kind": "answer", "status": 200, "headers": headers, "body": { "a": 1 } });
        for (path, body) in [("answers", answer), ("faults", fault)] {
            let (status, refused) = control(&server, "POST", path, Some(body)).await;
            assert_eq!(status, 400, "{path} {name}: {refused}");
            assert!(refused["error"].as_str().unwrap().starts_with("headers: "), "{refused}");
        }
    }
    for status in [204, 205, 304, 599] {
        let answer = json!({ "operation": "get_me", "status": status, "body": { "a": 1 }, "times": 1 });
        assert_eq!(control(&server, "POST", "answers", Some(answer)).await.0, 200);
        let request = RawRequest::new("GET", "/v2/me").key("cal_test_of_ada").version("2024-08-13");
        assert_eq!(request.send(server.fake().address()).await.unwrap().status, status);
    }
}

#[tokio::test]
#[should_panic(expected = "`content-length: 3` cannot be a header")]
async fn a_fault_of_a_test_cannot_frame_its_response() {
    let _ = Fault::answer(200, "application/json", "{}").header("content-length", "3");
}

#[tokio::test]
#[should_panic(expected = "`transfer-encoding: chunked` is no header")]
async fn an_answer_of_a_test_cannot_frame_its_response() {
    let _ = server().await.fake().on("get_me").header("transfer-encoding", "chunked");
}

#[tokio::test]
async fn numbers_beyond_those_of_the_service_are_kept_in_its_range_and_slots_are_listed() {
    let server = server().await;
    let fake = server.fake();
    for (slug, name, number) in [
        ("a", "minimumBookingNotice", json!(1e18)),
        ("b", "beforeEventBuffer", json!(-1e18)),
        ("c", "afterEventBuffer", json!(9_223_372_036_854_775_807_i64)),
        ("d", "slotInterval", json!(1e300)),
        ("e", "slotInterval", json!(-1e300)),
        ("f", "offsetStart", json!(1e18)),
        ("g", "lengthInMinutes", json!(1e18)),
    ] {
        let mut event = json!({ "title": slug, "slug": slug, "lengthInMinutes": 30 });
        event[name] = number;
        let request =
            RawRequest::new("POST", "/v2/event-types").key("cal_test_of_ada").version("2024-06-14").json(&event);
        let created = request.send(fake.address()).await.unwrap();
        assert!((200..500).contains(&created.status), "{name}: {}", created.status);
        let Some(id) = created.json()["data"]["id"].as_i64() else { continue };
        let target = format!("/v2/slots?eventTypeId={id}&start=2026-11-24&end=2026-11-25");
        let request = RawRequest::new("GET", &target).key("cal_test_of_ada").version("2024-09-04");
        assert_eq!(request.send(fake.address()).await.unwrap().status, 200, "{name}");
        let booked = crate::create(&fake, id, "x@example.org", "2026-11-24T10:00:00Z").send(fake.address()).await;
        assert!(booked.is_ok(), "{name}: the connection is closed");
    }
}

#[tokio::test]
async fn a_filter_of_the_log_that_can_match_nothing_is_refused() {
    let server = server().await;
    for query in ["operation=create_bookin", "operation=", "operatoin=create_booking"] {
        let (status, answer) = control(&server, "GET", &format!("log?{query}"), None).await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
    assert_eq!(control(&server, "GET", "log?operation=create_booking", None).await, (200, json!([])));
}

#[tokio::test]
async fn a_fault_that_can_never_be_injected_is_refused() {
    let server = server().await;
    for (name, body) in [
        ("times", json!({ "kind": "noResponse", "times": 0 })),
        ("nth", json!({ "kind": "noResponse", "nth": 0 })),
        ("chance", json!({ "kind": "noResponse", "chance": 0.0 })),
        ("randomSeed", json!({ "kind": "noResponse", "randomSeed": 1 })),
        ("operation", json!({ "operation": "get_me", "times": 0 })),
    ] {
        let path = if name == "operation" { "answers" } else { "faults" };
        let (status, answer) = control(&server, "POST", path, Some(body)).await;
        assert_eq!(status, 400, "{name}: {answer}");
    }
    assert_eq!(control(&server, "GET", "faults", None).await.1, json!([]));
}

#[tokio::test]
async fn the_clock_goes_backwards_and_bookings_stay_as_they_are() {
    let server = server().await;
    assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, Some(201));
    for now in ["2000-01-01T00:00:00Z", "-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z", "2026-11-22T00:00:00Z"] {
        assert_eq!(control(&server, "POST", "clock", Some(json!({ "now": now }))).await.0, 200, "{now}");
        assert_eq!(crate::get(&server.fake(), "/v2/bookings").await.1["data"].as_array().unwrap().len(), 2, "{now}");
    }
    assert_eq!(book(&server, "2026-11-23T11:00:00Z").await, Some(201));
}

#[tokio::test]
async fn resets_at_the_same_time_are_each_complete() {
    let server = server().await;
    let address = server.fake().address();
    let seed = |name: &str| json!({ "users": [{ "username": name }] });
    let mut running = Vec::new();
    for round in 0..20 {
        let request = RawRequest::new("POST", "/__fake/reset").json(&seed(if round % 2 == 0 { "ada" } else { "bob" }));
        running.push(tokio::spawn(async move { request.send(address).await.map(|answer| answer.status) }));
    }
    for reset in running {
        assert_eq!(reset.await.unwrap().unwrap(), 200);
    }
    let (_, about) = control(&server, "GET", "", None).await;
    let name = about["users"][0]["username"].as_str().unwrap().to_owned();
    assert_eq!(about["users"][0]["apiKey"], format!("cal_test_{name}"));
    assert_eq!(server.fake().api_key(), format!("cal_test_{name}"));
}

#[cfg(unix)]
#[test]
fn a_request_in_progress_ends_before_the_program_and_one_that_a_fault_holds_does_not_keep_it() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, SEED).unwrap();
    let (program, values) = Program::start(&["--seed", seed.to_str().unwrap()], 2);
    let url = values[0].clone();
    let fault = |body: Value| assert_eq!(send_to(&url, RawRequest::new("POST", "/__fake/faults").json(&body)).0, 200);
    fault(json!({ "kind": "delay", "delay": "1s", "on": "get_me" }));
    fault(json!({ "kind": "noResponse", "on": "list_bookings" }));
    let get = |path: &str| RawRequest::new("GET", path).key("cal_test_of_ada").version("2024-08-13");
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let send = |request: RawRequest| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(request.send(address)).map(|answer| answer.status)
        })
    };
    let (slow, held) = (send(get("/v2/me")), send(get("/v2/bookings")));
    let began = Instant::now();
    while send_to(&url, RawRequest::new("GET", "/__fake/log")).1.as_array().unwrap().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    let began = Instant::now();
    let (code, errors) = program.end();
    assert_eq!(code, Some(0), "{errors}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(slow.join().unwrap().unwrap(), 200);
    assert!(held.join().unwrap().is_err());
    assert!(errors.contains("ended after 2 requests"), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_recorder_whose_service_is_gone_or_slow_says_so_and_records_what_was_complete() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("recorded");
    let (service, upstream) = Program::start(&["--recorded-seed"], 2);
    let (recorder, values) = Program::start(&["--record", &upstream[0], "--into", into.to_str().unwrap()], 1);
    let me = || RawRequest::new("GET", "/v2/me").key(&upstream[1]);
    assert_eq!(send_to(&values[0], me()).0, 200);
    assert_eq!(service.end().0, Some(0));
    let address = values[0].strip_prefix("http://").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..3 {
        assert!(runtime.block_on(me().send(address)).is_err(), "there is no answer to pass on");
    }
    let (code, errors) = recorder.end();
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("recorded 1 exchanges") && errors.contains("3 requests were not recorded"), "{errors}");
}

#[test]
fn a_recorder_that_cannot_write_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_calcom-fake"));
    program.args(["--record", "http://127.0.0.1:9", "--into"]).arg(&file);
    let output = super::ended_by_itself(&mut program);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("a-file"), "{errors}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for arguments in [vec!["--port", &port], vec!["--port", &port, "--record", "http://127.0.0.1:9"]] {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_calcom-fake"));
        let output = super::ended_by_itself(program.current_dir(folder.path()).args(&arguments));
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && errors.contains(&port), "{errors}");
    }
}
