//! What webhooks are still to be told.

use jiff::Timestamp;

use super::WebhookDelivery;

/// What is to go out, and when a meeting will be told of.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    pub(crate) ready: Vec<WebhookDelivery>,
    pub(crate) meetings: Vec<Meeting>,
}

/// A start or an end that a webhook waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    pub(crate) uid: String,
    pub(crate) trigger: &'static str,
    pub(crate) at: Timestamp,
}
