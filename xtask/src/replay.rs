//! `cargo xtask replay [--fake] DIR...` and `cargo xtask faults`: builds and runs programs of the package
//! `calcom-conformance`, because this one must also run when the library does not build.

use std::{env, path::Path};

use anyhow::{Context, Result};

use crate::process::cargo;

/// Runs the program `name`; its last line is `N passed, M failed`. Ends this process as it ended.
pub fn run(root: &Path, name: &str, folders: &[&str]) -> Result<()> {
    let mut command = cargo(root);
    // The folders are meant from where the caller is.
    command.current_dir(env::current_dir()?).arg("run").arg("--manifest-path").arg(root.join("Cargo.toml"));
    command.args(["--quiet", "--package", "calcom-conformance", "--bin", name, "--"]).args(folders);
    let status = command.status().context("running cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
