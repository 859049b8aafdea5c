//! Teams: shared bookings, turns, copies of managed event types, absences, reassignment, members and roles.

use calcom::Contract;
use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeEventType, FakeTeam, FakeUser};
use serde_json::{Value, json};

use crate::send;

const NINE: &str = "2026-11-24T09:00:00.000Z";

/// Ada leads the sales team of acme, Bob and Cem are members. Ada is away on 26 November.
async fn sales() -> FakeCalcom {
    let ada = FakeUser::new("ada").name("Ada Test").out_of_office(day("2026-11-26"), day("2026-11-26"));
    FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(ada)
        .user(FakeUser::new("bob").name("Bob Test"))
        .user(FakeUser::new("cem").name("Cem Test"))
        .user(FakeUser::new("out"))
        .team(FakeTeam::new("acme").organization().owner("ada").member("bob").member("cem"))
        .team(FakeTeam::new("sales").name("Sales").of_organization("acme").admin("ada").member("bob").member("cem"))
        .event_type(FakeEventType::of_team("sales", "together", 30).collective(&["ada", "bob"]))
        .event_type(FakeEventType::of_team("sales", "turns", 30).round_robin(&["ada", "bob", "cem"]))
        .event_type(FakeEventType::of_team("sales", "each", 30).managed(&["bob", "cem"]))
        .start()
        .await
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

async fn call(fake: &FakeCalcom, user: &str, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
    let call = RawRequest::new(method, target).key(&fake.api_key_of(user)).version("2024-08-13");
    send(
        fake,
        match body {
            Some(body) => call.json(&body),
            None => call,
        },
    )
    .await
}

async fn book(fake: &FakeCalcom, slug: &str, start: &str, email: &str) -> (u16, Value) {
    let body = json!({ "start": start, "eventTypeId": fake.event_type_id("sales", slug),
        "attendee": { "name": "Eva Test", "email": email, "timeZone": "UTC" } });
    call(fake, "out", "POST", "/v2/bookings", Some(body)).await
}

fn message(body: &Value) -> &str {
    body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_collective_booking_takes_all_hosts_and_shows_the_others_as_attendees() {
    let fake = sales().await;
    let (status, body) = book(&fake, "together", NINE, "eva@example.org").await;
    assert_eq!((status, &body["data"]["title"]), (201, &json!("together between Sales and Eva Test")), "{body}");
    assert_eq!(body["data"]["hosts"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["data"]["attendees"][1]["email"], "bob@example.com");
    // Bob is taken in turns too, and Ada as well: Cem is left.
    let (_, body) = book(&fake, "turns", NINE, "fay@example.org").await;
    assert_eq!(body["data"]["hosts"][0]["username"], "cem");
    let (status, body) = book(&fake, "turns", NINE, "gil@example.org").await;
    let taken = "One of the hosts either already has booking at this time or is not available";
    assert_eq!((status, message(&body)), (400, taken));
    fake.expect_booked(2);
}

#[tokio::test(start_paused = true)]
async fn round_robin_hosts_alternate_and_an_absent_one_is_skipped() {
    let fake = sales().await;
    let mut hosts = Vec::new();
    for hour in ["09", "10", "11"] {
        let (_, body) = book(&fake, "turns", &format!("2026-11-26T{hour}:00:00Z"), "eva@example.org").await;
        hosts.push(body["data"]["hosts"][0]["username"].as_str().unwrap().to_owned());
    }
    assert_eq!(hosts, ["bob", "cem", "bob"]);
    let slots = |slug: &str| {
        let id = fake.event_type_id("sales", slug);
        let target = format!("/v2/slots?eventTypeId={id}&start=2026-11-26&end=2026-11-26");
        RawRequest::new("GET", &target).version("2024-09-04")
    };
    let (_, body) = send(&fake, slots("together")).await;
    assert_eq!(body["data"], json!({}), "Ada is away");
    let (_, body) = send(&fake, slots("turns")).await;
    assert_eq!(body["data"]["2026-11-26"][0]["start"], NINE.replace("24", "26"), "Cem is free");
}

#[tokio::test(start_paused = true)]
async fn a_booking_is_reassigned_to_the_next_host_or_to_a_named_one() {
    let fake = sales().await;
    let (_, body) = book(&fake, "turns", NINE, "eva@example.org").await;
    assert_eq!(body["data"]["hosts"][0]["username"], "ada");
    let uid = body["data"]["uid"].as_str().unwrap().to_owned();
    let to = |part: &str| format!("/v2/bookings/{uid}/reassign{part}");
    let (status, body) = call(&fake, "ada", "POST", &to(""), None).await;
    assert_eq!((status, &body["data"]["reassignedTo"]["name"]), (200, &json!("Bob Test")));
    let cem = format!("/{}", fake.user_id("cem"));
    let (status, body) = call(&fake, "bob", "POST", &to(&cem), None).await;
    assert_eq!((status, &body["data"]["reassignedTo"]["email"]), (200, &json!("cem@example.com")));
    let (_, body) = call(&fake, "ada", "GET", &format!("/v2/bookings/{uid}"), None).await;
    assert_eq!(body["data"]["title"], "turns between Cem Test and Eva Test");
    assert_eq!(body["data"]["hosts"][0]["username"], "cem");
    let stranger = format!("/{}", fake.user_id("out"));
    assert_eq!(call(&fake, "ada", "POST", &to(&stranger), None).await.0, 400);
    assert_eq!(call(&fake, "ada", "POST", &to("/999"), None).await.0, 404);
    assert_eq!(call(&fake, "out", "POST", &to(""), None).await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn a_managed_event_type_is_a_list_and_only_its_copies_are_booked() {
    let fake = sales().await;
    let (status, body) = book(&fake, "each", NINE, "eva@example.org").await;
    assert_eq!(status, 400);
    assert!(message(&body).contains("is the parent managed event type"), "{body}");
    let team = fake.team_id("sales");
    let path = format!("/v2/teams/{team}/event-types/{}", fake.event_type_id("sales", "each"));
    let change = json!({ "title": "For each" });
    let (status, body) = call(&fake, "ada", "PATCH", &path, Some(change)).await;
    assert_eq!(status, 200);
    let shown: Vec<(&Value, &Value)> =
        body["data"].as_array().unwrap().iter().map(|event| (&event["title"], &event["ownerId"])).collect();
    let title = json!("For each");
    let owners = [Value::Null, fake.user_id("bob").into(), fake.user_id("cem").into()];
    assert_eq!(shown, owners.iter().map(|owner| (&title, owner)).collect::<Vec<_>>());
    // The copy of Bob is booked as his own.
    let body = json!({ "start": NINE, "eventTypeSlug": "each", "username": "bob",
        "attendee": { "name": "Eva Test", "email": "eva@example.org", "timeZone": "UTC" } });
    let (status, body) = call(&fake, "out", "POST", "/v2/bookings", Some(body)).await;
    assert_eq!((status, &body["data"]["hosts"][0]["username"]), (201, &json!("bob")));
    let (_, listed) = call(&fake, "ada", "GET", &format!("/v2/teams/{team}/bookings"), None).await;
    assert_eq!(listed["data"][0]["uid"], body["data"]["uid"], "the team's list has bookings of the copies");
}

#[tokio::test(start_paused = true)]
async fn roles_are_checked_before_bodies() {
    let fake = sales().await;
    let (org, team) = (fake.team_id("acme"), fake.team_id("sales"));
    let of_team = format!("/v2/teams/{team}/memberships");
    let (status, body) = call(&fake, "bob", "POST", &of_team, Some(json!({ "userId": "x" }))).await;
    let expected = format!(
        "RolesGuard - user with id={} does not have the minimum required role=TEAM_ADMIN within team with id={team}.",
        fake.user_id("bob")
    );
    assert_eq!((status, message(&body)), (403, &*expected));
    let (status, _) = call(&fake, "ada", "POST", &of_team, Some(json!({ "userId": "x" }))).await;
    assert_eq!(status, 400);
    let (status, body) = call(&fake, "ada", "POST", &of_team, Some(json!({ "userId": fake.user_id("out") }))).await;
    assert_eq!((status, &body["data"]["role"], &body["data"]["accepted"]), (201, &json!("MEMBER"), &json!(false)));
    let (status, body) = call(&fake, "out", "GET", &format!("/v2/organizations/{org}/users"), None).await;
    assert_eq!(status, 403, "an operation that is not played has roles too: {body}");
    assert_eq!(call(&fake, "ada", "GET", &format!("/v2/organizations/{org}/users"), None).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn ones_own_absence_closes_the_slots_of_that_user_on_the_hosted_service() {
    let fake =
        FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).contract(Contract::Hosted).start().await;
    let slots = || {
        let target = "/v2/slots?eventTypeId=1&start=2026-11-24&end=2026-11-25";
        send(&fake, RawRequest::new("GET", target).version("2024-09-04"))
    };
    let body = json!({ "start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "reason": "sick" });
    let (status, made) = call(&fake, "johndoe", "POST", "/v2/me/ooo", Some(body.clone())).await;
    assert_eq!(
        (status, &made["data"]["end"]),
        (201, &json!("2026-11-24T23:59:59.999Z")),
        "the days count, not the times"
    );
    assert_eq!(call(&fake, "johndoe", "POST", "/v2/me/ooo", Some(body)).await.0, 409);
    let days = |body: &Value| body["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(days(&slots().await.1), ["2026-11-25"]);
    let path = format!("/v2/me/ooo/{}", made["data"]["id"]);
    assert_eq!(call(&fake, "johndoe", "DELETE", &path, None).await.0, 200);
    assert_eq!(days(&slots().await.1), ["2026-11-24", "2026-11-25"]);
}

#[tokio::test(start_paused = true)]
async fn the_hosted_list_of_bookings_is_read_by_cursor() {
    let fake =
        FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).contract(Contract::Hosted).start().await;
    for hour in ["09", "10", "11"] {
        let body = json!({ "start": format!("2026-11-24T{hour}:00:00Z"), "eventTypeId": 1,
            "attendee": { "name": "Eva Test", "email": "eva@example.org", "timeZone": "UTC" } });
        let call = RawRequest::new("POST", "/v2/bookings").version("2026-02-25").json(&body);
        assert_eq!(send(&fake, call).await.0, 201);
    }
    let list = |query: &str| {
        let call = RawRequest::new("GET", &format!("/v2/bookings?{query}")).version("2026-05-01");
        send(&fake, call.key(&fake.api_key()))
    };
    let (_, first) = list("status=upcoming&limit=2").await;
    assert_eq!(first["pagination"]["hasMore"], true);
    assert!(first["pagination"].get("totalItems").is_none());
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let (_, last) = list(&format!("status=upcoming&limit=2&cursor={cursor}")).await;
    assert_eq!(last["pagination"], json!({ "nextCursor": null, "hasMore": false }));
    let starts: Vec<&Value> =
        [&first, &last].iter().flat_map(|page| page["data"].as_array().unwrap()).map(|row| &row["start"]).collect();
    assert_eq!(starts, ["2026-11-24T09:00:00.000Z", "2026-11-24T10:00:00.000Z", "2026-11-24T11:00:00.000Z"]);
    let (_, all) = list("").await;
    assert_eq!(all["data"][0]["start"], "2026-11-24T11:00:00.000Z", "without a status the last one is first");
    for wrong in ["limit=0", "limit=101", "status=upcoming,past", "cursor=nonsense"] {
        assert_eq!(list(wrong).await.0, 400, "{wrong}");
    }
}
