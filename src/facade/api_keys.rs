//! API keys: replacing the one that the client was made with.

use std::num::NonZeroU64;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Client, Error, Result, raw::types};

/// The caller's API key; from [`Client::api_keys`].
#[derive(Debug, Clone)]
pub struct ApiKeys {
    client: Client,
}

/// How long a new key is to live; default 30 days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RefreshApiKey {
    /// For so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_days_valid: Option<u32>,
    /// For ever, whatever the days say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_never_expires: Option<bool>,
}

impl RefreshApiKey {
    /// For so many days.
    #[must_use]
    pub fn days(days: u32) -> Self {
        Self { api_key_days_valid: Some(days), api_key_never_expires: None }
    }

    /// For ever.
    #[must_use]
    pub fn never_expires() -> Self {
        Self { api_key_days_valid: None, api_key_never_expires: Some(true) }
    }
}

impl Client {
    /// The caller's API key.
    ///
    /// Cargo feature: `api-keys`.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys { client: self.clone() }
    }
}

impl ApiKeys {
    /// Replaces the API key that this client was made with (`POST /v2/api-keys/refresh`), and gives the new one.
    ///
    /// The old one stops working at once, in this client too: keep the new one, and go on with
    /// [`with_credentials`](Client::with_credentials).
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::{ApiKey, facade::RefreshApiKey};
    ///
    /// let key = client.api_keys().refresh(&RefreshApiKey::days(90)).await?;
    /// let client = client.with_credentials(ApiKey::from(key))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid API key. Where it fails with
    /// [`may_have_been_applied`](Error::may_have_been_applied) the old key may be gone and the new one is lost.
    pub async fn refresh(&self, life: &RefreshApiKey) -> Result<SecretString> {
        let mut body = types::RefreshApiKey::new();
        if let Some(days) = life.api_key_days_valid {
            let days = NonZeroU64::new(days.into());
            body.api_key_days_valid =
                Some(days.ok_or_else(|| Error::invalid("apiKeyDaysValid", "must be at least 1"))?);
        }
        body.api_key_never_expires = life.api_key_never_expires;
        let answer = self.client.raw().refresh_api_key(&body).await?;
        Ok(SecretString::from(answer.into_inner().data.api_key))
    }
}
