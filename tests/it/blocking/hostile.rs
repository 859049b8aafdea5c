//! Calls from places where a thread must not wait, and what is left of a client.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use calcom::{
    ApiKey, Error,
    blocking::{Client, Service},
    facade::BookingFilter,
    intercept::{Interceptor, OutgoingAttempt},
    service::{Appointment, Outcome, Settings},
};
use calcom_fake::{FakeCalcom, Fault};
use tokio::task::LocalSet;

use super::{client, fake, service};
use crate::service::{TUESDAY, wanted};

fn is_refused<T: std::fmt::Debug>(result: calcom::Result<T>) -> bool {
    matches!(&result, Err(Error::Configuration(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_thread_for_blocking_work_of_a_multi_threaded_runtime_may_call() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake);
    let me = tokio::task::spawn_blocking(move || client.me().get()).await.unwrap().unwrap();
    assert_eq!(me.username.as_deref(), Some("johndoe"));
}

#[tokio::test]
async fn a_thread_for_blocking_work_of_a_current_thread_runtime_is_refused_and_a_thread_of_ones_own_is_not() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = client(&fake);
    let other = client.clone();
    assert!(is_refused(tokio::task::spawn_blocking(move || other.me().get()).await.unwrap()));
    let (tell, told) = tokio::sync::oneshot::channel();
    thread::spawn(move || {
        let _ = tell.send(client.me().get());
    });
    assert_eq!(told.await.unwrap().unwrap().username.as_deref(), Some("johndoe"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_local_set_where_no_thread_can_be_blocked_is_refused_and_not_a_panic() {
    let fake = FakeCalcom::recorded_seed().await;
    let (first, service) = (client(&fake), Service::new(&client(&fake)));
    LocalSet::new()
        .run_until(async move {
            assert!(is_refused(first.me().get()));
            assert!(is_refused(first.bookings().stream(&BookingFilter::default()).next().unwrap()));
            assert!(matches!(service.book(Appointment::new(wanted(1, TUESDAY))), Outcome::NotDone(_)));
            assert!(is_refused(service.idle()));
        })
        .await;
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn a_client_is_made_and_dropped_in_asynchronous_code() {
    let fake = FakeCalcom::recorded_seed().await;
    for _ in 0..20 {
        let client = client(&fake);
        let service = Service::new(&client);
        let items = client.bookings().stream(&BookingFilter::default());
        let batch = service.book_each([Appointment::new(wanted(1, TUESDAY))]);
        drop((client, items, batch));
        drop(service);
    }
    assert!(fake.requests().is_empty());
}

#[test]
fn the_thread_and_its_background_work_end_with_the_last_part_of_the_client() {
    let (_runtime, fake) = fake();
    let first = client(&fake);
    let items = first.bookings().stream(&BookingFilter::default());
    let (alive, ended) = mpsc::channel::<()>();
    let background = async move {
        tokio::spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        Ok(())
    };
    first.wait(background).unwrap();
    drop(first);
    assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Empty), "the iterator is a part of the client");
    assert_eq!(items.count(), 0);
    assert_eq!(ended.recv_timeout(Duration::from_secs(10)), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn an_iterator_outlives_the_client_that_made_it() {
    let (_runtime, fake) = fake();
    let items = {
        let client = client(&fake);
        client.bookings().create(&wanted(1, TUESDAY)).unwrap();
        client.bookings().stream(&BookingFilter::default())
    };
    assert_eq!(items.collect::<calcom::Result<Vec<_>>>().unwrap().len(), 1);
}

#[test]
fn the_appointments_of_a_batch_may_come_from_calls_that_wait() {
    let (_runtime, fake) = fake();
    let service = service(&fake);
    let client = client(&fake);
    for hour in 8..12 {
        client.bookings().create(&wanted(1, &format!("2026-12-01T{hour:02}:00:00Z"))).unwrap();
    }
    // The same appointments a week later, each read when the batch asks for it.
    let appointments = client.bookings().stream(&BookingFilter::default()).map(|booking| {
        let start = booking.unwrap().start_time + jiff::SignedDuration::from_hours(7 * 24);
        let key = format!("{start}");
        Appointment::new(wanted(1, &key)).key(key)
    });
    let outcomes: Vec<_> = service.book_each(appointments).map(|booked| booked.unwrap().1.is_done()).collect();
    assert_eq!(outcomes, [true; 4]);
    service.idle().unwrap();
    fake.expect_booked(8);
}

/// Panics before an attempt, once.
struct PanicsOnce(AtomicBool);

impl Interceptor for PanicsOnce {
    fn before_attempt(&self, _: &mut OutgoingAttempt<'_>) {
        assert!(self.0.swap(true, Ordering::SeqCst), "of the user");
    }
}

#[test]
fn a_panic_of_the_users_own_code_reaches_the_caller_and_the_client_works_on() {
    let (_runtime, fake) = fake();
    let settings = calcom::Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url());
    let first = Client::build(settings.interceptor(PanicsOnce(AtomicBool::new(false)))).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| first.me().get())).is_err());
    assert!(first.me().get().is_ok());
    assert!(catch_unwind(AssertUnwindSafe(|| first.with(|_| panic!("of the user")))).is_err());
    assert!(first.event_types().get(1).is_ok());
    let service = service(&fake);
    let broken = std::iter::from_fn(|| -> Option<Appointment> { panic!("of the user") });
    assert!(catch_unwind(AssertUnwindSafe(|| service.book_each(broken).count())).is_err());
    assert!(service.book(Appointment::new(wanted(1, TUESDAY)).key("k")).is_done());
    service.idle().unwrap();
}

#[test]
fn many_threads_book_the_same_appointment_once_while_clones_come_and_go() {
    let (_runtime, fake) = fake();
    let service = service(&fake);
    let uids: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = (0..16)
            .map(|_| {
                let service = service.clone();
                scope.spawn(move || match service.book(Appointment::new(wanted(1, TUESDAY)).key("order")) {
                    Outcome::Done(booked) => booked.booking.uid.to_string(),
                    other => panic!("{other:?}"),
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(uids.iter().all(|uid| *uid == uids[0]));
    service.idle().unwrap();
    fake.expect_booked(1);
}

#[test]
fn a_deadline_without_time_and_one_without_end_are_kept() {
    let (_runtime, fake) = fake();
    let endless = client(&fake).with(|client| client.with_deadline(Duration::MAX));
    assert!(endless.me().get().is_ok());
    fake.fault(Fault::no_response().always());
    let client = endless.with(|client| client.with_deadline(Duration::ZERO));
    let began = Instant::now();
    assert!(matches!(client.event_types().get(1), Err(Error::Timeout(_))));
    let service = Service::with_settings(&client, Settings::default().deadline(Duration::ZERO));
    assert!(!service.book(Appointment::new(wanted(1, TUESDAY))).is_done());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_call_inside_of_another_call_waits_too_and_inside_of_the_clients_own_thread_is_refused() {
    let (_runtime, fake) = fake();
    let (first, inner) = (client(&fake), client(&fake));
    let me = first.wait(async { inner.me().get() }).unwrap();
    assert_eq!(me.username.as_deref(), Some("johndoe"));
    fake.set_rate_limits(Vec::new());
    let settings = calcom::Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url());
    let same = Client::build(settings.no_rate_limit().no_cache()).unwrap();
    // So many that a task of tokio would have to pause between them.
    let many = first.wait(async { (0..300).map(|_| same.me().get()).collect::<calcom::Result<Vec<_>>>() });
    assert_eq!(many.unwrap().len(), 300);
    // A task of the thread itself would wait for itself.
    let same = Arc::new(first.clone());
    let refused =
        first.wait(async move { Ok(tokio::spawn(async move { is_refused(same.event_types().get(1)) }).await) });
    assert!(refused.unwrap().unwrap());
}

#[test]
fn a_thread_that_has_waited_is_refused_on_a_current_thread_runtime_as_any_other() {
    let (_runtime, fake) = fake();
    let client = client(&fake);
    assert!(client.me().get().is_ok());
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(current.block_on(async { is_refused(client.event_types().get(1)) }));
    assert!(client.event_types().get(1).is_ok());
}
