//! Replays recorded exchanges against the crate and prints the report.
//!
//! Run by `cargo xtask replay`, which builds without the library.

use std::{env, path::Path, process::ExitCode};

use calcom_conformance::replay::{self, ReplayReport};

fn main() -> ExitCode {
    let folders: Vec<String> = env::args().skip(1).collect();
    let mut report = ReplayReport::default();
    for folder in &folders {
        match replay::run(Path::new(folder)) {
            Ok(found) => report.add(found),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    for line in &report.unknown_in_requests {
        println!("{line}: accepted in a request, not known to this crate");
    }
    for line in &report.failures {
        println!("{line}");
    }
    println!("{} left out: other routes or other versions", report.skipped);
    println!("{} of {} successful answers decoded whole", report.whole, report.successes);
    println!("{report}");
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
