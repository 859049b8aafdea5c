//! A process that books is killed at random points, and started again with the same keys, over and over.
//!
//! The fake lives in this process. The ones that are killed are this test binary again, told by its environment to run
//! `a_process_that_books` and what to book. Time is real here, so the fake is quick and the settling time short; their
//! relation is that of the defaults.

use std::{
    collections::BTreeMap,
    process::Stdio,
    time::{Duration, Instant},
};

use calcom::{
    ApiKey, Client, Config,
    facade::BookingFilter,
    model::{BookingStatus, CreateBooking},
    service::{Appointment, IDEMPOTENCY_KEY_FIELD, Service, Settings},
};
use calcom_fake::{FakeBuilder, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Latency};
use jiff::{SignedDuration, Timestamp};
use tokio::{process::Command, time::sleep};

/// How often a process is killed, all in all.
const KILLS: usize = 200;
/// How often in each round, before the process may come to its end.
const KILLS_A_ROUND: usize = 4;
/// How many rounds go on at once.
const AT_ONCE: usize = 8;
const BEGIN: &str = "2027-01-04T00:00:00Z";
const SLUGS: [&str; 5] = ["plain", "pending", "seated", "weekly", "weekly-pending"];

/// What one round books: one of each kind, at times of its own.
fn appointments(round: usize, ids: &[i64]) -> Vec<Appointment> {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let of_kind = |(kind, id): (usize, &i64)| {
        let place = round * SLUGS.len() + kind;
        // A week has 336 places, and a series takes the same one in four weeks.
        let (block, place) = (place / 336, place % 336);
        let minutes = i64::try_from(block * 28 * 24 * 60 + place * 30).unwrap();
        let start = begin + SignedDuration::from_mins(minutes);
        let booking = CreateBooking::new(*id, start, "Ada Test", format!("ada.{round}.{kind}@example.org"));
        Appointment::new(booking).key(format!("crash-{round}-{kind}"))
    };
    ids.iter().enumerate().map(of_kind).collect()
}

fn client(url: &str, key: &str) -> Client {
    let mut config = Config::default();
    config.api_url = url.to_owned();
    config.rate_limit.per_minute = Some(1_000_000);
    Client::builder().config(config).credentials(ApiKey::new(key)).build().unwrap()
}

/// In a process of its own: books a round. Without its environment it is a test that has nothing to do.
#[test]
fn a_process_that_books() {
    let Ok(order) = std::env::var("CALCOM_TEST_CRASH") else { return };
    let words: Vec<&str> = order.split(' ').collect();
    let [url, key, round, resumed, how, ids @ ..] = words.as_slice() else { panic!("{order}") };
    let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let mut settings = Settings::default();
    settings.settling_time = Duration::from_millis(600);
    settings.plain_resend_delay = Duration::from_millis(200);
    settings.now = std::sync::Arc::new(|| "2026-12-01T00:00:00Z".parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let service = Service::with_settings(client(url, key), settings);
        let round = appointments(round.parse().unwrap(), &ids);
        let resumed = *resumed == "resumed";
        if *how == "all" {
            let mut batch = service.book_each(round).concurrency(3);
            if resumed {
                batch = batch.after_crash();
            }
            let progress = batch.run().await;
            assert_eq!(progress.booked, 5, "{progress}");
        } else {
            for appointment in round {
                let appointment = if resumed { appointment.after_crash() } else { appointment };
                let outcome = service.book(appointment).await;
                assert!(outcome.is_done(), "{outcome:?}");
            }
        }
    });
}

async fn fake() -> FakeCalcom {
    let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    let of_john = |slug: &str| FakeEventType::new("johndoe", slug, 30);
    // An eighth of what an idle service takes.
    let pace = Latency::default()
        .with_check(Duration::from_millis(20))
        .with_commit(Duration::from_millis(9))
        .with_row(Duration::from_millis(16))
        .with_response(Duration::from_millis(5));
    FakeBuilder::default()
        .at("2026-12-01T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("johndoe").time_zone("UTC").schedule(hours))
        .event_type(of_john("plain"))
        .event_type(of_john("pending").requires_confirmation())
        .event_type(of_john("seated").seats(3))
        .event_type(of_john("weekly").weekly(4))
        .event_type(of_john("weekly-pending").weekly(4).requires_confirmation())
        .rate_limits(Vec::new())
        .latency(pace)
        .start()
        .await
}

/// Starts the process; whether it came to its end, well, before it was to be killed.
async fn run(order: &str, killed_after: Option<Duration>) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "service::crash::a_process_that_books", "--nocapture"])
        .env("CALCOM_TEST_CRASH", order)
        .stdout(Stdio::null())
        .stderr(if killed_after.is_some() { Stdio::null() } else { Stdio::inherit() })
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let Some(after) = killed_after else { return child.wait().await.unwrap().success() };
    tokio::select! {
        ended = child.wait() => ended.unwrap().success(),
        () = sleep(after) => {
            child.kill().await.unwrap();
            false
        }
    }
}

/// One round: killed so many times, then let go.
async fn round(url: String, key: String, round: usize, ids: String, mut random: fastrand::Rng) -> usize {
    let mut killed = 0;
    for attempt in 0..=KILLS_A_ROUND {
        let resumed = if attempt == 0 { "first" } else { "resumed" };
        let how = if round.is_multiple_of(2) { "all" } else { "each" };
        let order = format!("{url} {key} {round} {resumed} {how} {ids}");
        // Starting takes some 20 ms, booking all some hundred more.
        let after = (attempt < KILLS_A_ROUND).then(|| Duration::from_millis(random.u64(15..350)));
        let ended = run(&order, after).await;
        killed += usize::from(after.is_some() && !ended);
        assert!(after.is_some() || ended, "round {round} did not come to its end");
    }
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_and_started_again_books_everything_once() {
    let fake = fake().await;
    let ids: Vec<i64> = SLUGS.iter().map(|slug| fake.event_type_id("johndoe", slug)).collect();
    let ids_text = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    let began = Instant::now();
    let mut random = fastrand::Rng::with_seed(4711);
    let (mut killed, mut next) = (0, 0);
    let mut rounds = tokio::task::JoinSet::new();
    while killed < KILLS || !rounds.is_empty() {
        while killed < KILLS && rounds.len() < AT_ONCE {
            let random = fastrand::Rng::with_seed(random.u64(..));
            rounds.spawn(round(fake.url(), fake.api_key(), next, ids_text.clone(), random));
            next += 1;
        }
        killed += rounds.join_next().await.unwrap().unwrap();
        assert!(next < 200, "only {killed} were killed in {next} rounds");
    }
    println!("killed {killed} times in {next} rounds, {:?}", began.elapsed());

    let truth = client(&fake.url(), &fake.api_key());
    let bookings = truth.bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    let mut rows: BTreeMap<String, BTreeMap<Timestamp, usize>> = BTreeMap::new();
    for booking in bookings.iter().filter(|booking| booking.status != BookingStatus::Cancelled) {
        let own = booking.metadata.get(IDEMPOTENCY_KEY_FIELD);
        let seats = booking.attendees.iter().filter_map(|attendee| attendee.metadata()?.get(IDEMPOTENCY_KEY_FIELD));
        for key in own.into_iter().chain(seats) {
            *rows.entry(key.as_str().unwrap().to_owned()).or_default().entry(booking.start_time).or_default() += 1;
        }
    }
    assert_eq!(rows.len(), next * SLUGS.len(), "something is lost");
    for (key, starts) in rows {
        let wanted = if key.ends_with("-3") || key.ends_with("-4") { 4 } else { 1 };
        assert_eq!(starts.values().collect::<Vec<_>>(), vec![&1; wanted], "{key}: {starts:?}");
    }
}
