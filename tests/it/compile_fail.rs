//! What must not compile: the lines of `compile_fail/*.rs` that end in `//~` and the code of the compiler's error.
//!
//! Each file is given to the compiler twice, with the library that this test is linked with: as it is, for exactly these
//! errors in exactly these lines, and without these lines, which must then compile. trybuild would build every dependency
//! a second time, and compare the compiler's wording, which changes from version to version.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const MARK: &str = "//~ ";

/// Line and code of every error in `source`, compiled against `library`.
fn errors(source: &Path, library: &Path) -> BTreeSet<(u64, String)> {
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--emit=metadata", "--error-format=json", "--out-dir"])
        .arg(out.path())
        .arg("-L")
        .arg(library.parent().unwrap())
        .arg(format!("--extern=calcom={}", library.display()))
        .arg(source)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let diagnostics = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: BTreeSet<_> = diagnostics
        .filter(|it| it["level"] == "error" && it["spans"].as_array().is_some_and(|spans| !spans.is_empty()))
        .map(|it| {
            let spans = it["spans"].as_array().unwrap();
            let line = spans.iter().find(|span| span["is_primary"] == true).unwrap()["line_start"].as_u64().unwrap();
            (line, it["code"]["code"].as_str().unwrap_or("none").to_owned())
        })
        .collect();
    assert_eq!(output.status.success(), errors.is_empty(), "{}: {said}", source.display());
    errors
}

/// The library beside this test; of several builds of it the newest is the one that the test was just linked with.
fn library() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let libraries = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libcalcom-") && name.ends_with(".rlib")
    });
    libraries.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap()).expect("the library was built")
}

#[test]
fn mistakes_that_the_compiler_finds() {
    let library = library();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/compile_fail");
    let mut cases = 0;
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&case).unwrap();
        let marked: BTreeSet<(u64, String)> = (1..)
            .zip(text.lines())
            .filter_map(|(number, line)| Some((number, line.split_once(MARK)?.1.trim().to_owned())))
            .collect();
        assert!(!marked.is_empty(), "{}", case.display());
        assert_eq!(errors(&case, &library), marked, "{}", case.display());

        let without: String =
            text.lines().filter(|line| !line.contains(MARK)).map(|line| format!("{line}\n")).collect();
        let folder = tempfile::tempdir().unwrap();
        let right = folder.path().join("right.rs");
        fs::write(&right, without).unwrap();
        assert_eq!(errors(&right, &library), BTreeSet::new(), "{} without its mistakes", case.display());
        cases += 1;
    }
    assert_eq!(cases, 3);
}
