//! Webhooks: subscriptions to events. Verification and reading of deliveries are in `calcom::webhook`.

#[cfg(feature = "webhook-subscriptions")]
mod input;
mod secret;
mod time_unit;

use jiff::Timestamp;

use super::{
    EventTypeId, Trigger, UserId, WebhookId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

#[cfg(feature = "webhook-subscriptions")]
pub use self::input::{CreateWebhook, UpdateWebhook};
pub use self::secret::WebhookSecret;
pub use self::time_unit::WebhookTimeUnit;

documented! {
    /// A webhook: the subscription of a URL to events.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for webhook in &client.webhooks().list().await? {
    ///     println!("{}: {:?}, active: {}", webhook.subscriber_url, webhook.triggers, webhook.active);
    /// }
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Webhook {
        /// The id of the webhook.
        pub id: WebhookId,
        /// The URL that deliveries are sent to.
        pub subscriber_url: String,
        /// Whether deliveries are sent. An inactive webhook stays subscribed, and sends none.
        pub active: bool,
        /// The events that it subscribes to.
        #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
        pub triggers: Vec<Trigger>,
        /// The template of deliveries; without it they have the service's own form.
        pub payload_template: Option<String>,
        /// The key of the signatures of deliveries. Without it they are not signed.
        pub secret: Option<WebhookSecret>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("webhook-subscriptions", crate::model::wire::read_wire::<Self>),
}

reads_wire!("webhook-subscriptions", Webhook => crate::generated::types::Webhook);
debug_shows!(Webhook { id, active, triggers });

impl Webhook {
    /// The event type that it is limited to.
    #[must_use]
    pub fn event_type_id(&self) -> Option<EventTypeId> {
        self.extra("eventTypeId")?.as_i64().map(EventTypeId)
    }

    /// The user whose events it subscribes to.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.extra("userId")?.as_i64().map(UserId)
    }

    /// The version of the form of deliveries: `2021-10-20` or `2026-07-27`. The self-hosted service sends it only if one
    /// webhook of the caller is read.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.extra("version")?.as_str()
    }

    /// How long after the start of a booking the service looks whether hosts and guests are in the video call, in
    /// [`time_unit`](Self::time_unit). The self-hosted service sends both only if one webhook of the caller is read.
    #[must_use]
    pub fn time(&self) -> Option<u32> {
        self.extra("time")?.as_u64()?.try_into().ok()
    }

    /// The unit of [`time`](Self::time).
    #[must_use]
    pub fn time_unit(&self) -> Option<WebhookTimeUnit> {
        self.extra("timeUnit")?.as_str().map(WebhookTimeUnit::from)
    }

    /// The time at which it was created. The service sends it only if one webhook of the caller is read.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.extra("createdAt")?.as_str()?.parse().ok()
    }
}

#[cfg(feature = "webhook-subscriptions")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, PathKey, RawValueRef},
    };

    impl Webhook {
        /// Converts a deleted webhook. If the response to the deletion was lost, only its id is known.
        pub(crate) fn from_deleted(deleted: types::DeletedWebhook, extra: &RawValueRef) -> Self {
            Self {
                id: deleted.id.into(),
                subscriber_url: deleted.subscriber_url.unwrap_or_default(),
                active: deleted.active.unwrap_or_default(),
                triggers: deleted.triggers.iter().map(|trigger| Trigger::from(trigger.as_str())).collect(),
                payload_template: deleted.payload_template,
                secret: deleted.secret.map(WebhookSecret::from),
                extra: extra.key(PathKey::Data),
            }
        }
    }

    impl FromWire for Webhook {
        type Wire = types::Webhook;

        fn from_wire(wire: types::Webhook, extra: RawValueRef) -> Self {
            Self {
                id: wire.id.into(),
                subscriber_url: wire.subscriber_url,
                active: wire.active,
                triggers: wire.triggers.iter().map(|trigger| Trigger::from(trigger.as_str())).collect(),
                payload_template: wire.payload_template,
                secret: wire.secret.map(WebhookSecret::from),
                extra,
            }
        }
    }
}
