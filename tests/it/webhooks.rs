use std::sync::{Arc, Mutex};

use calcom::{
    Client, Error,
    facade::Webhooks,
    model::{CreateWebhook, EventTypeId, Trigger, UpdateWebhook, UserId, Webhook, WebhookSecret},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, Respond, ResponseTemplate,
    matchers::{any, method, path, query_param, query_param_is_missing},
};

use crate::support::{self, bodies, client, recorded_body};

const URL: &str = "http://127.0.0.1:8099/hook/user";
const SECRET: &str = "whsec_test_0123456789";
const USERS: &str = "/v2/webhooks";
const EVENT_TYPES: &str = "/v2/event-types/6/webhooks";

async fn answering(verb: &str, at: &str, status: u16, body: Value) -> (MockServer, Client) {
    support::answering(None, verb, at, status, body).await
}

fn webhook(id: &str, url: &str, secret: &str) -> Value {
    json!({"id": id, "payloadTemplate": null, "triggers": ["BOOKING_CREATED"], "subscriberUrl": url, "active": true,
           "secret": secret, "userId": 1})
}

#[tokio::test]
async fn a_webhook_is_read_and_written_as_the_service_writes_it() {
    let answer = recorded_body("webhooks/get");
    let (_server, client) =
        answering("GET", "/v2/webhooks/ec3b48b1-7f42-48e9-8706-720cfe73beea", 200, answer.clone()).await;
    let read = client.webhooks().get("ec3b48b1-7f42-48e9-8706-720cfe73beea").await.unwrap();
    let written = serde_json::to_value(&read).unwrap();
    for field in ["id", "subscriberUrl", "active", "triggers", "payloadTemplate", "secret"] {
        assert_eq!(written.get(field), answer["data"].get(field), "{field}");
    }
    assert_eq!(written.as_object().unwrap().len(), 6);
    assert_eq!(serde_json::to_value(serde_json::from_value::<Webhook>(written.clone()).unwrap()).unwrap(), written);
    assert_eq!(serde_json::from_value::<Webhook>(read.to_wire_json()).unwrap(), read);
    assert_eq!((read.user_id(), read.event_type_id()), (Some(UserId(1)), None));
    assert_eq!(read.created_at(), Some("2026-11-23T02:13:42.671Z".parse().unwrap()));
    assert_eq!(read.extra("version"), Some(&"2021-10-20".into()));
}

#[tokio::test]
async fn no_debug_shows_the_secret_or_the_url() {
    let mut answer = recorded_body("webhooks/get");
    answer["data"]["payloadTemplate"] = "planted-template".into();
    let (_server, client) = answering("GET", "/v2/webhooks/x", 200, answer).await;
    let read = client.webhooks().get("x").await.unwrap();
    let (create, update) = (CreateWebhook::new(URL, []).secret(SECRET), UpdateWebhook::default().secret(SECRET));
    let text = format!("{read:?} {create:?} {update:?} {:?}", WebhookSecret::from(SECRET));
    assert!(text.contains("BookingCreated"));
    for hidden in [SECRET, "127.0.0.1", "planted-template"] {
        assert!(!text.contains(hidden), "{text}");
    }
}

#[tokio::test]
async fn a_trigger_that_is_not_published_is_kept() {
    let mut answer = recorded_body("webhooks/list");
    answer["data"][0]["triggers"] = json!(["BOOKING_CREATED", "BOOKING_FORGOTTEN"]);
    let (_server, client) = answering("GET", USERS, 200, answer).await;
    let first = client.webhooks().list().await.unwrap().into_iter().next().unwrap();
    assert_eq!(first.triggers, [Trigger::BookingCreated, Trigger::Other("BOOKING_FORGOTTEN".to_owned())]);
}

#[tokio::test]
async fn webhooks_are_created_changed_and_deleted() {
    let (server, api) = answering("POST", USERS, 201, recorded_body("webhooks/create-template-form")).await;
    let asked = CreateWebhook::new("http://127.0.0.1:8099/hook/form", [Trigger::BookingCreated])
        .secret(SECRET)
        .payload_template("type={{type}}&title={{title}}");
    let made = api.webhooks().create(&asked).await.unwrap();
    let sent = json!({"active": true, "subscriberUrl": "http://127.0.0.1:8099/hook/form",
        "triggers": ["BOOKING_CREATED"], "payloadTemplate": "type={{type}}&title={{title}}", "secret": SECRET});
    assert_eq!(bodies(&server).await, std::slice::from_ref(&sent));
    assert_eq!(serde_json::to_value(&asked).unwrap(), sent);
    assert_eq!((made.payload_template.as_deref(), made.secret), (Some("type={{type}}&title={{title}}"), asked.secret));

    let (server, api) = answering("PATCH", "/v2/webhooks/x", 200, recorded_body("webhooks/update-triggers")).await;
    let changes =
        UpdateWebhook::default().triggers([Trigger::BookingRejected]).subscriber_url("https://example.com/other");
    let changed = api.webhooks().update("x", &changes).await.unwrap();
    let sent = json!({"triggers": ["BOOKING_REJECTED"], "subscriberUrl": "https://example.com/other"});
    assert_eq!(bodies(&server).await, [sent]);
    assert_eq!(changed.triggers, [Trigger::BookingRejected]);

    let (_server, api) = answering("DELETE", "/v2/webhooks/x", 200, recorded_body("webhooks/delete")).await;
    assert_eq!(api.webhooks().delete("x").await.unwrap(), changed);
    let (_server, api) = answering("DELETE", "/v2/webhooks/x", 404, recorded_body("webhooks/delete-again")).await;
    assert!(matches!(api.webhooks().delete("x").await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn webhooks_of_an_event_type_use_its_routes() {
    let one = format!("{EVENT_TYPES}/x");
    let (server, api) = answering("POST", EVENT_TYPES, 201, recorded_body("webhooks/event-type-create-2")).await;
    let asked = CreateWebhook::new("http://127.0.0.1:8099/hook/y", [Trigger::BookingCreated]).inactive();
    let made = api.webhooks().for_event_type(6).create(&asked).await.unwrap();
    assert_eq!((made.event_type_id(), made.secret), (Some(EventTypeId(6)), None));
    assert_eq!(bodies(&server).await[0]["active"], false);

    let answer = recorded_body("webhooks/event-type-get");
    let (_server, api) = answering("GET", &one, 200, answer.clone()).await;
    let read = api.webhooks().for_event_type(6).get("x").await.unwrap();
    let (_server, api) = answering("GET", EVENT_TYPES, 200, recorded_body("webhooks/event-type-list")).await;
    assert_eq!(*api.webhooks().for_event_type(6).list().await.unwrap(), [read]);
    let (server, api) = answering("PATCH", &one, 200, answer).await;
    api.webhooks().for_event_type(6).update("x", &UpdateWebhook::default().active(true)).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"active": true})]);
    let (_server, api) = answering("DELETE", &one, 200, recorded_body("webhooks/event-type-delete")).await;
    api.webhooks().for_event_type(6).delete("x").await.unwrap();

    let all = recorded_body("webhooks/event-type-delete-all");
    let (_server, api) = answering("DELETE", EVENT_TYPES, 200, all).await;
    assert_eq!(api.webhooks().delete_all_for_event_type(6).await.unwrap(), Some(1));

    let other = recorded_body("webhooks/event-type-get-via-user-route");
    let (_server, api) = answering("GET", "/v2/webhooks/x", 403, other).await;
    assert!(matches!(api.webhooks().get("x").await, Err(Error::Permission(_))));
}

#[tokio::test]
async fn all_pages_are_read_and_a_webhook_on_two_pages_is_returned_once() {
    let page = |ids: std::ops::Range<u32>| -> Value {
        json!({"status": "success", "data": ids.map(|id| webhook(&id.to_string(), URL, "s")).collect::<Vec<_>>()})
    };
    let server = MockServer::start().await;
    let first = Mock::given(method("GET")).and(path(USERS)).and(query_param("take", "250"));
    let (first, second) = (first.and(query_param_is_missing("skip")), query_param("skip", "250"));
    first.respond_with(ResponseTemplate::new(200).set_body_json(page(0..250))).expect(1).mount(&server).await;
    Mock::given(second)
        .respond_with(ResponseTemplate::new(200).set_body_json(page(249..252)))
        .expect(1)
        .mount(&server)
        .await;
    let all = client(&server).webhooks().list().await.unwrap();
    assert_eq!(
        all.iter().map(|webhook| webhook.id.as_str().parse().unwrap()).collect::<Vec<u32>>(),
        Vec::from_iter(0..252)
    );
}

#[tokio::test]
async fn a_page_is_full_although_one_of_its_webhooks_cannot_be_read() {
    let page = |ids: std::ops::Range<u32>| ids.map(|id| webhook(&id.to_string(), URL, "s")).collect::<Vec<_>>();
    let mut first = page(0..250);
    first[7]["active"] = json!("perhaps");
    let server = MockServer::start().await;
    for (skip, items) in [(None, first), (Some("250"), page(250..251))] {
        let body = json!({"status": "success", "data": items});
        let asked = Mock::given(method("GET")).and(path(USERS)).and(move |request: &wiremock::Request| {
            request.url.query_pairs().find(|(name, _)| name == "skip").map(|(_, value)| value).as_deref() == skip
        });
        asked.respond_with(ResponseTemplate::new(200).set_body_json(body)).expect(1).mount(&server).await;
    }
    let all = client(&server).webhooks().list().await.unwrap();
    let ids: Vec<u32> = all.iter().map(|webhook| webhook.id.as_str().parse().unwrap()).collect();
    assert_eq!(ids, (0..251).filter(|id| *id != 7).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_has_the_size_that_was_asked_for() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(query_param("take", "1"))
        .and(query_param("skip", "1"))
        .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("webhooks/list-take-skip")))
        .expect(1)
        .mount(&server)
        .await;
    let webhooks = client(&server).webhooks();
    assert_eq!(webhooks.page(1, 1).await.unwrap().len(), 1);
    for take in [0, 251] {
        assert_eq!(webhooks.page(0, take).await.unwrap_err().field_errors()[0].field, "take");
    }
}

#[tokio::test]
async fn one_error_names_all_problems_and_nothing_is_sent() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let webhooks = client(&server).webhooks();
    let fields = |error: Error| -> Vec<String> { error.field_errors().iter().map(ToString::to_string).collect() };
    let mut asked =
        CreateWebhook::new("not a url", [Trigger::BookingCreated, Trigger::Other(" ".to_owned())]).secret("");
    asked.version = Some(String::new());
    let all = [
        "subscriberUrl: must be an http or https URL",
        "triggers[1]: must not be empty",
        "secret: must not be empty",
        "version: must not be empty",
    ];
    assert_eq!(fields(webhooks.create(&asked).await.unwrap_err()), all);
    let mut changes = UpdateWebhook::default().subscriber_url("ftp://example.com").triggers(asked.triggers).secret("");
    changes.version = asked.version;
    assert_eq!(fields(webhooks.update("x", &changes).await.unwrap_err()), all);
    let none = fields(webhooks.update("x", &UpdateWebhook::default().triggers([])).await.unwrap_err());
    assert_eq!(none, ["triggers: must not be empty; a webhook that is not active gets no deliveries"]);
    assert_eq!(fields(webhooks.ensure("mailto:a@b.example", &[], "").await.unwrap_err()).len(), 3);
}

#[tokio::test]
async fn refusals_of_the_service_become_errors_of_their_kind() {
    let asked = CreateWebhook::new(URL, [Trigger::BookingCreated]);
    let (_server, api) = answering("POST", USERS, 409, recorded_body("webhooks/create-duplicate-url")).await;
    assert!(matches!(api.webhooks().create(&asked).await, Err(Error::Conflict(_))));
    let (_server, api) = answering("POST", USERS, 400, recorded_body("webhooks/create-bad-url")).await;
    assert!(matches!(api.webhooks().create(&asked).await, Err(Error::Validation(_))));
}

/// A service that stores webhooks, refuses a URL twice if `unique`, and records the requested changes in order.
#[derive(Clone)]
struct Service {
    unique: bool,
    kept: Arc<Mutex<Vec<Value>>>,
    changes: Arc<Mutex<Vec<(String, Value)>>>,
    /// The ids of webhooks that will be created, the last first.
    ids: Arc<Mutex<Vec<&'static str>>>,
    /// The webhook that a concurrent call creates just before the next one.
    meanwhile: Arc<Mutex<Option<Value>>>,
}

impl Service {
    async fn start(unique: bool, kept: Vec<Value>) -> (Self, MockServer) {
        let ids = ["c", "e", "b", "h", "a", "g", "d", "f"];
        let service = Self {
            unique,
            kept: Arc::new(Mutex::new(kept)),
            changes: Arc::default(),
            ids: Arc::new(Mutex::new(ids.to_vec())),
            meanwhile: Arc::default(),
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(service.clone()).mount(&server).await;
        (service, server)
    }

    fn scope(&self, server: &MockServer) -> Webhooks {
        let webhooks = client(server).webhooks();
        if self.unique { webhooks } else { webhooks.for_event_type(6) }
    }

    fn changes(&self) -> Vec<(String, Value)> {
        self.changes.lock().unwrap().clone()
    }
}

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut kept = self.kept.lock().unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let id = request.url.path_segments().unwrap().next_back().unwrap();
        let found = kept.iter().position(|webhook| webhook["id"] == id);
        if request.method != "GET" {
            self.changes.lock().unwrap().push((format!("{} {id}", request.method), body.clone()));
        }
        let answer = |status, data: &Value| {
            ResponseTemplate::new(status).set_body_json(json!({"status": "success", "data": data}))
        };
        match (request.method.as_str(), found) {
            ("GET", _) => answer(200, &json!(*kept)),
            ("POST", _) => {
                kept.extend(self.meanwhile.lock().unwrap().take());
                if self.unique && kept.iter().any(|webhook| webhook["subscriberUrl"] == body["subscriberUrl"]) {
                    let answer = recorded_body("webhooks/create-duplicate-url");
                    return ResponseTemplate::new(409).set_body_json(answer);
                }
                let id = self.ids.lock().unwrap().pop().unwrap();
                let mut made = webhook(id, "", "");
                made.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
                kept.push(made.clone());
                answer(201, &made)
            }
            ("PATCH", Some(at)) => {
                kept[at].as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
                answer(200, &kept[at])
            }
            ("DELETE", Some(at)) => answer(200, &kept.remove(at)),
            _ => ResponseTemplate::new(404).set_body_json(recorded_body("webhooks/get-unknown")),
        }
    }
}

const TRIGGERS: [Trigger; 2] = [Trigger::BookingCancelled, Trigger::BookingCreated];

#[tokio::test]
async fn ensure_creates_a_missing_webhook_and_then_does_not_change_it() {
    for unique in [true, false] {
        let (service, server) = Service::start(unique, vec![webhook("z", "https://example.com/other", "s")]).await;
        let made = service.scope(&server).ensure(URL, &TRIGGERS, SECRET).await.unwrap();
        assert_eq!(
            (made.active, made.triggers.as_slice(), made.secret.clone()),
            (true, &TRIGGERS[..], Some(SECRET.into()))
        );
        assert_eq!(service.changes().len(), 1);
        let reversed: Vec<_> = TRIGGERS.into_iter().rev().collect();
        assert_eq!(service.scope(&server).ensure(URL, &reversed, SECRET).await.unwrap(), made);
        assert_eq!(service.changes().len(), 1);
        assert_eq!(service.kept.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn ensure_updates_only_the_fields_that_differ() {
    let wanted = &TRIGGERS[1..];
    let (url, patch) = ("https://example.com", "PATCH x".to_owned());
    for (found, changes) in [
        (json!({"active": false}), Some(json!({"active": true}))),
        (json!({"secret": "old"}), Some(json!({"secret": SECRET}))),
        (json!({"secret": null}), Some(json!({"secret": SECRET}))),
        (json!({"triggers": ["OOO_CREATED"]}), Some(json!({"triggers": ["BOOKING_CREATED"]}))),
        (json!({"payloadTemplate": "theirs"}), None),
        (json!({"subscriberUrl": "https://EXAMPLE.com/"}), None),
    ] {
        let mut there = webhook("x", url, SECRET);
        there.as_object_mut().unwrap().extend(found.as_object().unwrap().clone());
        let (service, server) = Service::start(true, vec![there]).await;
        let ensured = service.scope(&server).ensure(url, wanted, SECRET).await.unwrap();
        assert_eq!(service.changes(), Vec::from_iter(changes.map(|changes| (patch.clone(), changes))));
        assert_eq!((ensured.active, ensured.triggers.as_slice(), ensured.secret), (true, wanted, Some(SECRET.into())));
    }
}

#[tokio::test]
async fn ensure_returns_the_webhook_of_a_concurrent_call() {
    let (service, server) = Service::start(true, Vec::new()).await;
    *service.meanwhile.lock().unwrap() = Some(webhook("theirs", URL, "their secret"));
    let ensured = service.scope(&server).ensure(URL, &TRIGGERS[1..], SECRET).await.unwrap();
    assert_eq!(ensured.id.as_str(), "theirs");
    let verbs: Vec<_> = service.changes().into_iter().map(|(change, _)| change).collect();
    assert_eq!(verbs, ["POST webhooks", "PATCH theirs"]);
    assert_eq!(service.kept.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn ensure_leaves_one_webhook_of_an_event_type_if_the_service_created_duplicates() {
    // The webhook of this call gets the id "f".
    for (theirs, kept) in [("a", "a"), ("z", "f")] {
        let (service, server) = Service::start(false, Vec::new()).await;
        *service.meanwhile.lock().unwrap() = Some(webhook(theirs, URL, "their secret"));
        let ensured = service.scope(&server).ensure(URL, &TRIGGERS[1..], SECRET).await.unwrap();
        assert_eq!((ensured.id.as_str(), ensured.secret), (kept, Some(SECRET.into())));
        let left: Vec<_> = service.kept.lock().unwrap().iter().map(|webhook| webhook["id"].clone()).collect();
        assert_eq!(left, [kept]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_ensures_leave_one_webhook() {
    for unique in [true, false] {
        let (service, server) = Service::start(unique, Vec::new()).await;
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let webhooks = service.scope(&server);
                tokio::spawn(async move { webhooks.ensure(URL, &TRIGGERS, SECRET).await })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap().subscriber_url, URL);
        }
        let kept = service.kept.lock().unwrap();
        assert_eq!(kept.len(), 1, "{kept:?}");
    }
}

#[tokio::test]
async fn ensure_lists_the_webhooks_after_a_request_with_an_unknown_outcome() {
    let server = MockServer::start().await;
    let list = |data: Value| ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}));
    let get = || Mock::given(method("GET")).and(path(USERS));
    get().respond_with(list(json!([]))).up_to_n_times(1).with_priority(1).mount(&server).await;
    get().respond_with(list(json!([webhook("x", URL, SECRET)]))).expect(1).mount(&server).await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).expect(1).mount(&server).await;
    let ensured = client(&server).webhooks().ensure(URL, &TRIGGERS[1..], SECRET).await.unwrap();
    assert_eq!(ensured.id.as_str(), "x");

    let server = MockServer::start().await;
    get().respond_with(list(json!([]))).expect(2).mount(&server).await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).expect(1).mount(&server).await;
    let error = client(&server).webhooks().ensure(URL, &TRIGGERS, SECRET).await.unwrap_err();
    assert!(error.may_have_been_applied());
}
