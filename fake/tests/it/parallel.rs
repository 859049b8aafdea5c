//! Concurrent fakes: they share nothing, and start quickly.

use std::time::Instant;

use calcom_fake::FakeCalcom;
use tokio::task::JoinSet;

use super::{create, send};

/// The number of concurrent fakes.
const MANY: u64 = 400;

#[tokio::test]
async fn hundreds_of_concurrent_fakes_share_nothing() {
    let mut fakes = Vec::new();
    for seed in 0..MANY {
        fakes.push(FakeCalcom::builder().random_seed(seed).at("2026-11-23T00:00:00Z".parse().unwrap()).start().await);
    }
    let mut tasks = JoinSet::new();
    for (number, fake) in fakes.into_iter().enumerate() {
        tasks.spawn(async move {
            fake.clock().advance(std::time::Duration::from_secs(number as u64));
            let call = create(&fake, 1, "ada@example.org", "2026-12-01T09:00:00Z");
            let (status, booked) = send(&fake, call).await;
            assert_eq!(status, 201, "{booked}");
            fake.expect_booked(1);
            fake.expect_requests("create_booking", 1);
            fake.expect_no_other_requests();
            booked["data"]["uid"].as_str().unwrap().to_owned()
        });
    }
    let mut uids = tasks.join_all().await;
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len() as u64, MANY, "each has ids of its own seed");
}

/// The time is printed and not asserted, because it depends on the machine.
#[tokio::test]
async fn a_fake_starts_quickly() {
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        let fake = FakeCalcom::recorded_seed().await;
        times.push(began.elapsed());
        assert!(fake.address().port() > 0);
    }
    times.sort_unstable();
    let millis = |at: usize| times[at].as_secs_f64() * 1_000.0;
    println!("fake, start: median {:.2} ms, slowest of 50 {:.2} ms (aim 20)", millis(25), millis(49));
}
