//! Conformance tests: [`replay`] replays recordings against the library, [`agreement`] replays them against the fake, and
//! [`matrix`] books appointments through a proxy that injects faults.
//!
//! A development tool, which is never published.

pub mod agreement;
pub mod matrix;
pub mod raw_http;
mod reencode;

pub use reencode::decode_response;
pub mod replay;
