//! Operations whose services take two forms of the body: the type of the body says which one is sent.

use std::collections::BTreeSet;

use calcom::{
    Client, Config, Contract, Error, Patch,
    config::ServiceKind,
    model::{CreateEventType, UpdateEventType},
    raw::types,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    requests::{sent, shown},
    support::socket::{Received, Service},
};

const OLDER: &str = "2024-06-14";
const HOSTED: &str = "2026-06-12";

/// The same client, set up for the hosted service.
fn hosted(client: Client) -> Client {
    changed(&client, |config| config.service = ServiceKind::Hosted)
}

fn changed(client: &Client, change: impl FnOnce(&mut Config)) -> Client {
    let mut config = client.config().clone();
    change(&mut config);
    Client::builder().config(config).credentials(calcom::ApiKey::new("cal_live_socket")).build().unwrap()
}

fn version(request: &Received) -> Option<&str> {
    request.header("cal-api-version")
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn base() -> types::CreateEventType {
    types::CreateEventType::new("Call", "call", 30.try_into().unwrap()).disable_guests(true)
}

fn second() -> types::HostedCreateEventType {
    types::HostedCreateEventType::new("Call", "call", 30.try_into().unwrap()).private_note_enabled(true)
}

/// What both bodies can say of an event type, beside the three fields that making one requires: every field of the booking
/// form among it, each with all that it can say.
fn common() -> Value {
    serde_json::from_str(include_str!("../fixtures/hosted_event_type.json")).unwrap()
}

fn joined(mut one: Value, other: Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

fn names(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

fn schema(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/hosted.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    document["components"]["schemas"][name].clone()
}

fn properties(name: &str) -> BTreeSet<String> {
    names(&schema(name)["properties"])
}

/// `example` as a `T`: whole, and with every property that the hosted service's document has for `schema`.
fn whole<T: Serialize + DeserializeOwned>(schema: &str, example: &Value) -> T {
    assert_eq!(properties(schema), names(example), "{schema}");
    let body: T = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(&body).unwrap(), *example);
    body
}

#[tokio::test(start_paused = true)]
async fn all_that_the_hosted_service_takes_of_an_event_type_is_sent_in_its_form() {
    let example = joined(common(), json!({"lengthInMinutes": 30, "title": "Call", "slug": "call"}));
    let create: types::HostedCreateEventType = whole("HostedCreateEventType", &example);
    let made = sent(async |client| hosted(client).raw().create_event_type(&create).await.map(drop)).await;
    let changes = json!({"lengthInMinutes": 45, "title": "Talk", "slug": "talk", "bookingProposalCount": 3});
    let update: types::HostedUpdateEventType = whole("HostedUpdateEventType", &joined(common(), changes));
    let changed = sent(async |client| hosted(client).raw().update_event_type(7, &update).await.map(drop)).await;
    insta::assert_snapshot!([shown(&made), shown(&changed)].join("\n"));
}

#[test]
fn the_example_has_every_kind_of_field_whole() {
    let example = common();
    assert_eq!(properties("HostedVideoSettings"), names(&example["calVideoSettings"]));
    let fields: Vec<_> = example["bookingFields"].as_array().unwrap().iter().map(names).collect();
    for kind in schema("HostedFieldInput")["oneOf"].as_array().unwrap() {
        let name = kind["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        assert!(fields.contains(&properties(name)), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_null_clears_in_the_form_of_the_hosted_service_is_sent_as_null() {
    let settings =
        types::HostedVideoSettings::new().redirect_url_on_exit(Patch::Clear).transcription_language(Patch::Clear);
    let update = types::HostedUpdateEventType::new()
        .booking_proposal_count(Patch::Clear)
        .description(Patch::Clear)
        .booking_fields(Vec::<types::HostedFieldInput>::new())
        .cal_video_settings(settings);
    let request = sent(async |client| hosted(client).raw().update_event_type(7, &update).await.map(drop)).await;
    assert_eq!(
        body(&request),
        json!({
            "bookingProposalCount": null, "description": null, "bookingFields": [],
            "calVideoSettings": {"redirectUrlOnExit": null, "transcriptionLanguage": null},
        })
    );
}

#[tokio::test(start_paused = true)]
async fn the_type_of_the_body_says_the_version_on_each_service() {
    let own_base = sent(async |client| client.raw().create_event_type(&base()).await.map(drop)).await;
    let base = sent(async |client| hosted(client).raw().create_event_type(&base()).await.map(drop)).await;
    for request in [&own_base, &base] {
        assert_eq!(version(request), Some(OLDER));
        let expected = json!({"lengthInMinutes": 30, "slug": "call", "title": "Call", "disableGuests": true});
        assert_eq!(body(request), expected);
    }
    let second = sent(async |client| hosted(client).raw().create_event_type(&second()).await.map(drop)).await;
    assert_eq!(version(&second), Some(HOSTED));
    let expected = json!({"lengthInMinutes": 30, "slug": "call", "title": "Call", "privateNoteEnabled": true});
    assert_eq!(body(&second), expected);

    let changes = types::UpdateEventType::new().title("Later");
    let changed = sent(async |client| hosted(client).raw().update_event_type(7, &changes).await.map(drop)).await;
    assert_eq!((version(&changed), body(&changed)), (Some(OLDER), json!({"title": "Later"})));
}

#[tokio::test(start_paused = true)]
async fn the_hosted_form_on_another_server_fails_by_name_and_sends_nothing() {
    let service = Service::start([]).await;
    let client = service.client();
    let update = types::HostedUpdateEventType::new().title("Later");
    let created = client.raw().create_event_type(&second()).await.unwrap_err();
    let updated = client.raw().update_event_type(7, &update).await.unwrap_err();
    let facade = client.event_types().create(second()).await.unwrap_err();
    let older = client.raw().create_event_type(&second()).body(&json!({"title": "Call"})).await.unwrap_err();
    for (error, operation) in [
        (created, "create_event_type"),
        (updated, "update_event_type"),
        (facade, "create_event_type"),
        (older, "create_event_type"),
    ] {
        assert!(matches!(error, Error::Unsupported(_, Contract::SelfHosted)), "{error}");
        assert_eq!((error.operation(), error.attempts()), (Some(operation), 0));
        assert!(!error.may_have_been_applied() && !error.is_retryable());
        let text = error.to_string();
        assert!(
            text.contains(operation) && text.contains("self-hosted") && text.contains("form of the body"),
            "{text}"
        );
    }
    assert_eq!(service.connections(), 0);
}

/// What a body is sent with.
async fn version_of(setup: impl Fn(Client) -> Client, second_form: bool, of_the_call: Option<&str>) -> String {
    let request = sent(async |client| {
        let client = setup(client);
        let request = match second_form {
            true => client.raw().create_event_type(&second()),
            false => client.raw().create_event_type(&base()),
        };
        request.set(of_the_call, |request, version| request.version(version)).await.map(drop)
    })
    .await;
    version(&request).unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_version_that_the_caller_names_is_sent_whatever_the_body_is() {
    for form in [false, true] {
        for named in [OLDER, HOSTED, "2030-01-01"] {
            assert_eq!(version_of(hosted, form, Some(named)).await, named);
            assert_eq!(version_of(|client| client, form, Some(named)).await, named);
            assert_eq!(version_of(|client| hosted(client).with_version(named), form, None).await, named);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_the_settings_a_version_of_either_form_gives_way_to_the_body_and_any_other_is_sent() {
    let set = |version: &'static str| {
        move |client: Client| {
            changed(&client, |config| _ = config.versions.insert("create_event_type".to_owned(), version.to_owned()))
        }
    };
    for named in [OLDER, HOSTED] {
        assert_eq!(version_of(|client| hosted(set(named)(client)), false, None).await, OLDER);
        assert_eq!(version_of(|client| hosted(set(named)(client)), true, None).await, HOSTED);
        assert_eq!(version_of(set(named), false, None).await, OLDER);
    }
    // A server of one's own that is new enough.
    assert_eq!(version_of(set(HOSTED), true, None).await, HOSTED);
    for form in [false, true] {
        assert_eq!(version_of(set("2030-01-01"), form, None).await, "2030-01-01");
        assert_eq!(version_of(|client| hosted(set("2030-01-01")(client)), form, None).await, "2030-01-01");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_the_place_of_another_is_sent_in_the_form_of_the_first() {
    let json = json!({"title": "Call", "aFieldOfNextYear": 1});
    for (second_form, expected) in [(false, OLDER), (true, HOSTED)] {
        let request = sent(async |client| {
            let client = hosted(client);
            let request = match second_form {
                true => client.raw().create_event_type(&second()),
                false => client.raw().create_event_type(&base()),
            };
            request.clone().body(&json).await.map(drop)
        })
        .await;
        assert_eq!((version(&request), body(&request)), (Some(expected), json.clone()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_facade_writes_event_types_in_either_form() {
    let input = CreateEventType::new("Call", "call", 30);
    let mut changes = UpdateEventType::default();
    changes.title = Some("Later".to_owned());
    let documented = sent(async |client| hosted(client).event_types().create(&input).await.map(drop)).await;
    let changed = sent(async |client| hosted(client).event_types().update(7, &changes).await.map(drop)).await;
    assert_eq!((version(&documented), version(&changed)), (Some(OLDER), Some(OLDER)));
    let created = sent(async |client| hosted(client).event_types().create(second()).await.map(drop)).await;
    let update = types::HostedUpdateEventType::new().booking_proposal_count(3);
    let updated = sent(async |client| hosted(client).event_types().update(7, update).await.map(drop)).await;
    assert_eq!((version(&created), version(&updated)), (Some(HOSTED), Some(HOSTED)));
    assert_eq!(
        (&body(&created)["privateNoteEnabled"], body(&updated)),
        (&json!(true), json!({"bookingProposalCount": 3}))
    );
}
