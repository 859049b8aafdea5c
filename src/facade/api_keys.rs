//! API keys: replacement of the key of the client.

use std::num::NonZeroU64;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Client, Error, Result, facade::CheckBefore, raw::types};

/// The API key of the client; from [`Client::api_keys`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{ApiKey, facade::RefreshApiKey};
///
/// let key = client.api_keys().refresh(&RefreshApiKey::days(90)).await?;
/// // The old key does not work any more: store the new one.
/// let client = client.with_credentials(ApiKey::from(key))?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct ApiKeys {
    client: Client,
}

/// The request to replace the API key: how long the new one is valid; default 30 days.
///
/// ```
/// use calcom::facade::RefreshApiKey;
///
/// assert_eq!(RefreshApiKey::days(90).api_key_days_valid, Some(90));
/// assert_eq!(RefreshApiKey::never_expires().api_key_never_expires, Some(true));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RefreshApiKey {
    /// The number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_days_valid: Option<u32>,
    /// Whether the key never expires; `true` overrides the days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_never_expires: Option<bool>,
}

impl RefreshApiKey {
    /// A key that expires after this number of days.
    #[must_use]
    pub fn days(days: u32) -> Self {
        Self { api_key_days_valid: Some(days), api_key_never_expires: None }
    }

    /// A key that never expires.
    #[must_use]
    pub fn never_expires() -> Self {
        Self { api_key_days_valid: None, api_key_never_expires: Some(true) }
    }
}

impl Client {
    /// The API key of the client.
    ///
    /// Cargo feature: `api-keys`.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys { client: self.clone() }
    }
}

impl ApiKeys {
    /// Replaces the API key that this client was made with (`POST /v2/api-keys/refresh`), and returns the new one.
    ///
    /// The old key stops working at once, in this client too: store the new one, and use the client of
    /// [`with_credentials`](Client::with_credentials).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without a valid API key. If the call fails with
    /// [`may_have_been_applied`](Error::may_have_been_applied), the old key may be invalid, and the new one is lost.
    pub async fn refresh(&self, life: &RefreshApiKey) -> Result<SecretString> {
        let mut body = types::RefreshApiKey::new();
        if let Some(days) = life.api_key_days_valid {
            let days = NonZeroU64::new(days.into());
            body.api_key_days_valid = Some(
                days.ok_or_else(|| Error::invalid("apiKeyDaysValid", "must be at least 1"))
                    .before("refresh_api_key")?,
            );
        }
        body.api_key_never_expires = life.api_key_never_expires;
        let answer = self.client.raw().refresh_api_key(&body).await?;
        Ok(SecretString::from(answer.into_inner().data.api_key))
    }
}
