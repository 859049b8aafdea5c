//! Measures what a program with this crate costs to build, beside a small program of reqwest, serde and tokio: packages outside
//! the workspace, in CPU seconds, which depend little on other load.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::figures::{Figure, Figures};
use crate::{
    process::{cargo, run},
    test::fresh_package,
    workspace::Workspace,
};

const HELLO_DEPENDENCIES: &str = r#"
[dependencies]
reqwest = { version = "0.13", features = ["json"] }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#;

const HELLO_PROGRAM: &str = r#"
#[derive(serde::Deserialize)]
struct Me {
    name: String,
}

#[tokio::main]
async fn main() -> Result<(), reqwest::Error> {
    let me: Me = reqwest::get("https://api.example.com/me").await?.json().await?;
    println!("{}", me.name);
    Ok(())
}
"#;

/// Clock ticks a second of `/proc/self/stat`.
const TICKS: f64 = 100.0;

/// Measures both packages, as debug and as release.
pub fn measure(workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    if cpu_seconds().is_none() {
        figures.add(Figure::unavailable("fresh_build", "there is no /proc/self/stat"));
        return Ok(());
    }
    let folder = workspace.target.join("measured-fresh");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let hello = folder.join("hello");
    fs::create_dir_all(hello.join("src"))?;
    fs::write(hello.join("src/main.rs"), HELLO_PROGRAM)?;
    let manifest = format!("[package]\nname = \"hello\"\nedition = \"2024\"\n{HELLO_DEPENDENCIES}\n[workspace]\n");
    fs::write(hello.join("Cargo.toml"), manifest)?;
    fs::copy(workspace.root.join("Cargo.lock"), hello.join("Cargo.lock"))?;
    let (fresh, full) = (folder.join("fresh"), folder.join("full"));
    fresh_package(workspace, &fresh, &[])?;
    fresh_package(workspace, &full, &["full"])?;
    for (profile, aim) in [("dev", "at most 1.4"), ("release", "at most 1.3")] {
        let (of_hello, hello_bytes) = build(&hello, "hello", profile)?;
        let (ours, bytes) = build(&fresh, "fresh", profile)?;
        figures.add(Figure::new(format!("fresh_build_{profile}"), ours / of_hello, "times a small program", Some(aim)));
        figures.add(Figure::new(format!("fresh_build_{profile}_cpu"), ours, "s", None));
        if profile == "dev" {
            let (of_full, _) = build(&full, "fresh", profile)?;
            figures.add(Figure::new(
                "full_build_dev",
                of_full / of_hello,
                "times a small program",
                Some("at most 2.5"),
            ));
            figures.add(Figure::new("full_build_dev_cpu", of_full, "s", None));
        }
        if profile == "release" {
            let ratio = bytes as f64 / hello_bytes as f64;
            figures.add(Figure::new("fresh_binary", ratio, "times a small program", Some("at most 1.1")));
        }
    }
    fs::remove_dir_all(&folder).context("emptying the folder")
}

/// The CPU seconds of a build, and the size of the program.
fn build(folder: &Path, name: &str, profile: &str) -> Result<(f64, u64)> {
    let target = folder.join("target");
    let before = cpu_seconds().context("CPU seconds")?;
    let mut build = cargo(folder);
    // The crate is at a path here. One from the registry is not built incrementally.
    build.env("CARGO_INCREMENTAL", "0");
    run(build.args(["build", "--quiet", "--profile", profile, "--target-dir"]).arg(&target))?;
    let used = cpu_seconds().context("CPU seconds")? - before;
    let output = if profile == "dev" { "debug" } else { profile };
    Ok((used, fs::metadata(target.join(output).join(name))?.len()))
}

/// The CPU seconds of all processes that this one has started and that have ended.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold blanks.
    let mut fields = text.rsplit_once(") ")?.1.split(' ').skip(13);
    let (user, system) = (fields.next()?.parse::<f64>().ok()?, fields.next()?.parse::<f64>().ok()?);
    Some((user + system) / TICKS)
}
