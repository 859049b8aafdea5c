//! Retries: every fault with an operation of every class, over a socket.

use std::time::Duration;

use calcom::operation::Resend;
use tokio::time::Instant;

use crate::support::{
    classes::{CLASSES, call, line, operation, success},
    kind,
    socket::{Received, Service, Step, answer, head, json},
};

/// Faults that leave the execution unknown, with the kind of error of each.
fn unclear() -> Vec<(&'static str, Vec<Step>, &'static str)> {
    let failed = r#"{"status":"error","error":{"code":"INTERNAL_SERVER_ERROR","message":"oops"}}"#;
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    let answered = |bytes| vec![Step::Request, Step::Write(bytes), Step::Close];
    vec![
        ("500", answered(json(500, &[], failed)), "Server"),
        ("501", answered(answer(501, &[], "")), "Server"),
        ("502 with a page", answered(answer(502, &[("content-type", "text/html")], page)), "Unavailable"),
        ("503", answered(json(503, &[], failed)), "Unavailable"),
        ("504 cut off", answered(head(504, &[], 100)), "Unavailable"),
        ("524", answered(answer(524, &[], "")), "Unavailable"),
        ("408", answered(answer(408, &[], "")), "Timeout"),
        ("an error in a success", answered(json(200, &[], failed)), "Server"),
        ("closed in the middle of it", vec![Step::Head, Step::Close], "Transport"),
        ("closed after it", vec![Step::Request, Step::Close], "Transport"),
        ("reset after it", vec![Step::Request, Step::Reset], "Transport"),
        ("half a status line", answered(b"HTTP/1.1 2".to_vec()), "Transport"),
        ("not HTTP", answered(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), "Transport"),
        ("a body cut off", answered([head(200, &[], 100), b"{\"status\":".to_vec()].concat()), "Transport"),
        ("a chunk cut off", answered(chunks(b"ff\r\n{\"status\":")), "Transport"),
        ("no response", vec![Step::Request], "Timeout"),
        ("a head and nothing more", vec![Step::Request, Step::Write(head(200, &[], 100))], "Timeout"),
    ]
}

/// Statuses that reject a request, with the kind of error of each.
fn refusals() -> [(u16, &'static str); 13] {
    [
        (302, "Configuration"),
        (400, "Validation"),
        (401, "Authentication"),
        (402, "Permission"),
        (403, "Permission"),
        (404, "NotFound"),
        (405, "Validation"),
        (409, "Conflict"),
        (410, "NotFound"),
        (413, "Validation"),
        (418, "Validation"),
        (422, "Validation"),
        (498, "Authentication"),
    ]
}

fn chunks(bytes: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", bytes].concat()
}

/// Asserts that all requests are the same bytes.
fn assert_same(requests: &[Received]) {
    for request in requests {
        assert_eq!(*request, Received { connection: request.connection, ..requests[0].clone() });
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_of_unknown_outcome_is_sent_again_unless_it_could_be_executed_twice() {
    for class in CLASSES {
        let expected = if class == Resend::Unsafe { 1 } else { 3 };
        for (fault, steps, expected_kind) in unclear() {
            let service = Service::start([steps.clone(), steps.clone(), steps]).await;
            let client = service.builder().request_timeout(Duration::from_secs(5)).build().unwrap();
            let error = call(&client, class).await.unwrap_err();
            let context = format!("{fault}, {class:?}: {error}");
            assert_eq!(kind(&error), expected_kind, "{context}");
            assert_eq!(service.connections(), expected, "{context}");
            assert_eq!(error.attempts() as usize, expected, "{context}");
            assert_eq!(error.may_have_been_applied(), class != Resend::Safe, "{context}");
            assert_eq!(error.is_retryable(), class != Resend::Unsafe, "{context}");
            assert_eq!(error.operation(), Some(operation(class)), "{context}");
            let text = error.to_string();
            assert_eq!(text.contains("may have been executed"), class != Resend::Safe, "{context}");
            assert_same(&service.requests());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_fault_is_hidden_from_callers_whose_request_may_be_repeated() {
    for class in [Resend::Safe, Resend::Idempotent] {
        for (fault, steps, _) in unclear() {
            let good = vec![Step::Request, Step::Write(success(class))];
            let service = Service::start([steps.clone(), steps, good]).await;
            let client = service.builder().request_timeout(Duration::from_secs(5)).build().unwrap();
            let result = call(&client, class).await;
            assert!(result.is_ok(), "{fault}, {class:?}: {result:?}");
            assert_eq!(service.connections(), 3, "{fault}, {class:?}");
            assert_same(&service.requests());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_is_not_sent_twice_although_the_second_would_have_been_answered() {
    for (fault, steps, _) in unclear() {
        let good = vec![Step::Request, Step::Write(success(Resend::Unsafe))];
        let service = Service::start([steps, good]).await;
        let client = service.builder().request_timeout(Duration::from_secs(5)).build().unwrap();
        let error = call(&client, Resend::Unsafe).await.unwrap_err();
        assert!(error.may_have_been_applied(), "{fault}: {error}");
        assert_eq!(service.connections(), 1, "{fault}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_service_is_not_sent_again() {
    for class in CLASSES {
        for (status, expected) in refusals() {
            for body in [answer(status, &[], ""), head(status, &[], 100), json(status, &[], r#"{"message":"no"}"#)] {
                let service = Service::answering([body]).await;
                let error = call(&service.client(), class).await.unwrap_err();
                let context = format!("{status}, {class:?}: {error}");
                assert_eq!((kind(&error), error.status()), (expected, Some(status)), "{context}");
                assert_eq!((error.attempts(), service.requests().len()), (1, 1), "{context}");
                assert!(!error.may_have_been_applied() && !error.is_retryable(), "{context}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_sent_again_whatever_they_are_since_the_service_dropped_them() {
    for class in CLASSES {
        let again = json(429, &[], r#"{"error":{"code":"ThrottlerException","message":"Too many requests"}}"#);
        let service = Service::answering([again.clone(), head(429, &[], 100), success(class)]).await;
        call(&service.client(), class).await.unwrap();
        assert_eq!(service.requests().len(), 3, "{class:?}");
        assert_eq!(service.requests()[0].line, line(class));
        assert_same(&service.requests());

        let service = Service::answering([again.clone(), again.clone(), again]).await;
        let error = call(&service.client(), class).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts(), service.requests().len()), ("RateLimit", 3, 3), "{class:?}");
        assert!(!error.may_have_been_applied() && error.is_retryable(), "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_of_one_attempt_stays_unknown_if_a_later_one_is_refused() {
    for (class, applied) in [(Resend::Safe, false), (Resend::Idempotent, true)] {
        let service = Service::start([
            vec![Step::Request, Step::Close],
            vec![Step::Request, Step::Write(json(403, &[], r#"{"message":"Webhook of another"}"#))],
        ])
        .await;
        let error = call(&service.client(), class).await.unwrap_err();
        assert_eq!((kind(&error), error.attempts()), ("Permission", 2), "{class:?}");
        assert_eq!(error.may_have_been_applied(), applied, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_first_request_was_dropped_is_unknown_if_the_second_is() {
    let service =
        Service::start([vec![Step::Request, Step::Write(json(429, &[], "{}")), Step::Close], vec![Step::Head]]).await;
    let error = call(&service.client(), Resend::Unsafe).await.unwrap_err();
    assert_eq!((kind(&error), error.attempts(), error.may_have_been_applied()), ("Timeout", 2, true));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_is_a_setting() {
    for times in [1, 2, 5] {
        let failing = [(); 6].map(|()| vec![Step::Request, Step::Close]);
        let service = Service::start(failing).await;
        let client = service.builder().max_attempts(times).build().unwrap();
        let error = call(&client, Resend::Safe).await.unwrap_err();
        assert_eq!((error.attempts(), service.connections()), (times, times as usize));
    }
}

#[tokio::test(start_paused = true)]
async fn the_waits_between_attempts_are_random_and_double() {
    let mut waits = Vec::new();
    for _ in 0..40 {
        let service = Service::answering([(); 3].map(|()| answer(503, &[], ""))).await;
        let start = Instant::now();
        call(&service.client(), Resend::Safe).await.unwrap_err();
        waits.push(start.elapsed());
    }
    // Up to 100 ms, then up to 200 ms; the clock of the tests runs up to 20 ms ahead.
    assert!(waits.iter().all(|wait| *wait < Duration::from_millis(450)), "{waits:?}");
    // 150 ms on average; the probability that 40 such sums miss these bounds is below 1 in 10^9.
    let sum: Duration = waits.iter().sum();
    assert!((Duration::from_secs(3)..Duration::from_secs(11)).contains(&sum), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > Duration::from_millis(150)), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_sent_again_and_finds_nothing_left_has_succeeded() {
    let gone =
        |status: u16, text: &str| json(status, &[], format!(r#"{{"status":"error","error":{{"message":"{text}"}}}}"#));
    let lost = vec![Step::Request, Step::Close];
    let refused = |status, text: &str| vec![Step::Request, Step::Write(gone(status, text)), Step::Close];
    let webhook = Service::start([lost.clone(), refused(404, "Webhook (planted) not found")]).await;
    let deleted = webhook.client().webhooks().delete("planted").await.unwrap();
    assert_eq!((deleted.id.as_str(), deleted.active), ("planted", false), "what it was is not known any more");
    assert_eq!(webhook.requests().len(), 2);
    assert_same(&webhook.requests());

    let schedule = Service::start([lost.clone(), refused(400, "Schedule with ID=7 does not exist.")]).await;
    schedule.client().schedules().delete(7).await.unwrap();
    let event_type = Service::start([lost.clone(), refused(404, "Event type with ID=7 does not exist.")]).await;
    assert_eq!(event_type.client().event_types().delete(7).await.unwrap().id, Some(7.into()));
    let no_longer = Service::start([lost.clone(), refused(410, "Webhook (planted) is gone")]).await;
    assert_eq!(no_longer.client().webhooks().delete("planted").await.unwrap().id.as_str(), "planted");
    let link = Service::start([lost.clone(), refused(404, "Deleted link not found")]).await;
    link.client().raw().delete_private_link(1, "planted").await.unwrap();

    // A resource that was not deleted by an earlier attempt, or another rejection, is not a success.
    let first = Service::start([refused(404, "Webhook (planted) not found")]).await;
    assert_eq!(kind(&first.client().webhooks().delete("planted").await.unwrap_err()), "NotFound");
    for (status, text) in [(404, "Cannot DELETE /v2/webhooks/planted"), (403, "not yours"), (400, "Bad Request")] {
        let service = Service::start([lost.clone(), refused(status, text)]).await;
        let error = service.client().webhooks().delete("planted").await.unwrap_err();
        assert!(error.status() == Some(status) && error.may_have_been_applied(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_404_has_other_causes_is_no_success_when_it_is_sent_again() {
    let lost = vec![Step::Request, Step::Close];
    let body = r#"{"status":"error","error":{"message":"Role not found"}}"#;
    for path in ["/v2/organizations/1/roles/owner_role", "/v2/event-types/1/webhooks"] {
        let service = Service::start([lost.clone(), vec![Step::Request, Step::Write(json(404, &[], body))]]).await;
        let operation = calcom::operation::Operation::route("DELETE", path).unwrap();
        let request = service.client().raw().operation::<serde_json::Value>(operation, path);
        let error = request.await.unwrap_err();
        assert_eq!((kind(&error), error.attempts(), error.may_have_been_applied()), ("NotFound", 2, true), "{path}");
    }
}
