//! Checks `deny.toml`, which only the workflows run, against the packages that are built: each package that depends on a banned
//! one is named there.

use std::{fs, path::Path};

use anyhow::{Result, bail};

use crate::process::{cargo, output};

/// The banned packages, each with those that may depend on it.
fn banned(rules: &str) -> Vec<(&str, Vec<&str>)> {
    let rows = rules.lines().filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split_once('"'));
    rows.map(|(name, rest)| {
        let list = rest.split_once("wrappers = [").and_then(|(_, list)| list.split_once(']')).map(|(list, _)| list);
        let names = list.unwrap_or_default().split(',').map(|name| name.trim().trim_matches('"'));
        (name, names.filter(|name| !name.is_empty()).collect())
    })
    .collect()
}

/// Fails if a package depends on a banned one and is not named as its wrapper, as `cargo deny check bans` does.
pub fn wrappers(root: &Path) -> Result<()> {
    let rules = fs::read_to_string(root.join("deny.toml"))?;
    for (name, wrappers) in banned(&rules) {
        let mut tree = cargo(root);
        tree.args([
            "tree",
            "--workspace",
            "--all-features",
            "--target",
            "all",
            "--edges",
            "normal,build,dev",
            "--invert",
            name,
        ]);
        let tree = output(tree.args(["--depth", "1", "--prefix", "none", "--format", "{p}"]))?;
        let parents = tree.lines().filter_map(|line| line.split(' ').next()).filter(|parent| *parent != name);
        if let Some(parent) = parents.into_iter().find(|parent| !parent.is_empty() && !wrappers.contains(parent)) {
            bail!("deny.toml bans {name}, and does not name {parent}, which depends on it");
        }
        println!("{name}: only through {}", wrappers.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_with_its_wrappers() {
        let rules = "deny = [\n    { crate = \"a-sys\", wrappers = [\"b\", \"c\"], reason = \"x\" },\n    { crate = \"d\" },\n]\n";
        assert_eq!(banned(rules), [("a-sys", vec!["b", "c"]), ("d", vec![])]);
    }
}
