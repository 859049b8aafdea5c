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
mod change;
mod check;
mod clock;
mod deliveries;
mod exchange;
mod expect;
mod fake;
mod fault;
mod instant;
mod intake;
mod ledger;
mod limit;
mod log;
#[doc(hidden)]
pub mod matrix;
mod pace;
mod payload;
mod proxy;
#[doc(hidden)]
pub mod replay;
mod reply;
mod respond;
mod route;
mod seed;
mod server;
mod state;
mod version;
#[doc(hidden)]
pub mod wire;

pub use builder::{FakeBuilder, FakeEventType, FakeSchedule, FakeUser};
pub use change::{Change, Happened, Thing};
pub use clock::Clock;
pub use deliveries::{WebhookDelivery, signed_webhook};
pub use fake::FakeCalcom;
pub use fault::{Fault, Moment};
pub use ledger::{Ledger, LedgerEntry};
pub use limit::RateLimit;
pub use log::{Answered, LoggedRequest};
pub use pace::Pace;
pub use proxy::FaultProxy;
pub use seed::booking_data;
