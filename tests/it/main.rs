//! Everything that is tested from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bookings;
mod fake_service;
mod me;
mod support;
