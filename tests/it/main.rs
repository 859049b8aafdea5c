//! Everything that is tested from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod answers;
mod api_keys;
#[cfg(feature = "full")]
mod areas;
#[cfg(all(feature = "blocking", feature = "service"))]
mod blocking;
mod bookings;
mod both_forms;
mod browser_urls;
mod call_options;
mod changed_values;
mod checks_before_sending;
mod compile_fail;
mod configuration;
mod connections;
mod contracts;
mod conversions;
#[cfg(feature = "client")]
mod documented_facts;
mod echoes;
#[cfg(feature = "__conformance")]
mod error_responses;
mod errors;
mod event_types;
mod every_field;
mod fluent;
mod from_wire;
#[cfg(all(feature = "full", feature = "webhook"))]
mod hostile;
mod input_nulls;
mod interceptors;
mod marked;
mod me;
#[cfg(feature = "oauth")]
mod oauth;
mod observe;
mod odd_lists;
mod odd_parts;
mod odd_stores;
mod pages;
mod paths;
mod rate_limit;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_server;
#[cfg(feature = "v1-compat")]
mod reference;
mod requests;
mod reservations;
mod resilience;
mod retry;
mod revealed;
mod schedules;
mod second_form;
mod secrets;
mod service;
mod service_by_address;
mod slots;
mod support;
mod timeouts;
#[cfg(feature = "tools")]
mod tools;
#[cfg(feature = "v1-compat")]
mod v1;
mod webhook;
mod webhook_times;
mod webhooks;
mod wire;
mod wrong_service;
