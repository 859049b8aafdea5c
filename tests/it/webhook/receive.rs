//! Deliveries are received by a function, by a router, and by axum. Each request gets a response.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use calcom::webhook::{
    DedupeKey, DeliveryError, Event, MemoryReplayStore, Rejection, ReplayFuture, ReplayStore, Router, Trigger,
    Verifier, receive, sign,
};
use http::{Request, StatusCode};

use super::one;

const SECRET: &str = "whsec_test_0123456789";

fn signed(body: &str) -> Request<Bytes> {
    let signature = sign(body, SECRET).unwrap();
    Request::post("/hook")
        .header("X-Cal-Signature-256", signature)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn verifier() -> Verifier {
    Verifier::new(SECRET).unwrap()
}

#[tokio::test]
async fn a_refused_delivery_is_answered_with_the_reason() {
    let good = one("BOOKING_CREATED").body;
    let mut forged = signed(&good);
    *forged.body_mut() = Bytes::from(good.replace("ACCEPTED", "CANCELLED"));
    for (request, status, is_authentic) in [
        (forged, 401, false),
        (Request::new(Bytes::from(good.clone())), 401, false),
        (signed("type=30min"), 400, true),
        (signed("false"), 400, true),
        (signed(&format!("{good}{}", " ".repeat(1 << 20))), 413, false),
    ] {
        let rejection = receive(&verifier(), request).await.unwrap_err();
        assert_eq!((rejection.status().as_u16(), rejection.is_authentic()), (status, is_authentic), "{rejection}");
        assert_eq!(rejection.to_response::<Bytes>().status().as_u16(), status);
        assert!(rejection.to_response::<Bytes>().body().is_empty());
    }
}

/// The events with which handlers were called.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn note(&self, handler: &str, event: &Event) {
        self.0.lock().unwrap().push(format!("{handler} {}", event.trigger()));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn handler(
    calls: &Calls,
    name: &'static str,
) -> impl Fn(Event) -> std::future::Ready<Result<(), Infallible>> + Send + Sync + 'static {
    let calls = calls.clone();
    move |event| {
        calls.note(name, &event);
        std::future::ready(Ok(()))
    }
}

fn event(kind: &str) -> Event {
    Event::parse(one(kind).bytes()).unwrap()
}

#[tokio::test]
async fn a_router_takes_events_to_the_handlers_of_their_triggers() {
    let calls = Calls::default();
    let router = Router::new()
        .on([Trigger::BookingCreated, Trigger::BookingRescheduled], handler(&calls, "book"))
        .on([Trigger::BookingCancelled], handler(&calls, "cancel"))
        .on([Trigger::BookingRescheduled], handler(&calls, "move"));
    assert!(router.dispatch(event("BOOKING_CREATED")).await.unwrap());
    assert!(router.dispatch(event("BOOKING_RESCHEDULED")).await.unwrap());
    assert!(router.clone().dispatch(event("BOOKING_CANCELLED")).await.unwrap());
    assert!(!router.dispatch(event("MEETING_ENDED")).await.unwrap());
    assert_eq!(calls.take(), ["book BOOKING_CREATED", "move BOOKING_RESCHEDULED", "cancel BOOKING_CANCELLED"]);

    let router = router.fallback(handler(&calls, "other"));
    assert!(router.dispatch(event("MEETING_ENDED")).await.unwrap());
    assert!(router.dispatch(event("BOOKING_CREATED")).await.unwrap());
    assert_eq!(calls.take(), ["other MEETING_ENDED", "book BOOKING_CREATED"]);
    let shown = format!("{router:?}");
    assert!(shown.contains("\"BOOKING_CREATED\"") && shown.contains("fallback: true"), "{shown}");
}

#[tokio::test]
async fn a_router_serves_whole_requests() {
    let calls = Calls::default();
    let router = Router::new().on([Trigger::BookingCreated], handler(&calls, "book"));
    let verifier = verifier().with_replay_store(MemoryReplayStore::new());
    let mut seen = vec![];
    let body = one("BOOKING_CREATED").body;
    let mut forged = signed(&body);
    forged.headers_mut().clear();
    for request in [forged, signed(&body), signed(&body), signed(&one("MEETING_ENDED").body)] {
        let response = router.handle(&verifier, request, |error| seen.push(error)).await;
        seen.push(DeliveryError::Rejected(Rejection::Body));
        assert!(matches!(response.status(), StatusCode::OK | StatusCode::UNAUTHORIZED));
    }
    assert_eq!(calls.take(), ["book BOOKING_CREATED"], "once, and not for the forgery");
    assert!(matches!(seen[0], DeliveryError::Rejected(Rejection::Signature(_))));
    assert!(matches!(seen[3], DeliveryError::Rejected(Rejection::Duplicate)));
    assert_eq!(seen.len(), 6);
}

#[tokio::test]
async fn a_delivery_whose_handler_failed_can_be_sent_again() {
    let attempts = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&attempts);
    let router = Router::new().fallback(move |_| {
        *counted.lock().unwrap() += 1;
        let first = *counted.lock().unwrap() == 1;
        async move { if first { Err(io::Error::other("the database is down")) } else { Ok(()) } }
    });
    let verifier = verifier().with_replay_store(MemoryReplayStore::new());
    let body = one("BOOKING_CREATED").body;
    let mut failures = vec![];
    let mut statuses = vec![];
    for _ in 0..3 {
        let response = router.handle(&verifier, signed(&body), |error| failures.push(error)).await;
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [500, 200, 200]);
    assert_eq!(*attempts.lock().unwrap(), 2);
    assert!(matches!(&failures[..], [DeliveryError::Handler(_), DeliveryError::Rejected(Rejection::Duplicate)]));
}

/// Handles the second delivery only. At the first one it waits forever, or panics.
fn handled_the_second_time(panics: bool) -> (Router<io::Error>, Arc<Mutex<u32>>) {
    let attempts = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&attempts);
    let router = Router::new().fallback(move |_| {
        let mut attempts = counted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *attempts += 1;
        let first = *attempts == 1;
        drop(attempts);
        async move {
            match (first, panics) {
                (false, _) => Ok(()),
                (true, true) => panic!("planted"),
                (true, false) => std::future::pending().await,
            }
        }
    });
    (router, attempts)
}

#[tokio::test]
async fn a_delivery_whose_handler_was_dropped_or_panicked_was_not_received() {
    for panics in [false, true] {
        let (router, attempts) = handled_the_second_time(panics);
        let verifier = verifier().with_replay_store(MemoryReplayStore::new());
        let body = one("BOOKING_CREATED").body;
        let first = tokio::spawn({
            let (router, verifier, request) = (router.clone(), verifier.clone(), signed(&body));
            async move { router.handle(&verifier, request, |_| {}).await }
        });
        while *attempts.lock().unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.is_err());
        for expected in [2, 2] {
            let response = router.handle(&verifier, signed(&body), |_| {}).await;
            assert_eq!((response.status(), *attempts.lock().unwrap()), (StatusCode::OK, expected));
        }
    }
}

/// A store that forgets after some time.
#[derive(Default)]
struct Slow(MemoryReplayStore, Arc<Mutex<bool>>);

impl ReplayStore for Slow {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: std::time::Duration) -> ReplayFuture<'a, bool> {
        self.0.remember(key, ttl)
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.forget(key).await?;
            *self.1.lock().unwrap() = true;
            Ok(())
        })
    }
}

#[test]
fn a_store_that_is_slow_forgets_in_the_background_also_where_no_runtime_is() {
    let forgotten = Arc::new(Mutex::new(false));
    let verifier = verifier().with_replay_store(Slow(MemoryReplayStore::new(), Arc::clone(&forgotten)));
    let (router, _) = handled_the_second_time(false);
    let mut serving = Box::pin(router.handle(&verifier, signed(&one("BOOKING_CREATED").body), |_| {}));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(serving.as_mut().poll(&mut context).is_pending());
    drop(serving);
    while !*forgotten.lock().unwrap() {
        std::thread::yield_now();
    }
}

struct Broken;

impl ReplayStore for Broken {
    fn remember<'a>(&'a self, _: &'a DedupeKey, _: std::time::Duration) -> ReplayFuture<'a, bool> {
        Box::pin(std::future::ready(Err("the database is down".into())))
    }

    fn forget<'a>(&'a self, _: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test]
async fn a_replay_store_that_fails_lets_nothing_in_and_says_so() {
    let verifier = verifier().with_replay_store(Broken);
    let rejection = verifier.receive(signed(&one("BOOKING_CREATED").body)).await.unwrap_err();
    assert_eq!((rejection.status().as_u16(), rejection.is_authentic()), (503, true));
    let error = calcom::Error::from(rejection);
    assert_eq!(error.to_string(), "connection failed (HTTP 503): the replay store failed");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the database is down");
}

#[cfg(feature = "axum")]
mod axum_extractor {
    use axum::{Router, body::Body, extract::FromRef, routing::post};
    use calcom::webhook::CalcomWebhook;
    use http_body_util::BodyExt;
    use tower_service::Service;

    use super::*;

    #[derive(Clone)]
    struct App {
        verifier: Verifier,
        calls: Calls,
    }

    impl FromRef<App> for Verifier {
        fn from_ref(app: &App) -> Self {
            app.verifier.clone()
        }
    }

    impl FromRef<App> for Calls {
        fn from_ref(app: &App) -> Self {
            app.calls.clone()
        }
    }

    async fn hook(axum::extract::State(calls): axum::extract::State<Calls>, CalcomWebhook(event): CalcomWebhook) {
        calls.note("hook", &event);
    }

    /// A handler that accepts bodies that are no events.
    async fn lenient(webhook: Result<CalcomWebhook, Rejection>) -> Result<String, Rejection> {
        match webhook {
            Ok(CalcomWebhook(event)) => Ok(event.trigger().to_string()),
            Err(Rejection::InvalidPayload(error)) => Ok(format!("{} bytes from a template", error.body().len())),
            Err(rejection) => Err(rejection),
        }
    }

    fn app(verifier: Verifier) -> (Router, Calls) {
        let calls = Calls::default();
        let router = Router::new().route("/hook", post(hook)).route("/lenient", post(lenient));
        (router.with_state(App { verifier, calls: calls.clone() }), calls)
    }

    async fn send(app: &mut Router, request: Request<impl Into<Body>>) -> (u16, String) {
        let response = app.call(request.map(Into::into)).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_extractor_answers_a_refused_delivery() {
        let (mut app, calls) = app(verifier().with_replay_store(MemoryReplayStore::new()));
        let body = one("BOOKING_CREATED").body;
        let mut forged = signed(&body);
        forged.headers_mut().insert("x-cal-signature-256", "0".repeat(64).parse().unwrap());
        assert_eq!(send(&mut app, forged).await, (401, String::new()));
        assert_eq!(send(&mut app, Request::post("/hook").body(body.clone()).unwrap()).await.0, 401);
        assert_eq!(send(&mut app, signed("type=30min")).await, (400, String::new()));
        assert_eq!(send(&mut app, signed(&" ".repeat((1 << 20) + 1))).await.0, 413);
        assert_eq!(calls.take(), [""; 0]);
        assert_eq!(send(&mut app, signed(&body)).await.0, 200);
        assert_eq!(send(&mut app, signed(&body)).await.0, 200, "received before");
        assert_eq!(calls.take(), ["hook BOOKING_CREATED"]);
    }

    #[tokio::test]
    async fn the_body_of_an_unsigned_request_is_not_read() {
        let (mut app, calls) = app(verifier());
        for signature in [None, Some("no-secret-provided"), Some("sha256=0"), Some("")] {
            let body = pieces(std::iter::repeat_with(|| -> Result<Bytes, io::Error> { panic!("read") }));
            let request = Request::post("/hook");
            let request = signature.into_iter().fold(request, |it, value| it.header("x-cal-signature-256", value));
            assert_eq!(send(&mut app, request.body(body).unwrap()).await.0, 401, "{signature:?}");
        }
        assert_eq!(calls.take(), [""; 0]);
    }

    #[tokio::test]
    async fn a_body_is_not_read_past_the_limit_whatever_its_length_header_says() {
        let (mut app, _) = app(verifier().with_max_body_bytes(100));
        let signed = || Request::post("/hook").header("x-cal-signature-256", "0".repeat(64));
        let endless = || pieces(std::iter::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b' '; 64]))));
        assert_eq!(send(&mut app, signed().body(endless()).unwrap()).await.0, 413);
        let told = Request::post("/hook").header("content-length", "101").body(endless()).unwrap();
        assert_eq!(send(&mut app, told).await.0, 413);
        let broken = pieces(std::iter::once(Err(io::Error::other("reset"))));
        assert_eq!(send(&mut app, signed().body(broken).unwrap()).await.0, 400);
    }

    /// A body in several frames.
    fn pieces(pieces: impl Iterator<Item = Result<Bytes, io::Error>> + Send + 'static) -> Body {
        use std::{
            pin::Pin,
            task::{Context, Poll},
        };

        struct Pieces<I>(I);

        impl<I: Iterator<Item = Result<Bytes, io::Error>> + Unpin> http_body::Body for Pieces<I> {
            type Data = Bytes;
            type Error = io::Error;

            fn poll_frame(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
                Poll::Ready(self.0.next().map(|piece| piece.map(http_body::Frame::data)))
            }
        }

        Body::new(Pieces(Box::new(pieces) as Box<dyn Iterator<Item = _> + Send>))
    }

    #[tokio::test]
    async fn a_handler_can_take_the_refusal_and_the_body_in_it() {
        let (mut app, _) = app(verifier());
        let lenient = |mut request: Request<Bytes>| {
            *request.uri_mut() = "/lenient".parse().unwrap();
            request
        };
        assert_eq!(send(&mut app, lenient(signed("type=30min"))).await, (200, "10 bytes from a template".to_owned()));
        let event = lenient(signed(&one("BOOKING_CANCELLED").body));
        assert_eq!(send(&mut app, event).await, (200, "BOOKING_CANCELLED".to_owned()));
        let unsigned = Request::post("/lenient").body(Bytes::new()).unwrap();
        assert_eq!(send(&mut app, unsigned).await.0, 401);
    }
}
