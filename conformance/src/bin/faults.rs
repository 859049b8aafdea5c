//! Runs the fault matrix and prints its table: `faults [--appointments N] [--seed N] [--breaker] [--url URL]`. With
//! `--url` it runs against a server (plain HTTP, its key in `CALCOM_API_KEY`, a higher rate limit in
//! `CALCOM_RATE_LIMIT_PER_MINUTE`), else against the fake.

use std::{env, net::SocketAddr, process::ExitCode};

use anyhow::{Context, Result, bail};
use calcom_conformance::matrix::{self, Caller, Plan};
use tokio::runtime::Builder;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let mut plan = Plan::default();
    let mut url = None;
    let args: Vec<String> = env::args().skip(1).collect();
    plan.breaker = args.iter().any(|arg| arg == "--breaker");
    let args: Vec<String> = args.into_iter().filter(|arg| arg != "--breaker").collect();
    for pair in args.chunks(2) {
        match pair {
            [name, value] if name == "--appointments" => plan.appointments = value.parse().context("--appointments")?,
            [name, value] if name == "--seed" => plan.seed = value.parse().context("--seed")?,
            [name, value] if name == "--url" => url = Some(value.clone()),
            _ => {
                bail!("usage: cargo xtask faults [--appointments N] [--seed N] [--breaker] [--url http://ADDRESS:PORT]")
            }
        }
    }
    let began = std::time::Instant::now();
    let report = match url {
        None => matrix::run(plan, || Builder::new_current_thread().enable_all().start_paused(true).build())?,
        Some(url) => {
            let key = env::var("CALCOM_API_KEY").context("CALCOM_API_KEY names the key of the server")?;
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime
                .block_on(async { matrix::run_against(plan, address(&url).await?, &key).await.context("the matrix") })?
        }
    };
    println!("seed {}, {} callers at once, {:?} for each", plan.seed, plan.concurrency, plan.deadline);
    print!("{report}");
    for unknown in report.unknown.iter().filter(|_| env::var_os("FAULTS_UNKNOWN").is_some()) {
        println!("{unknown}");
    }
    println!("took {:.0?}", began.elapsed());
    let service = report.of(Caller::Service);
    Ok(service.is_clean() && report.unknown_share() < 0.01)
}

/// The address of a URL. Only plain HTTP is supported, because the proxy reads the requests.
async fn address(url: &str) -> Result<SocketAddr> {
    let rest = url.strip_prefix("http://").context("--url must be plain HTTP: the proxy reads along")?;
    let host = rest.split('/').next().unwrap_or(rest);
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    tokio::net::lookup_host(&host).await?.next().context("the host has no address")
}
