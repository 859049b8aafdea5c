//! `cargo xtask codegen [--check]`: bundles `openapi/*.yaml` into the checked-in `openapi/calcom-v2.json`, which
//! `build.rs` reads. Offline and deterministic: the same files give the same bytes.

mod access;
mod browser;
mod bundle;
mod comparison;
mod described;
mod documented;
mod fake;
mod features;
mod keys;
mod like;
mod lint;
mod parameters;
mod plain;
mod readme;
mod required;
mod sample;

pub use self::{
    bundle::METHODS,
    features::{AREAS, Features, turns_on},
    plain::CONTRACTS,
};

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;

const BUNDLE: &str = "openapi/calcom-v2.json";

/// The document of one contract, from the YAML files.
pub fn of_contract(root: &Path, contract: &str) -> Result<Value> {
    Ok(plain::plain(&bundle::bundle(&root.join("openapi"))?, contract))
}

/// The ids of all operations, from the YAML files.
pub fn ids(root: &Path) -> Result<Vec<String>> {
    let document = bundle::bundle(&root.join("openapi"))?;
    Ok(bundle::operations(&document).map(|operation| operation.id().to_owned()).collect())
}

/// Writes the bundle. With `check`, it reports where the checked-in one is stale.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let document = bundle::bundle(&root.join("openapi"))?;
    let mut problems = lint::lint(&document);
    let features = Workspace::read(root)?.features;
    problems.extend(features::check(&document, &features));
    let readme = fs::read_to_string(root.join("README.md"))?;
    problems.extend(readme::check(&document, &features, &readme));
    let figures = fs::read_to_string(root.join(comparison::FIGURES))?;
    problems.extend(comparison::check(&serde_json::from_str(&figures)?, &readme));
    if !problems.is_empty() {
        for problem in &problems {
            eprintln!("{problem}");
        }
        bail!("{} problems", problems.len());
    }
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    let path = root.join(BUNDLE);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let operations = bundle::operations(&document).count();
    if old == text && plain_documents(root, &document, true)?.is_empty() {
        println!("{BUNDLE} is up to date: {operations} operations");
        return Ok(());
    }
    if check {
        for line in stale(&serde_json::from_str(&old).unwrap_or_default(), &document) {
            eprintln!("{line}");
        }
        bail!("{BUNDLE} or the documents of the contracts are stale: run `cargo xtask codegen`");
    }
    fs::write(&path, text).with_context(|| format!("writing {BUNDLE}"))?;
    println!("{BUNDLE} written: {operations} operations");
    for name in plain_documents(root, &document, false)? {
        println!("{name} written");
    }
    Ok(())
}

/// The stale documents of contracts, and the stale file of the fake. They are written unless `check` is set.
fn plain_documents(root: &Path, document: &Value, check: bool) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for contract in plain::CONTRACTS {
        let name = format!("openapi/{contract}.json");
        let text = serde_json::to_string_pretty(&plain::plain(document, contract))? + "\n";
        let path = root.join(&name);
        if fs::read_to_string(&path).unwrap_or_default() != text {
            if !check {
                fs::write(&path, text).with_context(|| format!("writing {name}"))?;
            }
            stale.push(name);
        }
    }
    let text = fake::text(root, document)?;
    let path = root.join(fake::FILE);
    if fs::read_to_string(&path).unwrap_or_default() != text {
        if !check {
            fs::create_dir_all(path.parent().unwrap_or(root))?;
            fs::write(&path, text).with_context(|| format!("writing {}", fake::FILE))?;
        }
        stale.push(fake::FILE.to_owned());
    }
    Ok(stale)
}

/// The differences of a stale bundle: operations first, then schemas.
fn stale(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for op in bundle::operations(new) {
        match bundle::operations(old).find(|known| known.id() == op.id()) {
            None => lines.push(format!("operation {} is missing from the bundle", op.id())),
            Some(known) if known != op => lines.push(format!("operation {} differs", op.id())),
            Some(_) => {}
        }
    }
    lines.extend(
        bundle::operations(old)
            .filter(|op| bundle::operations(new).all(|known| known.id() != op.id()))
            .map(|op| format!("operation {} is no longer in the files", op.id())),
    );
    let schemas = |document: &Value| document.pointer("/components/schemas").cloned().unwrap_or_default();
    let (before, after) = (schemas(old), schemas(new));
    let names = |of: &Value| of.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for name in names(&after).into_iter().chain(names(&before).into_iter().filter(|name| after.get(name).is_none())) {
        if before.get(&name) != after.get(&name) {
            lines.push(format!("schema {name} differs"));
        }
    }
    if lines.is_empty() {
        lines.push("the order or the head of the document differs".to_owned());
    }
    lines
}
