//! Checks the published packages: complete, licensed, and without development tools.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    process::{cargo, output, run},
    workspace::Workspace,
};

/// The published packages, with their folders.
pub const PUBLISHED: &[(&str, &str)] = &[("calcom", ""), ("calcom-fake", "fake")];

/// The files that every package contains.
const NEEDED: &[&str] = &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// The folders and files at the root of a package for its users.
const FOR_USERS: &[&str] = &["CHANGELOG.md", "MIGRATION.md", "build", "build.rs", "openapi", "src"];
/// The files that cargo adds.
const BY_CARGO: &[&str] = &[".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

/// Checks the list of files of each published package.
pub fn contents(root: &Path) -> Result<()> {
    for (package, folder) in PUBLISHED {
        let list = output(cargo(root).args(["package", "--list", "--allow-dirty", "--package", package]))?;
        let files: Vec<&str> = list.lines().collect();
        if let Some(missing) = NEEDED.iter().find(|needed| !files.contains(needed)) {
            bail!("{package} is published without {missing}");
        }
        let known = |name: &str| [NEEDED, FOR_USERS, BY_CARGO].iter().any(|names| names.contains(&name));
        if let Some(other) = files.iter().find(|file| !known(file.split('/').next().unwrap_or_default())) {
            bail!("{package} is published with {other}, which is not for its users");
        }
        same_licenses(root, &root.join(folder))?;
        println!("{package}: {} files", files.len());
    }
    Ok(())
}

/// Checks the copies of the licences in a package below the root of the workspace.
fn same_licenses(root: &Path, folder: &Path) -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let read =
            |folder: &Path| fs::read(folder.join(name)).with_context(|| format!("{name} of {}", folder.display()));
        if read(root)? != read(folder)? {
            bail!("{} is not the licence at the root", folder.join(name).display());
        }
    }
    Ok(())
}

/// Packs, unpacks and builds the packages. cargo supports packages that depend on each other since 1.90.
pub fn dry_run(workspace: &Workspace) -> Result<()> {
    run(cargo(&workspace.root).args(["publish", "--workspace", "--dry-run", "--allow-dirty"]))
}
