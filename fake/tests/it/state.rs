//! The behaviour of the fake, value by value. The replay of the recordings asserts the form of its responses.

use std::time::Duration;

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, FakeWebhook};
use jiff::civil::date;
use serde_json::{Map, Value, json};

use super::{create, get, post, send};

const NINE: &str = "2026-12-01T09:00:00Z";

/// A fake with hours in Berlin, none on the second, and hours on Saturday the fifth.
async fn berlin() -> FakeCalcom {
    let hours = FakeSchedule::nine_to_five("Hours").time_zone("Europe/Berlin");
    let hours = hours.on(date(2026, 12, 2), "00:00", "00:00").on(date(2026, 12, 5), "10:00", "11:00");
    FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("ada").time_zone("America/New_York").schedule(hours))
        .user(FakeUser::new("bob"))
        .event_type(FakeEventType::new("ada", "half", 30))
        .event_type(FakeEventType::new("ada", "secret", 30).hidden())
        .event_type(FakeEventType::new("ada", "long", 30).lengths(&[15, 30, 60]))
        .start()
        .await
}

async fn slots(fake: &FakeCalcom, query: &str) -> Value {
    let call = RawRequest::new("GET", &format!("/v2/slots?{query}")).version("2024-09-04");
    let (status, body) = send(fake, call).await;
    assert_eq!(status, 200, "{body}");
    body["data"].clone()
}

fn starts(day: &Value) -> Vec<&str> {
    day.as_array().unwrap().iter().map(|slot| slot["start"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn hours_are_those_of_their_zone_and_their_exceptions_across_summer_time() {
    let fake = berlin().await;
    let week = slots(&fake, "eventTypeId=1&start=2026-12-01&end=2026-12-07").await;
    let days: Vec<&String> = week.as_object().unwrap().keys().collect();
    assert_eq!(days, ["2026-12-01", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-07"]);
    assert_eq!(starts(&week["2026-12-05"]), ["2026-12-05T09:00:00.000Z", "2026-12-05T09:30:00.000Z"]);
    let change = slots(&fake, "eventTypeId=1&start=2027-03-26&end=2027-03-29").await;
    assert_eq!(starts(&change["2027-03-26"])[0], "2027-03-26T08:00:00.000Z");
    assert_eq!(starts(&change["2027-03-29"])[0], "2027-03-29T07:00:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn slots_come_in_the_zone_form_and_range_that_was_asked_for() {
    let fake = berlin().await;
    let tokyo = slots(&fake, "eventTypeId=1&start=2026-12-01&end=2026-12-01&timeZone=Asia/Tokyo").await;
    assert_eq!(starts(&tokyo["2026-12-01"])[0], "2026-12-01T17:00:00.000+09:00");
    let range = slots(&fake, "eventTypeId=1&start=2026-12-01&end=2026-12-01&format=range").await;
    let first = json!({ "start": "2026-12-01T08:00:00.000Z", "end": "2026-12-01T08:30:00.000Z" });
    assert_eq!(range["2026-12-01"][0], first);
    let bounds = "eventTypeId=1&start=2026-12-01T09:00:00Z&end=2026-12-01T10:00:00Z";
    assert_eq!(starts(&slots(&fake, bounds).await["2026-12-01"]).len(), 2);
    assert_eq!(slots(&fake, "eventTypeId=1&start=2026-12-02&end=2026-12-02").await, json!({}));
    let hour = slots(&fake, "eventTypeId=3&start=2026-12-05&end=2026-12-05&duration=60").await;
    assert_eq!(starts(&hour["2026-12-05"]).len(), 1);
    let named = slots(&fake, "username=ada&eventTypeSlug=half&start=2026-12-05&end=2026-12-05").await;
    assert_eq!(starts(&named["2026-12-05"]).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn event_types_are_of_their_lengths_fields_and_secrecy() {
    let fake = berlin().await;
    let mut long = json!({ "start": "2026-12-01T09:00:00Z", "eventTypeId": 3, "lengthInMinutes": 60,
        "attendee": { "name": "Eve", "email": "eve@example.org", "timeZone": "UTC" } });
    let (status, booked) = post(&fake, "/v2/bookings", &long).await;
    assert_eq!((status, &booked["data"]["duration"]), (201, &json!(60)));
    long["lengthInMinutes"] = json!(20);
    long["start"] = json!("2026-12-01T12:00:00Z");
    assert_eq!(post(&fake, "/v2/bookings", &long).await.0, 400);

    let list = RawRequest::new("GET", "/v2/event-types?username=ada").version("2024-06-14");
    let seen = async |call: RawRequest| send(&fake, call).await.1["data"].as_array().unwrap().len();
    assert_eq!(seen(list.clone()).await, 2);
    assert_eq!(seen(list.clone().key(&fake.api_key_of("bob"))).await, 2);
    assert_eq!(seen(list.key(&fake.api_key())).await, 3);

    let recorded = FakeCalcom::recorded_seed().await;
    let (status, refused) = send(&recorded, create(&recorded, 7, "ada@example.org", NINE)).await;
    assert_eq!(status, 400, "the field `topic` is missing");
    assert!(refused["error"]["message"].as_str().unwrap().contains("topic"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_declined_booking_can_be_confirmed_and_a_confirmed_one_not_declined() {
    let fake = FakeCalcom::recorded_seed().await;
    let (_, booked) = send(&fake, create(&fake, 2, "ada@example.org", NINE)).await;
    assert_eq!(booked["data"]["status"], "pending");
    let path = format!("/v2/bookings/{}", booked["data"]["uid"].as_str().unwrap());
    let jane =
        RawRequest::new("POST", &format!("{path}/confirm")).version("2024-08-13").key(&fake.api_key_of("janeroe"));
    let (status, refused) = send(&fake, jane).await;
    assert_eq!((status, &refused["error"]["code"]), (401, &json!("TRPCError")));
    let mut told = Vec::new();
    for what in ["decline", "decline", "confirm", "confirm", "decline"] {
        let (status, body) = post(&fake, &format!("{path}/{what}"), &json!({})).await;
        told.push((status, body["data"]["status"].as_str().unwrap_or("refused").to_owned()));
    }
    let told: Vec<(u16, &str)> = told.iter().map(|(status, text)| (*status, text.as_str())).collect();
    let refused = (400, "refused");
    assert_eq!(told, [(200, "rejected"), (200, "rejected"), (200, "accepted"), refused, refused]);
}

#[tokio::test(start_paused = true)]
async fn a_rescheduled_booking_has_a_new_uid_and_both_bookings_name_each_other() {
    let fake = FakeCalcom::recorded_seed().await;
    for (event, day, successor_is_named) in [(1, "02", true), (4, "03", false)] {
        let (_, booked) = send(&fake, create(&fake, event, "ada@example.org", NINE)).await;
        let first = if event == 4 { &booked["data"][0] } else { &booked["data"] };
        let old = first["uid"].as_str().unwrap();
        let start = json!({ "start": format!("2026-12-{day}T14:00:00Z") });
        let (status, moved) = post(&fake, &format!("/v2/bookings/{old}/reschedule"), &start).await;
        assert_eq!(status, 201, "{moved}");
        let new = moved["data"]["uid"].as_str().unwrap();
        assert_ne!(new, old);
        assert_eq!(moved["data"]["rescheduledFromUid"], old);
        let (_, before) = get(&fake, &format!("/v2/bookings/{old}")).await;
        assert_eq!(before["data"]["status"], "cancelled");
        let named = before["data"].get("rescheduledToUid").and_then(Value::as_str);
        assert_eq!(named, successor_is_named.then_some(new), "of a series it is not told");
        let (status, again) = post(&fake, &format!("/v2/bookings/{old}/reschedule"), &start).await;
        assert_eq!(status, 400);
        assert!(again["error"]["message"].as_str().unwrap().contains("rescheduled already"), "{again}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_past_booking_takes_absences_and_cannot_be_cancelled() {
    let fake = FakeCalcom::recorded_seed().await;
    let (_, booked) = send(&fake, create(&fake, 1, "ada@example.org", NINE)).await;
    let path = format!("/v2/bookings/{}", booked["data"]["uid"].as_str().unwrap());
    let absent = json!({ "attendees": [{ "email": "ada@example.org", "absent": true }] });
    assert_eq!(post(&fake, &format!("{path}/mark-absent"), &absent).await.0, 400, "it has not begun");
    let past = async || get(&fake, "/v2/bookings?status=past").await.1["pagination"]["totalItems"].clone();
    assert_eq!(past().await, 0);
    fake.clock().set("2026-12-01T09:10:00Z".parse().unwrap());
    let (status, marked) = post(&fake, &format!("{path}/mark-absent"), &absent).await;
    assert_eq!((status, &marked["data"]["attendees"][0]["absent"]), (200, &json!(true)));
    fake.clock().set("2026-12-01T09:31:00Z".parse().unwrap());
    assert_eq!(past().await, 1);
    let (status, refused) = post(&fake, &format!("{path}/cancel"), &json!({ "cancellationReason": "late" })).await;
    assert_eq!((status, &refused["message"]), (400, &json!("Cannot cancel a booking that has already ended")));
    assert_eq!(send(&fake, create(&fake, 1, "ada@example.org", NINE)).await.0, 400, "in the past");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_by_the_host_needs_a_reason_and_others_do_not() {
    let fake = FakeCalcom::recorded_seed().await;
    let (_, booked) = send(&fake, create(&fake, 1, "ada@example.org", NINE)).await;
    let path = format!("/v2/bookings/{}/cancel", booked["data"]["uid"].as_str().unwrap());
    assert_eq!(post(&fake, &path, &json!({})).await.0, 400);
    let nobody = RawRequest::new("POST", &path).version("2024-08-13").json(&json!({}));
    assert_eq!(send(&fake, nobody).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_reserved_for_five_minutes_and_can_still_be_booked() {
    let fake = FakeCalcom::recorded_seed().await;
    let free = async || {
        let day = slots(&fake, "eventTypeId=1&start=2026-12-01&end=2026-12-01").await;
        starts(&day["2026-12-01"]).contains(&"2026-12-01T09:00:00.000Z")
    };
    let reserve = RawRequest::new("POST", "/v2/slots/reservations")
        .version("2024-09-04")
        .json(&json!({ "eventTypeId": 1, "slotStart": NINE }));
    assert_eq!(send(&fake, reserve.clone()).await.0, 201);
    assert!(!free().await);
    assert_eq!(send(&fake, reserve.clone()).await.0, 422);
    fake.clock().advance(Duration::from_secs(5 * 60));
    assert!(free().await, "it has run out");
    assert_eq!(send(&fake, reserve.clone()).await.0, 201);
    assert_eq!(send(&fake, create(&fake, 1, "ada@example.org", NINE)).await.0, 201);
    assert_eq!(send(&fake, reserve).await.0, 422, "it is booked");
}

#[tokio::test(start_paused = true)]
async fn another_user_reads_and_changes_what_the_service_allows() {
    let fake = FakeCalcom::recorded_seed().await;
    let (_, booked) = send(&fake, create(&fake, 1, "ada@example.org", NINE)).await;
    let uid = booked["data"]["uid"].as_str().unwrap();
    let key = fake.api_key_of("janeroe");
    let jane = async |method: &str, path: &str, version: &str| {
        let call = RawRequest::new(method, path).version(version).key(&key).json(&json!({}));
        send(&fake, call).await.0
    };
    assert_eq!(jane("GET", "/v2/event-types/1", "2024-06-14").await, 404);
    assert_eq!(jane("PATCH", "/v2/event-types/1", "2024-06-14").await, 404);
    assert_eq!(jane("DELETE", "/v2/event-types/1", "2024-06-14").await, 403);
    assert_eq!(jane("GET", "/v2/schedules/1", "2024-06-11").await, 403);
    assert_eq!(jane("GET", &format!("/v2/bookings/{uid}/attendees"), "2024-08-13").await, 403);
    assert_eq!(jane("GET", &format!("/v2/bookings/{uid}"), "2024-08-13").await, 200, "who has the uid may look");
    let list = RawRequest::new("GET", "/v2/bookings").version("2024-08-13").key(&key);
    assert_eq!(send(&fake, list).await.1["data"], json!([]), "but it is not in her list");
    assert_eq!(jane("POST", &format!("/v2/bookings/{uid}/cancel"), "2024-08-13").await, 200);
}

#[tokio::test(start_paused = true)]
async fn unknown_properties_are_refused_or_dropped_by_route() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut body = json!({ "start": NINE, "eventTypeId": 1, "colour": "red",
        "attendee": { "name": "Ada", "email": "ada@example.org", "timeZone": "UTC" } });
    let (status, refused) = post(&fake, "/v2/bookings", &body).await;
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(status == 400 && message.contains("property colour should not exist"), "{refused}");
    // This route returns all violations in one message; others return a tree.
    body["attendee"] = json!({});
    let (_, refused) = post(&fake, "/v2/bookings", &body).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains(','), "{refused}");
    assert!(refused["error"]["details"].get("errors").is_none(), "{refused}");
    let schedule = RawRequest::new("POST", "/v2/schedules").version("2024-06-11").key(&fake.api_key());
    let (status, refused) = send(&fake, schedule.clone().json(&json!({ "name": 1, "colour": "red" }))).await;
    assert_eq!((status, &refused["error"]["message"]), (400, &json!("Bad Request Exception")));
    assert_eq!(refused["error"]["details"]["errors"][0]["property"], "name");
    let fine = json!({ "name": "Late", "timeZone": "UTC", "isDefault": false, "colour": "red" });
    let (status, made) = send(&fake, schedule.json(&fine)).await;
    assert_eq!((status, made["data"].get("colour")), (201, None));
}

#[tokio::test(start_paused = true)]
async fn metadata_has_limits() {
    let fake = FakeCalcom::recorded_seed().await;
    let with = async |hour: usize, metadata: Value| {
        let body = json!({ "start": format!("2026-12-01T{:02}:00:00Z", hour), "eventTypeId": 1, "metadata": metadata,
            "attendee": { "name": "Ada", "email": "ada@example.org", "timeZone": "UTC" } });
        post(&fake, "/v2/bookings", &body).await.0
    };
    let keys = |count: usize| -> Value {
        (0..count).map(|n| (format!("k{n}"), json!("v"))).collect::<Map<String, Value>>().into()
    };
    assert_eq!(with(9, keys(50)).await, 201);
    assert_eq!(with(10, keys(51)).await, 400);
    assert_eq!(with(10, json!({ "k".repeat(40): "v".repeat(500) })).await, 201);
    assert_eq!(with(11, json!({ "k".repeat(41): "v" })).await, 400);
    assert_eq!(with(11, json!({ "k": "v".repeat(501) })).await, 400);
    assert_eq!(with(11, json!({ "k": 1 })).await, 400);
}

#[tokio::test(start_paused = true)]
async fn lists_are_filtered_sorted_and_paged_with_the_counters_bug() {
    let fake = FakeCalcom::recorded_seed().await;
    for (hour, email) in [(9, "ada@example.org"), (10, "Ada@example.org"), (11, "ada@example.org")] {
        fake.clock().advance(Duration::from_secs(60));
        let start = format!("2026-12-01T{hour:02}:00:00Z");
        assert_eq!(send(&fake, create(&fake, 1, email, &start)).await.0, 201);
    }
    let list = async |query: &str| -> (Vec<String>, Value) {
        let (status, body) = get(&fake, &format!("/v2/bookings?{query}")).await;
        assert_eq!(status, 200, "{body}");
        let hours = body["data"].as_array().unwrap().iter().map(|b| b["start"].as_str().unwrap()[11..13].to_owned());
        (hours.collect(), body["pagination"].clone())
    };
    assert_eq!(list("attendeeEmail=ada@example.org").await.0, ["09", "11"]);
    assert_eq!(list("attendeeEmail=Ada@example.org").await.0, ["10"]);
    assert_eq!(list("afterStart=2026-12-01T10:00:00Z&beforeEnd=2026-12-01T10:30:00Z").await.0, ["10"]);
    assert_eq!(list("sortStart=desc").await.0, ["11", "10", "09"]);
    assert_eq!(list("eventTypeIds=1,2&sortCreated=asc").await.0.len(), 3);
    let (hours, page) = list("take=2&skip=2").await;
    assert_eq!((hours.len(), &page["currentPage"], &page["hasNextPage"]), (1, &json!(2), &json!(false)));
    // The counters ignore this filter.
    let (hours, page) = list("beforeCreatedAt=2020-01-01T00:00:00Z&take=2").await;
    assert_eq!((hours.len(), &page["totalItems"], &page["hasNextPage"]), (0, &json!(3), &json!(true)));
    assert_eq!(get(&fake, "/v2/bookings?sortStart=DESC").await.0, 400);
    assert_eq!(get(&fake, "/v2/bookings?take=251").await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn the_old_generation_has_its_own_shapes() {
    let fake = FakeCalcom::recorded_seed().await;
    let old = json!({ "start": NINE, "eventTypeId": 1, "timeZone": "Europe/Rome", "language": "en", "metadata": {},
        "responses": { "name": "Ada", "email": "ada@example.org" } });
    let call = RawRequest::new("POST", "/v2/bookings").key(&fake.api_key()).json(&old);
    let (status, row) = send(&fake, call.clone()).await;
    assert_eq!((status, &row["data"]["status"]), (201, &json!("ACCEPTED")));
    let (status, taken) = send(&fake, call).await;
    assert_eq!((status, &taken["error"]["message"]), (400, &json!("no_available_users_found_error")));
    let (_, list) =
        send(&fake, RawRequest::new("GET", "/v2/bookings?filters[status]=upcoming").key(&fake.api_key())).await;
    assert_eq!(list["data"]["bookings"].as_array().unwrap().len(), 1);
    let uid = row["data"]["uid"].as_str().unwrap();
    let cancel = RawRequest::new("POST", &format!("/v2/bookings/{uid}/cancel")).key(&fake.api_key());
    let (status, told) = send(&fake, cancel.json(&json!({ "cancellationReason": "ill" }))).await;
    assert_eq!((status, &told["data"]["bookingUid"]), (201, &json!(uid)));
}

#[tokio::test(start_paused = true)]
async fn the_seed_is_that_of_the_recordings() {
    let fake = FakeCalcom::recorded_seed().await;
    assert!(!fake.api_key_of("johndoe").is_empty() && !fake.api_key_of("janeroe").is_empty());
    let john = ["30min", "needs-confirmation", "group-class", "weekly-sync", "variable", "minimal", "full", "range"];
    let ids: Vec<i64> = john.iter().map(|slug| fake.event_type_id("johndoe", slug)).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(fake.event_type_id("janeroe", "30min"), 9);
    let before = fake.clock().now();
    fake.clock().advance(Duration::from_secs(7));
    assert_eq!(fake.clock().now().duration_since(before).as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_fake_starts_with_bookings_in_every_status() {
    let at = |text: &str| -> jiff::Timestamp { text.parse().unwrap() };
    let booking = |slug: &str, start: &str| FakeBooking::new("ada", slug, at(start));
    let fake = FakeCalcom::builder()
        .at(at("2026-11-25T00:00:00Z"))
        .user(FakeUser::new("ada"))
        .event_type(FakeEventType::new("ada", "half", 30))
        .event_type(FakeEventType::new("ada", "asked", 30).requires_confirmation())
        .event_type(FakeEventType::new("ada", "group", 30).seats(3))
        .event_type(FakeEventType::new("ada", "weekly", 30).weekly(4))
        .booking(booking("half", "2026-11-24T09:00:00Z").uid("past").no_show().host_no_show())
        .booking(booking("half", "2026-11-26T09:00:00Z").uid("plain").attendee("Eve", "eve@example.org"))
        .booking(booking("half", "2026-11-26T10:00:00Z").uid("moved").rescheduled_from(at("2026-11-25T10:00:00Z")))
        .booking(booking("half", "2026-11-26T11:00:00Z").uid("cancelled").cancelled())
        .booking(booking("asked", "2026-11-26T12:00:00Z").uid("pending").pending())
        .booking(booking("asked", "2026-11-26T12:30:00Z").uid("rejected").rejected())
        .booking(
            booking("group", "2026-11-26T13:00:00Z").uid("group").attendee("A", "a@x.org").attendee("B", "b@x.org"),
        )
        .booking(booking("weekly", "2026-11-26T14:00:00Z").uid("weekly"))
        .reservation("ada", "half", at("2026-11-26T15:00:00Z"), 10)
        .webhook(FakeWebhook::new("ada", "http://127.0.0.1:1/hook", &["BOOKING_CREATED", "MEETING_STARTED"]))
        .start()
        .await;
    let shown = async |uid: &str| get(&fake, &format!("/v2/bookings/{uid}")).await.1["data"].clone();
    for uid in ["cancelled", "pending", "rejected"] {
        assert_eq!(shown(uid).await["status"], uid);
    }
    let past = shown("past").await;
    assert_eq!((&past["absentHost"], &past["attendees"][0]["absent"]), (&json!(true), &json!(true)));
    assert_eq!(shown("plain").await["attendees"][0]["email"], "eve@example.org");
    let from = shown("moved").await["rescheduledFromUid"].as_str().unwrap().to_owned();
    let before = shown(&from).await;
    assert_eq!((&before["status"], &before["rescheduledToUid"]), (&json!("cancelled"), &json!("moved")));
    assert_eq!(shown("group").await["attendees"].as_array().unwrap().len(), 2);
    let series = shown("weekly").await["recurringBookingUid"].as_str().unwrap().to_owned();
    assert_eq!(shown(&series).await.as_array().unwrap().len(), 4);
    let (_, listed) = get(&fake, "/v2/bookings?status=past").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);

    // They take their slots, and are not in the history.
    assert_eq!(send(&fake, create(&fake, 1, "ada@example.org", "2026-11-26T09:00:00Z")).await.0, 400);
    let day = slots(&fake, "eventTypeId=1&start=2026-11-26&end=2026-11-26").await;
    let free = starts(&day["2026-11-26"]);
    for (hour, is_free) in [("09", false), ("10", false), ("11", true), ("12", true), ("14", false), ("15", false)] {
        let slot = format!("2026-11-26T{hour}:00:00.000Z");
        assert_eq!(free.contains(&slot.as_str()), is_free, "{slot}");
    }
    fake.expect_booked(0);
    assert_eq!((fake.ledger().entries().len(), fake.history().len(), fake.deliveries().len()), (0, 0, 0));
    // Their meetings are delivered to webhooks.
    fake.clock().set(at("2026-11-26T09:00:00Z"));
    assert_eq!(send(&fake, create(&fake, 1, "ada@example.org", "2026-11-27T09:00:00Z")).await.0, 201);
    fake.wait_for_webhooks().await;
    let told: Vec<String> = fake.deliveries().iter().map(|delivery| delivery.trigger.to_string()).collect();
    assert!(told.contains(&"MEETING_STARTED".to_owned()) && told.contains(&"BOOKING_CREATED".to_owned()), "{told:?}");
}
