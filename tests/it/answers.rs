//! Answers that are too large, cut off, not JSON, not what was asked for, or a way elsewhere.

use calcom::{Client, operation::Resend};
use serde_json::json;

use crate::support::{
    classes::{CLASSES, call, success},
    kind, recorded_body, socket,
    socket::{Service, Step, answer, head},
};

const LIMIT: usize = 8 * 1024 * 1024;

fn small(service: &Service, limit: usize) -> Client {
    let config = format!(r#"{{"api_url": "{}", "max_response_bytes": {limit}}}"#, service.url());
    Client::builder()
        .config(serde_json::from_str(&config).unwrap())
        .credentials(calcom::Credentials::Anonymous)
        .build()
        .unwrap()
}

fn chunked(status: u16, chunks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} -\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes();
    for chunk in chunks {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(*chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[tokio::test(start_paused = true)]
async fn a_response_with_a_content_length_over_the_limit_is_not_read() {
    for class in CLASSES {
        // Not one byte of the body comes: what is waited for is not what decides.
        let service =
            Service::start([vec![Step::Request, Step::Write(head(200, &[("x-request-id", "r1")], LIMIT + 1))]]).await;
        let error = call(&service.client(), class).await.unwrap_err();
        assert_eq!((kind(&error), error.status(), error.attempts()), ("Decode", Some(200), 1), "{error}");
        assert_eq!(error.may_have_been_applied(), class != Resend::Safe);
        assert!(!error.is_retryable());
        assert_eq!(error.request_id(), Some("r1"));
        assert!(error.to_string().contains("larger than 8388608 bytes"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_chunks_is_read_up_to_the_limit() {
    let body = json!({"status": "success", "data": []}).to_string();
    let (first, rest) = body.as_bytes().split_at(7);
    for (limit, fits) in [(body.len(), true), (body.len() - 1, false), (7, false), (3, false)] {
        for bytes in [chunked(200, &[first, rest]), chunked(200, &[body.as_bytes()]), answer(200, &[], &body)] {
            let service = Service::answering([bytes]).await;
            let result = call(&small(&service, limit), Resend::Safe).await;
            assert_eq!(result.is_ok(), fits, "{limit}: {result:?}");
            assert_eq!(service.requests().len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_response_is_eight_mebibytes() {
    let body = |length: usize| {
        let frame = r#"{"status":"success","data":[],"x":""}"#;
        frame.replace(r#""x":""#, &format!(r#""x":"{}"#, "y".repeat(length - frame.len())))
    };
    for (length, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let body = body(length);
        assert_eq!(body.len(), length);
        let (first, rest) = body.as_bytes().split_at(LIMIT / 2);
        let service = Service::answering([chunked(200, &[first, rest])]).await;
        assert_eq!(call(&service.client(), Resend::Safe).await.is_ok(), fits, "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_oversized_error_response_keeps_its_kind() {
    for (status, expected, requests) in [(404, "NotFound", 1), (429, "RateLimit", 3), (502, "Unavailable", 3)] {
        let large = answer(status, &[], "x".repeat(200));
        let service = Service::answering([(); 3].map(|()| large.clone())).await;
        let error = call(&small(&service, 100), Resend::Safe).await.unwrap_err();
        assert_eq!((kind(&error), error.status()), (expected, Some(status)), "{error}");
        assert_eq!(service.requests().len(), requests, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_success_names_its_path_and_counts_as_executed() {
    let cases: [(&str, String, &str, &str); 9] = [
        ("empty", String::new(), ".", "the response has no body"),
        ("a page", "<!doctype html><title>Sign in</title>".to_owned(), ".", "not JSON (line 1, column 1)"),
        ("cut JSON", r#"{"status":"success","data":[{"id":"#.to_owned(), "data[0].id", "the JSON ends too early"),
        ("a list", "[]".to_owned(), ".", "found sequence, expected struct"),
        ("null", "null".to_owned(), ".", "found null"),
        ("no data", r#"{"status":"success"}"#.to_owned(), ".", "missing field `data`"),
        (
            "wrong data",
            r#"{"status":"success","data":{"jane":1}}"#.to_owned(),
            "data",
            "found map, expected a sequence",
        ),
        ("wrong item", r#"{"data":[{"id":1}]}"#.to_owned(), "data[0].id", "found integer, expected a string"),
        ("two answers", r#"{"data":[]}{"data":[]}"#.to_owned(), ".", "something follows the JSON"),
    ];
    for (name, body, path, cause) in cases {
        for class in [Resend::Safe, Resend::Unsafe] {
            if class == Resend::Unsafe && !["empty", "a page"].contains(&name) {
                continue;
            }
            let service = Service::answering([answer(201, &[("x-request-id", "r1")], &body)]).await;
            let error = call(&service.client(), class).await.unwrap_err();
            let beneath = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!((kind(&error), error.status(), error.attempts()), ("Decode", Some(201), 1), "{name}: {error}");
            assert!(beneath.starts_with(cause), "{name}: {beneath}");
            let place = match (name, path) {
                ("a page", _) => "the response is a page, not JSON".to_owned(),
                (_, ".") => "the response as a whole".to_owned(),
                (_, path) => format!("at `{path}`"),
            };
            assert!(error.to_string().contains(&place), "{name}: {error}");
            assert_eq!(error.may_have_been_applied(), class == Resend::Unsafe, "{name}: {error}");
            assert_eq!((error.is_retryable(), error.request_id()), (false, Some("r1")), "{name}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_that_is_not_utf8_is_replaced_and_costs_no_field() {
    let mut body =
        br#"{"status": "success", "data": {"id": 7, "email": "a@example.com", "timeZone": "UTC", "weekStart": "Monday",
        "timeFormat": 12, "username": "M"#
            .to_vec();
    body.extend(b"\xfcller\", \"unknown\": \"\xff\"}}");
    let service = Service::answering([answer(200, &[], &body), answer(200, &[], &body)]).await;
    let client = service.client().bypass_cache();
    let me = client.me().get().await.unwrap();
    assert_eq!((me.id.to_string().as_str(), me.username.as_deref()), ("7", Some("M\u{fffd}ller")));
    let raw = client.raw().get_me().await.unwrap();
    assert_eq!((raw.data.username.as_deref(), &raw.body()[..]), (Some("M\u{fffd}ller"), &body[..]));
}

#[tokio::test(start_paused = true)]
async fn json_is_decoded_with_any_content_type() {
    for kind in ["text/html", "text/plain; charset=iso-8859-1", "application/octet-stream", "nonsense"] {
        let body = recorded_body("webhooks/list").to_string();
        let service = Service::answering([answer(200, &[("content-type", kind)], &body)]).await;
        let answer = service.client().raw().list_webhooks().await.unwrap();
        assert_eq!(answer.data.len(), recorded_body("webhooks/list")["data"].as_array().unwrap().len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_status_that_is_not_documented_is_a_success() {
    for status in [200, 201, 202, 203, 206] {
        let body = recorded_body("bookings-2024-08-13/create-regular").to_string();
        let service = Service::answering([socket::json(status, &[], &body)]).await;
        let answer = service.client().raw().create_booking(&crate::support::classes::booking()).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.body(), body.as_bytes());
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_response_is_a_success_if_the_operation_returns_nothing() {
    let empty = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let service = Service::answering([empty.clone(), empty]).await;
    let answer = service.client().raw().delete_schedule(1).await.unwrap();
    assert_eq!(answer.status(), 204);
    let error = service.client().raw().get_schedule(1).await.unwrap_err();
    assert_eq!((kind(&error), error.status()), ("Decode", Some(204)));
}

#[tokio::test(start_paused = true)]
async fn a_success_that_says_error_is_an_error() {
    let bodies = [
        r#"{"status":"error","error":{"code":"X","message":"it failed"}}"#,
        "{ \"status\": \"error\",\n \"error\": {\"message\": \"it failed\"} }",
        r#"{"error":{"message":"it failed"},"status":"error"}"#,
        r#"{"data":{},"message":"it failed","status":"error"}"#,
    ];
    for body in bodies {
        let service = Service::answering([(); 3].map(|()| socket::json(200, &[], body))).await;
        let error = service.client().raw().delete_schedule(1).await.unwrap_err();
        assert_eq!((kind(&error), error.status(), error.attempts()), ("Server", Some(200), 3), "{body}");
        assert_eq!(error.service_message(), Some("it failed"), "{body}");
        assert!(error.may_have_been_applied());
    }
    // A temporary failure gives no reason why the request was not executed.
    for (status, expected) in [(429, "RateLimit"), (408, "Timeout"), (503, "Unavailable"), (500, "Server")] {
        let body = format!(r#"{{"status":"error","error":{{"message":"later","details":{{"statusCode":{status}}}}}}}"#);
        let service = Service::answering([(); 3].map(|()| socket::json(200, &[], &body))).await;
        let error = service.client().raw().delete_schedule(1).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts(), error.may_have_been_applied()), (expected, 3, true), "{error}");
    }
    // Where it names a status, it means that status.
    let body = r#"{"status":"error","error":{"message":"no such schedule","details":{"statusCode":404}}}"#;
    let service = Service::answering([socket::json(200, &[], body)]).await;
    let error = service.client().raw().delete_schedule(1).await.unwrap_err();
    assert_eq!((kind(&error), error.code().as_str(), error.attempts()), ("NotFound", "NOT_FOUND", 1));
    assert!(!error.may_have_been_applied());
    // Only the envelope's own status counts.
    let body = r#"{"data":[{"status":"error"}],"status":"success"}"#;
    let service = Service::answering([socket::json(200, &[], body)]).await;
    service.client().raw().delete_schedule(1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_success_without_a_booking_may_have_booked() {
    let service =
        Service::answering([(); 3].map(|()| socket::json(201, &[], r#"{"status":"success","data":[]}"#))).await;
    let client = service.client();
    let start = "2030-01-07T09:00:00Z".parse().unwrap();
    let wanted = calcom::model::CreateBooking::new(1, start, "Jane Roe", "jane@example.org");
    for error in
        [client.bookings().create(&wanted).await.unwrap_err(), client.bookings().confirm("u").await.unwrap_err()]
    {
        assert_eq!(kind(&error), "Decode");
        assert!(error.may_have_been_applied() && !error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed() {
    let elsewhere = Service::answering([success(Resend::Safe)]).await;
    for status in [301, 302, 303, 307, 308] {
        for class in CLASSES {
            let to = [("location", &*format!("{}/v2/webhooks", elsewhere.url()))];
            let service = Service::answering([answer(status, &to, "")]).await;
            let error = call(&service.client(), class).await.unwrap_err();
            assert_eq!((kind(&error), error.status(), error.attempts()), ("Configuration", Some(status), 1), "{error}");
            assert!(error.to_string().contains("api_url"), "{error}");
            assert!(!error.may_have_been_applied() && !error.is_retryable());
            assert_eq!(service.requests().len(), 1);
        }
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_response_without_a_booking_names_the_operation_and_what_is_missing() {
    let empty = || socket::json(200, &[], r#"{"status":"success","data":[]}"#);
    let service = Service::answering([empty(), empty()]).await;
    let client = service.client();
    let read = client.bookings().get("u1").await.unwrap_err();
    assert_eq!(
        (read.operation(), read.status(), read.may_have_been_applied()),
        (Some("get_booking"), Some(200), false)
    );
    assert!(read.to_string().contains("`data`"), "{read}");
    let confirmed = client.bookings().confirm("u1").await.unwrap_err();
    assert_eq!((confirmed.operation(), confirmed.may_have_been_applied()), (Some("confirm_booking"), true));
}
