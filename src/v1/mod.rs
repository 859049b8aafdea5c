//! V1-shaped types and calls over version 2 of the API, and a report of what is lost on the way.
//!
//! Version 1 answers HTTP 410 since 2026-04-08; code written for it is still there. This module speaks to such code in its
//! own names and forms and to the service in version 2. It makes no request of its own kind: every call goes through
//! [`Client::raw`](crate::Client::raw), and so through the same pipeline as everything else.
//!
//! - [`types`]: what V1 takes and answers, both ways through serde.
//! - [`convert`]: pure functions between the two versions. Each returns a [`Converted`] value with its [`Loss`]es: what was
//!   dropped, made up, or cannot be said in the other version.
//! - [`Client`]: the calls. [`Client::strict`] makes it refuse a request that would lose anything, before it is sent.
//! - [`serve`]: whole V1 requests and answers, for a gateway in front of old programs.
//! - [`ids`]: V1 names bookings by number, V2 by uid.
//! - [`Error`]: failures as V1 says them.
//!
//! ```no_run
//! # async fn example() -> Result<(), calcom::v1::Error> {
//! let v1 = calcom::v1::Client::from_url("https://api.cal.com/v1?apiKey=cal_live_xxxxxxxxxxxxxx")?;
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
//! The guide from V1 to V2, endpoint by endpoint, is [`guide`].

mod client;
pub mod convert;
mod error;
pub mod ids;
mod key;
mod loss;
pub mod serve;
mod shape;
pub mod types;

pub use client::{BookingRef, Client};
pub use error::{Error, Result};
pub use loss::{Converted, Loss, Why};

#[doc = include_str!("../../MIGRATION.md")]
pub mod guide {}
