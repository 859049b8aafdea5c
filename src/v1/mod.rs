//! Types and calls in the form of V1 of the API, executed by V2, with a report of what is lost.
//!
//! V1 answers HTTP 410 since 2026-04-08. This module keeps programs for V1 working: it takes and returns V1's names and
//! forms, and sends V2's requests. Every call goes through [`Client::raw`](crate::Client::raw), and so through the same
//! pipeline as all other requests.
//!
//! - [`types`]: the requests and responses of V1, with serde in both directions.
//! - [`convert`]: pure functions between the two versions. Each returns a [`Converted`] value with its [`Loss`]es: fields
//!   that were dropped, made up, or cannot be expressed in the other version.
//! - [`V1Client`]: the calls. With [`V1Client::strict`] it rejects a request that would lose anything before it sends it.
//! - [`serve`]: handles whole V1 requests, for a gateway in front of old programs.
//! - [`ids`]: finds the uid of a booking by its number. V1 names bookings by number, V2 by uid.
//! - [`V1Error`]: failures with V1's status, message and body.
//!
//! ```no_run
//! # async fn example() -> Result<(), calcom::v1::V1Error> {
//! let v1 = calcom::v1::V1Client::from_url("https://api.cal.com/v1?apiKey=cal_live_xxxxxxxxxxxxxx")?;
//! let bookings = v1.bookings(&Default::default()).await?;
//! for booking in &bookings.value {
//!     println!("{} {}", booking.id, booking.start_time);
//! }
//! for loss in &bookings.losses {
//!     eprintln!("{loss}");
//! }
//! # Ok(()) }
//! ```
//!
//! [`guide`] leads from V1 to V2, endpoint by endpoint.

mod client;
pub mod convert;
mod error;
pub mod ids;
mod key;
mod loss;
mod schema;
pub mod serve;
pub mod types;

pub use client::{BookingIdOrUid, V1Client};
pub use error::{V1Error, V1Result};
pub use loss::{Converted, Loss, LossReason};

#[doc = include_str!("../../MIGRATION.md")]
pub mod guide {}
