//! `/webhooks`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    redact::debug_shows,
    v1::schema::{IssuePath, Issues, JsonObject, request},
};

/// A webhook subscription, in V1's form. V1's responses have neither `active` nor the secret.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// The id, a UUID.
    pub id: String,
    /// The number of the owner.
    pub user_id: Option<i64>,
    /// The event type to which the webhook is limited.
    pub event_type_id: Option<i64>,
    /// The template of the body.
    pub payload_template: Option<String>,
    /// The events that are delivered.
    #[serde(default)]
    pub event_triggers: Vec<String>,
    /// The app that created it.
    pub app_id: Option<String>,
    /// The URL to which events are delivered.
    pub subscriber_url: String,
}

debug_shows!(Webhook { id, user_id, event_type_id, event_triggers });

request! {
    /// The body of `POST /webhooks`.
    ///
    /// ```
    /// use calcom::v1::types::CreateWebhook;
    ///
    /// let webhook = CreateWebhook::new("https://example.com/hook", ["BOOKING_CREATED", "BOOKING_CANCELLED"]);
    /// assert!(webhook.active);
    /// ```
    #[derive(Default)]
    CreateWebhook, unknown fields: Reject;
    required {
        /// The URL to which events are delivered.
        subscriber_url "subscriberUrl": String,
        /// The events to deliver.
        event_triggers "eventTriggers": Vec<String>,
        /// Whether events are delivered.
        active "active": bool,
    }
    optional {
        /// The event type to which the webhook is limited.
        event_type_id "eventTypeId": i64,
        /// The number of the owner. In V2 the caller is the owner.
        user_id "userId": i64,
    }
    nullable {
        /// The template of the body.
        payload_template "payloadTemplate": String,
        /// The key with which deliveries are signed.
        secret "secret": String,
    }
    check check_triggers;
}

request! {
    /// The body of `PATCH /webhooks/{id}`. Missing fields stay unchanged.
    ///
    /// ```
    /// use calcom::v1::types::PatchWebhook;
    ///
    /// let pause = PatchWebhook { active: Some(false), ..Default::default() };
    /// # let _ = pause;
    /// ```
    #[derive(Default)]
    PatchWebhook, unknown fields: Reject;
    required {}
    optional {
        /// The URL to which events are delivered.
        subscriber_url "subscriberUrl": String,
        /// The events to deliver.
        event_triggers "eventTriggers": Vec<String>,
        /// Whether events are delivered.
        active "active": bool,
        /// The event type that the webhook belongs to.
        event_type_id "eventTypeId": i64,
        /// The number of the owner. V2 cannot change it.
        user_id "userId": i64,
    }
    nullable {
        /// The template of the body.
        payload_template "payloadTemplate": String,
        /// The key with which deliveries are signed.
        secret "secret": String,
    }
    check check_triggers;
}

/// V1 rejected unknown triggers.
fn check_triggers(object: &JsonObject, issues: &mut Issues) {
    let triggers = object.get("eventTriggers").and_then(Value::as_array);
    for (at, trigger) in triggers.into_iter().flatten().enumerate() {
        let Some(text) = trigger.as_str() else { continue };
        if !crate::raw::types::WebhookTrigger::from(text).is_known() {
            let path = IssuePath::default().child("eventTriggers").child(at.to_string());
            issues.add("invalid_enum_value", &path, format!("Invalid enum value, received '{text}'"));
        }
    }
}

impl CreateWebhook {
    /// Creates a request for an active webhook that delivers these events to this URL.
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
    /// The query of `GET /webhooks`. The response is one page if both fields are present, else all webhooks.
    ///
    /// ```
    /// use calcom::v1::types::WebhooksQuery;
    ///
    /// let query = WebhooksQuery { page: Some(2), take: Some(20) };
    /// # let _ = query;
    /// ```
    #[derive(Default)]
    WebhooksQuery, unknown fields: Ignore;
    required {}
    optional {
        /// The page. The first page is 1.
        page "page": i64,
        /// The page size.
        take "take": i64,
    }
    nullable {}
    check check_paging;
}

/// Validates that page and page size are at least 1.
pub(super) fn check_paging(object: &JsonObject, issues: &mut Issues) {
    for name in ["page", "take"] {
        if object.get(name).and_then(Value::as_i64).is_some_and(|number| number < 1) {
            issues.add("too_small", &IssuePath::default().child(name), "Number must be greater than or equal to 1");
        }
    }
}
