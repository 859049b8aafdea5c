//! 3. Schedules and 4. Availability.

use calcom::model::{Schedule, SlotQuery, Slots};
use serde_json::{Value, json};

use super::{answering, data, differs, holds, sent};
use crate::support::{recorded_body, round_trip};

const SCHEDULES: &str = include_str!("schedules.json");
const REQUEST: &str = include_str!("slots-request.json");
const SLOTS: &str = include_str!("slots.json");

fn query() -> SlotQuery {
    serde_json::from_str(REQUEST).unwrap()
}

#[tokio::test]
async fn list_schedules_is_one_request() {
    holds("List Schedules");
    let (server, client) = answering(SCHEDULES).await;
    client.schedules().list().await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/schedules");
}

#[tokio::test]
async fn list_schedules_the_documented_answer_comes_back_as_it_was() {
    holds("List Schedules");
    round_trip::<Vec<Schedule>>(SCHEDULES);
    let (_server, client) = answering(SCHEDULES).await;
    assert_eq!(serde_json::to_value(client.schedules().list().await.unwrap()).unwrap(), data(SCHEDULES));
}

#[tokio::test]
async fn list_schedules_todays_days_and_hours_are_the_documented_ones() {
    holds("List Schedules");
    let mut today = recorded_body("schedules/list-2024-06-11");
    today["data"][0]["availability"] =
        json!([{"days": ["Monday", "Tuesday", "Sunday"], "startTime": "09:00", "endTime": "17:00"}]);
    let (_server, client) = answering(&today.to_string()).await;
    let schedule = serde_json::to_value(&client.schedules().list().await.unwrap()[0]).unwrap();
    assert_eq!(schedule["schedule"], json!([{"days": [1, 2, 0], "startTime": "09:00", "endTime": "17:00"}]));
    for field in ["id", "name", "timeZone", "isDefault"] {
        assert_eq!(schedule[field], today["data"][0][field], "{field}");
    }
}

#[test]
fn get_available_slots_the_documented_request_is_read_under_its_names() {
    holds("Get Available Slots");
    assert_eq!(serde_json::to_value(query()).unwrap(), serde_json::from_str::<Value>(REQUEST).unwrap());
}

#[test]
fn get_available_slots_the_duration_is_optional() {
    holds("Get Available Slots");
    let mut request: Value = serde_json::from_str(REQUEST).unwrap();
    request.as_object_mut().unwrap().remove("duration");
    assert_eq!(serde_json::from_value::<SlotQuery>(request).unwrap().duration, None);
}

#[tokio::test]
async fn get_available_slots_is_sent_to_todays_route_in_todays_names() {
    differs("Get Available Slots", "slots-request");
    let (server, client) = answering(SLOTS).await;
    client.slots().list(&query()).await.unwrap();
    let today = "duration=30&end=2025-01-16T00:00:00Z&eventTypeId=2026361&start=2025-01-15T00:00:00Z";
    assert_eq!(sent(&server).await, format!("GET /v2/slots?{today}&timeZone=Europe/Berlin"));
}

#[tokio::test]
async fn get_available_slots_the_documented_route_is_there_too() {
    holds("Get Available Slots");
    let (server, client) = answering(SLOTS).await;
    client.slots().list_legacy(&query()).await.unwrap();
    let documented = "duration=30&endTime=2025-01-16T00:00:00Z&eventTypeId=2026361&startTime=2025-01-15T00:00:00Z";
    assert_eq!(sent(&server).await, format!("GET /v2/slots/available?{documented}&timeZone=Europe/Berlin"));
}

#[tokio::test]
async fn get_available_slots_the_documented_answer_comes_back_as_it_was() {
    holds("Get Available Slots");
    round_trip::<Slots>(SLOTS);
    let (_server, client) = answering(SLOTS).await;
    assert_eq!(serde_json::to_value(client.slots().list(&query()).await.unwrap()).unwrap(), data(SLOTS));
}

#[tokio::test]
async fn get_available_slots_documented_fields_survive_beside_todays() {
    holds("Get Available Slots");
    let today = json!({"status": "success", "data": {"2025-01-15": [
        {"start": "2025-01-15T09:00:00Z", "attendees": 2, "bookingUid": "abc", "users": ["johndoe"]},
    ]}});
    let (_server, client) = answering(&today.to_string()).await;
    let slots = serde_json::to_value(client.slots().list(&query()).await.unwrap()).unwrap();
    let expected = json!({"time": "2025-01-15T09:00:00Z", "attendees": 2, "bookingUid": "abc", "users": ["johndoe"]});
    assert_eq!(slots["slots"]["2025-01-15"], json!([expected]));
}

#[tokio::test]
async fn get_available_slots_the_service_names_nobody_who_is_free() {
    differs("Get Available Slots", "absent-fields");
    let (_server, client) = answering(&recorded_body("slots/get-2024-09-04-by-event-type-id").to_string()).await;
    let slots = client.slots().list(&query()).await.unwrap();
    assert!(!slots.is_empty());
    assert!(slots.iter().all(|slot| slot.users.is_empty() && slot.attendees == 0 && slot.booking_uid.is_none()));
}
