//! Everything that is tested from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[cfg(feature = "client")]
mod answers;
#[cfg(feature = "client")]
mod api_keys;
#[cfg(feature = "client")]
mod bookings;
#[cfg(feature = "client")]
mod compile_fail;
#[cfg(feature = "client")]
mod configuration;
#[cfg(feature = "client")]
mod connections;
#[cfg(feature = "client")]
mod contracts;
#[cfg(feature = "client")]
mod documented_facts;
#[cfg(feature = "__conformance")]
mod error_responses;
#[cfg(feature = "client")]
mod errors;
#[cfg(feature = "client")]
mod event_types;
#[cfg(feature = "client")]
mod fluent;
#[cfg(feature = "client")]
mod me;
#[cfg(feature = "client")]
mod observe;
#[cfg(feature = "client")]
mod odd_lists;
#[cfg(feature = "client")]
mod paths;
#[cfg(feature = "client")]
mod rate_limit;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_server;
#[cfg(all(feature = "v1-compat", feature = "webhook"))]
mod reference;
#[cfg(feature = "client")]
mod requests;
#[cfg(feature = "client")]
mod reservations;
#[cfg(feature = "client")]
mod resilience;
#[cfg(feature = "client")]
mod retry;
#[cfg(feature = "client")]
mod schedules;
#[cfg(feature = "client")]
mod secrets;
#[cfg(feature = "client")]
mod service;
#[cfg(feature = "client")]
mod slots;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "client")]
mod timeouts;
#[cfg(feature = "v1-compat")]
mod v1;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(feature = "client")]
mod webhooks;
#[cfg(feature = "client")]
mod wire;
