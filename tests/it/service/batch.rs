use std::sync::{Arc, Mutex};

use calcom::service::{Appointment, BatchProgress};
use calcom_fake::{FakeCalcom, Latency};
use jiff::SignedDuration;

use super::{service, wanted};

/// So many appointments with the recorded seed's first host, one after the other from Tuesday nine o'clock on.
fn list(number: usize) -> Vec<Appointment> {
    let first = wanted(1, "2026-12-01T08:00:00Z");
    let appointment = |n: usize| {
        let (day, slot) = (n / 16, n % 16);
        let start = first.start + SignedDuration::from_hours(24 * (day as i64 / 4 * 7 + day as i64 % 4));
        let mut booking = first.clone();
        booking.start = start + SignedDuration::from_mins(30 * slot as i64);
        Appointment::new(booking).key(format!("import-{n}"))
    };
    (0..number).map(appointment).collect()
}

#[tokio::test(start_paused = true)]
async fn a_batch_books_all_reports_its_progress_and_limits_its_concurrency() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded());
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let mut batch = service(&fake)
        .book_each(list(60))
        .concurrency(4)
        .on_progress(move |progress: &BatchProgress| tell.lock().unwrap().push(*progress));
    while let Some((key, outcome)) = batch.next().await {
        assert!(outcome.is_done(), "{key}: {outcome:?}");
    }
    let progress = batch.progress();
    assert_eq!((progress.started, progress.booked, progress.finished()), (60, 60, 60));
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 60);
    assert!(told.iter().all(|progress| progress.started - progress.finished() <= 4));
    fake.expect_booked(60);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_batch_with_the_keys_of_a_dropped_one_books_the_rest() {
    let fake = FakeCalcom::recorded_seed().await;
    fake.set_latency(Latency::recorded());
    let mut batch = service(&fake).book_each(list(40)).concurrency(4);
    for _ in 0..13 {
        let _ = batch.next().await.unwrap();
    }
    drop(batch);
    let progress = service(&fake).book_each(list(40)).concurrency(4).after_crash().run().await;
    assert_eq!((progress.booked, progress.not_booked, progress.unknown), (40, 0, 0));
    assert!(progress.found >= 13, "{progress}");
    fake.expect_booked(40);
}

#[tokio::test]
async fn a_batch_gives_every_outcome_with_its_key() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut appointments = list(2);
    appointments.push(Appointment::new(wanted(1, "2026-12-01T22:00:00Z")).key("at night"));
    let mut batch = service(&fake).book_each(appointments);
    let mut refused = Vec::new();
    while let Some((key, outcome)) = batch.next().await {
        if outcome.is_not_done() {
            refused.push(key.to_string());
        }
    }
    assert_eq!(refused, ["at night"]);
    assert_eq!(batch.progress().to_string(), "3 of 3 finished: 2 booked, 1 not booked, 0 unknown");
}
