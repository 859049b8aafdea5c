//! The tools for language models: what they are told, what is sent, and what they do not see.

mod hostile;

use calcom::{
    service::{Service, Settings},
    tools::{ToolReply, Tools},
};
use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeUser, Fault, ResetPoint};
use serde_json::{Value, json};

use crate::service::{client, service};

async fn fake() -> FakeCalcom {
    FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("host").name("Hilda Host").email("hilda@example.com"))
        .event_type(FakeEventType::new("host", "intro", 30).title("Intro"))
        .booking(
            FakeBooking::new("host", "intro", "2026-11-24T15:00:00Z".parse().unwrap())
                .uid("others")
                .attendee("Olga Other", "olga@example.org"),
        )
        .start()
        .await
}

fn tools(fake: &FakeCalcom) -> Tools {
    Tools::new(service(fake), "conversation-1").event_type(1, "First appointment, 30 minutes")
}

fn booking(start: &str) -> Value {
    json!({ "eventTypeId": 1, "start": start, "name": "Ada Test", "email": "ada@example.org", "timeZone": "Europe/Berlin" })
}

/// The uid in a reply.
fn uid(reply: &ToolReply) -> String {
    let rest = reply.text.split("Appointment ").nth(1).unwrap_or_else(|| panic!("no uid in {}", reply.text));
    rest.split(',').next().unwrap().to_owned()
}

const TEN: &str = "2026-11-24T10:00:00+01:00";

#[tokio::test]
async fn definitions_are_what_a_model_reads() {
    let fake = fake().await;
    let definitions = tools(&fake).definitions();
    let text: Vec<Value> = definitions
        .iter()
        .map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "inputSchema": tool.input_schema,
            "readOnly": tool.read_only, "destructive": tool.destructive })
        })
        .collect();
    insta::assert_json_snapshot!(text);
}

#[tokio::test]
async fn times_are_found_booked_looked_up_rescheduled_and_cancelled() {
    let fake = fake().await;
    let tools = tools(&fake);
    let days = json!({ "eventTypeId": 1, "from": "2026-11-24", "to": "2026-11-24", "timeZone": "Europe/Berlin" });
    let free = tools.call("find_slots", days).await;
    assert!(!free.is_error && free.text.contains("Tuesday 2026-11-24: ") && free.text.contains(TEN), "{}", free.text);
    let booked = tools.call("book_appointment", booking(TEN)).await;
    assert!(booked.text.starts_with("Booked. Appointment ") && booked.text.contains(TEN), "{}", booked.text);
    let first = uid(&booked);
    let to = json!({ "uid": first, "start": "2026-11-24T11:00:00+01:00" });
    let moved = tools.call("move_appointment", to).await;
    assert!(moved.text.starts_with("Moved. ") && moved.text.contains("11:00:00+01:00"), "{}", moved.text);
    // The old uid leads to the present appointment.
    let found = tools.call("look_up_appointment", json!({ "uid": first, "timeZone": "Europe/Berlin" })).await;
    assert!(found.text.contains("11:00:00+01:00") && found.text.contains("takes place"), "{}", found.text);
    let cancelled = tools.call("cancel_appointment", json!({ "uid": uid(&moved), "reason": "ill" })).await;
    assert_eq!((cancelled.text.as_str(), cancelled.is_error), ("Cancelled.", false));
    fake.expect_booked(1);
    fake.expect_cancelled(1);
}

#[tokio::test]
async fn a_repeated_call_finds_the_first_booking_with_other_details_and_in_a_new_process_too() {
    let fake = fake().await;
    let first = tools(&fake).call("book_appointment", booking(TEN)).await;
    let again = tools(&fake).call("book_appointment", booking("2026-11-24T09:00:00Z")).await;
    assert_eq!(uid(&first), uid(&again));
    let mut other = booking(TEN);
    other["name"] = "Ada M. Test".into();
    other["email"] = " ADA@example.org".into();
    other["notes"] = "By the window".into();
    let reply = tools(&fake).call("book_appointment", other).await;
    assert_eq!(uid(&first), uid(&reply));
    assert!(!reply.is_error && reply.text.contains("other details"), "{}", reply.text);
    fake.expect_booked(1);
    // Another conversation is another appointment, for which the time is taken.
    let other = Tools::new(service(&fake), "conversation-2").call("book_appointment", booking(TEN)).await;
    assert!(other.is_error, "{}", other.text);
    fake.expect_booked(1);
}

#[tokio::test]
async fn what_the_session_cancelled_can_be_booked_again() {
    let fake = fake().await;
    let tools = tools(&fake);
    let first = uid(&tools.call("book_appointment", booking(TEN)).await);
    let without = tools.call("cancel_appointment", json!({ "uid": first })).await;
    assert!(without.is_error && without.text.contains("call again with `reason`"), "{}", without.text);
    assert_eq!(tools.call("cancel_appointment", json!({ "uid": first, "reason": "ill" })).await.text, "Cancelled.");
    let second = tools.call("book_appointment", booking(TEN)).await;
    assert!(!second.is_error, "{}", second.text);
    assert_ne!(first, uid(&second));
    assert_eq!(uid(&second), uid(&tools.call("book_appointment", booking(TEN)).await));
    fake.expect_booked(2);
}

#[tokio::test]
async fn a_lost_response_is_booked_once_and_an_unknown_outcome_is_never_called_a_failure() {
    let fake = fake().await;
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let reply = tools(&fake).call("book_appointment", booking(TEN)).await;
    assert!(!reply.is_error, "{}", reply.text);
    fake.expect_booked(1);
    let short = Settings::default().deadline(std::time::Duration::from_millis(300)).now({
        let clock = fake.clock();
        move || clock.now()
    });
    fake.fault(Fault::no_response().after_effect().on("create_booking"));
    fake.fault(Fault::no_response().on("list_bookings").always());
    let tools = Tools::new(Service::with_settings(client(&fake, &fake.api_key()), short), "c");
    let reply = tools.call("book_appointment", booking("2026-11-24T12:00:00+01:00")).await;
    assert!(
        reply.is_error && reply.text.starts_with("It is not known yet whether the appointment is booked."),
        "{}",
        reply.text
    );
    assert!(reply.text.contains("Repeat the same call"));
}

#[tokio::test]
async fn refusals_say_what_to_do_next() {
    let fake = fake().await;
    let tools = tools(&fake);
    let call = async |name: &str, arguments: Value| {
        let reply = tools.call(name, arguments).await;
        assert!(reply.is_error, "{}", reply.text);
        reply.text
    };
    let taken = call("book_appointment", booking("2026-11-24T16:00:00+01:00")).await;
    assert!(
        taken.starts_with("Not booked: ")
            && taken.contains("find_slots")
            && taken.contains("The next free times are 2026-11-24T16:30:00+01:00"),
        "{taken}"
    );
    let mut wrong = booking(TEN);
    wrong["eventTypeId"] = 9.into();
    assert!(call("book_appointment", wrong).await.contains("Offered are: 1 (First appointment, 30 minutes)"));
    let mut wrong = booking(TEN);
    wrong["email"] = "no address".into();
    let text = call("book_appointment", wrong).await;
    assert!(text.contains("email") && !text.contains("no address"), "{text}");
    let mut wrong = booking("tomorrow at ten");
    assert!(call("book_appointment", wrong.clone()).await.starts_with("start: must be a time with its offset"));
    wrong["start"] = TEN.into();
    wrong["timeZone"] = "Berlin".into();
    assert!(call("book_appointment", wrong).await.starts_with("timeZone: must be an IANA name"));
    assert!(
        call("book_appointment", json!({ "eventTypeId": 1 }))
            .await
            .contains("missing `start`, `name`, `email`, `timeZone`. ")
    );
    assert!(call("book_appointment", json!({ "eventTypeId": "x", "key": 1 })).await.contains("eventTypeId: "));
    let unknown = call("look_up_appointment", json!({ "uid": "others", "id": 1 })).await;
    assert!(unknown.starts_with("The arguments cannot be read: unknown field `id`, expected `uid` or"), "{unknown}");
    let long = json!({ "eventTypeId": 1, "from": "2026-11-24", "to": "2027-11-24", "timeZone": "UTC" });
    assert!(call("find_slots", long).await.starts_with("to: "));
    assert!(call("cancel_appointment", json!({ "uid": "unknown" })).await.contains("There is no such appointment"));
    assert!(call("look_up_appointment", Value::Null).await.starts_with("uid: is required"));
    assert!(call("delete_everything", json!({})).await.contains("There are: find_slots, book_appointment"));
    fake.expect_booked(0);
}

#[tokio::test]
async fn a_session_of_one_attendee_neither_sees_nor_changes_the_bookings_of_others() {
    let fake = fake().await;
    let tools = tools(&fake).attendee("Ada@Example.org");
    for (name, arguments) in [
        ("look_up_appointment", json!({ "uid": "others" })),
        ("cancel_appointment", json!({ "uid": "others" })),
        ("move_appointment", json!({ "uid": "others", "start": TEN })),
    ] {
        let reply = tools.call(name, arguments).await;
        assert_eq!(reply.text, "There is no such appointment. Check the uid.", "{name}");
    }
    let mut other = booking(TEN);
    other["email"] = "olga@example.org".into();
    assert!(tools.call("book_appointment", other).await.is_error);
    assert!(fake.requests_of("cancel_booking").is_empty() && fake.requests_of("reschedule_booking").is_empty());
    assert!(fake.requests_of("create_booking").is_empty());
}

#[tokio::test]
async fn the_attendees_own_appointments_are_listed() {
    let fake = fake().await;
    let tools = tools(&fake).attendee("ada@example.org");
    let none = tools.call("look_up_appointment", json!({})).await;
    assert_eq!((none.text.as_str(), none.is_error), ("The person has no upcoming appointment.", false));
    let booked = tools.call("book_appointment", booking(TEN)).await;
    let listed = tools.call("look_up_appointment", json!({ "timeZone": "Europe/Berlin" })).await;
    assert_eq!(uid(&listed), uid(&booked));
    assert_eq!(listed.text.lines().count(), 1, "only the attendee's own: {}", listed.text);
}

#[tokio::test]
async fn no_reply_has_a_name_an_address_or_a_title() {
    let fake = fake().await;
    let tools = tools(&fake);
    let booked = tools.call("book_appointment", booking(TEN)).await;
    let mut replies = vec![booked.clone()];
    replies.push(tools.call("look_up_appointment", json!({ "uid": "others" })).await);
    replies.push(tools.call("book_appointment", booking("2026-11-24T16:00:00+01:00")).await);
    replies.push(
        tools.call("move_appointment", json!({ "uid": uid(&booked), "start": "2026-11-24T16:00:00+01:00" })).await,
    );
    fake.fault(
        Fault::answer(400, "application/json", r#"{"error":{"message":"ada@example.org and Ada Test are refused"}}"#)
            .on("cancel_booking")
            .always(),
    );
    replies.push(tools.call("cancel_appointment", json!({ "uid": uid(&booked), "reason": "ill" })).await);
    for reply in replies {
        for personal in ["Ada", "ada@", "Olga", "olga@", "Hilda", "hilda@", "Intro", "example.org", "cal_test"] {
            assert!(!reply.text.contains(personal), "{personal} in {}", reply.text);
        }
    }
    assert!(!format!("{tools:?}").contains("conversation-1"));
}

#[tokio::test]
async fn arguments_that_are_no_object_are_refused_in_words_of_the_interface() {
    let fake = fake().await;
    for tool in tools(&fake).definitions() {
        let reply = tools(&fake).call(tool.name, json!(7)).await;
        let expected = "The arguments cannot be read: they must be an object. Nothing was done.";
        assert_eq!((reply.text.as_str(), reply.is_error), (expected, true), "{}", tool.name);
    }
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn a_model_that_does_not_know_the_date_learns_it() {
    let fake = fake().await;
    let past = json!({ "eventTypeId": 1, "from": "2020-01-06", "to": "2020-01-10", "timeZone": "Europe/Berlin" });
    let reply = tools(&fake).call("find_slots", past).await;
    assert_eq!(reply.text, "These days are past: today is 2026-11-23. Ask for other days.");
    fake.clock().set("2026-11-23T20:00:00Z".parse().unwrap());
    let today = json!({ "eventTypeId": 1, "from": "2026-11-20", "to": "2026-11-23", "timeZone": "Europe/Berlin" });
    let reply = tools(&fake).call("find_slots", today).await;
    assert_eq!(reply.text, "No time is free on these days. Ask for other days.");
    fake.clock().set("2026-11-23T00:00:00Z".parse().unwrap());
    let reply = tools(&fake).call("book_appointment", booking("2020-01-06T10:00:00+01:00")).await;
    assert!(
        reply.text.contains("gone by") && reply.text.contains("free times are 2026-11-23T10:00:00+01:00"),
        "{}",
        reply.text
    );
    fake.expect_booked(0);
}

#[tokio::test]
async fn several_wrong_arguments_are_asked_for_at_once() {
    let fake = fake().await;
    let mut wrong = booking(TEN);
    (wrong["name"], wrong["email"], wrong["phone"]) = (" ".into(), "no address".into(), "12".into());
    let reply = tools(&fake).call("book_appointment", wrong).await;
    let advice = "Ask the person for them, and call again with `name`, `email`, `phone`.";
    assert!(reply.is_error && reply.text.ends_with(advice), "{}", reply.text);
    let mut wrong = booking(TEN);
    wrong["email"] = "no address".into();
    let reply = tools(&fake).call("book_appointment", wrong).await;
    assert!(reply.text.ends_with("Ask the person for the right value, and call again with `email`."), "{}", reply.text);
    fake.expect_booked(0);
}

#[tokio::test]
async fn an_appointment_is_shown_in_the_zone_of_its_person_unless_another_is_asked_for() {
    let fake = fake().await;
    let tools = tools(&fake).attendee("ada@example.org");
    let booked = tools.call("book_appointment", booking(TEN)).await;
    let uid = uid(&booked);
    for arguments in [json!({ "uid": uid }), json!({})] {
        let shown = tools.call("look_up_appointment", arguments).await;
        assert!(shown.text.contains(&format!("from {TEN} to ")), "{}", shown.text);
    }
    let shown = tools.call("look_up_appointment", json!({ "uid": uid, "timeZone": "America/New_York" })).await;
    assert!(shown.text.contains("from 2026-11-24T04:00:00-05:00 to "), "{}", shown.text);
}

#[tokio::test]
async fn a_search_takes_thirty_one_days_after_the_first_and_not_one_more() {
    let fake = fake().await;
    let days = |to: &str| json!({ "eventTypeId": 1, "from": "2026-11-24", "to": to, "timeZone": "UTC" });
    assert!(!tools(&fake).call("find_slots", days("2026-12-25")).await.is_error);
    assert!(tools(&fake).call("find_slots", days("2026-12-26")).await.text.starts_with("to: "));
}

#[tokio::test]
async fn a_list_has_what_takes_place_and_what_waits_and_says_which() {
    let booked = |uid: &str, start: &str| {
        FakeBooking::new("host", "intro", start.parse().unwrap()).uid(uid).attendee("Ada Test", "ada@example.org")
    };
    let fake = FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("host"))
        .event_type(FakeEventType::new("host", "intro", 30))
        .booking(booked("waits", "2026-11-24T09:00:00Z").pending())
        .booking(booked("stands", "2026-11-24T10:00:00Z"))
        .booking(booked("cancelled", "2026-11-24T11:00:00Z").cancelled())
        .booking(booked("declined", "2026-11-24T12:00:00Z").rejected())
        .start()
        .await;
    let tools = tools(&fake).attendee("ada@example.org");
    let listed = tools.call("look_up_appointment", json!({})).await;
    let at = |hour: u8| format!("from 2026-11-24T{hour:02}:00:00+00:00 to 2026-11-24T{hour:02}:30:00+00:00");
    assert_eq!(
        listed.text,
        format!(
            "Appointment waits, {}, waits for the host's confirmation.\nAppointment stands, {}, takes place.",
            at(9),
            at(10)
        )
    );
    for (uid, state) in [("cancelled", "is cancelled."), ("declined", "was declined by the host.")] {
        let found = tools.call("look_up_appointment", json!({ "uid": uid })).await;
        assert!(!found.is_error && found.text.ends_with(state), "{}", found.text);
    }
}
