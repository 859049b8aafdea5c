//! Counts the instructions of a call: callgrind counts two runs with different numbers of calls, and the difference is
//! divided by the number of further calls. Unlike the time, it does not depend on other load. The allocator makes it differ by a
//! percent or two, so that the median of five is taken.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::figures::{Figure, Figures};
use crate::{
    process::{cargo, exists, output, run},
    workspace::Workspace,
};

const RUNS: usize = 5;

/// Counts each case of the benches, through the facade and handwritten.
pub fn count(workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    let package = ["--package", "benches", "--bin", "one_side"];
    run(cargo(&workspace.root).args(["build", "--profile", "bench"]).args(package))?;
    let program = workspace.target.join("release").join("one_side");
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
        let per_call = |side| per_call(&program, name, side, short, long);
        let (facade, everything_on, by_hand) = (per_call("facade")?, per_call("everything_on")?, per_call("by_hand")?);
        figures.add(Figure::new(figure.as_str(), facade / by_hand, "times by hand", Some(aim)));
        figures.add(Figure::new(format!("{figure}_facade"), facade, "instructions", None));
        let ratio = everything_on / by_hand;
        figures.add(Figure::new(format!("{figure}_everything_on"), ratio, "times by hand", Some(aim_with_everything)));
        figures.add(Figure::new(format!("{figure}_by_hand"), by_hand, "instructions", None));
    }
    Ok(())
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
