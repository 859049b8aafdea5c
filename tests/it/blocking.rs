//! The client whose calls wait.

mod hostile;

use std::{
    thread,
    time::{Duration, Instant},
};

use calcom::{
    ApiKey, Error,
    blocking::{Client, Service},
    facade::BookingFilter,
    model::{CancelBooking, CreateBooking, RescheduleBooking},
    service::{Appointment, Outcome, Settings},
};
use calcom_fake::{FakeCalcom, Fault, ResetPoint};
use tokio::runtime::Runtime;

use crate::service::{TUESDAY, wanted};

/// A fake that another runtime drives, as a server elsewhere would be.
fn fake() -> (Runtime, FakeCalcom) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fake = runtime.block_on(FakeCalcom::recorded_seed());
    (runtime, fake)
}

fn client(fake: &FakeCalcom) -> Client {
    Client::build(calcom::Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url())).unwrap()
}

fn service(fake: &FakeCalcom) -> Service {
    let clock = fake.clock();
    Service::with_settings(&client(fake), Settings::default().now(move || clock.now()))
}

fn start(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_booking_is_made_rescheduled_listed_and_cancelled_without_a_runtime() {
    let (_runtime, fake) = fake();
    let client = client(&fake);
    assert_eq!(client.me().get().unwrap().username.as_deref(), Some("johndoe"));
    let booking = client.bookings().create(&wanted(1, TUESDAY)).unwrap();
    let moved =
        client.bookings().reschedule(&booking.uid, &RescheduleBooking::to(start("2026-12-01T10:00:00Z"))).unwrap();
    let page = client.bookings().list(&BookingFilter::default()).unwrap();
    assert_eq!(page.items.len(), 2);
    client.bookings().cancel(&moved.uid, &CancelBooking::with_reason("ill")).unwrap();
    fake.expect_cancelled(1);
    assert!(matches!(client.bookings().get("unknown"), Err(Error::NotFound(_))));
}

#[test]
fn a_stream_is_an_iterator_over_all_pages() {
    let (_runtime, fake) = fake();
    let client = client(&fake);
    for hour in 8..15 {
        client.bookings().create(&wanted(1, &format!("2026-12-01T{hour:02}:00:00Z"))).unwrap();
    }
    let filter = BookingFilter::default().take(3u32);
    let all: Vec<_> = client.bookings().stream(&filter).collect::<calcom::Result<_>>().unwrap();
    assert_eq!(all.len(), 7);
    assert_eq!(fake.requests_of("list_bookings").len(), 3);
    let mut some = client.bookings().stream(&filter);
    assert_eq!(some.by_ref().take(2).count(), 2);
    assert!(some.unread().is_empty() && some.stream().unread().is_empty());
    assert_eq!(fake.requests_of("list_bookings").len(), 4, "a page is asked for when it is needed");
}

#[test]
fn an_error_in_the_middle_of_an_iterator_is_an_item() {
    let (_runtime, fake) = fake();
    fake.fault(Fault::status(403).on("list_bookings"));
    let mut items = client(&fake).bookings().stream(&BookingFilter::default());
    assert!(matches!(items.next(), Some(Err(Error::Permission(_)))));
    assert!(items.next().is_none());
}

#[test]
fn the_booking_service_finds_a_booking_whose_response_is_lost() {
    let (_runtime, fake) = fake();
    let service = service(&fake);
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    for _ in 0..2 {
        let outcome = service.book(Appointment::new(wanted(1, TUESDAY)).key("order-1"));
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    }
    service.idle().unwrap();
    fake.expect_booked(1);
}

#[test]
fn a_batch_is_an_iterator_of_outcomes() {
    let (_runtime, fake) = fake();
    let service = service(&fake);
    let appointments = (8..14)
        .map(|hour| Appointment::new(wanted(1, &format!("2026-12-01T{hour:02}:00:00Z"))).key(format!("k{hour}")));
    let mut items = service.run(service.as_async().book_each(appointments.collect::<Vec<_>>()).concurrency(2));
    let mut done = 0;
    for booked in items.by_ref() {
        done += usize::from(booked.unwrap().1.is_done());
    }
    assert_eq!((done, items.progress().booked), (6, 6));
    service.idle().unwrap();
    fake.expect_booked(6);
}

#[tokio::test]
async fn on_a_current_thread_runtime_every_call_is_refused_and_nothing_is_sent() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake);
    let began = Instant::now();
    let error = client.bookings().create(&wanted(1, TUESDAY)).unwrap_err();
    assert!(matches!(&error, Error::Configuration(_)), "{error:?}");
    assert!(error.to_string().contains("current-thread runtime"), "{error}");
    let mut items = client.bookings().stream(&BookingFilter::default());
    assert!(matches!(items.next(), Some(Err(Error::Configuration(_)))));
    assert!(items.next().is_none(), "an iterator that is refused ends");
    let service = Service::new(&client);
    let Outcome::NotDone(why) = service.book(Appointment::new(wanted(1, TUESDAY))) else { panic!("not refused") };
    assert!(matches!(why.error, Some(Error::Configuration(_))));
    let mut batch = service.book_each([Appointment::new(wanted(1, TUESDAY))]);
    assert!(matches!(batch.next(), Some(Err(Error::Configuration(_)))));
    assert!(batch.next().is_none());
    assert!(service.idle().is_err());
    assert!(began.elapsed() < Duration::from_secs(1));
    assert!(fake.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn on_a_worker_of_a_multi_threaded_runtime_a_call_waits_without_blocking_the_runtime() {
    // The fake is driven by the only worker thread, which the call would block.
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake);
    tokio::spawn(async move { assert_eq!(client.me().get().unwrap().username.as_deref(), Some("johndoe")) })
        .await
        .unwrap();
    assert_eq!(fake.requests_of("get_me").len(), 1);
}

#[test]
fn a_call_ends_at_its_deadline() {
    let (_runtime, fake) = fake();
    fake.fault(Fault::no_response().always());
    let client = client(&fake).with(|client| client.with_deadline(Duration::from_millis(300)));
    let began = Instant::now();
    assert!(matches!(client.me().get(), Err(Error::Timeout(_))));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn threads_share_a_client_and_its_one_thread_ends_with_the_last_clone() {
    let (_runtime, fake) = fake();
    let before = blocking_threads();
    let client = client(&fake);
    thread::scope(|scope| {
        for _ in 0..8 {
            let client = client.clone();
            scope.spawn(move || client.event_types().get(1).unwrap());
        }
    });
    if let (Some(before), Some(now)) = (before, blocking_threads()) {
        assert!(now <= before + 1 + OTHERS, "{now} threads after {before}");
    }
    drop(client);
}

/// Clients of tests that run at the same time.
const OTHERS: usize = 8;

/// The number of threads of blocking clients in this process, where the system tells it.
fn blocking_threads() -> Option<usize> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    Some(
        tasks
            .flatten()
            .filter(|task| task.file_name().to_str().is_some())
            .map(name)
            .filter(|name| name.starts_with("calcom-blocking"))
            .count(),
    )
}

#[test]
fn any_future_of_the_crate_can_be_waited_for() {
    let (_runtime, fake) = fake();
    let client = client(&fake);
    let me = client.wait(client.as_async().raw().get_me()).unwrap();
    assert_eq!(me.data.id, 1);
    let wanted = CreateBooking::new(1, start(TUESDAY), "", "ada@example.org");
    assert!(matches!(client.bookings().create(&wanted), Err(Error::Validation(_))));
}
