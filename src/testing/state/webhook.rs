//! A subscription to events, of a user or of one event type.

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WebhookOwner {
    User(i64),
    EventType(i64),
}

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) owner: WebhookOwner,
    pub(crate) url: String,
    pub(crate) triggers: Vec<String>,
    pub(crate) active: bool,
    pub(crate) template: Option<String>,
    pub(crate) secret: Option<String>,
    pub(crate) version: String,
    pub(crate) created: Timestamp,
    pub(crate) time: Option<i64>,
    pub(crate) time_unit: Option<String>,
}
