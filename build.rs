//! Generates the typed bindings and the operation table from `openapi/calcom-v2.json`, into `OUT_DIR`.

#[cfg(feature = "blocking")]
#[path = "src/blocking/generate.rs"]
mod blocking;
#[cfg(feature = "client")]
#[path = "build/mod.rs"]
mod generate;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    #[cfg(feature = "blocking")]
    println!("cargo:rerun-if-changed=src/blocking/generate.rs");
    println!("cargo:rerun-if-changed=openapi/calcom-v2.json");
    #[cfg(feature = "client")]
    if let Err(error) = generate::run() {
        // cargo prints the error and stops.
        eprintln!("error: generating the bindings: {error}");
        std::process::exit(1);
    }
    #[cfg(feature = "blocking")]
    if let Err(error) = blocking::run() {
        eprintln!("error: generating the methods of the blocking client: {error}");
        std::process::exit(1);
    }
}
