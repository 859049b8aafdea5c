//! Credentials: an API key, an access token, or a platform's OAuth client, each a type of its own.
//!
//! A client has exactly one of them: if a request carries an OAuth client and another credential, the service uses the OAuth
//! client. The headers are built once, when a client is built. No `Debug` shows a credential.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result, env::environment, redact::Redacted};

const CLIENT_ID: HeaderName = HeaderName::from_static("x-cal-client-id");
const SECRET_KEY: HeaderName = HeaderName::from_static("x-cal-secret-key");

macro_rules! bearer {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the secret as it was issued. Blanks around it are removed.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(SecretString::from(secret.into().trim()))
            }
        }

        impl From<&str> for $name {
            fn from(secret: &str) -> Self {
                Self::new(secret)
            }
        }

        impl From<String> for $name {
            fn from(secret: String) -> Self {
                Self::new(secret)
            }
        }

        impl From<SecretString> for $name {
            fn from(secret: SecretString) -> Self {
                Self::new(secret.expose_secret())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&Redacted).finish()
            }
        }
    };
}

bearer! {
    /// API key of a user: `cal_live_...`. Requests act as the owner of the key, until the key expires.
    ///
    /// ```
    /// use calcom::{ApiKey, Client};
    ///
    /// # fn main() -> calcom::Result<()> {
    /// let client = Client::builder().credentials(ApiKey::new("cal_live_...")).build()?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    ApiKey, "api_key"
}

bearer! {
    /// Access token of a managed user (valid for one hour), or of a user who granted an app access (half an hour).
    ///
    /// An expired token fails with [`Error::Authentication`], for a managed user with
    /// [`is_token_expired`](Error::is_token_expired).
    ///
    /// ```
    /// use calcom::{AccessToken, Client};
    ///
    /// # fn main() -> calcom::Result<()> {
    /// let client = Client::builder().credentials(AccessToken::new("token of a managed user")).build()?;
    /// # let _ = client;
    /// # Ok(()) }
    /// ```
    AccessToken, "access_token"
}

/// OAuth client of a platform: its id and its secret. Requests act as the owner of the platform's organization.
///
/// ```
/// use calcom::{Client, OAuthClient};
///
/// # fn main() -> calcom::Result<()> {
/// let client = Client::builder().credentials(OAuthClient::new("client id", "client secret")).build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OAuthClient {
    id: String,
    secret: SecretString,
}

impl OAuthClient {
    /// Takes the client's id and secret as they were issued. Blanks around them are removed.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into().trim().to_owned(), secret: SecretString::from(secret.into().trim()) }
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient").field("id", &Redacted).field("secret", &Redacted).finish()
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
    /// A platform's OAuth client.
    OAuthClient(OAuthClient),
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

impl From<OAuthClient> for Credentials {
    fn from(client: OAuthClient) -> Self {
        Self::OAuthClient(client)
    }
}

impl Credentials {
    /// Builds the headers, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for an empty secret, or one with characters that a header cannot hold.
    pub(crate) fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        match self {
            Self::Anonymous => {}
            Self::ApiKey(ApiKey(secret)) => bearer("the API key", secret, &mut headers)?,
            Self::AccessToken(AccessToken(secret)) => bearer("the access token", secret, &mut headers)?,
            Self::OAuthClient(client) => {
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
            Self::OAuthClient(_) => "oauth client",
        };
        [vec![kind], self.secrets()].concat()
    }

    /// Returns every secret, so that texts can be scrubbed of them.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Anonymous => Vec::new(),
            Self::ApiKey(ApiKey(secret)) | Self::AccessToken(AccessToken(secret)) => vec![secret.expose_secret()],
            Self::OAuthClient(client) => vec![&client.id, client.secret.expose_secret()],
        }
    }
}

fn bearer(what: &str, secret: &SecretString, headers: &mut HeaderMap) -> Result<()> {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return Err(Error::configuration(format!("{what} is empty")));
    }
    headers.insert(AUTHORIZATION, value(what, &format!("Bearer {secret}"))?);
    Ok(())
}

fn value(what: &str, text: &str) -> Result<HeaderValue> {
    if text.is_empty() {
        return Err(Error::configuration(format!("{what} is empty")));
    }
    if text.bytes().any(|byte| !(0x20..0x7f).contains(&byte)) {
        return Err(Error::configuration(format!("{what} has a character that cannot stand in a header")));
    }
    let mut value =
        HeaderValue::from_str(text).map_err(|_| Error::configuration(format!("{what} cannot stand in a header")))?;
    value.set_sensitive(true);
    Ok(value)
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
            (Some(id), Some(secret)) => Some(OAuthClient::new(id, secret).into()),
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
    use super::*;

    #[test]
    fn every_header_that_carries_a_secret_is_sensitive() {
        let credentials: [(Credentials, usize); 4] = [
            (ApiKey::new("planted").into(), 1),
            (AccessToken::new("planted").into(), 1),
            (OAuthClient::new("planted", "planted").into(), 2),
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
