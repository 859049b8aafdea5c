//! The fake's webhooks: what it tells of which change to whom, and the way there.
//!
//! As the service does it: one try for each, over a connection of its own, redirects not followed, in no promised order;
//! one `BOOKING_CREATED` for every occurrence of a series, but one `BOOKING_CANCELLED` for several cancelled at once.
//! Which changes there are is the business of the handlers, and of `State::happened`.

mod compose;
mod delivery;
mod outbox;
mod row;
mod send;
mod signed;
mod template;

pub use delivery::WebhookDelivery;
pub(crate) use outbox::{Meeting, Outbox, on_absence, on_change, on_meeting};
pub(crate) use send::{Deliveries, post};
pub use signed::signed_webhook;
