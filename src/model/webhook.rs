//! Who is told of what: the subscriptions behind webhook deliveries. Verifying and reading a delivery is not done here.

#[cfg(feature = "webhook-subscriptions")]
mod input;
mod secret;

use jiff::Timestamp;

use super::{
    EventTypeId, Trigger, UserId, WebhookId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

#[cfg(feature = "webhook-subscriptions")]
pub use self::input::{CreateWebhook, UpdateWebhook};
pub use self::secret::WebhookSecret;

documented! {
    /// A subscription to events, as the service describes it.
    #[serde(rename_all = "camelCase")]
    pub struct Webhook {
        /// The id of the webhook.
        pub id: WebhookId,
        /// Where deliveries go.
        pub subscriber_url: String,
        /// Whether there are any.
        pub active: bool,
        /// What it is told of.
        #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
        pub triggers: Vec<Trigger>,
        /// The template that deliveries are made from, in the place of their own form.
        pub payload_template: Option<String>,
        /// The key of the deliveries' signatures. Without it they are not signed.
        pub secret: Option<WebhookSecret>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("webhook-subscriptions", crate::model::wire::read_wire::<Self>),
}

reads_wire!("webhook-subscriptions", Webhook => crate::generated::types::Webhook);
debug_shows!(Webhook { id, active, triggers });

impl Webhook {
    /// The event type whose events alone it is told of.
    #[must_use]
    pub fn event_type_id(&self) -> Option<EventTypeId> {
        self.extra("eventTypeId")?.as_i64().map(EventTypeId)
    }

    /// The user whose events it is told of.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.extra("userId")?.as_i64().map(UserId)
    }

    /// When it was made; the service says so only where one webhook of the caller's own is read.
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
        model::{Extra, FromWire, Key},
    };

    impl Webhook {
        /// One that is gone; where the answer to its deletion was lost only its id is known.
        pub(crate) fn deleted(gone: types::DeletedWebhook, extra: &Extra) -> Self {
            Self {
                id: gone.id.into(),
                subscriber_url: gone.subscriber_url.unwrap_or_default(),
                active: gone.active.unwrap_or_default(),
                triggers: gone.triggers.iter().map(|trigger| Trigger::from(trigger.as_str())).collect(),
                payload_template: gone.payload_template,
                secret: gone.secret.map(WebhookSecret::from),
                extra: extra.key(Key::Data),
            }
        }
    }

    impl FromWire for Webhook {
        type Wire = types::Webhook;

        fn from_wire(today: types::Webhook, extra: Extra) -> Self {
            Self {
                id: today.id.into(),
                subscriber_url: today.subscriber_url,
                active: today.active,
                triggers: today.triggers.iter().map(|trigger| Trigger::from(trigger.as_str())).collect(),
                payload_template: today.payload_template,
                secret: today.secret.map(WebhookSecret::from),
                extra,
            }
        }
    }
}
