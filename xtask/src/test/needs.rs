//! The programs that the tests need besides cargo. They are installed if this is permitted, else the error names them and a
//! workaround.

use std::process::Command;

use anyhow::{Result, bail};

use super::page::BROWSERS;
use crate::{
    process::{exists, run, succeeds},
    workspace::Workspace,
};

/// A program that a test or build needs.
pub struct Need {
    pub program: &'static str,
    /// The Debian packages that contain it.
    packages: &'static [&'static str],
    /// The feature of the crate that needs it, if only one does.
    feature: Option<&'static str>,
    /// A word in the names of all tests that need it, with which they can be left out.
    pub tests: Option<&'static str>,
    /// Whether only the long steps need it.
    long: bool,
}

/// What finds the library of the system's TLS.
const PKG_CONFIG: &str = "pkg-config";
/// The browser that shows the page of the fake.
pub const BROWSER: &str = "chromium";

/// The programs, one a line. A new one needs no other change.
const NEEDS: &[Need] = &[
    Need { program: "cc", packages: &["gcc", "libc6-dev"], feature: None, tests: None, long: false },
    Need {
        program: PKG_CONFIG,
        packages: &["libssl-dev", "pkg-config"],
        feature: Some("native-tls"),
        tests: None,
        long: false,
    },
    Need {
        program: "redis-server",
        packages: &["redis-server"],
        feature: Some("redis"),
        tests: Some("redis"),
        long: false,
    },
    // The word is in the name of a step; no test has it.
    Need { program: BROWSER, packages: &["chromium"], feature: None, tests: Some("in_a_browser"), long: true },
];

/// Components of the Rust toolchain, by their cargo command.
const COMPONENTS: &[(&str, &str)] = &[("fmt", "rustfmt"), ("clippy", "clippy")];

/// Makes all programs available, except for those in `without`.
pub fn provide(workspace: &Workspace, without: &[&str], all: bool) -> Result<Vec<&'static Need>> {
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
    for need in NEEDS.iter().filter(needed).filter(|need| all || !need.long) {
        if !need.is_there() && !without.contains(&need.program) {
            need.install()?;
        }
    }
    Ok(left_out)
}

impl Need {
    fn is_there(&self) -> bool {
        match self.program {
            BROWSER => BROWSERS.into_iter().any(exists),
            // A machine can have the program without the library that it is asked for.
            PKG_CONFIG => exists(PKG_CONFIG) && succeeds(Command::new(PKG_CONFIG).args(["--exists", "openssl"])),
            program => exists(program),
        }
    }

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
        // The package lists can be old or missing.
        install(&words).or_else(|_| install(&["update"]).and_then(|()| install(&words)))
    }
}

/// A non-interactive method to install Debian packages.
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
        const NONINTERACTIVE: &str = "DEBIAN_FRONTEND=noninteractive";
        let words: &[&str] = match self {
            Self::AsRoot => &["env", NONINTERACTIVE, "apt-get"],
            Self::Sudo => &["sudo", "--non-interactive", "env", NONINTERACTIVE, "apt-get"],
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    }
}
