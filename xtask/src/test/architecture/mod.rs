//! Checks the order of modules in ARCHITECTURE.md against the sources.
//!
//! Every file is parsed, generated ones and the bodies of macros included. A path is resolved through imports, re-exports
//! and globs to the module and the file of its declaration. The rules: a module names lower ones only; files have no
//! circular references; the type names of a package are unique.

mod generic_code;
mod graph;
mod layers;
mod order;
mod references;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;
mod twins;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use self::{
    order::{PACKAGES, Package},
    references::{Reference, references},
    resolve::PathTarget,
    source::Source,
    tree::Tree,
};
use crate::process::output;

/// Fails with all violations. `build` is a cargo command that builds all packages.
pub fn check(root: &Path, build: &mut Command) -> Result<()> {
    let written = build_outputs(build)?;
    let mut sources = Vec::new();
    for package in PACKAGES {
        sources.push(Source::read(root, package, written.get(package.name).map(PathBuf::as_path))?);
    }
    let (report, mut problems) = examine(&sources, twins::LISTED)?;
    problems.extend(generic_code::check(root)?);
    if !problems.is_empty() {
        bail!("{report}\nARCHITECTURE.md is not true:\n{}", problems.join("\n"));
    }
    println!("{report}");
    Ok(())
}

/// The number of checked items.
#[derive(Default)]
struct Report {
    modules: usize,
    files: usize,
    edges: usize,
    circles: usize,
    twins: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { modules, files, edges, circles, twins } = self;
        write!(f, "{modules} modules, {files} files, {edges} edges, {circles} circles, {twins} twins")
    }
}

fn examine(sources: &[Source<'_>], listed: &str) -> Result<(Report, Vec<String>)> {
    let (mut report, mut problems) = (Report::default(), Vec::new());
    let trees = sources.iter().map(Tree::read).collect::<Result<Vec<_>>>()?;
    for (at, (source, tree)) in sources.iter().zip(&trees).enumerate() {
        let all = references(tree);
        problems.extend(all.iter().filter(|reference| reference.is_unresolved()).map(|reference| {
            format!("{}, which leads nowhere that this check knows", layers::message(tree, reference))
        }));
        let above: Vec<String> = sources[at + 1..].iter().map(|above| above.package.name.replace('-', "_")).collect();
        problems.extend(all.iter().filter_map(|reference| {
            let outside = reference.outside().filter(|name| above.iter().any(|above| above == name))?;
            Some(format!(
                "{}: the package {outside} is above {}",
                layers::message(tree, reference),
                source.package.name
            ))
        }));
        problems.extend(layers::check(source.package, tree, &all));
        let edges = edges(tree, &all);
        let circles = graph::cycles(&edges.keys().copied().collect());
        problems.extend(circles.iter().map(|circle| shown(tree, circle, &edges)));
        report.modules += tree.modules.len();
        report.files += tree.files.len();
        report.edges += edges.len();
        report.circles += circles.len();
    }
    let packages: Vec<(&Package, &Tree)> = sources.iter().map(|source| source.package).zip(&trees).collect();
    let (twins, more) = twins::check(listed, &packages);
    report.twins = twins;
    problems.extend(more);
    Ok((report, problems))
}

/// The references between files, with one place each.
fn edges<'a>(tree: &Tree, references: &'a [Reference]) -> BTreeMap<(usize, usize), &'a Reference> {
    let mut edges = BTreeMap::new();
    for reference in references {
        for end in &reference.found.ends {
            if let PathTarget::Item(_, file) = end {
                let edge = (tree.holder(reference.file), tree.holder(*file));
                if edge.0 != edge.1 {
                    edges.entry(edge).or_insert(reference);
                }
            }
        }
    }
    edges
}

fn shown(tree: &Tree, circle: &[usize], edges: &BTreeMap<(usize, usize), &Reference>) -> String {
    let members: BTreeSet<&usize> = circle.iter().collect();
    let inside = edges.iter().filter(|((from, to), _)| members.contains(from) && members.contains(to));
    let lines = inside.map(|((_, to), reference)| {
        format!("\n    {}, in {}", layers::message(tree, reference), tree.file(*to).display())
    });
    format!("a circle of {} files:{}", circle.len(), lines.collect::<String>())
}

/// The output folders of the packages' build scripts.
fn build_outputs(build: &mut Command) -> Result<BTreeMap<String, PathBuf>> {
    let messages = output(build)?;
    let mut written = BTreeMap::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        if message["reason"] == "build-script-executed"
            && let (Some(id), Some(out)) = (message["package_id"].as_str(), message["out_dir"].as_str())
            && let Some(package) = PACKAGES.iter().find(|package| is_package(id, package.name))
        {
            written.insert(package.name.to_owned(), PathBuf::from(out));
        }
    }
    Ok(written)
}

/// Whether a package id, `path+file:///folder#name@0.1.0` or `path+file:///folder/name#0.1.0`, has this name.
fn is_package(id: &str, name: &str) -> bool {
    let (place, rest) = id.split_once('#').unwrap_or((id, ""));
    place.starts_with("path+")
        && (rest.split_once('@').map_or(place.rsplit('/').next() == Some(name), |(of, _)| of == name))
}
