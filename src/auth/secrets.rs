//! The secrets that a request carries as a bearer token, and the headers that they become.

use std::fmt;

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result, redact::Redacted};

macro_rules! bearer {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(pub(super) SecretString);

        impl $name {
            /// Takes the secret as it was issued. Blanks around it are removed.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(SecretString::from(secret.into().trim()))
            }

            /// Returns the secret, for a request that this crate does not send.
            #[must_use]
            pub fn secret(&self) -> &SecretString {
                &self.0
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
    /// [`is_token_expired`](Error::is_token_expired). A [`TokenProvider`](super::TokenProvider) gives tokens that are refreshed.
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

pub(super) fn bearer(what: &str, secret: &SecretString, headers: &mut HeaderMap) -> Result<()> {
    headers.insert(AUTHORIZATION, bearer_value(what, secret)?);
    Ok(())
}

pub(super) fn bearer_value(what: &str, secret: &SecretString) -> Result<HeaderValue> {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return Err(Error::configuration(format!("{what} is empty")));
    }
    value(what, &format!("Bearer {secret}"))
}

pub(super) fn value(what: &str, text: &str) -> Result<HeaderValue> {
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
