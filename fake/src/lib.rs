//! A stateful fake of the Cal.com API v2, for tests of programs that use the crate `calcom`.
//!
//! [`FakeCalcom`] listens on a port of its own on loopback and behaves as the recorded service does: users, event
//! types, schedules, slots, bookings in all states, versions, credentials, errors and rate limits. It has a [`Clock`] of
//! its own, keeps a log of requests for assertions, and injects faults. It runs in the runtime that started it, keeps no
//! global state, and stops when it is dropped.
//!
//! # Testing your own function
//!
//! ```
//! use calcom_fake::{FakeCalcom, Fault, ResetPoint};
//! use calcom::{Client, model::CreateBooking};
//!
//! /// Your function: books a time and returns the result as a text.
//! async fn book(client: &Client, start: &str) -> String {
//!     let wanted = CreateBooking::new(1, start.parse().unwrap(), "Ada", "ada@example.org");
//!     match client.bookings().create(&wanted).await {
//!         Ok(booking) => format!("booked {}", booking.uid),
//!         Err(error) if error.may_have_been_applied() => "perhaps".to_owned(),
//!         Err(_) => "not booked".to_owned(),
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse().unwrap()).start().await;
//! let client = fake.client();
//! // The time is within the host's hours, so that it is booked. The second booking is rejected.
//! assert!(book(&client, "2026-11-23T10:00:00Z").await.starts_with("booked "));
//! assert_eq!(book(&client, "2026-11-23T10:00:00Z").await, "not booked");
//! fake.expect_booked(1);
//! // The response is lost: the function must not return "not booked".
//! fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
//! assert_eq!(book(&client, "2026-11-23T11:00:00Z").await, "perhaps");
//! assert_eq!(fake.ledger().unconfirmed().count(), 1);
//! fake.expect_booked(2);
//! # }
//! ```
//!
//! # Overview
//!
//! - **Fixtures**: [`FakeCalcom::builder`] with [`FakeUser`], [`FakeSchedule`], [`FakeEventType`], [`FakeBooking`] and
//!   [`FakeWebhook`], or [`FakeCalcom::recorded_seed`].
//! - **Clients**: [`FakeCalcom::client`], [`FakeCalcom::client_of`] another user, and [`FakeCalcom::service`], the booking
//!   service on the fake's clock.
//! - **Mocks**: [`MockError`] makes the errors of a client, for tests without any service.
//! - **Services**: a self-hosted server or the hosted service ([`FakeBuilder::contract`]), in development or in production
//!   ([`FakeBuilder::production`]).
//! - **Teams**: [`FakeTeam`] with [`FakeEventType::of_team`]: collective, round robin and managed event types, members and their
//!   roles, absences ([`FakeUser::out_of_office`]), reassignment.
//! - **OAuth**: [`FakeOAuthApp`] is an OAuth client; [`FakeCalcom::give_consent`] says who consents on the page that a browser is
//!   sent to. Codes, verifiers, rotation, expiry by the clock and scopes are checked.
//! - **Organizations**: users, memberships, attributes with options and assignments, absences.
//! - **Calendars and codes**: [`FakeUser::calendar`] with [`FakeUser::busy`]; [`FakeCalcom::verification_code`].
//! - **Other operations**: [`FakeCalcom::on`] answers any operation. Without an answer it has an example, recorded or made of the
//!   document. The request is checked against the document in either case. [`played_operations`] lists what is played, and
//!   [`LoggedRequest::is_played`] says it of a request.
//! - **Time**: the test sets and advances the fake's [`Clock`]. With tokio's time paused, or with [`Clock::advance`], a
//!   test does not wait. [`Latency`] makes writes take the measured times, so that overlapping requests create duplicates
//!   as the service does.
//! - **Faults**: [`Fault`], in the fake ([`FakeCalcom::fault`]) or on the connection ([`FaultProxy`]).
//! - **Ledger**: [`FakeCalcom::ledger`] has the changes of each request and the response that its client received;
//!   [`FakeCalcom::requests`] has all requests.
//! - **Assertions**: `expect_...`; a failure contains the requests that came. A request without a route is answered with
//!   404, as the service does. The nearest routes are in the header `x-fake-hint`, in the log, and in the failure of
//!   [`FakeCalcom::expect_all_routed`].
//! - **As a program**: [`ControlServer`] serves a fake on a fixed port, with routes that control it, for tests in any language:
//!   the program `calcom-fake`, which the README of the package describes.
//! - **Recordings**: [`Recorder`] records the exchanges of a program with a real service;
//!   [`FakeCalcom::from_recordings`] replays them.

#![recursion_limit = "256"]
#![cfg_attr(
    not(feature = "__conformance"),
    allow(dead_code, unreachable_pub, reason = "what only the conformance tests reach is public behind that feature")
)]
#![allow(clippy::result_large_err, reason = "a refusal is a whole reply; speed is not what a fake is for")]

#[cfg(feature = "__conformance")]
#[doc(hidden)]
#[path = "conformance.rs"]
pub mod __conformance;
mod answer;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod api;
mod assertions;
mod auth;
mod builder;
mod change;
mod check;
mod client;
mod clock;
mod control;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod deliveries;
mod delivery_sender;
mod dispatch;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod documented;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod exchange;
mod fake;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod fault;
mod fixtures;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod instant;
mod latency;
mod ledger;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod limit;
mod log;
mod mock_error;
mod oauth;
mod outcome;
mod playback;
mod played;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod proxy;
mod pseudonyms;
mod recorder;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod recording;
mod reply;
mod respond;
mod response_body;
mod route;
mod router;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod seed;
mod seed_file;
mod server;
mod service;
mod shared;
mod signed_webhook;
mod start;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod state;
mod suggestions;
mod version;

pub use answer::ResponseOverride;
pub use builder::{FakeBuilder, FakeEventType, FakeOAuthApp, FakeSchedule, FakeTeam, FakeUser};
pub use change::{Change, ChangeRecord, ResourceKind};
pub use clock::Clock;
pub use control::ControlServer;
pub use fake::FakeCalcom;
pub use fault::{Fault, ResetPoint};
pub use fixtures::{FakeBooking, FakeWebhook};
pub use latency::Latency;
pub use ledger::{Ledger, LedgerEntry};
pub use limit::FakeRateLimit;
pub use log::{LoggedRequest, ResponseOutcome};
pub use mock_error::MockError;
pub use played::played_operations;
pub use proxy::FaultProxy;
pub use recorder::Recorder;
pub use seed::booking_data;
pub use seed_file::{Seed, SeedError};
pub use signed_webhook::signed_webhook;
pub use state::{ListLag, OAuthAppState, WebhookDelivery};

/// The README's program compiles and passes.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
