//! `cargo xtask test`: everything that must hold before a change is done, the cheapest first. It stops at the first step
//! that fails.
//!
//! To stay affordable it builds one set of everything (all features, one profile, one target folder), from which tests,
//! examples and replay run; the other sets of features are only checked.

mod architecture;
mod examples;
mod features;
mod needs;

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};
use needs::Need;

use crate::{
    codegen,
    process::{cargo, run, succeeds, without_account},
    workspace::Workspace,
};

/// Runs every step.
pub fn all(root: &Path, without: &[&str]) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let left_out = needs::provide(&workspace, without)?;
    let started = Instant::now();
    step("format", || run(cargo(root).args(["fmt", "--all", "--check"])))?;
    step("document", || codegen::run(root, true))?;
    step("architecture", || architecture::check(root))?;
    step("dependencies", || features::trees(root))?;
    step("lints", || {
        run(cargo(root)
            .args(["clippy", "--workspace", "--all-features", "--all-targets"])
            .args(["--", "-D", "warnings"]))
    })?;
    step("feature sets", || features::lint(root))?;
    step("documentation", || {
        let mut doc = cargo(root);
        doc.env("RUSTDOCFLAGS", "-D warnings");
        run(doc.args(["doc", "--package", "calcom", "--package", "calcom-fake", "--all-features", "--no-deps"]))
    })?;
    step("tests", || tests(root, &left_out))?;
    step("documentation tests", || {
        run(without_account(&mut cargo(root)).args(["test", "--workspace", "--all-features", "--doc"]))
    })?;
    step("replay", || {
        let replay = workspace.target.join("debug").join("replay");
        run(std::process::Command::new(replay).current_dir(root).arg("tests/recordings"))
    })?;
    step("examples", || examples::run_all(&workspace))?;
    for need in left_out {
        println!("left out: what needs {}", need.program);
    }
    println!("everything passed in {} s", started.elapsed().as_secs());
    Ok(())
}

fn step(name: &str, what: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {name}");
    let started = Instant::now();
    what().with_context(|| format!("step `{name}`"))?;
    println!("== {name}: passed in {} s", started.elapsed().as_secs());
    Ok(())
}

/// All tests in one build, by nextest where it is installed.
fn tests(root: &Path, left_out: &[&Need]) -> Result<()> {
    let words = left_out.iter().filter_map(|need| need.tests);
    let mut tests = cargo(root);
    without_account(&mut tests).env("INSTA_UPDATE", "no");
    if succeeds(cargo(root).args(["nextest", "--version"])) {
        tests.args(["nextest", "run", "--workspace", "--all-features", "--no-fail-fast"]);
        let filters: Vec<String> = words.map(|word| format!("not test({word})")).collect();
        if !filters.is_empty() {
            tests.arg("--filterset").arg(filters.join(" and "));
        }
    } else {
        tests.args([
            "test",
            "--workspace",
            "--all-features",
            "--lib",
            "--bins",
            "--tests",
            "--examples",
            "--no-fail-fast",
        ]);
        tests.arg("--");
        for word in words {
            tests.args(["--skip", word]);
        }
    }
    run(&mut tests)
}
