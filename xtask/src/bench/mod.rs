//! `cargo xtask bench [PART]...`: measures the figures of the project on this machine. The parts are `latency` (all programs
//! in `benches/`, with criterion), `instructions` (callgrind), `building` and `fresh` (packages outside the workspace).

mod building;
mod figures;
mod fresh;
mod instructions;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use anyhow::{Context, Result, bail};
use figures::{Figure, Figures};

use crate::{
    process::{cargo, without_account},
    workspace::Workspace,
};

const PARTS: [&str; 4] = ["latency", "instructions", "building", "fresh"];

/// Measures these parts, or all parts if none is given.
pub fn run(root: &Path, parts: &[&str]) -> Result<()> {
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        bail!("there is no part {unknown}: {}", PARTS.join(", "));
    }
    let workspace = Workspace::read(root)?;
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    let mut figures = Figures::default();
    if wanted("latency") {
        benches(root, &mut figures)?;
    }
    if wanted("instructions") {
        instructions::count(&workspace, &mut figures)?;
    }
    if wanted("building") {
        building::measure(&workspace, &mut figures)?;
    }
    if wanted("fresh") {
        fresh::measure(&workspace, &mut figures)?;
    }
    figures.write(&workspace.target.join("figures.json"))
}

/// Runs the benches, prints their output, and stores the figures in it.
fn benches(root: &Path, figures: &mut Figures) -> Result<()> {
    let mut command = cargo(root);
    without_account(&mut command).args(["bench", "--package", "benches", "--features", "everything"]);
    let mut bench = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("running cargo bench")?;
    let output = bench.stdout.take().context("the output of cargo bench")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        if let Some(figure) = Figure::read(&line) {
            figures.store(figure);
        }
    }
    if !bench.wait()?.success() {
        bail!("cargo bench failed");
    }
    Ok(())
}
