//! What the lease on a key keeps from happening, and what it does not prove.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{
    ApiKey, Client, Config,
    service::{Appointment, Outcome, Problem, Service},
    state::{LeaseDecision, LeaseStore, MemoryStore, Store, StoreError, StoreFuture},
};
use calcom_fake::{FakeCalcom, Fault, Latency};
use tokio::time::{sleep, timeout};

use super::{SLUGS, START, fake, named, process, standing};
use crate::service::{appointment, settings, wanted};

/// A store of leases that does not answer at first, and can be emptied.
#[derive(Debug)]
struct Leases {
    store: Mutex<Arc<MemoryStore>>,
    fails: AtomicUsize,
}

impl Leases {
    fn failing(fails: usize) -> Arc<Self> {
        Arc::new(Self { store: Mutex::new(Arc::new(MemoryStore::new(0))), fails: AtomicUsize::new(fails) })
    }

    fn store(&self) -> Arc<MemoryStore> {
        self.store.lock().unwrap().clone()
    }

    fn empty(&self) {
        *self.store.lock().unwrap() = Arc::new(MemoryStore::new(0));
    }
}

impl LeaseStore for Leases {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        Box::pin(async move {
            if self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                return Err(StoreError("down".to_owned()));
            }
            self.store().acquire(name, ttl).await
        })
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.store().renew(name, token, ttl).await })
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.store().release(name, token, note).await })
    }
}

/// A process that shares a store of leases with others, and may list if it is the host's.
fn sharing(fake: &FakeCalcom, leases: &Arc<Leases>, host: bool) -> Service {
    let mut config = Config::default();
    config.api_url = fake.url();
    let client = Client::builder().config(config).store(Store::memory(0).with_leases(leases.clone()));
    let credentials = if host { ApiKey::new(fake.api_key()).into() } else { calcom::Credentials::Anonymous };
    let client = client.credentials(credentials);
    Service::with_settings(client.build().unwrap(), settings(fake))
}

fn rows(slug: &str) -> usize {
    if slug.starts_with("weekly") { 4 } else { 1 }
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_is_booked_twice_at_once_is_sent_once_by_callers_who_cannot_list_too() {
    for slug in SLUGS {
        for (same, together) in [(true, false), (true, true), (false, false), (false, true)] {
            let fake = fake().await;
            let leases = Leases::failing(0);
            let one = sharing(&fake, &leases, false);
            let other = if same { one.clone() } else { sharing(&fake, &leases, false) };
            let asked = Appointment::new(wanted(fake.event_type_id("johndoe", slug), START));
            let key = asked.idempotency_key().to_string();
            let (first, second) = if together {
                let again = asked.clone();
                tokio::join!(Box::pin(one.book(asked)), Box::pin(other.book(again)))
            } else {
                (one.book(asked.clone()).await, other.book(asked).await)
            };
            let case = format!("{slug}, by the same service {same}, together {together}");
            let (first, second) = (first.done().expect(&case), second.done().expect(&case));
            assert_eq!(named(&first), named(&second), "{case}");
            assert_eq!(standing(&fake, &key).await.len(), rows(slug), "{case}");
            fake.expect_requests("create_booking", 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_without_the_lease_of_a_key_does_not_prove_that_nothing_is_booked() {
    for slug in SLUGS {
        let fake = fake().await;
        let leases = Leases::failing(0);
        let asked = || appointment(fake.event_type_id("johndoe", slug), START, "k");
        let first = sharing(&fake, &leases, false).book(asked()).await.done().unwrap();
        sleep(Duration::from_secs(1)).await;
        leases.empty();
        for _ in 0..2 {
            let again = sharing(&fake, &leases, false).book(asked()).await;
            assert!(!again.is_not_done(), "{slug}: {again:?}");
            if let Outcome::Done(again) = again {
                assert_eq!(named(&again), named(&first), "{slug}");
            }
        }
        assert_eq!(standing(&fake, "k").await.len(), rows(slug), "{slug}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_of_the_store_is_found_by_later_calls() {
    for slug in SLUGS {
        for fails in [1, 2, 5] {
            let fake = fake().await;
            let leases = Leases::failing(fails);
            let asked = || appointment(fake.event_type_id("johndoe", slug), START, "k");
            let first = sharing(&fake, &leases, false).book(asked()).await.done().unwrap();
            sleep(Duration::from_secs(5)).await;
            let again = sharing(&fake, &leases, false).book(asked()).await.done().unwrap();
            assert_eq!(named(&again), named(&first), "{slug}, {fails} steps fail");
            fake.expect_requests("create_booking", 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_calls_of_which_the_store_answers_one_do_not_report_an_active_booking_as_not_booked() {
    for slug in SLUGS {
        for lag in [0, 60, 250] {
            let fake = fake().await;
            let leases = Leases::failing(2);
            let asked = || appointment(fake.event_type_id("johndoe", slug), START, "k");
            let (one, other) = (sharing(&fake, &leases, false), sharing(&fake, &leases, false));
            let later = async {
                sleep(Duration::from_millis(lag)).await;
                Box::pin(other.book(asked())).await
            };
            let (first, second) = tokio::join!(Box::pin(one.book(asked())), later);
            let stands = standing(&fake, "k").await;
            assert!(!stands.is_empty(), "{slug}, {lag} ms");
            assert!(!first.is_not_done() && !second.is_not_done(), "{slug}, {lag} ms: {first:?} {second:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_result_of_a_dropped_one_with_its_key() {
    for slug in ["pending", "seated", "weekly-pending"] {
        for same in [true, false] {
            let fake = fake().await;
            fake.set_latency(Latency::recorded().with_commit(Duration::from_secs(2)));
            let leases = Leases::failing(0);
            let one = sharing(&fake, &leases, true);
            let other = if same { one.clone() } else { sharing(&fake, &leases, true) };
            let asked =
                || appointment(fake.event_type_id("johndoe", slug), START, "k").deadline(Duration::from_secs(60));
            assert!(timeout(Duration::from_millis(400), one.book(asked())).await.is_err());
            let booked = other.book(asked()).await.done().unwrap();
            assert!(booked.found, "{slug}");
            fake.expect_requests("create_booking", 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_after_a_crash_waits_for_the_lost_request_also_after_an_unknown_outcome() {
    for after in [None, Some(50), Some(500)] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "pending");
        fake.set_latency(Latency::recorded().with_commit(Duration::from_millis(2_500)));
        // A process that shares nothing, and dies in mid request.
        let dead = process(&fake);
        let asked = || appointment(event_type, START, "k").deadline(Duration::from_secs(20));
        assert!(timeout(Duration::from_millis(400), dead.book(asked())).await.is_err());
        let next = process(&fake);
        if let Some(after) = after {
            let short = asked().after_crash().deadline(Duration::from_millis(after));
            assert!(next.book(short).await.is_unknown());
        }
        assert!(next.book(asked().after_crash()).await.done().unwrap().found);
        fake.expect_requests("create_booking", 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_that_one_call_reports_holds_for_later_calls_of_the_process() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "pending");
    fake.set_latency(Latency::recorded().with_commit(Duration::from_millis(2_500)));
    let asked = || appointment(event_type, START, "k").deadline(Duration::from_secs(20));
    assert!(timeout(Duration::from_millis(400), process(&fake).book(asked())).await.is_err());
    let next = process(&fake);
    assert!(timeout(Duration::from_millis(100), next.book(asked().after_crash())).await.is_err());
    // Who comes now says nothing of the process that died.
    assert!(next.book(asked()).await.done().unwrap().found);
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn a_reconciliation_that_finds_nothing_does_not_let_the_next_call_send_at_once() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "pending");
    fake.set_latency(Latency::recorded().with_commit(Duration::from_secs(11)));
    let asked = || appointment(event_type, START, "k").deadline(Duration::from_secs(60));
    assert!(timeout(Duration::from_millis(400), process(&fake).book(asked())).await.is_err());
    let next = process(&fake);
    assert_eq!(next.reconcile(&asked().ticket()).await.problem(), Some(&Problem::NothingBooked));
    assert!(next.book(asked()).await.done().unwrap().found);
    fake.expect_requests("create_booking", 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_dropped_before_it_sent_anything_does_not_delay_others() {
    let fake = fake().await;
    let leases = Leases::failing(0);
    let asked = || appointment(fake.event_type_id("johndoe", "pending"), START, "k");
    let (one, other) = (sharing(&fake, &leases, true), sharing(&fake, &leases, true));
    fake.fault(Fault::delay(Duration::from_secs(1)).on("get_event_type"));
    assert!(timeout(Duration::from_millis(300), one.book(asked())).await.is_err());
    fake.clear_faults();
    let began = tokio::time::Instant::now();
    assert!(!other.book(asked()).await.done().unwrap().found);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

/// Time is real: two runtimes share no clock.
#[test]
fn a_key_can_be_booked_after_its_runtime_was_shut_down_during_a_call() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let of_service = runtime();
    let fake = of_service.block_on(fake());
    fake.set_latency(Latency::recorded().with_commit(Duration::from_millis(800)));
    let event_type = fake.event_type_id("johndoe", "pending");
    let (first, second) = (runtime(), runtime());
    let service = process(&fake);
    let (began, running) = (service.clone(), appointment(event_type, START, "k"));
    first.spawn(async move { began.book(running).await });
    let sent = || fake.requests_of("create_booking").len();
    let waits = async {
        while sent() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    second.block_on(async { timeout(Duration::from_secs(10), waits).await }).unwrap();
    first.shutdown_background();
    let asked = appointment(event_type, START, "k").deadline(Duration::from_secs(20));
    assert!(second.block_on(service.book(asked)).done().unwrap().found);
    assert_eq!(sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_key_books_one_event_type() {
    for host in [true, false] {
        for (same, together) in [(true, false), (true, true), (false, false), (false, true)] {
            let fake = fake().await;
            let leases = Leases::failing(0);
            let one = sharing(&fake, &leases, host);
            let other = if same { one.clone() } else { sharing(&fake, &leases, host) };
            let asked = |slug: &str| appointment(fake.event_type_id("johndoe", slug), START, "k");
            let other_time = Appointment::new({
                let mut booking = wanted(fake.event_type_id("johndoe", "pending"), START);
                booking.start += jiff::SignedDuration::from_hours(30);
                booking
            });
            let second = other_time.key("k").deadline(Duration::from_secs(20));
            let (first, second) = if together {
                tokio::join!(Box::pin(one.book(asked("plain"))), Box::pin(other.book(second)))
            } else {
                (one.book(asked("plain")).await, other.book(second).await)
            };
            let case = format!("host {host}, the same service {same}, together {together}");
            let (done, refused) = if first.is_done() { (first, second) } else { (second, first) };
            assert!(matches!(refused.problem(), Some(Problem::KeyUsed { .. })), "{case}: {refused:?}");
            assert_eq!(standing(&fake, "k").await, named(&done.done().expect(&case)), "{case}");
            fake.expect_requests("create_booking", 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn reconciling_ignores_a_booking_of_another_event_type_with_the_same_key() {
    for shares in [true, false] {
        let fake = fake().await;
        let leases = Leases::failing(0);
        let service = if shares { sharing(&fake, &leases, true) } else { process(&fake) };
        service.book(appointment(fake.event_type_id("johndoe", "plain"), START, "k")).await.done().unwrap();
        let ticket = appointment(fake.event_type_id("johndoe", "pending"), START, "k").ticket();
        assert!(service.find(&ticket).await.unwrap().is_none());
        let outcome = service.reconcile(&ticket).await;
        assert!(outcome.is_not_done(), "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_booking_that_a_note_names_is_found_after_its_reads_failed() {
    for host in [true, false] {
        let fake = fake().await;
        let leases = Leases::failing(0);
        let asked = || appointment(fake.event_type_id("johndoe", "seated"), START, "k");
        let first = sharing(&fake, &leases, host).book(asked()).await.done().unwrap();
        sleep(Duration::from_secs(1)).await;
        if host {
            fake.set_list_lag(calcom_fake::ListLag::current().lagging(Duration::from_secs(60)));
        }
        fake.fault(Fault::status(503).on("get_booking").always());
        let other = sharing(&fake, &leases, host);
        let (again, ()) = tokio::join!(Box::pin(other.book(asked().deadline(Duration::from_secs(30)))), async {
            sleep(Duration::from_secs(12)).await;
            fake.clear_faults();
        });
        // Strangers are not shown who sits in a seated booking.
        if host {
            assert_eq!(named(&again.done().unwrap()), named(&first));
        } else {
            assert!(!again.is_not_done(), "{again:?}");
        }
        fake.expect_requests("create_booking", 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_is_unknown_because_of_a_failed_read_has_the_error() {
    let fake = fake().await;
    let leases = Leases::failing(0);
    let asked = || appointment(fake.event_type_id("johndoe", "plain"), START, "k");
    sharing(&fake, &leases, false).book(asked()).await.done().unwrap();
    sleep(Duration::from_secs(1)).await;
    fake.fault(Fault::status(503).on("get_booking").always());
    let again = sharing(&fake, &leases, false).book(asked().deadline(Duration::from_secs(8))).await;
    let Outcome::Unknown(unknown) = again else { panic!("{again:?}") };
    assert!(unknown.error.is_some());
    assert_eq!(unknown.sends, 0);
}
