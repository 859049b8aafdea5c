//! A stateful fake of the service, for tests: ours, and those of programs that use this crate.
//!
//! [`FakeCalcom`] listens on a port of its own on loopback and behaves as the recorded service does: users, event
//! types, schedules, slots, bookings with their whole life, versions, credentials, errors and rate limits. It has its
//! own [`Clock`], keeps a log of requests to assert on, and can be made to misbehave. It runs in the runtime that
//! started it, keeps no global state, and is gone when it is dropped. What it leaves to others: nothing here is used
//! outside tests.

#![allow(clippy::result_large_err, reason = "a refusal is a whole reply; speed is not what a fake is for")]

#[doc(hidden)]
pub mod agreement;

mod api;
mod auth;
mod builder;
mod check;
mod clock;
mod deliveries;
mod exchange;
mod expect;
mod fake;
mod instant;
mod intake;
mod intervene;
mod limit;
mod log;
#[doc(hidden)]
pub mod matrix;
mod pace;
mod payload;
#[doc(hidden)]
pub mod replay;
mod reply;
mod route;
mod seed;
mod server;
mod state;
mod version;
#[doc(hidden)]
pub mod wire;

pub use builder::{FakeBuilder, FakeEventType, FakeSchedule, FakeUser};
pub use clock::Clock;
pub use deliveries::{WebhookDelivery, signed_webhook};
pub use fake::FakeCalcom;
pub use limit::RateLimit;
pub use log::{Change, Happened, LoggedRequest};
pub use pace::Pace;
pub use seed::booking_data;
