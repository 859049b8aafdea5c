//! What is no proof that nothing stands: a refusal for a reason of its own, a rival that a list still shows or that takes
//! no time of the host, and the deadline.

use std::time::Duration;

use calcom::{
    model::{Booking, BookingStatus, CancelBooking, CreateEventType},
    service::{Appointment, IDEMPOTENCY_KEY_FIELD, Outcome},
};
use calcom_fake::{FakeCalcom, Fault, ListLag, ResetPoint};
use tokio::time::sleep;

use super::{SLUGS, START, fake, named, process, standing, stranger::strangers};
use crate::service::{appointment, client, wanted};

/// The time of the third occurrence of a weekly series.
const THIRD: &str = "2026-12-28T09:00:00Z";

async fn taken_by_another(fake: &FakeCalcom, start: &str) -> Booking {
    let mut booking = wanted(fake.event_type_id("johndoe", "plain"), start);
    booking.responses.email = "other@example.org".to_owned();
    process(fake).book(booking).await.done().unwrap().booking
}

/// What stands at this moment.
async fn stands_now(fake: &FakeCalcom, key: &str) -> usize {
    fake.clear_faults();
    fake.set_list_lag(ListLag::current());
    let all = client(fake, &fake.api_key()).bookings().stream(&Default::default()).try_collect().await.unwrap();
    let bears = |it: &&Booking| it.metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(serde_json::Value::as_str) == Some(key);
    all.iter().filter(bears).filter(|it| it.status != BookingStatus::Cancelled).count()
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_later_call_does_not_prove_that_an_unlisted_booking_was_not_made() {
    for slug in ["plain", "seated", "weekly"] {
        for (status, text) in [
            (400, "Something else"),
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (404, "Event type with id 1 not found"),
            (413, "Too large"),
        ] {
            let fake = fake().await;
            fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(3)));
            let event_type = fake.event_type_id("johndoe", slug);
            let first = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
            let body = serde_json::json!({ "statusCode": status, "message": text }).to_string();
            fake.fault(Fault::answer(status, "application/json", body).on("create_booking"));
            let again = process(&fake).book(appointment(event_type, START, "k")).await;
            fake.expect_requests("create_booking", 2);
            let again = again.done().unwrap_or_else(|| panic!("{slug}, {status}"));
            assert_eq!(named(&again), named(&first), "{slug}, {status}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_booking_of_the_time_in_a_delayed_list_proves_nothing() {
    for slug in ["plain", "weekly"] {
        for lag in [2_000, 3_000, 4_000] {
            let fake = fake().await;
            let rival = taken_by_another(&fake, START).await;
            sleep(Duration::from_secs(60)).await;
            fake.set_list_lag(ListLag::current().lagging(Duration::from_millis(lag)));
            let john = client(&fake, &fake.api_key());
            john.bookings().cancel(&rival.uid, &CancelBooking::with_reason("ill")).await.unwrap();
            fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
            let asked = appointment(fake.event_type_id("johndoe", slug), START, "k");
            let booked = process(&fake).book(asked.deadline(Duration::from_secs(30))).await.done();
            let booked = booked.unwrap_or_else(|| panic!("{slug}, {lag} ms"));
            if slug == "plain" {
                // The rival's, the one whose answer was lost, and the one that it refuses.
                fake.expect_requests("create_booking", 3);
            }
            let (mut told, mut standing) = (named(&booked), standing(&fake, "k").await);
            told.sort();
            standing.sort();
            assert_eq!(told, standing, "{slug}, {lag} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_that_the_host_only_attends_does_not_take_the_time() {
    let fake = fake().await;
    let jane = client(&fake, &fake.api_key_of("janeroe"));
    let elsewhere = jane.event_types().create(&CreateEventType::new("Elsewhere", "elsewhere", 30)).await.unwrap();
    let mut attends = wanted(elsewhere.id.0, START);
    attends.responses.email = client(&fake, &fake.api_key()).me().get().await.unwrap().email;
    jane.bookings().create(&attends).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(4)));
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    let asked = appointment(fake.event_type_id("johndoe", "plain"), START, "k");
    let booked = process(&fake).book(asked).await.done().unwrap();
    assert_eq!(standing(&fake, "k").await, named(&booked));
}

#[tokio::test(start_paused = true)]
async fn a_series_that_conflicts_later_is_not_reported_as_not_booked_while_lists_hide_its_first_rows() {
    for production in [true, false] {
        for (deadline, own) in [(30, false), (30, true), (2, false), (2, true)] {
            let fake = fake().await;
            fake.set_production(production);
            taken_by_another(&fake, THIRD).await;
            sleep(Duration::from_secs(60)).await;
            fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(3)));
            let mut asked = Appointment::new(wanted(fake.event_type_id("johndoe", "weekly"), START));
            if own {
                asked = asked.key("k");
            }
            let key = asked.idempotency_key().to_string();
            let outcome = process(&fake).book(asked.deadline(Duration::from_secs(deadline))).await;
            let case = format!("production {production}, {deadline} s, own {own}: {outcome:?}");
            assert_eq!(outcome.is_not_done(), deadline == 30, "{case}");
            assert!(outcome.is_not_done() || outcome.is_unknown(), "{case}");
            assert!(outcome.is_unknown() || stands_now(&fake, &key).await == 0, "{case}");
            assert!(standing(&fake, &key).await.is_empty(), "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_series_with_unreadable_first_rows_is_unknown() {
    for deadline in (1_400..2_400).step_by(130) {
        let fake = fake().await;
        fake.set_production(deadline % 20 == 0);
        taken_by_another(&fake, THIRD).await;
        for slow in ["list_bookings", "get_me"] {
            fake.fault(Fault::delay(Duration::from_millis(900)).on(slow).always());
        }
        let asked = Appointment::new(wanted(fake.event_type_id("johndoe", "weekly"), START));
        let key = asked.idempotency_key().to_string();
        let outcome = strangers(&fake).remove(0).book(asked.deadline(Duration::from_millis(deadline))).await;
        assert!(stands_now(&fake, &key).await > 0, "{deadline} ms");
        let Outcome::Unknown(unknown) = &outcome else { panic!("{deadline} ms: {outcome:?}") };
        assert!(unknown.ticket.is_some() && unknown.sends == 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_lookups_are_all_refused_gets_a_final_outcome() {
    for slug in SLUGS {
        let fake = fake().await;
        let body = serde_json::json!({ "statusCode": 400, "message": "Something else" }).to_string();
        fake.fault(Fault::answer(400, "application/json", body).on("create_booking").always());
        let outcome = process(&fake).book(appointment(fake.event_type_id("johndoe", slug), START, "k")).await;
        assert!(outcome.is_not_done(), "{slug}: {outcome:?}");
        fake.expect_requests("create_booking", 1);
        assert!(standing(&fake, "k").await.is_empty(), "{slug}");
    }
}
