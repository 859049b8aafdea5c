//! Providers without requests of their own: a fixed token, and a function.

use std::{fmt, future::Future, pin::Pin};

use super::{
    provider::{ProvidedToken, TokenError, TokenFuture, TokenProvider, TokenSubject},
    secrets::AccessToken,
};
use crate::Result;

/// A token that does not change, of a named subject.
///
/// An [`AccessToken`] as credential is a tenant by itself; with this provider the tenant is the subject, and another token
/// of it later finds the same cache, quota and circuit.
///
/// ```
/// use calcom::{
///     AccessToken, Client, Credentials,
///     auth::{FixedToken, TokenSubject},
/// };
///
/// # fn main() -> calcom::Result<()> {
/// let token = FixedToken::new(TokenSubject::new("client-id", "user 17"), &AccessToken::new("token"))?;
/// let client = Client::builder().credentials(Credentials::provider(token)).build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct FixedToken {
    subject: TokenSubject,
    token: ProvidedToken,
}

impl FixedToken {
    /// Takes the token of a subject.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a token that no header can hold.
    pub fn new(subject: TokenSubject, token: &AccessToken) -> Result<Self> {
        Ok(Self { subject, token: ProvidedToken::new(token)? })
    }
}

impl TokenProvider for FixedToken {
    fn subject(&self) -> TokenSubject {
        self.subject.clone()
    }

    fn current(&self) -> Option<ProvidedToken> {
        Some(self.token.clone())
    }

    fn token(&self) -> TokenFuture<'_, ProvidedToken> {
        Box::pin(async { Ok(self.token.clone()) })
    }
}

type Call =
    dyn Fn() -> Pin<Box<dyn Future<Output = std::result::Result<ProvidedToken, TokenError>> + Send>> + Send + Sync;

/// A function that returns the current token. It is called before every attempt, so that it should keep the token itself.
///
/// After the service has rejected a token, the function is called once more. If it returns another token of the same consent,
/// the request is sent again with that.
///
/// ```
/// use calcom::{
///     AccessToken, Client, Credentials,
///     auth::{ProvidedToken, TokenError, TokenFn, TokenSubject},
/// };
///
/// # fn main() -> calcom::Result<()> {
/// let provider = TokenFn::new(TokenSubject::new("client-id", "user 17"), || async {
///     let token = AccessToken::new("read from a file that another program refreshes");
///     ProvidedToken::new(&token).map_err(|error| TokenError::Unavailable(error.to_string()))
/// });
/// let client = Client::builder().credentials(Credentials::provider(provider)).build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
pub struct TokenFn {
    subject: TokenSubject,
    call: Box<Call>,
}

impl TokenFn {
    /// Takes the function.
    pub fn new<F>(subject: TokenSubject, call: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = std::result::Result<ProvidedToken, TokenError>> + Send + 'static,
    {
        Self { subject, call: Box::new(move || Box::pin(call())) }
    }
}

impl fmt::Debug for TokenFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFn").finish_non_exhaustive()
    }
}

impl TokenProvider for TokenFn {
    fn subject(&self) -> TokenSubject {
        self.subject.clone()
    }

    fn token(&self) -> TokenFuture<'_, ProvidedToken> {
        (self.call)()
    }

    fn replace<'a>(&'a self, rejected: &'a ProvidedToken) -> TokenFuture<'a, Option<ProvidedToken>> {
        Box::pin(async move { (self.call)().await.map(|token| (!token.is_same(rejected)).then_some(token)) })
    }
}
