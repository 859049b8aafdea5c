//! Interceptors: what they see and set before and after each attempt.

mod faults;

use std::sync::{Arc, Mutex};

use calcom::{
    Error,
    intercept::{AttemptResult, Interceptor, OutgoingAttempt},
    model::CreateBooking,
};
use serde_json::json;

use crate::support::{
    log::Log,
    recorded_body, socket,
    socket::{Service, Step, answer},
};

/// Writes a line for each call of an interceptor.
#[derive(Clone, Default)]
struct Audit(Arc<Mutex<Vec<String>>>);

impl Audit {
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn write(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl Interceptor for Audit {
    fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
        let number = attempt.attempt();
        attempt.header("traceparent", format!("00-trace-span{number}-01"));
        let (method, path) = (attempt.method().clone(), attempt.url().rsplit_once("/v2").unwrap().1.to_owned());
        let signed = attempt.body().map_or(0, <[u8]>::len);
        self.write(format!("before {number}: {} {method} {path}, {signed} bytes", attempt.operation().id));
        assert!(!format!("{:?} {attempt:?}", attempt.headers()).contains("cal_live_socket"));
    }

    fn after_attempt(&self, result: &AttemptResult<'_>) {
        let AttemptResult { operation, attempt, status, request_id, failure, .. } = result;
        self.write(format!("after {attempt}: {} {status:?} {request_id:?} {failure:?}", operation.id));
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_seen_and_has_the_headers_of_its_own() {
    let me = recorded_body("me/get-2024-06-14").to_string();
    let service = Service::start([
        vec![Step::Request, Step::Reset],
        vec![Step::Request, Step::Write(answer(503, &[("x-request-id", "first")], "{}")), Step::Close],
        vec![Step::Request, Step::Write(socket::json(200, &[("x-request-id", "second")], me)), Step::Close],
    ])
    .await;
    let audit = Audit::default();
    let client = service.builder().interceptor(audit.clone()).build().unwrap();
    client.me().get().await.unwrap();
    let sent: Vec<_> =
        service.requests().iter().map(|sent| sent.header("traceparent").unwrap_or_default().to_owned()).collect();
    assert_eq!(sent, ["00-trace-span1-01", "00-trace-span2-01", "00-trace-span3-01"]);
    assert_eq!(
        audit.lines(),
        [
            "before 1: get_me GET /me, 0 bytes",
            "after 1: get_me None None Some(\"connection\")",
            "before 2: get_me GET /me, 0 bytes",
            "after 2: get_me Some(503) Some(\"first\") None",
            "before 3: get_me GET /me, 0 bytes",
            "after 3: get_me Some(200) Some(\"second\") None",
        ]
    );
    client.me().get().await.unwrap();
    assert_eq!(audit.lines(), Vec::<String>::new(), "a response from the cache has no attempt");
}

#[tokio::test(start_paused = true)]
async fn clients_of_other_tenants_have_the_interceptors_too_and_all_of_them_are_called_in_order() {
    struct Signature;
    impl Interceptor for Signature {
        fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
            assert!(attempt.headers().contains_key("traceparent"), "the one before has set it");
            attempt.header("x-signature", format!("{} bytes", attempt.body().unwrap().len()));
        }
    }
    let body = recorded_body("bookings-2024-08-13/create-regular").to_string();
    let service = Service::serving_with(move |_| socket::json(201, &[], body.clone())).await;
    let client = service.builder().interceptor(Audit::default()).interceptor(Signature).build().unwrap();
    let other = client.with_credentials("cal_live_other").unwrap();
    let wanted = CreateBooking::new(1, "2030-01-15T10:00:00Z".parse().unwrap(), "Jo", "jo@example.com");
    other.bookings().create(&wanted).await.unwrap();
    let sent = &service.requests()[0];
    assert_eq!(sent.header("x-signature"), Some(&*format!("{} bytes", sent.body.len())));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_and_a_header_that_is_not_the_callers_end_the_call_before_it_is_sent() {
    struct Act(fn(&mut OutgoingAttempt<'_>));
    impl Interceptor for Act {
        fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
            self.0(attempt);
        }
    }
    let service = Service::answering([]).await;
    let call = async |act| {
        let error = service.builder().interceptor(Act(act)).build().unwrap().me().get().await.unwrap_err();
        assert_eq!((error.operation(), error.attempts(), error.may_have_been_applied()), (Some("get_me"), 1, false));
        error
    };
    let refused = call(|attempt| attempt.refuse("no key to sign with")).await;
    assert!(matches!(refused, Error::Configuration(_)) && refused.to_string().contains("no key to sign with"));
    let theirs = call(|attempt| _ = attempt.header("authorization", "Bearer x")).await;
    assert!(matches!(theirs, Error::Validation(_)));
    assert_eq!(theirs.field_errors()[0].field, "authorization");
    let unsendable = call(|attempt| _ = attempt.header("x-note", "two\nlines")).await;
    assert_eq!(unsendable.field_errors()[0].field, "x-note");
    assert_eq!(service.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn what_an_interceptor_sets_is_neither_logged_nor_repeated_in_an_error() {
    struct Sign;
    impl Interceptor for Sign {
        fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
            attempt.header("x-signature", "planted0123456789");
        }
    }
    let echo = json!({"status": "error", "error": {"message": "bad signature planted0123456789"}}).to_string();
    let service = Service::answering([socket::json(400, &[], echo)]).await;
    let log = Log::start();
    let error = service.builder().interceptor(Sign).debug(true).build().unwrap().me().get().await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}"), log.text()] {
        assert!(!text.contains("planted"), "{text}");
    }
    assert_eq!(service.requests()[0].header("x-signature"), Some("planted0123456789"));
}
