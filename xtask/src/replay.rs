//! `cargo xtask replay [--fake] DIR...` and `cargo xtask faults`: builds and runs programs of the package
//! `calcom-conformance`. xtask itself does not depend on the library, so that it runs if the library does not build.

use std::{env, path::Path};

use anyhow::{Context, Result};

use crate::process::cargo;

/// Runs the program `name`, whose last line is `N passed, M failed`, and exits with its status.
pub fn run(root: &Path, name: &str, folders: &[&str]) -> Result<()> {
    let mut command = cargo(root);
    // The folders are relative to the caller's directory.
    command.current_dir(env::current_dir()?).arg("run").arg("--manifest-path").arg(root.join("Cargo.toml"));
    command.args(["--quiet", "--package", "calcom-conformance", "--bin", name, "--"]).args(folders);
    let status = command.status().context("running cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
