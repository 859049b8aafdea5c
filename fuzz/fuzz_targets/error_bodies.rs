//! `cargo +nightly fuzz run error_bodies`: any error response.

#![no_main]

#[allow(dead_code)]
#[path = "../errors.rs"]
mod errors;

libfuzzer_sys::fuzz_target!(|input: &[u8]| errors::body(input));
