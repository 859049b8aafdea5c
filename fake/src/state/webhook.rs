//! Webhook subscriptions, of a user or of one event type.

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookOwner {
    /// The number of a platform client.
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
