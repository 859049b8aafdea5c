//! Why a call booked nothing, if an earlier one under the same key may have booked.

use std::time::Duration;

use calcom::{
    Error,
    service::{Appointment, Outcome, Problem, Service, Unknown},
};
use calcom_fake::{FakeCalcom, FakeRateLimit, Fault, ResetPoint};

use super::{START, fake, process};
use crate::service::{TUESDAY, appointment, client, settings, wanted};

fn with_key(fake: &FakeCalcom, key: &str) -> Service {
    Service::with_settings(client(fake, key), settings(fake))
}

fn unknown<T: std::fmt::Debug>(outcome: Outcome<T>) -> Unknown<T> {
    match outcome {
        Outcome::Unknown(unknown) => unknown,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_the_error_of_a_rejected_credential() {
    let fake = fake().await;
    let asked = appointment(fake.event_type_id("johndoe", "plain"), START, "k");
    let unknown = unknown(with_key(&fake, "cal_test_nobody").book(asked).await);
    assert_eq!(unknown.refusal(), Some(&Problem::NotAllowed));
    assert!(matches!(unknown.error, Some(Error::Authentication(_))), "{unknown:?}");
    fake.expect_booked(0);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_the_error_of_a_missing_event_type() {
    let fake = fake().await;
    let unknown = unknown(process(&fake).book(appointment(999, START, "k")).await);
    assert_eq!(unknown.refusal(), Some(&Problem::NoSuchEventType));
    assert_eq!(unknown.refusal().and_then(Problem::field), Some("eventTypeId"));
    assert!(unknown.ticket.is_some());
    fake.expect_booked(0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_list_gets_the_refusal_for_a_missing_answer() {
    let fake = FakeCalcom::recorded_seed().await;
    let jane = with_key(&fake, &fake.api_key_of("janeroe"));
    let unknown = unknown(jane.book(appointment(7, TUESDAY, "k")).await);
    assert_eq!(unknown.refusal(), Some(&Problem::MissingField { slug: "topic".to_owned() }));
    fake.expect_booked(0);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_the_error_of_an_exhausted_quota() {
    let fake = FakeCalcom::builder()
        .at("2026-12-01T00:00:00Z".parse().unwrap())
        .rate_limits(vec![FakeRateLimit::new("default", 1, Duration::from_secs(60))])
        .start()
        .await;
    let service = process(&fake);
    // Uses the quota up.
    let _ = service.client().me().get().await;
    let unknown = unknown(service.book(appointment(1, START, "k")).await);
    assert_eq!(unknown.refusal(), Some(&Problem::NotSent));
    assert!(unknown.refusal().is_some_and(Problem::is_temporary));
    fake.expect_requests("create_booking", 0);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_may_have_been_carried_out_is_not_called_refused() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    let stranger = with_key(&fake, &fake.api_key_of("janeroe"));
    // The first attempt books, and its answer is lost; the second is refused because of the first.
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let unknown = unknown(stranger.book(appointment(event_type, START, "k")).await);
    assert_eq!(unknown.refusal(), None, "{unknown:?}");
    fake.expect_booked(1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_list_gets_the_refusal_for_the_time() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    process(&fake).book(wanted(event_type, START)).await.done().unwrap();
    let mut other = wanted(event_type, START);
    other.responses.email = "bob@example.org".to_owned();
    let stranger = with_key(&fake, &fake.api_key_of("janeroe"));
    let unknown = unknown(stranger.book(Appointment::new(other).key("k")).await);
    assert_eq!(unknown.refusal(), Some(&Problem::NotAvailable));
    fake.expect_booked(1);
}
