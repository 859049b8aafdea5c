//! The requests for tokens: of a code, and of a refresh token.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{
    OAuthError, OAuthErrorCode, Refusal,
    clock::TokenClock,
    login::PendingLogin,
    session::{RenewError, RenewFuture, Renewer},
    token_answer::{TokenFields, read_number, read_scopes, read_token},
    tokens::SessionTokens,
};
use crate::{
    Client, Error,
    raw::types::{CreateOauth2Token, CreateOauth2TokenGrantType as Grant},
};

/// An OAuth client at the service, and how it proves who it is: a confidential one by its secret, a public one by the verifier of
/// each login. A request never has both, which the service refuses.
#[derive(Clone)]
pub(super) struct TokenRequests {
    /// A client without credentials: these are in the body.
    pub(super) client: Client,
    pub(super) client_id: String,
    pub(super) secret: Option<SecretString>,
    pub(super) redirect_uri: String,
    pub(super) clock: TokenClock,
}

impl TokenRequests {
    /// Exchanges the code of a redirect.
    pub(super) async fn exchange(
        &self,
        code: &SecretString,
        login: &PendingLogin,
    ) -> Result<SessionTokens, OAuthError> {
        let body = CreateOauth2Token::new(&*self.client_id, Grant::AuthorizationCode)
            .code(code.expose_secret())
            .redirect_uri(&*self.redirect_uri);
        let body = match (&self.secret, login.verifier()) {
            (Some(secret), _) => body.client_secret(secret.expose_secret()),
            (None, Some(verifier)) => body.code_verifier(verifier.expose_secret()),
            (None, None) => body,
        };
        self.send(&body, None).await.map_err(|error| match Refusal::of(&error) {
            Some(refusal) => OAuthError::Refused(refusal),
            None => OAuthError::Call(error),
        })
    }

    async fn refresh(&self, tokens: &SessionTokens) -> Result<SessionTokens, RenewError> {
        let body =
            CreateOauth2Token::new(&*self.client_id, Grant::RefreshToken).refresh_token(tokens.refresh.expose_secret());
        let body = match &self.secret {
            Some(secret) => body.client_secret(secret.expose_secret()),
            None => body,
        };
        self.send(&body, Some(tokens)).await.map_err(|error| match Refusal::of(&error) {
            Some(refusal) if refusal.code == OAuthErrorCode::InvalidGrant => RenewError::Ended(refusal.to_string()),
            Some(refusal) => RenewError::Refused(refusal.to_string()),
            None => RenewError::of_call(&error),
        })
    }

    /// Requests a pair. Without a new refresh token the one that was sent stays, as RFC 6749 says.
    async fn send(&self, body: &CreateOauth2Token, sent: Option<&SessionTokens>) -> Result<SessionTokens, Error> {
        let issued = self.clock.now();
        let request = self.client.raw().create_oauth2_token(body).retyped::<TokenFields, ()>();
        let answer = request.await?.into_inner();
        let refresh = read_token(&answer, "refresh_token");
        let refresh = refresh.or_else(|| sent.map(|sent| sent.refresh.expose_secret().to_owned()));
        let life = read_number(&answer, "expires_in");
        let pair = SessionTokens::new(read_token(&answer, "access_token"), refresh, issued, life)?;
        Ok(SessionTokens { scopes: read_scopes(&answer, "scope"), ..pair })
    }
}

impl Renewer for TokenRequests {
    fn renew<'a>(&'a self, tokens: Option<&'a SessionTokens>) -> RenewFuture<'a> {
        Box::pin(async move {
            match tokens {
                Some(tokens) => self.refresh(tokens).await,
                None => Err(RenewError::Ended("there is no session of this subject".to_owned())),
            }
        })
    }
}

impl fmt::Debug for TokenRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequests").finish_non_exhaustive()
    }
}
