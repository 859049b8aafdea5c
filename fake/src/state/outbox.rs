//! The outbox of webhook deliveries.

use jiff::Timestamp;

use super::WebhookDelivery;

/// The deliveries that are ready, and the meetings that are to be announced.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub(crate) ready: Vec<WebhookDelivery>,
    pub(crate) meetings: Vec<Meeting>,
}

/// The start or the end of a booking, which is delivered to webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    pub(crate) uid: String,
    pub(crate) trigger: &'static str,
    pub(crate) at: Timestamp,
}
