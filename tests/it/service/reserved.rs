use calcom::service::{Appointment, Outcome, Problem};
use calcom_fake::{FakeCalcom, Latency};

use super::{TUESDAY, service, wanted};

#[tokio::test]
async fn a_reservation_hides_the_slot_until_it_is_released() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let hold = service.reserve(1, TUESDAY.parse().unwrap(), None, Some(10)).await.done().unwrap();
    assert!(hold.until() > fake.clock().now());
    let again = service.reserve(1, TUESDAY.parse().unwrap(), None, None).await;
    assert_eq!(again.problem(), Some(&Problem::Reserved));
    hold.release().await.unwrap();
    assert!(service.reserve(1, TUESDAY.parse().unwrap(), None, None).await.is_done());
}

#[tokio::test]
async fn a_dropped_reservation_is_released_by_a_task() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    drop(service.reserve(1, TUESDAY.parse().unwrap(), None, None).await.done().unwrap());
    service.idle().await;
    fake.expect_requests("delete_slot_reservation", 1);
}

#[tokio::test]
async fn an_appointment_with_a_reservation_reserves_books_and_releases() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    assert!(service.book(Appointment::new(wanted(1, TUESDAY)).reserve()).await.is_done());
    service.idle().await;
    let order: Vec<&str> = fake.requests().iter().filter_map(|request| request.operation).collect();
    assert_eq!(order, ["get_event_type", "reserve_slot", "create_booking", "delete_slot_reservation"]);
}

#[tokio::test]
async fn a_reservation_is_released_if_the_booking_is_refused_and_another_callers_is_an_error() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let at_night = Appointment::new(wanted(1, "2026-12-01T22:00:00Z")).reserve();
    assert!(service.book(at_night).await.is_not_done());
    service.idle().await;
    fake.expect_requests("delete_slot_reservation", 1);

    let _theirs = service.reserve(1, TUESDAY.parse().unwrap(), None, None).await.done().unwrap();
    let mine = service.book(Appointment::new(wanted(1, TUESDAY)).reserve()).await;
    assert_eq!(mine.problem(), Some(&Problem::Reserved));
    // Who does not ask for a hold books all the same: a reservation does not prevent bookings.
    assert!(service.book(wanted(1, TUESDAY)).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_reservation_is_released_if_the_future_of_the_booking_is_dropped() {
    for millis in [0, 1, 5, 100, 200] {
        let fake = FakeCalcom::recorded_seed().await;
        fake.set_latency(Latency::recorded());
        let service = service(&fake);
        let call = service.book(Appointment::new(wanted(1, TUESDAY)).reserve());
        let dropped = tokio::time::timeout(std::time::Duration::from_millis(millis), call).await;
        assert!(dropped.is_err());
        service.idle().await;
        let count = |operation| fake.requests_of(operation).len();
        assert_eq!(count("reserve_slot"), count("delete_slot_reservation"), "dropped after {millis} ms");
    }
}

#[tokio::test]
async fn a_slot_that_cannot_be_reserved_is_a_problem() {
    let fake = FakeCalcom::recorded_seed().await;
    let Outcome::NotDone(_) = service(&fake).reserve(999_999, TUESDAY.parse().unwrap(), None, None).await else {
        panic!()
    };
}
