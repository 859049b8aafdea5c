//! Builds the README's programs in a new package with the README's dependencies, and books with them on the fake.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    process::{cargo, run, without_account},
    workspace::Workspace,
};

/// What the first whole program of the README has, and the program that is tested on the fake.
const PROGRAM: &str = "fn main()";
const ON_THE_FAKE: &str = "FakeCalcom::builder()";

/// Builds the first program, which needs an account, and runs the one on the fake.
pub fn book(workspace: &Workspace) -> Result<()> {
    let readme = readme(workspace)?;
    let for_tests = block(&readme, "toml", "[dev-dependencies]").context("README.md has no dependencies of tests")?;
    let on_the_fake = block(&readme, "rust", ON_THE_FAKE).context("README.md has no program on the fake")?;
    let folder = workspace.target.join("fresh-package");
    // The same profiles, so that nothing is built twice.
    write(workspace, &folder, &for_tests, &profiles(&workspace.root)?)?;
    fs::create_dir_all(folder.join("examples"))?;
    fs::write(folder.join("examples/on_the_fake.rs"), on_the_fake)?;
    let offline = |command: &str, what: &[&str]| {
        let mut cargo = cargo(&folder);
        without_account(&mut cargo).args([command, "--offline", "--target-dir"]).arg(&workspace.target).args(what);
        run(&mut cargo)
    };
    offline("build", &["--bins"])?;
    offline("run", &["--example", "on_the_fake"])
}

/// Writes the package of the first program, with the profiles of cargo and these further features of the crate.
pub fn package(workspace: &Workspace, folder: &Path, features: &[&str]) -> Result<()> {
    write(workspace, folder, "", "")?;
    if features.is_empty() {
        return Ok(());
    }
    let file = folder.join("Cargo.toml");
    let manifest = fs::read_to_string(&file)?;
    let line =
        manifest.lines().find(|line| line.starts_with("calcom = \"")).context("README.md does not name the crate")?;
    let version = line.trim_start_matches("calcom = ");
    let with_features = format!("calcom = {{ version = {version}, features = {features:?} }}");
    Ok(fs::write(file, manifest.replacen(line, &with_features, 1))?)
}

fn readme(workspace: &Workspace) -> Result<String> {
    Ok(fs::read_to_string(workspace.root.join("README.md"))?)
}

fn write(workspace: &Workspace, folder: &Path, for_tests: &str, profiles: &str) -> Result<()> {
    let readme = readme(workspace)?;
    let dependencies = block(&readme, "toml", "[dependencies]").context("README.md has no block of dependencies")?;
    let program = block(&readme, "rust", PROGRAM).context("README.md has no program")?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), program)?;
    let dependencies = format!("{dependencies}\n{for_tests}");
    fs::write(folder.join("Cargo.toml"), manifest(&workspace.root, &dependencies, profiles))?;
    // The locked versions, which are already downloaded.
    fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

/// The manifest of the package, in which this checkout replaces the registry's versions.
fn manifest(root: &Path, dependencies: &str, profiles: &str) -> String {
    let (fake, root) = (root.join("fake").display().to_string(), root.display().to_string());
    format!(
        "[package]\nname = \"fresh\"\nedition = \"2024\"\n\n{dependencies}\n[workspace]\n\n\
         [patch.crates-io]\ncalcom = {{ path = {root:?} }}\ncalcom-fake = {{ path = {fake:?} }}\n\n{profiles}"
    )
}

/// The profiles of the workspace for development: with the same ones nothing is built twice.
pub fn profiles(root: &Path) -> Result<String> {
    let own = fs::read_to_string(root.join("Cargo.toml"))?;
    let profiles = own.find("[profile.dev]").map(|at| &own[at..]).unwrap_or_default();
    Ok(profiles.split("[profile.bench]").next().unwrap_or_default().to_owned())
}

/// The first code block in this language that has `part`, with the lines that rustdoc hides.
fn block(text: &str, language: &str, part: &str) -> Option<String> {
    let mut lines = text.lines();
    loop {
        let begin = lines.find_map(|line| line.strip_prefix("```"))?;
        let inside = lines.by_ref().take_while(|line| !line.starts_with("```"));
        let shown = inside.map(|line| if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) });
        let block: String = shown.map(|line| format!("{line}\n")).collect();
        if begin.split(',').next() == Some(language) && block.contains(part) {
            return Some(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_the_first_of_its_language_with_the_part_and_has_hidden_lines() {
        let text = "```console\nlet c\n```\n```rust\nother\n```\n```rust,no_run\n# use a::B;\n#\nlet c = B;\n```\n";
        assert_eq!(block(text, "rust", "let c").unwrap(), "use a::B;\n\nlet c = B;\n");
        assert_eq!(block(text, "rust", "").unwrap(), "other\n");
        assert_eq!(block(text, "toml", ""), None);
    }
}
