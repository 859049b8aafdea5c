//! `cargo +nightly fuzz run delivery`: any header, any body.

#![no_main]

#[path = "../delivery.rs"]
mod delivery;

libfuzzer_sys::fuzz_target!(|input: &[u8]| delivery::receive(input));
