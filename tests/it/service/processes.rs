//! Processes that want the same appointments at the same time, with and without a Redis server to agree on, are killed and
//! started again, while lists lag up to two seconds. Time is real.
//!
//! Some dozens of appointments in every run, five hundred with `CALCOM_LONG=1`. The processes are this test binary again,
//! told by its environment to run `a_process_that_wants`.

use std::{collections::HashMap, process::Stdio, time::Duration};

use calcom::{
    ApiKey, Client, Config,
    facade::BookingFilter,
    model::{Booking, BookingStatus, CreateBooking},
    service::{Appointment, IDEMPOTENCY_KEY_FIELD, Outcome, Service, Settings},
};
use calcom_fake::{FakeCalcom, Latency, ListLag};
use jiff::{SignedDuration, Timestamp};
use tokio::{process::Command, task::JoinSet, time::sleep};

use super::again::{self, SLUGS, named};

const BEGIN: &str = "2027-01-04T00:00:00Z";
const LAG: Duration = Duration::from_secs(2);
const SETTLE: Duration = Duration::from_millis(2_800);
const DEADLINE: Duration = Duration::from_secs(30);
/// How many rounds go on at once, each with up to three processes.
const AT_ONCE: usize = 5;

/// What one round books: one of each kind, at times of its own.
fn appointments(round: usize, ids: &[i64]) -> Vec<Appointment> {
    let of_kind = |(kind, id): (usize, &i64)| {
        let place = round * SLUGS.len() + kind;
        let minutes = (place / 336 * 28 * 24 * 60 + place % 336 * 30) as i64;
        let start = BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes);
        let booking = CreateBooking::new(*id, start, "Ada Test", format!("ada.{round}.{kind}@example.org"));
        Appointment::new(booking).key(format!("real-{round}-{kind}")).deadline(DEADLINE)
    };
    ids.iter().enumerate().map(of_kind).collect()
}

fn service(url: &str, key: &str, redis: &str) -> Service {
    let mut config = Config::default();
    config.api_url = url.to_owned();
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(ApiKey::new(key));
    #[cfg(feature = "redis")]
    let client = if redis.is_empty() { client } else { client.redis(redis).unwrap() };
    let _ = redis;
    let mut settings = Settings::default();
    settings.settling_time = SETTLE;
    settings.reconcile_settling_time = SETTLE;
    settings.watch_duration = Duration::from_secs(9);
    settings.now = std::sync::Arc::new(|| "2026-12-01T00:00:00Z".parse().unwrap());
    Service::with_settings(client.build().unwrap(), settings)
}

/// In a process of its own: books a round, and writes what it was told. Without its environment it has nothing to do.
#[test]
fn a_process_that_wants() {
    let Ok(order) = std::env::var("CALCOM_TEST_WANTS") else { return };
    let words: Vec<&str> = order.split(' ').collect();
    let [url, key, redis, round, resumed, ids @ ..] = words.as_slice() else { panic!("{order}") };
    let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let service = service(url, key, redis.trim_start_matches('-'));
        let mut batch = service.book_each(appointments(round.parse().unwrap(), &ids)).concurrency(5).deadline(DEADLINE);
        if *resumed == "resumed" {
            batch = batch.after_crash();
        }
        while let Some((key, outcome)) = batch.next().await {
            match outcome {
                Outcome::Done(booked) => println!("told {key} booked {}", named(&booked).join(" ")),
                Outcome::NotDone(why) => println!("told {key} not-booked {why}"),
                Outcome::Unknown(_) => println!("told {key} unknown"),
            }
        }
        service.idle().await;
    });
}

/// One process: killed so many times, and started again; what it was told by those that came to an end.
async fn wants(order: String, kills: Vec<u64>) -> (Vec<String>, usize) {
    let (mut told, mut killed) = (Vec::new(), 0);
    for (attempt, after) in kills.iter().map(|after| Some(*after)).chain([None]).enumerate() {
        let order = order.replace("RESUMED", if attempt % 2 == 1 { "resumed" } else { "first" });
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "service::processes::a_process_that_wants", "--nocapture"])
            .env("CALCOM_TEST_WANTS", order)
            .stdout(Stdio::piped())
            .stderr(if after.is_some() { Stdio::null() } else { Stdio::inherit() })
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let Some(after) = after else {
            let output = child.wait_with_output().await.unwrap();
            assert!(output.status.success());
            let lines = String::from_utf8(output.stdout).unwrap();
            told.extend(lines.lines().filter(|line| line.starts_with("told ")).map(str::to_owned));
            break;
        };
        // Dropping the future of its end kills it, as `kill -9` does.
        if tokio::time::timeout(Duration::from_millis(after), child.wait_with_output()).await.is_err() {
            killed += 1;
        }
    }
    (told, killed)
}

async fn standing(fake: &FakeCalcom) -> HashMap<String, HashMap<Timestamp, Vec<String>>> {
    fake.set_list_lag(ListLag::current());
    let all = service(&fake.url(), &fake.api_key(), "").client().bookings().stream(&BookingFilter::default());
    let all = all.try_collect().await.unwrap();
    let live = |booking: &&Booking| !matches!(booking.status, BookingStatus::Cancelled | BookingStatus::Rejected);
    let mut standing: HashMap<String, HashMap<Timestamp, Vec<String>>> = HashMap::new();
    for booking in all.iter().filter(live) {
        let own = booking.metadata.get(IDEMPOTENCY_KEY_FIELD).map(|key| (key.clone(), booking.uid.to_string()));
        let seats = booking
            .attendees
            .iter()
            .filter_map(|it| Some((it.metadata()?.get(IDEMPOTENCY_KEY_FIELD)?.clone(), it.seat_uid()?.to_string())));
        for (key, uid) in own.into_iter().chain(seats) {
            let starts = standing.entry(key.as_str().unwrap().to_owned()).or_default();
            starts.entry(booking.start_time).or_default().push(uid);
        }
    }
    standing
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_one_key_book_once_and_their_outcomes_agree_with_the_service() {
    let rounds = if std::env::var_os("CALCOM_LONG").is_some() { 100 } else { 5 };
    let fake = again::fake().await;
    fake.set_latency(Latency::recorded());
    fake.set_production(true);
    fake.set_list_lag(ListLag::current().lagging_up_to(LAG));
    #[cfg(feature = "redis")]
    let redis = crate::redis_server::RedisServer::start();
    #[cfg(feature = "redis")]
    let redis_url = redis.url();
    #[cfg(not(feature = "redis"))]
    let redis_url = String::new();
    let ids: Vec<String> = SLUGS.iter().map(|slug| fake.event_type_id("johndoe", slug).to_string()).collect();
    let mut random = fastrand::Rng::with_seed(4711);
    let (mut running, mut told, mut killed, mut processes) = (JoinSet::new(), Vec::new(), 0, 0);
    for round in 0..rounds {
        let shared = if round % 2 == 0 { redis_url.as_str() } else { "" };
        let order = format!("{} {} -{shared} {round} RESUMED {}", fake.url(), fake.api_key(), ids.join(" "));
        let callers = random.usize(1..4);
        processes += callers;
        let plans: Vec<(u64, Vec<u64>)> = (0..callers)
            .map(|_| {
                let kills = random.usize(0..3);
                (random.u64(0..400), (0..kills).map(|_| random.u64(20..2_500)).collect())
            })
            .collect();
        running.spawn(async move {
            let mut callers = JoinSet::new();
            for (wait, kills) in plans {
                let order = order.clone();
                callers.spawn(async move {
                    sleep(Duration::from_millis(wait)).await;
                    wants(order, kills).await
                });
            }
            callers.join_all().await
        });
        while running.len() >= AT_ONCE {
            for (lines, kills) in running.join_next().await.unwrap().unwrap() {
                told.extend(lines);
                killed += kills;
            }
        }
    }
    for (lines, kills) in running.join_all().await.into_iter().flatten() {
        told.extend(lines);
        killed += kills;
    }
    let standing = standing(&fake).await;
    let (mut doubles, mut parts, mut denied, mut untrue, mut unknown, mut other) = (0, 0, 0, 0, 0, 0);
    for round in 0..rounds {
        for kind in 0..SLUGS.len() {
            let starts = standing.get(&format!("real-{round}-{kind}"));
            let rows = if kind >= 3 { 4 } else { 1 };
            doubles += usize::from(starts.is_some_and(|starts| starts.values().any(|uids| uids.len() > 1)));
            parts += usize::from(starts.is_some_and(|starts| starts.len() != rows));
        }
    }
    for line in &told {
        let words: Vec<&str> = line.split(' ').collect();
        let stands: Vec<&String> = standing.get(words[1]).into_iter().flat_map(|it| it.values().flatten()).collect();
        match words[2] {
            "booked" if stands.is_empty() => untrue += 1,
            "booked" => other += usize::from(!words[3..].iter().all(|uid| stands.iter().any(|it| it == uid))),
            "unknown" => unknown += 1,
            _ => denied += usize::from(!stands.is_empty()),
        }
    }
    println!(
        "{} appointments, {processes} processes, killed {killed} times; settling time {SETTLE:?}, lag up to {LAG:?}, deadline \
         {DEADLINE:?}: doubles {doubles}, parts {parts}, told not booked that stand {denied}, told booked that do not {untrue}, \
         unknown {unknown}, told the uid of a double {other}, calls told {}",
        rounds * SLUGS.len(),
        told.len(),
    );
    assert_eq!((doubles, parts, denied, untrue, unknown), (0, 0, 0, 0, 0), "{told:#?}");
    assert_eq!(standing.len(), rounds * SLUGS.len(), "all times are free: each appointment stands");
    assert_eq!(told.len(), processes * SLUGS.len());
}
