use calcom::{
    model::{Booking, BookingStatus, CancelBooking, RescheduleBooking},
    service::{Outcome, Problem},
};
use calcom_fake::FakeCalcom;

use super::{TUESDAY, appointment, service};

fn to(start: &str) -> RescheduleBooking {
    RescheduleBooking::to(start.parse().unwrap())
}

const WEDNESDAY: &str = "2026-12-02T10:00:00Z";
const THURSDAY: &str = "2026-12-03T10:00:00Z";

async fn booked(fake: &FakeCalcom, event_type: i64) -> Booking {
    service(fake).book(appointment(event_type, TUESDAY, "k")).await.done().unwrap().booking
}

#[tokio::test]
async fn rescheduling_twice_to_one_time_reschedules_once() {
    for event_type in [1, 2, 4] {
        let fake = FakeCalcom::recorded_seed().await;
        let service = service(&fake);
        let old = booked(&fake, event_type).await;
        let moved = service.reschedule(&old.uid, &to(WEDNESDAY)).await.done().unwrap();
        assert!(!moved.already_done);
        for uid in [&old.uid, &moved.booking.uid] {
            let again = service.reschedule(uid, &to(WEDNESDAY)).await.done().unwrap();
            assert!(again.already_done);
            assert_eq!(again.booking.uid, moved.booking.uid);
        }
        fake.expect_requests("reschedule_booking", 1);
    }
}

#[tokio::test]
async fn a_uid_from_before_a_reschedule_reschedules_the_current_booking() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let old = booked(&fake, 1).await;
    let second = service.reschedule(&old.uid, &to(WEDNESDAY)).await.done().unwrap().booking;
    let third = service.reschedule(&old.uid, &to(THURSDAY)).await.done().unwrap().booking;
    assert_eq!(third.reschedule_uid.as_ref(), Some(&second.uid));

    let history = service.reschedule_history(&second.uid).await.unwrap();
    assert_eq!(history.uids().collect::<Vec<_>>(), [&old.uid, &second.uid, &third.uid]);
    assert_eq!(history.current.uid, third.uid);
    assert_eq!(history.previous.len(), 2);
}

#[tokio::test]
async fn a_booking_that_was_at_the_wanted_time_before_its_last_reschedule_is_not_rescheduled_back() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let old = booked(&fake, 1).await;
    service.reschedule(&old.uid, &to(WEDNESDAY)).await.done().unwrap();
    let now = service.reschedule(&old.uid, &to(THURSDAY)).await.done().unwrap().booking;
    let Outcome::NotDone(why) = service.reschedule(&old.uid, &to(WEDNESDAY)).await else { panic!() };
    assert_eq!(*why.problem(), Problem::MovedOn);
    assert_eq!(why.booking.unwrap().uid, now.uid);
}

#[tokio::test]
async fn an_occurrence_of_a_series_is_followed_though_it_does_not_name_its_successor() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let old = booked(&fake, 4).await;
    let moved = service.reschedule(&old.uid, &to(WEDNESDAY)).await.done().unwrap().booking;
    assert_eq!(service.reschedule_history(&old.uid).await.unwrap().current.uid, moved.uid);
}

#[tokio::test]
async fn a_refused_reschedule_says_why() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let old = booked(&fake, 1).await;
    let other = service.book(appointment(1, WEDNESDAY, "other")).await.done().unwrap().booking;
    assert_eq!(service.reschedule(&old.uid, &to(WEDNESDAY)).await.problem(), Some(&Problem::NotAvailable));
    service.cancel(&other.uid, &CancelBooking::with_reason("x")).await.done().unwrap();
    assert_eq!(service.reschedule(&other.uid, &to(THURSDAY)).await.problem(), Some(&Problem::Cancelled));
    assert_eq!(service.reschedule("nope", &to(THURSDAY)).await.problem(), Some(&Problem::NoSuchBooking));
}

#[tokio::test]
async fn rescheduling_a_seated_booking_without_its_seat_names_the_missing_field() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let mine = service.book(appointment(3, TUESDAY, "mine")).await.done().unwrap();
    let moved = service.reschedule(&mine.booking.uid, &to(WEDNESDAY)).await;
    let missing = Problem::MissingField { slug: "seatUid".to_owned() };
    assert_eq!(moved.problem(), Some(&missing), "{moved:?}");
    assert_eq!(service.client().bookings().get(&mine.booking.uid).await.unwrap().start_time, mine.booking.start_time);
    fake.expect_cancelled(0);
}

#[tokio::test]
async fn rescheduling_one_seat_keeps_the_others() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let mine = service.book(appointment(3, TUESDAY, "mine")).await.done().unwrap();
    let mut other = super::wanted(3, TUESDAY);
    other.responses.email = "other@example.org".to_owned();
    service.book(other).await.done().unwrap();

    let seat = mine.seat.clone().unwrap();
    let moved = service.reschedule(&mine.booking.uid, &to(WEDNESDAY).seat(seat.clone())).await.done().unwrap();
    assert_ne!(moved.seat.as_ref(), Some(&seat));
    assert_ne!(moved.booking.uid, mine.booking.uid);
    let again = service.reschedule(&mine.booking.uid, &to(WEDNESDAY).seat(seat)).await;
    assert_eq!(again.problem(), Some(&Problem::NoSuchSeat));
    let left = service.client().bookings().get(&mine.booking.uid).await.unwrap();
    assert_eq!(left.attendees.len(), 1);
    fake.expect_requests("reschedule_booking", 1);
}

#[tokio::test]
async fn cancelling_twice_is_success_twice_and_sent_once() {
    for event_type in [1, 2] {
        let fake = FakeCalcom::recorded_seed().await;
        let service = service(&fake);
        let booking = booked(&fake, event_type).await;
        let how = CancelBooking::with_reason("ill");
        let first = service.cancel(&booking.uid, &how).await.done().unwrap();
        assert!(!first.already_done);
        assert_eq!(first.bookings[0].status, BookingStatus::Cancelled);
        assert!(service.cancel(&booking.uid, &how).await.done().unwrap().already_done);
        fake.expect_requests("cancel_booking", 1);
    }
}

#[tokio::test]
async fn cancelling_by_the_uid_from_before_a_reschedule_cancels_the_current_booking() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let old = booked(&fake, 1).await;
    let moved = service.reschedule(&old.uid, &to(WEDNESDAY)).await.done().unwrap().booking;
    let cancelled = service.cancel(&old.uid, &CancelBooking::with_reason("ill")).await.done().unwrap();
    assert!(!cancelled.already_done);
    assert_eq!(cancelled.bookings[0].uid, moved.uid);
    let now = service.client().bookings().get(&moved.uid).await.unwrap();
    assert_eq!(now.status, BookingStatus::Cancelled);
}

#[tokio::test]
async fn a_series_is_cancelled_whole_or_from_one_occurrence_on() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let series = service.book(appointment(4, TUESDAY, "s")).await.done().unwrap().series;
    let later = CancelBooking::with_reason("ill").with_subsequent();
    let cancelled = service.cancel(&series[2].uid, &later).await.done().unwrap();
    assert!(!cancelled.already_done);
    fake.expect_cancelled(2);
    assert!(service.cancel(&series[2].uid, &later).await.done().unwrap().already_done);

    let other = service.book(appointment(4, WEDNESDAY, "t")).await.done().unwrap();
    let uid = other.booking.recurring_booking_uid().unwrap();
    assert!(!service.cancel(&uid, &CancelBooking::with_reason("ill")).await.done().unwrap().already_done);
    assert!(service.cancel(&uid, &CancelBooking::with_reason("ill")).await.done().unwrap().already_done);
    fake.expect_cancelled(6);
}

#[tokio::test]
async fn a_seat_is_cancelled_once() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let mine = service.book(appointment(3, TUESDAY, "mine")).await.done().unwrap();
    let how = CancelBooking::with_reason("ill").seat(mine.seat.unwrap());
    service.cancel(&mine.booking.uid, &how).await.done().unwrap();
    assert_eq!(service.cancel(&mine.booking.uid, &how).await.problem(), Some(&Problem::NoSuchSeat));
    fake.expect_requests("cancel_booking", 1);
}

#[tokio::test]
async fn a_cancellation_of_the_host_without_a_reason_is_refused_by_its_field() {
    let fake = FakeCalcom::recorded_seed().await;
    let booking = booked(&fake, 1).await;
    let outcome = service(&fake).cancel(&booking.uid, &CancelBooking::default()).await;
    assert_eq!(outcome.problem(), Some(&Problem::MissingField { slug: "cancellationReason".to_owned() }));
}

#[tokio::test]
async fn confirming_and_declining_are_done_once_and_never_undo_each_other() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let first = booked(&fake, 2).await;
    assert!(!service.confirm(&first.uid).await.done().unwrap().already_done);
    assert!(service.confirm(&first.uid).await.done().unwrap().already_done);
    assert_eq!(service.decline(&first.uid, None).await.problem(), Some(&Problem::AlreadyConfirmed));

    let second = service.book(appointment(2, THURSDAY, "second")).await.done().unwrap().booking;
    assert!(!service.decline(&second.uid, Some("busy")).await.done().unwrap().already_done);
    assert!(service.decline(&second.uid, None).await.done().unwrap().already_done);
    // The service would bring it back to life.
    assert_eq!(service.confirm(&second.uid).await.problem(), Some(&Problem::Declined));
    fake.expect_requests("confirm_booking", 1);
    fake.expect_requests("decline_booking", 1);
}
