//! Caching.

use std::time::Duration;

use calcom::{ApiKey, Client, facade::EventTypeFilter, model::SlotQuery};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::{answering, differs, holds};
use crate::support::client;

/// A service of the documented answers.
async fn documented() -> (MockServer, Client) {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let text = match request.url.path() {
            "/v2/me" => include_str!("me.json"),
            "/v2/schedules" => include_str!("schedules.json"),
            "/v2/slots" | "/v2/slots/available" => include_str!("slots.json"),
            path if path.contains("/schedules/") => {
                let all: Value = serde_json::from_str(include_str!("schedules.json")).unwrap();
                return ResponseTemplate::new(200).set_body_json(json!({"data": all["data"][0]}));
            }
            "/v2/event-types/7" => {
                let all: Value = serde_json::from_str(include_str!("event-types.json")).unwrap();
                let one = &all["data"]["eventTypeGroups"][0]["eventTypes"][0];
                return ResponseTemplate::new(200).set_body_json(json!({"data": one}));
            }
            _ => include_str!("event-types.json"),
        };
        ResponseTemplate::new(200).set_body_raw(text, "application/json")
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server);
    (server, client)
}

fn slots(first: &str, last: &str) -> SlotQuery {
    SlotQuery::new(2026361, first.parse().unwrap(), last.parse().unwrap())
}

fn by_slug() -> SlotQuery {
    SlotQuery::for_user(
        "johndoe",
        "30min",
        "2025-01-15T00:00:00Z".parse().unwrap(),
        "2025-01-15T23:59:59Z".parse().unwrap(),
    )
}

fn team(id: i64) -> EventTypeFilter {
    serde_json::from_value(json!({"teamId": id})).unwrap()
}

/// Asks one of the questions whose answers are kept.
async fn ask(client: &Client, question: &str) {
    match question {
        "team 123" => drop(client.event_types().list(&team(123)).await.unwrap()),
        "team 124" => drop(client.event_types().list(&team(124)).await.unwrap()),
        "own event types" => drop(client.event_types().list(&EventTypeFilter::default()).await.unwrap()),
        "event type 7" => drop(client.event_types().get(7).await.unwrap()),
        "slots of a day" => {
            drop(client.slots().list(&slots("2025-01-15T00:00:00Z", "2025-01-15T23:59:59Z")).await.unwrap());
        }
        "slots of another day" => {
            drop(client.slots().list(&slots("2025-01-20T00:00:00Z", "2025-01-20T23:59:59Z")).await.unwrap());
        }
        "slots of a quarter" => {
            drop(client.slots().list(&slots("2025-01-01T00:00:00Z", "2025-03-31T23:59:59Z")).await.unwrap());
        }
        "slots by slug" => drop(client.slots().list(&by_slug()).await.unwrap()),
        "slots by the older route" => drop(client.slots().list_legacy(&by_slug()).await.unwrap()),
        "me" => drop(client.me().get().await.unwrap()),
        "schedules" => drop(client.schedules().list().await.unwrap()),
        "schedule 789" => drop(client.schedules().get(789).await.unwrap()),
        "default schedule" => drop(client.schedules().default().await.unwrap()),
        other => panic!("{other}"),
    }
}

/// Whether a key forgets the answer to a question. Two clients are asked: in one, two tags can have one counter.
async fn forgets(key: &str, question: &str) -> bool {
    forgets_in_one(key, question).await && forgets_in_one(key, question).await
}

async fn forgets_in_one(key: &str, question: &str) -> bool {
    let (server, client) = documented().await;
    let asked = async || server.received_requests().await.unwrap().len();
    ask(&client, question).await;
    ask(&client, question).await;
    assert_eq!(asked().await, 1, "{question}: the answer is kept");
    client.cache().forget(key).await;
    ask(&client, question).await;
    asked().await == 2
}

async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

/// The answer to a question is kept for so long and no longer.
async fn lives(question: &str, seconds: u64) {
    let (server, client) = documented().await;
    for (time, expected) in [(0, 1), (seconds - 2, 1), (2, 2)] {
        pass(time).await;
        ask(&client, question).await;
        assert_eq!(server.received_requests().await.unwrap().len(), expected, "{question} after {time} s more");
    }
}

#[tokio::test]
async fn cache_keys_event_types_live_300_s() {
    holds("Cache Keys");
    for question in ["own event types", "team 123", "event type 7"] {
        lives(question, 300).await;
    }
}

#[tokio::test]
async fn cache_keys_available_slots_live_60_s() {
    holds("Cache Keys");
    for question in ["slots of a day", "slots by slug", "slots by the older route"] {
        lives(question, 60).await;
    }
}

#[tokio::test]
async fn cache_keys_an_empty_list_of_slots_lives_5_s() {
    differs("Cache Keys", "empty-slots");
    let (server, client) = answering(r#"{"status": "success", "data": {}}"#).await;
    let question = slots("2025-01-15T00:00:00Z", "2025-01-15T23:59:59Z");
    for (seconds, expected) in [(0, 1), (4, 1), (1, 2)] {
        pass(seconds).await;
        client.slots().list(&question).await.unwrap();
        assert_eq!(server.received_requests().await.unwrap().len(), expected);
    }
}

#[tokio::test]
async fn cache_keys_user_data_lives_600_s() {
    holds("Cache Keys");
    lives("me", 600).await;
}

#[tokio::test]
async fn cache_keys_schedules_live_300_s() {
    holds("Cache Keys");
    for question in ["schedules", "schedule 789", "default schedule"] {
        lives(question, 300).await;
    }
}

#[tokio::test]
async fn cache_keys_are_a_tenants_own() {
    differs("Cache Keys", "redis-tenants");
    let (server, client) = documented().await;
    let other = client.with_credentials(ApiKey::new("cal_live_other")).unwrap();
    ask(&client, "me").await;
    ask(&other, "me").await;
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn cache_management_event_types_of_a_team_are_forgotten() {
    holds("Cache Management");
    for key in ["calcom:event_types:123", "event_types:123", "calcom:event_types"] {
        assert!(forgets(key, "team 123").await, "{key}");
    }
    assert!(!forgets("calcom:event_types:124", "team 123").await);
    assert!(!forgets("calcom:slots:123", "team 123").await);
}

#[tokio::test]
async fn cache_management_event_types_of_no_team_are_forgotten() {
    holds("Cache Management");
    for key in ["calcom:event_types:", "calcom:event_types:null"] {
        assert!(forgets(key, "own event types").await, "{key}");
        assert!(!forgets(key, "team 124").await, "{key}");
    }
}

#[tokio::test]
async fn cache_management_slots_of_a_day_are_forgotten_however_they_were_asked_for() {
    holds("Cache Management");
    let key = "calcom:slots:2026361:2025-01-15";
    for question in ["slots of a day", "slots of a quarter", "slots by slug", "slots by the older route"] {
        assert!(forgets(key, question).await, "{question}");
    }
    assert!(!forgets(key, "slots of another day").await);
    assert!(!forgets("calcom:slots:7:2025-01-15", "slots of a day").await);
}

#[tokio::test]
async fn cache_management_the_user_is_forgotten() {
    holds("Cache Management");
    assert!(forgets("calcom:user:12345", "me").await);
    assert!(!forgets("calcom:schedules:12345", "me").await);
}

#[tokio::test]
async fn cache_management_the_users_schedules_are_forgotten() {
    holds("Cache Management");
    for question in ["schedules", "schedule 789", "default schedule"] {
        assert!(forgets("calcom:schedules:12345", question).await, "{question}");
    }
    assert!(!forgets("calcom:user:12345", "schedules").await);
}

#[tokio::test]
async fn cache_management_what_may_be_covered_is_forgotten_too() {
    differs("Cache Management", "keys-cover");
    for (key, question) in [
        ("calcom:event_types:123", "own event types"),
        ("calcom:event_types:123", "event type 7"),
        ("calcom:user:999", "me"),
        ("calcom:schedules:999", "schedules"),
        ("calcom:slots:7:2025-01-15", "slots by slug"),
    ] {
        assert!(forgets(key, question).await, "{key} and {question}");
    }
}

#[tokio::test]
async fn cache_management_everything_is_flushed() {
    holds("Cache Management");
    for question in ["team 123", "own event types", "slots of a day", "me", "schedules"] {
        for everything in ["calcom", "flush_all"] {
            let (server, client) = documented().await;
            ask(&client, question).await;
            match everything {
                "flush_all" => client.cache().flush_all().await,
                tag => client.cache().flush(tag).await,
            }
            ask(&client, question).await;
            assert_eq!(server.received_requests().await.unwrap().len(), 2, "{question} by {everything}");
        }
    }
}

#[tokio::test]
async fn cache_management_other_tenants_keep_theirs() {
    differs("Cache Management", "flush-tenant");
    let (server, client) = documented().await;
    let other = client.with_credentials(ApiKey::new("cal_live_other")).unwrap();
    ask(&other, "me").await;
    client.cache().flush_all().await;
    ask(&other, "me").await;
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
