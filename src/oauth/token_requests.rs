//! The requests for tokens: of a code, and of a refresh token.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{
    OAuthError, OAuthErrorCode, Refusal,
    clock::TokenClock,
    login::PendingLogin,
    session::{RenewError, RenewFuture, Renewer},
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
        self.send(&body).await.map_err(|error| match Refusal::of(&error) {
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
        self.send(&body).await.map_err(|error| match Refusal::of(&error) {
            Some(refusal) if refusal.code == OAuthErrorCode::InvalidGrant => RenewError::Ended(refusal.to_string()),
            Some(refusal) => RenewError::Refused(refusal.to_string()),
            None => RenewError::of_call(&error),
        })
    }

    async fn send(&self, body: &CreateOauth2Token) -> Result<SessionTokens, Error> {
        let issued = self.clock.now();
        let answer = self.client.raw().create_oauth2_token(body).await?.into_inner();
        let scopes = answer.scope.as_deref().map(|text| text.parse().unwrap_or_default());
        let pair = SessionTokens::new(answer.access_token, answer.refresh_token, issued, answer.expires_in)?;
        Ok(SessionTokens { scopes, ..pair })
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
