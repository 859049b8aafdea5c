//! The files of a package in memory, generated ones included.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result};

use super::order::Package;

/// A package and its files, by path relative to the root of the workspace.
pub(super) struct Source<'a> {
    pub(super) package: &'a Package,
    pub(super) files: BTreeMap<PathBuf, String>,
}

impl<'a> Source<'a> {
    /// Reads a package. `out` is the output folder of its build script, if it has one.
    pub(super) fn read(root: &Path, package: &'a Package, out: Option<&Path>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for folder in package.code {
            let path = root.join(package.folder).join(folder);
            read_into(&mut files, root, &path).with_context(|| format!("package {}", package.name))?;
        }
        for entry in out.map(fs::read_dir).transpose()?.into_iter().flatten() {
            let path = entry?.path();
            if is_rust(&path) {
                let name = path.file_name().unwrap_or_default();
                files.insert(generated(package, &name.to_string_lossy()), fs::read_to_string(&path)?);
            }
        }
        Ok(Self { package, files })
    }

    /// The crate roots: the library, programs, the build script.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        let folder = Path::new(self.package.folder);
        let fixed = ["src/lib.rs", "src/main.rs", "build.rs"].map(|file| normal(&folder.join(file)));
        let bins = normal(&folder.join("src/bin"));
        let is_root = |path: &&PathBuf| fixed.contains(path) || path.parent() == Some(&bins);
        self.files.keys().filter(is_root).cloned().collect()
    }
}

/// The path of a generated file among the others.
pub(super) fn generated(package: &Package, file: &str) -> PathBuf {
    Path::new("OUT_DIR").join(package.name).join(file)
}

pub(super) fn is_generated(path: &Path) -> bool {
    path.starts_with("OUT_DIR")
}

/// The path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn read_into(files: &mut BTreeMap<PathBuf, String>, root: &Path, path: &Path) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            read_into(files, root, &entry?.path())?;
        }
    } else if is_rust(path) {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        files.insert(normal(path.strip_prefix(root).unwrap_or(path)), text);
    }
    Ok(())
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}
