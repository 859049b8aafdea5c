//! Four calls through the facade and handwritten, on loopback. criterion measures both. Then the two sides alternate, and the
//! median of their ratio is printed as a figure.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use criterion::Criterion;
use side_by_side::{Callers, Case, Side, figure, server::Server};
use tokio::runtime::Runtime;

/// The aim for the cost of the facade, relative to handwritten code.
const AIM: &str = "at most 1.05";
/// Duration of one round of one side: long enough for the resolution of the clock, and short enough that both sides run
/// under the same load.
const ROUND_DURATION: Duration = Duration::from_micros(400);
/// Duration of the whole comparison.
const COMPARISON_DURATION: Duration = Duration::from_secs(8);

fn main() {
    let server = Server::start(Path::new(env!("CARGO_BIN_EXE_one_side"))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let callers = Callers::new(&server.address).unwrap();

    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for case in Case::ALL {
        let mut group = criterion.benchmark_group(case.name());
        for (name, side) in [("facade", Side::Facade), ("by_hand", Side::ByHand)] {
            group.bench_function(name, |bencher| {
                bencher.iter(|| runtime.block_on(callers.call(case, side)).unwrap());
            });
        }
        group.finish();
    }
    criterion.final_summary();

    for case in Case::ALL {
        let (ratio, facade) = compare(&runtime, &callers, case, Side::Facade);
        figure::print(&format!("latency_{}", case.name()), ratio, "times by hand", Some(AIM));
        figure::print(&format!("latency_{}_facade", case.name()), facade * 1e6, "us", None);
        let (ratio, _) = compare(&runtime, &callers, case, Side::FacadeWithCache);
        figure::print(&format!("latency_{}_everything_on", case.name()), ratio, "times by hand", Some(AIM));
    }
}

/// The median of the ratio between a side and handwritten code, and the median time of its call in seconds. The sides
/// alternate after a few calls, so that other load affects both.
fn compare(runtime: &Runtime, callers: &Callers, case: Case, ours: Side) -> (f64, f64) {
    let turn = |side, count: u32| {
        let started = Instant::now();
        runtime.block_on(async {
            for _ in 0..count {
                callers.call(case, side).await.unwrap();
            }
        });
        started.elapsed().as_secs_f64() / f64::from(count)
    };
    turn(ours, 20);
    let count = ((ROUND_DURATION.as_secs_f64() / turn(Side::ByHand, 20)) as u32).max(1);
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    let until = Instant::now() + COMPARISON_DURATION;
    while Instant::now() < until {
        let facade_first = ratios.len() % 2 == 0;
        let first = turn(if facade_first { ours } else { Side::ByHand }, count);
        let second = turn(if facade_first { Side::ByHand } else { ours }, count);
        let (facade, by_hand) = if facade_first { (first, second) } else { (second, first) };
        ratios.push(facade / by_hand);
        times.push(facade);
    }
    (figure::median(ratios), figure::median(times))
}
