//! 2. Event Types.

use calcom::{
    facade::EventTypeFilter,
    model::{EventType, EventTypeGroups},
};
use serde_json::{Value, json};

use super::{answering, data, differs, holds, sent};
use crate::support::{recorded_body, round_trip};

const EVENT_TYPES: &str = include_str!("event-types.json");

fn filter(json: Value) -> EventTypeFilter {
    serde_json::from_value(json).unwrap()
}

/// The documented answer with these fields in its event type.
fn with(fields: &[(&str, Value)]) -> String {
    let mut answer: Value = serde_json::from_str(EVENT_TYPES).unwrap();
    for (name, value) in fields {
        answer["data"]["eventTypeGroups"][0]["eventTypes"][0][*name] = value.clone();
    }
    answer.to_string()
}

/// How many event types of an answer a filter lets.
async fn left(answer: &str, wanted: Value) -> usize {
    let (_server, client) = answering(answer).await;
    client.event_types().list(&filter(wanted)).await.unwrap().len()
}

#[tokio::test]
async fn list_event_types_is_one_request() {
    holds("List Event Types");
    let (server, client) = answering(EVENT_TYPES).await;
    client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/event-types");
}

#[test]
fn list_event_types_the_documented_filter_is_read_under_its_names() {
    holds("List Event Types");
    let documented = json!({"teamId": 123, "userId": 456, "active": true});
    assert_eq!(serde_json::to_value(filter(documented.clone())).unwrap(), documented);
}

#[tokio::test]
async fn list_event_types_the_filter_is_a_route_and_what_is_left_out_here() {
    differs("List Event Types", "event-type-filters");
    let (server, client) = answering(EVENT_TYPES).await;
    let documented = json!({"teamId": 123, "userId": 456, "active": true});
    client.event_types().list(&filter(documented)).await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/teams/123/event-types");
}

#[tokio::test]
async fn list_event_types_of_a_team() {
    holds("List Event Types");
    assert_eq!(left(EVENT_TYPES, json!({"teamId": 123})).await, 1, "the answer names no team");
    for (named, expected) in [(123, 1), (124, 0)] {
        let mut answer: Value = serde_json::from_str(EVENT_TYPES).unwrap();
        answer["data"]["eventTypeGroups"][0]["teamId"] = named.into();
        assert_eq!(left(&answer.to_string(), json!({"teamId": 123})).await, expected);
    }
    let mut today = recorded_body("event-types/list-2024-06-14");
    let all = today["data"].as_array().unwrap().len();
    assert_eq!(left(&today.to_string(), json!({"teamId": 123})).await, all);
    today["data"][0]["teamId"] = 124.into();
    assert_eq!(left(&today.to_string(), json!({"teamId": 123})).await, all - 1);
}

#[tokio::test]
async fn list_event_types_of_a_user() {
    holds("List Event Types");
    assert_eq!(left(EVENT_TYPES, json!({"userId": 456})).await, 1, "the documented form names no owner");
    for (field, value, expected) in [
        ("userId", json!(456), 1),
        ("userId", json!(457), 0),
        ("ownerId", json!(457), 0),
        ("users", json!([{"id": 456}]), 1),
        ("users", json!([{"id": 457}]), 0),
        ("hosts", json!([{"userId": 457}]), 0),
        ("users", json!([]), 1),
    ] {
        let answer = with(&[(field, value.clone())]);
        assert_eq!(left(&answer, json!({"userId": 456})).await, expected, "{field}: {value}");
        // And alike in today's form.
        let mut today = recorded_body("event-types/get-2024-06-14-plain")["data"].take();
        for owner in ["ownerId", "users", "hosts"] {
            today.as_object_mut().unwrap().remove(owner);
        }
        let field = if field == "userId" { "ownerId" } else { field };
        today[field] = value;
        let today = json!({"status": "success", "data": [today]}).to_string();
        assert_eq!(left(&today, json!({"userId": 456})).await, expected, "today's {field}");
    }
    for (field, value, expected) in [
        ("users", json!([{"id": 457}, {"name": "Dr. Smith"}]), 1),
        ("users", json!([{"name": "Dr. Smith"}]), 1),
        ("hosts", json!([{"userId": "unknown"}, {"userId": 456}]), 1),
    ] {
        assert_eq!(left(&with(&[(field, value.clone())]), json!({"userId": 456})).await, expected, "{field}: {value}");
    }
}

#[tokio::test]
async fn list_event_types_active_ones_only() {
    holds("List Event Types");
    assert_eq!(left(EVENT_TYPES, json!({"active": true})).await, 1);
    assert_eq!(left(&with(&[("hidden", json!(true))]), json!({"active": true})).await, 0);
    assert_eq!(left(&with(&[("hidden", json!(true))]), json!({"active": false})).await, 1);
    assert_eq!(left(&with(&[("hidden", json!(false))]), json!({"active": true})).await, 1);
    assert_eq!(left(&with(&[("hidden", json!(true))]), json!({"active": false, "userId": 456})).await, 1);
}

#[tokio::test]
async fn list_event_types_all_filters_on_the_documented_answer() {
    holds("List Event Types");
    assert_eq!(left(EVENT_TYPES, json!({"teamId": 123, "userId": 456, "active": true})).await, 1);
}

#[tokio::test]
async fn list_event_types_the_documented_answer_comes_back_as_it_was() {
    holds("List Event Types");
    round_trip::<EventTypeGroups>(EVENT_TYPES);
    let (_server, client) = answering(EVENT_TYPES).await;
    let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    assert_eq!(serde_json::to_value(&groups).unwrap(), data(EVENT_TYPES));
}

#[tokio::test]
async fn list_event_types_todays_flat_list_is_grouped() {
    holds("List Event Types");
    let (_server, client) = answering(&recorded_body("event-types/list-2024-06-14").to_string()).await;
    let groups = serde_json::to_value(client.event_types().list(&EventTypeFilter::default()).await.unwrap()).unwrap();
    let group = &groups["eventTypeGroups"][0];
    assert_eq!((&group["teamId"], &group["profile"]["name"]), (&Value::Null, &json!("John Doe")));
    for field in ["id", "slug", "title", "length", "locations", "price", "currency", "requiresConfirmation"] {
        assert!(!group["eventTypes"][0][field].is_null(), "{field}");
    }
    assert!(group["eventTypes"][0].get("recurringEvent").is_some());
}

#[tokio::test]
async fn list_event_types_documented_fields_survive_beside_todays() {
    holds("List Event Types");
    let mut today = recorded_body("event-types/get-2024-06-14-plain")["data"].take();
    for newer in ["recurrence", "confirmationPolicy"] {
        today.as_object_mut().unwrap().remove(newer);
    }
    today["requiresConfirmation"] = true.into();
    today["recurringEvent"] = json!({"freq": 2, "interval": 1, "count": 4});
    today["customInputs"] = json!([{"id": 1, "label": "Insurance"}]);
    let (_server, client) = answering(&json!({"status": "success", "data": [today.clone()]}).to_string()).await;
    let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    let read = serde_json::to_value(groups.iter().next().unwrap()).unwrap();
    for field in ["requiresConfirmation", "recurringEvent", "customInputs"] {
        assert_eq!(read[field], today[field], "{field}");
    }
}

#[tokio::test]
async fn get_single_event_type_is_one_request() {
    holds("Get Single Event Type");
    let (server, client) = answering(&recorded_body("event-types/get-2024-06-14-plain").to_string()).await;
    client.event_types().get(2026361).await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/event-types/2026361");
}

#[tokio::test]
async fn get_single_event_type_is_read_in_the_documented_form() {
    holds("Get Single Event Type");
    let documented = data(EVENT_TYPES)["eventTypeGroups"][0]["eventTypes"][0].take();
    let (_server, client) = answering(&json!({"status": "success", "data": documented.clone()}).to_string()).await;
    let read: EventType = client.event_types().get(2026361).await.unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), documented);
}
