//! HTTP/1 servers that send what is allowed and rare, or not allowed.

use std::{error::Error as _, time::Duration};

use calcom::{Credentials, Error, operation::Resend};

use crate::support::{
    classes::{CLASSES, call, line, success},
    kind, recorded_body,
    socket::{Service, Step, answer, head, json},
};

fn body(class: Resend) -> (u16, String) {
    match class {
        Resend::Safe => (200, recorded_body("webhooks/list").to_string()),
        Resend::Idempotent => (200, recorded_body("webhooks/delete").to_string()),
        Resend::Unsafe => (201, recorded_body("bookings-2024-08-13/create-regular").to_string()),
    }
}

/// The result of one call whose connection does this.
async fn result(class: Resend, steps: Vec<Step>) -> Result<(), Error> {
    let service = Service::start([steps]).await;
    let client = service.builder().no_retries().build().unwrap();
    let result = call(&client, class).await;
    assert_eq!(service.requests().len(), 1);
    result
}

fn text(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    text
}

#[tokio::test(start_paused = true)]
async fn rare_forms_of_a_success_are_successes() {
    for class in CLASSES {
        let (status, body) = body(class);
        let interim =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 -\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
        let (one, two) = body.split_at(body.len() / 2);
        let chunked = format!(
            "HTTP/1.1 {status} -\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n\
             {:x};name=value\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\nx-end: 1\r\nset-cookie: a=b\r\n\r\n",
            one.len(),
            two.len()
        );
        let many: String = (0..80).map(|n| format!("x-header-{n}: {n}\r\n")).collect();
        for (case, bytes) in [
            ("answers before the answer", [interim.as_bytes(), &success(class)].concat()),
            ("chunks, an extension and trailers", chunked.into_bytes()),
            ("HTTP/1.0 until the close", format!("HTTP/1.0 {status} OK\r\n\r\n{body}").into_bytes()),
            ("until the close", format!("HTTP/1.1 {status} OK\r\nConnection: close\r\n\r\n{body}").into_bytes()),
            ("no reason", format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()),
            (
                "80 headers",
                format!("HTTP/1.1 {status} -\r\n{many}Content-Length:{}\r\n\r\n{body}", body.len()).into_bytes(),
            ),
        ] {
            let ended = result(class, vec![Step::Request, Step::Write(bytes), Step::Close]).await;
            ended.unwrap_or_else(|error| panic!("{class:?}, {case}: {error}"));
        }
        let early = vec![Step::Head, Step::Write(success(class))];
        result(class, early).await.unwrap_or_else(|error| panic!("{class:?}, before the body is read: {error}"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_leaves_a_write_unclear_and_shows_none_of_it() {
    for class in CLASSES {
        let (status, body) = body(class);
        let chunked =
            |rest: &str| format!("HTTP/1.1 {status} -\r\ntransfer-encoding: chunked\r\n\r\n{rest}").into_bytes();
        let lengths = format!("HTTP/1.1 {status} -\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{body}");
        for (case, bytes) in [
            ("a chunk of no size", chunked("planted\r\n")),
            ("a chunk that is longer than it says", chunked("3\r\nplanted\r\n0\r\n\r\n")),
            ("a chunk of a size without end", chunked("fffffffffffffffffffff\r\nplanted")),
            ("chunks that end early", chunked("8\r\nplan")),
            ("two lengths", lengths.into_bytes()),
            ("a negative length", format!("HTTP/1.1 {status} -\r\ncontent-length: -1\r\n\r\n{body}").into_bytes()),
            ("less than the length", [head(status, &[], body.len() + 1), body.clone().into_bytes()].concat()),
            ("another protocol", b"SSH-2.0-planted\r\n".to_vec()),
            ("no status", b"HTTP/1.1 planted OK\r\n\r\n".to_vec()),
            ("a status of two digits", b"HTTP/1.1 99 planted\r\n\r\n".to_vec()),
            ("a header without a name", format!("HTTP/1.1 {status} OK\r\n: planted\r\n\r\n").into_bytes()),
            ("nothing", Vec::new()),
            ("only answers before the answer", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 -\r\n\r\n".to_vec()),
        ] {
            let error = result(class, vec![Step::Request, Step::Write(bytes), Step::Close]).await.expect_err(case);
            assert_eq!(error.may_have_been_applied(), class != Resend::Safe, "{class:?}, {case}: {error}");
            assert_eq!(error.is_retryable(), class != Resend::Unsafe, "{class:?}, {case}: {error}");
            assert!(!text(&error).contains("planted"), "{class:?}, {case}: {}", text(&error));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_and_a_status_that_no_one_knows_are_no_success() {
    for class in CLASSES {
        for (status, headers) in [(101, "connection: upgrade\r\nupgrade: planted\r\n"), (999, ""), (600, "")] {
            let bytes = format!("HTTP/1.1 {status} -\r\n{headers}content-length: 0\r\n\r\n").into_bytes();
            let error =
                result(class, vec![Step::Request, Step::Write(bytes), Step::Close]).await.expect_err("no success");
            assert_eq!(error.may_have_been_applied(), class != Resend::Safe, "{class:?}, {status}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_compressed_answer_that_nobody_asked_for_cannot_be_read_and_was_executed() {
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        for class in CLASSES {
            let bytes = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x2a, 0x28];
            let answer = answer(body(class).0, &[("content-encoding", encoding)], bytes);
            let error = result(class, vec![Step::Request, Step::Write(answer)]).await.unwrap_err();
            assert_eq!(kind(&error), "Decode", "{error}");
            assert_eq!(error.may_have_been_applied(), class != Resend::Safe, "{error}");
        }
    }
    let service = Service::answering([success(Resend::Safe)]).await;
    call(&service.client(), Resend::Safe).await.unwrap();
    assert_eq!(service.requests()[0].header("accept-encoding"), None);
}

#[tokio::test(start_paused = true)]
async fn what_follows_an_answer_is_not_taken_for_the_next_one() {
    let planted = json(200, &[], r#"{"status": "success", "data": []}"#);
    for class in CLASSES {
        let first = [success(class), planted.clone()].concat();
        let again = vec![Step::Request, Step::Write(success(class))];
        let service = Service::start([[vec![Step::Request, Step::Write(first)], again.clone()].concat(), again]).await;
        let client = service.client();
        call(&client, class).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        call(&client, class).await.unwrap();
        let lines: Vec<_> = service.requests().into_iter().map(|request| request.line).collect();
        assert_eq!((lines, service.connections()), (vec![line(class).to_owned(); 2], 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cookie_is_sent_back_to_nobody() {
    let service = Service::serving_with(|_| json(200, &[("set-cookie", "session=planted; Path=/")], "{}")).await;
    let client = service.builder().no_cache().build().unwrap();
    let other = client.with_credentials("cal_live_other").unwrap();
    client.connect().await.unwrap();
    for client in [&client, &client, &other] {
        let _ = client.me().get().await;
    }
    assert_eq!(service.requests().len(), 4);
    assert!(service.requests().iter().all(|request| request.header("cookie").is_none()));
}

#[tokio::test(start_paused = true)]
async fn an_announced_length_of_any_size_takes_no_memory_before_it_arrives() {
    for length in ["18446744073709551610", "9223372036854775807", "1099511627776"] {
        let head = format!("HTTP/1.1 200 -\r\ncontent-length: {length}\r\n\r\n");
        let parts = [
            Step::Request,
            Step::Write([head.as_bytes(), b"{\"data\""].concat()),
            Step::Wait(Duration::from_millis(100)),
            Step::Write(b": []".to_vec()),
            Step::Wait(Duration::from_millis(100)),
            Step::Close,
        ];
        let service = Service::start([parts.to_vec()]).await;
        let mut config = calcom::Config::default().api_url(service.url());
        config.max_response_bytes = usize::MAX;
        config.retry.times = 1;
        let builder = calcom::Client::builder().config(config).credentials(Credentials::Anonymous);
        let error = call(&builder.build().unwrap(), Resend::Safe).await.unwrap_err();
        assert_eq!(kind(&error), "Transport", "{length}: {error}");
    }
}
