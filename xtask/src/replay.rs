//! `cargo xtask replay DIR...`: plays recorded exchanges against the crate. Builds and runs `src/bin/replay.rs`, because
//! this program must also run when the crate does not build.

use std::{env, path::Path};

use anyhow::{Context, Result};

use crate::process::cargo;

/// Runs it; its last line is `N passed, M failed`. Ends this process as it ended.
pub fn run(root: &Path, folders: &[&str]) -> Result<()> {
    let mut command = cargo(root);
    // The folders are meant from where the caller is.
    command.current_dir(env::current_dir()?).arg("run").arg("--manifest-path").arg(root.join("Cargo.toml"));
    command.args(["--quiet", "--package", "xtask", "--features", "replay", "--bin", "replay", "--"]).args(folders);
    let status = command.status().context("running cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
