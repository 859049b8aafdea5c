//! Runs the examples, without an account.

use std::{
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{cargo, run, without_account},
    workspace::Workspace,
};

/// The time limit of an example.
const MAX_DURATION: Duration = Duration::from_secs(30);

/// Builds and runs all examples.
pub fn run_all(workspace: &Workspace) -> Result<()> {
    // The same build as for the tests, so that only the programs are built.
    run(cargo(&workspace.root).args(["build", "--workspace", "--all-features", "--bins", "--tests"]))?;
    for name in &workspace.examples {
        println!("$ cargo run -p {name}");
        let mut command = Command::new(workspace.target.join("debug").join(name));
        let mut child = without_account(&mut command)
            .current_dir(&workspace.root)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("starting example {name}"))?;
        let started = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break status,
                None if started.elapsed() > MAX_DURATION => {
                    child.kill()?;
                    child.wait()?;
                    bail!("example {name} has not ended after {} s", MAX_DURATION.as_secs());
                }
                None => sleep(Duration::from_millis(20)),
            }
        };
        if !status.success() {
            bail!("example {name} failed: {status}");
        }
    }
    println!("{} examples ended well", workspace.examples.len());
    Ok(())
}
