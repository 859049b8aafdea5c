//! Webhooks of absences from video calls, and versions of deliveries: what is asked for is sent, and read back.

use calcom::{
    Client, Error,
    model::{CreateWebhook, Trigger, UpdateWebhook, WebhookTimeUnit},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{self, bodies};

const URL: &str = "https://example.com/hook";
const WEBHOOKS: &str = "/v2/webhooks";

async fn answering(verb: &str, at: &str, data: Value) -> (MockServer, Client) {
    support::answering(None, verb, at, 200, json!({"status": "success", "data": data})).await
}

fn stored() -> Value {
    json!({"id": "x", "userId": 1, "subscriberUrl": URL, "active": true, "triggers": ["AFTER_HOSTS_CAL_VIDEO_NO_SHOW"],
        "payloadTemplate": null, "secret": null, "version": "2026-07-27", "time": 5, "timeUnit": "MINUTE"})
}

fn problems(outcome: Result<impl std::fmt::Debug, Error>) -> Vec<String> {
    outcome.unwrap_err().field_errors().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn time_unit_and_version_are_sent_and_read_back() {
    let (server, api) = answering("POST", WEBHOOKS, stored()).await;
    let sent = json!({"active": true, "subscriberUrl": URL, "triggers": ["AFTER_HOSTS_CAL_VIDEO_NO_SHOW"],
        "version": "2026-07-27", "time": 5, "timeUnit": "MINUTE"});
    let asked = CreateWebhook::new(URL, [Trigger::AfterHostsCalVideoNoShow])
        .time(5, WebhookTimeUnit::Minute)
        .version("2026-07-27");
    let made = api.webhooks().create(&asked).await.unwrap();
    assert_eq!(bodies(&server).await, std::slice::from_ref(&sent));
    assert_eq!(serde_json::from_value::<CreateWebhook>(sent.clone()).unwrap(), asked);
    assert_eq!(serde_json::to_value(&asked).unwrap(), sent);
    assert_eq!((made.time(), made.time_unit(), made.version()), (asked.time, asked.time_unit, Some("2026-07-27")));

    let (server, api) = answering("PATCH", "/v2/webhooks/x", stored()).await;
    let changes = UpdateWebhook::default().time(2, WebhookTimeUnit::from("WEEK")).version("2021-10-20");
    api.webhooks().update("x", &changes).await.unwrap();
    let sent = json!({"time": 2, "timeUnit": "WEEK", "version": "2021-10-20"});
    assert_eq!(bodies(&server).await, std::slice::from_ref(&sent));
    assert_eq!(serde_json::from_value::<UpdateWebhook>(sent).unwrap(), changes);
}

#[tokio::test]
async fn without_a_time_absences_from_video_calls_are_refused_before_anything_is_sent() {
    let server = MockServer::start().await;
    let webhooks = support::client(&server).webhooks();
    let both = [
        "time: is required for a trigger about absences from a video call",
        "timeUnit: is required for a trigger about absences from a video call",
    ];
    for trigger in [Trigger::AfterHostsCalVideoNoShow, Trigger::AfterGuestsCalVideoNoShow] {
        let mut asked = CreateWebhook::new(URL, [Trigger::BookingCreated, trigger.clone()]);
        assert_eq!(problems(webhooks.create(&asked).await), both);
        asked.time = Some(5);
        assert_eq!(problems(webhooks.create(&asked).await), both[1..]);
        let changes = UpdateWebhook::default().triggers([trigger.clone()]);
        assert_eq!(problems(webhooks.update("x", &changes).await), both);
        assert_eq!(problems(webhooks.ensure(URL, &[trigger], "key").await), both);
    }
    let zero = UpdateWebhook::default().time(0, WebhookTimeUnit::from(" "));
    assert_eq!(
        problems(webhooks.update("x", &zero).await),
        ["time: must be at least 1", "timeUnit: must not be empty"]
    );
    let mut unit_alone = CreateWebhook::new(URL, [Trigger::BookingCreated]);
    unit_alone.time_unit = Some(WebhookTimeUnit::Day);
    assert_eq!(problems(webhooks.create(&unit_alone).await), ["time: is required for a timeUnit"]);
    assert!(bodies(&server).await.is_empty(), "nothing is sent");
}

#[tokio::test]
async fn ensure_as_changes_time_and_version_only_if_they_differ() {
    let wanted = CreateWebhook::new(URL, [Trigger::AfterHostsCalVideoNoShow]).time(5, WebhookTimeUnit::Minute);
    let other_triggers = CreateWebhook::new(URL, [Trigger::AfterGuestsCalVideoNoShow]).time(5, WebhookTimeUnit::Minute);
    for (wanted, change) in [
        (wanted.clone(), None),
        (wanted.clone().version("2026-07-27"), None),
        (wanted.clone().version("2021-10-20"), Some(json!({"version": "2021-10-20"}))),
        (wanted.clone().time(5, WebhookTimeUnit::Hour), Some(json!({"time": 5, "timeUnit": "HOUR"}))),
        (wanted.clone().inactive(), Some(json!({"active": false}))),
        (
            other_triggers,
            Some(json!({"triggers": ["AFTER_GUESTS_CAL_VIDEO_NO_SHOW"], "time": 5, "timeUnit": "MINUTE"})),
        ),
    ] {
        let (server, api) = answering("GET", WEBHOOKS, json!([stored()])).await;
        let changed = ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": stored()}));
        Mock::given(method("PATCH")).and(path("/v2/webhooks/x")).respond_with(changed).mount(&server).await;
        api.webhooks().ensure_as(&wanted).await.unwrap();
        let changes = bodies(&server).await.into_iter().filter(|body| !body.is_null());
        assert_eq!(Vec::from_iter(changes), Vec::from_iter(change));
    }
}
