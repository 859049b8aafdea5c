//! The events of the limiter, the circuit breakers and the booking service.

use std::{collections::BTreeMap, time::Duration};

use calcom::{
    ApiKey, Client,
    model::{CancelBooking, CreateBooking},
    service::{Appointment, IdempotencyKey, Service},
};
use calcom_fake::{FakeCalcom, Fault, ResetPoint};
use serde_json::json;

use crate::support::{
    log::Log,
    socket::{self, answer},
};

const KEY: &str = "planted-key-of-jane";
const EMAIL: &str = "planted.jane@example.org";

/// The events of a target: their fields, without quotes.
fn events(log: &Log, target: &str) -> Vec<BTreeMap<String, String>> {
    let (mut found, mut is_wanted) = (Vec::new(), false);
    for line in log.text().lines() {
        let words: Vec<_> = line.split(' ').collect();
        match *words {
            [_, "span" | "event", of, ..] => {
                is_wanted = words[1] == "event" && of == target;
                if is_wanted {
                    found.push(BTreeMap::new());
                }
            }
            _ if is_wanted => {
                let (name, value) = line.split_once(" = ").unwrap();
                let fields = found.last_mut().unwrap();
                fields.insert(name.to_owned(), value.trim_matches('"').to_owned());
            }
            _ => {}
        }
    }
    found
}

/// Each decision as one word, with its outcome.
fn decisions(log: &Log) -> Vec<String> {
    let events = events(log, "calcom::service");
    let show = |event: &BTreeMap<String, String>| {
        let outcome = event.get("outcome").map(|outcome| format!(" {outcome}")).unwrap_or_default();
        format!("{}: {}{outcome}", event["state"], event["action"])
    };
    let mut shown: Vec<_> = events.iter().map(show).collect();
    shown.dedup();
    shown
}

fn is_hash(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| b"0123456789abcdef".contains(&byte))
}

fn appointment() -> Appointment {
    let start = "2026-12-01T10:00:00Z".parse().unwrap();
    Appointment::new(CreateBooking::new(1, start, "Planted Jane", EMAIL).time_zone("UTC")).key(KEY)
}

fn service(fake: &FakeCalcom) -> Service {
    crate::service::service(fake)
}

#[tokio::test(start_paused = true)]
async fn every_decision_on_a_booking_is_an_event_that_shows_neither_key_nor_person() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let log = Log::start();
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let booked = service.book(appointment()).await.done().unwrap();
    assert!(booked.found);
    service.idle().await;
    assert_eq!(decisions(&log), ["caller_key: lookup", "caller_key: send", "unresolved: lookup", "found: finish done"]);
    let all = events(&log, "calcom::service");
    let key = all[0]["key"].clone();
    assert!(is_hash(&key, 16), "{key}");
    assert!(all.iter().all(|event| event["key"] == key), "{all:?}");
    assert_eq!((&*all[0]["sends"], &*all.last().unwrap()["sends"]), ("0", "1"));
    // One key has one hash, another key another.
    service.book(appointment()).await.done().unwrap();
    assert!(events(&log, "calcom::service").iter().all(|event| event["key"] == key));
    let changed = service.cancel(booked.booking.uid.clone(), &CancelBooking::with_reason("planted reason")).await;
    assert!(changed.is_done());
    let shown = decisions(&log);
    assert_eq!(shown[shown.len() - 3..], ["unread: read", "unchanged: send", "changed: finish done"]);
    let all = events(&log, "calcom::service");
    let of_change = &all.last().unwrap()["key"];
    assert!(is_hash(of_change, 16) && *of_change != key);
    let text = log.of_calcom();
    for planted in [KEY, EMAIL, "Planted Jane", "planted reason"] {
        assert!(!text.to_lowercase().contains(&planted.to_lowercase()), "{planted}");
    }
    for event in all {
        assert!(!event.values().any(|value| value.contains(booked.booking.uid.as_str())), "{event:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_that_ends_before_anything_is_sent_is_one_event() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let log = Log::start();
    let start = "2026-12-01T10:00:00Z".parse().unwrap();
    let invalid = CreateBooking::new(1, start, "", "no address");
    assert!(service.book(Appointment::new(invalid)).await.is_not_done());
    assert_eq!(decisions(&log), ["blocked: finish not_done"]);
    let log = Log::start();
    let outcome = service.cancel("uid-1", &CancelBooking::with_reason("no\0text")).await;
    assert!(outcome.is_not_done());
    assert_eq!(decisions(&log), ["impossible: finish not_done"]);
    let log = Log::start();
    assert!(service.reconcile(&IdempotencyKey::from("no-such-key")).await.is_unknown());
    assert_eq!(decisions(&log), ["interrupted: finish unknown"]);
    let log = Log::start();
    fake.fault(Fault::reset(ResetPoint::BeforeRequest).always());
    let service = service.with_deadline(Duration::from_secs(2));
    assert!(service.book(appointment()).await.is_unknown());
    let shown = decisions(&log);
    assert!(shown.last().unwrap().ends_with(": finish unknown"), "{shown:?}");
    let ends = events(&log, "calcom::service").into_iter().filter(|event| event["action"] == "finish").count();
    assert_eq!(ends, 1, "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_after_a_call_is_an_event() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let log = Log::start();
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let start = "2026-12-01T10:00:00Z".parse().unwrap();
    let wanted = CreateBooking::new(2, start, "Planted Jane", EMAIL).time_zone("UTC");
    let booked = service.book(Appointment::new(wanted).key(KEY)).await;
    assert!(booked.done().unwrap().watched);
    let shown = decisions(&log);
    assert_eq!(shown.iter().filter(|event| event.ends_with(": watch")).count(), 1, "{shown:?}");
    service.idle().await;
}

fn client(service: &socket::Service, config: serde_json::Value) -> Client {
    let mut settings = json!({ "api_url": service.url(), "cache": { "enabled": false } });
    settings.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
    let builder = Client::builder().config(serde_json::from_value(settings).unwrap());
    builder.credentials(ApiKey::new("cal_live_planted")).build().unwrap()
}

fn success() -> Vec<u8> {
    crate::support::classes::success(calcom::operation::Resend::Safe)
}

#[tokio::test(start_paused = true)]
async fn every_wait_of_the_limiter_is_one_event_that_says_why_and_how_long() {
    let refused = answer(429, &[("retry-after", "7")], "{}");
    let service = socket::Service::answering([refused, success(), success(), success()]).await;
    let client = client(&service, json!({}));
    let log = Log::start();
    client.raw().list_webhooks().await.unwrap();
    let waits = events(&log, "calcom::limiter");
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!((&*waits[0]["reason"], &*waits[0]["operation"]), ("quota", "list_webhooks"));
    let waited: u64 = waits[0]["wait_ms"].parse().unwrap();
    assert!((7_000..8_500).contains(&waited), "{waited}");
    // A call that does not wait sends no event.
    let log = Log::start();
    client.raw().list_webhooks().await.unwrap();
    assert!(events(&log, "calcom::limiter").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_behind_another_waits_in_the_queue_and_one_that_is_dropped_is_an_event_too() {
    let refused = answer(429, &[("retry-after", "7")], "{}");
    let service = socket::Service::answering([refused, success(), success(), success()]).await;
    let client = client(&service, json!({}));
    let log = Log::start();
    let call = async || client.raw().list_webhooks().await.map(drop);
    let late = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        call().await
    };
    let dropped = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        tokio::time::timeout(Duration::from_secs(1), call()).await.unwrap_err();
    };
    let (first, second, ()) = tokio::join!(call(), late, dropped);
    first.unwrap();
    second.unwrap();
    let waits = events(&log, "calcom::limiter");
    let of = |reason: &str| waits.iter().filter(|wait| wait["reason"] == reason).count();
    assert_eq!((of("queue"), of("quota")), (2, 1), "{waits:?}");
    let shortest = waits.iter().map(|wait| wait["wait_ms"].parse::<u64>().unwrap()).min();
    assert!(shortest.is_some_and(|ms| (900..1_100).contains(&ms)), "{waits:?}");
    assert!(!log.of_calcom().contains("cal_live_planted"));
}

#[tokio::test(start_paused = true)]
async fn every_change_of_a_circuit_is_one_event() {
    let answers = [answer(500, &[], "{}"), answer(500, &[], "{}"), success(), success(), success()];
    let service = socket::Service::answering(answers).await;
    let config = json!({ "retry": { "times": 1 }, "circuit_breaker": { "failure_threshold": 2, "success_threshold": 1, "timeout": 10 } });
    let client = client(&service, config);
    let log = Log::start();
    for _ in 0..2 {
        client.raw().list_webhooks().await.unwrap_err();
    }
    tokio::time::sleep(Duration::from_secs(11)).await;
    client.raw().list_webhooks().await.unwrap();
    let changes = events(&log, "calcom::breaker");
    let shown: Vec<_> = changes.iter().map(|it| format!("{} {} {}", it["operation"], it["from"], it["to"])).collect();
    assert_eq!(
        shown,
        ["list_webhooks CLOSED OPEN", "list_webhooks OPEN HALF_OPEN", "list_webhooks HALF_OPEN CLOSED"],
        "{changes:?}"
    );
    assert!(changes.iter().all(|change| is_hash(&change["tenant"], 8)), "{changes:?}");
}
