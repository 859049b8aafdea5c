//! What must not compile: the programs in `compile_fail/`, against the library that this test is linked with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::marked;

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
fn misuses_do_not_compile() {
    let (library, scratch) = (library(), tempfile::tempdir().unwrap());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/compile_fail");
    let mut cases = 0;
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        marked::check(&case, &library, scratch.path()).unwrap();
        cases += 1;
    }
    assert_eq!(cases, 4);
}
