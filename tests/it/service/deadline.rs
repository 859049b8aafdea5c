use std::time::Duration;

use calcom::{
    model::{CancelBooking, RescheduleBooking},
    service::{Appointment, Outcome},
};
use calcom_fake::{FakeCalcom, Latency};
use tokio::time::Instant;

use super::{TUESDAY, appointment, service, wanted};

/// A server that takes this long to check what it was sent.
fn slow(fake: &FakeCalcom, seconds: u64) {
    fake.set_latency(Latency::recorded().with_check(Duration::from_secs(seconds)));
}

#[tokio::test(start_paused = true)]
async fn a_slow_response_is_looked_up_within_the_deadline() {
    let fake = FakeCalcom::recorded_seed().await;
    slow(&fake, 4);
    let began = Instant::now();
    let booked = service(&fake).book(appointment(2, TUESDAY, "slow")).await.done().unwrap();
    assert!(booked.found);
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn after_the_deadline_the_outcome_is_unknown_and_can_be_reconciled() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    slow(&fake, 6);
    let began = Instant::now();
    let asked = appointment(2, TUESDAY, "late").deadline(Duration::from_secs(3));
    let Outcome::Unknown(mut unknown) = service.book(asked).await else { panic!("a guess") };
    assert!(began.elapsed() <= Duration::from_millis(3_050), "{:?}", began.elapsed());
    assert_eq!(unknown.sends, 1);
    assert!(unknown.pending().is_none());
    assert!(unknown.error.is_some());
    let booked = service.reconcile(&unknown.ticket.unwrap()).await.done().unwrap();
    assert_eq!(booked.key.as_str(), "late");
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn an_appointment_continues_in_the_background_if_it_is_set() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    slow(&fake, 6);
    let asked = Appointment::new(wanted(2, TUESDAY)).deadline(Duration::from_secs(5)).continue_in_background();
    let Outcome::Unknown(mut unknown) = service.book(asked).await else { panic!("a guess") };
    let later = unknown.pending().unwrap();
    assert!(later.await.is_done());
    service.idle().await;
    fake.expect_booked(1);
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_within_the_deadline_is_not_booked() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake).with_deadline(Duration::from_millis(80));
    fake.set_latency(Latency::recorded());
    let slot = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    // No server answers on this port.
    let silent = calcom::Client::builder().api_url(format!("http://{}", slot.local_addr().unwrap()));
    let silent = silent.credentials(calcom::Credentials::Anonymous).build().unwrap();
    let silent = calcom::service::Service::with_settings(silent, service.settings().clone())
        .with_deadline(Duration::from_secs(3));
    let Outcome::NotDone(why) = silent.book(wanted(1, TUESDAY)).await else { panic!() };
    assert_eq!(*why.problem(), calcom::service::Problem::NotSent);
    // Another call may have sent it under a key of the caller's own.
    let Outcome::Unknown(unknown) = silent.book(appointment(1, TUESDAY, "k")).await else { panic!() };
    assert_eq!((unknown.sends, unknown.ticket.unwrap().key.as_str()), (0, "k"));
}

#[tokio::test(start_paused = true)]
async fn reschedules_and_cancellations_look_up_the_effect_of_late_requests() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let to = RescheduleBooking::to("2026-12-02T10:00:00Z".parse().unwrap());
    for event_type in 1..=4 {
        fake.set_latency(Latency::instant());
        let booked = service.book(appointment(event_type, TUESDAY, &format!("k-{event_type}"))).await.done().unwrap();
        slow(&fake, 3);
        let to = match &booked.seat {
            Some(seat) => to.clone().seat(seat.clone()),
            None => to.clone(),
        };
        let moved = service.reschedule(&booked.booking.uid, &to).await.done().unwrap();
        assert!(!moved.already_done);
        let mut how = CancelBooking::with_reason("ill");
        how.seat_uid = moved.seat.clone();
        let cancelled = service.cancel(&moved.booking.uid, &how).await.done().unwrap();
        assert!(!cancelled.already_done);
    }
    for operation in ["reschedule_booking", "cancel_booking"] {
        assert_eq!(fake.requests_of(operation).len(), 4, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reschedule_without_a_response_within_the_deadline_is_unknown() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let booked = service.book(appointment(1, TUESDAY, "k")).await.done().unwrap().booking;
    slow(&fake, 20);
    let to = RescheduleBooking::to("2026-12-02T10:00:00Z".parse().unwrap());
    let impatient = service.clone().with_deadline(Duration::from_secs(3));
    assert!(impatient.reschedule(&booked.uid, &to).await.is_unknown());
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(service.reschedule(&booked.uid, &to).await.done().unwrap().already_done);
    fake.expect_requests("reschedule_booking", 1);
}
