//! Checks that code for all operations names none of them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

/// The code for all operations, which must not name areas or operations.
const GENERIC_CODE: &[&str] = &["build", "src/operation", "src/pipeline", "src/raw", "src/state", "xtask/src/codegen"];

/// The names that only the document may contain, one message each.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let words = areas_and_operations(root)?;
    for part in GENERIC_CODE {
        for file in sources(&root.join(part))? {
            let code = code(&file)?;
            for word in words.iter().filter(|word| code.contains(&format!("\"{word}\""))) {
                problems.push(format!("{} knows {word}: the document should say it", shown(root, &file)));
            }
        }
    }
    println!("generic code contains none of {} names", words.len());
    Ok(problems)
}

/// The Rust files at or below `path`.
fn sources(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("{}", path.display()))? {
        let path = entry?.path();
        // Test modules in files of their own may name operations.
        let is_code = path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs");
        if (path.is_dir() && !path.ends_with("tests")) || is_code {
            files.extend(sources(&path)?);
        }
    }
    files.sort();
    Ok(files)
}

/// A file without comments and tests.
fn code(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file)?;
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    Ok(text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n"))
}

/// The names of areas and operations.
fn areas_and_operations(root: &Path) -> Result<BTreeSet<String>> {
    let document: Value = serde_json::from_str(&fs::read_to_string(root.join("openapi/calcom-v2.json"))?)?;
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object());
    let names = operations
        .flatten()
        .flat_map(|(_, operation)| [operation["operationId"].as_str(), operation["x-calcom"]["area"].as_str()]);
    Ok(names.flatten().map(str::to_owned).collect())
}

fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}
