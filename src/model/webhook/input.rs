//! Making and changing a webhook.

use serde::{Deserialize, Serialize};

use super::WebhookSecret;
use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::Trigger,
    patch::Patch,
    redact::debug_shows,
};

/// A webhook to make.
///
/// ```
/// use calcom::model::{CreateWebhook, Trigger};
///
/// let webhook = CreateWebhook::new("https://example.com/hook", [Trigger::BookingCreated, Trigger::BookingCancelled])
///     .secret("whsec_xxxxxxxxxxxx");
/// # let _ = webhook;
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateWebhook {
    /// Where deliveries go: a URL that the service can reach. It refuses the addresses of its own network.
    pub subscriber_url: String,
    /// What it is told of.
    #[cfg_attr(feature = "schemars", schemars(with = "Vec<String>"))]
    pub triggers: Vec<Trigger>,
    /// Whether there are deliveries; default `true`.
    #[serde(default = "yes")]
    pub active: bool,
    /// The key of the deliveries' signatures. Without it they are not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<WebhookSecret>,
    /// A template for deliveries, in the place of their own form. What it gives is sent as a form where it is not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_template: Option<String>,
    /// The version of the deliveries' form; default `2021-10-20`, the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What to change in a webhook; what is left out stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateWebhook {
    /// Where deliveries go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber_url: Option<String>,
    /// What it is told of: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Vec<String>>"))]
    pub triggers: Option<Vec<Trigger>>,
    /// Whether there are deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The key of the deliveries' signatures; `null` leaves them unsigned.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<WebhookSecret>"))]
    pub secret: Patch<WebhookSecret>,
    /// A template for deliveries; `null` takes it away.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub payload_template: Patch<String>,
    /// The version of the deliveries' form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

debug_shows!(CreateWebhook { triggers, active, version });
debug_shows!(UpdateWebhook { triggers, active, version });

fn yes() -> bool {
    true
}

impl CreateWebhook {
    /// Tells this URL of these events, unsigned.
    pub fn new(url: impl Into<String>, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        Self {
            subscriber_url: url.into(),
            triggers: triggers.into_iter().collect(),
            active: true,
            secret: None,
            payload_template: None,
            version: None,
        }
    }

    /// The key of the deliveries' signatures.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<WebhookSecret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// A template for deliveries.
    #[must_use]
    pub fn payload_template(mut self, template: impl Into<String>) -> Self {
        self.payload_template = Some(template.into());
        self
    }

    /// Without deliveries for now.
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
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

impl UpdateWebhook {
    /// Another URL.
    #[must_use]
    pub fn subscriber_url(mut self, url: impl Into<String>) -> Self {
        self.subscriber_url = Some(url.into());
        self
    }

    /// All that it is told of.
    #[must_use]
    pub fn triggers(mut self, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        self.triggers = Some(triggers.into_iter().collect());
        self
    }

    /// Whether there are deliveries.
    #[must_use]
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Another key of the deliveries' signatures; [`Patch::Clear`] leaves them unsigned from now on.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Patch<WebhookSecret>>) -> Self {
        self.secret = secret.into();
        self
    }

    /// Another template for deliveries; [`Patch::Clear`] takes it away, and deliveries have the service's own form.
    #[must_use]
    pub fn payload_template(mut self, template: impl Into<Patch<String>>) -> Self {
        self.payload_template = template.into();
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

/// A blank key is as good as none, and an empty one leaves the deliveries unsigned.
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
