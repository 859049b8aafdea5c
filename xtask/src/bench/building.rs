//! Measures the build of the crate with all areas: generation of the bindings, a cold build, a check after a change. It builds
//! in a folder of its own, which it empties first.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Instant, SystemTime},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::figures::{Figure, Figures};
use crate::{
    process::{cargo, output, run},
    workspace::Workspace,
};

/// A file of the facade with few dependents.
const TOUCHED_FILE: &str = "src/facade/me/mod.rs";
const REPETITIONS: usize = 5;

/// Measures all figures of the build.
pub fn measure(workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    let root = &workspace.root;
    let target = workspace.target.join("measured-build");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let build = |command: &str| {
        let mut cargo = cargo(root);
        cargo.env("CARGO_TARGET_DIR", &target).args([command, "--quiet", "--package", "calcom", "--features", "full"]);
        cargo
    };
    let cold = seconds(|| run(&mut build("build")))?;
    let generator = Generator::find(&output(build("build").arg("--message-format=json"))?, &workspace.package)?;
    let generating = median(|| generator.run(root))?;
    run(&mut build("check"))?;
    let again = median(|| {
        File::options().append(true).open(root.join(TOUCHED_FILE))?.set_modified(SystemTime::now())?;
        run(&mut build("check"))
    })?;
    figures.add(Figure::new("generate", generating, "s", None));
    figures.add(Figure::new("lines_generated", generator.lines()? as f64, "lines", None));
    figures.add(Figure::new("build_cold", cold, "s", None));
    figures.add(Figure::new("check_after_touching_a_facade_file", again, "s", Some("at most 10")));
    fs::remove_dir_all(&target).context("emptying the folder")
}

/// The build script that cargo has built.
struct Generator {
    program: PathBuf,
    out: PathBuf,
    features: Vec<String>,
}

impl Generator {
    /// Finds the build script of `package` in cargo's messages.
    fn find(messages: &str, package: &str) -> Result<Self> {
        let messages: Vec<Value> = messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let find = |reason: &str, kind: Option<&str>| {
            messages.iter().find(|message| {
                message["reason"] == reason
                    && message["package_id"] == package
                    && kind.is_none_or(|kind| message["target"]["kind"][0] == kind)
            })
        };
        let built = find("compiler-artifact", Some("custom-build")).context("cargo built no generator")?;
        let ran = find("build-script-executed", None).context("cargo ran no generator")?;
        let features = built["features"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            program: built["filenames"][0].as_str().context("the generator has no file")?.into(),
            out: ran["out_dir"].as_str().context("the generator writes nowhere")?.into(),
            features: features.map(str::to_owned).collect(),
        })
    }

    fn run(&self, root: &Path) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.current_dir(root).env("OUT_DIR", &self.out);
        for feature in &self.features {
            command.env(format!("CARGO_FEATURE_{}", feature.to_uppercase().replace('-', "_")), "1");
        }
        output(&mut command).map(drop)
    }

    fn lines(&self) -> Result<usize> {
        let files = fs::read_dir(&self.out)?.collect::<std::io::Result<Vec<_>>>()?;
        let texts = files.iter().map(|file| fs::read_to_string(file.path()));
        texts.map(|text| Ok(text?.lines().count())).sum()
    }
}

fn seconds(what: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    what()?;
    Ok(started.elapsed().as_secs_f64())
}

/// The median of several runs.
fn median(mut what: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut times = (0..REPETITIONS).map(|_| seconds(&mut what)).collect::<Result<Vec<_>>>()?;
    times.sort_by(f64::total_cmp);
    Ok(times[REPETITIONS / 2])
}
