//! Counts the instructions of a call: callgrind counts two runs with different numbers of calls, and the difference is
//! divided by the number of further calls. Unlike the time, it does not depend on other load. The allocator makes it differ by a
//! percent or two, so that the median of five is taken.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::figures::{Figure, Figures};
use crate::{
    process::{cargo, exists, output, run},
    workspace::Workspace,
};

const RUNS: usize = 5;

/// Counts each case of the benches: through the facade with the default features, with all features and the cache, and handwritten.
pub fn count(workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    let program = build(workspace, "default", &[])?;
    let everything = build(workspace, "everything", &["--features", "everything"])?;
    let cases = output(Command::new(&program).arg("cases"))?;
    for case in cases.lines() {
        let words: Vec<&str> = case.split('\t').collect();
        let [name, short, long, aim, aim_with_everything] = words[..] else {
            bail!("a case is `name short long aim aim`, between tabs: {case}");
        };
        let figure = format!("instructions_{name}");
        if !exists("valgrind") {
            figures.add(Figure::unavailable(figure, "valgrind is missing: apt-get install valgrind"));
            continue;
        }
        let (short, long) = (short.parse()?, long.parse()?);
        let per_call = |program, side| per_call(program, name, side, short, long);
        let (facade, by_hand) = (per_call(&program, "facade")?, per_call(&program, "by_hand")?);
        let everything_on = per_call(&everything, "everything_on")?;
        figures.add(Figure::new(figure.as_str(), facade / by_hand, "times by hand", Some(aim)));
        figures.add(Figure::new(format!("{figure}_facade"), facade, "instructions", None));
        let ratio = everything_on / by_hand;
        figures.add(Figure::new(format!("{figure}_everything_on"), ratio, "times by hand", Some(aim_with_everything)));
        figures.add(Figure::new(format!("{figure}_by_hand"), by_hand, "instructions", None));
    }
    Ok(())
}

/// Builds the program with these features, under a name of its own.
fn build(workspace: &Workspace, name: &str, features: &[&str]) -> Result<PathBuf> {
    let package = ["build", "--profile", "bench", "--package", "benches", "--bin", "one_side"];
    run(cargo(&workspace.root).args(package).args(features))?;
    let folder = workspace.target.join("release");
    let program = folder.join(format!("one_side_{name}"));
    fs::copy(folder.join("one_side"), &program).with_context(|| format!("copying {}", program.display()))?;
    Ok(program)
}

fn per_call(program: &Path, case: &str, side: &str, short: u32, long: u32) -> Result<f64> {
    let mut counts = [0.0; RUNS];
    for count in &mut counts {
        *count = count_once(program, case, side, short, long)?;
    }
    counts.sort_by(f64::total_cmp);
    Ok(counts[RUNS / 2])
}

fn count_once(program: &Path, case: &str, side: &str, short: u32, long: u32) -> Result<f64> {
    let total = |count: u32| -> Result<f64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
        valgrind.args([case, side, &count.to_string()]);
        let output = valgrind.output().context("running valgrind")?;
        let report = String::from_utf8_lossy(&output.stderr);
        let collected =
            report.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, number)| number.trim());
        collected
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("callgrind counted nothing:\n{report}"))
    };
    Ok((total(long)? - total(short)?) / f64::from(long - short))
}
