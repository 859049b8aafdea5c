//! Runs other programs.

use std::{
    env,
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// What cargo tells a program about its package. Build scripts that read it, as that of ring does, would run again whenever
/// cargo is called once from here and once from a shell, and all that depends on them would be built again.
const OF_THIS_PACKAGE: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// The cargo that started this program.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in env::vars_os() {
        let name_bytes = name.as_encoded_bytes();
        if OF_THIS_PACKAGE.iter().any(|begin| name_bytes.starts_with(begin.as_bytes())) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs `command`. An error if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("$ {line}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("running {line}"))?;
    if !status.success() {
        bail!("failed: {line}");
    }
    Ok(())
}

/// Runs `command` and returns its output. An error if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("running {line}"))?;
    if !output.status.success() {
        bail!("failed: {line}\n{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether `command` can be run and succeeds. Its output is discarded.
pub fn succeeds(command: &mut Command) -> bool {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// Whether a program of this name is installed.
pub fn exists(program: &str) -> bool {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(program).is_file())
}

/// Removes the environment variables with which examples and tests would use a real account.
pub fn without_account(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"CALCOM_")) {
        command.env_remove(name);
    }
    command
}

fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words: Vec<_> = [name].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}
