//! `cargo xtask test`: all checks of a change, the fastest first. It stops at the first failure.
//!
//! It builds once with all features in one profile, for tests, examples and replay. Other sets of features are only checked.

mod architecture;
mod beside;
mod examples;
mod features;
mod fresh;
mod fuzz;
mod needs;
mod page;
mod publish;
mod surface;

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result};
pub use fresh::package as fresh_package;
use needs::Need;
pub use publish::PUBLISHED;
pub use surface::{as_docs_rs, as_rustdoc, docs_rs_features};

use crate::{
    codegen, docs,
    process::{cargo, run, succeeds, without_account},
    workspace::Workspace,
};

/// What to run.
#[derive(Default)]
pub struct Options<'a> {
    /// Whether to run the long steps too.
    pub all: bool,
    /// Programs that are not used.
    pub without: Vec<&'a str>,
}

/// A step that `--all` adds.
type Long = (&'static str, fn(&Workspace) -> Result<()>);

/// The step that needs a browser.
const PAGE_STEP: &str = "the page of the fake";

const LONG: &[Long] = &[
    ("a package of README.md's lines", fresh::book),
    ("packages with reqwest beside the crate", beside::run_all),
    ("every area alone", features::lint_areas),
    ("packages", publish::dry_run),
    (PAGE_STEP, page::check),
    ("fuzz targets", fuzz::run_all),
];

/// Runs every step.
pub fn all(root: &Path, options: &Options<'_>) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let left_out = needs::provide(&workspace, &options.without, options.all)?;
    let started = Instant::now();
    step("format", || run(cargo(root).args(["fmt", "--all", "--check"])))?;
    step("document", || codegen::run(root, true))?;
    step("package contents", || publish::contents(root))?;
    step("dependencies", || features::trees(root))?;
    step("lints", || run(&mut lints(root, "human")))?;
    step("architecture", || architecture::check(root, &mut lints(root, "json")))?;
    step("feature sets", || features::lint(&workspace))?;
    step("documentation", || docs::run_all(root))?;
    step("surface", || surface::check(&workspace))?;
    step("tests", || tests(root, &left_out, options.all))?;
    step("documentation tests", || {
        run(without_account(&mut cargo(root)).args(["test", "--workspace", "--all-features", "--doc"]))
    })?;
    step("replay", || {
        let replay = workspace.target.join("debug").join("replay");
        run(std::process::Command::new(replay).current_dir(root).arg("tests/recordings"))
    })?;
    step("examples", || examples::run_all(&workspace))?;
    let has_browser = !left_out.iter().any(|need| need.program == needs::BROWSER);
    let long = LONG.iter().filter(|(name, _)| options.all && (has_browser || *name != PAGE_STEP));
    for (name, run) in long {
        step(name, || run(&workspace))?;
    }
    for need in left_out {
        println!("left out: what needs {}", need.program);
    }
    println!("everything passed in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Checks the order of modules only.
pub fn architecture(root: &Path) -> Result<()> {
    let mut build = cargo(root);
    build.args(["check", "--workspace", "--all-features", "--message-format", "json", "--quiet"]);
    architecture::check(root, &mut build)
}

/// Checks the sets of features only.
pub fn features(root: &Path, all: bool) -> Result<()> {
    let workspace = Workspace::read(root)?;
    features::lint(&workspace)?;
    if all { features::lint_areas(&workspace) } else { Ok(()) }
}

/// Compares the public surfaces with the stored ones, or stores them.
pub fn surface(root: &Path, accept: bool) -> Result<()> {
    let workspace = Workspace::read(root)?;
    if accept { surface::accept(&workspace) } else { surface::check(&workspace) }
}

fn lints(root: &Path, messages: &str) -> Command {
    let mut lints = cargo(root);
    lints.args(["clippy", "--workspace", "--all-features", "--all-targets", "--message-format", messages]);
    lints.args(["--", "-D", "warnings"]);
    lints
}

fn step(name: &str, what: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {name}");
    let started = Instant::now();
    what().with_context(|| format!("step `{name}`"))?;
    println!("== {name}: passed in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Runs all tests in one build, with nextest if it is installed.
fn tests(root: &Path, left_out: &[&Need], all: bool) -> Result<()> {
    let words = left_out.iter().filter_map(|need| need.tests);
    let mut tests = cargo(root);
    without_account(&mut tests).env("INSTA_UPDATE", "no");
    if all {
        tests.env("CALCOM_LONG", "1");
    }
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
