use std::time::Duration;

use calcom::{
    Client,
    model::CancelBooking,
    service::{Appointment, Outcome, Service},
};
use calcom_fake::{FakeCalcom, Fault, Latency, ListLag, ResetPoint};
use tokio::time::sleep;

use super::{SLUGS, START, fake, named, process, standing};
use crate::service::{appointment, settings, wanted};

/// Two processes book the same at nearly the same time; what each was told.
async fn two(fake: &FakeCalcom, slug: &str, key: &str, lag: u64) -> Vec<Outcome<calcom::service::BookedAppointment>> {
    let event_type = fake.event_type_id("johndoe", slug);
    let (one, other) = (process(fake), process(fake));
    let later = async {
        sleep(Duration::from_millis(lag)).await;
        Box::pin(other.book(appointment(event_type, START, key))).await
    };
    // Without optimization what two calls need at once is more than a test's stack has room for.
    let (first, second) = tokio::join!(Box::pin(one.book(appointment(event_type, START, key))), later);
    tokio::join!(one.idle(), other.idle());
    vec![first, second]
}

#[tokio::test(start_paused = true)]
async fn two_processes_with_one_key_report_the_same_booking() {
    for production in [true, false] {
        for slug in SLUGS {
            for lag in [0, 20, 60, 120, 250, 420] {
                let fake = fake().await;
                fake.set_production(production);
                let case = format!("{slug}, {lag} ms, production {production}");
                let outcomes = two(&fake, slug, "k", lag).await;
                let told: Vec<_> = outcomes.into_iter().map(|it| it.done().map(|it| named(&it))).collect();
                let mut standing = standing(&fake, "k").await;
                standing.sort();
                assert_eq!(standing.len(), if slug.starts_with("weekly") { 4 } else { 1 }, "{case}: {standing:?}");
                for told in told {
                    let mut told = told.unwrap_or_else(|| panic!("{case}: not booked"));
                    told.sort();
                    assert_eq!(told, standing, "{case}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_seat_beside_others_is_taken_once_by_two_processes() {
    for lag in [0, 20, 40, 80] {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "seated");
        let mut first = wanted(event_type, START);
        first.responses.email = "first@example.org".to_owned();
        Box::pin(process(&fake).book(first)).await.done().unwrap();
        let outcomes = two(&fake, "seated", "k", lag).await;
        let standing = standing(&fake, "k").await;
        assert_eq!(standing.len(), 1, "{lag} ms");
        for outcome in outcomes {
            assert_eq!(named(&outcome.done().unwrap()), standing, "{lag} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_that_share_a_store_send_once() {
    for slug in SLUGS {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", slug);
        let store = std::sync::Arc::new(calcom::state::MemoryStore::new(0));
        let process = || {
            let mut config = calcom::Config::default();
            config.api_url = fake.url();
            let store = calcom::state::Store::shared(store.clone(), 0);
            let client = Client::builder().config(config).store(store).credentials(calcom::ApiKey::new(fake.api_key()));
            Service::with_settings(client.build().unwrap(), settings(&fake))
        };
        let (one, other) = (process(), process());
        let (first, second) = tokio::join!(
            one.book(appointment(event_type, START, "k")),
            other.book(appointment(event_type, START, "k"))
        );
        let (first, second) = (first.done().unwrap(), second.done().unwrap());
        assert_eq!(named(&first), named(&second), "{slug}");
        assert!(first.found != second.found && !first.watched && !second.watched, "{slug}");
        fake.expect_requests("create_booking", 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_call_again_after_an_unknown_outcome_books_once() {
    for slug in ["pending", "seated"] {
        for (check, commit) in [(1800_u64, 1000_u64), (500, 2400)] {
            for same in [true, false] {
                let fake = fake().await;
                let event_type = fake.event_type_id("johndoe", slug);
                let mut first = wanted(event_type, START);
                first.responses.email = "first@example.org".to_owned();
                process(&fake).book(first).await.done().unwrap();
                let millis = Duration::from_millis;
                let pace =
                    Latency::default().with_check(millis(check)).with_commit(millis(commit)).with_response(millis(40));
                fake.set_latency(pace);
                let service = process(&fake);
                let asked = || appointment(event_type, START, "k");
                assert!(service.book(asked().deadline(millis(1500))).await.is_unknown());
                let again = if same { service.clone() } else { process(&fake) };
                let booked = again.book(asked().deadline(Duration::from_secs(20))).await.done().unwrap();
                tokio::join!(service.idle(), again.idle());
                let case = format!("{slug}, visible after {check} + {commit} ms, the same service: {same}");
                assert_eq!(standing(&fake, "k").await, named(&booked), "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_call_after_a_dropped_future_reports_the_only_active_booking() {
    for slug in SLUGS {
        for after in [50, 200, 260, 400] {
            let fake = fake().await;
            let event_type = fake.event_type_id("johndoe", slug);
            let service = process(&fake);
            // An appointment that is handed in twice has the same key, also if it was made for it.
            let asked = Appointment::new(wanted(event_type, START));
            let key = asked.idempotency_key().to_string();
            let dropped = tokio::time::timeout(Duration::from_millis(after), service.book(asked.clone())).await;
            let booked = service.book(asked).await.done().unwrap();
            service.idle().await;
            let mut told = named(&booked);
            let mut standing = standing(&fake, &key).await;
            told.sort();
            standing.sort();
            assert_eq!(told, standing, "{slug}, dropped after {after} ms: {}", dropped.is_err());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_during_background_work_on_its_key_waits_and_reports_the_same_booking() {
    let fake = fake().await;
    fake.set_latency(Latency::recorded().with_check(Duration::from_secs(8)));
    let event_type = fake.event_type_id("johndoe", "plain");
    let service = process(&fake);
    let asked = || appointment(event_type, START, "k").deadline(Duration::from_secs(3));
    let Outcome::Unknown(mut unknown) = service.book(asked().continue_in_background()).await else { panic!("a guess") };
    let second = service.book(asked()).await;
    let Outcome::Unknown(waited) = second else { panic!("{second:?}") };
    assert_eq!(waited.ticket.unwrap().key.as_str(), "k");
    let third = service.book(asked().deadline(Duration::from_secs(30)));
    let (first, third) = tokio::join!(unknown.pending().unwrap(), third);
    assert_eq!(named(&first.done().unwrap()), named(&third.done().unwrap()));
    fake.expect_booked(1);
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_is_cancelled_with_a_reason_that_names_the_kept_booking() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "pending");
    let outcomes = two(&fake, "pending", "k", 0).await;
    let kept = outcomes.into_iter().next().unwrap().done().unwrap().booking.uid;
    let list = process(&fake).client().bookings().stream(&calcom::facade::BookingFilter::default());
    let all = list.try_collect().await.unwrap();
    let double = all.iter().find(|it| it.uid != kept && it.event_type_id() == Some(event_type.into())).unwrap();
    let reason = double.cancellation_reason.as_deref().unwrap();
    assert_eq!(reason, format!("This booking was made twice by mistake. The other one stands ({kept})."));
    // The uid of the duplicate leads to the appointment.
    let history = process(&fake).reschedule_history(&double.uid).await.unwrap();
    assert_eq!(history.current.uid, kept);
    assert!(process(&fake).cancel(&double.uid, &CancelBooking::with_reason("ill")).await.is_done());
    assert!(standing(&fake, "k").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn delayed_lists_leave_no_duplicate_of_two_calls_with_one_key() {
    for slug in ["pending", "seated", "weekly-pending"] {
        let fake = fake().await;
        fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(2)));
        let outcomes = two(&fake, slug, "k", 0).await;
        let mut standing = standing(&fake, "k").await;
        standing.sort();
        for outcome in outcomes {
            let mut told = named(&outcome.done().unwrap());
            told.sort();
            assert_eq!(told, standing, "{slug}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_callers_key_costs_one_lookup() {
    for slug in SLUGS {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", slug);
        // A server on this machine lists in some 50 ms.
        let slow = || calcom_fake::Fault::delay(Duration::from_millis(80)).always();
        fake.fault(slow().on("list_bookings"));
        fake.fault(slow().on("get_booking"));
        let service = process(&fake);
        let mut median = Vec::new();
        for (turn, own) in [false, true].into_iter().enumerate() {
            let mut took = Vec::new();
            for n in 0..21 {
                let mut booking = wanted(event_type, START);
                booking.start += jiff::SignedDuration::from_mins(30 * (turn as i64 * 21 + n));
                let mut asked = Appointment::new(booking);
                if own {
                    asked = asked.key(format!("{slug}-{n}"));
                }
                let began = tokio::time::Instant::now();
                service.book(asked).await.done().unwrap();
                took.push(began.elapsed());
            }
            took.sort();
            median.push(took[10]);
        }
        println!("{slug}: median {:?} under a new key, {:?} under the caller's own", median[0], median[1]);
        let more = median[1].saturating_sub(median[0]);
        // The look before is what an own key has always cost.
        let most = if matches!(slug, "plain" | "weekly") { 80 } else { 300 };
        assert!(more <= Duration::from_millis(most), "{slug}: {more:?} more");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_does_not_cancel_the_series_that_another_call_is_booking() {
    for production in [true, false] {
        for lag in [0, 100, 300] {
            let fake = fake().await;
            fake.set_production(production);
            fake.set_latency(Latency::recorded().scaled(3));
            let outcomes = two(&fake, "weekly", "k", lag).await;
            assert!(outcomes.iter().all(Outcome::is_done), "{lag} ms: {outcomes:?}");
            fake.expect_cancelled(0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_that_conflicts_with_a_booking_leaves_no_rows_in_production() {
    for own in [true, false] {
        let fake = fake().await;
        fake.set_production(true);
        let (plain, weekly) = (fake.event_type_id("johndoe", "plain"), fake.event_type_id("johndoe", "weekly"));
        let mut rival = wanted(plain, "2026-12-28T09:00:00Z");
        rival.responses.email = "rival@example.org".to_owned();
        process(&fake).book(rival).await.done().unwrap();
        let service = process(&fake);
        let mut asked = Appointment::new(wanted(weekly, START));
        if own {
            asked = asked.key("k");
        }
        let key = asked.idempotency_key().to_string();
        let outcome = service.book(asked.clone()).await;
        assert_eq!(outcome.problem(), Some(&calcom::service::Problem::SlotTaken), "{outcome:?}");
        assert!(service.book(asked).await.is_not_done());
        service.idle().await;
        assert!(standing(&fake, &key).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_booking_is_found_in_delayed_lists_although_the_second_request_is_refused() {
    for production in [true, false] {
        let fake = fake().await;
        fake.set_production(production);
        fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(3)));
        fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
        let mut slow = settings(&fake);
        slow.settling_time = Duration::from_secs(4);
        let service = Service::with_settings(crate::service::client(&fake, &fake.api_key()), slow);
        let event_type = fake.event_type_id("johndoe", "plain");
        for asked in [Appointment::new(wanted(event_type, START)), appointment(event_type, "2026-12-15T09:00:00Z", "k")]
        {
            let outcome = service.book(asked.deadline(Duration::from_secs(20))).await;
            assert!(outcome.is_done(), "{outcome:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_bookings_the_active_one_is_kept_although_a_delayed_list_shows_both() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "pending");
    let john = crate::service::client(&fake, &fake.api_key());
    let booking = wanted(event_type, START).metadata("idempotencyKey", "k");
    let bookings = john.bookings();
    let (one, other) = tokio::join!(bookings.create(&booking), bookings.create(&booking));
    let (one, other) = (one.unwrap(), other.unwrap());
    let (older, younger) = if one.id < other.id { (one, other) } else { (other, one) };
    assert_ne!(older.uid, younger.uid);
    fake.set_list_lag(ListLag::current().lagging(Duration::from_secs(60)));
    john.bookings().cancel(&older.uid, &CancelBooking::with_reason("not this one")).await.unwrap();
    let booked = process(&fake).book(appointment(event_type, START, "k")).await.done().unwrap();
    assert_eq!(booked.booking.uid, younger.uid);
    assert_eq!(standing(&fake, "k").await, [younger.uid.to_string()]);
}
