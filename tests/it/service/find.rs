use calcom::{
    model::CancelBooking,
    service::{Appointment, AppointmentRef, IdempotencyKey, Outcome, Problem, Service, Ticket},
};
use calcom_fake::{FakeCalcom, Latency};

use super::{TUESDAY, appointment, client, service, settings, wanted};

#[tokio::test]
async fn a_booking_is_found_by_its_ticket_and_by_its_key_alone() {
    let fake = FakeCalcom::recorded_seed().await;
    for event_type in 1..=4 {
        let asked = appointment(event_type, &format!("2026-12-0{event_type}T09:00:00Z"), &format!("k{event_type}"));
        let kept = serde_json::to_string(&asked.ticket()).unwrap();
        let booked = service(&fake).book(asked).await.done().unwrap();

        // Another process, with nothing but what was kept.
        let ticket: Ticket = serde_json::from_str(&kept).unwrap();
        let found = service(&fake).find(&ticket).await.unwrap().unwrap();
        assert_eq!(found.booking.uid, booked.booking.uid);
        assert_eq!((found.series.len(), &found.seat), (booked.series.len(), &booked.seat));
        let found = service(&fake).find(&booked.key).await.unwrap().unwrap();
        assert_eq!(found.booking.uid, booked.booking.uid);
        assert_eq!(found.series.len(), booked.series.len());
        // Owned ones are taken too, and the text of a key.
        let text = booked.key.to_string();
        for by in [AppointmentRef::from(ticket), booked.key.into(), text.as_str().into(), text.clone().into()] {
            assert_eq!(service(&fake).find(by).await.unwrap().unwrap().booking.uid, booked.booking.uid);
        }
    }
}

#[tokio::test]
async fn appointments_that_were_not_booked_or_were_cancelled_are_not_found() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    assert!(service.find("nobody").await.unwrap().is_none());
    let booked = service.book(appointment(1, TUESDAY, "k")).await.done().unwrap();
    service.cancel(&booked.booking.uid, &CancelBooking::with_reason("x")).await.done().unwrap();
    assert!(service.find(&booked.key).await.unwrap().is_none());
}

#[tokio::test]
async fn a_rescheduled_booking_is_found_at_its_current_time() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let asked = appointment(1, TUESDAY, "k");
    let ticket = asked.ticket();
    let booked = service.book(asked).await.done().unwrap();
    let to = calcom::model::RescheduleBooking::to("2026-12-09T10:00:00Z".parse().unwrap());
    let moved = service.reschedule(&booked.booking.uid, &to).await.done().unwrap();
    let found = service.find(&ticket).await.unwrap().unwrap();
    assert!(found.moved);
    assert_eq!(found.booking.uid, moved.booking.uid);
}

/// Two requests that overlap: what a client that knows no better leaves behind.
async fn doubled(fake: &FakeCalcom, event_type: i64) -> Ticket {
    fake.set_latency(Latency::recorded());
    let asked = Appointment::new(wanted(event_type, TUESDAY)).key("double");
    let mut body = wanted(event_type, TUESDAY);
    body.metadata.insert("idempotencyKey".into(), "double".into());
    let client = client(fake, &fake.api_key());
    let (one, other) = (client.bookings(), client.bookings());
    if event_type == 3 {
        let mut first = wanted(3, TUESDAY);
        first.responses.email = "other@example.org".to_owned();
        one.create(&first).await.unwrap();
    }
    let _ = tokio::join!(one.create_series(&body), other.create_series(&body));
    asked.ticket()
}

#[tokio::test(start_paused = true)]
async fn reconciling_cancels_a_duplicate_of_every_kind_and_keeps_one() {
    for (event_type, surplus) in [(2, 1), (3, 1)] {
        let fake = FakeCalcom::recorded_seed().await;
        let ticket = doubled(&fake, event_type).await;
        fake.expect_booked(if event_type == 3 { 3 } else { 2 });
        let booked = service(&fake).reconcile(&ticket).await.done().unwrap();
        fake.expect_cancelled(surplus);
        assert_eq!(service(&fake).find(&ticket).await.unwrap().unwrap().booking.uid, booked.booking.uid);
        let again = service(&fake).reconcile(&ticket).await.done().unwrap();
        assert_eq!(again.booking.uid, booked.booking.uid);
        fake.expect_cancelled(surplus);
    }
}

#[tokio::test(start_paused = true)]
async fn reconciling_a_request_that_never_arrived_reports_nothing_booked_after_the_settling_time() {
    let fake = FakeCalcom::recorded_seed().await;
    let ticket = appointment(2, TUESDAY, "lost").ticket();
    let began = tokio::time::Instant::now();
    let outcome = service(&fake).reconcile(&ticket).await;
    assert_eq!(outcome.problem(), Some(&Problem::NothingBooked));
    assert!(began.elapsed() >= std::time::Duration::from_secs(10));
    fake.expect_requests("create_booking", 0);

    let by_key = service(&fake).reconcile(&IdempotencyKey::from("lost")).await;
    assert!(by_key.is_unknown(), "{by_key:?}");
}

#[tokio::test]
async fn a_caller_who_is_neither_host_nor_attendee_never_gets_nothing_booked() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut quick = settings(&fake);
    quick.reconcile_settling_time = std::time::Duration::from_millis(50);
    quick.background_deadline = std::time::Duration::from_millis(500);
    let jane = || Service::with_settings(client(&fake, &fake.api_key_of("janeroe")), quick.clone());
    let (here, elsewhere) = (jane(), jane());
    let asked = appointment(1, TUESDAY, "by jane");
    let ticket = asked.ticket();
    let booked = here.book(asked).await.done().unwrap();
    // Her lists do not show it.
    assert!(here.find(&ticket).await.unwrap().is_none());
    let Outcome::Unknown(unknown) = elsewhere.reconcile(&ticket).await else { panic!("a guess") };
    assert!(unknown.refusal().is_none());
    let Outcome::Unknown(_) = elsewhere.reconcile(&ticket.key).await else { panic!("a guess") };
    // The process that booked it knows its uid.
    assert_eq!(here.reconcile(&ticket).await.done().unwrap().booking.uid, booked.booking.uid);
}
