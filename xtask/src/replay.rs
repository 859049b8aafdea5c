//! `cargo xtask replay DIR...`: plays recorded exchanges against the crate. Builds and runs `src/bin/replay.rs`, because
//! this program must also run when the crate does not build.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

/// Runs it; its last line is `N passed, M failed`. Ends this process as it ended.
pub fn run(root: &Path, folders: &[&str]) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xtask", "--features", "replay", "--bin", "replay"])
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        .arg("--")
        .args(folders)
        .status()
        .context("running cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
