//! Sends recorded requests to the fake service and prints where its answers differ. The comparing is done in
//! `calcom_conformance::agreement`; the recordings under `tests/recordings` are the background.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use calcom_conformance::agreement::{Report, measure};

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match play(folders) {
        Ok(report) => {
            println!("{report}");
            if report.suffices() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Plays what lies below `folders`, or the project's own recordings.
fn play(mut folders: Vec<PathBuf>) -> Result<Report> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings");
    if folders.is_empty() {
        folders.push(own.clone());
    }
    // In recorded time: nothing is waited for.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().context("no runtime")?;
    runtime.block_on(measure(&folders, &[own])).context("the recordings cannot be played")
}
