use std::time::Duration;

use calcom::service::{Appointment, Outcome, Problem};
use calcom_fake::{FakeCalcom, Fault, ListLag, ResetPoint};

use super::{START, fake, named, process, standing};
use crate::service::{appointment, wanted};

async fn booked_and_unknown(fake: &FakeCalcom, slug: &str) {
    let event_type = fake.event_type_id("johndoe", slug);
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    fake.fault(Fault::status(503).on("list_bookings").nth(2).always());
    let outcome = process(fake).book(appointment(event_type, START, "k").deadline(Duration::from_secs(5))).await;
    assert!(outcome.is_unknown(), "{outcome:?}");
    fake.clear_faults();
}

#[tokio::test(start_paused = true)]
async fn an_active_booking_is_never_reported_as_not_booked_while_lookups_fail() {
    for slug in super::SLUGS {
        for how in ["lists fail", "lists are slow", "lists lag", "event type cannot be read"] {
            for resumed in [false, true] {
                let fake = fake().await;
                booked_and_unknown(&fake, slug).await;
                match how {
                    "lists fail" => fake.fault(Fault::status(503).on("list_bookings").always()),
                    "lists are slow" => {
                        fake.fault(Fault::delay(Duration::from_secs(3)).on("list_bookings").always());
                    }
                    "lists lag" => fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(60))),
                    _ => fake.fault(Fault::status(500).on("get_event_type").always()),
                }
                let asked =
                    appointment(fake.event_type_id("johndoe", slug), START, "k").deadline(Duration::from_secs(5));
                let outcome = process(&fake).book(if resumed { asked.after_crash() } else { asked }).await;
                let case = format!("{slug}, {how}, resumed {resumed}: {outcome:?}");
                assert!(how == "lists lag" || !outcome.is_not_done(), "{case}");
                if how == "event type cannot be read" && !slug.starts_with("weekly") {
                    assert!(outcome.is_done(), "{case}");
                }
                if let Outcome::Unknown(unknown) = &outcome {
                    assert!(unknown.ticket.is_some(), "{case}");
                }
                let rows = if slug.starts_with("weekly") { 4 } else { 1 };
                assert_eq!(standing(&fake, "k").await.len(), rows, "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_check_does_not_hide_an_active_booking() {
    for resumed in [false, true] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "plain");
        let first = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
        fake.clock().set("2026-12-14T09:10:00Z".parse().unwrap());
        let asked = || {
            let asked = appointment(event_type, START, "k").deadline(Duration::from_secs(5));
            if resumed { asked.after_crash() } else { asked }
        };
        fake.fault(Fault::status(503).on("list_bookings").always());
        assert!(process(&fake).book(asked()).await.is_unknown());
        fake.clear_faults();
        assert_eq!(process(&fake).book(asked()).await.done().unwrap().booking.uid, first.booking.uid);
        // What was never booked is denied, when that is proven.
        let never = appointment(event_type, START, "never").deadline(Duration::from_secs(10));
        let mut other = Appointment::new(wanted(event_type, "2026-12-14T08:00:00Z")).key("never");
        if resumed {
            other = other.after_crash();
        }
        drop(never);
        assert_eq!(process(&fake).book(other).await.problem(), Some(&Problem::InPast));
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_without_metadata_is_accepted_as_the_booking() {
    for slug in ["plain", "pending", "seated"] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", slug);
        let service = process(&fake);
        let sample = service.book(wanted(event_type, "2026-12-20T09:00:00Z")).await.done().unwrap();
        let mut body = serde_json::json!({
            "id": 4711, "uid": sample.booking.uid, "title": "t", "status": "accepted", "hosts": [], "duration": 30,
            "start": START, "end": "2026-12-14T09:30:00.000Z", "eventTypeId": event_type, "absentHost": false,
            "attendees": [{"name": "Ada Test", "email": "ada@example.org", "timeZone": "UTC", "absent": false}],
        });
        for metadata in [None, Some(serde_json::json!({}))] {
            if let Some(metadata) = metadata {
                body["metadata"] = metadata;
            }
            let answer = serde_json::json!({ "status": "success", "data": body }).to_string();
            fake.fault(Fault::answer(201, "application/json", answer).on("create_booking").after_effect());
            let key = format!("{slug}-{}", body["metadata"].is_null());
            let outcome = process(&fake).book(appointment(event_type, START, &key)).await;
            assert!(!outcome.is_not_done() || slug != "plain", "{key}: {outcome:?}");
            for uid in standing(&fake, &key).await {
                if slug != "seated" {
                    fake.clear_faults();
                    let _ = service.cancel(uid, &calcom::model::CancelBooking::with_reason("next")).await;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_booking_of_the_attendee_and_one_of_another_attendee_are_different_problems() {
    for (slug, production) in
        [("plain", true), ("plain", false), ("weekly", true), ("seated", false), ("pending", true)]
    {
        let fake = fake().await;
        fake.set_production(production);
        let event_type = fake.event_type_id("johndoe", slug);
        let first = process(&fake).book(appointment(event_type, START, "one")).await.done().unwrap();
        let Outcome::NotDone(why) = process(&fake).book(appointment(event_type, START, "other")).await else {
            panic!()
        };
        assert_eq!(*why.problem(), Problem::AlreadyBooked, "{slug}: {why}");
        assert_eq!(why.booking.map(|it| it.uid), Some(first.booking.uid), "{slug}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_of_another_attendee_is_refused_at_once_under_the_callers_own_key() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    let mut other = wanted(event_type, START);
    other.responses.email = "other@example.org".to_owned();
    process(&fake).book(other).await.done().unwrap();
    let began = tokio::time::Instant::now();
    let outcome = process(&fake).book(appointment(event_type, START, "k")).await;
    assert_eq!(outcome.problem(), Some(&Problem::SlotTaken), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_reached_is_not_about_the_credential() {
    for (status, text, problem) in [
        (401, "booking_limit_reached", Problem::BookingLimit),
        (401, "duration_limit_reached", Problem::DurationLimit),
        (
            400,
            "Attendee with this email can't book because the maximum number of active bookings has been reached.",
            Problem::AttendeeLimit,
        ),
    ] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "plain");
        let body = serde_json::json!({ "statusCode": status, "message": text }).to_string();
        fake.fault(Fault::answer(status, "application/json", body).on("create_booking").always());
        for asked in [Appointment::new(wanted(event_type, START)), appointment(event_type, START, "k")] {
            let Outcome::NotDone(why) = process(&fake).book(asked).await else { panic!("{text}") };
            assert_eq!(*why.problem(), problem);
            assert!(!matches!(why.error, Some(calcom::Error::Authentication(_))), "{why:?}");
        }
        fake.expect_requests("create_booking", 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_refused_for_the_limit_that_the_first_one_reached_finds_its_booking() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let body = serde_json::json!({ "statusCode": 401, "message": "booking_limit_reached" }).to_string();
    fake.fault(Fault::answer(401, "application/json", body).on("create_booking").nth(2).always());
    fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(2)));
    let booked = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
    assert_eq!(standing(&fake, "k").await, named(&booked));
}
