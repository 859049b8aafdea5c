//! Requests to create and to change a webhook.

use std::num::NonZeroU64;

use serde::{Deserialize, Deserializer, Serialize};

use super::{WebhookSecret, WebhookTimeUnit};
use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::Trigger,
    patch::Patch,
    redact::debug_shows,
};

/// The request to create a webhook.
///
/// ```
/// use calcom::model::{CreateWebhook, Trigger};
///
/// let webhook = CreateWebhook::new("https://example.com/hook", [Trigger::BookingCreated, Trigger::BookingCancelled])
///     .secret("whsec_xxxxxxxxxxxx");
/// # let _ = webhook;
/// ```
///
/// Absences from a video call are looked for a time after the start of a booking, which the webhook has to name:
///
/// ```
/// use calcom::model::{CreateWebhook, Trigger, WebhookTimeUnit};
///
/// let webhook = CreateWebhook::new("https://example.com/hook", [Trigger::AfterHostsCalVideoNoShow])
///     .time(5, WebhookTimeUnit::Minute);
/// # let _ = webhook;
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateWebhook {
    /// The URL that deliveries are sent to. The service has to reach it, and refuses addresses of its own network.
    pub subscriber_url: String,
    /// The events to subscribe to.
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
    pub triggers: Vec<Trigger>,
    /// Whether deliveries are sent; default `true`.
    #[serde(default = "default_active", deserialize_with = "null_as_true")]
    pub active: bool,
    /// The key of the signatures of deliveries. Without it they are not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<WebhookSecret>,
    /// The template of deliveries, which replaces the service's own form. If its result is not JSON, it is sent as a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_template: Option<String>,
    /// The version of the form of deliveries; default `2021-10-20`. `2026-07-27` adds the calendar entries of a booking as
    /// texts, and the self-hosted service refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How long after the start of a booking the service looks whether hosts and guests are in the video call, 1 or more.
    /// Required with [`time_unit`](Self::time_unit) for `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` and `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<u32>,
    /// The unit of [`time`](Self::time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub time_unit: Option<WebhookTimeUnit>,
}

/// The request to change a webhook. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::{Patch, model::{Trigger, UpdateWebhook}};
///
/// let changes = UpdateWebhook::default().triggers([Trigger::BookingCreated]).active(true).payload_template(Patch::Clear);
/// // client.webhooks().update("2f0d6f4e-0b7c-4c86-9f2a-1a2b3c4d5e6f", &changes).await?;
/// # let _ = changes;
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateWebhook {
    /// The URL that deliveries are sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber_url: Option<String>,
    /// All events to subscribe to, which replace the old ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Vec<String>>"))]
    pub triggers: Option<Vec<Trigger>>,
    /// Whether deliveries are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The key of the signatures of deliveries; `null` leaves them unsigned.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<WebhookSecret>"))]
    pub secret: Patch<WebhookSecret>,
    /// The template of deliveries; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub payload_template: Patch<String>,
    /// The version of the form of deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How long after the start of a booking the service looks whether hosts and guests are in the video call, 1 or more.
    /// Required with [`time_unit`](Self::time_unit) if [`triggers`](Self::triggers) names `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` or
    /// `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<u32>,
    /// The unit of [`time`](Self::time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub time_unit: Option<WebhookTimeUnit>,
}

debug_shows!(CreateWebhook { triggers, active, version, time, time_unit });
debug_shows!(UpdateWebhook { triggers, active, version, time, time_unit });

/// Reads null as the default: the webhook is active.
fn null_as_true<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    Option::deserialize(deserializer).map(|active| active.unwrap_or_else(default_active))
}

fn default_active() -> bool {
    true
}

impl CreateWebhook {
    /// Creates the request for a webhook that sends these events to this URL, unsigned.
    pub fn new(url: impl Into<String>, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        Self {
            subscriber_url: url.into(),
            triggers: triggers.into_iter().collect(),
            active: true,
            secret: None,
            payload_template: None,
            version: None,
            time: None,
            time_unit: None,
        }
    }

    /// Sets the key of the signatures of deliveries.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<WebhookSecret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Sets the template of deliveries.
    #[must_use]
    pub fn payload_template(mut self, template: impl Into<String>) -> Self {
        self.payload_template = Some(template.into());
        self
    }

    /// Sets the version of the form of deliveries: `2021-10-20` or `2026-07-27`.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets how long after the start of a booking the service looks whether hosts and guests are in the video call.
    #[must_use]
    pub fn time(mut self, time: u32, unit: WebhookTimeUnit) -> Self {
        (self.time, self.time_unit) = (Some(time), Some(unit));
        self
    }

    /// Makes the webhook inactive: it sends no deliveries.
    #[must_use]
    pub fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    /// The body of `POST /v2/webhooks`, and of the same for an event type.
    pub(crate) fn to_wire(&self) -> Result<types::CreateWebhook> {
        let mut problems = Vec::new();
        check_url(&self.subscriber_url, &mut problems);
        let triggers = triggers(&self.triggers, &mut problems);
        let mut body = types::CreateWebhook::new(self.active, self.subscriber_url.clone(), triggers);
        body.secret = secret(self.secret.as_ref(), &mut problems);
        body.payload_template.clone_from(&self.payload_template);
        body.version = version(self.version.as_deref(), &mut problems);
        let needs_time = self.triggers.iter().any(Trigger::needs_time);
        (body.time, body.time_unit) = time(self.time, self.time_unit.as_ref(), needs_time, &mut problems);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

impl UpdateWebhook {
    /// Sets the URL that deliveries are sent to.
    #[must_use]
    pub fn subscriber_url(mut self, url: impl Into<String>) -> Self {
        self.subscriber_url = Some(url.into());
        self
    }

    /// Replaces all events to subscribe to.
    #[must_use]
    pub fn triggers(mut self, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        self.triggers = Some(triggers.into_iter().collect());
        self
    }

    /// Sets whether deliveries are sent.
    #[must_use]
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets the key of the signatures of deliveries; [`Patch::Clear`] leaves further deliveries unsigned.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Patch<WebhookSecret>>) -> Self {
        self.secret = secret.into();
        self
    }

    /// Sets the template of deliveries; after [`Patch::Clear`] they have the service's own form.
    #[must_use]
    pub fn payload_template(mut self, template: impl Into<Patch<String>>) -> Self {
        self.payload_template = template.into();
        self
    }

    /// Sets the version of the form of deliveries: `2021-10-20` or `2026-07-27`.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets how long after the start of a booking the service looks whether hosts and guests are in the video call.
    #[must_use]
    pub fn time(mut self, time: u32, unit: WebhookTimeUnit) -> Self {
        (self.time, self.time_unit) = (Some(time), Some(unit));
        self
    }

    /// The body of `PATCH /v2/webhooks/{webhookId}`, and of the same for an event type.
    pub(crate) fn to_wire(&self) -> Result<types::UpdateWebhook> {
        let mut problems = Vec::new();
        if let Some(url) = &self.subscriber_url {
            check_url(url, &mut problems);
        }
        let mut body = types::UpdateWebhook::new();
        body.subscriber_url.clone_from(&self.subscriber_url);
        body.active = self.active;
        body.triggers = self.triggers.as_deref().map(|all| triggers(all, &mut problems)).unwrap_or_default();
        body.secret = match &self.secret {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::set_or_keep(secret(Some(value), &mut problems)),
        };
        body.payload_template.clone_from(&self.payload_template);
        body.version = version(self.version.as_deref(), &mut problems);
        let needs_time = self.triggers.iter().flatten().any(Trigger::needs_time);
        (body.time, body.time_unit) = time(self.time, self.time_unit.as_ref(), needs_time, &mut problems);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

fn check_url(url: &str, problems: &mut Vec<FieldError>) {
    let usable = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !usable {
        problems.push(FieldError::new("subscriberUrl", "must be an http or https URL"));
    }
}

fn triggers(triggers: &[Trigger], problems: &mut Vec<FieldError>) -> Vec<types::WebhookTrigger> {
    if triggers.is_empty() {
        problems
            .push(FieldError::new("triggers", "must not be empty; a webhook that is not active gets no deliveries"));
    }
    let mut known = Vec::new();
    for (at, trigger) in triggers.iter().enumerate() {
        if trigger.as_str().trim().is_empty() {
            problems.push(FieldError::new(format!("triggers[{at}]"), "must not be empty"));
        }
        known.push(trigger.as_str().into());
    }
    known
}

/// Refuses a blank key: it protects nothing, and an empty one leaves deliveries unsigned.
fn secret(secret: Option<&WebhookSecret>, problems: &mut Vec<FieldError>) -> Option<String> {
    let secret = secret?.expose();
    if secret.trim().is_empty() {
        problems.push(FieldError::new("secret", "must not be empty"));
    }
    Some(secret.to_owned())
}

fn version(version: Option<&str>, problems: &mut Vec<FieldError>) -> Option<types::WebhookVersion> {
    let version = version?;
    if version.trim().is_empty() {
        problems.push(FieldError::new("version", "must not be empty"));
    }
    Some(version.into())
}

/// Refuses a time without its unit, and a subscription to absences from a video call without both.
fn time(
    time: Option<u32>,
    unit: Option<&WebhookTimeUnit>,
    is_needed: bool,
    problems: &mut Vec<FieldError>,
) -> (Option<NonZeroU64>, Option<types::WebhookTimeUnit>) {
    let mut missing = |field: &str, other: &str| {
        let why = if is_needed { "a trigger about absences from a video call" } else { other };
        problems.push(FieldError::new(field, format!("is required for {why}")));
    };
    if time.is_none() && (is_needed || unit.is_some()) {
        missing("time", "a timeUnit");
    }
    if unit.is_none() && (is_needed || time.is_some()) {
        missing("timeUnit", "a time");
    }
    if time == Some(0) {
        problems.push(FieldError::new("time", "must be at least 1"));
    }
    if unit.is_some_and(|unit| unit.as_str().trim().is_empty()) {
        problems.push(FieldError::new("timeUnit", "must not be empty"));
    }
    (time.and_then(|time| NonZeroU64::new(time.into())), unit.map(|unit| unit.as_str().into()))
}
