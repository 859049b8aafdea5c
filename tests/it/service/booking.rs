use calcom::{
    model::{BookingStatus, CancelBooking},
    service::{Appointment, IDEMPOTENCY_KEY_FIELD, Outcome, Problem},
};
use calcom_fake::{FakeCalcom, Latency};

use super::{TUESDAY, appointment, client, service, settings, wanted};

#[tokio::test]
async fn an_appointment_is_booked_under_its_key() {
    let fake = FakeCalcom::recorded_seed().await;
    let booked = service(&fake).book(appointment(1, TUESDAY, "order-1")).await.done().unwrap();
    assert_eq!(booked.key.as_str(), "order-1");
    assert_eq!(booked.booking.status, BookingStatus::Accepted);
    assert_eq!(booked.booking.metadata[IDEMPOTENCY_KEY_FIELD], "order-1");
    assert!(!booked.found && !booked.moved && !booked.watched);
    let sent = &fake.requests_of("create_booking")[0].body;
    assert_eq!(sent["metadata"][IDEMPOTENCY_KEY_FIELD], "order-1");
    fake.expect_booked(1);
}

#[tokio::test]
async fn an_appointment_without_a_key_gets_one_and_is_not_looked_up() {
    let fake = FakeCalcom::recorded_seed().await;
    let booked = service(&fake).book(wanted(1, TUESDAY)).await.done().unwrap();
    assert_eq!(booked.booking.metadata[IDEMPOTENCY_KEY_FIELD], booked.key.as_str());
    fake.expect_requests("create_booking", 1);
    fake.expect_requests("get_event_type", 1);
    fake.expect_no_other_requests();
}

#[tokio::test]
async fn the_same_key_finds_what_it_has_booked_in_every_kind_of_event_type() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    for event_type in 1..=4 {
        let start = format!("2026-12-0{event_type}T09:00:00Z");
        let first = service.book(appointment(event_type, &start, &format!("again-{event_type}"))).await.done().unwrap();
        let again = service.book(appointment(event_type, &start, &format!("again-{event_type}"))).await.done().unwrap();
        assert_eq!(first.booking.uid, again.booking.uid);
        assert_eq!(first.seat, again.seat);
        assert!(again.found && !first.found);
        assert_eq!(again.series.len(), if event_type == 4 { 4 } else { 0 });
    }
    assert_eq!(fake.requests_of("create_booking").len(), 4);
}

#[tokio::test]
async fn two_tasks_that_book_one_key_at_once_book_once() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded().scaled(1));
    let service = service(&fake);
    let (one, other) =
        tokio::join!(service.book(appointment(2, TUESDAY, "once")), service.book(appointment(2, TUESDAY, "once")));
    assert_eq!(one.done().unwrap().booking.uid, other.done().unwrap().booking.uid);
    fake.expect_booked(1);
}

#[tokio::test]
async fn what_is_sent_is_the_same_for_every_spelling_of_one_person() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let mut spelt = wanted(2, TUESDAY);
    spelt.responses.email = " Ada@Example.ORG ".to_owned();
    spelt.responses.name = " Ada Test".to_owned();
    let first = service.book(Appointment::new(wanted(2, TUESDAY)).key("a")).await.done().unwrap();
    let again = service.book(Appointment::new(spelt).key("a")).await.done().unwrap();
    assert_eq!(first.booking.uid, again.booking.uid);
    fake.expect_booked(1);
}

#[tokio::test]
async fn the_same_attendee_under_another_key_is_refused_and_not_counted_as_booked() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    for event_type in [2, 3] {
        let first = service.book(appointment(event_type, TUESDAY, &format!("one-{event_type}"))).await.done().unwrap();
        let Outcome::NotDone(why) = service.book(appointment(event_type, TUESDAY, "other")).await else { panic!() };
        assert_eq!(*why.problem(), Problem::AlreadyBooked, "{why}");
        if event_type == 2 {
            assert_eq!(why.booking.unwrap().uid, first.booking.uid);
        }
        service.cancel(&first.booking.uid, &CancelBooking::with_reason("x")).await.done().unwrap();
    }
}

#[tokio::test]
async fn a_taken_time_and_an_unavailable_one_are_different_problems_with_other_times() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let mut other = wanted(1, TUESDAY);
    other.responses.email = "other@example.org".to_owned();
    service.book(other).await.done().unwrap();

    let second = Appointment::new(wanted(1, TUESDAY)).suggest(2);
    let Outcome::NotDone(why) = service.book(second).await else { panic!() };
    assert_eq!(*why.problem(), Problem::SlotTaken);
    let free: Vec<String> = why.next_free.iter().map(|slot| slot.start.timestamp().to_string()).collect();
    assert_eq!(free, ["2026-12-01T09:30:00Z", "2026-12-01T10:00:00Z"]);
    // In the attendee's zone, which a booking of the suggestion has too.
    assert_eq!(why.next_free[0].start.strftime("%H:%M %Q").to_string(), "10:30 Europe/Berlin");
    assert_eq!(why.next_free[0].booking(1, "Ada Test", "ada@example.org").time_zone, "Europe/Berlin");

    let at_night = service.book(wanted(1, "2026-12-01T22:00:00Z")).await;
    assert_eq!(at_night.problem(), Some(&Problem::OutOfHours));
    let on_sunday = service.book(wanted(1, "2026-12-06T10:00:00Z")).await;
    assert_eq!(on_sunday.problem(), Some(&Problem::OutOfHours));
}

#[tokio::test]
async fn other_times_have_the_length_that_was_asked_for() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    service.book(wanted(5, TUESDAY)).await.done().unwrap();
    let mut hour = wanted(5, TUESDAY).length_in_minutes(60);
    hour.responses.email = "other@example.org".to_owned();
    let Outcome::NotDone(why) = service.book(Appointment::new(hour).suggest(1)).await else { panic!() };
    let free = &why.next_free[0];
    let minutes = free.end.as_ref().unwrap().timestamp().duration_since(free.start.timestamp()).as_mins();
    assert_eq!((minutes, free.length), (60, Some(60)));
}

#[tokio::test]
async fn a_time_in_the_past_is_refused_with_the_next_free_times_and_without_a_request_to_book() {
    let fake = FakeCalcom::recorded_seed().await;
    let past = Appointment::new(wanted(1, "2020-12-01T09:00:00Z")).suggest(2);
    let Outcome::NotDone(why) = service(&fake).book(past).await else { panic!() };
    assert_eq!(*why.problem(), Problem::InPast);
    assert_eq!(why.next_free.len(), 2);
    assert!(why.next_free.iter().all(|slot| slot.start.timestamp() > fake.clock().now()), "{:?}", why.next_free);
    fake.expect_booked(0);
    fake.expect_requests("create_booking", 0);

    // Other refusals of a check have none, nor has a call that asks for none. Nothing is searched.
    let before = fake.requests_of("list_slots").len();
    let wrong = Appointment::new(wanted(1, TUESDAY).length_in_minutes(45)).suggest(2);
    let silent = Appointment::new(wanted(1, "2020-12-01T09:00:00Z"));
    for (refused, field) in [(wrong, "lengthInMinutes"), (silent, "start")] {
        let Outcome::NotDone(why) = service(&fake).book(refused).await else { panic!() };
        assert_eq!((why.problem().field(), why.next_free.len()), (Some(field), 0));
    }
    assert_eq!(fake.requests_of("list_slots").len(), before);
}

#[tokio::test]
async fn the_same_persons_booking_of_another_event_type_is_not_called_another_booking() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let first = service.book(wanted(5, TUESDAY)).await.done().unwrap();
    for key in [None, Some("own")] {
        let mut asked = Appointment::new(wanted(1, TUESDAY));
        if let Some(key) = key {
            asked = asked.key(key);
        }
        let Outcome::NotDone(why) = service.book(asked).await else { panic!("{key:?}") };
        assert_eq!(*why.problem(), Problem::AlreadyBooked, "{key:?}: {why}");
        assert_eq!(why.booking.unwrap().uid, first.booking.uid, "{key:?}");
    }
    let mut other = wanted(1, TUESDAY);
    other.responses.email = "other@example.org".to_owned();
    assert_eq!(service.book(other).await.problem(), Some(&Problem::SlotTaken));
    fake.expect_booked(1);
}

#[tokio::test(start_paused = true)]
async fn a_series_that_lost_an_occurrence_since_says_how_many_were_asked_for() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let booked = service.book(appointment(4, TUESDAY, "series")).await.done().unwrap();
    assert_eq!((booked.series.len(), booked.occurrences), (4, Some(4)));
    service.cancel(&booked.series[2].uid, &CancelBooking::with_reason("ill")).await.done().unwrap();
    let again = service.book(appointment(4, TUESDAY, "series")).await.done().unwrap();
    assert_eq!((again.series.len(), again.occurrences), (3, Some(4)));
    let found = service.find(&appointment(4, TUESDAY, "series").ticket()).await.unwrap().unwrap();
    assert_eq!((found.series.len(), found.occurrences), (3, None), "the ticket did not say how many");
    let single = service.book(wanted(1, "2026-12-03T09:00:00Z")).await.done().unwrap();
    assert_eq!(single.occurrences, None);
}

#[tokio::test]
async fn a_full_slot_is_reported_as_such() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    for n in 0..3 {
        let mut booking = wanted(3, TUESDAY);
        booking.responses.email = format!("p{n}@example.org");
        let booked = service.book(booking).await.done().unwrap();
        assert!(booked.seat.is_some());
    }
    assert_eq!(service.book(wanted(3, TUESDAY)).await.problem(), Some(&Problem::SeatsFull));
}

#[tokio::test]
async fn a_series_that_conflicts_later_leaves_no_rows() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    service.book(appointment(1, "2026-12-15T09:00:00Z", "rival")).await.done().unwrap();
    let mut series = wanted(4, TUESDAY);
    series.responses.email = "series@example.org".to_owned();
    let outcome = service.book(Appointment::new(series).key("series")).await;
    assert_eq!(outcome.problem(), Some(&Problem::SlotTaken), "{outcome:?}");
    let left = service.find("series").await.unwrap();
    assert!(left.is_none());
    fake.expect_cancelled(2);
}

#[tokio::test]
async fn an_attendee_with_only_a_phone_is_found_by_the_address_that_the_service_makes() {
    let fake = FakeCalcom::builder()
        .user(calcom_fake::FakeUser::new("johndoe"))
        .event_type(calcom_fake::FakeEventType::new("johndoe", "call", 30))
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .start()
        .await;
    let service = service(&fake);
    let mut booking = wanted(fake.event_type_id("johndoe", "call"), TUESDAY).phone("+49 151 12345678");
    booking.responses.email = String::new();
    let outcome = service.book(Appointment::new(booking.clone()).key("phone")).await;
    // The event type demands an address, and says so in its booking fields.
    assert_eq!(outcome.problem(), Some(&Problem::MissingField { slug: "email".to_owned() }));
    assert_eq!(Appointment::new(booking).ticket().email, "4915112345678@sms.cal.com");
    fake.expect_requests("create_booking", 0);
}

#[tokio::test]
async fn a_used_key_is_not_booked_again() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let booked = service.book(appointment(1, TUESDAY, "used")).await.done().unwrap();
    service.cancel(&booked.booking.uid, &CancelBooking::with_reason("ill")).await.done().unwrap();
    let outcome = service.book(appointment(1, TUESDAY, "used")).await;
    assert_eq!(outcome.problem(), Some(&Problem::CalledOff));
    fake.expect_requests("create_booking", 1);
}

#[tokio::test]
async fn a_key_whose_booking_was_rescheduled_finds_its_successor() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let booked = service.book(appointment(1, TUESDAY, "moves")).await.done().unwrap();
    let to = calcom::model::RescheduleBooking::to("2026-12-03T10:00:00Z".parse().unwrap());
    let moved = service.reschedule(&booked.booking.uid, &to).await.done().unwrap();
    let again = service.book(appointment(1, TUESDAY, "moves")).await.done().unwrap();
    assert!(again.moved && again.found);
    assert_eq!(again.booking.uid, moved.booking.uid);
}

#[tokio::test(start_paused = true)]
async fn a_call_after_a_crash_during_a_request_books_no_duplicate() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded().scaled(8));
    for event_type in 1..=4 {
        let start = format!("2026-12-0{event_type}T09:00:00Z");
        let service = service(&fake);
        let dies = service.book(appointment(event_type, &start, &format!("dies-{event_type}")));
        // The request is on its way when the process dies.
        assert!(tokio::time::timeout(std::time::Duration::from_millis(100), dies).await.is_err());
        let again = service
            .book(appointment(event_type, &start, &format!("dies-{event_type}")).after_crash())
            .await
            .done()
            .unwrap();
        assert!(again.found);
    }
    fake.expect_booked(4);
}

#[tokio::test]
async fn another_users_event_type_is_booked_and_the_outcome_is_that_of_the_response() {
    let fake = FakeCalcom::recorded_seed().await;
    let jane = calcom::service::Service::with_settings(client(&fake, &fake.api_key_of("janeroe")), settings(&fake));
    let booked = jane.book(wanted(1, TUESDAY)).await.done().unwrap();
    assert!(!booked.found);
    let refused = jane.book(wanted(1, TUESDAY)).await;
    assert_eq!(refused.problem(), Some(&Problem::NotAvailable));
}

#[test]
fn an_example_booking_can_be_sent() {
    let booking = calcom::service::Service::test_booking_data();
    assert!(booking.start > jiff::Timestamp::now());
    assert_eq!(booking.event_type_id, 2_026_361);
    assert_eq!(booking.responses.email, "john@example.com");
}
