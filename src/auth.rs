//! Credentials: an API key, an access token, a platform's OAuth client, or a provider of tokens, each a type of its own.
//!
//! A client has exactly one of them: if a request carries an OAuth client and another credential, the service uses the OAuth
//! client. The headers are built once, when a client is built. No `Debug` shows a credential.
//!
//! # Providers
//!
//! Access tokens expire. A [`TokenProvider`] gives the current one before each attempt ([`Credentials::provider`]). If the
//! service rejects it, the provider is asked for another, and the request is sent once more. With the feature `oauth` the
//! module `calcom::oauth` has providers that refresh the tokens of users and of managed users.

mod fixed;
mod provider;
mod secrets;

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderName};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result, env::environment, redact::Redacted};
pub use fixed::{FixedToken, TokenFn};
pub use provider::{ProvidedToken, TokenError, TokenFuture, TokenProvider, TokenSubject};
pub use secrets::{AccessToken, ApiKey};
use secrets::{bearer, value};

const CLIENT_ID: HeaderName = HeaderName::from_static("x-cal-client-id");
const SECRET_KEY: HeaderName = HeaderName::from_static("x-cal-secret-key");

/// The credentials of a platform: id and secret of its OAuth client. Requests act as the owner of the platform's organization.
///
/// ```
/// use calcom::{Client, PlatformCredentials};
///
/// # fn main() -> calcom::Result<()> {
/// let client = Client::builder().credentials(PlatformCredentials::new("client id", "client secret")).build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PlatformCredentials {
    id: String,
    secret: SecretString,
}

impl PlatformCredentials {
    /// Takes the client's id and secret as they were issued. Blanks around them are removed.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into().trim().to_owned(), secret: SecretString::from(secret.into().trim()) }
    }

    /// Returns the id of the OAuth client.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the secret, to be kept.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

impl fmt::Debug for PlatformCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformCredentials").field("id", &Redacted).field("secret", &Redacted).finish()
    }
}

/// The credential of a client, or none.
///
/// ```no_run
/// use calcom::{ApiKey, Client, Credentials};
///
/// # fn main() -> calcom::Result<()> {
/// let from_key: Credentials = ApiKey::new("cal_live_...").into();
/// // A text is an API key.
/// let client = Client::new("cal_live_...")?;
/// let from_environment = Credentials::from_env()?;
/// let without = Client::builder().credentials(Credentials::Anonymous).build()?;
/// # let _ = (from_key, client, from_environment, without);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// Sends no credentials. Enough for operations that the service offers to every caller: free slots, booking, public event
    /// types.
    Anonymous,
    /// A user's API key.
    ApiKey(ApiKey),
    /// An access token.
    AccessToken(AccessToken),
    /// Id and secret of a platform's OAuth client.
    Platform(PlatformCredentials),
    /// A provider that gives the current token; see [`Credentials::provider`].
    Provider(SharedProvider),
}

/// A provider of tokens that clients share; from [`Credentials::provider`]. `Debug` shows no part of it.
#[derive(Clone)]
pub struct SharedProvider {
    provider: Arc<dyn TokenProvider>,
    subject: TokenSubject,
}

impl SharedProvider {
    pub(crate) fn get(&self) -> &dyn TokenProvider {
        &*self.provider
    }
}

impl fmt::Debug for SharedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedProvider").finish_non_exhaustive()
    }
}

/// An API key, as text.
impl From<&str> for Credentials {
    fn from(key: &str) -> Self {
        Self::ApiKey(key.into())
    }
}

/// An API key, as text.
impl From<String> for Credentials {
    fn from(key: String) -> Self {
        Self::ApiKey(key.into())
    }
}

impl From<ApiKey> for Credentials {
    fn from(key: ApiKey) -> Self {
        Self::ApiKey(key)
    }
}

impl From<AccessToken> for Credentials {
    fn from(token: AccessToken) -> Self {
        Self::AccessToken(token)
    }
}

impl From<PlatformCredentials> for Credentials {
    fn from(client: PlatformCredentials) -> Self {
        Self::Platform(client)
    }
}

impl<P: TokenProvider> From<Arc<P>> for Credentials {
    fn from(provider: Arc<P>) -> Self {
        Self::of_shared(provider)
    }
}

impl Credentials {
    /// Credentials that ask `provider` for the token of each attempt.
    ///
    /// ```
    /// use calcom::{
    ///     AccessToken, Client, Credentials,
    ///     auth::{FixedToken, TokenSubject},
    /// };
    ///
    /// # fn main() -> calcom::Result<()> {
    /// let provider = FixedToken::new(TokenSubject::new("client-id", "user 17"), &AccessToken::new("token"))?;
    /// let client = Client::new(Credentials::provider(provider))?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn provider(provider: impl TokenProvider) -> Self {
        Self::of_shared(Arc::new(provider))
    }

    fn of_shared(provider: Arc<dyn TokenProvider>) -> Self {
        let subject = provider.subject();
        Self::Provider(SharedProvider { provider, subject })
    }

    /// The provider that is asked for tokens, if there is one.
    pub(crate) fn token_provider(&self) -> Option<&dyn TokenProvider> {
        match self {
            Self::Provider(shared) => Some(shared.get()),
            _ => None,
        }
    }

    /// Builds the headers, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for an empty secret, or one with characters that a header cannot hold.
    pub(crate) fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        match self {
            // The header of a provider's token is that of each attempt.
            Self::Anonymous | Self::Provider(_) => {}
            Self::ApiKey(ApiKey(secret)) => bearer("the API key", secret, &mut headers)?,
            Self::AccessToken(AccessToken(secret)) => bearer("the access token", secret, &mut headers)?,
            Self::Platform(client) => {
                headers.insert(CLIENT_ID, value("the OAuth client id", &client.id)?);
                headers.insert(SECRET_KEY, value("the OAuth client secret", client.secret.expose_secret())?);
            }
        }
        Ok(headers)
    }

    /// Returns kind and secrets, to be hashed. No two credentials have the same parts.
    pub(crate) fn parts(&self) -> Vec<&str> {
        let kind = match self {
            Self::Anonymous => "anonymous",
            Self::ApiKey(_) => "api key",
            Self::AccessToken(_) => "access token",
            Self::Platform(_) => "oauth client",
            Self::Provider(shared) => return vec!["subject", shared.subject.client(), shared.subject.name()],
        };
        [vec![kind], self.secrets()].concat()
    }

    /// Returns every secret, so that texts can be scrubbed of them. That of a provider is the one of the attempt.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Anonymous | Self::Provider(_) => Vec::new(),
            Self::ApiKey(ApiKey(secret)) | Self::AccessToken(AccessToken(secret)) => vec![secret.expose_secret()],
            Self::Platform(client) => vec![&client.id, client.secret.expose_secret()],
        }
    }
}

impl Credentials {
    /// Reads the credentials from the environment: `CALCOM_API_KEY`, or `CALCOM_ACCESS_TOKEN`, or `CALCOM_CLIENT_ID`
    /// with `CALCOM_CLIENT_SECRET`.
    ///
    /// Variables that are not set do not make a client without credentials: use [`Credentials::Anonymous`] for one.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] if the environment names none (a blank variable counts as not set), several, or half an
    /// OAuth client.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(environment)
    }

    /// As [`from_env`](Self::from_env), but looks variables up with `var`.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let get = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let client = match (get("CALCOM_CLIENT_ID"), get("CALCOM_CLIENT_SECRET")) {
            (Some(id), Some(secret)) => Some(PlatformCredentials::new(id, secret).into()),
            (None, None) => None,
            (Some(_), None) => {
                return Err(Error::configuration("CALCOM_CLIENT_ID is set, CALCOM_CLIENT_SECRET is not"));
            }
            (None, Some(_)) => {
                return Err(Error::configuration("CALCOM_CLIENT_SECRET is set, CALCOM_CLIENT_ID is not"));
            }
        };
        let key = get("CALCOM_API_KEY").map(|key| ApiKey::new(key).into());
        let token = get("CALCOM_ACCESS_TOKEN").map(|token| AccessToken::new(token).into());
        let mut found = [key, token, client].into_iter().flatten();
        match (found.next(), found.next()) {
            (None, _) => {
                let how = if var("CALCOM_API_KEY").is_some() { "is empty" } else { "is not set" };
                Err(Error::configuration(format!(
                    "CALCOM_API_KEY {how} (nor are CALCOM_ACCESS_TOKEN or CALCOM_CLIENT_ID set); \
                     for calls without credentials give the builder Credentials::Anonymous"
                )))
            }
            (Some(one), None) => Ok(one),
            _ => Err(Error::configuration(
                "more than one of CALCOM_API_KEY, CALCOM_ACCESS_TOKEN and CALCOM_CLIENT_ID is set",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn every_header_that_carries_a_secret_is_sensitive() {
        let credentials: [(Credentials, usize); 4] = [
            (ApiKey::new("planted").into(), 1),
            (AccessToken::new("planted").into(), 1),
            (PlatformCredentials::new("planted", "planted").into(), 2),
            (Credentials::Anonymous, 0),
        ];
        for (credentials, expected) in credentials {
            let headers = credentials.headers().expect("they can be sent");
            assert_eq!(headers.len(), expected);
            assert!(headers.values().all(HeaderValue::is_sensitive), "{headers:?}");
            assert!(!format!("{headers:?}").contains("planted"), "{headers:?}");
        }
    }
}
