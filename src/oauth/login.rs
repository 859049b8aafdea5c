//! A login: the address that the browser is sent to, and what the program keeps until the browser returns.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    OAuthError,
    pkce::{challenge, random_secret},
};
use crate::operation::Scopes;

/// Login that has begun: where to send the browser, and what to keep until it returns.
///
/// ```
/// use calcom::{oauth::OAuthApp, operation::{Scope, Scopes}};
///
/// # fn main() -> Result<(), calcom::oauth::OAuthError> {
/// let app = OAuthApp::public("client-id", "https://example.org/back").build()?;
/// let login = app.begin(&Scopes::from([Scope::BOOKING_READ]))?;
/// assert!(login.url.starts_with("https://app.cal.com/auth/oauth2/authorize?client_id=client-id&"));
/// // Keep `login.pending` with the session of this browser, and redirect it to `login.url`.
/// # Ok(()) }
/// ```
#[non_exhaustive]
pub struct Login {
    /// The address of the page where the user consents. It contains the state and the challenge, and no secret of the client.
    pub url: String,
    /// What proves that the redirect belongs to this login.
    pub pending: PendingLogin,
}

/// Shows the page without its query, which has the state.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Login").field("page", &page).finish_non_exhaustive()
    }
}

/// The data that a program keeps of a login, for this browser alone, until the browser returns: the state, and the verifier of
/// PKCE.
///
/// It is used once. `Debug` shows neither. A program with several processes keeps both texts in the session of the browser,
/// encrypted or on its own side:
///
/// ```
/// use calcom::{
///     oauth::{OAuthApp, PendingLogin},
///     operation::Scopes,
///     secrecy::ExposeSecret,
/// };
///
/// # fn main() -> Result<(), calcom::oauth::OAuthError> {
/// let app = OAuthApp::public("client-id", "https://example.org/back").build()?;
/// let pending = app.begin(&Scopes::default())?.pending;
/// let state = pending.state().expose_secret().to_owned();
/// let verifier = pending.verifier().map(|verifier| verifier.expose_secret().to_owned());
/// let again = PendingLogin::restore(&state, verifier.as_deref());
/// # let _ = again;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PendingLogin {
    state: SecretString,
    verifier: Option<SecretString>,
}

impl PendingLogin {
    /// A login with new random secrets. Only a public client has a verifier.
    pub(super) fn begin(is_public: bool) -> Result<Self, OAuthError> {
        let verifier = if is_public { Some(random_secret()?) } else { None };
        Ok(Self { state: random_secret()?, verifier })
    }

    /// Restores a login from the texts that were kept.
    #[must_use]
    pub fn restore(state: &str, verifier: Option<&str>) -> Self {
        Self { state: SecretString::from(state), verifier: verifier.map(SecretString::from) }
    }

    /// Returns the state, by which the redirect is recognized.
    #[must_use]
    pub fn state(&self) -> &SecretString {
        &self.state
    }

    /// Returns the verifier of PKCE; `None` for a confidential client.
    #[must_use]
    pub fn verifier(&self) -> Option<&SecretString> {
        self.verifier.as_ref()
    }

    /// The address that the browser is sent to.
    pub(super) fn authorize_url(&self, page: &Url, client_id: &str, redirect_uri: &str, scopes: &Scopes) -> String {
        let mut url = page.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", client_id);
            query.append_pair("redirect_uri", redirect_uri);
            query.append_pair("response_type", "code");
            if !scopes.is_empty() {
                query.append_pair("scope", &scopes.to_string());
            }
            query.append_pair("state", self.state.expose_secret());
            if let Some(verifier) = &self.verifier {
                query.append_pair("code_challenge", &challenge(verifier));
                query.append_pair("code_challenge_method", "S256");
            }
        }
        url.into()
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin").finish_non_exhaustive()
    }
}
