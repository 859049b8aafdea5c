//! Checks sets of features: each builds without a warning, and has no unexpected dependency.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

#[path = "../../../tests/it/marked.rs"]
mod marked;

use crate::{
    codegen::{self, AREAS, turns_on},
    process::{cargo, output, run},
    workspace::Workspace,
};

/// A set of features, and the packages that it must not depend on.
struct Part {
    what: &'static str,
    features: &'static str,
    never: &'static [&'static str],
}

const HTTP: &[&str] = &["reqwest", "hyper", "hyper-util", "tokio", "h2", "url", "rustls", "tracing"];
const OTHER_TLS: &[&str] = &["openssl-sys", "native-tls", "ring", "webpki-roots"];

/// The area that is enabled for the program of disabled areas.
const ONE_AREA: &str = "slots";
/// A program that uses the enabled area, and in marked lines items of disabled ones.
const CLOSED: &str = "tests/closed_areas/slots_alone.rs";

const PARTS: &[Part] = &[
    Part { what: "nothing but the documented types", features: "", never: HTTP },
    Part { what: "webhooks alone", features: "webhook", never: HTTP },
];

/// Sets that are linted with every area alone (`--all`), because each compiles the client once more.
const LARGER_PARTS: &[Part] = &[
    Part { what: "one area", features: ONE_AREA, never: &["rustls", "ring", "openssl-sys", "native-tls"] },
    Part { what: "V1 over V2", features: "v1-compat", never: &["rustls", "ring", "openssl-sys", "native-tls"] },
    Part {
        what: "the client without TLS",
        features: "client",
        never: &["rustls", "ring", "openssl-sys", "native-tls"],
    },
    Part {
        what: "the blocking client without an area",
        features: "blocking",
        never: &["rustls", "ring", "openssl-sys", "native-tls", "schemars"],
    },
    Part { what: "webhooks in axum", features: "axum", never: HTTP },
    Part {
        what: "sessions of OAuth",
        features: "oauth",
        never: &["rustls", "ring", "openssl-sys", "native-tls", "chrono"],
    },
    Part { what: "the booking service", features: "service", never: &["rustls", "ring", "openssl-sys", "native-tls"] },
    Part { what: "tools for models", features: "tools", never: &["rustls", "ring", "openssl-sys", "native-tls"] },
];

/// Sets that need no build of their own: the defaults, and all features.
const WHOLES: &[Part] = &[
    Part { what: "the defaults", features: "default", never: OTHER_TLS },
    Part { what: "the client with TLS, run time only", features: "rustls", never: &["progenitor", "syn", "openapiv3"] },
    Part { what: "the client with ring", features: "rustls-ring", never: &["openssl-sys", "native-tls", "aws-lc-sys"] },
    Part { what: "the client with the system's TLS", features: "native-tls", never: &["rustls", "ring", "aws-lc-sys"] },
];

/// Lints the sets without a client, and checks the tables of the features. The step of lints has all features.
pub fn lint(workspace: &Workspace) -> Result<()> {
    let root = &workspace.root;
    documented(workspace)?;
    for part in PARTS {
        println!("-- {}", part.what);
        run(lints(root, "calcom", part.features).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Lints the fake with a set of its features.
fn lint_fake(root: &Path, features: &str) -> Result<()> {
    println!("-- the fake, {}", if features.is_empty() { "without TLS" } else { features });
    run(lints(root, "calcom-fake", features).args(["--", "-D", "warnings"]))
}

/// Lints each area alone, the larger sets and the defaults, and checks that items of disabled areas are missing.
pub fn lint_areas(workspace: &Workspace) -> Result<()> {
    let areas = workspace.features.get(AREAS).into_iter().flatten().map(String::as_str);
    let larger = LARGER_PARTS.iter().map(|part| part.features);
    for features in areas.chain(larger).chain(["default"]) {
        println!("-- {features}");
        run(lints(&workspace.root, "calcom", features).args(["--", "-D", "warnings"]))?;
    }
    closed(workspace)?;
    for features in ["", "rustls"] {
        lint_fake(&workspace.root, features)?;
    }
    Ok(())
}

fn lints(root: &Path, package: &str, features: &str) -> Command {
    let mut lints = cargo(root);
    lints.args(["clippy", "--package", package, "--lib", "--no-default-features", "--features", features]);
    lints
}

/// Checks that a disabled area has only the rows of its operations, with the library that was just linted.
fn closed(workspace: &Workspace) -> Result<()> {
    println!("-- {CLOSED}");
    let mut lints = lints(&workspace.root, "calcom", ONE_AREA);
    let messages = output(lints.args(["--message-format", "json", "--", "-D", "warnings"]))?;
    let messages: Vec<Value> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_crate = |reason: &str| {
        let of_crate = messages.iter().filter(|it| it["package_id"] == workspace.package);
        of_crate.filter(|it| it["reason"] == reason).collect::<Vec<_>>()
    };
    let libraries = of_crate("compiler-artifact");
    let library = libraries.iter().find(|it| it["target"]["kind"][0] == "lib").context("cargo names no library")?;
    let library = library["filenames"][0].as_str().context("the library has no file")?;
    let scratch = workspace.target.join("closed-areas");
    fs::create_dir_all(&scratch)?;
    marked::check(&workspace.root.join(CLOSED), Path::new(library), &scratch).map_err(|error| anyhow!(error))?;
    let builds = of_crate("build-script-executed");
    let out = builds.first().and_then(|it| it["out_dir"].as_str()).context("cargo names no folder of the build")?;
    let table = fs::read_to_string(Path::new(out).join("operations.rs"))?;
    match codegen::ids(&workspace.root)?.iter().find(|id| !table.contains(&format!("id: \"{id}\""))) {
        Some(id) => bail!("with one area the table of operations lacks {id}"),
        None => Ok(()),
    }
}

/// Checks that the tables of README.md have exactly the features of the crate, with the right defaults.
fn documented(workspace: &Workspace) -> Result<()> {
    let readme = fs::read_to_string(workspace.root.join("README.md"))?;
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let mut rows: Vec<_> = rows.map(|(name, rest)| (name, rest.starts_with("yes | "))).collect();
    let names = workspace.features.keys().filter(|name| *name != "default" && !name.starts_with("__"));
    let features = names.map(|name| (name.as_str(), turns_on(&workspace.features, "default", name)));
    rows.sort_unstable();
    let mut features: Vec<_> = features.collect();
    features.sort_unstable();
    if rows != features {
        let missing: Vec<_> = features.iter().filter(|row| !rows.contains(row)).collect();
        let wrong: Vec<_> = rows.iter().filter(|row| !features.contains(row)).collect();
        bail!("README.md's tables of features (name, default) lack {missing:?}, and have {wrong:?}");
    }
    Ok(())
}

/// Checks the dependencies of each set with `cargo tree`.
pub fn trees(root: &Path) -> Result<()> {
    for part in PARTS.iter().chain(LARGER_PARTS).chain(WHOLES) {
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
