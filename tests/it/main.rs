//! Everything that is tested from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[cfg(feature = "client")]
mod api_keys;
#[cfg(feature = "client")]
mod bookings;
#[cfg(feature = "testing")]
mod event_types;
#[cfg(feature = "client")]
mod fake_service;
#[cfg(feature = "client")]
mod me;
#[cfg(feature = "testing")]
mod replay;
#[cfg(feature = "client")]
mod schedules;
#[cfg(feature = "client")]
mod slots;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(feature = "client")]
mod webhooks;
