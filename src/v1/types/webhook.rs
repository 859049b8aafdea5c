//! `/webhooks`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    redact::debug_shows,
    v1::shape::{Issues, Object, Path, request},
};

/// A subscription, in V1's form. V1 told neither whether it is active nor its secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// A UUID.
    pub id: String,
    /// Whose it is.
    pub user_id: Option<i64>,
    /// Of which event type alone.
    pub event_type_id: Option<i64>,
    /// The template of the body.
    pub payload_template: Option<String>,
    /// What it is told of.
    #[serde(default)]
    pub event_triggers: Vec<String>,
    /// The app that made it.
    pub app_id: Option<String>,
    /// Where it is told.
    pub subscriber_url: String,
}

debug_shows!(Webhook { id, user_id, event_type_id, event_triggers });

request! {
    /// The body of `POST /webhooks`.
    #[derive(Default)]
    CreateWebhook, unknown fields are Refused;
    required {
        /// Where to tell.
        subscriber_url "subscriberUrl": String,
        /// What to tell of.
        event_triggers "eventTriggers": Vec<String>,
        /// Whether it is told at all.
        active "active": bool,
    }
    optional {
        /// Only of this event type.
        event_type_id "eventTypeId": i64,
        /// Whose it is; V2 makes it the caller's.
        user_id "userId": i64,
    }
    nullable {
        /// The template of the body.
        payload_template "payloadTemplate": String,
        /// The key of the signatures.
        secret "secret": String,
    }
    check triggers;
}

request! {
    /// The body of `PATCH /webhooks/{id}`. What is left out stays.
    #[derive(Default)]
    PatchWebhook, unknown fields are Refused;
    required {}
    optional {
        /// Where to tell.
        subscriber_url "subscriberUrl": String,
        /// What to tell of.
        event_triggers "eventTriggers": Vec<String>,
        /// Whether it is told at all.
        active "active": bool,
        /// The event type whose webhook it is.
        event_type_id "eventTypeId": i64,
        /// Whose it is; V2 cannot give it away.
        user_id "userId": i64,
    }
    nullable {
        /// The template of the body.
        payload_template "payloadTemplate": String,
        /// The key of the signatures.
        secret "secret": String,
    }
    check triggers;
}

/// V1 refused what it did not know.
fn triggers(object: &Object, issues: &mut Issues) {
    let triggers = object.get("eventTriggers").and_then(Value::as_array);
    for (at, trigger) in triggers.into_iter().flatten().enumerate() {
        let Some(text) = trigger.as_str() else { continue };
        if !crate::raw::types::WebhookTrigger::from(text).is_known() {
            let path = Path::default().key("eventTriggers").key(at.to_string());
            issues.add("invalid_enum_value", &path, format!("Invalid enum value, received '{text}'"));
        }
    }
}

impl CreateWebhook {
    /// A webhook that tells this URL of these events.
    pub fn new<T: Into<String>>(subscriber_url: impl Into<String>, triggers: impl IntoIterator<Item = T>) -> Self {
        Self {
            subscriber_url: subscriber_url.into(),
            event_triggers: triggers.into_iter().map(Into::into).collect(),
            active: true,
            ..Self::default()
        }
    }
}

request! {
    /// The query of `GET /webhooks`; a page where both are given, everything otherwise.
    #[derive(Default)]
    WebhooksQuery, unknown fields are Ignored;
    required {}
    optional {
        /// Which page, from 1.
        page "page": i64,
        /// How many on a page.
        take "take": i64,
    }
    nullable {}
    check pages;
}

/// Pages and their sizes count from 1.
pub(super) fn pages(object: &Object, issues: &mut Issues) {
    for name in ["page", "take"] {
        if object.get(name).and_then(Value::as_i64).is_some_and(|number| number < 1) {
            issues.add("too_small", &Path::default().key(name), "Number must be greater than or equal to 1");
        }
    }
}
