//! The crate in parts: every set of features that people use builds without a warning, and brings no dependency that it
//! should not.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{cargo, output, run};

/// A set of features, and the packages that it must not bring.
struct Part {
    what: &'static str,
    features: &'static str,
    never: &'static [&'static str],
}

const HTTP: &[&str] = &["reqwest", "hyper", "hyper-util", "tokio", "progenitor-client", "url", "rustls", "tracing"];
const OTHER_TLS: &[&str] = &["openssl-sys", "native-tls", "aws-lc-sys", "aws-lc-rs", "webpki-roots"];

const PARTS: &[Part] = &[
    Part { what: "nothing but the documented types", features: "", never: HTTP },
    Part { what: "webhooks alone", features: "webhook", never: HTTP },
    Part { what: "webhooks in axum", features: "axum", never: HTTP },
    Part {
        what: "the client without TLS",
        features: "client",
        never: &["rustls", "ring", "openssl-sys", "native-tls"],
    },
    Part { what: "V1 over V2", features: "v1-compat", never: &["rustls", "ring", "openssl-sys", "native-tls"] },
];

/// What needs no building of its own: the defaults, and everything.
const WHOLES: &[Part] = &[
    Part { what: "the defaults", features: "default", never: OTHER_TLS },
    Part { what: "the client with TLS, run time only", features: "rustls", never: &["progenitor", "syn", "openapiv3"] },
];

/// Lints every part.
pub fn lint(root: &Path) -> Result<()> {
    for part in PARTS {
        println!("-- {}", part.what);
        let set = ["--no-default-features", "--features", part.features];
        run(cargo(root).args(["clippy", "--package", "calcom", "--lib"]).args(set).args(["--", "-D", "warnings"]))?;
    }
    for set in ["", "rustls"] {
        println!("-- the fake, {}", if set.is_empty() { "without TLS" } else { "with TLS" });
        let set = ["--no-default-features", "--features", set];
        run(cargo(root)
            .args(["clippy", "--package", "calcom-fake", "--lib"])
            .args(set)
            .args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Asks `cargo tree` what every part brings.
pub fn trees(root: &Path) -> Result<()> {
    for part in PARTS.iter().chain(WHOLES) {
        let set = ["--no-default-features", "--features", part.features];
        let tree = output(
            cargo(root)
                .args(["tree", "--package", "calcom", "--edges", "normal,no-proc-macro"])
                .args(set)
                .args(["--prefix", "none", "--format", "{p}"]),
        )?;
        let mut packages: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        packages.sort_unstable();
        packages.dedup();
        if let Some(package) = part.never.iter().find(|package| packages.contains(package)) {
            bail!("{} must not depend on {package}", part.what);
        }
        println!("{}: {} packages", part.what, packages.len() - 1);
    }
    Ok(())
}
