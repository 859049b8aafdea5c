//! The cache: keys with the tenant in them, times to live, invalidation, single flight.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use calcom::{
    ApiKey, Client,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, RescheduleBooking, SlotQuery},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeUser};
use jiff::Timestamp;
use serde_json::json;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{once, pass, user};

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn client(fake: &FakeCalcom, key: &str) -> Client {
    Client::builder().credentials(ApiKey::new(key)).api_url(fake.url()).build().unwrap()
}

fn monday(event_type: i64) -> SlotQuery {
    SlotQuery::new(event_type, at("2026-11-30T00:00:00Z"), at("2026-11-30T23:59:59Z"))
}

/// The number of requests for a path.
fn asked(fake: &FakeCalcom, path: &str) -> usize {
    fake.requests().iter().filter(|request| request.method == "GET" && request.path == path).count()
}

#[tokio::test]
async fn documented_times_to_live() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake, &fake.api_key());
    for (path, seconds) in [("/v2/event-types", 300), ("/v2/slots", 60), ("/v2/me", 600), ("/v2/schedules", 300)] {
        let call = async || match path {
            "/v2/event-types" => client.raw().list_event_types().await.map(drop),
            "/v2/slots" => client.slots().list(&monday(1)).await.map(drop),
            "/v2/me" => client.me().get().await.map(drop),
            _ => client.schedules().list().await.map(drop),
        };
        call().await.unwrap();
        pass(Duration::from_secs(seconds - 1)).await;
        call().await.unwrap();
        assert_eq!(asked(&fake, path), 1, "{path}");
        pass(Duration::from_secs(1)).await;
        call().await.unwrap();
        assert_eq!(asked(&fake, path), 2, "{path}");
    }
}

#[tokio::test]
async fn no_tenant_ever_sees_the_answer_of_another() {
    let fake = FakeCalcom::recorded_seed().await;
    let john = client(&fake, &fake.api_key_of("johndoe"));
    // The same pool, the same store, the same request.
    let jane = john.with_credentials(ApiKey::new(fake.api_key_of("janeroe"))).unwrap();
    for _ in 0..2 {
        assert_eq!(john.me().get().await.unwrap().username.as_deref(), Some("johndoe"));
        assert_eq!(jane.me().get().await.unwrap().username.as_deref(), Some("janeroe"));
    }
    assert_eq!(asked(&fake, "/v2/me"), 2);
    // The second tenant does not use the first one's credential either.
    let sent: Vec<_> =
        fake.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["johndoe", "janeroe"].map(|name| format!("Bearer {}", fake.api_key_of(name))));
}

#[tokio::test]
async fn booking_moving_and_cancelling_make_the_slots_of_that_event_type_stale() {
    let user = FakeUser::new("johndoe").api_key("cal_test_john");
    let event = |slug| FakeEventType::new("johndoe", slug, 30);
    let now = at("2026-11-23T08:00:00Z");
    let fake = FakeCalcom::builder().at(now).user(user).event_type(event("a")).event_type(event("b")).start().await;
    let client = client(&fake, "cal_test_john");
    let free = async |event_type| client.slots().list(&monday(event_type)).await.unwrap().len();
    let by_slug = SlotQuery::for_user("johndoe", "a", at("2026-11-30T00:00:00Z"), at("2026-11-30T23:59:59Z"));
    let (all, _) = (free(1).await, free(2).await);
    assert_eq!(client.slots().list(&by_slug).await.unwrap().len(), all);

    let new = CreateBooking::new(1, at("2026-11-30T10:00:00Z"), "Alice", "alice@example.org");
    let booking = client.bookings().create(&new).await.unwrap();
    assert_eq!(free(1).await, all - 1, "booked");
    assert_eq!(client.slots().list(&by_slug).await.unwrap().len(), all - 1);
    let moved = RescheduleBooking::to(at("2026-12-02T10:00:00Z"));
    let booking = client.bookings().reschedule(booking.uid, &moved).await.unwrap();
    assert_eq!(free(1).await, all, "moved away");
    let back = RescheduleBooking::to(at("2026-11-30T11:00:00Z"));
    let booking = client.bookings().reschedule(booking.uid, &back).await.unwrap();
    assert_eq!(free(1).await, all - 1, "moved back");
    client.bookings().cancel(booking.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    assert_eq!(free(1).await, all, "cancelled");
    // Another caller took the slot: the cached slots were wrong.
    let other = client.with_credentials(calcom::Credentials::Anonymous).unwrap();
    other.bookings().create(&new).await.unwrap();
    assert!(matches!(client.bookings().create(&new).await, Err(calcom::Error::Conflict(_))));
    assert_eq!(free(1).await, all - 1);

    free(2).await;
    let of_b = fake.requests().iter().filter(|it| it.query_value("eventTypeId") == Some("2")).count();
    assert_eq!(of_b, 2, "its host is busy in another event type, too");
}

#[tokio::test]
async fn a_change_of_a_resource_makes_its_cached_responses_stale() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake, &fake.api_key());
    for _ in 0..2 {
        client.me().get().await.unwrap();
        client.schedules().list().await.unwrap();
        let changes = serde_json::from_value(json!({"timeZone": "Europe/Paris"})).unwrap();
        client.me().update(&changes).await.unwrap();
    }
    assert_eq!((asked(&fake, "/v2/me"), asked(&fake, "/v2/schedules")), (2, 2));
    assert_eq!(client.me().get().await.unwrap().time_zone, "Europe/Paris");
}

/// A server whose responses are numbered, and which knows validators.
async fn numbered(body: impl Fn(usize) -> ResponseTemplate + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    let answer = move |_: &Request| body(count.fetch_add(1, Ordering::Relaxed));
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn sent(server: &MockServer) -> usize {
    let sent = server.received_requests().await.unwrap().len();
    // A mock server that is dropped by a task without budget left never ends: it polls a lock of tokio in a loop.
    tokio::task::yield_now().await;
    sent
}

fn profile(id: usize) -> ResponseTemplate {
    ResponseTemplate::new(200).insert_header("etag", "W/\"planted\"").set_body_json(user(id))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_callers_cause_one_request() {
    let server = numbered(|n| profile(n).set_delay(Duration::from_millis(50))).await;
    let client = once(server.uri()).build().unwrap();
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.raw().get_me().await.unwrap().data.id })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 0);
    }
    assert_eq!(sent(&server).await, 1);
}

#[tokio::test]
async fn if_the_fetching_call_is_dropped_a_waiting_call_fetches() {
    let server = numbered(|n| if n == 0 { profile(0).set_delay(Duration::from_secs(3_600)) } else { profile(n) }).await;
    let client = once(server.uri()).build().unwrap();
    let call = || {
        let client = client.clone();
        tokio::spawn(async move { client.raw().get_me().await.unwrap().data.id })
    };
    let first = call();
    while sent(&server).await == 0 {
        tokio::task::yield_now().await;
    }
    let others: Vec<_> = (0..100).map(|_| call()).collect();
    tokio::task::yield_now().await;
    first.abort();
    for other in others {
        assert_eq!(other.await.unwrap(), 1);
    }
    assert_eq!(sent(&server).await, 2);
}

#[tokio::test]
async fn a_write_that_its_caller_drops_midway_makes_stale_what_it_may_have_changed() {
    let server = numbered(|n| if n == 1 { profile(1).set_delay(Duration::from_secs(3_600)) } else { profile(n) }).await;
    let client = once(server.uri()).build().unwrap();
    let read = async || client.raw().get_me().await.unwrap().data.id;
    assert_eq!((read().await, read().await), (0, 0));
    let writer = client.clone();
    let changes = serde_json::from_value(json!({"timeZone": "Europe/Paris"})).unwrap();
    let write = tokio::spawn(async move { writer.me().update(&changes).await.map(drop) });
    while sent(&server).await == 1 {
        tokio::task::yield_now().await;
    }
    write.abort();
    assert!(write.await.unwrap_err().is_cancelled());
    assert_eq!((read().await, read().await), (2, 2));
    let methods: Vec<_> = server.received_requests().await.unwrap().iter().map(|it| it.method.to_string()).collect();
    assert_eq!(methods, ["GET", "PATCH", "GET"]);
}

#[tokio::test]
async fn errors_are_not_kept() {
    let server = numbered(|n| if n == 0 { ResponseTemplate::new(500) } else { profile(n) }).await;
    let client = once(server.uri()).build().unwrap();
    assert!(client.raw().get_me().await.is_err());
    assert_eq!(client.raw().get_me().await.unwrap().data.id, 1);
}

#[tokio::test]
async fn after_expiry_the_service_is_asked_whether_anything_has_changed() {
    let changed = Arc::new(AtomicBool::new(false));
    let has_changed = Arc::clone(&changed);
    let server = MockServer::start().await;
    let answer = move |request: &Request| {
        let known = request.headers.get("if-none-match").is_some_and(|tag| tag == "W/\"planted\"");
        match (known, has_changed.load(Ordering::Relaxed)) {
            (true, false) => ResponseTemplate::new(304),
            (_, changed) => profile(usize::from(changed)),
        }
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = once(server.uri()).build().unwrap();
    let id = async || client.raw().get_me().await.unwrap().data.id;
    let answers = async || {
        let requests = server.received_requests().await.unwrap();
        requests.iter().filter(|request| request.headers.contains_key("if-none-match")).count()
    };
    assert_eq!((id().await, answers().await), (0, 0));
    for n in 1..=3 {
        pass(Duration::from_secs(600)).await;
        assert_eq!((id().await, answers().await), (0, n));
        assert_eq!((id().await, answers().await), (0, n), "fresh for its whole time again");
    }
    // An invalidated response is requested with its validator too: the service compares.
    client.cache().flush("user").await;
    changed.store(true, Ordering::Relaxed);
    assert_eq!((id().await, answers().await), (1, 4));
    assert_eq!(client.raw().get_me().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_empty_slot_list_is_fresh_for_five_seconds() {
    let server = numbered(|_| ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": {}}))).await;
    let client = once(server.uri()).build().unwrap();
    for (wait, requests) in [(0, 1), (4, 1), (1, 2), (4, 2)] {
        pass(Duration::from_secs(wait)).await;
        client.slots().list(&monday(1)).await.unwrap();
        assert_eq!(sent(&server).await, requests);
    }
}

#[tokio::test]
async fn a_call_can_bypass_the_cache_or_refresh_it() {
    let server = numbered(profile).await;
    let client = once(server.uri()).build().unwrap();
    let id = async |client: &Client| client.raw().get_me().await.unwrap().data.id;
    assert_eq!(id(&client).await, 0);
    assert_eq!(id(&client.bypass_cache()).await, 1);
    assert_eq!(id(&client).await, 0, "what went past the cache is not in it");
    assert_eq!(id(&client.refresh_cache()).await, 2);
    assert_eq!(id(&client).await, 2);
    client.cache().flush_all().await;
    assert_eq!(id(&client).await, 3);
}

#[tokio::test]
async fn a_refresh_is_newer_than_what_another_client_of_the_store_has_cached_often() {
    let server = numbered(profile).await;
    let store = calcom::state::Store::memory(1 << 20);
    let id = async |client: &Client| client.raw().get_me().await.unwrap().data.id;
    let [often, once] = [(); 2].map(|()| once(server.uri()).store(store.clone()).build().unwrap());
    for n in 0..20 {
        assert_eq!(id(&often.refresh_cache()).await, n);
    }
    assert_eq!(id(&once).await, 19);
    assert_eq!(id(&once.refresh_cache()).await, 20);
}

#[tokio::test]
async fn settings_disable_the_cache_and_change_its_times_to_live() {
    let server = numbered(profile).await;
    let client = |cache| {
        let config = serde_json::from_value(json!({"api_url": server.uri(), "cache": cache})).unwrap();
        Client::builder().config(config).credentials(ApiKey::new("k")).build()
    };
    let off = client(json!({"enabled": false})).unwrap();
    for _ in 0..3 {
        off.raw().get_me().await.unwrap();
    }
    assert_eq!(sent(&server).await, 3);
    let short = client(json!({"ttl": {"user": 0.5}})).unwrap();
    for _ in 0..3 {
        short.raw().get_me().await.unwrap();
        pass(Duration::from_millis(500)).await;
    }
    assert_eq!(sent(&server).await, 6);
    assert!(client(json!({"ttl": {"bookings": 1}})).is_err(), "bookings are never kept");
}

#[tokio::test]
async fn a_cached_response_keeps_its_decoded_value() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake, &fake.api_key());
    let list = async |filter: &EventTypeFilter| client.event_types().list(filter).await.unwrap();
    let all = EventTypeFilter::default();
    let (first, mut second) = (list(&all).await, list(&all).await);
    assert!(std::ptr::eq(&*first.event_type_groups, &*second.event_type_groups), "two hits share one list");
    // A caller that changes its value changes only its own copy.
    second.event_type_groups.clear();
    assert_eq!(list(&all).await, first);
    // Filters of this crate apply to each call separately.
    let mut visible = EventTypeFilter::default();
    visible.active = Some(true);
    assert!(list(&visible).await.len() <= first.len());
    assert_eq!(list(&all).await.len(), first.len());
    assert_eq!(asked(&fake, "/v2/event-types"), 1);
    // Undocumented fields can be read, through raw methods and the facade alike.
    let raw = client.raw().list_event_types().await.unwrap();
    let again = client.raw().list_event_types().await.unwrap();
    assert!(std::ptr::eq(&*raw, &*again));
    assert_eq!(raw.data.len(), first.len());
    assert_eq!(again.into_inner().data.len(), first.len());
    assert!(first.iter().all(|event_type| event_type.extra("bookingFields").is_some()));
    assert_eq!(asked(&fake, "/v2/event-types"), 1);
    // A response that a 304 confirms is not decoded again.
    client.cache().flush("event_types").await;
    assert!(std::ptr::eq(&*list(&all).await.event_type_groups, &*first.event_type_groups));
    assert_eq!(asked(&fake, "/v2/event-types"), 2);
}
