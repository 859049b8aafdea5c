//! Builds the first program of the README in a new package with the README's dependencies.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    process::{cargo, run},
    workspace::Workspace,
};

/// Compiles the program from both blocks of the README. `command` is `check` or `build`.
pub fn compile(workspace: &Workspace, command: &str) -> Result<()> {
    let folder = workspace.target.join("fresh-package");
    // The same profiles, so that nothing is built twice.
    write(workspace, &folder, &profiles(&workspace.root)?)?;
    run(cargo(&folder).args([command, "--offline", "--target-dir"]).arg(&workspace.target))
}

/// Writes the package, with the profiles of cargo.
pub fn package(workspace: &Workspace, folder: &Path) -> Result<()> {
    write(workspace, folder, "")
}

fn write(workspace: &Workspace, folder: &Path, profiles: &str) -> Result<()> {
    let readme = fs::read_to_string(workspace.root.join("README.md"))?;
    let dependencies = block(&readme, "toml").context("README.md has no block of dependencies")?;
    let program = block(&readme, "rust").context("README.md has no program")?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), program)?;
    fs::write(folder.join("Cargo.toml"), manifest(&workspace.root, &dependencies, profiles))?;
    // The locked versions, which are already downloaded.
    fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

/// The manifest of the package, in which this checkout replaces the registry's version.
fn manifest(root: &Path, dependencies: &str, profiles: &str) -> String {
    let root = root.display().to_string();
    format!(
        "[package]\nname = \"fresh\"\nedition = \"2024\"\n\n{dependencies}\n[workspace]\n\n\
         [patch.crates-io]\ncalcom = {{ path = {root:?} }}\n\n{profiles}"
    )
}

/// The profiles of the workspace for development: with the same ones nothing is built twice.
pub fn profiles(root: &Path) -> Result<String> {
    let own = fs::read_to_string(root.join("Cargo.toml"))?;
    let profiles = own.find("[profile.dev]").map(|at| &own[at..]).unwrap_or_default();
    Ok(profiles.split("[profile.bench]").next().unwrap_or_default().to_owned())
}

/// The first code block in this language, without the lines that rustdoc hides.
fn block(text: &str, language: &str) -> Option<String> {
    let mut lines = text
        .lines()
        .skip_while(|line| line.strip_prefix("```").is_none_or(|begin| begin.split(',').next() != Some(language)));
    lines.next()?;
    let inside = lines.take_while(|line| !line.starts_with("```"));
    let shown = inside.map(|line| if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) });
    Some(shown.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_the_first_of_its_language_with_hidden_lines() {
        let text = "```console\nls\n```\n```rust,no_run\n# use a::B;\n#\nlet c = B;\n```\n```rust\nother\n```\n";
        assert_eq!(block(text, "rust").unwrap(), "use a::B;\n\nlet c = B;\n");
        assert_eq!(block(text, "toml"), None);
    }
}
