//! The public surface of the published packages, stored in `tests/surface/PACKAGE.txt`, one line for each item.
//!
//! It is made from rustdoc's JSON, which is unstable. So it is compared only if the toolchain writes the format of the stored
//! file. The features are those of docs.rs.

use std::{
    collections::BTreeSet,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::publish::PUBLISHED;
use crate::{
    process::{cargo, output},
    workspace::Workspace,
};

/// The environment variable with the path of the rustdoc that this program replaces.
const REPLACED_RUSTDOC: &str = "XTASK_RUSTDOC";

/// The beginning of the first line of a file.
const FORMAT: &str = "# rustdoc JSON format ";

/// The number of differences that are shown.
const MAX_SHOWN: usize = 40;

/// Compares each surface with its file.
pub fn check(workspace: &Workspace) -> Result<()> {
    for (package, _) in PUBLISHED {
        let json = json(workspace, package)?;
        let file = file(workspace, package);
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let (first, known) = text.split_once('\n').unwrap_or_default();
        let format = format(&json)?;
        if first.strip_prefix(FORMAT) != Some(&format) {
            println!(
                "{package}: skipped, as this toolchain writes format {format}, and {} was made from another",
                file.display()
            );
            continue;
        }
        let now = render(&json)?;
        if now != known {
            bail!(
                "the surface of {package} has changed; if it was meant to: cargo xtask surface --accept\n{}",
                difference(known, &now)
            );
        }
        println!("{package}: {} items", now.lines().count());
    }
    Ok(())
}

/// Writes each surface to its file.
pub fn accept(workspace: &Workspace) -> Result<()> {
    for (package, _) in PUBLISHED {
        let json = json(workspace, package)?;
        let (file, surface) = (file(workspace, package), render(&json)?);
        fs::write(&file, format!("{FORMAT}{}\n{surface}", format(&json)?))?;
        println!("{}: {} items", file.display(), surface.lines().count());
    }
    Ok(())
}

fn file(workspace: &Workspace, package: &str) -> PathBuf {
    workspace.root.join("tests/surface").join(format!("{package}.txt"))
}

/// The JSON file that rustdoc writes for a package.
fn json(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let mut rustdoc = cargo(&workspace.root);
    rustdoc.args(["rustdoc", "--quiet", "--lib", "--package", package]);
    rustdoc.args(["--features", &docs_rs_features(workspace, package)?]);
    rustdoc.args(["--", "--cap-lints", "allow", "-Z", "unstable-options", "--output-format", "json"]);
    output(as_docs_rs(&mut rustdoc)?)?;
    Ok(workspace.target.join("doc").join(format!("{}.json", package.replace('-', "_"))))
}

/// Lets rustdoc take the unstable options that docs.rs uses. The flag is set for rustdoc only: otherwise all packages would be
/// built again.
pub fn as_docs_rs(command: &mut Command) -> Result<&mut Command> {
    command.env(REPLACED_RUSTDOC, env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into()));
    Ok(command.env("RUSTDOC", env::current_exe()?))
}

/// Runs as a replacement of rustdoc. `None` if the program was not started so.
pub fn as_rustdoc() -> Option<Result<ExitCode>> {
    let rustdoc: OsString = env::var_os(REPLACED_RUSTDOC)?;
    let run = || {
        let status = Command::new(&rustdoc).args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
        let status = status.with_context(|| format!("running {}", Path::new(&rustdoc).display()))?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    };
    Some(run())
}

/// The features of docs.rs.
pub fn docs_rs_features(workspace: &Workspace, package: &str) -> Result<String> {
    let metadata = output(cargo(&workspace.root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages.into_iter().find(|found| found["name"] == package).context("no such package")?;
    let features = found["metadata"]["docs"]["rs"]["features"].as_array();
    let features = features.with_context(|| format!("{package} lists no features for docs.rs"))?;
    Ok(features.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
}

fn format(json: &Path) -> Result<String> {
    let rustdoc: Value = serde_json::from_reader(std::io::BufReader::new(fs::File::open(json)?))?;
    Ok(rustdoc["format_version"].to_string())
}

/// The items in the order of their paths. An implementation of a trait is one line.
fn render(json: &Path) -> Result<String> {
    let builder = public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true);
    let surface = builder.build().with_context(|| json.display().to_string())?;
    Ok(lines(surface.items().map(ToString::to_string)))
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let (mut all, mut implements) = (Vec::new(), None);
    for item in items {
        if item.starts_with("impl") {
            implements = item.split_once(" for ").map(|(_, of)| of.trim_start_matches('&').to_owned());
            if implements.is_none() || item.contains("StructuralPartialEq") {
                continue;
            }
        } else if implements.as_ref().is_some_and(|of| is_member(&item, of)) {
            continue;
        } else {
            implements = None;
        }
        all.push(item);
    }
    // The block or file of an item is not part of the surface.
    all.sort_by_cached_key(|item| (path(item).to_owned(), item.clone()));
    all.dedup();
    all.into_iter().map(|item| item + "\n").collect()
}

/// The path of an item: `a::B` for `impl<T> core::clone::Clone for a::B<T>`, `a::free` for `pub fn a::free()`.
fn path(item: &str) -> &str {
    let named = item.split_once(" for ").filter(|_| item.starts_with("impl")).map_or(item, |(_, of)| of);
    let word = named.split(' ').find(|word| word.contains("::") && !word.starts_with('#')).unwrap_or(named);
    let word = word.trim_start_matches('&');
    word.split(['(', '<']).next().unwrap_or(word).trim_end_matches(':')
}

/// Whether an item is a member of the type `of`.
fn is_member(item: &str, of: &str) -> bool {
    let path = of.split(['<', ' ']).next().unwrap_or(of);
    let kinds = ["pub fn ", "pub const fn ", "pub async fn ", "pub type ", "pub const "];
    let path_of_item = kinds.iter().find_map(|kind| item.strip_prefix(kind));
    path_of_item.and_then(|rest| rest.strip_prefix(path)).is_some_and(|rest| rest.starts_with(['<', ':']))
}

fn difference(known: &str, now: &str) -> String {
    let (known, now): (BTreeSet<&str>, BTreeSet<&str>) = (known.lines().collect(), now.lines().collect());
    let gone = known.difference(&now).map(|line| format!("- {line}\n"));
    let all: Vec<String> = gone.chain(now.difference(&known).map(|line| format!("+ {line}\n"))).collect();
    let more = if all.len() > MAX_SHOWN { format!("and {} more\n", all.len() - MAX_SHOWN) } else { String::new() };
    all.into_iter().take(MAX_SHOWN).collect::<String>() + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_implementation_is_one_line_and_functions_beside_it_stay() {
        let items = [
            "pub struct a::B<T>",
            "impl<T> a::B<T>",
            "pub fn a::B<T>::new() -> Self",
            "impl<T> core::clone::Clone for a::B<T>",
            "pub fn a::B<T>::clone(&self) -> a::B<T>",
            "impl core::marker::StructuralPartialEq for a::B<u8>",
            "pub fn a::Bother()",
            "pub fn a::free()",
        ];
        let text = lines(items.iter().map(|item| (*item).to_owned()));
        let expected = "impl<T> core::clone::Clone for a::B<T>\npub fn a::B<T>::new() -> Self\npub struct a::B<T>\n\
                        pub fn a::Bother()\npub fn a::free()\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_difference_says_what_is_gone_and_what_has_come() {
        assert_eq!(difference("a\nb\n", "b\nc\n"), "- a\n+ c\n");
    }
}
