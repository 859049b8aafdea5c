//! `cargo xtask test`: all checks of a change, the fastest first. It stops at the first failure.
//!
//! It builds once with all features in one profile, for tests, examples and replay. Other sets of features are only checked.

mod architecture;
mod beside;
mod deny;
mod examples;
mod features;
mod fresh;
mod fuzz;
mod needs;
mod page;
mod publish;
mod surface;

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, bail};
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
    /// The only step to run, long or not.
    pub only: Option<&'a str>,
}

/// A step, by its name.
type Step<'a> = (&'static str, Box<dyn Fn() -> Result<()> + 'a>);

/// The step that needs a browser.
const PAGE_STEP: &str = "the page of the fake";

/// Runs every step, or one.
pub fn all(root: &Path, options: &Options<'_>) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let is_chosen = |name: &str| options.only.is_none_or(|only| only == name);
    let with_long = options.all || options.only.is_some();
    let left_out = needs::provide(&workspace, &options.without, options.all || is_chosen(PAGE_STEP) && with_long)?;
    let started = Instant::now();
    let mut steps = usual_steps(&workspace, &left_out, options.all);
    if with_long {
        steps.extend(long_steps(&workspace));
    }
    if let Some(only) = options.only.filter(|only| steps.iter().all(|(name, _)| name != only)) {
        bail!("there is no step `{only}`: {}", steps.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "));
    }
    let has_browser = !left_out.iter().any(|need| need.program == needs::BROWSER);
    for (name, run) in steps.iter().filter(|(name, _)| is_chosen(name) && (has_browser || *name != PAGE_STEP)) {
        step(name, run)?;
    }
    for need in &left_out {
        println!("left out: what needs {}", need.program);
    }
    println!("everything passed in {} s", started.elapsed().as_secs());
    Ok(())
}

fn usual_steps<'a>(workspace: &'a Workspace, left_out: &'a [&'a Need], all: bool) -> Vec<Step<'a>> {
    let root = workspace.root.as_path();
    vec![
        ("format", Box::new(move || run(cargo(root).args(["fmt", "--all", "--check"])))),
        ("document", Box::new(move || codegen::run(root, true))),
        ("package contents", Box::new(move || publish::contents(root))),
        ("dependencies", Box::new(move || features::trees(root).and_then(|()| deny::wrappers(root)))),
        ("lints", Box::new(move || run(&mut lints(root, "human")))),
        ("architecture", Box::new(move || architecture::check(root, &mut lints(root, "json")))),
        ("feature sets", Box::new(move || features::lint(workspace))),
        ("documentation", Box::new(move || docs::run_all(root))),
        ("surface", Box::new(move || surface::check(workspace))),
        ("tests", Box::new(move || tests(root, left_out, all))),
        (
            "documentation tests",
            Box::new(move || {
                run(without_account(&mut cargo(root)).args(["test", "--workspace", "--all-features", "--doc"]))
            }),
        ),
        (
            "replay",
            Box::new(move || {
                let replay = workspace.target.join("debug").join("replay");
                run(Command::new(replay).current_dir(root).arg("tests/recordings"))
            }),
        ),
        ("examples", Box::new(move || examples::run_all(workspace))),
    ]
}

/// The steps that `--all` adds.
fn long_steps(workspace: &Workspace) -> Vec<Step<'_>> {
    vec![
        ("a package of README.md's lines", Box::new(move || fresh::book(workspace))),
        ("packages with reqwest beside the crate", Box::new(move || beside::run_all(workspace))),
        ("every area alone", Box::new(move || features::lint_areas(workspace))),
        ("packages", Box::new(move || publish::dry_run(workspace))),
        (PAGE_STEP, Box::new(move || page::check(workspace))),
        ("fuzz targets", Box::new(move || fuzz::run_all(workspace))),
    ]
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
