//! The commands of the project: `cargo xtask codegen | drift | replay | test | bench`.

mod bench;
mod codegen;
mod docs;
mod drift;
mod process;
mod replay;
mod test;
mod unique;
mod workspace;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, bail};

const USAGE: &str = "usage: cargo xtask COMMAND

  codegen [--check]    bundle openapi/*.yaml into openapi/calcom-v2.json; with --check only say whether it is stale
  drift DOCUMENT.json [--contract hosted|self-hosted] [--partial] [--json]
                       compare a published document with ours (of the hosted service, unless said); status 1: they differ
                       other than openapi/DEVIATIONS.md says, 2: the document cannot be read; --partial: the document has
                       some of the operations, so that one that it lacks is no difference
  replay DIR...        play recorded exchanges (AREA/CASE.json, or folders of areas) against the crate
  replay --fake [--areas] [DIR...]
                       send recorded requests to the fake service and compare its answers; --areas: with the figure of
                       each area
  faults [--appointments N] [--seed N] [--breaker] [--url http://ADDRESS:PORT]
                       book thousands of appointments through a proxy that misbehaves, and print what came of it; against
                       the fake service, or with --url against a server (CALCOM_API_KEY names its key);
                       --breaker: with circuit breakers
  test [--all] [--without PROGRAM]... [--only STEP]
                       everything: format, document, lints, feature sets, tests, replay, examples; with --all also what
                       takes minutes: packages as they would be published; --only: one step, by the name that it prints
  docs                 build the documentation as docs.rs does, and check its links and those of the markdown files
  surface [--accept]   compare the public surface of the packages with tests/surface; with --accept write it there
  architecture         only whether modules, files and types are in the order that ARCHITECTURE.md says
  features [--all]     only whether the crate builds in parts; with --all also with each area alone
  bench [latency | instructions | building | fresh]...
                       measure, print every figure, and write them to target/figures.json
";

fn main() -> ExitCode {
    match test::as_rustdoc().unwrap_or_else(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = root();
    if let ["drift", words @ ..] = words.as_slice() {
        return Ok(drift::run(&root, words));
    }
    match words.as_slice() {
        ["codegen"] => codegen::run(&root, false),
        ["codegen", "--check"] => codegen::run(&root, true),
        ["replay", "--fake", folders @ ..] => replay::run(&root, "replay-fake", folders),
        ["replay", folders @ ..] if !folders.is_empty() => replay::run(&root, "replay", folders),
        ["faults", options @ ..] => replay::run(&root, "faults", options),
        ["surface"] => test::surface(&root, false),
        ["surface", "--accept"] => test::surface(&root, true),
        ["features"] => test::features(&root, false),
        ["features", "--all"] => test::features(&root, true),
        ["docs"] => docs::run_all(&root),
        ["architecture"] => test::architecture(&root),
        ["test", words @ ..] => test::all(&root, &options(words)?),
        ["bench", parts @ ..] => bench::run(&root, parts),
        _ => bail!("{USAGE}"),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// `--all`, `--without PROGRAM ...` and `--only STEP`.
fn options<'a>(words: &[&'a str]) -> Result<test::Options<'a>> {
    let mut options = test::Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--all" => options.all = true,
            "--only" => match words.next() {
                Some(step) => options.only = Some(step),
                None => bail!("{USAGE}"),
            },
            "--without" => match words.next() {
                Some(program) => options.without.push(program),
                None => bail!("{USAGE}"),
            },
            _ => bail!("{USAGE}"),
        }
    }
    Ok(options)
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
