//! Generates the functions that decode and encode the JSON of operations, with the library's generator.

#[allow(dead_code, reason = "the library's build script writes more than this one")]
#[path = "../build/mod.rs"]
mod generate;
#[path = "reencode.rs"]
mod reencode;

use std::{env, error::Error, fs, path::Path};

const DOCUMENT: &str = "../openapi/calcom-v2.json";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "reencode.rs", "../build", DOCUMENT] {
        println!("cargo:rerun-if-changed={path}");
    }
    let bindings = generate::bindings(&generate::document(Path::new(DOCUMENT))?)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("reencode.rs"), reencode::dispatchers(&bindings))?;
    Ok(())
}
