//! Runs each fuzz target for a minute, starting with the stored corpus. Findings are written to the target folder.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::{
    process::{cargo, output, run},
    workspace::Workspace,
};

/// The duration of each run, in seconds.
const SECONDS: u32 = 60;
/// The compiler flags for edge coverage.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Ccodegen-units=1";

/// Runs every target.
pub fn run_all(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("fuzz");
    let target = workspace.target.join("fuzz");
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut build = cargo(&folder);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", &target);
    // With `--target`, the flags do not apply to build scripts and macros.
    build.args(["build", "--release", "--bins", "--target", host]);
    run(&mut build)?;
    let programs = target.join(host).join("release");
    for entry in fs::read_dir(folder.join("fuzz_targets")).context("fuzz/fuzz_targets")? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).context("a target without a name")?.to_owned();
        let found = target.join("found").join(&name);
        fs::create_dir_all(&found)?;
        let mut fuzz = Command::new(programs.join(&name));
        fuzz.arg(&found).arg(folder.join("corpus").join(&name));
        fuzz.args([format!("-max_total_time={SECONDS}"), "-timeout=10".to_owned(), "-print_final_stats=1".to_owned()]);
        fuzz.arg(format!("-artifact_prefix={}/", found.display()));
        run(&mut fuzz)?;
    }
    Ok(())
}
