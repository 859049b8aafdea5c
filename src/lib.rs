#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Shared code is unused if only areas are enabled that do not need it. With all areas enabled the compiler reports unused code.
#![cfg_attr(
    all(feature = "client", not(all(feature = "full", feature = "service"))),
    allow(dead_code, unused_imports, unused_macros)
)]

#[cfg(feature = "__conformance")]
#[doc(hidden)]
#[path = "conformance.rs"]
pub mod __conformance;
#[cfg(feature = "client")]
pub mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod booking_status;
#[cfg(feature = "client")]
mod client;
mod compare;
#[cfg(feature = "client")]
pub mod config;
mod contract;
#[cfg(feature = "client")]
mod env;
pub mod error;
#[cfg(feature = "client")]
pub mod facade;
#[cfg(feature = "client")]
mod generated;
// Pages of the documentation: they need everything, and cost no build.
#[cfg(all(
    any(doc, doctest),
    feature = "blocking",
    feature = "full",
    feature = "redis",
    feature = "rustls",
    feature = "tools",
    feature = "v1-compat",
    feature = "webhook"
))]
pub mod guide;
pub mod model;
#[cfg(feature = "oauth")]
pub mod oauth;
#[cfg(feature = "client")]
pub mod operation;
mod patch;
#[cfg(feature = "client")]
mod pipeline;
#[cfg(feature = "client")]
pub mod raw;
mod redact;
mod retry_policy;
#[cfg_attr(not(feature = "client"), allow(dead_code, unreachable_pub))]
mod reveal;
#[cfg(feature = "service")]
pub mod service;
#[cfg(feature = "client")]
pub mod state;
#[cfg(any(feature = "client", feature = "webhook"))]
mod sync;
#[cfg(any(
    all(feature = "redis", any(feature = "rustls", feature = "rustls-ring")),
    all(feature = "rustls-ring", not(feature = "rustls"))
))]
mod tls;
#[cfg(feature = "tools")]
pub mod tools;
#[cfg(feature = "v1-compat")]
pub mod v1;
#[cfg(feature = "webhook")]
pub mod webhook;

/// For `calcom-fake`, and outside semantic versioning.
#[cfg(feature = "client")]
#[doc(hidden)]
pub use pipeline::mock_errors as __mock;

#[cfg(feature = "client")]
pub use auth::{AccessToken, ApiKey, Credentials, PlatformCredentials};
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder};
#[cfg(feature = "client")]
pub use config::Config;
pub use contract::Contract;
pub use error::{Error, ErrorCode, FieldError, Result};
pub use patch::Patch;
#[cfg(feature = "client")]
pub use pipeline::{Cache, CircuitTransition, OperationCircuit, OperationQuota, Quota, observe::RequestDebug};
#[cfg(feature = "client")]
pub use pipeline::{intercept, observe};
#[cfg(feature = "client")]
pub use state::CircuitState;

/// Bodies of requests and responses.
pub use bytes;
/// Header maps and statuses in this crate's signatures.
#[cfg(any(feature = "client", feature = "webhook"))]
pub use http;
/// Instants, dates and time zones in this crate's signatures.
pub use jiff;
/// The HTTP client, for [`ClientBuilder::http_client`].
#[cfg(feature = "client")]
pub use reqwest;
/// Secrets that credentials are made of.
pub use secrecy;
/// JSON values, for data without a type of its own.
pub use serde_json;
