//! Replays recorded requests against the fake and prints the differences of its responses. The recordings under
//! `tests/recordings` are the context.
//!
//! With `--areas` it also prints how many exchanges of each area agree, of the operations that the fake plays, and the
//! differences of these alone.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use calcom_conformance::agreement::{AgreementReport, measure};

fn main() -> ExitCode {
    let mut folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let words = folders.len();
    folders.retain(|folder| folder != Path::new("--areas"));
    let by_area = folders.len() < words;
    match play(folders) {
        Ok(mut report) => {
            if by_area {
                println!("{}", report.areas);
                report.failed.retain(|(name, _)| report.areas.differing.contains(name));
                report.passed.truncate(report.areas.total(None).passed);
            }
            println!("{report}");
            if report.is_sufficient() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Replays the recordings below `folders`, or the project's own ones.
fn play(mut folders: Vec<PathBuf>) -> Result<AgreementReport> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings");
    if folders.is_empty() {
        folders.push(own.clone());
    }
    // Paused time, so that the replay does not wait.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().context("no runtime")?;
    runtime.block_on(measure(&folders, &[own])).context("the recordings cannot be played")
}
