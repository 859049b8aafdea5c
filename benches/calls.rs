//! The four calls through the facade and by hand, side by side on loopback: criterion shows both, and then the two take
//! turns and the median of their ratio is printed as a figure.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use criterion::Criterion;
use side_by_side::{Callers, Case, Side, figure, server::Server};
use tokio::runtime::Runtime;

/// The cost of the facade over what one would write by hand.
const AIM: &str = "at most 1.05";
const ROUNDS: usize = 201;
/// One turn of one side: long enough that the clock does not matter, short enough that both sides see the same machine.
const TURN: Duration = Duration::from_millis(4);

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
        let (ratio, facade) = compare(&runtime, &callers, case);
        figure::print(&format!("latency_{}", case.name()), ratio, "times by hand", Some(AIM));
        figure::print(&format!("latency_{}_facade", case.name()), facade * 1e6, "us", None);
    }
}

/// The median of the ratio between the sides, and the median seconds that a call takes through the facade.
fn compare(runtime: &Runtime, callers: &Callers, case: Case) -> (f64, f64) {
    let turn = |side, count: u32| {
        let started = Instant::now();
        runtime.block_on(async {
            for _ in 0..count {
                callers.call(case, side).await.unwrap();
            }
        });
        started.elapsed().as_secs_f64() / f64::from(count)
    };
    turn(Side::Facade, 20);
    let count = ((TURN.as_secs_f64() / turn(Side::ByHand, 20)) as u32).max(2);
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (facade, by_hand) = if round % 2 == 0 {
            let facade = turn(Side::Facade, count);
            (facade, turn(Side::ByHand, count))
        } else {
            let by_hand = turn(Side::ByHand, count);
            (turn(Side::Facade, count), by_hand)
        };
        ratios.push(facade / by_hand);
        times.push(facade);
    }
    (figure::median(ratios), figure::median(times))
}
