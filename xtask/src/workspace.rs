//! The metadata of the workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    codegen::Features,
    process::{cargo, output},
};

/// The metadata of the workspace, from cargo.
#[derive(Default)]
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
    /// The package id of the crate in cargo's messages.
    pub package: String,
    /// Its features, each with the features that it enables.
    pub features: Features,
    /// The address of the repository.
    pub repository: Option<String>,
    /// The packages below `examples/`, each with a program of the same name.
    pub examples: Vec<String>,
}

impl Workspace {
    pub fn read(root: &Path) -> Result<Self> {
        let text = output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&text)?;
        let packages = || metadata["packages"].as_array().into_iter().flatten();
        let package =
            packages().find(|package| package["name"] == "calcom").context("the workspace has no package calcom")?;
        let folder = root.join("examples");
        let is_example = |package: &&Value| {
            package["manifest_path"].as_str().is_some_and(|path| Path::new(path).starts_with(&folder))
        };
        Ok(Self {
            root: root.to_path_buf(),
            target: metadata["target_directory"].as_str().context("no target directory")?.into(),
            package: package["id"].as_str().context("the package has no id")?.to_owned(),
            repository: package["repository"].as_str().map(str::to_owned),
            features: serde_json::from_value(package["features"].clone())?,
            examples: packages()
                .filter(is_example)
                .filter_map(|package| package["name"].as_str().map(str::to_owned))
                .collect(),
        })
    }
}
