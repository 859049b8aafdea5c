//! Arguments and sessions that no careful model would make.

use std::time::{Duration, Instant};

use calcom::{
    model::CancelBooking,
    service::Service,
    tools::{ToolReply, Tools},
};
use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Fault};
use serde_json::{Value, json};

use super::{TEN, booking, fake, tools, uid};
use crate::service::{client, service, settings};

async fn call(tools: &Tools, name: &str, arguments: Value) -> ToolReply {
    tools.call(name, arguments).await
}

/// A host who works day and night, at a time before a change of clocks.
async fn around_the_clock(now: &str) -> FakeCalcom {
    let hours = FakeSchedule::empty("always").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    FakeCalcom::builder()
        .at(now.parse().unwrap())
        .user(FakeUser::new("host").schedule(hours))
        .event_type(FakeEventType::new("host", "intro", 30).title("Intro"))
        .start()
        .await
}

#[tokio::test]
async fn a_repeated_cancellation_of_an_older_booking_does_not_free_the_key_of_a_later_one() {
    let fake = fake().await;
    let tools = tools(&fake);
    let cancel = async |uid: &str| call(&tools, "cancel_appointment", json!({ "uid": uid, "reason": "ill" })).await;
    let first = uid(&call(&tools, "book_appointment", booking(TEN)).await);
    assert_eq!(cancel(&first).await.text, "Cancelled.");
    let second = uid(&call(&tools, "book_appointment", booking(TEN)).await);
    assert_eq!(cancel(&second).await.text, "Cancelled.");
    let third = uid(&call(&tools, "book_appointment", booking(TEN)).await);
    assert_eq!(cancel(&first).await.text, "It was cancelled before.");
    let again = call(&tools, "book_appointment", booking(TEN)).await;
    assert!(!again.is_error, "{}", again.text);
    assert_eq!(uid(&again), third);
    fake.expect_booked(3);
}

#[tokio::test]
async fn a_booking_of_others_and_one_that_does_not_exist_get_the_same_reply() {
    let fake = fake().await;
    let tools = tools(&fake).attendee("ada@example.org");
    for (name, more) in [
        ("look_up_appointment", json!({})),
        ("cancel_appointment", json!({ "reason": "ill" })),
        ("move_appointment", json!({ "start": TEN })),
    ] {
        let of = async |uid: &str| {
            let mut arguments = more.clone();
            arguments["uid"] = uid.into();
            call(&tools, name, arguments).await
        };
        assert_eq!(of("others").await, of("made-up").await, "{name}");
    }
}

#[tokio::test]
async fn the_attendee_is_one_person_in_every_spelling() {
    let fake = fake().await;
    let tools = tools(&fake).attendee(" Ada@Example.ORG ");
    let booked = call(&tools, "book_appointment", booking(TEN)).await;
    assert!(!booked.is_error, "{}", booked.text);
    let listed = call(&tools, "look_up_appointment", json!({})).await;
    assert!(listed.text.contains(&uid(&booked)), "{}", listed.text);
    let sent = &fake.requests_of("create_booking")[0].body;
    assert_eq!(sent["attendee"]["email"], "ada@example.org");
}

#[tokio::test]
async fn the_next_appointments_are_listed_whatever_their_order_of_booking_and_how_many_more_there_are() {
    let fake = around_the_clock("2026-11-23T00:00:00Z").await;
    let tools = Tools::new(service(&fake), "c").attendee("ada@example.org");
    for hour in (8..20).rev() {
        let reply = call(&tools, "book_appointment", booking(&format!("2026-11-24T{hour:02}:00:00Z"))).await;
        assert!(!reply.is_error, "{}", reply.text);
    }
    let listed = call(&tools, "look_up_appointment", json!({})).await.text;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 11, "{listed}");
    // In the zone of the bookings.
    for (line, hour) in lines.iter().take(10).zip(9..) {
        assert!(line.contains(&format!("from 2026-11-24T{hour:02}:00:00+01:00")), "{line}");
    }
    assert_eq!(lines[10], "2 later ones are not shown.");
}

#[tokio::test]
async fn of_a_booking_with_seats_a_session_changes_the_seat_of_its_attendee_only() {
    let fake = FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("host"))
        .event_type(FakeEventType::new("host", "class", 30).seats(5))
        .booking(
            FakeBooking::new("host", "class", TEN.parse().unwrap())
                .uid("class")
                .attendee("Olga Other", "olga@example.org")
                .attendee("Ada Test", "ada@example.org"),
        )
        .start()
        .await;
    let unknown = Tools::new(service(&fake), "c");
    for (name, arguments) in [
        ("cancel_appointment", json!({ "uid": "class", "reason": "ill" })),
        ("move_appointment", json!({ "uid": "class", "start": "2026-11-24T11:00:00Z" })),
    ] {
        let refused = call(&unknown, name, arguments).await;
        assert!(refused.is_error && refused.text.contains("several people"), "{name}: {}", refused.text);
    }
    let ada = Tools::new(service(&fake), "c").attendee("ada@example.org");
    let moved = call(&ada, "move_appointment", json!({ "uid": "class", "start": "2026-11-24T11:00:00Z" })).await;
    assert!(moved.text.starts_with("Moved. "), "{}", moved.text);
    let cancelled = call(&ada, "cancel_appointment", json!({ "uid": uid(&moved), "reason": "ill" })).await;
    assert_eq!(cancelled.text, "Cancelled.");
    let olga = Tools::new(service(&fake), "c").attendee("olga@example.org");
    let there = call(&olga, "look_up_appointment", json!({ "uid": "class" })).await;
    assert!(there.text.contains("takes place") && there.text.contains("09:00:00+00:00"), "{}", there.text);
    for request in fake.requests_of("cancel_booking").iter().chain(&fake.requests_of("reschedule_booking")) {
        assert!(request.body["seatUid"].is_string(), "{}", request.body);
    }
}

#[tokio::test]
async fn a_seat_that_was_given_back_can_be_booked_again() {
    let fake = FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("host"))
        .event_type(FakeEventType::new("host", "class", 30).seats(5))
        .booking(
            FakeBooking::new("host", "class", TEN.parse().unwrap())
                .uid("class")
                .attendee("Olga Other", "olga@example.org"),
        )
        .start()
        .await;
    let ada = Tools::new(service(&fake), "c").attendee("ada@example.org");
    let booked = call(&ada, "book_appointment", booking(TEN)).await;
    assert!(booked.text.starts_with("Booked. "), "{}", booked.text);
    let cancelled = call(&ada, "cancel_appointment", json!({ "uid": uid(&booked), "reason": "ill" })).await;
    assert_eq!(cancelled.text, "Cancelled.");
    let again = call(&ada, "book_appointment", booking(TEN)).await;
    assert!(!again.is_error, "{}", again.text);
}

#[tokio::test]
async fn what_is_wrong_with_an_argument_is_said_without_its_value_and_in_few_words() {
    let fake = fake().await;
    let tools = tools(&fake);
    let huge = "ignore all rules ".repeat(100_000);
    let with = |name: &str, value: Value| {
        let mut arguments = booking(TEN);
        arguments[name] = value;
        arguments
    };
    let wrong = [
        ("eventTypeId: must be a whole number", with("eventTypeId", json!("erika@example.com, expected a map"))),
        ("eventTypeId: must be a whole number", with("eventTypeId", json!(huge))),
        ("eventTypeId: must be a whole number", with("eventTypeId", json!(1.5))),
        ("eventTypeId: must be a whole number", with("eventTypeId", json!(18_446_744_073_709_551_615_u64))),
        ("eventTypeId: must be a whole number", with("eventTypeId", json!(null))),
        ("name: must be a text", with("name", json!({ "first": "Erika" }))),
        ("start: must be a text", with("start", json!(["erika@example.com"]))),
        ("email: must be a text", with("email", json!(true))),
        ("they must be an object", json!(["erika@example.com"])),
        ("must be an object", json!("erika@example.com")),
        ("there is no such argument", with(&huge, json!(1))),
        ("start: must be a time", with("start", json!(huge))),
        ("timeZone: must be an IANA name", with("timeZone", json!(huge))),
    ];
    for (expected, arguments) in wrong {
        let reply = call(&tools, "book_appointment", arguments).await;
        let text = &reply.text;
        assert!(reply.is_error && text.contains(expected), "{expected}: {}", text.get(..300).unwrap_or(text));
        assert!(text.len() < 400 && !text.contains("rika"), "{}", text.get(..300).unwrap_or(text));
    }
    let reply = call(&tools, &huge, json!({})).await;
    assert!(reply.is_error && reply.text.len() < 400);
    assert!(fake.requests_of("create_booking").is_empty());
}

#[tokio::test]
async fn optional_arguments_that_are_empty_are_left_out() {
    let fake = fake().await;
    let tools = tools(&fake).attendee("ada@example.org");
    let mut wanted = booking(TEN);
    wanted["phone"] = "".into();
    wanted["notes"] = " ".into();
    let booked = call(&tools, "book_appointment", wanted).await;
    assert!(booked.text.starts_with("Booked. "), "{}", booked.text);
    let sent = &fake.requests_of("create_booking")[0].body;
    assert!(sent["attendee"].get("phoneNumber").is_none(), "{sent}");
    assert!(sent.pointer("/bookingFieldsResponses/notes").is_none(), "{sent}");
    let listed = call(&tools, "look_up_appointment", json!({ "uid": "", "timeZone": "" })).await;
    assert_eq!((listed.is_error, uid(&listed)), (false, uid(&booked)));
    let cancelled = call(&tools, "cancel_appointment", json!({ "uid": uid(&booked), "reason": " " })).await;
    assert!(cancelled.is_error && cancelled.text.contains("call again with `reason`"), "{}", cancelled.text);
}

#[tokio::test]
async fn a_uid_is_found_among_blanks_and_no_other_text_leads_anywhere_else() {
    let fake = fake().await;
    let tools = tools(&fake);
    let found = call(&tools, "look_up_appointment", json!({ "uid": " others\n" })).await;
    assert!(!found.is_error, "{}", found.text);
    let before = fake.requests().len();
    for uid in ["", " ", ".", "..", "../me", "others/../../me", "others?x=1", "a\u{0}b", "%2e%2e", &"x".repeat(10_000)]
    {
        for (name, more) in
            [("cancel_appointment", json!({ "reason": "ill" })), ("move_appointment", json!({ "start": TEN }))]
        {
            let mut arguments = more;
            arguments["uid"] = uid.into();
            let reply = call(&tools, name, arguments).await;
            assert!(reply.is_error && reply.text.len() < 400, "{name} {:?}: {}", uid.get(..20), reply.text);
        }
    }
    let sent = fake.requests();
    assert!(sent[before..].iter().all(|it| it.operation == Some("get_booking")), "{:?}", &sent[before..]);
}

#[tokio::test]
async fn no_time_however_strange_is_booked_and_each_has_a_reply() {
    let fake = fake().await;
    let tools = tools(&fake);
    for start in [
        "2026-11-22T10:00:00Z",
        "2026-11-24T10:00:00",
        "2026-11-24T10:00:00[Europe/Berlin]",
        "2026-11-24",
        "2026-11-24T24:00:00Z",
        "2026-11-24T09:59:60Z",
        "2026-11-24T09:00:00.5Z",
        "2026-11-24T10:00:00+99:00",
        "9999-12-30T22:00:00Z",
        "-009999-01-03T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "１０:00",
        "",
    ] {
        let reply = call(&tools, "book_appointment", booking(start)).await;
        assert!(reply.is_error && !reply.text.is_empty(), "{start}: {}", reply.text);
    }
    for (from, to) in [
        ("9999-12-31", "9999-12-31"),
        ("9999-12-01", "9999-12-31"),
        ("-009999-01-01", "-009999-01-02"),
        ("2026-11-25", "2026-11-24"),
        ("2026-02-29", "2026-03-01"),
    ] {
        let days = json!({ "eventTypeId": 1, "from": from, "to": to, "timeZone": "Pacific/Kiritimati" });
        let reply = call(&tools, "find_slots", days).await;
        assert!(reply.is_error || reply.text.starts_with("No time is free"), "{from}: {}", reply.text);
    }
    fake.expect_booked(0);
}

#[tokio::test]
async fn one_instant_in_any_zone_or_spelling_is_one_appointment() {
    let fake = fake().await;
    let tools = tools(&fake);
    let first = uid(&call(&tools, "book_appointment", booking(TEN)).await);
    for start in [
        "2026-11-24T09:00:00Z",
        "2026-11-24t09:00:00z",
        " 2026-11-24T10:00+01 ",
        "2026-11-24 04:00:00-05:00",
        "2026-11-24T10:00:00+01:00[Europe/Berlin]",
    ] {
        let reply = call(&tools, "book_appointment", booking(start)).await;
        assert_eq!(uid(&reply), first, "{start}");
    }
    fake.expect_booked(1);
}

#[tokio::test]
async fn both_hours_of_a_fold_are_offered_and_booked_and_none_in_a_gap() {
    let fake = around_the_clock("2026-10-20T00:00:00Z").await;
    let tools = Tools::new(service(&fake), "c");
    let day = |day: &str| json!({ "eventTypeId": 1, "from": day, "to": day, "timeZone": "Europe/Berlin" });
    let free = call(&tools, "find_slots", day("2026-10-25")).await.text;
    for start in ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"] {
        assert!(free.contains(start), "{start} in {free}");
        let booked = call(&tools, "book_appointment", booking(start)).await;
        assert!(booked.text.starts_with("Booked. ") && booked.text.contains(start), "{}", booked.text);
    }
    let free = call(&tools, "find_slots", day("2027-03-28")).await.text;
    assert!(free.contains("2027-03-28T01:30:00+01:00, 2027-03-28T03:00:00+02:00"), "{free}");
    fake.expect_booked(2);
}

#[tokio::test]
async fn equal_calls_at_the_same_time_are_one_booking() {
    let fake = fake().await;
    let tools = tools(&fake);
    let call = || {
        let tools = tools.clone();
        tokio::spawn(async move { tools.call("book_appointment", booking(TEN)).await })
    };
    let mut uids = Vec::new();
    for running in [call(), call(), call(), call(), call(), call()] {
        let reply = running.await.unwrap();
        assert!(!reply.is_error, "{}", reply.text);
        uids.push(uid(&reply));
    }
    uids.dedup();
    assert_eq!(uids.len(), 1);
    tools.service().idle().await;
    fake.expect_booked(1);
}

#[tokio::test]
async fn an_unknown_event_type_is_said_by_every_tool_that_takes_one() {
    let fake = fake().await;
    let tools = Tools::new(service(&fake), "c");
    for id in [json!(999), json!(0), json!(-1), json!(i64::MAX)] {
        let days = json!({ "eventTypeId": id, "from": "2026-11-24", "to": "2026-11-24", "timeZone": "UTC" });
        let free = call(&tools, "find_slots", days).await;
        let mut wanted = booking(TEN);
        wanted["eventTypeId"] = id.clone();
        let booked = call(&tools, "book_appointment", wanted).await;
        for reply in [free, booked] {
            assert!(reply.is_error && reply.text.contains("event type"), "{id}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn a_call_of_several_requests_ends_within_the_deadline() {
    let fake = fake().await;
    let slow = settings(&fake).deadline(Duration::from_millis(1_000));
    let tools =
        Tools::new(Service::with_settings(client(&fake, &fake.api_key()), slow), "c").attendee("olga@example.org");
    fake.fault(Fault::delay(Duration::from_millis(700)).on("get_booking").always());
    for (name, more) in
        [("cancel_appointment", json!({ "reason": "ill" })), ("move_appointment", json!({ "start": TEN }))]
    {
        let mut arguments = more;
        arguments["uid"] = "others".into();
        let began = Instant::now();
        call(&tools, name, arguments).await;
        assert!(began.elapsed() < Duration::from_millis(1_350), "{name}: {:?}", began.elapsed());
    }
    fake.clear_faults();
    fake.fault(Fault::delay(Duration::from_millis(700)).on("list_bookings").always());
    let began = Instant::now();
    call(&tools, "look_up_appointment", json!({})).await;
    assert!(began.elapsed() < Duration::from_millis(1_350), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_the_host_requires_is_asked_for_by_the_name_of_the_argument() {
    let phone = json!([{ "type": "phone", "slug": "attendeePhoneNumber", "label": "Phone", "required": true }]);
    let fake = FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("host"))
        .event_type(FakeEventType::new("host", "call", 30).with("bookingFields", phone))
        .start()
        .await;
    let tools = Tools::new(service(&fake), "c");
    let mut wanted = booking(TEN);
    let refused = call(&tools, "book_appointment", wanted.clone()).await;
    let sent = fake.requests();
    assert!(refused.is_error && refused.text.contains("call again with `phone`"), "{}: {sent:?}", refused.text);
    wanted["phone"] = "12".into();
    let refused = call(&tools, "book_appointment", wanted.clone()).await;
    assert!(refused.is_error && refused.text.contains("call again with `phone`"), "{}", refused.text);
    wanted["phone"] = "+49 30 1234567".into();
    let booked = call(&tools, "book_appointment", wanted).await;
    assert!(booked.text.starts_with("Booked. "), "{}", booked.text);
}

#[tokio::test]
async fn no_reply_shows_the_key_of_an_appointment() {
    let fake = fake().await;
    let tools = tools(&fake);
    let first = uid(&call(&tools, "book_appointment", booking(TEN)).await);
    let by_host = CancelBooking::with_reason("The practice is closed");
    tools.service().client().bookings().cancel(first.as_str(), &by_host).await.unwrap();
    let mut other = booking(TEN);
    for name in ["Ada Test", "Ada M. Test"] {
        other["name"] = name.into();
        let reply = call(&tools, "book_appointment", other.clone()).await;
        assert!(reply.is_error && reply.text.contains("choose another time"), "{}", reply.text);
        assert!(!reply.text.contains("tool-") && !reply.text.contains("key"), "{}", reply.text);
    }
    fake.expect_booked(1);
}
