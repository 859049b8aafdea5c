//! Programs with mistakes: the lines that end in `//~` and the code of the compiler's error.
//!
//! Each program is given to the compiler twice: as it is, for exactly these errors in exactly these lines, and without
//! these lines, which must then compile. trybuild would build every dependency a second time, and compare the compiler's
//! wording, which changes from version to version.

use std::{collections::BTreeSet, env, fmt::Display, fs, path::Path, process::Command};

use serde_json::Value;

const MARK: &str = "//~ ";

/// Line and code of an error.
type Errors = BTreeSet<(u64, String)>;

/// Compiles `source` against `library`, with and without its mistakes; what the compiler writes goes into `scratch`.
pub fn check(source: &Path, library: &Path, scratch: &Path) -> Result<(), String> {
    let failed = |error: &dyn Display| format!("{}: {error}", source.display());
    let text = fs::read_to_string(source).map_err(|error| failed(&error))?;
    let marked: Errors = (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| Some((number, line.split_once(MARK)?.1.trim().to_owned())))
        .collect();
    if marked.is_empty() {
        return Err(failed(&"no line is marked"));
    }
    let found = errors(source, library, scratch).map_err(|error| failed(&error))?;
    if found != marked {
        return Err(failed(&format!("marked are {marked:?}, and the compiler finds {found:?}")));
    }
    let right = scratch.join("right.rs");
    let without = text.lines().filter(|line| !line.contains(MARK)).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&right, without).map_err(|error| failed(&error))?;
    let left = errors(&right, library, scratch).map_err(|error| failed(&error))?;
    if left.is_empty() { Ok(()) } else { Err(failed(&format!("without the marked lines there is still {left:?}"))) }
}

fn errors(source: &Path, library: &Path, scratch: &Path) -> Result<Errors, String> {
    let folder = library.parent().ok_or("the library is in no folder")?;
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--error-format=json", "--out-dir"])
        .arg(scratch)
        .arg("-L")
        .arg(folder)
        .arg(format!("--extern=calcom={}", library.display()))
        .arg(source)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let diagnostics = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: Errors = diagnostics
        .filter(|it| it["level"] == "error")
        .filter_map(|it| {
            let line =
                it["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?["line_start"].as_u64()?;
            Some((line, it["code"]["code"].as_str().unwrap_or("none").to_owned()))
        })
        .collect();
    // What fails without naming a line is no mistake of the program.
    if output.status.success() == errors.is_empty() { Ok(errors) } else { Err(said.into_owned()) }
}
