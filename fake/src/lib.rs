//! A stateful fake of the Cal.com API v2, for tests of programs that use the crate `calcom`.
//!
//! [`FakeCalcom`] listens on a port of its own on loopback and behaves as the recorded service does: users, event
//! types, schedules, slots, bookings with their whole life, versions, credentials, errors and rate limits. It has its
//! own [`Clock`], keeps a log of requests to assert on, and can be made to misbehave. It runs in the runtime that
//! started it, keeps no global state, and is gone when it is dropped. What it leaves to others: nothing here is used
//! outside tests.
//!
//! # Testing a function of your own
//!
//! ```
//! use calcom_fake::{FakeCalcom, Fault, Moment};
//! use calcom::{ApiKey, Client, model::CreateBooking};
//!
//! /// Yours: books the first free hour, and says in words what came of it.
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
//! let key = ApiKey::new(fake.api_key());
//! let client = Client::builder().api_url(fake.url()).credentials(key).build().unwrap();
//! // In the middle of the host's working day it is booked, and the second one is refused.
//! assert!(book(&client, "2026-11-23T10:00:00Z").await.starts_with("booked "));
//! assert_eq!(book(&client, "2026-11-23T10:00:00Z").await, "not booked");
//! fake.expect_booked(1);
//! // The answer is lost: the function must not say that nothing was booked.
//! fake.fault(Fault::reset(Moment::AfterEffect).on("create_booking"));
//! assert_eq!(book(&client, "2026-11-23T11:00:00Z").await, "perhaps");
//! assert_eq!(fake.ledger().unheard().count(), 1);
//! fake.expect_booked(2);
//! # }
//! ```
//!
//! # What there is
//!
//! - **Furniture**: [`FakeCalcom::builder`] with [`FakeUser`], [`FakeSchedule`], [`FakeEventType`], [`FakeBooking`] and
//!   [`FakeWebhook`], or [`FakeCalcom::recorded_seed`].
//! - **Time**: the fake's [`Clock`] is set and advanced by the test. With tokio's time paused, or with
//!   [`Clock::advance`], nothing is waited for. [`Pace`] gives writing the times that were measured, and with them what
//!   overlaps is doubled where the service doubles it.
//! - **Faults**: [`Fault`], in the fake ([`FakeCalcom::fault`]) or on the wire ([`FaultProxy`]).
//! - **Truth**: [`FakeCalcom::ledger`] has what really happened, beside what the clients got to know;
//!   [`FakeCalcom::requests`] has every request.
//! - **Assertions**: `expect_...`, which say what came instead. A request that no route takes is answered as by the service,
//!   with 404; what would have been known stands in the header `x-fake-hint`, in the log, and in the failure of
//!   [`FakeCalcom::expect_all_routed`].
//! - **Recordings**: [`Recorder`] writes down what a program and a real service say to each other;
//!   [`FakeCalcom::from_recordings`] plays it.

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
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod api;
mod auth;
mod builder;
mod change;
mod check;
mod clock;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod deliveries;
mod disguise;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod exchange;
mod expect;
mod fake;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod fault;
mod furniture;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod instant;
mod intake;
mod ledger;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod limit;
mod log;
mod near;
mod outcome;
mod pace;
mod payload;
mod playback;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod proxy;
mod recorder;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod recording;
mod reply;
mod respond;
mod route;
mod router;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod seed;
mod sender;
mod server;
mod shared;
mod signed;
mod start;
#[cfg_attr(feature = "__conformance", allow(missing_docs))]
mod state;
mod version;

pub use builder::{FakeBuilder, FakeEventType, FakeSchedule, FakeUser};
pub use change::{Change, Happened, Thing};
pub use clock::Clock;
pub use fake::FakeCalcom;
pub use fault::{Fault, Moment};
pub use furniture::{FakeBooking, FakeWebhook};
pub use ledger::{Ledger, LedgerEntry};
pub use limit::RateLimit;
pub use log::{Answered, LoggedRequest};
pub use pace::Pace;
pub use proxy::FaultProxy;
pub use recorder::Recorder;
pub use seed::booking_data;
pub use signed::signed_webhook;
pub use state::{Listing, WebhookDelivery};

/// The README's program compiles and passes.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
