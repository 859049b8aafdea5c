//! Runs the stored corpora of the fuzz targets for error responses, and random inputs, through the same functions.

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*};

#[path = "../../fuzz/errors.rs"]
mod errors;

fn corpus(name: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let inputs = fs::read_dir(folder).unwrap().map(|entry| check(&fs::read(entry.unwrap().path()).unwrap()));
    assert!(inputs.count() >= 5, "{name}");
}

#[test]
fn the_stored_corpora_run_through() {
    corpus("error_bodies", errors::body);
    corpus("error_headers", errors::headers);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_runs_through(input in vec(any::<u8>(), 0..300)) {
        errors::body(&input);
        errors::headers(&input);
    }
}
