//! Sentences of ARCHITECTURE.md that the sources can be asked about.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Dependencies point downward: a room, and the rooms above it, which it must not name.
const ABOVE: &[(&str, &[&str])] = &[
    ("operation.rs", &["auth", "client", "config", "error", "facade", "model", "pipeline", "raw", "testing"]),
    ("auth.rs", &["client", "facade", "model", "pipeline", "raw", "testing"]),
    ("config.rs", &["client", "facade", "model", "pipeline", "raw", "testing"]),
    ("error", &["client", "config", "facade", "model", "raw", "testing"]),
    ("pipeline", &["facade", "model", "raw", "testing"]),
    ("observe", &["facade", "model", "raw", "testing"]),
    ("raw.rs", &["facade", "model", "testing"]),
    ("raw", &["facade", "model", "testing"]),
    ("state", &["client", "facade", "model", "observe", "pipeline", "raw", "testing"]),
    ("client.rs", &["facade", "model", "testing"]),
    ("model", &["client", "pipeline", "testing"]),
    ("facade", &["testing"]),
    ("webhook", &["client", "config", "facade", "pipeline", "raw", "testing"]),
];

/// What every operation goes through, and which therefore must not know one.
const MACHINERY: &[&str] = &[
    "build",
    "src/observe",
    "src/operation.rs",
    "src/pipeline",
    "src/raw",
    "src/raw.rs",
    "src/state",
    "xtask/src/codegen",
];

/// An error that names every sentence that is no longer true.
pub fn check(root: &Path) -> Result<()> {
    let mut problems = Vec::new();
    for (room, above) in ABOVE {
        for file in sources(&root.join("src").join(room))? {
            let code = code(&file)?;
            for other in above.iter().filter(|other| names_room(&code, other)) {
                problems.push(format!("{} names crate::{other}, which is above it", shown(root, &file)));
            }
        }
    }
    let words = areas_and_operations(root)?;
    for room in MACHINERY {
        for file in sources(&root.join(room))? {
            let code = code(&file)?;
            for word in words.iter().filter(|word| code.contains(&format!("\"{word}\""))) {
                problems.push(format!("{} knows {word}: the document should say it", shown(root, &file)));
            }
        }
    }
    if !problems.is_empty() {
        bail!("ARCHITECTURE.md is no longer true:\n{}", problems.join("\n"));
    }
    println!("{} rooms name none above them; the machinery knows none of {} names", ABOVE.len(), words.len());
    Ok(())
}

/// Every Rust file at or below `path`.
fn sources(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("{}", path.display()))? {
        let path = entry?.path();
        // A module of tests that is a file of its own may name what it likes.
        let is_code = path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs");
        if path.is_dir() || is_code {
            files.extend(sources(&path)?);
        }
    }
    files.sort();
    Ok(files)
}

/// A file without its comments and its tests.
fn code(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file)?;
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    Ok(text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n"))
}

/// Whether `code` names `crate::room`, on its own or in a list of imports.
fn names_room(code: &str, room: &str) -> bool {
    let bounded = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let direct = code
        .match_indices("crate::")
        .any(|(at, prefix)| code[at + prefix.len()..].strip_prefix(room).is_some_and(bounded));
    let listed = code.match_indices("use crate::{").any(|(at, prefix)| {
        let list = &code[at + prefix.len()..];
        let list = &list[..list.find("};").unwrap_or(list.len())];
        outermost(list).any(|item| item.strip_prefix(room).is_some_and(bounded))
    });
    direct || listed
}

/// The items of a list of imports, those in inner braces aside.
fn outermost(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    list.split(move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
}

/// Names that only the document may say.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_found_however_it_is_imported() {
        assert!(names_room("use crate::facade::read;", "facade"));
        assert!(names_room("let it = crate::facade::read();", "facade"));
        assert!(names_room("use crate::{\n    Error,\n    facade::{Documented, read},\n};", "facade"));
        assert!(!names_room("use crate::{error::{facade, read}, raw};", "facade"));
        assert!(!names_room("use crate::facades::read;", "facade"));
    }
}
