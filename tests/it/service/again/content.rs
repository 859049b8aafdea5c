use calcom::{
    model::{CancelBooking, CreateBooking},
    service::{Appointment, Outcome, Problem, Service},
};
use calcom_fake::FakeCalcom;

use super::{START, fake, process};
use crate::service::{appointment, client, settings, wanted};

/// Other content under the same key: another person, time, event type, and other answers.
fn others(fake: &FakeCalcom) -> Vec<CreateBooking> {
    let event_type = fake.event_type_id("johndoe", "plain");
    let mut person = wanted(event_type, START);
    person.responses.email = "bob@example.org".to_owned();
    vec![
        wanted(event_type, "2026-12-14T10:00:00Z"),
        person,
        wanted(fake.event_type_id("johndoe", "pending"), START),
        wanted(event_type, START).notes("Other notes"),
    ]
}

async fn is_refused(service: &Service, booking: CreateBooking, first: &str) {
    let Outcome::NotDone(why) = service.book(Appointment::new(booking).key("order-4711")).await else { panic!() };
    assert_eq!(*why.problem(), Problem::KeyUsed { key: "order-4711".to_owned() });
    assert_eq!(why.problem().field(), Some("metadata.idempotencyKey"));
    assert!(why.to_string().contains("order-4711"), "{why}");
    assert_eq!(why.booking.unwrap().uid.as_str(), first);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_used_for_something_else_is_refused_by_name() {
    let fake = fake().await;
    let service = process(&fake);
    let event_type = fake.event_type_id("johndoe", "plain");
    let first = service.book(appointment(event_type, START, "order-4711")).await.done().unwrap().booking.uid;
    for booking in others(&fake) {
        is_refused(&service, booking.clone(), first.as_str()).await;
        // A process of its own knows nothing but what stands.
        is_refused(&process(&fake), booking, first.as_str()).await;
    }
    fake.expect_requests("create_booking", 1);
    let again = process(&fake).book(appointment(event_type, START, "order-4711")).await.done().unwrap();
    assert!(again.found && again.booking.uid == first);
}

#[tokio::test(start_paused = true)]
async fn a_used_key_finds_its_booking_after_its_start_and_after_its_cancellation() {
    for resumed in [false, true] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "plain");
        let first = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
        fake.clock().set("2026-12-14T09:10:00Z".parse().unwrap());
        let asked = appointment(event_type, START, "k");
        let again = process(&fake).book(if resumed { asked.after_crash() } else { asked }).await.done().unwrap();
        assert_eq!(again.booking.uid, first.booking.uid);
        fake.expect_requests("create_booking", 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_callers_own_in_the_metadata_is_not_overwritten() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    let service = process(&fake);
    let given = |value: &str| wanted(event_type, START).metadata("idempotencyKey", value);
    for asked in [Appointment::new(given("mine")), Appointment::new(given("mine")).key("yours")] {
        let outcome = service.book(asked).await;
        assert_eq!(outcome.problem().and_then(Problem::field), Some("metadata.idempotencyKey"), "{outcome:?}");
    }
    fake.expect_requests("create_booking", 0);
    assert!(service.book(Appointment::new(given("mine")).key("mine")).await.is_done());
    assert!(service.book(appointment(event_type, START, "mine")).await.done().unwrap().found);
}

#[tokio::test(start_paused = true)]
async fn bookings_of_a_host_with_many_are_looked_up_at_the_time_of_the_appointment_too() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    let first = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
    let service = process(&fake);
    for n in 0..60 {
        let mut booking = wanted(event_type, START);
        booking.start += jiff::SignedDuration::from_mins(30 * (n + 1));
        service.book(booking).await.done().unwrap();
    }
    for service in [service, process(&fake)] {
        let again = service.book(appointment(event_type, START, "k")).await.done().unwrap();
        assert_eq!(again.booking.uid, first.booking.uid);
    }
}

#[tokio::test]
async fn input_on_which_the_service_always_fails_is_refused_with_its_field_before_it_is_sent() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = Service::with_settings(client(&fake, &fake.api_key()), settings(&fake));
    let booking = || wanted(1, super::super::TUESDAY);
    let fox = "\u{1f98a}";
    let mut far = booking();
    far.event_type_id = (1_i64 << 31).into();
    let mut named = booking();
    named.responses.name = "Ada\0".to_owned();
    let long_key = fox.repeat(21);
    for (field, booking) in [
        (format!("metadata.{long_key}").as_str(), booking().metadata(long_key.clone(), "x")),
        ("eventTypeId", far),
        ("responses.name", named),
        ("responses.notes", booking().notes("a\0b")),
        ("metadata.source", booking().metadata("source", "a\0b")),
        ("metadata.constructor", booking().metadata("constructor", "x")),
        ("metadata.foxes", booking().metadata("foxes", fox.repeat(251))),
        ("responses.topic", booking().response("topic", "a\0b")),
    ] {
        for asked in [Appointment::new(booking.clone()), Appointment::new(booking).key("k")] {
            let outcome = service.book(asked.unchecked()).await;
            assert_eq!(outcome.problem().and_then(Problem::field), Some(field), "{outcome:?}");
        }
    }
    fake.expect_requests("create_booking", 0);
    let (reason, uid) = ("a\0b", "3SiCLQNhmVXPTRoNTiWzEu");
    let outcome = service.cancel(uid, &CancelBooking::with_reason(reason)).await;
    assert_eq!(outcome.problem().and_then(Problem::field), Some("cancellationReason"), "{outcome:?}");
    let outcome = service.decline(uid, Some(reason)).await;
    assert_eq!(outcome.problem().and_then(Problem::field), Some("rejectionReason"), "{outcome:?}");
    fake.expect_requests("cancel_booking", 0);
    fake.expect_requests("decline_booking", 0);
    assert!(service.book(booking().metadata("foxes", fox.repeat(250))).await.is_done());
}
