//! The fake's webhooks: what it tells of which change to whom. The way there is the sender's.
//!
//! As the service does it: one try for each, over a connection of its own, redirects not followed, in no promised order;
//! one `BOOKING_CREATED` for every occurrence of a series, but one `BOOKING_CANCELLED` for several cancelled at once.
//! Which changes there are is the business of the handlers, and of `State::happened`.

mod compose;
mod made;
mod outbox;
mod row;
mod template;

pub(crate) use made::Deliveries;
pub(crate) use outbox::{on_absence, on_meeting};
