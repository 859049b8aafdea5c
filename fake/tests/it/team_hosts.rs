//! Hosts of a team: those who have to attend, and those who come and leave; pages of members.

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeEventType, FakeTeam, FakeUser};
use serde_json::{Value, json};

use crate::send;

/// Ada owns the team of Bob and Cem; Eve is no member.
async fn sales() -> FakeCalcom {
    FakeCalcom::builder()
        .at("2028-02-27T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("ada").name("Ada Test"))
        .user(FakeUser::new("bob").name("Bob Test"))
        .user(FakeUser::new("cem").name("Cem Test"))
        .user(FakeUser::new("eve"))
        .team(FakeTeam::new("sales").name("Sales").owner("ada").member("bob").member("cem"))
        .event_type(FakeEventType::of_team("sales", "round-robin", 30).round_robin(&["ada", "bob", "cem"]))
        .event_type(FakeEventType::of_team("sales", "each", 30).managed(&["bob", "cem"]))
        .start()
        .await
}

async fn call(fake: &FakeCalcom, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
    let call = RawRequest::new(method, target).key(&fake.api_key_of("ada")).version("2024-08-13");
    send(
        fake,
        match body {
            Some(body) => call.json(&body),
            None => call,
        },
    )
    .await
}

async fn book(fake: &FakeCalcom, start: &str) -> (u16, Value) {
    let attendee = json!({"name": "Fay Test", "email": "fay@example.org", "timeZone": "UTC"});
    let body = json!({"start": start, "eventTypeId": fake.event_type_id("sales", "round-robin"), "attendee": attendee});
    call(fake, "POST", "/v2/bookings", Some(body)).await
}

fn of_round_robin(fake: &FakeCalcom) -> String {
    format!("/v2/teams/{}/event-types/{}", fake.team_id("sales"), fake.event_type_id("sales", "round-robin"))
}

#[tokio::test(start_paused = true)]
async fn a_mandatory_host_attends_every_booking_beside_the_round_robin_host() {
    let fake = sales().await;
    let host = |name: &str, mandatory: bool| json!({"userId": fake.user_id(name), "mandatory": mandatory});
    let hosts = json!({"hosts": [host("ada", true), host("bob", false), host("cem", false)]});
    assert_eq!(call(&fake, "PATCH", &of_round_robin(&fake), Some(hosts)).await.0, 200);
    let mut beside = Vec::new();
    for hour in ["09", "10", "11"] {
        let (status, body) = book(&fake, &format!("2028-02-29T{hour}:00:00Z")).await;
        assert_eq!((status, &body["data"]["hosts"][0]["username"]), (201, &json!("ada")), "{body}");
        beside.push(body["data"]["attendees"][1]["email"].as_str().unwrap().to_owned());
    }
    assert_eq!(beside, ["bob@example.com", "cem@example.com", "bob@example.com"]);
    // Ada is taken, so that nobody else can have the time.
    let (status, body) = book(&fake, "2028-02-29T09:00:00Z").await;
    assert_eq!(status, 400, "{body}");
    let target =
        format!("/v2/slots?eventTypeId={}&start=2028-02-29&end=2028-02-29", fake.event_type_id("sales", "round-robin"));
    let (_, slots) = send(&fake, RawRequest::new("GET", &target).version("2024-09-04")).await;
    let starts: Vec<&str> =
        slots["data"]["2028-02-29"].as_array().unwrap().iter().map(|slot| slot["start"].as_str().unwrap()).collect();
    assert_eq!(starts[..2], ["2028-02-29T09:30:00.000Z", "2028-02-29T10:30:00.000Z"], "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reassignment_leaves_the_mandatory_host_in_the_booking() {
    let fake = sales().await;
    let host = |name: &str, mandatory: bool| json!({"userId": fake.user_id(name), "mandatory": mandatory});
    let hosts = json!({"hosts": [host("ada", true), host("bob", false), host("cem", false)]});
    call(&fake, "PATCH", &of_round_robin(&fake), Some(hosts)).await;
    let (_, body) = book(&fake, "2028-02-29T09:00:00Z").await;
    let uid = body["data"]["uid"].as_str().unwrap().to_owned();
    let (status, body) = call(&fake, "POST", &format!("/v2/bookings/{uid}/reassign"), None).await;
    assert_eq!((status, &body["data"]["reassignedTo"]["name"]), (200, &json!("Cem Test")), "{body}");
    let (_, body) = call(&fake, "GET", &format!("/v2/bookings/{uid}"), None).await;
    assert_eq!(body["data"]["hosts"][0]["username"], "ada");
    assert_eq!(body["data"]["attendees"][1]["email"], "cem@example.com");
}

#[tokio::test(start_paused = true)]
async fn a_member_who_leaves_is_no_host_any_more_and_loses_the_copy() {
    let fake = sales().await;
    let team = fake.team_id("sales");
    let (_, members) = call(&fake, "GET", &format!("/v2/teams/{team}/memberships"), None).await;
    let bob = fake.user_id("bob");
    let row = members["data"].as_array().unwrap().iter().find(|row| row["userId"] == bob).unwrap().clone();
    let (status, _) = call(&fake, "DELETE", &format!("/v2/teams/{team}/memberships/{}", row["id"]), None).await;
    assert_eq!(status, 200);
    let (_, body) = call(&fake, "GET", &of_round_robin(&fake), None).await;
    let hosts: Vec<&Value> = body["data"]["hosts"].as_array().unwrap().iter().map(|host| &host["username"]).collect();
    assert_eq!(hosts, ["ada", "cem"]);
    let body = json!({"start": "2028-02-29T09:00:00Z", "eventTypeSlug": "each", "username": "bob",
        "attendee": {"name": "Fay Test", "email": "fay@example.org", "timeZone": "UTC"}});
    assert_eq!(call(&fake, "POST", "/v2/bookings", Some(body)).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_new_member_gets_a_copy_of_a_managed_event_type_of_all_members() {
    let fake = sales().await;
    let team = fake.team_id("sales");
    let each = format!("/v2/teams/{team}/event-types/{}", fake.event_type_id("sales", "each"));
    let (_, body) = call(&fake, "PATCH", &each, Some(json!({"assignAllTeamMembers": true}))).await;
    assert_eq!(body["data"].as_array().unwrap().len(), 4, "the event type and a copy for each of three members");
    let new = json!({"userId": fake.user_id("eve"), "accepted": true});
    assert_eq!(call(&fake, "POST", &format!("/v2/teams/{team}/memberships"), Some(new)).await.0, 201);
    let (_, body) = call(&fake, "PATCH", &each, Some(json!({}))).await;
    let owners: Vec<&Value> = body["data"].as_array().unwrap().iter().map(|event| &event["ownerId"]).collect();
    assert!(owners.contains(&&json!(fake.user_id("eve"))), "{owners:?}");
}

#[tokio::test(start_paused = true)]
async fn the_metadata_of_a_team_is_measured_in_utf_16() {
    let fake = sales().await;
    let change = |text: String| json!({"name": "Sales", "metadata": {"k": text}});
    let team = format!("/v2/teams/{}", fake.team_id("sales"));
    let foxes = |count: usize| "\u{1f98a}".repeat(count);
    assert_eq!(call(&fake, "PATCH", &team, Some(change(foxes(250)))).await.0, 200);
    assert_eq!(call(&fake, "PATCH", &team, Some(change(foxes(251)))).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn the_host_of_a_team_booking_reschedules_without_a_confirmation() {
    let fake = sales().await;
    let confirmed = json!({"confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": false}});
    assert_eq!(call(&fake, "PATCH", &of_round_robin(&fake), Some(confirmed)).await.0, 200);
    let (_, body) = book(&fake, "2028-02-29T09:00:00Z").await;
    assert_eq!((&body["data"]["status"], &body["data"]["hosts"][0]["username"]), (&json!("pending"), &json!("ada")));
    let path = format!("/v2/bookings/{}/reschedule", body["data"]["uid"].as_str().unwrap());
    let (status, body) = call(&fake, "POST", &path, Some(json!({"start": "2028-02-29T12:00:00Z"}))).await;
    assert_eq!((status, &body["data"]["status"]), (201, &json!("accepted")), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_members_has_250_at_most() {
    let fake = sales().await;
    let list = format!("/v2/teams/{}/memberships", fake.team_id("sales"));
    for (query, status) in
        [("take=250", 200), ("take=251", 400), ("take=0", 400), ("take=1&skip=-1", 400), ("take=x", 400)]
    {
        assert_eq!(call(&fake, "GET", &format!("{list}?{query}"), None).await.0, status, "{query}");
    }
    let (_, page) = call(&fake, "GET", &format!("{list}?take=1&skip=2"), None).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}
