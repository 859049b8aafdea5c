//! Every rule that is checked before sending, beside the refusal that it prevents: the recorded answer, or where none was
//! recorded the fake's.

use calcom::{
    model::{CreateBooking, Location},
    service::{Appointment, IdempotencyKey, Outcome, Problem},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeUser};
use serde_json::{Value, json};

use super::{TUESDAY, service, wanted};
use crate::support::recording;

/// The fields at fault in what the check says of `booking`; nothing may have been sent.
async fn refused(booking: CreateBooking) -> Vec<String> {
    let fake = FakeCalcom::recorded_seed().await;
    let Outcome::NotDone(why) = service(&fake).book(booking).await else { panic!("it was sent") };
    fake.expect_requests("create_booking", 0);
    why.problems.iter().map(|problem| problem.field().unwrap_or_default().to_owned()).collect()
}

/// What the service said to a request like that.
fn recorded(name: &str) -> String {
    let recording = recording(name);
    assert_eq!(recording["response"]["status"], 400, "{name}");
    let body = &recording["response"]["body"];
    body["error"]["message"].as_str().or(body["message"].as_str()).unwrap().to_owned()
}

fn with(change: impl FnOnce(&mut CreateBooking)) -> CreateBooking {
    of(1, change)
}

fn of(event_type: i64, change: impl FnOnce(&mut CreateBooking)) -> CreateBooking {
    let mut booking = wanted(event_type, TUESDAY);
    change(&mut booking);
    booking
}

#[tokio::test]
async fn unknown_zones_and_languages_are_refused_by_their_field() {
    assert!(recorded("bookings-2024-08-13/error-bad-timezone").contains("timeZone must be a valid IANA time-zone"));
    assert_eq!(refused(with(|b| b.time_zone = "Mars".into())).await, ["timeZone"]);
    assert!(recorded("bookings-2024-08-13/create-bad-language").contains("language must be one of"));
    assert_eq!(refused(with(|b| b.language = Some("de_DE".into()))).await, ["language"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_written_is_one_problem_that_asks_for_another_key() {
    let fake = FakeCalcom::recorded_seed().await;
    for (key, text) in [
        ("k".repeat(501), "must not be longer than 500 UTF-16 units"),
        ("\u{1f98a}".repeat(251), "must not be longer than 500 UTF-16 units"),
        (String::new(), "must not be empty, nor begin or end with a blank"),
        ("a\0b".to_owned(), "must not hold control characters"),
    ] {
        let asked = Appointment::new(wanted(1, TUESDAY)).key(key);
        let Outcome::NotDone(why) = service(&fake).book(asked).await else { panic!("it was sent") };
        assert_eq!(why.to_string(), format!("metadata.idempotencyKey: {text}"));
        assert!(why.problem().needs_new_key());
    }
    fake.expect_requests("create_booking", 0);
}

#[tokio::test]
async fn metadata_over_its_limits_is_refused_and_the_key_counts_towards_them() {
    let limits = "at most 50 keys, each key up to 40 characters, and string values up to 500 characters";
    for name in ["limit-key-41", "limit-keys-51", "limit-nested-value"] {
        assert!(recorded(&format!("once-marker/{name}")).contains(limits), "{name}");
    }
    assert_eq!(
        refused(with(|b| {
            b.metadata.insert("k".repeat(41), "v".into());
        }))
        .await,
        [format!("metadata.{}", "k".repeat(41))]
    );
    assert_eq!(
        refused(with(|b| b.metadata = (0..50).map(|n| (format!("k{n}"), "v".into())).collect())).await,
        ["metadata"]
    );
    assert_eq!(
        refused(with(|b| {
            b.metadata.insert("k".into(), json!({"a": "b"}));
        }))
        .await,
        ["metadata.k"]
    );
    assert_eq!(
        refused(with(|b| {
            b.metadata.insert("k".into(), "v".repeat(501).into());
        }))
        .await,
        ["metadata.k"]
    );
}

#[tokio::test]
async fn a_number_in_metadata_is_sent_as_the_text_that_the_service_takes() {
    assert!(recorded("once-marker/limit-number-value").contains("Expected string, received number"));
    let fake = FakeCalcom::recorded_seed().await;
    service(&fake)
        .book(with(|b| {
            b.metadata.insert("n".into(), 7.into());
        }))
        .await
        .done()
        .unwrap();
    assert_eq!(fake.requests_of("create_booking")[0].body["metadata"]["n"], "7");
}

#[tokio::test]
async fn a_length_that_the_event_type_does_not_offer_is_refused() {
    assert!(recorded("bookings-2024-08-13/create-length-on-fixed").contains("does not have multiple possible lengths"));
    assert_eq!(refused(with(|b| b.length_in_minutes = Some(60))).await, ["lengthInMinutes"]);
    assert!(recorded("bookings-2024-08-13/create-variable-20-bad").contains("The possible lengths are: 15, 30, 60"));
    assert_eq!(refused(of(5, |b| b.length_in_minutes = Some(20))).await, ["lengthInMinutes"]);
}

#[tokio::test]
async fn occurrences_are_not_more_than_the_series_has() {
    assert!(recorded("bookings-2024-08-13/create-recurring-count-too-big").contains("recurrence count is higher"));
    assert_eq!(refused(of(4, |b| b.recurrence_count = Some(20))).await, ["recurrenceCount"]);
    assert_eq!(refused(with(|b| b.recurrence_count = Some(2))).await, ["recurrenceCount"]);
}

#[tokio::test]
async fn a_start_in_the_past_is_refused() {
    assert_eq!(recorded("bookings-2024-08-13/error-past"), "Attempting to book a meeting in the past.");
    let fake = FakeCalcom::recorded_seed().await;
    let outcome = service(&fake).book(wanted(1, "2020-12-01T09:00:00Z")).await;
    assert_eq!(outcome.problem(), Some(&Problem::InPast));
    fake.expect_requests("create_booking", 0);
}

/// Checked, and sent unchecked for comparison: the fake then refuses it as the service does.
async fn refused_by_both(fake: &FakeCalcom, booking: CreateBooking) -> (Problem, Problem) {
    let service = service(fake);
    let problem = |outcome: Outcome<_>| match outcome {
        Outcome::NotDone(why) => why.problem().clone(),
        other => panic!("{other:?}"),
    };
    let checked = problem(service.book(booking.clone()).await);
    fake.expect_requests("create_booking", 0);
    let refused = problem(service.book(Appointment::new(booking).unchecked()).await);
    fake.expect_requests("create_booking", 1);
    (checked, refused)
}

#[tokio::test]
async fn a_start_within_the_notice_or_outside_the_window_is_refused() {
    // 8: two hours' notice, from December 1 to 20. 7: two hours' notice, thirty business days.
    for (event_type, start) in [(8, "2026-12-23T09:00:00Z"), (8, "2026-11-27T09:00:00Z")] {
        let fake = FakeCalcom::recorded_seed().await;
        let both = refused_by_both(&fake, wanted(event_type, start)).await;
        assert_eq!(both, (Problem::OutsideWindow, Problem::OutsideWindow));
    }
    let fake = FakeCalcom::recorded_seed().await;
    let soon = fake.clock().now().checked_add(jiff::SignedDuration::from_mins(30)).unwrap();
    let both = refused_by_both(&fake, wanted(6, &soon.to_string())).await;
    assert_eq!(both, (Problem::OutsideWindow, Problem::OutsideWindow));
}

#[tokio::test]
async fn required_fields_are_named_by_their_slug() {
    let said = recorded("bookings-2024-08-13/create-custom-fields-missing-required");
    assert!(said.starts_with("Missing required booking field response: topic"));
    let fake = FakeCalcom::recorded_seed().await;
    let Outcome::NotDone(why) = service(&fake).book(wanted(7, TUESDAY)).await else { panic!() };
    assert_eq!(why.problems, [Problem::MissingField { slug: "topic".to_owned() }]);
    fake.expect_requests("create_booking", 0);
}

#[tokio::test]
async fn answers_are_of_the_kind_and_the_choice_that_the_field_has() {
    let answered = |slug: &str, answer: Value| {
        of(7, |b| {
            b.responses.fields.insert("topic".into(), "x".into());
            b.responses.fields.insert(slug.into(), answer);
        })
    };
    for (slug, answer) in [
        ("count", json!(3)),
        ("count", json!("3")),
        ("agree", json!("yes")),
        ("size", json!("XXL")),
        ("days", json!("a")),
        ("days", json!(["c"])),
        ("mobile", json!("0151 234")),
        ("color", json!("green")),
        ("nope", json!("x")),
    ] {
        assert_eq!(refused(answered(slug, answer.clone())).await, [format!("responses.{slug}")], "{slug}: {answer}");
    }
    let fake = FakeCalcom::recorded_seed().await;
    let good = of(7, |b| {
        let fields = [("topic", json!("x")), ("size", json!("M")), ("days", json!(["a"])), ("agree", json!(true))];
        b.responses.fields.extend(fields.map(|(slug, answer)| (slug.to_owned(), answer)));
    });
    assert!(service(&fake).book(good).await.is_done());
}

#[tokio::test]
async fn a_malformed_address_of_a_person_is_refused() {
    let required = "{email}error_required_field";
    assert!(recorded("bookings-2024-08-13/create-phone-only-attendee").contains(required));
    let by_phone = with(|b| {
        b.responses.email = String::new();
        b.responses.phone = Some("+49 151 12345678".into());
    });
    assert_eq!(refused(by_phone).await, ["email"]);
    assert_eq!(refused(with(|b| b.responses.email = "ada@".into())).await, ["responses.email"]);
    assert_eq!(refused(with(|b| b.responses.phone = Some("0151 12345678".into()))).await, ["responses.phone"]);
    assert!(recorded("bookings-2024-08-13/error-wrong-types").contains("attendee"));
    assert_eq!(refused(with(|b| b.responses.name = "  ".into())).await, ["responses.name"]);
}

#[tokio::test]
async fn guests_are_refused_if_malformed_repeated_or_not_taken_by_the_event_type() {
    assert_eq!(recorded("bookings-2024-08-13/guests-add-duplicate"), "emails_must_be_unique_valid");
    let guests = |list: &[&str]| with(|b| b.responses.guests = list.iter().map(|&guest| guest.to_owned()).collect());
    assert_eq!(refused(guests(&["x"])).await, ["responses.guests[0]"]);
    assert_eq!(refused(guests(&["g@example.org", "G@example.org"])).await, ["responses.guests[1]"]);
    assert_eq!(refused(guests(&["ada@example.org"])).await, ["responses.guests[0]"]);

    let alone = FakeEventType::new("johndoe", "alone", 30).with("disableGuests", true.into());
    let fake = FakeCalcom::builder().user(FakeUser::new("johndoe")).event_type(alone).start().await;
    let mut booking = wanted(fake.event_type_id("johndoe", "alone"), "2099-12-01T09:00:00Z");
    booking.responses.guests = vec!["g@example.org".to_owned()];
    let Outcome::NotDone(why) = service(&fake).book(booking).await else { panic!() };
    assert_eq!(why.problem().field(), Some("responses.guests"));
}

#[tokio::test]
async fn a_location_that_the_event_type_does_not_offer_is_refused() {
    let fake = FakeCalcom::recorded_seed().await;
    let elsewhere = with(|b| b.location = Some(Location::new("phone", "+4930123456")));
    let Outcome::NotDone(why) = service(&fake).book(elsewhere).await else { panic!() };
    assert_eq!(why.problem().field(), Some("location"));
    fake.expect_requests("create_booking", 0);
    let mut booking = of(7, |b| b.location = Some(Location::new("attendeePhone", "+4915112345678")));
    booking.responses.fields.insert("topic".into(), "x".into());
    assert!(service(&fake).book(booking).await.is_done());
}

#[tokio::test]
async fn a_key_can_be_written_on_a_booking() {
    let fake = FakeCalcom::recorded_seed().await;
    for key in ["", " padded ", "two\nlines", &"k".repeat(501)] {
        let outcome = service(&fake).book(Appointment::new(wanted(1, TUESDAY)).key(key)).await;
        assert_eq!(outcome.problem().and_then(Problem::field), Some("metadata.idempotencyKey"), "{key:?}");
    }
    fake.expect_requests("create_booking", 0);
    let longest = IdempotencyKey::from("k".repeat(500));
    assert!(service(&fake).book(Appointment::new(wanted(1, TUESDAY)).key(longest)).await.is_done());
}

#[tokio::test]
async fn all_problems_come_at_once() {
    let mut booking = wanted(7, "2020-12-01T09:00:00Z");
    booking.time_zone = "Mars".into();
    booking.responses.email = "nobody".into();
    booking.length_in_minutes = Some(7);
    booking.recurrence_count = Some(2);
    let fields = refused(booking).await;
    assert_eq!(fields, ["timeZone", "responses.email", "start", "lengthInMinutes", "recurrenceCount", "topic"]);
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_a_minute_refuses_nothing() {
    for (late, problem) in [(50, None), (70, Some(Problem::InPast))] {
        let fake = FakeCalcom::recorded_seed().await;
        let now = TUESDAY.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(late);
        let mut settings = super::settings(&fake);
        settings.now = std::sync::Arc::new(move || now);
        let service = calcom::service::Service::with_settings(super::client(&fake, &fake.api_key()), settings);
        let outcome = service.book(wanted(1, TUESDAY)).await;
        assert_eq!(outcome.problem(), problem.as_ref(), "{late} s");
        fake.expect_requests("create_booking", usize::from(problem.is_none()));
    }
}
