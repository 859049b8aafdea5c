//! After a response that is read to its end its connection is used again, whatever form the response has.

use calcom::{Client, operation::Method};

use crate::support::{
    recorded_body,
    socket::{Received, Service, answer, head},
};

/// One after the other, as many as there are races between the connection and the caller to lose.
const CALLS: usize = 140;

fn me(padding: usize) -> String {
    let mut body = recorded_body("me/get-2024-06-14");
    body["padding"] = "x".repeat(padding).into();
    body.to_string()
}

fn chunked(body: &str, size: usize) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 -\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for part in body.as_bytes().chunks(size).chain([&[][..]]) {
        bytes.extend(format!("{:x}\r\n", part.len()).bytes().chain(part.iter().copied()).chain(*b"\r\n"));
    }
    bytes
}

/// The responses, and how many connections calls in a row take at least.
fn forms() -> Vec<(&'static str, Vec<u8>, usize)> {
    let closing = |headers: &[(&str, &str)]| answer(200, headers, me(0));
    let old = String::from_utf8(closing(&[])).unwrap().replacen("1.1", "1.0", 1).into_bytes();
    vec![
        ("one chunk", answer(200, &[], me(0)), 1),
        ("many chunks", answer(200, &[], me(1 << 20)), 1),
        ("chunked", chunked(&me(0), 4_096), 1),
        ("chunked by byte", chunked(&me(0), 1), 1),
        ("a part", answer(206, &[], me(0)), 1),
        ("nothing", answer(204, &[], ""), 1),
        ("nothing, and a length", head(204, &[], 7), 1),
        ("empty", answer(200, &[], ""), 1),
        ("a failure", answer(404, &[], "{\"status\": \"error\"}"), 1),
        ("a length twice", answer(200, &[("content-length", &me(0).len().to_string())], me(0)), 1),
        ("closed", closing(&[("connection", "close")]), CALLS),
        ("of HTTP/1.0", old, CALLS),
        ("more than announced", [answer(200, &[], me(0)), b"more".to_vec()].concat(), CALLS),
    ]
}

async fn check(client: &Client, service: &Service, form: &str) -> usize {
    let before = service.connections();
    for _ in 0..CALLS {
        let _ = client.request::<serde_json::Value>(Method::Get, "/v2/me").await;
    }
    let count = service.requests().iter().filter(|request: &&Received| request.line == "GET /v2/me").count();
    assert_eq!(count, CALLS, "{form}");
    service.connections() - before
}

/// `spare`: how many more a call may open that comes before the pool has the connection of the last one.
async fn check_all(spare: usize) {
    let mut wrong = Vec::new();
    for (form, bytes, expected) in forms() {
        let service = Service::serving_with(move |_| bytes.clone()).await;
        let client = service.builder().max_attempts(1).build().unwrap().bypass_cache();
        let found = check(&client, &service, form).await;
        if found < expected || found > expected + spare {
            wrong.push(format!("{form}: {found} connections in the place of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn connections_are_used_again_on_one_thread() {
    check_all(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_are_used_again_on_several_threads() {
    check_all(10).await;
}
