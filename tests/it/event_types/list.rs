use calcom::{
    Client,
    facade::EventTypeFilter,
    model::{EventType, EventTypeGroups, SortOrder},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::{REFERENCE, answering};
use crate::support::{client, recorded_body};

/// The values that both forms have.
fn essence(groups: &EventTypeGroups) -> Vec<impl PartialEq + std::fmt::Debug> {
    let addresses = |it: &EventType| it.locations.iter().map(|place| place.address.clone()).collect::<Vec<_>>();
    groups
        .iter()
        .map(|it| {
            let written = (it.id, it.slug.clone(), it.title.clone(), it.description.clone(), it.length, addresses(it));
            let more = (it.hidden(), it.seats_per_time_slot(), it.length_options(), it.owner_id(), it.schedule_id());
            (written, it.price, it.currency.clone(), it.requires_confirmation, it.recurring_event.clone(), more)
        })
        .collect()
}

#[tokio::test]
async fn the_list_of_the_wire_form_and_the_documented_groups_are_read_alike() {
    let today = recorded_body("event-types/list-2024-06-14");
    let (_server, api) = answering("GET", "/v2/event-types", 200, &today).await;
    let today = api.event_types().list(&EventTypeFilter::default()).await.unwrap();
    let answer = recorded_body("event-types/list-2024-06-11");
    let (_server, api) = answering("GET", "/v2/event-types", 200, &answer).await;
    let documented = api.event_types().list(&EventTypeFilter::default()).await.unwrap();

    assert_eq!(today.len(), 8);
    assert_eq!(essence(&today), essence(&documented));
    for groups in [&today, &documented] {
        let [group] = &groups.event_type_groups[..] else { panic!("{groups:?}") };
        assert_eq!(
            json!({"teamId": group.team_id, "profile": group.profile}),
            json!({"teamId": null, "profile": {"name": "John Doe", "image": "https://example.com/a.png"}})
        );
        for event_type in groups {
            assert_eq!(event_type.extra("id"), Some(&json!(event_type.id)));
        }
    }
    assert_eq!(today.event_type_groups[0].profile.extra("username"), Some(&json!("johndoe")));
    assert_eq!(documented.event_type_groups[0].profile.extra("slug"), Some(&json!("johndoe")));
    assert!(documented.event_type_groups[0].extra("bookerUrl").is_some());
}

#[tokio::test]
async fn the_documented_response_is_read_and_written_as_it_was() {
    let answer: Value = serde_json::from_str(REFERENCE).unwrap();
    let (_server, api) = answering("GET", "/v2/event-types", 200, &answer).await;
    let groups = api.event_types().list(&EventTypeFilter::default()).await.unwrap();
    assert_eq!(serde_json::to_value(groups).unwrap(), answer["data"]);
}

#[tokio::test]
async fn event_types_are_grouped_by_team_and_by_user() {
    let mut answer = recorded_body("event-types/list-2024-06-14");
    let list = answer["data"].as_array_mut().unwrap();
    list.truncate(5);
    for at in [1, 3] {
        list[at]["teamId"] = json!(77);
        list[at]["team"] = json!({"id": 77, "name": "Praxis", "logoUrl": "https://example.org/logo.png"});
    }
    list[2]["teamId"] = json!(78);
    list[4]["ownerId"] = json!(2);
    list[4]["users"][0] = json!({"id": 2, "name": "Jane Roe", "avatarUrl": null});
    let ids: Vec<i64> = list.iter().map(|it| it["id"].as_i64().unwrap()).collect();
    let (_server, api) = answering("GET", "/v2/event-types", 200, &answer).await;
    let groups = api.event_types().list(&EventTypeFilter::default()).await.unwrap();
    let seen: Vec<_> = groups
        .event_type_groups
        .iter()
        .map(|group| {
            let ids = group.into_iter().map(|it| it.id.0).collect::<Vec<_>>();
            (group.team_id.map(|id| id.0), group.profile.name.as_deref(), ids)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (None, Some("John Doe"), vec![ids[0]]),
            (Some(77), Some("Praxis"), vec![ids[1], ids[3]]),
            (Some(78), None, vec![ids[2]]),
            (None, Some("Jane Roe"), vec![ids[4]]),
        ]
    );
    assert_eq!(groups.event_type_groups[1].event_types[1].team_id().map(|id| id.0), Some(77));
    assert_eq!(groups.into_iter().map(|it| it.id.0).collect::<Vec<_>>(), [ids[0], ids[1], ids[3], ids[2], ids[4]]);
}

#[tokio::test]
async fn event_types_of_a_team_are_listed_by_its_route() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v2/teams/123/event-types"))
        .and(header("authorization", "Bearer cal_live_planted"))
        .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("event-types/list-2024-06-14")))
        .expect(1)
        .mount(&server)
        .await;
    let mut filter = EventTypeFilter::default();
    filter.team_id = Some(123.into());
    filter.event_slug = Some("30min".to_owned());
    filter.sort_created_at = Some(SortOrder::Desc);
    // The service has filtered by the slug: nothing is dropped locally.
    assert_eq!(client(&server).event_types().list(&filter).await.unwrap().len(), 8);
    assert_eq!(queries(&server).await, ["eventSlug=30min&sortCreatedAt=desc"]);
    assert!(!server.received_requests().await.unwrap()[0].headers.contains_key("cal-api-version"));
}

async fn queries(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| request.url.query().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn what_the_service_filters_is_sent_and_nothing_else() {
    let empty = recorded_body("event-types/list-2024-06-14-username-unknown");
    for (filter, query) in [
        (json!({"userId": 456, "active": true, "eventSlug": "30min"}), ""),
        (json!({"active": false, "sortCreatedAt": "asc"}), "sortCreatedAt=asc"),
        (json!({"username": "a&b=c d"}), "username=a%26b%3Dc+d"),
        (
            json!({"username": "johndoe", "eventSlug": "30min", "orgSlug": "acme", "orgId": 5}),
            "eventSlug=30min&orgId=5&orgSlug=acme&username=johndoe",
        ),
        (json!({"usernames": ["a", "b"]}), "usernames=a%2Cb"),
    ] {
        let (server, api) = answering("GET", "/v2/event-types", 200, &empty).await;
        let filter: EventTypeFilter = serde_json::from_value(filter).unwrap();
        assert!(api.event_types().list(&filter).await.unwrap().event_type_groups.is_empty());
        assert_eq!(queries(&server).await, [query]);
    }
}

/// The two forms of a list with one hidden event type, one of another user, and one that another user hosts.
fn mixed() -> [Value; 2] {
    let mut today = recorded_body("event-types/list-2024-06-14");
    let list = today["data"].as_array_mut().unwrap();
    list.truncate(4);
    list[1]["hidden"] = json!(true);
    list[2]["ownerId"] = json!(2);
    list[2]["users"] = json!([{"id": 2, "name": "Jane Roe"}]);
    list[3]["hosts"] = json!([{"userId": 2, "name": "Jane Roe"}]);
    let mut documented = recorded_body("event-types/list-2024-06-11");
    let groups = documented["data"]["eventTypeGroups"].as_array_mut().unwrap();
    let mut others = groups[0].clone();
    let list = groups[0]["eventTypes"].as_array_mut().unwrap();
    list.truncate(4);
    list[1]["hidden"] = json!(true);
    list[3]["hosts"] = json!([{"userId": 2}]);
    let mut other = list.remove(2);
    other["userId"] = json!(2);
    others["eventTypes"] = json!([other]);
    groups.push(others);
    [today, documented]
}

async fn ids(api: &Client, filter: Value) -> Vec<i64> {
    let filter: EventTypeFilter = serde_json::from_value(filter).unwrap();
    let groups = api.event_types().list(&filter).await.unwrap();
    assert!(groups.event_type_groups.iter().all(|group| !group.event_types.is_empty()));
    let mut ids: Vec<i64> = groups.iter().map(|it| it.id.0).collect();
    for event_type in &groups {
        assert_eq!(event_type.extra("slug"), Some(&json!(event_type.slug)));
    }
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn what_the_service_cannot_filter_is_filtered_locally_in_both_forms() {
    for answer in mixed() {
        let server = MockServer::start().await;
        Mock::given(path("/v2/event-types"))
            .respond_with(ResponseTemplate::new(200).set_body_json(&answer))
            .mount(&server)
            .await;
        let api = client(&server);
        assert_eq!(ids(&api, json!({})).await, [1, 2, 3, 4]);
        assert_eq!(ids(&api, json!({"active": true})).await, [1, 3, 4]);
        assert_eq!(ids(&api, json!({"active": false})).await, [1, 2, 3, 4]);
        assert_eq!(ids(&api, json!({"userId": 1})).await, [1, 2, 4]);
        assert_eq!(ids(&api, json!({"userId": 2})).await, [3, 4]);
        assert_eq!(ids(&api, json!({"userId": 1, "active": true})).await, [1, 4]);
        assert_eq!(ids(&api, json!({"userId": 99})).await, [0; 0]);
        assert_eq!(ids(&api, json!({"eventSlug": "weekly-sync"})).await, [4]);
    }
}

#[tokio::test]
async fn filters_that_the_service_would_ignore_are_refused() {
    let server = MockServer::start().await;
    for (filter, fields) in [
        (json!({"teamId": 1, "username": "johndoe"}), vec!["teamId"]),
        (
            json!({"username": "", "eventSlug": " ", "usernames": ["a,b"]}),
            vec!["username", "eventSlug", "usernames", "usernames"],
        ),
        (json!({"orgId": 1, "orgSlug": "acme"}), vec!["orgSlug", "orgId"]),
    ] {
        let filter: EventTypeFilter = serde_json::from_value(filter).unwrap();
        let error = client(&server).event_types().list(&filter).await.unwrap_err();
        let refused: Vec<_> = error.field_errors().iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(refused, fields);
        assert_eq!(error.attempts(), 0);
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    let error = serde_json::from_value::<EventTypeFilter>(json!({"team": 1})).unwrap_err();
    assert!(error.to_string().contains("unknown field `team`"), "{error}");
}

#[tokio::test]
async fn an_event_type_is_found_by_its_users_name_and_its_slug() {
    let mut answer = recorded_body("event-types/list-2024-06-14-username");
    answer["data"].as_array_mut().unwrap().truncate(1);
    let (server, api) = answering("GET", "/v2/event-types", 200, &answer).await;
    let found = api.event_types().find("johndoe", "30min").await.unwrap().unwrap();
    assert_eq!((found.id.0, found.slug.as_str()), (1, "30min"));
    assert_eq!(queries(&server).await, ["eventSlug=30min&username=johndoe"]);

    let empty = recorded_body("event-types/list-2024-06-14-username-unknown");
    let (_server, api) = answering("GET", "/v2/event-types", 200, &empty).await;
    assert_eq!(api.event_types().find("nobody-here", "30min").await.unwrap(), None);
}
