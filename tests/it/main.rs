//! Everything that is tested from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[cfg(feature = "client")]
mod bookings;
#[cfg(feature = "client")]
mod fake_service;
mod me;
#[cfg(feature = "testing")]
mod replay;
#[cfg(feature = "testing")]
mod resilience;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "webhook")]
mod webhook;
