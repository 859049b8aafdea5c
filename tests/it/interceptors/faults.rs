//! Interceptors that panic, refuse, set what cannot be sent, or what the service repeats.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use calcom::{
    Error,
    intercept::{AttemptResult, Interceptor, OutgoingAttempt},
    reqwest::header::HeaderValue,
};
use serde_json::json;

use crate::support::{
    classes::{CLASSES, call, success},
    log::Log,
    recorded_body, socket,
    socket::Service,
};

/// Panics in the first calls, before or after the attempt.
struct Panicking {
    left: AtomicUsize,
    before: bool,
}

impl Panicking {
    fn act(&self, is_before: bool) {
        let has_left = |left: usize| left.checked_sub(1);
        if is_before == self.before && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_left).is_ok() {
            panic!("as the test wants it");
        }
    }
}

impl Interceptor for Panicking {
    fn before_attempt(&self, _: &mut OutgoingAttempt<'_>) {
        self.act(true);
    }

    fn after_attempt(&self, _: &AttemptResult<'_>) {
        self.act(false);
    }
}

#[tokio::test(start_paused = true)]
async fn an_interceptor_that_panics_ends_its_own_call_and_leaves_its_permits_and_the_cache_to_others() {
    // More than the limiter lets be in flight, and than the breaker admits failures.
    const PANICS: usize = 25;
    for before in [true, false] {
        let me = recorded_body("me/get-2024-06-14").to_string();
        let service = Service::serving_with(move |_| socket::json(200, &[], me.clone())).await;
        let panicking = Panicking { left: AtomicUsize::new(PANICS), before };
        let client = service.builder().interceptor(panicking).build().unwrap();
        let calls: Vec<_> = (0..PANICS + 5)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.me().get().await })
            })
            .collect();
        let mut ended = Vec::new();
        for call in calls {
            ended.push(call.await.map(|result| result.unwrap()).is_err_and(|error| error.is_panic()));
        }
        assert_eq!(ended.iter().filter(|panicked| **panicked).count(), PANICS, "{before}");
        client.refresh_cache().me().get().await.unwrap();
        assert_eq!(client.circuit_state().await, calcom::CircuitState::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_only_those_are_called_that_were_called_before_it() {
    /// Counts attempts in flight, and refuses them if it says so.
    struct Counting(Arc<Mutex<Vec<String>>>, &'static str, bool);
    impl Interceptor for Counting {
        fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
            self.0.lock().unwrap().push(format!("before {}", self.1));
            if self.2 {
                attempt.refuse("not today");
            }
        }

        fn after_attempt(&self, result: &AttemptResult<'_>) {
            self.0.lock().unwrap().push(format!("after {}: {:?}", self.1, result.failure));
        }
    }
    let service = Service::answering([]).await;
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let counting = |name, refuses| Counting(Arc::clone(&lines), name, refuses);
    let builder = service.builder().interceptor(counting("a", false)).interceptor(counting("b", true));
    let client = builder.interceptor(counting("c", false)).build().unwrap();
    assert!(matches!(client.me().get().await, Err(Error::Configuration(_))));
    let refused = r#"Some("refused")"#;
    let expected =
        ["before a".to_owned(), "before b".to_owned(), format!("after a: {refused}"), format!("after b: {refused}")];
    assert_eq!(*lines.lock().unwrap(), expected);
}

struct Act<F>(F);

impl<F: Fn(&mut OutgoingAttempt<'_>) + Send + Sync + 'static> Interceptor for Act<F> {
    fn before_attempt(&self, attempt: &mut OutgoingAttempt<'_>) {
        (self.0)(attempt);
    }
}

#[tokio::test(start_paused = true)]
async fn more_headers_than_a_request_can_have_end_the_call_before_it_is_sent() {
    let service = Service::answering([]).await;
    let many = Act(|attempt: &mut OutgoingAttempt<'_>| {
        for number in 0..40_000 {
            attempt.header(format!("x-{number}"), "1");
        }
    });
    let client = service.builder().interceptor(many).build().unwrap();
    for class in CLASSES {
        let error = call(&client, class).await.unwrap_err();
        assert!(matches!(error, Error::Validation(_)) && !error.may_have_been_applied(), "{error}");
    }
    assert_eq!(service.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn the_last_value_of_a_header_is_sent_and_values_of_any_size_and_form_arrive() {
    let long = "x".repeat(60_000);
    let service = Service::serving_with(|_| success(calcom::operation::Resend::Safe)).await;
    let act = Act(move |attempt: &mut OutgoingAttempt<'_>| {
        attempt.header("x-twice", "first").header("X-Twice", "second").header("x-empty", "").header("x-long", &*long);
    });
    let client = service.builder().interceptor(act).build().unwrap();
    call(&client, calcom::operation::Resend::Safe).await.unwrap();
    let sent = &service.requests()[0];
    let twice: Vec<_> = sent.headers.iter().filter(|(name, _)| name == "x-twice").collect();
    assert_eq!(twice, [&("x-twice".to_owned(), "second".to_owned())]);
    assert_eq!((sent.header("x-empty"), sent.header("x-long").map(str::len)), (Some(""), Some(60_000)));
}

#[tokio::test(start_paused = true)]
async fn no_part_of_a_header_that_was_set_is_repeated_in_an_error() {
    let utf8 = "Jörg Plantedsson";
    let as_latin1: String = utf8.bytes().map(char::from).collect();
    let latin1: Vec<u8> = utf8.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let echoes = ["no key plantedkey01", "signature plantedsig02== is wrong", "bearer planted-03", utf8, &as_latin1];
    for echo in echoes {
        let body = json!({"status": "error", "error": {"message": format!("refused: {echo}")}}).to_string();
        for by_interceptor in [true, false] {
            let service = Service::answering([socket::json(400, &[], &body)]).await;
            let values = [
                HeaderValue::from_static(r#"Signature keyId="plantedkey01",signature="plantedsig02==""#),
                HeaderValue::from_static("Bearer planted-03"),
                HeaderValue::from_bytes(utf8.as_bytes()).unwrap(),
                HeaderValue::from_bytes(&latin1).unwrap(),
            ];
            let log = Log::start();
            let error = if by_interceptor {
                let act = Act(move |attempt: &mut OutgoingAttempt<'_>| {
                    for (number, value) in values.iter().enumerate() {
                        attempt.header(format!("x-{number}"), value.clone());
                    }
                });
                service.builder().interceptor(act).build().unwrap().raw().get_me().await.unwrap_err()
            } else {
                let names = ["x-0", "x-1", "x-2", "x-3"];
                let client = service.client();
                let request = names
                    .iter()
                    .zip(values)
                    .fold(client.raw().get_me(), |request, (name, value)| request.header(*name, value));
                request.await.unwrap_err()
            };
            assert_eq!(error.status(), Some(400), "{error}");
            for text in [error.to_string(), format!("{error:?}"), log.text()] {
                for planted in ["planted", "Planted", "Jörg", "rg "] {
                    assert!(!text.contains(planted), "{echo}: {text}");
                }
                assert!(!text.contains("J\u{c3}"), "{text}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_refused_takes_nothing_from_the_quota() {
    let limits = [
        ("x-ratelimit-limit-default", "5"),
        ("x-ratelimit-remaining-default", "4"),
        ("x-ratelimit-reset-default", "60"),
    ];
    let me = recorded_body("me/get-2024-06-14").to_string();
    let service = Service::serving_with(move |_| socket::json(200, &limits, &me)).await;
    let refusing = Act(|attempt: &mut OutgoingAttempt<'_>| {
        if attempt.operation().id == "get_booking" {
            attempt.refuse("not today");
        }
    });
    let client = service.builder().no_cache().interceptor(refusing).build().unwrap();
    client.me().get().await.unwrap();
    for _ in 0..20 {
        client.raw().get_booking("uid").await.unwrap_err();
    }
    assert_eq!(client.quota().await.limits[0].remaining, Some(4));
    client.with_deadline(std::time::Duration::from_secs(1)).me().get().await.unwrap();
    assert_eq!(service.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_an_interceptor_has_set_is_hidden_in_the_debug_of_the_headers() {
    let service = Service::serving_with(|_| success(calcom::operation::Resend::Safe)).await;
    let set = Act(|attempt: &mut OutgoingAttempt<'_>| _ = attempt.header("x-signature", "planted"));
    let shown = Arc::<Mutex<String>>::default();
    let look = {
        let shown = Arc::clone(&shown);
        Act(move |attempt: &mut OutgoingAttempt<'_>| *shown.lock().unwrap() = format!("{:?}", attempt.headers()))
    };
    let client = service.builder().interceptor(set).interceptor(look).build().unwrap();
    call(&client, calcom::operation::Resend::Safe).await.unwrap();
    let shown = shown.lock().unwrap().clone();
    assert!(shown.contains("x-signature") && !shown.contains("planted") && !shown.contains("cal_live"), "{shown}");
}
