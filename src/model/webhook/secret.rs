//! The key of the signatures of webhook deliveries.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{patch::Patch, redact::Redacted};

/// The key of the signatures of webhook deliveries. `Debug` does not show it; in JSON it is the text itself.
///
/// ```
/// use calcom::model::WebhookSecret;
///
/// let secret = WebhookSecret::from("whsec_xxxxxxxxxxxx");
/// assert!(!format!("{secret:?}").contains("xxxx"));
/// assert_eq!(secret.expose(), "whsec_xxxxxxxxxxxx");
/// ```
#[derive(Clone)]
pub struct WebhookSecret(SecretString);

impl WebhookSecret {
    /// The text of the key.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for WebhookSecret {
    fn from(secret: &str) -> Self {
        Self(SecretString::from(secret))
    }
}

impl From<String> for WebhookSecret {
    fn from(secret: String) -> Self {
        Self(SecretString::from(secret))
    }
}

impl From<SecretString> for WebhookSecret {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl From<&SecretString> for WebhookSecret {
    fn from(secret: &SecretString) -> Self {
        Self(secret.clone())
    }
}

impl From<&str> for Patch<WebhookSecret> {
    fn from(secret: &str) -> Self {
        Self::Set(secret.into())
    }
}

impl From<String> for Patch<WebhookSecret> {
    fn from(secret: String) -> Self {
        Self::Set(secret.into())
    }
}

impl From<SecretString> for Patch<WebhookSecret> {
    fn from(secret: SecretString) -> Self {
        Self::Set(secret.into())
    }
}

impl From<&SecretString> for Patch<WebhookSecret> {
    fn from(secret: &SecretString) -> Self {
        Self::Set(secret.into())
    }
}

impl From<WebhookSecret> for SecretString {
    fn from(secret: WebhookSecret) -> Self {
        secret.0
    }
}

impl PartialEq for WebhookSecret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for WebhookSecret {}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted.fmt(f)
    }
}

impl Serialize for WebhookSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for WebhookSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for WebhookSecret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WebhookSecret".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}
