//! Operations that no handler plays: examples, answers of the test, and the check against the document.

use calcom::Contract;
use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, Fault};
use serde_json::{Value, json};

use crate::send;

const ROLES: &str = "/v2/organizations/1/roles";

async fn asked(fake: &FakeCalcom, target: &str) -> (u16, Value) {
    send(fake, RawRequest::new("GET", target).key(&fake.api_key())).await
}

async fn told(fake: &FakeCalcom, method: &str, target: &str, body: &Value) -> (u16, Value) {
    send(fake, RawRequest::new(method, target).key(&fake.api_key()).json(body)).await
}

/// What is wrong with the last request: the fake's explanation in a header.
async fn hint(fake: &FakeCalcom, call: RawRequest) -> (u16, String) {
    let answer = call.key(&fake.api_key()).send(fake.address()).await.unwrap();
    (answer.status, answer.header("x-fake-hint").unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_not_played_answers_its_recorded_example() {
    let fake = FakeCalcom::start().await;
    let (status, body) = asked(&fake, ROLES).await;
    assert_eq!(status, 200);
    assert!(body["data"][0]["id"].is_string(), "{body}");
    let logged = &fake.requests()[0];
    assert_eq!((logged.operation, logged.is_played()), (Some("list_organization_roles"), false));
    fake.expect_all_routed();
}

#[tokio::test(start_paused = true)]
async fn the_test_answers_the_next_requests_and_then_all_others() {
    let fake = FakeCalcom::start().await;
    let on = || fake.on("list_organization_roles");
    on().answer(json!({"status": "success", "data": []}));
    on().times(2).status(503).header("retry-after", "7").answer(json!({"message": "later"}));
    on().times(1).status(403).answer(Value::Null);
    for expected in [503, 503, 403, 200, 200] {
        let answer = RawRequest::new("GET", ROLES).key(&fake.api_key()).send(fake.address()).await.unwrap();
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("retry-after"), (expected == 503).then_some("7"));
        assert_eq!(answer.body.is_empty(), expected == 403);
    }
    on().clear();
    assert_ne!(asked(&fake, ROLES).await.1["data"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_the_place_of_a_played_operation_which_then_has_no_effect() {
    let fake = FakeCalcom::start().await;
    fake.on("create_webhook").times(1).status(201).answer(json!({"status": "success", "data": {"id": "made up"}}));
    let body = json!({"active": true, "subscriberUrl": "http://127.0.0.1:1/", "triggers": ["BOOKING_CREATED"]});
    assert_eq!(told(&fake, "POST", "/v2/webhooks", &body).await.1["data"]["id"], "made up");
    assert_eq!(asked(&fake, "/v2/webhooks").await.1["data"], json!([]));
    assert_eq!(told(&fake, "POST", "/v2/webhooks", &body).await.0, 201);
    assert_eq!(asked(&fake, "/v2/webhooks").await.1["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_document_does_not_allow_gets_400_with_the_names_of_the_fields() {
    let fake = FakeCalcom::start().await;
    fake.on("create_organization_attribute").status(201).answer(json!({"status": "success", "data": {}}));
    let path = "/v2/organizations/1/attributes";
    let wrong = json!({"name": 5, "type": "TEXT", "options": [{"value": 1}], "nmae": "Rank"});
    let (status, body) = told(&fake, "POST", path, &wrong).await;
    assert_eq!(status, 400);
    assert_eq!(body["error"]["message"], "Bad Request Exception");
    assert_eq!(body["error"]["details"]["errors"][0]["constraints"]["isString"], "slug must be a string");
    let (_, hint_of_body) = hint(&fake, RawRequest::new("POST", path).json(&wrong)).await;
    for expected in [
        "slug: slug must be a string",
        "name: name must be a string",
        "options.0.slug: slug must be a string",
        "options.0.value: value must be a string",
        "nmae: property nmae should not exist",
    ] {
        assert!(hint_of_body.contains(expected), "{expected} is not in {hint_of_body}");
    }
    let (status, text) = hint(&fake, RawRequest::new("GET", "/v2/organizations/1/roles?take=0&skp=1")).await;
    assert_eq!((status, &*text), (400, "take: take must not be less than 1, skp: property skp should not exist"));
    let (status, text) = hint(&fake, RawRequest::new("GET", "/v2/organizations/acme/roles")).await;
    assert_eq!((status, &*text), (400, "orgId: orgId must be an integer number"));
    let allowed = json!({"name": "Rank", "slug": "rank", "type": "TEXT", "options": []});
    assert_eq!(told(&fake, "POST", path, &allowed).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_null_is_taken_only_where_the_document_has_one() {
    let fake = FakeCalcom::start().await;
    let role = |fields: Value| {
        let mut body = json!({"name": "Desk"});
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    assert_eq!(told(&fake, "POST", ROLES, &role(json!({}))).await.0, 201);
    let (status, text) = hint(&fake, RawRequest::new("POST", ROLES).json(&role(json!({"name": null})))).await;
    assert_eq!((status, &*text), (400, "name: name must be a string"));
}

#[tokio::test(start_paused = true)]
async fn credentials_are_checked_before_the_answer() {
    let fake = FakeCalcom::start().await;
    fake.on("list_organization_roles").answer(json!({"status": "success", "data": []}));
    assert_eq!(send(&fake, RawRequest::new("GET", ROLES)).await.0, 401);
    assert_eq!(send(&fake, RawRequest::new("GET", ROLES).key("cal_unknown")).await.0, 401);
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_the_other_service_is_not_routed() {
    let of = |contract| FakeCalcom::builder().contract(contract).start();
    let credits = "/v2/credits/available";
    assert_eq!(asked(&of(Contract::SelfHosted).await, credits).await.0, 404);
    assert_eq!(asked(&of(Contract::Hosted).await, credits).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_the_operation_does_not_have_is_not_routed() {
    let fake = FakeCalcom::builder().contract(Contract::Hosted).start().await;
    let history = "/v2/event-types/1/history";
    let with = |version: &str| RawRequest::new("GET", history).key(&fake.api_key()).version(version);
    assert_eq!(send(&fake, with("2026-06-12")).await.0, 200);
    assert_eq!(send(&fake, with("2024-06-14")).await.0, 404);
    let hint = fake.requests()[1].hint.clone().unwrap_or_default();
    assert!(hint.contains("list_event_type_history (cal-api-version 2026-06-12)"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn faults_take_operations_that_are_not_played() {
    let fake = FakeCalcom::start().await;
    fake.fault(Fault::status(503).on("list_organization_roles"));
    assert_eq!(asked(&fake, ROLES).await.0, 503);
    assert_eq!(asked(&fake, ROLES).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn the_log_says_whether_an_operation_is_played() {
    let fake = FakeCalcom::start().await;
    assert_eq!(asked(&fake, "/v2/me").await.0, 200);
    fake.on("get_me").times(1).answer(json!({"status": "success", "data": {}}));
    assert_eq!(asked(&fake, "/v2/me").await.1["data"], json!({}));
    assert_eq!(asked(&fake, "/v2/nowhere").await.0, 404);
    let played: Vec<bool> = fake.requests().iter().map(|request| request.is_played()).collect();
    assert_eq!(played, [true, false, false]);
    let played = calcom_fake::played_operations();
    assert!(played.contains(&"get_me") && !played.contains(&"list_organization_roles"));
    assert!(played.iter().all(|name| calcom::operation::Operation::find(name).is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_version_of_the_other_service_is_explained_in_the_log() {
    let list = |fake: &FakeCalcom, path: &str, version: &str| {
        RawRequest::new("GET", path).key(&fake.api_key()).version(version)
    };
    let own = FakeCalcom::start().await;
    // A self-hosted server takes an unknown version for the oldest one, and answers in its form.
    assert_eq!(send(&own, list(&own, "/v2/bookings", "2026-05-01")).await.0, 200);
    let hint = own.requests()[0].hint.clone().unwrap_or_default();
    assert!(hint.starts_with("cal-api-version 2026-05-01 of list_bookings is that of the hosted service"), "{hint}");
    assert!(hint.contains("the fake plays a self-hosted server"), "{hint}");
    own.expect_all_routed();
    assert_eq!(send(&own, list(&own, "/v2/bookings", "2024-08-13")).await.0, 200);
    assert_eq!(own.requests()[1].hint, None);

    let hosted = FakeCalcom::builder().contract(Contract::Hosted).start().await;
    send(&hosted, list(&hosted, "/v2/event-types", "2024-06-14")).await;
    let hint = hosted.requests()[0].hint.clone().unwrap_or_default();
    assert!(hint.contains("is that of a self-hosted server, and the fake plays the hosted service"), "{hint}");
}

#[tokio::test(start_paused = true)]
async fn the_hint_of_an_unknown_path_has_the_nearest_routes_first() {
    let fake = FakeCalcom::start().await;
    for (path, nearest) in [
        ("/v2/event-type", "GET /v2/event-types, "),
        ("/v2/bookings/abc/cancell", "POST /v2/bookings/{bookingUid}/cancel, "),
        ("/v2/organisations/1/users", "GET /v2/organizations/{orgId}/users, "),
    ] {
        asked(&fake, path).await;
        let hint = fake.requests().pop().unwrap().hint.unwrap();
        assert!(hint.starts_with(&format!("no such path; the nearest are {nearest}")), "{hint}");
        assert_eq!(hint.matches("/v2/").count(), 5, "{hint}");
    }
}

/// The place and the message of a panic.
fn panic_of(work: impl FnOnce() + std::panic::UnwindSafe) -> (String, String) {
    static PLACE: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        *PLACE.lock().unwrap() = info.location().map(|at| at.file().to_owned()).unwrap_or_default();
    }));
    let panicked = std::panic::catch_unwind(work).unwrap_err();
    std::panic::set_hook(before);
    let message = panicked.downcast_ref::<String>().cloned().unwrap_or_default();
    (PLACE.lock().unwrap().clone(), message)
}

#[test]
fn a_fault_on_an_unknown_operation_panics_at_the_caller() {
    let (place, message) = panic_of(|| drop(Fault::status(500).on("get_bookin")));
    assert!(place.ends_with("documented.rs"), "{place}");
    assert!(message.contains("the nearest are `get_booking`"), "{message}");
    assert!(!message.contains("_old"), "{message}");
}

#[tokio::test]
#[should_panic = "`list_organisation_roles` is no operation; the nearest are `list_organization_roles`"]
async fn an_unknown_operation_panics_with_the_nearest_names() {
    let fake = FakeCalcom::start().await;
    fake.on("list_organisation_roles").answer(json!({}));
}
