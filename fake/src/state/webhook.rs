//! Webhook subscriptions of a platform client, a user or an event type.

use jiff::Timestamp;

/// The owner of a webhook subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookOwner {
    /// The id of a platform client.
    Client(i64),
    User(i64),
    EventType(i64),
}

#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: String,
    pub owner: WebhookOwner,
    pub url: String,
    pub triggers: Vec<String>,
    pub active: bool,
    pub template: Option<String>,
    pub secret: Option<String>,
    pub version: String,
    pub created: Timestamp,
    pub time: Option<i64>,
    pub time_unit: Option<String>,
}
