//! From `openapi/calcom-v2.json` to the typed bindings and the operation table, both into `OUT_DIR`.

#[cfg(feature = "client")]
#[path = "build/mod.rs"]
mod generate;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=openapi/calcom-v2.json");
    #[cfg(feature = "client")]
    if let Err(error) = generate::run() {
        // The one place where a build script can report: cargo prints it and stops.
        eprintln!("error: generating the bindings: {error}");
        std::process::exit(1);
    }
}
