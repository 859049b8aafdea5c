//! `cargo xtask drift DOCUMENT.json`: reports the differences of a published document from ours, without those in
//! `openapi/DEVIATIONS.md`. Our document is made from `openapi/*.yaml` in memory, so that it is never stale.

mod arms;
mod bounds;
mod compare;
mod credentials;
mod deviations;
mod document;
mod finding;
mod operation;
mod report;
mod schema;
mod shape;

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};

use self::{deviations::Deviations, document::Document, finding::Change, report::DriftReport};
use crate::codegen;

const USAGE: &str = "usage: cargo xtask drift DOCUMENT.json [--contract hosted|self-hosted] [--partial] [--json]";
const NO_DRIFT: u8 = 0;
const DRIFT: u8 = 1;
/// Nothing was compared: a document or the deviations cannot be read, or the arguments are invalid.
const UNREADABLE: u8 = 2;
const DEVIATIONS: &str = "openapi/DEVIATIONS.md";

/// Prints the report.
pub fn run(root: &Path, words: &[&str]) -> ExitCode {
    let (text, status) = outcome(root, words);
    match status {
        UNREADABLE => eprint!("{text}"),
        _ => print!("{text}"),
    }
    ExitCode::from(status)
}

/// The output and the exit status.
fn outcome(root: &Path, words: &[&str]) -> (String, u8) {
    match report(root, words) {
        Ok((text, drift)) => (text, if drift { DRIFT } else { NO_DRIFT }),
        Err(error) => (format!("error: {error:#}\n"), UNREADABLE),
    }
}

fn report(root: &Path, words: &[&str]) -> Result<(String, bool)> {
    let (mut path, mut contract, mut as_json, mut extent) = (None, codegen::CONTRACTS[0], false, Extent::Whole);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--json" => as_json = true,
            "--partial" => extent = Extent::Partial,
            "--contract" => {
                let named = words.next().and_then(|named| codegen::CONTRACTS.iter().find(|known| *known == named));
                contract = named.with_context(|| USAGE)?;
            }
            option if option.starts_with("--") => bail!("{USAGE}"),
            document if path.is_none() => path = Some(document),
            _ => bail!("{USAGE}"),
        }
    }
    let theirs = Document::read(Path::new(path.with_context(|| USAGE)?))?;
    let ours = Document::new(&format!("openapi/{contract}.json"), codegen::of_contract(root, contract)?);
    let text = fs::read_to_string(root.join(DEVIATIONS)).with_context(|| format!("reading {DEVIATIONS}"))?;
    let report = drift(&ours, &theirs, Deviations::parse(DEVIATIONS, &text)?, contract, extent)?;
    let text = match as_json {
        true => serde_json::to_string_pretty(&report.json())? + "\n",
        false => report.text(),
    };
    Ok((text, report.is_drift()))
}

/// How many of a service's operations a published document describes.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Whole,
    /// Some. An operation that it lacks is no difference, and it proves no deviation stale.
    Partial,
}

/// Compares two documents with the deviations of a contract.
fn drift(
    ours: &Document,
    theirs: &Document,
    mut deviations: Deviations,
    contract: &str,
    extent: Extent,
) -> Result<DriftReport> {
    let mut comparison = compare::compare(ours, theirs)?;
    if extent == Extent::Partial {
        comparison.findings.retain(|finding| finding.change != Change::OperationGone);
    }
    let (ignored, mut stale) = deviations.apply(&mut comparison, contract);
    if extent == Extent::Partial {
        stale.clear();
    }
    Ok(DriftReport {
        document: theirs.name().to_owned(),
        contract: contract.to_owned(),
        compared: comparison.compared.len(),
        findings: comparison.findings,
        ignored,
        stale,
    })
}

#[cfg(test)]
mod tests;
