//! The library and its fake against the recordings, and under faults.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod agreement;
mod error_cost;
mod faults;
mod program;
mod replay;
