//! The components: a cached response, in memory and on Redis, compared with the uncached request; the rejection by an open
//! circuit; and the documented table of response times, against a server with a latency of 150 ms.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    future::Future,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use calcom::{
    Client,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, SlotQuery},
};
use side_by_side::{by_hand::START, client, figure, server::Server};
use tokio::{runtime::Runtime, task::JoinSet};

/// The number of calls between two readings of the clock, if a call takes a microsecond or less.
const CALLS_PER_SAMPLE: u32 = 16;
const SAMPLES: usize = 4_000;
const ROUNDS: usize = 5;

fn main() {
    let program = Path::new(env!("CARGO_BIN_EXE_one_side"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = Server::start(program).unwrap();
    let distant = Server::start_with_delay(program, Duration::from_millis(1)).unwrap();
    cache(&runtime, &server.address, &distant.address);
    open_circuit(&runtime);
    response_times(&runtime, &Server::start_with_delay(program, Duration::from_millis(150)).unwrap().address);
}

/// The median seconds of a call.
fn median(runtime: &Runtime, samples: usize, calls_per_sample: u32, mut call: impl AsyncFnMut()) -> f64 {
    let mut sample = |count: u32| {
        let began = Instant::now();
        runtime.block_on(async {
            for _ in 0..count {
                call().await;
            }
        });
        began.elapsed().as_secs_f64() / f64::from(count)
    };
    sample(calls_per_sample * 20);
    figure::median((0..samples).map(|_| sample(calls_per_sample)).collect())
}

/// `distant` is the address of a service that is a millisecond away.
fn cache(runtime: &Runtime, address: &str, distant: &str) {
    let list = async |client: &Client| {
        let found = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
        assert!(!found.event_type_groups.is_empty());
    };
    let memory = client(address).build().unwrap();
    let hit = median(runtime, SAMPLES, CALLS_PER_SAMPLE, async || list(&memory).await);
    figure::print("cache_hit_memory", hit * 1e6, "us", Some("at most 2"));

    let uncached = memory.bypass_cache();
    let time = median(runtime, 1_000, 1, async || list(&uncached).await);
    figure::print("cache_miss", time * 1e6, "us", None);

    match Redis::start() {
        Some(redis) => {
            for (suffix, address, aim) in [("", address, "at most 0.75"), ("_at_1_ms", distant, "at most 0.50")] {
                let shared = client(address).redis(&redis.url).unwrap().build().unwrap();
                let uncached = client(address).build().unwrap().bypass_cache();
                // In turn, because the load of the machine changes.
                let rounds = (0..ROUNDS).map(|_| {
                    let hit = median(runtime, 1_000, 1, async || list(&shared).await);
                    (hit, hit / median(runtime, 1_000, 1, async || list(&uncached).await))
                });
                let (hits, ratios): (Vec<_>, Vec<_>) = rounds.unzip();
                figure::print(&format!("cache_hit_redis{suffix}"), figure::median(hits) * 1e6, "us", None);
                let (name, ratio) = (format!("cache_hit_redis_to_uncached{suffix}"), figure::median(ratios));
                figure::print(&name, ratio, "times an uncached call", Some(aim));
            }
        }
        None => figure::unavailable("cache_hit_redis", "redis-server is missing: apt-get install redis-server"),
    }
}

fn open_circuit(runtime: &Runtime) {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(&unused.to_string()).max_attempts(1).build().unwrap().bypass_cache();
    runtime.block_on(async { while !client.me().get().await.unwrap_err().details().is_circuit_open() {} });
    let refusal = median(runtime, SAMPLES, CALLS_PER_SAMPLE, async || drop(client.me().get().await.unwrap_err()));
    figure::print("refusal_by_open_circuit", refusal * 1e6, "us", Some("at most 5"));
}

/// The documented table: cached event types below 200 ms, slots below 500, booking below 1000, cancelling below 300.
fn response_times(runtime: &Runtime, address: &str) {
    let client = client(address).build().unwrap();
    let uncached = client.bypass_cache();
    // The first call fills the cache.
    runtime.block_on(client.event_types().list(&EventTypeFilter::default())).unwrap();
    times(runtime, "event_types", 200, &client, |client: Client| async move {
        client.event_types().list(&EventTypeFilter::default()).await.map(drop)
    });
    times(runtime, "slots", 500, &uncached, |client: Client| async move {
        let query = SlotQuery::new(1, START.parse().unwrap(), "2026-12-08T00:00:00Z".parse().unwrap());
        client.slots().list(&query).await.map(drop)
    });
    times(runtime, "create_booking", 1000, &uncached, |client: Client| async move {
        let wanted = CreateBooking::new(1, START.parse().unwrap(), "Alice Attendee", "alice@example.org");
        client.bookings().create(&wanted).await.map(drop)
    });
    times(runtime, "cancel_booking", 300, &uncached, |client: Client| async move {
        client.bookings().cancel("a", &CancelBooking::with_reason("ill")).await.map(drop)
    });
}

/// Makes two hundred calls, four at a time.
fn times<F>(
    runtime: &Runtime,
    name: &str,
    aim: u32,
    client: &Client,
    call: impl Fn(Client) -> F + Clone + Send + 'static,
) where
    F: Future<Output = calcom::Result<()>> + Send + 'static,
{
    let mut times = runtime.block_on(async {
        let mut callers = JoinSet::new();
        for _ in 0..4 {
            let (client, call) = (client.clone(), call.clone());
            callers.spawn(async move {
                let mut times = Vec::new();
                for _ in 0..50 {
                    let began = Instant::now();
                    call(client.clone()).await.unwrap();
                    times.push(began.elapsed().as_secs_f64() * 1e3);
                }
                times
            });
        }
        callers.join_all().await.concat()
    });
    for (part, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let time = figure::quantile(&mut times, quantile);
        figure::print(&format!("response_{name}_{part}"), time, "ms", Some(&format!("below {aim}")));
    }
}

/// A redis-server on a free port, which is killed when this is dropped.
struct Redis {
    process: Child,
    url: String,
}

impl Redis {
    /// Starts the server. `None` if the program is not installed.
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(process.stdout.take()?).lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.contains("Ready to accept connections"));
        std::thread::spawn(move || lines.for_each(drop));
        is_ready.then_some(Self { process, url: format!("redis://127.0.0.1:{port}/") })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
