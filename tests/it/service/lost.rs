//! Requests and answers that are lost, at every point of the exchange: what they were to do is done once, and found out.

use calcom::{
    model::{Booking, BookingStatus, CancelBooking, RescheduleBooking},
    service::{Appointment, Service},
};
use calcom_fake::{Change, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Fault, ResetPoint};
use serde_json::json;

use super::{TUESDAY, appointment, service, wanted};

const POINTS: [ResetPoint; 5] = [
    ResetPoint::BeforeRequest,
    ResetPoint::MidRequest,
    ResetPoint::InFlight,
    ResetPoint::AfterEffect,
    ResetPoint::MidResponse,
];

/// A booking of an event type, made while all was well; then one request of `operation` is lost.
async fn then_lost(event_type: i64, operation: &str, point: ResetPoint) -> (FakeCalcom, Service, Booking) {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let booked = service.book(appointment(event_type, TUESDAY, "k")).await.done().unwrap();
    fake.fault(Fault::reset(point).on(operation));
    (fake, service, booked.booking)
}

fn happened(fake: &FakeCalcom, change: impl Fn(&Change) -> bool) -> usize {
    fake.expect_all_faults_injected();
    fake.ledger().changes().filter(|it| change(it)).count()
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_reschedule_response_is_lost_is_rescheduled_once() {
    let to = RescheduleBooking::to("2026-12-02T10:00:00Z".parse().unwrap());
    for point in POINTS {
        for event_type in [1, 2, 4] {
            let (fake, service, booking) = then_lost(event_type, "reschedule_booking", point).await;
            let moved = service.reschedule(&booking.uid, &to).await.done().unwrap();
            assert_eq!(moved.booking.start_time, to.start, "{event_type}, {point:?}");
            assert_ne!(moved.booking.uid, booking.uid);
            assert_eq!(happened(&fake, |it| matches!(it, Change::Rescheduled { .. })), 1, "{event_type}, {point:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_seat_whose_reschedule_response_is_lost_is_rescheduled_once() {
    for point in POINTS {
        let (fake, service, booking) = then_lost(3, "reschedule_booking", point).await;
        let seat = booking.seat_uid().unwrap();
        let to = RescheduleBooking::to("2026-12-02T10:00:00Z".parse().unwrap()).seat(seat.clone());
        let moved = service.reschedule(&booking.uid, &to).await.done().unwrap();
        fake.expect_all_faults_injected();
        assert_eq!(moved.booking.start_time, to.start, "{point:?}");
        assert!(moved.seat.is_some_and(|moved| moved != seat), "{point:?}");
        let held = service.find(&appointment(3, "2026-12-02T10:00:00Z", "k").ticket()).await.unwrap().unwrap();
        assert_eq!(held.booking.attendees.len(), 1, "{point:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_cancellation_response_is_lost_is_cancelled_once() {
    for point in POINTS {
        for event_type in 1..=4 {
            let (fake, service, booking) = then_lost(event_type, "cancel_booking", point).await;
            let mut how = CancelBooking::with_reason("ill");
            how.seat_uid = booking.seat_uid();
            let outcome = service.cancel(&booking.uid, &how).await;
            assert!(outcome.is_done(), "{event_type}, {point:?}: {outcome:?}");
            let gone = |it: &Change| matches!(it, Change::Cancelled { .. } | Change::SeatCancelled { .. });
            assert!(happened(&fake, gone) >= 1, "{event_type}, {point:?}");
            assert!(service.cancel(&booking.uid, &how).await.done().is_none_or(|done| done.already_done));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_confirmation_or_refusal_response_is_lost_is_changed_once() {
    for point in POINTS {
        let (fake, service, booking) = then_lost(2, "confirm_booking", point).await;
        let decided = service.confirm(&booking.uid).await.done().unwrap();
        assert_eq!(decided.booking.status, BookingStatus::Accepted, "{point:?}");
        assert_eq!(happened(&fake, |it| matches!(it, Change::Confirmed { .. })), 1, "{point:?}");

        let (fake, service, booking) = then_lost(2, "decline_booking", point).await;
        let decided = service.decline(&booking.uid, Some("full")).await.done().unwrap();
        assert_eq!(decided.booking.status, BookingStatus::Rejected, "{point:?}");
        assert_eq!(happened(&fake, |it| matches!(it, Change::Declined { .. })), 1, "{point:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_booking_of_an_attendee_with_only_a_phone_number_is_booked_once() {
    let by_phone = json!([
        { "type": "email", "slug": "email", "required": false, "hidden": true },
        { "type": "phone", "slug": "attendeePhoneNumber", "required": true },
    ]);
    let call = |slug: &str| FakeEventType::new("johndoe", slug, 30).with("bookingFields", by_phone.clone());
    let always = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    for point in POINTS {
        for event_type in [call("call"), call("call").requires_confirmation(), call("call").seats(3)] {
            let fake = FakeCalcom::builder()
                .user(FakeUser::new("johndoe").schedule(always.clone()))
                .event_type(event_type)
                .at("2026-11-23T00:00:00Z".parse().unwrap())
                .start()
                .await;
            let service = service(&fake);
            let mut booking = wanted(fake.event_type_id("johndoe", "call"), TUESDAY).phone("+49 151 12345678");
            booking.responses.email = String::new();
            fake.fault(Fault::reset(point).on("create_booking"));
            let asked = Appointment::new(booking).key("phone");
            let ticket = asked.ticket();
            let booked = service.book(asked).await.done().unwrap();
            // It is kept under an address that the service makes of the number.
            assert_eq!(booked.booking.attendees[0].email, "4915112345678@sms.cal.com", "{point:?}");
            let found = service.find(&ticket).await.unwrap().unwrap();
            assert_eq!(found.booking.uid, booked.booking.uid);
            assert_eq!(happened(&fake, |it| matches!(it, Change::Booked { .. })), 1, "{point:?}");
        }
    }
}
