//! No call fails or hangs because of the server, whatever becomes of it.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use calcom::{ApiKey, CircuitState, Client};
use calcom_fake::{FakeCalcom, FakeRateLimit, FakeUser};
use serde_json::json;

use super::process::{Ended, Order, Process};
use crate::redis_server::RedisServer;

const KEY: &str = "cal_test_planted";

async fn fake() -> FakeCalcom {
    let limit = FakeRateLimit::new("default", 1_000_000, Duration::from_secs(60));
    FakeCalcom::builder().user(FakeUser::new("johndoe").api_key(KEY)).rate_limits(vec![limit]).start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_of_four_processes_fails_while_the_server_is_killed_and_comes_back() {
    let (mut server, fake) = (RedisServer::start(), Arc::new(fake().await));
    let config = json!({"api_url": fake.url()});
    let (counted, done) = (Arc::clone(&fake), Arc::new(AtomicBool::new(false)));
    let ended = tokio::task::spawn_blocking(move || {
        let mut processes: Vec<_> = (0..4).map(|_| Process::start(&config, KEY, &server.url())).collect();
        let order = Order::Call { times: 1_000, tasks: 8 };
        let until = |requests| while counted.requests_of("get_me").len() < requests && !done.load(Ordering::Relaxed) {};
        processes.iter_mut().for_each(|process| process.tell(&order));
        until(500);
        server.kill();
        until(2_000);
        server.restart();
        let ended: Vec<Ended> = processes.iter_mut().map(Process::answer).collect();
        // Picked up again: what one learns the others know.
        let mut circuits: Vec<String> = processes.iter_mut().map(|process| process.ask(&Order::Circuit)).collect();
        circuits.dedup();
        assert_eq!(circuits, ["CLOSED"]);
        ended
    })
    .await
    .unwrap();
    assert!(ended.iter().all(|ended| ended.well == 1_000 && ended.alone > 0), "{ended:?}");
}

/// How long so many calls take, one after the other.
async fn timed(client: &Client, calls: u32) -> Duration {
    let began = Instant::now();
    for _ in 0..calls {
        client.raw().get_me().await.unwrap();
    }
    began.elapsed()
}

fn client(fake: &FakeCalcom, redis: &str) -> Client {
    let builder = Client::builder().credentials(ApiKey::new(KEY)).api_url(fake.url());
    builder.redis(redis).unwrap().build().unwrap().bypass_cache()
}

#[tokio::test]
async fn a_server_that_hangs_costs_one_tenth_of_a_second_once() {
    let (server, fake) = (RedisServer::start(), fake().await);
    let client = client(&fake, &server.url());
    let usual = timed(&client, 200).await;
    let signal = |signal: &str| assert!(Command::new("kill").args([signal, &server.pid()]).status().unwrap().success());
    signal("-STOP");
    let without = timed(&client, 200).await;
    signal("-CONT");
    // If every call waited for its tenth of a second it would be 20 s.
    assert!(without < 2 * usual + Duration::from_secs(2), "{without:?} in the place of {usual:?}");
    // It is asked again by itself.
    while !sees(&client, &server).await {
        timed(&client, 1).await;
    }
}

/// Whether the client asks the server: somebody else has closed the circuit there, so its key exists.
async fn sees(client: &Client, server: &RedisServer) -> bool {
    client.reset_circuit().await;
    let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let keys: Vec<String> = redis::Commands::keys(&mut connection, "calcom:circuit:state:*").unwrap();
    keys.len() == 1
}

#[tokio::test]
async fn a_server_that_starts_after_the_client_is_used() {
    let (mut server, fake) = (RedisServer::start(), fake().await);
    server.kill();
    let client = client(&fake, &server.url());
    timed(&client, 20).await;
    assert_eq!(client.circuit_state().await, CircuitState::Closed);
    server.restart();
    let asked = AtomicUsize::new(0);
    while !sees(&client, &server).await {
        assert!(asked.fetch_add(1, Ordering::Relaxed) < 1_000_000, "never found");
        tokio::task::yield_now().await;
    }
}
