//! What the tests need besides cargo. Installed where this program may; otherwise named, with the way around it.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    process::{exists, run, succeeds},
    workspace::Workspace,
};

/// A program that some test or build needs.
pub struct Need {
    pub program: &'static str,
    /// Debian's packages that bring it.
    packages: &'static [&'static str],
    /// The feature of the crate without which nothing needs it.
    feature: Option<&'static str>,
    /// A word in the names of all tests that need it; they can be left out.
    pub tests: Option<&'static str>,
}

/// One line for every program. A new one needs no other change.
const NEEDS: &[Need] = &[
    Need { program: "cc", packages: &["gcc", "libc6-dev"], feature: None, tests: None },
    Need { program: "redis-server", packages: &["redis-server"], feature: Some("redis"), tests: Some("redis") },
];

/// Parts of the Rust toolchain, by the cargo command that they bring.
const COMPONENTS: &[(&str, &str)] = &[("fmt", "rustfmt"), ("clippy", "clippy")];

/// Makes sure that everything is there but what is to be done without.
pub fn provide(workspace: &Workspace, without: &[&str]) -> Result<Vec<&'static Need>> {
    for (command, component) in COMPONENTS {
        if !succeeds(crate::process::cargo(&workspace.root).args([command, "--version"])) {
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    let mut left_out = Vec::new();
    for word in without {
        match NEEDS.iter().find(|need| need.program == *word && need.tests.is_some()) {
            Some(need) => left_out.push(need),
            None => bail!("nothing can be tested without {word}"),
        }
    }
    let needed = |need: &&Need| need.feature.is_none_or(|feature| workspace.features.contains_key(feature));
    for need in NEEDS.iter().filter(needed) {
        if !exists(need.program) && !without.contains(&need.program) {
            need.install()?;
        }
    }
    Ok(left_out)
}

impl Need {
    fn install(&self) -> Result<()> {
        let packages = self.packages.join(" ");
        let Some(apt) = apt() else {
            let around = match self.tests {
                Some(_) => format!("\nthe rest without it: cargo xtask test --without {}", self.program),
                None => String::new(),
            };
            bail!(
                "{} is missing, and may not be installed from here\non Debian: apt-get install {packages}{around}",
                self.program
            );
        };
        println!("{} is missing: installing {packages}", self.program);
        let install = |words: &[&str]| run(apt.command().args(words));
        let words: Vec<&str> =
            ["install", "--yes", "--no-install-recommends"].into_iter().chain(self.packages.iter().copied()).collect();
        // The lists of packages may be old, or not there at all.
        install(&words).or_else(|_| install(&["update"]).and_then(|()| install(&words)))
    }
}

/// A way to install Debian's packages without asking anybody.
enum Apt {
    AsRoot,
    Sudo,
}

fn apt() -> Option<Apt> {
    if !exists("apt-get") {
        return None;
    }
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if root {
        return Some(Apt::AsRoot);
    }
    (exists("sudo") && succeeds(Command::new("sudo").args(["--non-interactive", "true"]))).then_some(Apt::Sudo)
}

impl Apt {
    fn command(&self) -> Command {
        const QUIETLY: &str = "DEBIAN_FRONTEND=noninteractive";
        let words: &[&str] = match self {
            Self::AsRoot => &["env", QUIETLY, "apt-get"],
            Self::Sudo => &["sudo", "--non-interactive", "env", QUIETLY, "apt-get"],
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    }
}
