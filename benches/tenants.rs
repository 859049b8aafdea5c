//! Many tenants in one process: what a client takes of memory and time, and whether one that is dropped leaves anything.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{fs, path::Path, time::Instant};

use calcom::{ApiKey, Client};
use side_by_side::{client, figure, server::Server};
use tokio::runtime::Runtime;

const TENANTS: usize = 10_000;
const DROPPED: usize = 100_000;
const ROUNDS: usize = 5;
const BYTES_PER_PAGE: usize = 4096;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = Server::start(Path::new(env!("CARGO_BIN_EXE_one_side"))).unwrap();
    let first = client(&server.address).build().unwrap().bypass_cache();
    runtime.block_on(first.me().get()).unwrap();
    let tenant = |n: usize| first.with_credentials(ApiKey::new(format!("cal_live_{n:032}"))).unwrap();

    // The allocator's own growth is over.
    drop((0..TENANTS).map(tenant).collect::<Vec<_>>());
    let before = resident();
    let mut clients = Vec::with_capacity(TENANTS);
    let started = Instant::now();
    clients.extend((0..TENANTS).map(tenant));
    let made = started.elapsed().as_secs_f64() / TENANTS as f64;
    let idle = resident();
    per_call(&runtime, &clients);
    let used = resident();
    // In turn, because the load of the machine changes.
    let rounds = (0..ROUNDS).map(|_| per_call(&runtime, &clients) / per_call(&runtime, std::slice::from_ref(&first)));
    let ratio = figure::median(rounds.collect());
    figure::print("tenant_made", made * 1e6, "us", Some("below 5"));
    let bytes = |now: Option<usize>| Some(now?.saturating_sub(before?) as f64 / TENANTS as f64);
    for (name, bytes, aim) in
        [("tenant_memory", bytes(idle), "at most 2048"), ("tenant_memory_after_a_call", bytes(used), "at most 6144")]
    {
        match bytes {
            Some(bytes) => figure::print(name, bytes, "bytes", Some(aim)),
            None => figure::unavailable(name, "there is no /proc/self/statm"),
        }
    }
    figure::print("tenants_call", ratio, "times that of one tenant", Some("at most 1.05"));

    drop(clients);
    let before = resident();
    for n in 0..DROPPED {
        drop(tenant(n));
    }
    if let (Some(before), Some(after)) = (before, resident()) {
        let left = after.saturating_sub(before) as f64 / DROPPED as f64;
        figure::print("tenant_left_after_drop", left, "bytes", Some("below 1"));
    }
}

/// The seconds of a call, one with each client, and as many with one.
fn per_call(runtime: &Runtime, clients: &[Client]) -> f64 {
    let started = Instant::now();
    runtime.block_on(async {
        for n in 0..TENANTS {
            clients[n % clients.len()].me().get().await.unwrap();
        }
    });
    started.elapsed().as_secs_f64() / TENANTS as f64
}

/// The bytes of memory that the process takes.
fn resident() -> Option<usize> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<usize>().ok()? * BYTES_PER_PAGE)
}
