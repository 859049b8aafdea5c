//! The fake on a fixed port: control routes, the page, and the program.

mod hostile;
mod seeds;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{ControlServer, FakeCalcom, Seed};
use serde_json::{Value, json};

const SEED: &str = r#"{
    "now": "2026-11-23T00:00:00Z",
    "users": [{ "username": "ada", "apiKey": "cal_test_of_ada", "timeZone": "Europe/Berlin" }, { "username": "bob" }],
    "teams": [{ "slug": "sales", "members": [{ "username": "ada", "role": "owner" }, { "username": "bob" }] }],
    "eventTypes": [
        { "user": "ada", "slug": "intro", "lengthInMinutes": 30, "properties": { "minimumBookingNotice": 60 } },
        { "team": "sales", "slug": "call", "lengthInMinutes": 15, "schedulingType": "roundRobin", "hosts": ["ada", "bob"] }
    ],
    "bookings": [{ "user": "ada", "eventType": "intro", "start": "2026-11-24T09:00:00Z", "uid": "seeded", "status": "pending" }]
}"#;

async fn server() -> ControlServer {
    ControlServer::start(0, Seed::from_json(SEED).unwrap()).await.unwrap()
}

async fn control(server: &ControlServer, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = RawRequest::new(method, &format!("/__fake/{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send(server.fake().address()).await.unwrap();
    (answer.status, answer.json())
}

async fn book(server: &ControlServer, start: &str) -> Option<u16> {
    let answer = crate::create(&server.fake(), 1, "ada@example.org", start).send(server.fake().address()).await;
    answer.ok().map(|answer| answer.status)
}

#[tokio::test]
async fn a_seed_becomes_users_event_types_teams_and_bookings() {
    let server = server().await;
    let (status, about) = control(&server, "GET", "", None).await;
    assert_eq!(status, 200);
    assert_eq!(about["users"][0], json!({ "id": 1, "username": "ada", "apiKey": "cal_test_of_ada" }));
    assert_eq!(about["eventTypes"][1]["owner"], "sales");
    assert_eq!(about["url"], server.url());
    let (_, bookings) = control(&server, "GET", "bookings", None).await;
    assert_eq!(bookings[0]["uid"], "seeded");
    assert_eq!(bookings[0]["status"], "pending");
    server.stop().await;
}

#[test]
fn a_wrong_seed_names_its_field() {
    let wrong = |text: &str| Seed::from_json(text).unwrap_err().to_string();
    assert!(wrong(r#"{ "usres": [] }"#).contains("unknown field `usres`"));
    assert!(wrong(r#"{ "users": [{ "username": 7 }] }"#).starts_with("users[0].username: "));
    assert_eq!(wrong("[]"), "it must be a JSON object");
    assert!(wrong(r#"{ "users": ["#).starts_with("it is no JSON: EOF"));
    assert!(wrong("{} {}").starts_with("it is no JSON: trailing characters"));
    assert_eq!(
        wrong(
            r#"{ "users": [{ "username": "ada" }], "eventTypes": [{ "user": "eve", "slug": "x", "lengthInMinutes": 30 }] }"#
        ),
        "eventTypes[0].user: there is no `eve`"
    );
    assert_eq!(
        wrong(r#"{ "bookings": [{ "user": "johndoe", "eventType": "1h", "start": "2026-11-24T09:00:00Z" }] }"#),
        "bookings[0].eventType: there is no `johndoe/1h`"
    );
    let property = wrong(
        r#"{ "eventTypes": [{ "user": "johndoe", "slug": "x", "lengthInMinutes": 30, "properties": { "slotIntervall": 5 } }] }"#,
    );
    assert!(property.contains("eventTypes[0].properties") && property.contains("`slotInterval`"), "{property}");
    let minutes = wrong(r#"{ "eventTypes": [{ "user": "johndoe", "slug": "x", "lengthInMinutes": 0 }] }"#);
    assert_eq!(minutes, "eventTypes[0].lengthInMinutes: must be from 1 to 1440");
}

#[tokio::test]
async fn a_fault_of_the_control_route_is_injected_and_the_ledger_has_the_response_of_the_client() {
    let server = server().await;
    let fault = json!({ "kind": "reset", "at": "afterEffect", "on": "create_booking" });
    assert_eq!(control(&server, "POST", "faults", Some(fault)).await.0, 200);
    assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, None, "the connection is closed");
    assert_eq!(book(&server, "2026-11-23T11:00:00Z").await, Some(201));
    let (_, ledger) = control(&server, "GET", "ledger", None).await;
    assert_eq!(ledger[0]["changes"][0]["change"], "booked");
    assert_eq!((&ledger[0]["confirmed"], &ledger[1]["confirmed"]), (&json!(false), &json!(true)));
    assert_eq!(ledger[1]["response"], json!({ "kind": "complete", "status": 201 }));
    let (_, log) = control(&server, "GET", "log?operation=create_booking", None).await;
    assert_eq!(log.as_array().unwrap().len(), 2);
    assert_eq!(log[0]["fault"], "reset after the effect");
    assert_eq!(log[0]["headers"]["authorization"], "***", "no credential is shown");
    assert_eq!(log[0]["body"]["eventTypeId"], 1);
    let (_, faults) = control(&server, "GET", "faults", None).await;
    assert_eq!((&faults[0]["matched"], &faults[0]["injected"]), (&json!(2), &json!(1)));
    assert_eq!(control(&server, "DELETE", "faults", None).await.1, json!([]));
}

#[tokio::test]
async fn a_fault_before_or_after_the_effect_differs_in_what_is_booked() {
    let server = server().await;
    for (after, booked) in [(false, 1), (true, 2)] {
        let fault = json!({ "kind": "status", "status": 503, "on": "create_booking", "afterEffect": after });
        assert_eq!(control(&server, "POST", "faults", Some(fault)).await.0, 200);
        assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, Some(503));
        let (_, bookings) = control(&server, "GET", "bookings", None).await;
        assert_eq!(bookings.as_array().unwrap().len(), booked, "afterEffect {after}");
    }
}

#[tokio::test]
async fn wrong_input_is_refused_with_the_field_and_changes_nothing() {
    let server = server().await;
    let refused = [
        ("faults", json!({ "kind": "status" }), "status: is missing"),
        ("faults", json!({ "kind": "status", "status": 42 }), "status: must be from 200 to 599"),
        ("faults", json!({ "kind": "reset", "at": "inFlight", "bytes": 3 }), "bytes: a fault of this kind"),
        ("faults", json!({ "kind": "noResponse", "on": "create_bookin" }), "on: `create_bookin` is neither"),
        ("faults", json!({ "kind": "noResponse", "chance": 2.0 }), "chance: must be from 0 to 1"),
        ("faults", json!({ "kind": "noResponse", "sometimes": true }), "unknown field `sometimes`"),
        ("clock", json!({}), "either `now`"),
        ("clock", json!({ "advance": "soon" }), "advance: must be a time such as `1h 30m`"),
        ("clock", json!({ "now": "today" }), "now: "),
        ("clock", json!(["2026-12-01T08:00:00Z"]), "it must be a JSON object"),
        ("faults", json!({ "kind": "delay", "delay": "soon" }), "delay: must be a time such as `1h 30m`"),
        ("reset", json!({ "users": [{ "username": "ada", "timezone": "UTC" }] }), "users[0].timezone: unknown field"),
        ("clock", json!({ "advance": "-1h" }), "advance: must be longer than zero"),
        ("clock", json!({ "now": "2026-12-01T08:00:00Z", "advance": "1h" }), "either `now`"),
        ("answers", json!({ "operation": "nothing" }), "operation: `nothing` is no operation"),
        ("answers", json!({ "operation": "get_me", "status": 99 }), "status: must be"),
        ("answers", json!({ "operation": "get_me", "headers": { "a b": "c" } }), "headers: `a b`"),
        ("deliveries", json!({ "url": "https://example.org", "body": {} }), "url: must begin with"),
        ("reset", json!({ "eventTypes": [{ "slug": "x", "lengthInMinutes": 5 }] }), "either `user` or `team`"),
    ];
    for (path, body, message) in refused {
        let (status, answer) = control(&server, "POST", path, Some(body.clone())).await;
        assert_eq!(status, 400, "{path} {body}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(message), "{path} {body}: {answer}");
    }
    assert_eq!(control(&server, "GET", "nothing", None).await.0, 404);
    assert_eq!(control(&server, "GET", "faults", None).await.1, json!([]));
    assert_eq!(control(&server, "GET", "bookings", None).await.1[0]["uid"], "seeded");
}

#[tokio::test]
async fn a_reset_starts_again_from_the_seed_or_from_another() {
    let server = server().await;
    assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, Some(201));
    let no_response = json!({ "kind": "noResponse", "on": "create_booking" });
    control(&server, "POST", "faults", Some(no_response)).await;
    let (request, address) =
        (crate::create(&server.fake(), 1, "b@example.org", "2026-11-23T11:00:00Z"), server.fake().address());
    let waiting = tokio::spawn(async move { request.send(address).await });
    while server.fake().requests_of("create_booking").len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(control(&server, "POST", "reset", None).await.0, 200);
    let (_, bookings) = control(&server, "GET", "bookings", None).await;
    assert_eq!(bookings.as_array().unwrap().len(), 1);
    assert_eq!(control(&server, "GET", "log", None).await.1, json!([]));
    assert_eq!(control(&server, "GET", "faults", None).await.1, json!([]));
    let other = json!({ "users": [{ "username": "grace" }] });
    let (_, about) = control(&server, "POST", "reset", Some(other)).await;
    assert_eq!(about["users"][0]["apiKey"], "cal_test_grace");
    assert_eq!(server.fake().api_key(), "cal_test_grace");
    // From now on this is the seed.
    let (_, about) = control(&server, "POST", "reset", None).await;
    assert_eq!(about["users"][0]["apiKey"], "cal_test_grace");
    waiting.abort();
}

#[tokio::test]
async fn the_clock_is_set_and_advanced() {
    let server = server().await;
    let set = json!({ "now": "2026-12-01T08:00:00Z" });
    assert_eq!(control(&server, "POST", "clock", Some(set)).await.0, 200);
    let (_, clock) = control(&server, "POST", "clock", Some(json!({ "advance": "1h 30m" }))).await;
    let now: jiff::Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    let expected: jiff::Timestamp = "2026-12-01T09:30:00Z".parse().unwrap();
    assert!(now.duration_since(expected) < jiff::SignedDuration::from_secs(30), "{now}");
    // The past cannot be booked any more.
    assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, Some(400));
}

#[tokio::test]
async fn an_operation_is_answered_as_the_test_says_until_it_is_cleared() {
    let server = server().await;
    let fake = server.fake();
    let answer =
        json!({ "operation": "get_me", "status": 403, "headers": { "x-test": "1" }, "body": { "message": "no" } });
    assert_eq!(control(&server, "POST", "answers", Some(answer)).await.0, 200);
    assert_eq!(crate::get(&fake, "/v2/me").await, (403, json!({ "message": "no" })));
    assert_eq!(control(&server, "DELETE", "answers/get_me", None).await.0, 200);
    assert_eq!(crate::get(&fake, "/v2/me").await.0, 200);
}

#[tokio::test]
async fn deliveries_are_listed_sent_again_and_made_by_the_test() {
    // The receiver is another fake, whose log shows what arrived.
    let receiver = FakeCalcom::start().await;
    let url = format!("{}/hook", receiver.url());
    let server = server().await;
    let mut seed: Value = serde_json::from_str(SEED).unwrap();
    seed["webhooks"] =
        json!([{ "user": "ada", "subscriberUrl": url, "triggers": ["BOOKING_CREATED"], "secret": "whsec" }]);
    assert_eq!(control(&server, "POST", "reset", Some(seed)).await.0, 200);
    assert_eq!(book(&server, "2026-11-23T10:00:00Z").await, Some(201));
    assert_eq!(control(&server, "POST", "idle", None).await.1, json!({ "idle": true }));
    let (_, deliveries) = control(&server, "GET", "deliveries", None).await;
    assert_eq!(deliveries[0]["trigger"], "BOOKING_CREATED");
    assert_eq!(deliveries[0]["status"], 404, "the receiver has no such route");
    assert_eq!(control(&server, "POST", "deliveries/1", None).await.1, json!({ "status": 404 }));
    let own = json!({ "url": url, "secret": "whsec", "body": { "triggerEvent": "PING" } });
    assert_eq!(control(&server, "POST", "deliveries", Some(own)).await.1, json!({ "status": 404 }));
    assert_eq!(control(&server, "POST", "deliveries/9", None).await.0, 404);
    let received = receiver.requests();
    assert_eq!(received.len(), 3);
    assert_eq!(received[0].header("x-cal-signature-256"), received[1].header("x-cal-signature-256"));
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[2].body, json!({ "triggerEvent": "PING" }));
}

#[tokio::test]
async fn the_page_is_html_that_never_writes_texts_of_requests_as_html() {
    let server = server().await;
    let answer = RawRequest::new("GET", "/").send(server.fake().address()).await.unwrap();
    assert_eq!(answer.status, 200);
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.contains("<table>") && page.contains("/__fake/"));
    assert!(!page.contains("innerHTML") && !page.contains("insertAdjacentHTML") && !page.contains("document.write"));
    assert_eq!(server.fake().requests().len(), 0, "the page is no request of the service");
}

/// A running program, which is killed if a test fails.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts the program. Returns the values of the lines that it prints.
    fn start(arguments: &[&str], lines: usize) -> (Self, Vec<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calcom-fake"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines().take(lines);
        let values = out.map(|line| line.unwrap().split_once('=').unwrap().1.to_owned()).collect();
        (Self(child), values)
    }

    /// Sends SIGTERM and waits for the end. Returns the exit code and what was printed as errors.
    fn end(mut self) -> (Option<i32>, String) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        let started = Instant::now();
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(started.elapsed() < Duration::from_secs(20), "the program has not ended"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let errors = std::io::read_to_string(self.0.stderr.take().unwrap()).unwrap();
        (status.code(), errors)
    }
}

/// Runs a program that is expected to end by itself. It is ended after a while.
fn ended_by_itself(program: &mut Command) -> Output {
    let mut running = Program(program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let started = Instant::now();
    let status = loop {
        match running.0.try_wait().unwrap() {
            Some(status) => break status,
            None => assert!(started.elapsed() < Duration::from_secs(10), "the program has not ended"),
        }
        std::thread::yield_now();
    };
    let mut stderr = Vec::new();
    std::io::Read::read_to_end(&mut running.0.stderr.take().unwrap(), &mut stderr).unwrap();
    Output { status, stdout: Vec::new(), stderr }
}

fn send_to(url: &str, request: RawRequest) -> (u16, Value) {
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(request.send(address)).unwrap();
    (answer.status, answer.json())
}

#[cfg(unix)]
#[test]
fn the_program_prints_address_and_key_plays_the_seed_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, SEED).unwrap();
    let (program, values) = Program::start(&["--port", "0", "--seed", seed.to_str().unwrap()], 2);
    assert_eq!(values[1], "cal_test_of_ada");
    let body = json!({ "start": "2026-11-23T10:00:00Z", "eventTypeId": 1,
        "attendee": { "name": "Ada Test", "email": "ada@example.org", "timeZone": "Europe/Rome" } });
    let request = RawRequest::new("POST", "/v2/bookings").key(&values[1]).version("2024-08-13").json(&body);
    assert_eq!(send_to(&values[0], request).0, 201);
    let (code, errors) = program.end();
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("ended after 1 requests"), "{errors}");
}

#[cfg(unix)]
#[test]
fn the_program_records_in_front_of_a_service_and_plays_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("recorded");
    let (service, upstream) = Program::start(&["--recorded-seed"], 2);
    let (recorder, values) = Program::start(&["--record", &upstream[0], "--into", into.to_str().unwrap()], 1);
    let me = || RawRequest::new("GET", "/v2/me").key(&upstream[1]);
    let recorded = send_to(&values[0], me());
    assert_eq!(recorded.0, 200);
    let (code, errors) = recorder.end();
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("recorded 1 exchanges"), "{errors}");
    assert_eq!(service.end().0, Some(0));
    assert!(Path::new(&into).join("me").is_dir());
    let (player, values) = Program::start(&["--play", into.to_str().unwrap()], 2);
    assert_eq!(send_to(&values[0], me()).0, 200);
    assert_eq!(player.end().0, Some(0));
}

#[test]
fn the_program_refuses_unknown_arguments_ports_in_use_and_wrong_seeds() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_calcom-fake")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, errors) = run(&["--prot", "7000"]);
    assert!(code == Some(2) && errors.contains("--prot") && errors.contains("usage:"), "{errors}");
    assert_eq!(run(&["--recorded-seed", "--play", "x"]).0, Some(2));
    assert_eq!(run(&["--into", "x"]).0, Some(2));
    let (code, errors) = run(&["--port", "70000"]);
    assert!(code == Some(2) && errors.starts_with("error: --port: must be a number from 0 to 65535\n"), "{errors}");
    let (code, errors) = run(&["--play", "nowhere"]);
    assert!(code == Some(1) && errors.starts_with("error: nowhere: "), "{errors}");
    let version = Command::new(env!("CARGO_BIN_EXE_calcom-fake")).arg("--version").output().unwrap().stdout;
    assert_eq!(String::from_utf8(version).unwrap(), concat!("calcom-fake ", env!("CARGO_PKG_VERSION"), "\n"));
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (code, errors) = run(&["--port", &taken.local_addr().unwrap().port().to_string()]);
    assert!(code == Some(1) && errors.contains("error: "), "{errors}");
    let (code, errors) = run(&["--seed", "nowhere.json"]);
    assert!(code == Some(1) && errors.contains("nowhere.json"), "{errors}");
}
