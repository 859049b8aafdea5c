//! Providers of tokens: what a client asks for the token of each request, in place of a credential that never changes.
//!
//! The trait is in this module, below the pipeline, which asks it. Providers that send requests themselves are in `oauth`.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::HeaderValue;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::secrets::{AccessToken, bearer_value};
use crate::Result;

/// An access token as a [`TokenProvider`] gives it: the token, when it expires, and the consent that it belongs to.
///
/// A clone is cheap. `Debug` shows no part of the token.
///
/// ```
/// use calcom::{AccessToken, auth::ProvidedToken};
///
/// let expires = "2026-11-30T12:30:00Z".parse().unwrap();
/// let token = ProvidedToken::new(&AccessToken::new("token of a user"))?.expires(expires);
/// assert!(token.has_expired("2026-11-30T12:30:00Z".parse().unwrap()));
/// # Ok::<(), calcom::Error>(())
/// ```
#[derive(Clone)]
pub struct ProvidedToken(Arc<TokenParts>);

#[derive(Clone)]
struct TokenParts {
    secret: SecretString,
    header: HeaderValue,
    expires: Option<Timestamp>,
    consent: String,
}

impl ProvidedToken {
    /// Takes a token that does not expire.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty token, or one with characters that a header cannot
    /// hold.
    pub fn new(token: &AccessToken) -> Result<Self> {
        let header = bearer_value("the access token", &token.0)?;
        Ok(Self(Arc::new(TokenParts { secret: token.0.clone(), header, expires: None, consent: String::new() })))
    }

    /// Sets when the token expires.
    #[must_use]
    pub fn expires(mut self, at: Timestamp) -> Self {
        Arc::make_mut(&mut self.0).expires = Some(at);
        self
    }

    /// Sets the consent that the token belongs to: any text that is the same for all tokens of one consent. A request that the
    /// service rejected for its token is sent again only with a token of the same consent. Default: an empty text.
    #[must_use]
    pub fn consent(mut self, consent: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).consent = consent.into();
        self
    }

    /// Returns when the token expires, if that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires
    }

    /// Whether the token has expired at `now`.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.0.expires.is_some_and(|at| at <= now)
    }

    /// Whether both are the same token.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.secret.expose_secret() == other.0.secret.expose_secret()
    }

    /// The token, for a request that this crate does not send: its [`secret`](AccessToken::secret) is the text.
    #[must_use]
    pub fn to_access_token(&self) -> AccessToken {
        AccessToken(self.0.secret.clone())
    }

    pub(crate) fn is_of_same_consent(&self, other: &Self) -> bool {
        self.0.consent == other.0.consent
    }

    /// The value of `Authorization`, marked sensitive.
    pub(crate) fn header(&self) -> &HeaderValue {
        &self.0.header
    }

    pub(crate) fn secret(&self) -> &str {
        self.0.secret.expose_secret()
    }
}

impl fmt::Debug for ProvidedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvidedToken").field("expires", &self.0.expires).finish_non_exhaustive()
    }
}

/// The owner of a provider's tokens: an OAuth client and a subject, as the program names them.
///
/// A tenant is this owner and the address of the service: its circuit, quota and cache stay when a token is refreshed, and no
/// other subject shares them. The service is not asked who the subject is: a token of a team has no user, and reading the
/// profile needs a scope.
///
/// ```
/// use calcom::auth::TokenSubject;
///
/// let subject = TokenSubject::new("client-id", "user 17 of my database");
/// assert_eq!(subject.name(), "user 17 of my database");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenSubject {
    client: String,
    name: String,
}

impl TokenSubject {
    /// Names the OAuth client (empty if there is none) and the subject.
    pub fn new(client: impl Into<String>, name: impl Into<String>) -> Self {
        Self { client: client.into(), name: name.into() }
    }

    /// Returns the id of the OAuth client.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Returns the name of the subject.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Shows neither: the name can be an address.
impl fmt::Debug for TokenSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSubject").finish_non_exhaustive()
    }
}

/// The error of a provider that has no token. The text becomes part of the call's error: it must contain no secret.
///
/// ```
/// use calcom::auth::TokenError;
///
/// let error = TokenError::Unavailable("the vault does not answer".to_owned());
/// assert_eq!(error.to_string(), "no access token: the vault does not answer");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The consent of the user has ended, or there was none: the user has to consent again. The call fails with
    /// [`Error::Authentication`](crate::Error::Authentication), and
    /// [`is_consent_required`](crate::Error::is_consent_required) is true.
    #[error("the user has to consent again: {0}")]
    ConsentRequired(String),
    /// The service refuses the OAuth client: its secret, or its state. The call fails with
    /// [`Error::Authentication`](crate::Error::Authentication).
    #[error("no access token: {0}")]
    ClientRefused(String),
    /// No token now. A later call can succeed. The call fails with [`Error::Unavailable`](crate::Error::Unavailable), and can be
    /// made again.
    #[error("no access token: {0}")]
    Unavailable(String),
}

/// The future of a provider.
///
/// [`TokenProvider`] has an example.
pub type TokenFuture<'a, T> = Pin<Box<dyn Future<Output = std::result::Result<T, TokenError>> + Send + 'a>>;

/// Gives the current token of one subject, before each attempt of a request.
///
/// Supplied are [`FixedToken`](super::FixedToken), [`TokenFn`](super::TokenFn), and with the feature `oauth` the sessions of
/// `calcom::oauth`, which refresh tokens by themselves. An example of another provider, which reads a vault:
///
/// ```
/// use calcom::{
///     AccessToken, Client, Credentials,
///     auth::{ProvidedToken, TokenError, TokenFuture, TokenProvider, TokenSubject},
/// };
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl TokenProvider for Vault {
///     fn subject(&self) -> TokenSubject {
///         TokenSubject::new("client-id", "user 17")
///     }
///
///     fn token(&self) -> TokenFuture<'_, ProvidedToken> {
///         Box::pin(async {
///             let token = AccessToken::new("read from the vault");
///             ProvidedToken::new(&token).map_err(|error| TokenError::Unavailable(error.to_string()))
///         })
///     }
/// }
///
/// # fn main() -> calcom::Result<()> {
/// let client = Client::builder().credentials(Credentials::provider(Vault)).build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
pub trait TokenProvider: fmt::Debug + Send + Sync + 'static {
    /// Returns whose tokens these are. It is asked once, when a client is built, and must not change.
    fn subject(&self) -> TokenSubject;

    /// Returns the current token if it can be used without waiting. Default: `None`, so that [`token`](Self::token) is asked.
    fn current(&self) -> Option<ProvidedToken> {
        None
    }

    /// Returns the current token, and refreshes it first if it is about to expire. The call waits for it until its deadline,
    /// and is not sent if there is none.
    fn token(&self) -> TokenFuture<'_, ProvidedToken>;

    /// Returns a token in place of one that the service has rejected; `None` if there is no other one. The request is then sent
    /// once more, with it. Default: `None`.
    fn replace<'a>(&'a self, rejected: &'a ProvidedToken) -> TokenFuture<'a, Option<ProvidedToken>> {
        let _ = rejected;
        Box::pin(async { Ok(None) })
    }
}
