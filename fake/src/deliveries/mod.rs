//! The fake's webhook deliveries.
//!
//! As on the service, each delivery is sent once, over a connection of its own, without following redirects, in no fixed
//! order. Each occurrence of a series has a `BOOKING_CREATED`; several occurrences that are cancelled together have one
//! `BOOKING_CANCELLED`. `State::record_change` enqueues the deliveries.

mod compose;
mod log;
mod meeting_row;
mod outbox;
mod template;

pub(crate) use log::DeliveryLog;
pub(crate) use outbox::{enqueue_meeting, enqueue_no_show};
